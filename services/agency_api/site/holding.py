"""Places of an agency's booking: asked of booking for real, or played through for trying out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from contracts.booking.v1 import AskBooking, ChangeBooking, ReplaceBooking, Reserve
from contracts.cancelling import refund_percent, rule_of
from contracts.contacts.v1 import Contact, MoveContact, PrepareContact
from contracts.holding import longest
from contracts.pricing import quote
from contracts.refusals import No
from contracts.values import Quote
from services.agency_api.domain import trial
from services.agency_api.domain.bookings import Found, Request, Standing, Wish, standing_of
from services.agency_api.domain.ids import command_id
from services.agency_api.domain.products import Choice, party
from services.agency_api.domain.supply import Supply
from services.agency_api.site.asking import Asking
from services.client.answers import Refused
from services.client.contacts import sealed_to


class Holding(Protocol):
    """What becomes of places; each returns how the hold stands then. Raises Refused, Unavailable or NotKnownYet.

    All may be asked again for the same request: it is done once.
    """

    async def place(self, request: Request, choice: Choice) -> Standing:
        """Hold what is wished until the request's `expires_at`."""

    async def extend(self, found: Found, until: datetime) -> Standing:
        """Hold on until then, never shorter."""

    async def confirm(self, found: Found) -> Standing:
        """Make it a booking, or ask the community whether it is one."""

    async def tell(self, found: Found, contact: Contact, last_day: date) -> None:
        """Let the community know whom it may reach: sealed here, kept in its own room until so long after the visit."""

    async def move(self, found: Found, new: Request, last_day: date) -> None:
        """Whom it may reach goes along with a booking that another hold has taken over."""

    async def cancel(self, found: Found) -> Standing:
        """Give the places back."""

    async def replace(self, found: Found, new: Request, choice: Choice) -> Standing:
        """Take the new and return the old, or change nothing; how the new hold stands."""

    async def replacing(self, found: Found) -> Standing | None:
        """How the hold of the change that is written down stands; None when it has not taken the place of the old."""


class Live:
    """Asks booking, on behalf of the agency."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def place(self, request: Request, choice: Choice) -> Standing:
        wish = request.wish
        wanted = Reserve(
            hold_id=request.hold_id,
            party=party([guest.unit for guest in wish.guests]),
            items=(choice.item(wish.day, wish.start),),
            confirm=False,
            expires_at=request.expires_at,
        )
        command = command_id("reserve", request.hold_id, request.digest.hex())
        view = await self._asking.bus(wish.community).send(wanted, command_id=command)
        return standing_of(view, request.agency)

    async def extend(self, found: Found, until: datetime) -> Standing:
        wanted = ChangeBooking(hold_id=found.request.hold_id, act="extend", expires_at=until)
        return await self._change(found, wanted, until.isoformat())

    async def confirm(self, found: Found) -> Standing:
        return await self._change(found, ChangeBooking(hold_id=found.request.hold_id, act="confirm"))

    async def tell(self, found: Found, contact: Contact, last_day: date) -> None:
        community, hold = found.request.wish.community, found.request.hold_id
        prepared = await self._asking.bus(community).send(PrepareContact(hold_id=hold))
        await self._asking.bus(community).send(sealed_to(prepared, contact, acting=community, last_day=last_day))

    async def move(self, found: Found, new: Request, last_day: date) -> None:
        wanted = MoveContact(hold_id=found.request.hold_id, new_hold_id=new.hold_id, last_day=last_day)
        try:
            await self._asking.bus(new.wish.community).send(wanted)
        except Refused as no:
            if no.code is not No.UNKNOWN:  # none was given yet
                raise

    async def cancel(self, found: Found) -> Standing:
        return await self._change(found, ChangeBooking(hold_id=found.request.hold_id, act="cancel"))

    async def replace(self, found: Found, new: Request, choice: Choice) -> Standing:
        wish = new.wish
        wanted = ReplaceBooking(
            hold_id=found.request.hold_id,
            new_hold_id=new.hold_id,
            party=party([guest.unit for guest in wish.guests]),
            items=(choice.item(wish.day, wish.start),),
        )
        command = command_id("replace", new.hold_id, repr(_wanted(wish)))
        view = await self._asking.bus(wish.community).send(wanted, command_id=command)
        return standing_of(view, new.agency)

    async def replacing(self, found: Found) -> Standing | None:
        new, bus = found.request.changed(), self._asking.bus(found.request.wish.community)
        old = await bus.send(AskBooking(hold_id=found.request.hold_id))
        if old.state != "CANCELLED" or old.cancelled is not None:
            return None
        return standing_of(await bus.send(AskBooking(hold_id=new.hold_id)), new.agency)

    async def _change(self, found: Found, wanted: ChangeBooking, more: str = "") -> Standing:
        command = command_id(wanted.act, wanted.hold_id, more)
        view = await self._asking.bus(found.request.wish.community).send(wanted, command_id=command)
        return standing_of(view, found.request.agency)


class Trial:
    """Takes nothing from anybody; whether there is room was judged before."""

    def __init__(self, supply: Supply, now: datetime) -> None:
        self._supply, self._now = supply, now

    async def place(self, request: Request, choice: Choice) -> Standing:
        until = min(request.expires_at, self._begins(request.wish))
        return trial.placed(replace(request, expires_at=until), self._quote(request.wish, choice), self._now)

    async def extend(self, found: Found, until: datetime) -> Standing:
        wish, now = found.request.wish, self._now
        experience = self._supply.experience(wish.product)
        begins = self._begins(wish)
        notice = self._supply.notice_hours(experience) if experience else 0
        until = longest(until, found.standing.placed_at, begins, begins - timedelta(hours=notice), now)
        return trial.extended(found.standing, until, now)

    async def confirm(self, found: Found) -> Standing:
        return trial.confirmed(found.standing, self._now)

    async def tell(self, found: Found, contact: Contact, last_day: date) -> None:
        """Nobody is told of what is tried out."""

    async def move(self, found: Found, new: Request, last_day: date) -> None:
        """Nothing is kept of it."""

    async def cancel(self, found: Found) -> Standing:
        wish = found.request.wish
        experience = self._supply.experience(wish.product)
        if experience is None or found.standing.state != "CONFIRMED":
            return trial.cancelled(found.standing, 100, self._now)
        rule = rule_of(experience, self._supply.notice_hours(experience))
        return trial.cancelled(found.standing, refund_percent(rule, self._begins(wish), self._now), self._now)

    async def replace(self, found: Found, new: Request, choice: Choice) -> Standing:
        return trial.replaced(new, self._quote(new.wish, choice), found.standing, self._now)

    async def replacing(self, found: Found) -> Standing | None:
        """Nobody is asked for it: it is done here or not at all."""

    def _begins(self, wish: Wish) -> datetime:
        return self._supply.situation.host.moment(wish.day, wish.start)

    def _quote(self, wish: Wish, choice: Choice) -> Quote:
        guests = party([guest.unit for guest in wish.guests])
        return quote(self._supply.offering, guests, [choice.item(wish.day, wish.start)])


def _wanted(wish: Wish) -> tuple[str, ...]:
    """What a change asks booking for."""
    units = sorted(guest.unit for guest in wish.guests)
    return wish.product, wish.option, wish.day.isoformat(), wish.start.isoformat(), *units
