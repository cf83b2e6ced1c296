"""The record of one handoff on one side, and a transition of it: what changed, which messages go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from contracts.agencies.v1 import AgencyId
from contracts.border.v1 import Amounts, PassToken, ShortCode, State
from contracts.crossing.v1 import Travel
from contracts.messages import BorderMessage, Message
from contracts.personal.v1 import ConsentReceipt, ErasedFor, Holding, PublicKey, Sealed
from contracts.referral.codes import Attention, StoryAct
from contracts.referral.v1 import Side
from contracts.values import (
    Alternatives,
    CommunityId,
    CrossingId,
    Day,
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
from services.referral.domain.handoff.attention import read_sentence
from services.referral.domain.handoff.states import PendingRequest


class Record(Value):
    """One side's record. Its key is (referral id, community); only that community's acts and its messages change it.

    Stored field names never change.
    """

    model_config = ConfigDict(populate_by_name=True)

    referral_id: Uuid
    community: CommunityId
    side: Side
    partner: CommunityId
    state: State = "offered"
    round: int = 0
    #: The receiver's one outstanding request to booking.
    pending_request: PendingRequest = Field("", alias="wish")
    #: Why nothing moves by itself, for the operator.
    attention: Attention | None = None
    party: Party
    items: Items
    needs: tuple[str, ...] = ()
    language: Language
    arrival: Window
    #: The sender has told that they will be later than was agreed on.
    delayed: bool = False
    zone: Zone
    crossing: CrossingId | None = None
    #: What the border asks of the party: the sender's own, it never crosses.
    travel: Travel | None = None
    who_drives: str = "unknown"
    expected_total: Money | None = None
    answer_by: Instant
    replaces: Uuid | None = None
    #: The receiver's: the hold of the booking that this one changes.
    replaced_hold_id: Uuid | None = None
    quote: Quote | None = None
    held_until: Instant | None = None
    consent_by: Instant | None = None
    #: When the last item is over, as far as the receiver's schedule says.
    ends_at: Instant | None = None
    alternatives: Alternatives = ()
    reason: str | None = None
    #: What the sender knew of when it took the offer back: below accepted it is free of charge.
    withdrawn_from: State | None = None
    amounts: Amounts | None = None
    fee_percent: str = "0.00"
    auto_accept: bool = False
    hold_id: Uuid | None = None
    #: The hold that a counter-offer has asked for and not got yet, and what for.
    pending_hold_id: Uuid | None = Field(None, alias="wished_hold_id")
    pending_items: Items | None = Field(None, alias="wished_items")
    #: The live counter-offer, of this round.
    countered_items: Items | None = None
    #: The round that the sender has asked to take.
    taken_round: int = 0
    #: What the lead traveller has consented to, last; it stays when what was consented to is gone.
    consent: ConsentReceipt | None = None
    consent_refused: bool = False
    consent_withdrawn_at: Instant | None = None
    #: The lead traveller's word has been passed on to the receiver, with the personal part or without it.
    released: bool = False
    personal: Holding = "none"
    #: What the personal part is sealed to when it is released: a key of the receiver's room.
    one_time_key: PublicKey | None = None
    delete_by: Day | None = None
    erased_at: Instant | None = None
    partner_erased_at: Instant | None = None
    short_code: ShortCode | None = None
    pass_token: PassToken | None = None
    no_show_at: Instant | None = None
    #: When it came to the end at which it stands.
    ended_at: Instant | None = None
    #: The sender's own, none of it crosses: the agency that handed over for it, its own id of the handoff, and a digest
    #: of what it asked under that.
    agency: AgencyId | None = None
    agency_ref: Uuid | None = None
    agency_asked: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, kept: Any) -> Any:
        """Read the sentence in which older records say why a person is needed."""
        if not isinstance(kept, dict) or "marked" not in kept:
            return kept
        sentence = kept["marked"]
        rest = {name: value for name, value in kept.items() if name != "marked"}
        return rest | ({"attention": read_sentence(sentence)} if sentence else {})

    def stored(self) -> dict[str, Any]:
        """The JSON-ready form in which it is kept."""
        return self.model_dump(mode="json", by_alias=True)

    def replace(self, **changes: Any) -> Record:
        """The same record with these fields changed."""
        return self.model_copy(update=changes)

    @property
    def decided(self) -> bool:
        """Whether the lead traveller's word can be passed on: nothing is allowed, or what is allowed is here."""
        return self.consent_refused or self.personal == "held"

    @property
    def on_offer(self) -> Items:
        """What a yes would now agree to: the live counter-offer, or what was asked for."""
        return self.countered_items if self.state == "countered" and self.countered_items else self.items

    @property
    def arrives(self) -> Window:
        """When the party would arrive by what is on offer now."""
        return self.agreed_on(self.on_offer).arrival

    def may_arrive(self, arrival: Window) -> bool:
        """Whether the window fits what is wished: from two days before the first item to two after the last."""
        first = min(item.day for item in self.items) - timedelta(days=2)
        return first <= arrival.day <= self._last_arrival_day

    @property
    def latest_arrival(self) -> Window:
        """The latest window that fits what is wished."""
        return Window(day=self._last_arrival_day, earliest=time(23, 59), latest=time(23, 58))

    @property
    def _last_arrival_day(self) -> date:
        return max(item.day + timedelta(days=item.nights + 1) for item in self.items)

    def agreed_on(self, items: Items) -> Record:
        """The same record with these items: the party arrives as many days before the first of them as it was to."""
        moved = min(item.day for item in items) - min(item.day for item in self.items)
        arrival = self.arrival.model_copy(update={"day": self.arrival.day + moved})
        return self.replace(items=items, arrival=arrival, countered_items=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What one act, message, fact or deadline made of a record."""

    record: Record
    act: StoryAct
    by: CommunityId
    #: Lower than the record's state: it is in the story and changed nothing.
    ignored: bool = False
    border: tuple[BorderMessage, ...] = ()
    booking: tuple[Message, ...] = ()
    #: The personal part, to be opened and kept within what the record's consent names.
    receives: Sealed | None = None
    #: The lead traveller's word is to be passed on, with what this side holds.
    releases: bool = False
    #: Why what this side holds of the lead traveller is to be destroyed, and the number of the receipt for it.
    erases: ErasedFor | None = None
    receipt: Uuid | None = None
    #: Another handoff that this one takes the place of, to be withdrawn.
    supersedes: Uuid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the rules are given: the time and new ids."""

    now: datetime
    ids: tuple[str, ...] = ()
