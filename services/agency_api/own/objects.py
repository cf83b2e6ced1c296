"""What operations of our own answer. Amounts are exact decimal text with their currency, as in the contracts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.agencies.v1 import AgreementState, AgreementTerms, Side
from contracts.booking.v1 import Reason
from contracts.community.v1 import Kind, Programme, UnitPrice
from contracts.values import Money, Names


class Told(BaseModel):
    """Names as in the contracts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def wire(self) -> dict[str, Any]:
        """The JSON-ready form, of what was set."""
        return self.model_dump(mode="json", exclude_unset=True)


class PlaceView(Told):
    """Where a community lies; `distance_km` where one looks from somewhere."""

    lat: float
    lon: float
    country: Literal["TH", "LA"]
    subdivision: str
    distance_km: float | None = None


class CommunityName(Told):
    """What everybody may know of a community: `name` is in the language asked for, or another that there is."""

    id: str
    name: str
    names: Names
    place: PlaceView


class OfferView(Told):
    """A product in a word; OCTO's GET /products/{id} tells the rest."""

    product_id: str
    name: str
    names: Names
    kind: Kind
    programme: Programme
    duration_minutes: int
    prices: tuple[UnitPrice, ...]


class CommunityView(CommunityName):
    """A community; what follows `place` is told only of one whose agreement is in force today."""

    zone: str | None = None
    currency: str | None = None
    languages: tuple[str, ...] | None = None
    offers: tuple[OfferView, ...] | None = None
    agreement: AgreementTerms | None = None


class StartView(Told):
    """A start; `availability_id` is what a booking under OCTO asks for. Times are local, with their offset."""

    availability_id: str
    starts_at: str
    ends_at: str
    day: date


class PriceView(Told):
    """What the party pays, and what of it the agency owes the community."""

    retail: Money
    net: Money


class FoundView(Told):
    """A product that the party can take, with the first start that fits."""

    product_id: str
    option_id: str
    name: str
    names: Names
    description: str | None
    kind: Kind
    programme: Programme
    duration_minutes: int
    community: CommunityName
    languages: tuple[str, ...]
    start: StartView
    left: int | None
    price: PriceView | None
    confirmation: Literal["instant", "on_request"]


class DayView(Told):
    """A day's best start: the one that can be taken, or why the nearest cannot."""

    day: date
    available: bool
    left: int | None
    availability_id: str | None
    reason: Reason | None


class CalendarView(Told):
    """The days of one product."""

    product_id: str
    option_id: str
    price: PriceView | None
    days: tuple[DayView, ...]


class CalendarsView(Told):
    """Calendars in the order asked for; `unknown` are products that there are not, or not for this agency or visit."""

    calendars: tuple[CalendarView, ...]
    unknown: tuple[str, ...]


class AgreementView(Told):
    """An agreement. `waits_for` says whose word is awaited; `in_force` are the terms that count by now."""

    community: str
    state: AgreementState
    proposed_by: Side
    waits_for: Side | None
    terms: AgreementTerms
    in_force: AgreementTerms | None
    since: str


Next = Annotated[str | None, Field(description="Where the next page is; null behind the last")]


class CommunityPage(Told):
    """A page of communities."""

    items: tuple[CommunityView, ...]
    next: Next


class FoundPage(Told):
    """A page of products."""

    items: tuple[FoundView, ...]
    next: Next


class AgreementPage(Told):
    """A page of agreements."""

    items: tuple[AgreementView, ...]
    next: Next
