"""Compares records with the holds that they count on: pure, from what each service has stated of its own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.reconcile.v1 import HoldStanding, ReconcileRecord, RecordStanding, RestateHold
from services.client.phrases.catalogue import N_, NC_, Phrase, Phrases

#: In which states the hold of a receiver's record may be, once nothing is on its way. An offer whose hold is still
#: asked for has none of them.
ALLOWED: Mapping[State, frozenset[HoldState]] = {
    "offered": frozenset(),
    "held": frozenset(("ON_HOLD",)),
    "countered": frozenset(("ON_HOLD",)),
    "accepted": frozenset(("ON_HOLD",)),
    "confirmed": frozenset(("CONFIRMED",)),
    "departed": frozenset(("CONFIRMED",)),
    "no_show": frozenset(("CONFIRMED", "CANCELLED")),
    "arrived": frozenset(("REDEEMED",)),
    "completed": frozenset(("REDEEMED",)),
    **dict.fromkeys(
        ("expired", "declined", "withdrawn", "cancelled", "turned_back"),
        frozenset[HoldState](("EXPIRED", "CANCELLED", "REJECTED")),
    ),
}
RUNNING: frozenset[HoldState] = frozenset(("ON_HOLD", "PENDING", "CONFIRMED"))
BOOKED: frozenset[HoldState] = frozenset(("CONFIRMED", "REDEEMED"))
#: What may still come to a booking, and what takes no places.
OPEN: frozenset[State] = frozenset(("offered", "held", "countered", "accepted", "confirmed", "departed"))
ENDED: frozenset[State] = frozenset(("expired", "declined", "withdrawn", "cancelled", "turned_back", "no_show"))
HAS_HOLD = N_("a record has its hold")
FITS = N_("a record and its hold fit")
HAS_RECORD = N_("a hold has its record")
ONCE = N_("a party is booked once")
_BY_HAND = N_("no message puts it right: look at it with ./handoff show, then act on the handoff")
_SAID_AGAIN_OR_GIVEN_BACK = N_("./handoff reconcile: booking says so again, or gives the places back")
_GIVEN_BACK = N_("./handoff reconcile: the places are given back")
_IMPLIED = N_("./handoff reconcile: booking is asked for what the record implies")
_ASKED_AGAIN = N_("./handoff reconcile: what was asked of booking is asked again")
_NOTHING_HELD = N_("./handoff reconcile: booking says that nothing is held, and the handoff is cancelled")
_ENDS = N_("./handoff reconcile: booking says so again, and the handoff ends")
_GOES_ON = N_("./handoff reconcile: booking says so again, and the record goes on")
_WITHDRAWN = N_(
    "./handoff reconcile: its sender, if it is of this node, withdraws what was replaced; else the sender withdraws one"
)
_ALL_BUT_ONE = N_("the sender withdraws all but one: ./handoff withdraw")
Remedy = RestateHold | ReconcileRecord | None


class Told(NamedTuple):
    """A sentence with what fills its places, to be said in the language of whoever reads it."""

    phrase: Phrase
    places: tuple[tuple[str, str], ...] = ()

    def said(self, phrases: Phrases) -> str:
        """In one language."""
        return phrases.say(self.phrase, **dict(self.places))


def told(phrase: Phrase, **places: str) -> Told:
    """A sentence that was marked, with its places."""
    return Told(phrase, tuple(places.items()))


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not fit, about which handoff, and how it is put right: what it does and which command does it."""

    rule: Phrase
    subject: str
    found: Told
    advice: Phrase
    remedy: Remedy = None
    #: The handoffs to be looked at again before it is believed.
    about: tuple[str, ...] = ()

    def told(self) -> dict[str, str]:
        """For machines, whose words are English whoever reads."""
        english = Phrases.of("en")
        found = self.found.said(english)
        return {"rule": self.rule.text, "subject": self.subject, "found": found, "advice": self.advice.text}

    def said(self, phrases: Phrases) -> str:
        """For people."""
        return f"{phrases.say(self.rule)}: {self.subject}: {self.found.said(phrases)}"


Holds = Mapping[str, HoldStanding]
Records = Mapping[str, RecordStanding]


def missing(records: Records, holds: Holds) -> tuple[set[str], set[str]]:
    """The referrals that holds name and the holds that records name which have not been stated yet."""
    referrals = {hold.referral_id for hold in holds.values() if hold.referral_id} - records.keys()
    named = {hold for record in records.values() for hold in (record.hold_id, record.wished_hold_id) if hold}
    return referrals, named - holds.keys()


def differences(records: Records, holds: Holds) -> Iterator[Difference]:
    """Everything that does not fit, of all that was stated."""
    for record in records.values():
        yield from _of_record(record, holds)
    for hold in holds.values():
        yield from _of_hold(hold, records.get(hold.referral_id or ""))
    yield from _twice(records, holds)


def _of_record(record: RecordStanding, holds: Holds) -> Iterator[Difference]:
    """Its hold, and the one that it has asked for: a record that has heard what became of that one asks no more."""
    yield from _of_asked(record, holds)
    if record.hold_id is None:
        return
    hold, subject = holds.get(record.hold_id), record.referral_id
    if hold is None and record.state not in ENDED:
        advice, remedy = _without(record)
        found = told(N_("{record}, no hold"), record=record.state)
        yield Difference(HAS_HOLD, subject, found, advice, remedy, (subject,))
    if hold is not None and hold.state not in ALLOWED[record.state]:
        advice, remedy = _mended(record, hold)
        found = told(N_("record {record}, hold {hold}"), record=record.state, hold=hold.state)
        yield Difference(FITS, subject, found, advice, remedy, (subject,))


