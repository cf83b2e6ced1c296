"""What OCTO's operations are asked. Fields of the standard that mean nothing here are taken and left aside.

What is missing or unknown is judged by the operation, for OCTO has an error of its own for each id.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from services.agency_api.site import bodies


def _dated(given: Any) -> Any:
    """A date is text: a number would be read as seconds."""
    if given is not None and not (isinstance(given, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", given)):
        raise PydanticCustomError("date_parsing", "has to be a date")
    return given


def _filled(given: Any) -> Any:
    """Software writes empty text where it knows nothing."""
    return (given.strip() or None) if isinstance(given, str) else given


#: A local date, as 2027-01-14.
LocalDate = Annotated[date, BeforeValidator(_dated)]
#: No text of PostgreSQL has a NUL.
_NO_NUL = r"^[^\x00]*$"
#: An id of the standard: any text of sensible length, so that an unknown one is answered as unknown.
Id = Annotated[str, Field(max_length=200, pattern=_NO_NUL)]
Reference = Annotated[str, Field(max_length=100, pattern=_NO_NUL)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 366)]
MOST_UNITS = 200


class Asked(BaseModel):
    """Camel case on the wire; unknown fields are left aside, as the standard lets anybody add some."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


Words = Annotated[str, Field(max_length=200)]


class AskedContact(Asked):
    """A contact as agencies send it: partly, and with fields of capabilities that are not here."""

    full_name: Words | None = None
    first_name: Words | None = None
    last_name: Words | None = None
    email_address: Annotated[str, Field(max_length=254, pattern=bodies.EMAIL)] | None = None
    phone_number: Annotated[str, Field(max_length=40)] | None = None
    locales: Annotated[tuple[Annotated[str, Field(max_length=20)], ...], Field(max_length=10)] | None = None
    postal_code: Annotated[str, Field(max_length=20)] | None = None
    country: Annotated[str, Field(max_length=60)] | None = None
    notes: Annotated[str, Field(max_length=500)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _nothing_is_null(cls, given: Any) -> Any:
        return _filled(given)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is told."""
        return not any(self.model_dump().values())

    def __repr__(self) -> str:
        """It never prints itself: reprs end in logs."""
        return "AskedContact(…)"

    __str__ = __repr__


class UnitCount(Asked):
    """So many of one unit."""

    id: Id
    quantity: Annotated[int, Field(ge=0, le=MOST_UNITS)]


class AskedCalendar(Asked):
    """Days of a product's option."""

    product_id: Id = ""
    option_id: Id = ""
    local_date_start: LocalDate | None = None
    local_date_end: LocalDate | None = None
    units: Annotated[tuple[UnitCount, ...], Field(max_length=20)] | None = None
    currency: str | None = None


class AskedAvailability(AskedCalendar):
    """Starts of a product's option: of some days, or those named."""

    local_date: LocalDate | None = None
    availability_ids: Annotated[tuple[Id, ...], Field(max_length=400)] | None = None


class AskedUnitItem(Asked):
    """One guest."""

    unit_id: Id = ""
    uuid: Id | None = None
    reseller_reference: Reference | None = None
    contact: AskedContact | None = None


UnitItems = Annotated[tuple[AskedUnitItem, ...], Field(max_length=MOST_UNITS)]


class Reserve(Asked):
    """A hold of places."""

    uuid: Id | None = None
    product_id: Id = ""
    option_id: Id = ""
    availability_id: Id = ""
    expiration_minutes: Minutes | None = None
    notes: Annotated[str, Field(max_length=2_000)] | None = None
    unit_items: UnitItems = ()
    reseller_reference: Reference | None = None
    contact: AskedContact | None = None
    currency: str | None = None
    freesale: bool = False


class Extend(Asked):
    """A hold for longer."""

    expiration_minutes: Minutes | None = None


class Confirm(Asked):
    """A hold that becomes a booking; unit items, where given, replace those before."""

    contact: AskedContact | None = None
    reseller_reference: Reference | None = None
    email_receipt: bool = False
    notes: Annotated[str, Field(max_length=2_000)] | None = None
    unit_items: UnitItems | None = None


class Change(Asked):
    """A change of what is given, and of nothing else."""

    reseller_reference: Reference | None = None
    product_id: Id | None = None
    option_id: Id | None = None
    availability_id: Id | None = None
    expiration_minutes: Minutes | None = None
    notes: Annotated[str, Field(max_length=2_000)] | None = None
    email_receipt: bool | None = None
    unit_items: UnitItems | None = None
    contact: AskedContact | None = None
    currency: str | None = None


class Cancel(Asked):
    """A cancellation; the reason is passed back, and kept nowhere."""

    reason: Annotated[str, Field(max_length=500)] | None = None
    force: bool = False


class Filters(Asked):
    """What bookings are looked for by, at least one of it; a local date is that of the visit's start."""

    reseller_reference: Reference | None = None
    supplier_reference: Reference | None = None
    local_date: LocalDate | None = None
    local_date_start: LocalDate | None = None
    local_date_end: LocalDate | None = None
    product_id: Id | None = None
    option_id: Id | None = None
