"""What is asked of a transaction about the contacts of agencies' bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from contracts.contacts.v1 import AffectedContact, ContactPrepared, KeepContact, ListAffectedContacts
from contracts.personal.v1 import Erasure, Sealed
from services.referral.domain.personal.contacts import Kept


class Contacts(Protocol):
    """The part of the personal room that keeps what agencies give under their contract."""

    async def claim_contact(self, hold_id: str, agency: str) -> Kept | None:
        """The acting community's hold, this agency's from now on if it was nobody's; locked. None: another's."""

    async def contact_of(self, hold_id: str) -> Kept | None:
        """How it stands with one hold, as far as the acting community may see; locked."""

    async def take_contact(self, kept: Kept) -> Kept:
        """The hold as it stands, or this one from now on if it was nobody's; locked. For the service itself."""

    async def end_contact(self, kept: Kept, state: str) -> Kept:
        """The booking has ended so; what is kept for it stands as it did. Locked."""

    async def contact_key(self, kept: Kept) -> ContactPrepared:
        """What the next contact of this hold is to be sealed to; the same until one was opened with it."""

    async def keep_contact(self, kept: Kept, given: KeepContact, delete_by: date) -> Kept:
        """Open and keep it in the place of an earlier one. Raises ValueError, which quotes nothing."""

    async def move_contact(self, old: Kept, new: Kept, delete_by: date) -> Kept:
        """Keep the contact of one hold under another, and nothing under the first. Raises CannotOpen."""

    async def contact_due(self, kept: Kept, delete_by: date) -> Kept:
        """Keep it until this day at the latest."""

    async def contact_to_read(self, kept: Kept, reply_key: str) -> Sealed | None:
        """What is held, sealed to a reader's key; None: nothing is. Raises CannotOpen, and ValueError for no key."""

    async def destroy_contacts(self, erased: Sequence[Erasure]) -> None:
        """Destroy what these lines say is erased, and what would be sealed next; they go into the ledger."""

    async def drop_contact_key(self, kept: Kept) -> None:
        """Nothing more will be sealed for this hold."""

    async def outlived_contacts(self, today: date, limit: int) -> Sequence[Kept]:
        """Those that are due to go; locked, those locked elsewhere left out."""

    async def contacts_brought_back(self, erased: Sequence[Erasure]) -> Sequence[Kept]:
        """Those that are held although they were erased after they came: a backup was restored. Locked."""

    async def tidy_contacts(self, key_days: int, empty_days: int, days: int, limit: int) -> int:
        """Drop keys that nothing was sealed to in time, and holds for which nothing is kept any more."""

    async def affected_contacts(self, query: ListAffectedContacts) -> Sequence[AffectedContact]:
        """Which were held at any time between two moments; a community sees its own, newest first."""