def _of_asked(record: RecordStanding, holds: Holds) -> Iterator[Difference]:
    hold, subject = holds.get(record.wished_hold_id or ""), record.referral_id
    if hold is None or (record.state in ENDED and hold.state not in RUNNING):
        return
    remedy: Remedy = _restate(record, hold.hold_id)
    if record.state in ENDED:
        remedy = _reconcile(record.community, record.referral_id, hold)
    found = told(N_("record {record}, the hold it asked for {hold}"), record=record.state, hold=hold.state)
    yield Difference(FITS, subject, found, _SAID_AGAIN_OR_GIVEN_BACK, remedy, (subject,))


def _without(record: RecordStanding) -> tuple[Phrase, Remedy]:
    """What to do about a record whose hold is not there."""
    if record.state == "offered":
        return _ASKED_AGAIN, None
    if record.state in ("arrived", "completed"):
        return _BY_HAND, None
    return _NOTHING_HELD, _restate(record, record.hold_id)


def _mended(record: RecordStanding, hold: HoldStanding) -> tuple[Phrase, Remedy]:
    """What to do about a pair that does not fit, and the command that does it."""
    if record.state in OPEN and hold.state in ALLOWED["expired"]:
        return _ENDS, _restate(record, hold.hold_id)
    if (record.state, hold.state) in (("offered", "ON_HOLD"), ("accepted", "CONFIRMED")):
        return _GOES_ON, _restate(record, hold.hold_id)
    if hold.state in RUNNING and (record.state, hold.state) not in (("arrived", "PENDING"), ("completed", "PENDING")):
        gives = _GIVEN_BACK if record.state in ENDED else _IMPLIED
        return gives, _reconcile(record.community, record.referral_id, hold)
    return _BY_HAND, None


def _of_hold(hold: HoldStanding, record: RecordStanding | None) -> Iterator[Difference]:
    """A hold that takes places, and that no record knows."""
    if hold.state not in RUNNING or hold.referral_id is None or hold.community is None:
        return
    if record is not None and hold.hold_id in (record.hold_id, record.wished_hold_id):
        return
    found = told(N_("hold {id} {hold}, no record"), id=hold.hold_id, hold=hold.state)
    if record:
        other = N_("hold {id} {hold}, record {record} has another")
        found = told(other, id=hold.hold_id, hold=hold.state, record=record.state)
    remedy = _reconcile(hold.community, hold.referral_id, hold)
    yield Difference(HAS_RECORD, hold.referral_id, found, _GIVEN_BACK, remedy, (hold.referral_id,))


def _twice(records: Records, holds: Holds) -> Iterator[Difference]:
    """Handoffs of one party, one in place of another, that are both booked."""
    booked = [one for one in records.values() if one.hold_id and _state(holds, one.hold_id) in BOOKED]
    parties: dict[str, list[RecordStanding]] = defaultdict(list)
    for record in booked:
        parties[_first(record, records)].append(record)
    for several in parties.values():
        if len(several) > 1:
            yield _double(sorted(several, key=lambda one: one.referral_id), holds)


def _double(several: list[RecordStanding], holds: Holds) -> Difference:
    handoffs = ", ".join(f"{one.referral_id} {one.state}" for one in several)
    found = told(NC_("what is found", "booked: {handoffs}"), handoffs=handoffs)
    about = tuple(one.referral_id for one in several)
    newer = next((one for one in several if one.replaces in about), None)
    remedy = _reconcile(newer.community, newer.referral_id, holds[newer.hold_id or ""]) if newer else None
    return Difference(ONCE, several[-1].referral_id, found, _WITHDRAWN if newer else _ALL_BUT_ONE, remedy, about)


def _first(record: RecordStanding, records: Records) -> str:
    """The handoff that the party was first offered by, as far as it is stated."""
    seen = {record.referral_id}
    while record.replaces and record.replaces not in seen:
        seen.add(record.replaces)
        before = records.get(record.replaces)
        if before is None:
            return record.replaces
        record = before
    return record.referral_id


def _state(holds: Holds, hold_id: str) -> HoldState | None:
    return holds[hold_id].state if hold_id in holds else None


def _restate(record: RecordStanding, hold_id: str | None) -> Remedy:
    return RestateHold(hold_id=hold_id or "", referral_id=record.referral_id, community=record.community)


def _reconcile(community: str, referral_id: str, hold: HoldStanding) -> Remedy:
    return ReconcileRecord(referral_id=referral_id, community=community, hold_id=hold.hold_id, hold_state=hold.state)


def by_id(stated: Iterable[HoldStanding]) -> dict[str, HoldStanding]:
    """Holds as booking has stated them."""
    return {hold.hold_id: hold for hold in stated}


def by_referral(stated: Iterable[RecordStanding]) -> dict[str, RecordStanding]:
    """Records as referral has stated them."""
    return {record.referral_id: record for record in stated}
