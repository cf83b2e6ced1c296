"""Agreements: every phase, side and act of the table, and what stays in force meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from contracts.agencies.v1 import AgreementTerms, Side
from contracts.refusals import No, Refused
from services.community.domain import agreement as rules
from services.community.domain.agreement import MOVES, STATES, Act, Agreement, Phase

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FAIR, DEAR = (AgreementTerms(valid_from=date(2026, 12, 1), percent=percent) for percent in ("10.00", "20.00"))
SIDES: tuple[Side, ...] = get_args(Side)
ACTS: tuple[Act, ...] = get_args(Act)
IN_FORCE = {Phase.AGREED, Phase.NEW_BY_AGENCY, Phase.NEW_BY_COMMUNITY}
#: Whose word a phase waits for.
AWAITED: dict[Phase, Side] = {
    Phase.BY_AGENCY: "community",
    Phase.NEW_BY_AGENCY: "community",
    Phase.BY_COMMUNITY: "agency",
    Phase.NEW_BY_COMMUNITY: "agency",
}


def nothing() -> Agreement:
    return Agreement(agency="mekong-tours", community="bo-taen", terms=FAIR, proposed_by="agency", since=NOW)


def reached() -> dict[Phase, Agreement]:
    """A record of each phase, made by acts alone."""
    found, todo = {Phase.NOTHING: nothing()}, [nothing()]
    while todo:
        one = todo.pop()
        for (phase, side, act), becomes in MOVES.items():
            if phase is one.phase and becomes not in found:
                found[becomes] = one.act(side, act, NOW, FAIR if act != "agree" else None)
                todo.append(found[becomes])
    return found


REACHED = reached()


def test_every_phase_can_be_reached_and_has_its_words() -> None:
    assert REACHED.keys() == STATES.keys() == set(Phase)
    assert {phase: one.phase for phase, one in REACHED.items()} == {phase: phase for phase in Phase}


@pytest.mark.parametrize(("phase", "side", "act"), [*product(Phase, SIDES, ACTS)])
def test_each_act_in_each_phase_leads_where_the_table_says_or_is_refused(phase: Phase, side: Side, act: Act) -> None:
    before = REACHED[phase]
    becomes = MOVES.get((phase, side, act))
    if becomes is None:
        with pytest.raises(Refused) as no:
            before.act(side, act, LATER, DEAR if act == "propose" else None)
        assert (no.value.refusal.code, no.value.refusal.reason) == (No.WRONG_STATE, STATES[phase][1])
        return
    after = before.act(side, act, LATER, DEAR if act == "propose" else None)
    assert (after.phase, after.since) == (becomes, LATER)
    assert (after.in_force is not None) == (becomes in IN_FORCE)


@pytest.mark.parametrize(("phase", "side"), [*product(AWAITED, SIDES)])
def test_only_the_other_side_agrees(phase: Phase, side: Side) -> None:
    assert ((phase, side, "agree") in MOVES) == (AWAITED[phase] == side)


def test_a_table_in_which_somebody_agrees_to_his_own_terms_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOVES", {**MOVES, (Phase.BY_AGENCY, "agency", "agree"): Phase.AGREED})
    assert REACHED[Phase.BY_AGENCY].act("agency", "agree", LATER).in_force == FAIR


@pytest.mark.parametrize("side", SIDES)
def test_new_terms_leave_the_old_in_force_until_the_other_side_agrees(side: Side) -> None:
    proposed = REACHED[Phase.AGREED].act(side, "propose", LATER, DEAR)
    assert (proposed.state, proposed.terms, proposed.in_force) == ("proposed", DEAR, FAIR)
    agreed = proposed.act(AWAITED[proposed.phase], "agree", LATER)
    assert (agreed.state, agreed.terms, agreed.in_force) == ("agreed", DEAR, DEAR)
    for either in SIDES:
        kept = proposed.act(either, "turn_down", LATER)
        assert (kept.state, kept.terms, kept.in_force) == ("agreed", FAIR, FAIR)


def test_whoever_looked_at_other_terms_does_not_agree_to_these() -> None:
    waits = REACHED[Phase.BY_AGENCY].act("agency", "propose", LATER, DEAR)
    with pytest.raises(Refused) as no:
        waits.act("community", "agree", LATER, FAIR)
    assert (no.value.refusal.code, no.value.refusal.reason) == (No.CONFLICT, "other_terms_wait")
    assert waits.act("community", "agree", LATER, DEAR).in_force == DEAR


def test_the_same_terms_again_change_nothing() -> None:
    waits = REACHED[Phase.BY_AGENCY]
    assert waits.act("agency", "propose", LATER, waits.terms) is waits


def test_what_ended_can_begin_again() -> None:
    ended = REACHED[Phase.AGREED].act("community", "end", LATER)
    again = ended.act("agency", "propose", LATER, DEAR)
    assert (ended.state, again.phase, again.terms) == ("ended", Phase.BY_AGENCY, DEAR)
    assert replace(again, since=NOW) != ended
