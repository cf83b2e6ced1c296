"""The contact of an agency's booking: how it stands, whose it is, and when it goes. No value of it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.community.v1 import Offering
from contracts.contacts.v1 import Basis, Contact, ContactFields, ContactStanding
from contracts.personal.v1 import ErasedFor, Erasure, Holding
from contracts.principal import Agency, Principal
from contracts.refusals import No, Refused
from contracts.sentences import Unfit
from contracts.values import CommunityId

#: Kept so long where a community has not said how long.
RETENTION_DAYS = 30
#: States of a hold in which the agency's contract asks for no contact any more; a used booking keeps it for its days.
OVER: Mapping[str, str] = {"CANCELLED": "cancelled", "EXPIRED": "expired", "REJECTED": "rejected"}


@dataclass(frozen=True, slots=True)
class Kept:
    """One hold of an agency, and how it stands with its contact; `earlier` are the holds that it came over from."""

    hold_id: str
    community: CommunityId
    agency: str
    ended: str | None = None
    earlier: tuple[str, ...] = ()
    basis: Basis | None = None
    fields: ContactFields = ()
    delete_by: date | None = None
    held_from: datetime | None = None
    held_until: datetime | None = None

    @property
    def holding(self) -> Holding:
        """Never had one, has one, had one."""
        if self.held_from is None:
            return "none"
        return "held" if self.held_until is None else "erased"

    @property
    def standing(self) -> ContactStanding:
        """As it is answered; fields and day only while it is held."""
        held = self.holding == "held"
        return ContactStanding(
            hold_id=self.hold_id,
            holding=self.holding,
            fields=self.fields if held else (),
            delete_by=self.delete_by if held else None,
        )


def agency_of(principal: Principal | None) -> str:
    """The agency that acts. Raises Refused for anybody else: what nobody's contract covers is not kept."""
    if not isinstance(principal, Agency):
        raise Refused(No.NOT_ALLOWED, "contacts_come_from_agencies", "principal")
    return principal.agency


def own(kept: Kept | None, agency: str | None) -> Kept:
    """What this agency, or for None the acting community, may touch. Raises Refused as if nothing else existed."""
    if kept is None or (agency is not None and kept.agency != agency):
        raise Refused(No.UNKNOWN, "no_such_booking", "hold_id")
    return kept


def may_keep(kept: Kept) -> None:
    """Raises Refused when the booking is over: what comes late is not kept."""
    if kept.ended is not None:
        raise Refused(No.WRONG_STATE, "no_contact_once_over", "hold_id")


def filled(contact: Contact) -> Contact:
    """The contact, if anything is in it. Raises ValueError, which quotes no value."""
    if not contact.given:
        raise Unfit("contact_is_empty")
    return contact


def delete_by(last_day: date, host: Offering | None) -> date:
    """Until when a contact may be kept: the last day of the visit, and the community's own retention after it."""
    return last_day + timedelta(days=host.community.retention_days if host else RETENTION_DAYS)


def goes_over(old: Kept, new: Kept) -> bool:
    """Whether the contact of a replaced hold becomes that of the one in its place: of the same agency, and needed."""
    ours = (old.agency, old.community) == (new.agency, new.community)
    return ours and old.holding == "held" and new.holding != "held" and new.ended is None


def why_erased(erased_for: ErasedFor, ended: str | None) -> str:
    """The reason, as the audit says it."""
    return OVER[ended] if ended else erased_for


def lines(
    kept: Kept, why: ErasedFor, now: datetime, new_id: Callable[[], str], *, ended: str | None = None
) -> tuple[Erasure, ...]:
    """The lines of the ledger: of this hold and of those from which the contact came over, which a backup may have."""
    return tuple(
        Erasure(
            referral_id=hold, community=kept.community, at=now, why=why, receipt=new_id(), of="contact", ended=ended
        )
        for hold in (kept.hold_id, *kept.earlier)
    )
