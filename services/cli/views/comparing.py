"""Compares records with the holds that they count on: pure, from what each service has stated of its own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.reconcile.v1 import HoldStanding, ReconcileRecord, RecordStanding, RestateHold

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
RECONCILE = "./handoff reconcile: "
_BY_HAND = "no message puts it right: look at it with ./handoff show, then act on the handoff"
Remedy = RestateHold | ReconcileRecord | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not fit, about which handoff, and how it is put right: what it does and which command does it."""

    rule: str
    subject: str
    found: str
    advice: str
    remedy: Remedy = None
    #: The handoffs to be looked at again before it is believed.
    about: tuple[str, ...] = ()

    def told(self) -> dict[str, str]:
        """For machines."""
        return {"rule": self.rule, "subject": self.subject, "found": self.found, "advice": self.advice}


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
    hold = holds.get(record.hold_id)
    if hold is None and record.state not in ENDED:
        advice, remedy = _without(record)
        found = f"{record.state}, no hold"
        yield Difference("a record has its hold", record.referral_id, found, advice, remedy, (record.referral_id,))
    if hold is not None and hold.state not in ALLOWED[record.state]:
        advice, remedy = _mended(record, hold)
        found = f"record {record.state}, hold {hold.state}"
        yield Difference("a record and its hold fit", record.referral_id, found, advice, remedy, (record.referral_id,))


def _of_asked(record: RecordStanding, holds: Holds) -> Iterator[Difference]:
    hold = holds.get(record.wished_hold_id or "")
    if hold is None or (record.state in ENDED and hold.state not in RUNNING):
        return
    remedy: Remedy = _restate(record, hold.hold_id)
    if record.state in ENDED:
        remedy = _reconcile(record.community, record.referral_id, hold)
    found = f"record {record.state}, the hold it asked for {hold.state}"
    advice = f"{RECONCILE}booking says so again, or gives the places back"
    yield Difference("a record and its hold fit", record.referral_id, found, advice, remedy, (record.referral_id,))


def _without(record: RecordStanding) -> tuple[str, Remedy]:
    """What to do about a record whose hold is not there."""
    if record.state == "offered":
        return f"{RECONCILE}what was asked of booking is asked again", None
    if record.state in ("arrived", "completed"):
        return _BY_HAND, None
    return f"{RECONCILE}booking says that nothing is held, and the handoff is cancelled", _restate(
        record, record.hold_id
    )


def _mended(record: RecordStanding, hold: HoldStanding) -> tuple[str, Remedy]:
    """What to do about a pair that does not fit, and the command that does it."""
    if record.state in OPEN and hold.state in ALLOWED["expired"]:
        return f"{RECONCILE}booking says so again, and the handoff ends", _restate(record, hold.hold_id)
    if (record.state, hold.state) in (("offered", "ON_HOLD"), ("accepted", "CONFIRMED")):
        return f"{RECONCILE}booking says so again, and the record goes on", _restate(record, hold.hold_id)
    if hold.state in RUNNING and (record.state, hold.state) not in (("arrived", "PENDING"), ("completed", "PENDING")):
        gives = "the places are given back" if record.state in ENDED else "booking is asked for what the record implies"
        return f"{RECONCILE}{gives}", _reconcile(record.community, record.referral_id, hold)
    return _BY_HAND, None


def _of_hold(hold: HoldStanding, record: RecordStanding | None) -> Iterator[Difference]:
    """A hold that takes places, and that no record knows."""
    if hold.state not in RUNNING or hold.referral_id is None or hold.community is None:
        return
    if record is not None and hold.hold_id in (record.hold_id, record.wished_hold_id):
        return
    found = f"hold {hold.hold_id} {hold.state}, " + (f"record {record.state} has another" if record else "no record")
    remedy = _reconcile(hold.community, hold.referral_id, hold)
    advice = f"{RECONCILE}the places are given back"
    yield Difference("a hold has its record", hold.referral_id, found, advice, remedy, (hold.referral_id,))


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
    found = "booked: " + ", ".join(f"{one.referral_id} {one.state}" for one in several)
    about = tuple(one.referral_id for one in several)
    newer = next((one for one in several if one.replaces in about), None)
    remedy = _reconcile(newer.community, newer.referral_id, holds[newer.hold_id or ""]) if newer else None
    advice = f"{RECONCILE}its sender, if it is of this node, withdraws what was replaced; else the sender withdraws one"
    if newer is None:
        advice = "the sender withdraws all but one: ./handoff withdraw"
    return Difference("a party is booked once", several[-1].referral_id, found, advice, remedy, about)


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


def by_id(stated: Iterable[Mapping[str, Any]]) -> dict[str, HoldStanding]:
    """Holds as booking has stated them."""
    return {hold.hold_id: hold for hold in map(HoldStanding.read, stated)}


def by_referral(stated: Iterable[Mapping[str, Any]]) -> dict[str, RecordStanding]:
    """Records as referral has stated them."""
    return {record.referral_id: record for record in map(RecordStanding.read, stated)}
