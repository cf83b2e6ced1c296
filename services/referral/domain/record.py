"""The record of one handoff on one side, and a step of it: what changed, what is told to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.border.v1 import Amounts, State
from contracts.messages import BorderMessage, Message
from contracts.referral.v1 import Side
from contracts.values import (
    Alternatives,
    CommunityId,
    Contact,
    CrossingId,
    Instant,
    Items,
    Language,
    Money,
    Party,
    Quote,
    Uuid,
    Value,
    Window,
    Zone,
)
from services.referral.domain.states import Wish


class Record(Value):
    """One side's record. Its key is (referral id, community); only that community's acts and its ears change it."""

    referral_id: Uuid
    community: CommunityId
    side: Side
    partner: CommunityId
    state: State = "offered"
    round: int = 0
    #: The receiver's one outstanding request to booking.
    wish: Wish = ""
    #: Why nothing moves, for the operator: no_room, late, counter refused.
    marked: str | None = None
    party: Party
    items: Items
    needs: tuple[str, ...] = ()
    language: Language
    arrival: Window
    zone: Zone
    crossing: CrossingId | None = None
    who_drives: str = "unknown"
    expected_total: Money | None = None
    answer_by: Instant
    replaces: Uuid | None = None
    quote: Quote | None = None
    held_until: Instant | None = None
    consent_by: Instant | None = None
    #: When the last item is over, as far as the receiver's schedule says.
    ends_at: Instant | None = None
    alternatives: Alternatives = ()
    reason: str | None = None
    #: What the receiver wrote beside a decline or a cancellation.
    note: str | None = None
    #: What the sender knew of when it took the offer back: below accepted it is free of charge.
    withdrawn_from: State | None = None
    amounts: Amounts | None = None
    fee_percent: str = "0.00"
    auto_accept: bool = False
    hold_id: Uuid | None = None
    #: The hold that a counter-offer has asked for and not got yet, and what for.
    wished_hold_id: Uuid | None = None
    wished_items: Items | None = None
    #: The live counter-offer, of this round.
    countered_items: Items | None = None
    #: The round that the sender has asked to take.
    taken_round: int = 0
    consented: bool = False
    released: bool = False
    no_show_at: Instant | None = None

    def but(self, **changes: Any) -> Record:
        """The same record with these fields changed."""
        return self.model_copy(update=changes)

    @property
    def on_offer(self) -> Items:
        """What a yes would now agree to: the live counter-offer, or what was asked for."""
        return self.countered_items if self.state == "countered" and self.countered_items else self.items

    def may_arrive(self, arrival: Window) -> bool:
        """Whether the window fits what is wished: from two days before the first item to two after the last."""
        first = min(item.day for item in self.items) - timedelta(days=2)
        last = max(item.day + timedelta(days=item.nights + 1) for item in self.items)
        return first <= arrival.day <= last

    def agreed_on(self, items: Items) -> Record:
        """The same record with these items: the party arrives as many days before the first of them as it was to."""
        moved = min(item.day for item in items) - min(item.day for item in self.items)
        arrival = self.arrival.model_copy(update={"day": self.arrival.day + moved})
        return self.but(items=items, arrival=arrival, countered_items=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one act, message, fact or deadline made of a record."""

    record: Record
    act: str
    by: CommunityId
    #: Lower than what the record already was: it changed nothing but is told.
    crossed: bool = False
    border: tuple[BorderMessage, ...] = ()
    booking: tuple[Message, ...] = ()
    contact: Contact | None = None
    #: What this side holds of the lead traveller is to be destroyed.
    erases: bool = False
    #: Another handoff that this one takes the place of, to be withdrawn.
    supersedes: Uuid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the rules are told: the time and ids nobody has used."""

    now: datetime
    ids: tuple[str, ...] = ()
