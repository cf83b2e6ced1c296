"""The real rules of referral and booking, walked over every order in which acts, messages and facts can happen.

Three parties: the sender's record, the receiver's record, the receiver's booking. Border messages keep their order in
each direction, so do commands to booking; facts keep it per hold. A world in which nothing is on the way any more is
bad when the two records differ, when an ended record still takes places, or when a live one has none.
The controls switch one rule off; each must find bad worlds, or the walk proves nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest

from contracts.agencies.v1 import AgreementTerms, HandingOver
from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.messages import BorderMessage, Message
from contracts.refusals import Refused
from contracts.values import Item, Money, Party, Quote, Window
from services.booking.domain import hold as holds
from services.booking.domain.hold import Hold
from services.referral.domain.handoff import acts, handing_over, offers, transitions
from services.referral.domain.handoff.handing_over import Authority
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import ENDED, LIVE, rank
from services.referral.domain.personal import decisions
from tests.support.referral import ISSUED, KEY, RECEIPT, RELEASED

NOW = datetime(2027, 1, 4, 2, tzinfo=UTC)
FAR = NOW + timedelta(days=300)
#: When a party may be received; the moment matters for nothing else.
EVE = Moment(now=datetime(2027, 1, 13, 2, tzinfo=UTC))
EXPECTED = Moment(now=datetime(2027, 1, 14, 3, tzinfo=UTC))
PARTY = Party(adult=2)
ITEMS = (Item(experience_id="bo-taen.homestay", day=date(2027, 1, 14)),)
QUOTE = Quote(lines=(), total=Money(amount="0.00", currency="LAK"))
HOLDS = tuple(f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(3))
#: What an agency does for the sender where it may, and under what.
OF_AGENCY = frozenset({"withdraws", "takes the counter-offer"})
AUTHORITY = Authority(AgreementTerms(valid_from=date(2027, 1, 1), hand_over=HandingOver()), "Asia/Bangkok")
#: With one counter-offer every pair of rules meets; more rounds only repeat it.
ROUNDS = 1


@dataclass(frozen=True)
class World:
    """Everything there is; equal worlds are one."""

    sender: Record
    receiver: Record
    held: tuple[tuple[str, Hold], ...] = ()
    to_receiver: tuple[BorderMessage, ...] = ()
    to_sender: tuple[BorderMessage, ...] = ()
    to_booking: tuple[Message, ...] = ()
    facts: tuple[Any, ...] = ()
    #: Whether the agreement holds under which an agency hands over, and whether it has acted when it did not.
    agreed: bool = True
    overstepped: bool = False

    @property
    def quiet(self) -> bool:
        """Nothing is on the way."""
        return not (self.to_receiver or self.to_sender or self.to_booking or self.facts)


@dataclass(frozen=True)
class Rules:
    """What a control switches off, or makes worse than the bus is."""

    tombstones: bool = True
    ordered_commands: bool = True
    #: Whether the lead traveller may also refuse and take the consent back; five times as many worlds.
    says_no: bool = False
    #: Whether either side may be asked to forget the lead traveller.
    forgets: bool = False
    #: Whether an agency offers, takes and withdraws for the sender, under an agreement that may end at any moment.
    by_agency: bool = False


def beginning() -> World:
    """An offer has arrived and booking is asked for a hold."""
    record = Record(
        referral_id=HOLDS[0],
        community="tha-li",
        side="sender",
        partner="bo-taen",
        party=PARTY,
        items=ITEMS,
        language="th",
        arrival=Window(day=ITEMS[0].day, earliest=time(10), latest=time(16)),
        zone="Asia/Vientiane",
        answer_by=NOW + timedelta(hours=12),
    )
    received = record.replace(community="bo-taen", side="receiver", partner="tha-li")
    step = offers.judged(received, partners=True, open_offers=0, max_open=9, share_percent=100, moment=moment(0))
    return World(sender=record, receiver=step.record, to_booking=step.booking)


def moment(fresh: int) -> Moment:
    """Time stands still: deadlines are moves of their own."""
    return Moment(now=NOW, ids=(HOLDS[fresh],))


def sender_moves(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    """What the sending community may do now."""
    record = world.sender
    wanted: dict[str, Callable[[], Transition]] = {
        "withdraws": lambda: acts.withdraw(record, "other"),
        "consents": lambda: decisions.give(record, RECEIPT, "c2VhbGVk"),
        "takes the counter-offer": lambda: acts.take_counter(record, record.round),
        "departs": lambda: acts.depart(record, moment(0)),
        "is turned back": lambda: acts.turn_back(record, None, moment(0)),
    }
    if rules.says_no:
        wanted["refuses consent"] = lambda: decisions.refuse(record, moment(0))
        wanted["takes the consent back"] = lambda: decisions.withdraw(record, moment(0))
    if rules.forgets:
        wanted["is asked to forget"] = lambda: decisions.erase(record, "asked", moment(0))
    for label, act in wanted.items():
        of_agency = rules.by_agency and label in OF_AGENCY
        step = _tried(partial(_for_the_sender, world, act) if of_agency else act)
        if step is not None and step.record != record:
            over = world.overstepped or (of_agency and not world.agreed)
            yield f"S {label}", replace(_after_sender(world, step), overstepped=over)
    if rules.by_agency and world.agreed:
        yield "the agreement ends", replace(world, agreed=False)


def _for_the_sender(world: World, act: Callable[[], Transition]) -> Transition:
    """By the agency, as the use case judges it."""
    handing_over.may_act(AUTHORITY if world.agreed else None, "tha-li", "bo-taen", NOW)
    return act()


def receiver_moves(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    """What the receiving community may do now, and what its deadlines do."""
    record = world.receiver
    wanted: dict[str, Callable[[], Transition]] = {
        "accepts": lambda: acts.accept(record, moment(0)),
        "declines": lambda: acts.decline(record, "other"),
        "cancels": lambda: acts.cancel(record, "other"),
        "marks a no-show": lambda: acts.no_show(record, EXPECTED),
        "receives the party": lambda: acts.arrive(record, None, EVE),
        "completes": lambda: acts.complete(record, moment(0)),
    }
    if rules.forgets:
        wanted["is asked to forget"] = lambda: decisions.erase(record, "asked", moment(0))
    if record.round < ROUNDS:
        wanted["counters"] = lambda: acts.counter(record, ITEMS, moment(record.round + 1))
    if record.state == "no_show" and record.hold_id:
        wanted["can put the no-show right no longer"] = lambda: acts.give_up(record, moment(0))
    for label, act in wanted.items():
        step = _tried(act)
        if step is not None:
            yield f"R {label}", _after_receiver(world, step)


def arrivals(world: World) -> Iterator[tuple[str, World]]:
    """The next message of each channel arrives."""
    if world.to_receiver:
        message, *rest = world.to_receiver
        step = transitions.apply_message(world.receiver, message, moment(0))
        yield f"R hears {message.type}", _after_receiver(replace(world, to_receiver=tuple(rest)), step)
    if world.to_sender:
        message, *rest = world.to_sender
        step = transitions.apply_message(world.sender, message, moment(0))
        yield f"S hears {message.type}", _after_sender(replace(world, to_sender=tuple(rest)), step)
    heads = {fact.hold_id: n for n, fact in reversed(list(enumerate(world.facts)))}
    for n in heads.values():
        fact, others = world.facts[n], world.facts[:n] + world.facts[n + 1 :]
        told = _told(world.receiver, fact)
        after = replace(world, facts=others)
        yield f"R is told {fact.type}", _after_receiver(after, told) if told else after


def booking_moves(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    """Booking carries the next command out, granting or refusing; a hold runs out."""
    for hold_id, hold in world.held:
        if hold.state == "ON_HOLD":
            ended = _with(world, replace(hold, state="EXPIRED"))
            yield f"B expires {hold_id[-1]}", replace(ended, facts=(*world.facts, holds.expired(hold)))
    for n in range(min(1, len(world.to_booking)) if rules.ordered_commands else len(world.to_booking)):
        rest = world.to_booking[:n] + world.to_booking[n + 1 :]
        yield from _carried_out(replace(world, to_booking=rest), world.to_booking[n], rules)


def _carried_out(world: World, command: Any, rules: Rules) -> Iterator[tuple[str, World]]:
    if isinstance(command, (booking.PlaceHold, booking.ReplaceHold)):
        yield from _placing(world, command)
        return
    hold = dict(world.held).get(command.hold_id)
    if hold is None:
        buries = rules.tombstones and isinstance(command, booking.ReleaseHold)
        yield f"B knows no hold for {command.type}", _with(world, holds.tombstone(command.hold_id)) if buries else world
        return
    decision = _decided(command, hold)
    yield f"B does {command.type}", replace(_with(world, decision.hold), facts=(*world.facts, *decision.facts))


def _placing(world: World, command: booking.PlaceHold | booking.ReplaceHold) -> Iterator[tuple[str, World]]:
    place = command.place if isinstance(command, booking.ReplaceHold) else command
    old = dict(world.held).get(command.old_hold_id) if isinstance(command, booking.ReplaceHold) else None
    who = {"hold_id": place.hold_id, "referral_id": place.referral_id, "community": place.community}
    for reason in ("no_room", "closed"):
        refused = booking.HoldRefused(**who, reason=reason)
        yield f"B refuses: {reason}", replace(world, facts=(*world.facts, refused))
    if place.hold_id in dict(world.held):
        return  # a tombstone: refused is all it can be
    hold = Hold(hold_id=place.hold_id, community=place.community, referral_id=place.referral_id, state="ON_HOLD")
    after = _with(world, replace(hold, expires_at=FAR))
    if old is not None:
        after = _with(after, holds.release(old).hold)
    placed = booking.HoldPlaced(**who, expires_at=FAR, quote=QUOTE)
    yield "B holds", replace(after, facts=(*world.facts, placed))


def _decided(command: Message, hold: Hold) -> holds.Decision:
    match command:
        case booking.ExtendHold():
            return holds.extend(hold, FAR, NOW)
        case booking.ConfirmHold():
            return holds.confirm(hold, NOW)
        case booking.RedeemHold():
            return holds.redeem(hold)
    return holds.release(hold)


def _told(record: Record, fact: Any) -> Transition | None:
    match fact:
        case booking.HoldPlaced():
            return transitions.hold_placed(record, fact, moment(0))
        case booking.HoldRefused():
            return transitions.hold_refused(record, fact)
        case booking.HoldExtended():
            return transitions.hold_extended(record, fact, KEY)
        case booking.HoldConfirmed():
            return transitions.hold_confirmed(record, fact, moment(0), ISSUED)
        case booking.HoldExpired() | booking.HoldReleased():
            return transitions.hold_over(record, fact, moment(0))
    return None


def _tried(act: Callable[[], Transition]) -> Transition | None:
    try:
        return act()
    except Refused:
        return None


def _after_sender(world: World, step: Transition) -> World:
    """As the use case does it: what is released becomes a message."""
    said = step.border
    if step.releases:
        said = (*said, border.PartyReleased() if step.record.consent_refused else RELEASED)
    return replace(world, sender=step.record, to_receiver=(*world.to_receiver, *said))


def _after_receiver(world: World, step: Transition) -> World:
    return replace(
        world,
        receiver=step.record,
        to_sender=(*world.to_sender, *step.border),
        to_booking=(*world.to_booking, *step.booking),
    )


def _with(world: World, hold: Hold) -> World:
    return replace(world, held=tuple(sorted({**dict(world.held), hold.hold_id: hold}.items())))


def wrong(world: World) -> str | None:
    """What is wrong with a world in which nothing is on the way."""
    sender, receiver = world.sender, world.receiver
    if world.overstepped:
        return "the agency acted without an agreement"
    if rank(sender.state, sender.round) != rank(receiver.state, receiver.round):
        return "the records differ"
    taking = {hold_id for hold_id, hold in world.held if hold.state in ("ON_HOLD", "CONFIRMED", "REDEEMED")}
    allowed = {receiver.hold_id} if receiver.state in LIVE | {"no_show", "completed"} else set()
    if receiver.state in ENDED - {"no_show", "completed"} and taking:
        return "an ended record takes places"
    if taking - allowed:
        return "places are taken for nobody"
    if receiver.state in LIVE and receiver.hold_id not in taking:
        return "a promise without places"
    if sender.released and {sender.personal, receiver.personal} == {"erased", "held"}:
        return "forgotten on one side only"
    if receiver.pending_request:
        return "booking owes an answer for ever"
    return None


def walk(rules: Rules = Rules(), *, most: int = 400_000) -> tuple[int, dict[str, list[str]]]:
    """(worlds seen, {what is wrong: the shortest way there})."""
    start = beginning()
    came: dict[World, tuple[World, str] | None] = {start: None}
    queue, bad = deque([start]), dict[str, World]()
    while queue and len(came) < most:
        world = queue.popleft()
        if world.quiet and (found := wrong(world)):
            bad.setdefault(found, world)
        moves = (sender_moves(world, rules), receiver_moves(world, rules), arrivals(world), booking_moves(world, rules))
        for label, after in (move for kind in moves for move in kind):
            if after not in came:
                came[after] = (world, label)
                queue.append(after)
    return len(came), {what: _way(came, world) for what, world in bad.items()}


def _way(came: dict[World, tuple[World, str] | None], world: World) -> list[str]:
    steps: list[str] = []
    while (before := came[world]) is not None:
        world, label = before
        steps.append(label)
    return steps[::-1]


def test_in_every_message_order_both_records_end_equal_and_no_place_is_lost_or_promised_twice() -> None:
    worlds, bad = walk()
    assert not bad, bad
    assert 2_000 < worlds < 400_000, f"{worlds} worlds: the walk was cut short, or never began"


def test_records_end_equal_whenever_consent_is_refused_or_withdrawn() -> None:
    worlds, bad = walk(Rules(says_no=True))
    assert not bad, bad
    assert 10_000 < worlds < 400_000, f"{worlds} worlds: the walk was cut short, or nobody said no"


def test_both_sides_erase_whenever_either_is_asked_to() -> None:
    worlds, bad = walk(Rules(forgets=True))
    assert not bad, bad
    assert 5_000 < worlds < 400_000, f"{worlds} worlds: the walk was cut short, or nobody was asked to forget"


def test_records_end_equal_whenever_the_agreement_ends_by_which_an_agency_hands_over() -> None:
    worlds, bad = walk(Rules(by_agency=True))
    assert not bad, bad
    assert 4_000 < worlds < 400_000, f"{worlds} worlds: the walk was cut short, or the agreement never ended"


def test_control_if_nobody_judged_it_an_agency_would_act_without_an_agreement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handing_over, "may_act", lambda *_: HandingOver())
    _, bad = walk(Rules(by_agency=True), most=20_000)
    assert bad.keys() == {"the agency acted without an agreement"}


@pytest.mark.parametrize("deaf", ["sender", "receiver"])
def test_control_if_one_side_ignored_an_erasure_it_would_keep_its_copy(
    monkeypatch: pytest.MonkeyPatch, deaf: str
) -> None:
    erased = transitions._erased  # noqa: SLF001 - the rule that is switched off
    follow = lambda record, message, moment: (  # noqa: E731 - brief
        Transition(record=record, act="record_stated", by="")
        if record.side == deaf
        else erased(record, message, moment)
    )
    monkeypatch.setattr(transitions, "_erased", follow)
    _, bad = walk(Rules(forgets=True), most=20_000)
    assert bad.keys() == {"forgotten on one side only"}


def test_control_if_only_the_sender_ended_on_withdrawn_consent_records_would_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merge = transitions._merge  # noqa: SLF001 - the rule that is switched off
    heard = lambda record, message, state: merge(  # noqa: E731 - brief
        record, message, record.state if isinstance(message, border.ConsentWithdrawn) else state
    )
    monkeypatch.setattr(transitions, "_merge", heard)
    _, bad = walk(Rules(says_no=True), most=20_000)
    assert "the records differ" in bad


def test_control_if_ends_were_final_records_would_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "rank", lambda state, n: (99, 0) if state in ENDED else rank(state, n))
    _, bad = walk()
    assert "the records differ" in bad


def leaks(bad: dict[str, list[str]]) -> set[str]:
    """What is wrong with places; a promise that waits for an overtaken command is the stream's to mend."""
    return bad.keys() & {"an ended record takes places", "places are taken for nobody", "the records differ"}


def test_even_if_commands_overtook_one_another_no_place_would_leak() -> None:
    _, bad = walk(Rules(ordered_commands=False))
    assert not leaks(bad), bad


def test_control_without_the_row_a_release_leaves_behind_overtaken_places_leak() -> None:
    _, bad = walk(Rules(ordered_commands=False, tombstones=False))
    assert leaks(bad)


def test_control_if_only_the_live_hold_were_given_back_a_counter_offer_would_leak(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only = lambda record: (booking.ReleaseHold(hold_id=record.hold_id),) if record.hold_id else ()  # noqa: E731 - brief
    monkeypatch.setattr(acts, "give_back", only)
    _, bad = walk()
    assert bad
