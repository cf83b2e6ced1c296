"""An agency gives contacts of its bookings, and a community reads them: as the edges do it, over a store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from contracts.booking.v1 import BookingChanged, HoldState, HoldTimes
from contracts.contacts import v1
from contracts.contacts.v1 import Contact, ContactPrepared, ContactRead, ContactStanding
from contracts.principal import Agency, Principal
from contracts.values import CommunityId
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.client import contacts as edge
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.handlers.personal import contacts
from tests.support.principals import agency, member
from tests.support.referral import NOW, RECEIVER

MEKONG, OTHERS = agency("k2mekong22"), Agency(account="k2others22", agency="other-tours")
HOLD, NEXT, THIRD = (f"0190bbbb-0000-5000-8000-00000000000{n}" for n in range(3))
LAST_DAY = date(2027, 1, 15)
SOMCHAI = Contact(
    full_name="สมชาย ใจดี",
    email_address="somchai@example.org",
    phone_number="+66 81 555 0100",
    notes="No peanuts.\nArrives late.",
    locales=("th-TH", "en"),
)
Handler = Callable[[Any, Any], Awaitable[Any]]


class Contacts:
    """What agencies and communities say to referral about contacts."""

    def __init__(self, store: Store[ReferralUnitOfWork], community: CommunityId = RECEIVER) -> None:
        self.store, self.community = store, community

    async def ask(self, handler: Handler, command: Any, who: Principal, acting: CommunityId | None = None) -> Any:
        """One command, by somebody, in a transaction of its own."""
        async with self.store.acted_by(who).work(acting or self.community) as work:
            return await handler(command, work)

    async def prepared(self, hold: str = HOLD) -> ContactPrepared:
        """A key to seal to."""
        prepared: ContactPrepared = await self.ask(contacts.prepare, v1.PrepareContact(hold_id=hold), MEKONG)
        return prepared

    async def sealed(self, contact: Contact = SOMCHAI, hold: str = HOLD, last_day: date = LAST_DAY) -> v1.KeepContact:
        """What the edge says: the contact is inside, sealed."""
        return edge.sealed_to(await self.prepared(hold), contact, acting=self.community, last_day=last_day)

    async def given(self, contact: Contact = SOMCHAI, hold: str = HOLD, last_day: date = LAST_DAY) -> ContactStanding:
        """An agency gives a contact, and it is kept."""
        kept: ContactStanding = await self.ask(contacts.keep, await self.sealed(contact, hold, last_day), MEKONG)
        return kept

    async def moved(self, new: str = NEXT, old: str = HOLD, last_day: date = LAST_DAY) -> ContactStanding:
        """An agency says that a hold has taken the place of another."""
        command = v1.MoveContact(hold_id=old, new_hold_id=new, last_day=last_day)
        moved: ContactStanding = await self.ask(contacts.move, command, MEKONG)
        return moved

    async def answered(self, hold: str = HOLD, reader: edge.ContactReader | None = None) -> ContactRead:
        """What the community is answered when it reads."""
        command = v1.ReadContact(hold_id=hold, reply_key=(reader or edge.ContactReader(self.community)).reply_key)
        answer: ContactRead = await self.ask(contacts.read, command, member(self.community, "helper"))
        return answer

    async def read(self, hold: str = HOLD) -> Contact | None:
        """What the community reads; None when nothing is held."""
        reader = edge.ContactReader(self.community)
        return reader.open(await self.answered(hold, reader))

    async def erased(self, hold: str = HOLD, who: Principal = MEKONG) -> ContactStanding:
        """Somebody who may wants it forgotten."""
        erased: ContactStanding = await self.ask(contacts.erase, v1.EraseContact(hold_id=hold), who)
        return erased

    async def ended(
        self, state: HoldState = "CANCELLED", hold: str = HOLD, replaced_by: str | None = None, **about: Any
    ) -> None:
        """Booking says how a booking stands."""
        usual = {
            "community": self.community,
            "agency": MEKONG.agency,
            "times": HoldTimes(placed_at=NOW, changed_at=NOW),
        }
        fact = BookingChanged(**(usual | about), hold_id=hold, state=state, replaced_by=replaced_by)
        async with self.store.work(EVERYONE) as work:
            await contacts.booking_changed(fact, work)
