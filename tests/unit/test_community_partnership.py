"""Partnerships, walked over every interleaving of both sides' acts with a first-in first-out channel each way."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple, TypeVar

import pytest

from contracts.community.v1 import Terms
from contracts.refusals import No, Refused
from services.community.domain import partnership as rules
from services.community.domain.partnership import STATES, Act, Partnership, Phase, pair

T = TypeVar("T")
NOW = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
FAIR = Terms(valid_from=date(2027, 1, 1), referral_fee_percent="5.00")
DEAR = Terms(valid_from=date(2027, 1, 1), referral_fee_percent="10.00")
AMENDED = Terms(valid_from=date(2027, 1, 1), referral_fee_percent="7.00")


def record(community: str, partner: str, terms: Terms = FAIR) -> Partnership:
    return Partnership(id=community, community=community, partner=partner, terms=terms, since=NOW)


def bo_taen() -> Partnership:
    return record("bo-taen", "tha-li", FAIR)


def tha_li() -> Partnership:
    return record("tha-li", "bo-taen", DEAR)


def tell(hearer: Partnership, act: Act, speaker: Partnership) -> tuple[Partnership, bool]:
    return hearer.apply(act, NOW, terms=speaker.ours.terms)


# the model


class Said(NamedTuple):
    act: Act
    terms: Terms | None


class World(NamedTuple):
    sides: tuple[Partnership, Partnership]
    channels: tuple[tuple[Said, ...], tuple[Said, ...]]
    acts_left: tuple[int, int]


Hear = Callable[[Partnership, Said], tuple[Partnership, bool]]


def hear(ours: Partnership, said: Said) -> tuple[Partnership, bool]:
    return ours.apply(said.act, NOW, terms=said.terms)


def hear_without_answering_an_end(ours: Partnership, said: Said) -> tuple[Partnership, bool]:
    after, _ = replace(ours, behind=0).apply(said.act, NOW, terms=said.terms)
    return after, False


def changed(both: tuple[T, T], side: int, new: T) -> tuple[T, T]:
    return (new, both[1]) if side == 0 else (both[0], new)


def steps(world: World, listen: Hear) -> Iterator[World]:
    for side in (0, 1):
        yield from acts(world, side)
        yield from hearings(world, side, listen)


def acts(world: World, side: int) -> Iterator[World]:
    if not world.acts_left[side]:
        return
    ours = world.sides[side]
    own_terms = (FAIR, DEAR)[side]
    for act in sorted(STATES[ours.standing][1]):
        for terms in (own_terms, AMENDED) if act == "propose" else (None,):
            after = ours.act(act, NOW, terms=terms)
            if after != ours:
                queue = (*world.channels[side], Said(act, after.ours.terms))
                left = world.acts_left[side] - 1
                yield World(
                    changed(world.sides, side, after),
                    changed(world.channels, side, queue),
                    changed(world.acts_left, side, left),
                )


def hearings(world: World, side: int, listen: Hear) -> Iterator[World]:
    incoming, outgoing = world.channels[1 - side], world.channels[side]
    if incoming:
        after, answer = listen(world.sides[side], incoming[0])
        channels = changed(world.channels, 1 - side, incoming[1:])
        if answer:
            channels = changed(channels, side, (*outgoing, Said("end", None)))
        yield World(changed(world.sides, side, after), channels, world.acts_left)


def disagreements(acts_each: int, listen: Hear = hear) -> tuple[list[World], int]:
    """Every world in which all has been heard and the two records differ, and how many worlds there are."""
    start = World((bo_taen(), tha_li()), ((), ()), (acts_each, acts_each))
    seen, todo = {start}, [start]
    while todo:
        for world in steps(todo.pop(), listen):
            if world not in seen:
                seen.add(world)
                todo.append(world)
    return [world for world in seen if not any(world.channels) and not alike(*world.sides)], len(seen)


MIRRORED = {
    Phase.OURS: {Phase.THEIRS},
    Phase.THEIRS: {Phase.OURS},
    Phase.AGREED: {Phase.AGREED},
    Phase.PAUSED_BY_US: {Phase.PAUSED_BY_US, Phase.PAUSED_BY_THEM},
    Phase.PAUSED_BY_THEM: {Phase.PAUSED_BY_US},
    Phase.ENDED: {Phase.ENDED},
}


def alike(one: Partnership, other: Partnership) -> bool:
    same_terms = one.standing is Phase.ENDED or one.terms == other.terms
    return other.standing in MIRRORED[one.standing] and same_terms and one.behind == other.behind == 0


def test_whatever_crosses_both_records_end_equal() -> None:
    found, worlds = disagreements(acts_each=4)
    assert found == []
    assert worlds > 10_000


def test_without_the_tie_break_crossing_proposals_leave_two_opinions(monkeypatch: pytest.MonkeyPatch) -> None:
    everyone_prefers_its_own = {**rules.TABLE, ("proposed", "proposed"): "ours"}
    monkeypatch.setattr(rules, "TABLE", everyone_prefers_its_own)
    found, _ = disagreements(acts_each=2)
    assert found


def test_without_answering_an_end_late_words_of_a_closed_round_leave_two_opinions() -> None:
    found, _ = disagreements(acts_each=3, listen=hear_without_answering_an_end)
    assert found


# told as stories


def test_a_proposal_waits_for_the_other_side_and_is_agreed() -> None:
    ours = tha_li().act("propose", NOW, terms=FAIR)
    theirs, _ = tell(bo_taen(), "propose", ours)
    assert (ours.state, ours.standing) == ("proposed", Phase.OURS)
    assert theirs.standing is Phase.THEIRS
    theirs = theirs.act("agree", NOW)
    ours, _ = tell(ours, "agree", theirs)
    assert ours.state == theirs.state == "agreed"
    assert ours.terms == theirs.terms == FAIR


def test_when_both_propose_at_once_the_terms_of_the_lower_id_are_on_the_table() -> None:
    lower, higher = bo_taen().act("propose", NOW, terms=FAIR), tha_li().act("propose", NOW, terms=DEAR)
    (lower, _), (higher, _) = tell(lower, "propose", higher), tell(higher, "propose", lower)
    assert (lower.standing, higher.standing) == (Phase.OURS, Phase.THEIRS)
    assert lower.terms == higher.terms == FAIR


def test_agreeing_to_terms_that_were_amended_meanwhile_agrees_to_nothing() -> None:
    ours = tha_li().act("propose", NOW, terms=FAIR)
    theirs, _ = tell(bo_taen(), "propose", ours)
    ours, theirs = ours.act("propose", NOW, terms=AMENDED), theirs.act("agree", NOW)
    (ours, _), (theirs, _) = tell(ours, "agree", theirs), tell(theirs, "propose", ours)
    assert (ours.standing, theirs.standing) == (Phase.OURS, Phase.THEIRS)
    assert ours.terms == theirs.terms == AMENDED


def agreed() -> tuple[Partnership, Partnership]:
    ours = tha_li().act("propose", NOW, terms=FAIR)
    theirs, _ = tell(bo_taen(), "propose", ours)
    theirs = theirs.act("agree", NOW)
    return tell(ours, "agree", theirs)[0], theirs


def test_it_stays_suspended_until_neither_side_pauses() -> None:
    ours, theirs = agreed()
    ours, theirs = ours.act("suspend", NOW), theirs.act("suspend", NOW)
    (ours, _), (theirs, _) = tell(ours, "suspend", theirs), tell(theirs, "suspend", ours)
    ours = ours.act("resume", NOW)
    theirs, _ = tell(theirs, "resume", ours)
    assert (ours.standing, theirs.standing) == (Phase.PAUSED_BY_THEM, Phase.PAUSED_BY_US)
    theirs = theirs.act("resume", NOW)
    ours, _ = tell(ours, "resume", theirs)
    assert ours.state == theirs.state == "agreed"


def test_an_end_is_answered_once_and_may_be_followed_by_a_new_proposal() -> None:
    ours, theirs = agreed()
    ours = ours.act("end", NOW)
    theirs, answer = tell(theirs, "end", ours)
    assert answer
    assert ours.state == theirs.state == "ended"
    ours = ours.act("propose", NOW, terms=AMENDED)
    ours, again = tell(ours, "end", theirs)
    assert not again
    assert (ours.standing, ours.behind) == (Phase.OURS, 0)
    theirs, _ = tell(theirs, "propose", ours)
    assert theirs.standing is Phase.THEIRS


def test_an_agreement_nobody_asked_for_changes_nothing() -> None:
    ours, _ = bo_taen().apply("agree", NOW, terms=FAIR)
    assert ours.state == "ended"


@pytest.mark.parametrize(
    ("standing", "act"),
    [(s, a) for s in Phase for a in ("agree", "end", "suspend") if a not in STATES[s][1]],
)
def test_an_act_that_the_standing_does_not_allow_is_refused_with_what_would_go(standing: Phase, act: Act) -> None:
    with pytest.raises(Refused) as no:
        standing_at(standing).act(act, NOW)
    assert no.value.refusal.code is No.WRONG_STATE
    assert no.value.refusal.reason == STATES[standing][2]


def standing_at(standing: Phase) -> Partnership:
    ours, _ = agreed()
    return {
        Phase.OURS: lambda: tha_li().act("propose", NOW, terms=FAIR),
        Phase.THEIRS: lambda: tha_li().apply("propose", NOW, terms=FAIR)[0],
        Phase.AGREED: lambda: ours,
        Phase.PAUSED_BY_US: lambda: ours.act("suspend", NOW),
        Phase.PAUSED_BY_THEM: lambda: ours.apply("suspend", NOW)[0],
        Phase.ENDED: tha_li,
    }[standing]()


def test_since_is_the_moment_of_the_last_change_and_not_of_a_word_that_changed_nothing() -> None:
    later = NOW.replace(hour=9)
    ours = bo_taen().act("propose", NOW, terms=FAIR)
    ours, _ = ours.apply("propose", later, terms=DEAR)
    assert ours.since == NOW
    assert ours.act("end", later).since == later


def test_both_sides_speak_under_one_subject() -> None:
    assert pair("tha-li", "bo-taen") == pair("bo-taen", "tha-li") == "bo-taen--tha-li"
