"""The contact of an agency's booking, v1: sealing, keeping, moving, reading, erasing.

It rests in referral's personal room, under the same guards as what a lead traveller allows. Nobody consents to it: the
agency gives it under its contract with the community, and each answer says so. No message has a field that holds
anything of it in clear: `Contact` lies inside of what is sealed, the field of nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field, field_validator

from contracts.agencies.v1 import AgencyId
from contracts.messages import Command, Query, Several
from contracts.personal.v1 import Holding, PublicKey, Sealed
from contracts.values import CommunityId, Day, Instant, Uuid, Value, as_written

#: What of a contact may be kept, as OCTO has it, and nothing else.
ContactField = Literal[
    "full_name",
    "first_name",
    "last_name",
    "email_address",
    "phone_number",
    "postal_code",
    "country",
    "notes",
    "locales",
]
ContactFields = Annotated[tuple[ContactField, ...], Field(max_length=9)]
#: On what it is kept: the agency's contract, not a traveller's consent.
Basis = Literal["contract"]
_Short = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(as_written)]
_Name = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(as_written)]
_Address = Annotated[str, Field(min_length=1, max_length=254), AfterValidator(as_written)]
_Text = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(as_written)]
#: BCP 47.
_Locale = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]


class Contact(Value):
    """Who can be reached about a booking, as the agency's software says it."""

    full_name: _Name | None = None
    first_name: _Name | None = None
    last_name: _Name | None = None
    email_address: _Address | None = None
    phone_number: _Short | None = None
    postal_code: _Short | None = None
    country: _Short | None = None
    notes: _Text | None = None
    locales: Annotated[tuple[_Locale, ...], Field(max_length=10)] = ()

    @field_validator("*", mode="before")
    @classmethod
    def _on_one_line(cls, given: Any) -> Any:
        """Other software writes line breaks and empty texts: these are spaces, and nothing."""
        return (" ".join(given.split()) or None) if isinstance(given, str) else given

    @property
    def given(self) -> tuple[ContactField, ...]:
        """The fields that are filled, in the order of the list."""
        return tuple(name for name in get_args(ContactField) if getattr(self, name))

    def __repr__(self) -> str:
        """It never prints itself: reprs end in logs."""
        return "Contact(…)"

    __str__ = __repr__


# what is answered


class ContactPrepared(Value):
    """What the contact of this hold is to be sealed to: a key of the community's own personal room, for one time."""

    hold_id: Uuid
    key_id: Uuid
    sealing_key: PublicKey


class ContactStanding(Value):
    """Whether a contact is held for a hold, on what basis, which fields of it, and until which day at the latest."""

    hold_id: Uuid
    holding: Holding
    basis: Basis = "contract"
    fields: ContactFields = ()
    delete_by: Day | None = None


class ContactRead(ContactStanding):
    """What is held, and from which agency; `sealed` only while it is.

    `basis`: the agency's contract, not a traveller's consent. Held and not `sealed`: it does not open, which the audit
    has too.
    """

    agency: AgencyId
    sealed: Sealed | None = None


class AffectedContact(Value):
    """One booking whose contact was held; no personal value."""

    hold_id: Uuid
    community: CommunityId
    agency: AgencyId
    basis: Basis = "contract"
    fields: ContactFields
    held_from: Instant
    erased_at: Instant | None


# commands


class PrepareContact(Command[ContactPrepared]):
    """An agency asks for the key to seal a contact to. Whose hold it is, is settled by who asks first."""

    type: ClassVar[str] = "referral.prepare_contact.v1"
    hold_id: Uuid


class KeepContact(Command[ContactStanding]):
    """Keep this contact of an agency's hold, in the place of an earlier one, until it is over and `last_day` is past.

    So many days after it as the community keeps what is personal. Refused once the booking is over.
    """

    type: ClassVar[str] = "referral.keep_contact.v1"
    hold_id: Uuid
    key_id: Uuid
    sealed: Sealed
    last_day: Day


class MoveContact(Command[ContactStanding]):
    """The contact of a hold goes over to the one that has taken its place; `last_day` is that of the new one.

    Booking's fact does the same by itself. A contact that the new hold has already stays.
    """

    type: ClassVar[str] = "referral.move_contact.v1"
    hold_id: Uuid
    new_hold_id: Uuid
    last_day: Day


class ReadContact(Command[ContactRead]):
    """The acting community reads the contact of a booking, sealed to the reader's key. Each reading is audited."""

    type: ClassVar[str] = "referral.read_contact.v1"
    hold_id: Uuid
    reply_key: PublicKey


class EraseContact(Command[ContactStanding]):
    """Asked to forget: by the agency that gave it, or by the community. The booking goes on."""

    type: ClassVar[str] = "referral.erase_contact.v1"
    hold_id: Uuid


# queries


class ListAffectedContacts(Query[Several[AffectedContact]]):
    """After a breach: of which bookings this node held the contact at any time between two moments."""

    type: ClassVar[str] = "referral.list_affected_contacts.v1"
    since: Instant
    until: Instant
    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000
