"""OCTO's objects as they are answered (the standard of 2025 and 1.0, docs.octo.travel), in the order of the standard.

Every field of the core is written always, null where there is nothing; those of a capability only when it is asked for.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

UnitType = Literal["ADULT", "YOUTH", "CHILD", "INFANT", "FAMILY", "SENIOR", "STUDENT", "MILITARY", "OTHER"]
ContactField = Literal[
    "firstName",
    "lastName",
    "emailAddress",
    "phoneNumber",
    "country",
    "notes",
    "locales",
    "allowMarketing",
    "postalCode",
]
AvailabilityStatus = Literal["AVAILABLE", "FREESALE", "SOLD_OUT", "LIMITED", "CLOSED"]
BookingStatus = Literal["ON_HOLD", "PENDING", "CONFIRMED", "REDEEMED", "EXPIRED", "CANCELLED", "REJECTED"]
#: RFC 3339, UTC, as `2027-01-14T02:30:00Z`.
Utc = str


class Octo(BaseModel):
    """Camel case on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")

    def wire(self) -> dict[str, Any]:
        """The JSON-ready form, of what was set."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def text(self) -> bytes:
        """The same, as it is sent."""
        return self.model_dump_json(by_alias=True, exclude_unset=True).encode()


class Described(Octo):
    """What travellers read, with the capability content; lists are empty where there is nothing."""

    title: str | None = None
    short_description: str | None = None
    description: str | None = None
    features: tuple[dict[str, Any], ...] = ()
    faqs: tuple[dict[str, Any], ...] = ()
    media: tuple[dict[str, Any], ...] = ()
    locations: tuple[dict[str, Any], ...] = ()
    category_labels: tuple[str, ...] = ()
    duration_minutes_from: int | None = None
    duration_minutes_to: int | None = None
    commentary: tuple[dict[str, Any], ...] = ()


class SupplierContact(Octo):
    """How the supplier's office is reached."""

    website: str | None
    email: str | None
    telephone: str | None
    address: str | None


class Supplier(Octo):
    """Who sells: one community, or the network of all that have an agreement with the agency."""

    id: str
    name: str
    endpoint: str
    contact: SupplierContact
    # content
    short_description: str | None = None
    media: tuple[dict[str, Any], ...] = ()


class Pricing(Octo):
    """Amounts in minor units of `currency`. `net` is what the agency owes the community."""

    original: int
    retail: int
    net: int | None
    currency: str
    currency_precision: int
    included_taxes: tuple[dict[str, Any], ...] = ()


class UnitPricing(Pricing):
    """The price of one unit."""

    unit_id: str


class UnitRestrictions(Octo):
    """Who is counted as this unit, in years."""

    min_age: int
    max_age: int
    id_required: bool
    min_quantity: int | None
    max_quantity: int | None
    pax_count: int
    accompanied_by: tuple[str, ...]


class Unit(Octo):
    """What is counted and priced: adults, children, infants, or people of any age."""

    id: str
    internal_name: str
    reference: str | None
    type: UnitType
    required_contact_fields: tuple[ContactField, ...]
    restrictions: UnitRestrictions
    # pricing
    pricing_from: tuple[Pricing, ...] | None = None
    pricing: tuple[Pricing, ...] | None = None
    # content
    title: str | None = None
    short_description: str | None = None
    features: tuple[dict[str, Any], ...] = ()


class OptionRestrictions(Octo):
    """How many units a booking may have."""

    min_units: int | None
    max_units: int | None


class Option(Described):
    """One way to take a product: the visit itself, or a stay of so many nights."""

    id: str
    default: bool
    internal_name: str
    reference: str | None
    availability_local_start_times: Annotated[tuple[str, ...], Field(min_length=1)]
    cancellation_cutoff: str
    cancellation_cutoff_amount: int
    cancellation_cutoff_unit: Literal["minute", "hour", "day"]
    required_contact_fields: tuple[ContactField, ...]
    restrictions: OptionRestrictions
    units: tuple[Unit, ...]
    # pricing
    pricing_from: tuple[Pricing, ...] | None = None
    pricing: tuple[Pricing, ...] | None = None


