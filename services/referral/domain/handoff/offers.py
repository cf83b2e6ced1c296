"""Making an offer; beginning the record of one that arrives, and judging it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from contracts import answering, pricing, starting
from contracts.border import v1 as border
from contracts.border.v1 import State
from contracts.community.v1 import CommunityProfile, Offering, Terms
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import ZONES, CommunityId, CrossingId, Item, Items, Money, Window, Zone
from services.referral.domain.handoff import acts, deadlines
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.deadlines import LONGEST_ANSWER
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import LIVE

#: When the receiver says nothing about it.
ARRIVE_FROM, ARRIVE_UNTIL = time(8), time(18)
#: So long before the first start of its day a party is expected.
IN_TIME_MINUTES = 30


def make(
    command: v1.OfferHandoff,
    *,
    community: CommunityId,
    terms: Terms | None,
    catalogue: Offering | None,
    referral_id: str,
    now: datetime,
) -> tuple[Record, border.HandoffOffered]:
    """The sender's record and what it tells the receiver. Raises Refused naming the field that is wrong."""
    if command.to == community:
        raise Refused(No.INVALID, "handed_to_oneself", "to")
    if terms is None:
        raise Refused(No.NOT_PARTNERS, "no_agreed_partnership", "to", partner=command.to)
    if catalogue is None:
        raise Refused(No.UNKNOWN, "no_catalogue_yet", "to", partner=command.to)
    if not in_force(terms, now, catalogue.community.zone):
        raise Refused(No.NOT_PARTNERS, "not_in_force_today", "to", partner=command.to)
    _know_items(command, catalogue)
    command = command.model_copy(update={"items": starting.with_starts(command.items, catalogue.experiences)})
    message = _message(command, terms, catalogue, now)
    _in_time(message, catalogue)
    record = _record(message, community, "sender", command.to, referral_id, catalogue).replace(travel=command.travel)
    if not record.may_arrive(message.arrival):
        raise Refused(No.INVALID, "arrival_does_not_fit", "arrival.day")
    return record, message


def _message(command: v1.OfferHandoff, terms: Terms, catalogue: Offering, now: datetime) -> border.HandoffOffered:
    return border.HandoffOffered(
        party=command.party,
        items=command.items,
        needs=command.needs,
        language=command.language,
        arrival=command.arrival or _arrival(command, catalogue),
        crossing=_crossing(command.crossing, terms),
        who_drives=command.who_drives,
        expected_total=_expected_total(command, catalogue),
        answer_by=_answer_by(command.answer_by, terms, catalogue.community, now),
        replaces=command.replaces,
    )


def received(
    offer: border.HandoffOffered, *, host: Offering, partner: CommunityId, referral_id: str, terms: Terms | None
) -> Record:
    """The receiver's record of an offer that arrived."""
    record = _record(offer, host.community.id, "receiver", partner, referral_id, host)
    if terms is None:
        return record
    return record.replace(auto_accept=terms.auto_accept, fee_percent=terms.referral_fee_percent)


def judged(
    record: Record,
    *,
    partners: bool,
    open_offers: int,
    max_open: int,
    share_percent: int,
    moment: Moment,
    changes: Changes | None = None,
) -> Transition:
    """Judge an offer at its receipt: partners? too many open? plausible? time enough? Then ask booking for a hold."""
    refusal = "not_partners" if not partners else "too_many_open" if open_offers >= max_open else None
    if changes is not None:
        record = record.replace(replaced_hold_id=changes.hold_id)
    if refusal or not record.may_arrive(record.arrival) or (changes is not None and changes.comes_too_late(record)):
        refusal = refusal or "other"
        message = border.HandoffDeclined.model_validate({"reason": refusal})
        after = record.replace(state="declined", reason=refusal)
        return Transition(record=after, act="handoff_offered", by=record.partner, border=(message,))
    if deadlines.too_late_to_hold(record, moment.now):
        return Transition(record=record.replace(attention=needed("late")), act="handoff_offered", by=record.partner)
    until = deadlines.held_until(record, moment.now)
    place = acts.hold_for(record, record.items, moment, until=until, share_percent=share_percent)
    after = record.replace(pending_request="hold", hold_id=place.hold_id)
    return Transition(record=after, act="handoff_offered", by=record.partner, booking=(place,))


def in_force(terms: Terms | None, now: datetime, zone: Zone) -> bool:
    """Whether agreed terms hold on this day, as the receiver's calendar has it."""
    today = now.astimezone(ZONES[zone]).date()
    return terms is not None and terms.valid_from <= today and (terms.valid_to is None or today <= terms.valid_to)


