"""What is answered about handing parties over. Nothing of a traveller: consent and pass are the community's."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from contracts.border.v1 import State
from contracts.referral.v1 import Side
from contracts.values import Money, Names
from services.agency_api.own.asked import Guests
from services.agency_api.own.objects import Next, OfferView, PlaceView, Told


class ItemView(Told):
    """One product on one day."""

    product_id: str
    day: date
    start: str | None
    nights: int


class WindowView(Told):
    """When the party is expected, local where it is received."""

    day: date
    earliest: str
    latest: str


class NextActView(Told):
    """What can be done now, by whom, and until when: what is the community's to do you cannot do for it.

    `consent`: the community is to ask the traveller what may be passed on.
    """

    act: str
    by: Literal["agency", "community"]
    until: str | None


class AlternativeView(Told):
    """Another day on which the partner could take the party."""

    product_id: str
    day: date
    start: str | None


class QuoteLineView(Told):
    """So many units at a price; nights are in `quantity`."""

    product_id: str
    unit: str
    quantity: int
    unit_price: Money
    total: Money


class QuoteView(Told):
    """What the visit costs there, in the partner's currency."""

    lines: tuple[QuoteLineView, ...]
    total: Money


class StoryView(Told):
    """One thing that happened."""

    at: str
    act: str
    by: str
    state: State


class HandoffLine(Told):
    """A handoff in a list: `waits_for` the sender, that is you or your community, or the receiver."""

    uuid: str
    community: str
    partner: str
    reference: Annotated[str, Field(description="The id by which the two communities know it")]
    state: State
    round: int
    waits_for: Side | None
    next_acts: tuple[NextActView, ...]
    party: Guests
    items: tuple[ItemView, ...]
    arrival: WindowView | None
    answer_by: str
    late: bool


class HandoffView(HandoffLine):
    """A handoff. `counter_items` is what the partner offers instead in this `round`; `quote` what it costs there."""

    counter_items: tuple[ItemView, ...] | None
    needs: tuple[str, ...]
    language: str
    crossing: str | None
    who_drives: str
    held_until: str | None
    consent_by: str | None
    quote: QuoteView | None
    alternatives: tuple[AlternativeView, ...]
    reason: str | None
    story: tuple[StoryView, ...]


class HandoffPage(Told):
    """A page of handoffs, newest first."""

    items: tuple[HandoffLine, ...]
    next: Next


class PartnerView(Told):
    """A partner, with what it has shared with the community, as of then."""

    id: str
    name: str
    names: Names
    place: PlaceView
    zone: str
    currency: str
    languages: tuple[str, ...]
    offers: tuple[OfferView, ...]
    as_of: str


class PartnerPage(Told):
    """A page of partners."""

    items: tuple[PartnerView, ...]
    next: Next


class PartnerDay(Told):
    """A day of a product there; `left` where it is told."""

    product_id: str
    day: date
    available: bool
    left: int | None
    reason: str | None


class PartnerDaysView(Told):
    """What a partner has shared of its days; `as_of` null when nothing yet."""

    partner: str
    as_of: str | None
    days: tuple[PartnerDay, ...]