class Product(Described):
    """An experience of a community."""

    id: str
    internal_name: str
    reference: str | None
    locale: str
    time_zone: str
    allow_freesale: bool
    instant_confirmation: bool
    instant_delivery: bool
    availability_required: bool
    availability_type: Literal["START_TIME", "OPENING_HOURS"]
    delivery_formats: tuple[str, ...]
    delivery_methods: tuple[str, ...]
    redemption_method: Literal["DIGITAL", "PRINT", "MANIFEST"]
    options: Annotated[tuple[Option, ...], Field(min_length=1)]
    # pricing
    default_currency: str | None = None
    available_currencies: tuple[str, ...] | None = None
    pricing_per: Literal["UNIT", "BOOKING"] | None = None


class AvailabilityCalendar(Octo):
    """One day; a number of places that is null is not limited."""

    local_date: str
    available: bool
    status: AvailabilityStatus
    vacancies: int | None
    capacity: int | None
    opening_hours: tuple[dict[str, str], ...]
    # pricing
    unit_pricing_from: tuple[UnitPricing, ...] | None = None
    pricing_from: Pricing | None = None
    unit_pricing: tuple[UnitPricing, ...] | None = None
    pricing: Pricing | None = None


class Availability(Octo):
    """One start; its id is what a booking asks for."""

    id: str
    local_date_time_start: str
    local_date_time_end: str
    utc_cutoff_at: Utc
    all_day: bool
    available: bool
    status: AvailabilityStatus
    vacancies: int | None
    capacity: int | None
    max_units: int | None
    opening_hours: tuple[dict[str, str], ...]
    # pricing
    unit_pricing: tuple[UnitPricing, ...] | None = None
    pricing: Pricing | None = None
    # content
    title: str | None = None
    short_description: str | None = None


class Contact(Octo):
    """Who is reached about a booking. It is passed on sealed, and kept nowhere here."""

    full_name: str | None
    first_name: str | None
    last_name: str | None
    email_address: str | None
    phone_number: str | None
    locales: tuple[str, ...]
    postal_code: str | None
    country: str | None
    notes: str | None

    def __repr__(self) -> str:
        """It never prints itself: reprs end in logs."""
        return "Contact(…)"

    __str__ = __repr__


#: Of whom nothing is told: where a booking is read.
NOBODY = Contact(
    full_name=None,
    first_name=None,
    last_name=None,
    email_address=None,
    phone_number=None,
    locales=(),
    postal_code=None,
    country=None,
    notes=None,
)


class DeliveryOption(Octo):
    """What a ticket is shown as."""

    delivery_format: Literal["QRCODE", "CODE128", "AZTECCODE", "PDF_URL", "PKPASS_URL"]
    delivery_value: str


class Ticket(Octo):
    """What is shown on arrival."""

    redemption_method: Literal["DIGITAL", "PRINT", "MANIFEST"]
    utc_redeemed_at: Utc | None
    delivery_options: tuple[DeliveryOption, ...]


class UnitItem(Octo):
    """One guest of a booking."""

    uuid: str
    reseller_reference: str | None
    supplier_reference: str | None
    unit_id: str
    unit: Unit | None = None
    status: BookingStatus
    utc_redeemed_at: Utc | None
    contact: Contact
    ticket: Ticket | None
    # pricing
    pricing: Pricing | None = None


class Cancellation(Octo):
    """What came of it, and how much is given back."""

    refund: Literal["FULL", "PARTIAL", "NONE"]
    reason: str | None
    utc_cancelled_at: Utc


class Booking(Octo):
    """A hold or booking of the agency that asks."""

    id: str
    uuid: str
    test_mode: bool
    reseller_reference: str | None
    supplier_reference: str | None
    status: BookingStatus
    utc_created_at: Utc
    utc_updated_at: Utc
    utc_expires_at: Utc | None
    utc_redeemed_at: Utc | None
    utc_confirmed_at: Utc | None
    product_id: str
    product: Product | None = None
    option_id: str
    option: Option | None = None
    cancellable: bool
    cancellation: Cancellation | None
    freesale: bool
    availability_id: str | None
    availability: Availability | None
    contact: Contact
    notes: str | None
    delivery_methods: tuple[str, ...]
    voucher: Ticket | None
    unit_items: tuple[UnitItem, ...]
    # pricing
    pricing: Pricing | None = None


class CapabilityView(Octo):
    """What this API adds to the core."""

    id: str
    revision: int
    required: bool
    dependencies: tuple[str, ...]
    docs: str | None