#: The party has set out, or more: nothing takes the place of such a handoff any more.
UNDER_WAY: frozenset[State] = frozenset(("departed", "arrived", "completed", "no_show", "turned_back"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the receiver knows of the handoff that an offer is to change; `rival` is a live one that changes it too."""

    old: Record | None
    rival: Record | None

    @property
    def hold_id(self) -> str | None:
        """The hold whose places count for the change."""
        return self.old.hold_id if self.old is not None and self.old.state in LIVE else None

    def comes_too_late(self, new: Record) -> bool:
        """Whether it is another's handoff, or its party is under way, or it is being changed already."""
        if self.old is None:
            return self.rival is not None
        foreign = self.old.side != new.side or self.old.partner != new.partner
        return foreign or self.old.state in UNDER_WAY or self.rival is not None


def may_replace(old: Record | None, to: CommunityId, rival: Record | None) -> None:
    """Raises Refused unless the handoff that is to be changed is our own, to the same partner, not over, not changed.

    `rival` is a live handoff that changes it already.
    """
    if old is None or old.side != "sender" or old.partner != to:
        raise Refused(No.UNKNOWN, "no_such_party", "replaces")
    if old.state not in ("offered", "held", "countered", "accepted", "confirmed"):
        raise Refused(No.WRONG_STATE, "too_late_to_change", "replaces", state=old.state)
    if rival is not None:
        raise Refused(No.CONFLICT, "changed_already", "replaces", referral_id=rival.referral_id)
    if old.replaces is not None and old.state != "confirmed":
        raise Refused(No.WRONG_STATE, "is_a_change_itself", "replaces")


def _record(
    offer: border.HandoffOffered,
    community: CommunityId,
    side: v1.Side,
    partner: CommunityId,
    referral_id: str,
    receiver: Offering,
) -> Record:
    return Record(
        referral_id=referral_id,
        community=community,
        side=side,
        partner=partner,
        party=offer.party,
        items=offer.items,
        needs=offer.needs,
        language=offer.language,
        arrival=offer.arrival,
        zone=receiver.community.zone,
        crossing=offer.crossing,
        who_drives=offer.who_drives,
        expected_total=offer.expected_total,
        answer_by=offer.answer_by,
        replaces=offer.replaces,
    )


def _know_items(command: v1.OfferHandoff, catalogue: Offering) -> None:
    known = {experience.id: experience for experience in catalogue.experiences}
    for n, item in enumerate(command.items):
        field, experience = f"items.{n}.experience_id", known.get(item.experience_id)
        if experience is None:
            raise Refused(
                No.UNKNOWN, "not_offered_by_partner", field, partner=command.to, experience_id=item.experience_id
            )
        if not pricing.reckonable(experience):
            raise Refused(No.INVALID, "price_cannot_be_reckoned", field, partner=command.to)


def _arrival(command: v1.OfferHandoff, catalogue: Offering) -> Window:
    """On the day of the first item, when the receiver lets parties arrive; in time for what starts on that day."""
    limits = catalogue.community.limits
    earliest = limits.arrive_from or min(ARRIVE_FROM, limits.arrive_until or ARRIVE_FROM)
    latest = limits.arrive_until or max(ARRIVE_UNTIL, earliest)
    day = min(item.day for item in command.items)
    starts = [item.start for item in _punctual(command.items, catalogue) if item.day == day and item.start]
    if starts and min(starts) < latest:
        latest = min(starts)
        earliest = min(earliest, _before(latest))
    return Window(day=day, earliest=earliest, latest=latest)


def _before(start: time) -> time:
    """When a party that is in time for a start should be expected at the latest."""
    minutes = max(0, start.hour * 60 + start.minute - IN_TIME_MINUTES)
    return time(minutes // 60, minutes % 60)


def _punctual(items: Items, catalogue: Offering) -> list[Item]:
    """What begins without those who are late; a homestay waits for its guests."""
    homestays = {experience.id for experience in catalogue.experiences if experience.kind == "homestay"}
    return [item for item in items if item.experience_id not in homestays]


def _in_time(message: border.HandoffOffered, catalogue: Offering) -> None:
    """Raises Refused when nobody who arrives in the window can be there for the first start."""
    arrival = message.arrival
    for item in _punctual(message.items, catalogue):
        if item.start and (item.day, item.start) < (arrival.day, arrival.earliest):
            what, at = item.experience_id, item.start
            raise Refused(No.INVALID, "arrive_before_the_start", "arrival", experience_id=what, day=item.day, time=at)


def _expected_total(command: v1.OfferHandoff, catalogue: Offering) -> Money:
    """What the sender expects to pay, in the receiver's currency, which binds."""
    expected, currency = command.expected_total, catalogue.community.currency
    if expected is None:
        return pricing.quote(catalogue, command.party, command.items).total
    if expected.currency != currency or expected.minor < 0:
        raise Refused(No.INVALID, "say_it_in_their_currency", "expected_total", currency=currency, partner=command.to)
    return expected


def _crossing(crossing: CrossingId | None, terms: Terms) -> CrossingId | None:
    """Over a border: the crossing that the terms name, or one of them; where they name none, it may be unknown."""
    if not terms.border or not terms.crossings:
        return crossing
    if crossing is None and len(terms.crossings) == 1:
        return terms.crossings[0]
    if crossing not in terms.crossings:
        raise Refused(No.INVALID, "name_an_agreed_crossing", "crossing", crossings=terms.crossings)
    return crossing


def _answer_by(wished: datetime | None, terms: Terms, receiver: CommunityProfile, now: datetime) -> datetime:
    """What the sender says, or the hours of the terms and then until somebody answers there."""
    if wished is None:
        return answering.answer_by(terms, receiver, now)
    if not now < wished <= now + LONGEST_ANSWER:
        raise Refused(No.INVALID, "answer_within_days", "answer_by", days=LONGEST_ANSWER.days)
    return wished
