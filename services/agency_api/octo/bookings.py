"""Reserving, confirming, changing and cancelling: what is asked is written down first, then booking is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from contracts.booking.v1 import HoldState
from contracts.contacts.v1 import Contact
from services.agency_api.domain.bookings import Found, Guest, Request, Standing, Wish, held_until
from services.agency_api.domain.ids import hold_id
from services.agency_api.domain.products import MOST_NIGHTS, Choice
from services.agency_api.domain.seeking import window
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import contacting, problems, reading, refusing, showing, wishing
from services.agency_api.octo.asked import AskedUnitItem, Cancel, Change, Confirm, Extend, Reserve
from services.agency_api.octo.showing import Echo
from services.agency_api.octo.starting import Looking
from services.agency_api.site.asking import Asking
from services.agency_api.site.holding import Holding, Live, Trial
from services.agency_api.site.problem import OctoProblem
from services.chassis.ports import EVERYONE

#: Where none is said that could be, which is refused once the product and its option are known.
ANY_DAY = date(2026, 1, 1)
#: Nothing is told back.
NO_ECHO = Echo()
A = TypeVar("A")
Act = Callable[[Asking, str, A], Coroutine[Any, Any, dict[str, Any]]]


def opened_anew(act: Act[A]) -> Act[A]:
    """An act on a booking that somebody else changes at the same time: it is opened once more, as it is then."""

    @wraps(act)
    async def acted(asking: Asking, uuid: str, asked: A) -> dict[str, Any]:
        try:
            return await act(asking, uuid, asked)
        except refusing.ChangedMeanwhile:
            return await act(asking, uuid, asked)

    return acted


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A booking with what is needed to act on it and to show it."""

    asking: Asking
    found: Found
    supply: Supply
    now: datetime

    @property
    def state(self) -> HoldState:
        """Its state now."""
        return self.found.standing.state_at(self.now)

    @property
    def holding(self) -> Holding:
        """Where its places are."""
        is_test = self.found.request.test
        return Trial(self.supply, self.now) if is_test else Live(self.asking)

    def chosen(self, product: str, option: str) -> Choice:
        """An option of the same community."""
        if product.partition(".")[0] != self.found.request.wish.community:
            raise problems.unprocessable("productId: a booking stays with its community. Book there, then cancel this")
        return reading.chosen_of(self.supply, product, option, self.now)

    def shown(self, echo: Echo) -> dict[str, Any]:
        """As it is answered."""
        return showing.booking(self.found, self.supply, self.now, self.asking, echo)


async def reserve(asking: Asking, asked: Reserve) -> dict[str, Any]:
    """Hold places; the same request again is answered with what became of the first."""
    community, day = reading.community_of(asking, asked.product_id), wishing.day_said(asked.availability_id)
    async with asking.store.statements() as work:
        near = day or ANY_DAY
        supply: Supply | None = await work.supply(asking.agency, community, *window(near, near, MOST_NIGHTS))
        if supply is None:
            raise problems.unknown_product(asked.product_id)
        now = supply.read_at
        chosen = reading.chosen_of(supply, asked.product_id, asked.option_id, now)
        request = wishing.request_of(asking, asked, chosen, supply, now)
        before = None if await work.ask(request) else await work.asked(asking.agency, request.uuid)
    echo = echo_of(asked)
    if before is not None:
        request, standing = _the_same(before, request)
        if standing is not None:
            found = Found(request, standing)
            return Opened(asking=asking, found=found, supply=supply, now=now).shown(echo)
    standing = await _place(asking, request, chosen, supply, now)
    return Opened(asking=asking, found=Found(request, standing), supply=supply, now=now).shown(echo)


def _the_same(before: tuple[Request, Standing | None], now: Request) -> tuple[Request, Standing | None]:
    """What was asked under this uuid before. Raises OctoProblem when it was something else."""
    if before[0].digest != now.digest:
        raise problems.unprocessable("uuid: you have used it for another booking. Give each booking one of its own")
    return before


async def _place(asking: Asking, request: Request, chosen: Choice, supply: Supply, now: datetime) -> Standing:
    """Ask for the places; a request that was refused leaves its uuid free."""
    try:
        if request.test:
            refusing.judge(Looking(supply=supply, choice=chosen, now=now), request.wish, asking)
            return await _try_out(asking, request, chosen, supply, now)
        standing = await refusing.or_problem(Live(asking).place(request, chosen), asking, request.uuid)
    except OctoProblem as problem:
        if not problem.is_open:
            async with asking.store.statements() as work:
                await work.forget_request(request)
        raise
    async with asking.store.statements() as work:
        await work.keep_standing(standing)
    return standing


async def _try_out(asking: Asking, request: Request, chosen: Choice, supply: Supply, now: datetime) -> Standing:
    """Hold for trying, if the agency does not hold too many so; all in one transaction, so that they can be counted."""
    async with asking.store.work(EVERYONE) as work:
        refusing.judge_room(await work.tried_out(request), asking)
        standing = await Trial(supply, now).place(request, chosen)
        await work.keep_standing(standing)
    return standing


async def show(asking: Asking, uuid: str) -> dict[str, Any]:
    """One booking; contacts are not told back."""
    return (await opened(asking, uuid)).shown(NO_ECHO)


@opened_anew
async def extend(asking: Asking, uuid: str, asked: Extend) -> dict[str, Any]:
    """Hold on."""
    one = await _to_act_on(asking, uuid)
    _has_to_be(one, "ON_HOLD")
    until = held_until(one.now, asked.expiration_minutes)
    one = await _stands(one, one.holding.extend(one.found, until))
    return one.shown(NO_ECHO)


@opened_anew
async def confirm(asking: Asking, uuid: str, asked: Confirm) -> dict[str, Any]:
    """Make a hold a booking; one that is confirmed, or asks the community already, is answered as it stands."""
    contact = contacting.contact_of(asked.contact, asked.notes)
    one = await _to_act_on(asking, uuid)
    is_held = one.state not in ("CONFIRMED", "PENDING", "REDEEMED")
    if is_held:
        _has_to_be(one, "ON_HOLD")
        if contact is None:
            raise problems.bad_request("contact: say whom the community may reach, at least by name")
        one = await _with_guests(one, asked.unit_items)
    if contact is not None and one.state != "REDEEMED":
        await _told(one, contact)
    if is_held:
        one = await _stands(one, one.holding.confirm(one.found))
    if asked.reseller_reference is not None:
        one = await _noted(one, one.found.request.wish.guests, asked.reseller_reference)
    return one.shown(echo_of(asked))


@opened_anew
async def change(asking: Asking, uuid: str, asked: Change) -> dict[str, Any]:
    """Change what is given and nothing else, in one transaction, or not at all."""
    contact = contacting.contact_of(asked.contact, asked.notes)
    one = await _to_act_on(asking, uuid)
    _has_to_be(one, "ON_HOLD", "PENDING", "CONFIRMED")
    wish = one.found.request.wish
    if asked.product_id or asked.option_id or asked.availability_id:
        if asked.product_id:
            await reading.product(asking, asked.product_id)
        chosen = one.chosen(asked.product_id or wish.product, asked.option_id or wish.option)
        start = asked.availability_id or chosen.availability_id(wish.day, wish.start)
        items = asked.unit_items
        if items is None and (other := next((g.unit for g in wish.guests if g.unit not in chosen.units), None)):
            raise problems.unknown_unit(other)
        guests = wish.guests if items is None else wishing.guests_of(chosen, items, one.found.request.uuid, wish.guests)
        one = await _with_wish(one, wishing.wish_of(chosen, start, guests), chosen)
    else:
        one = await _with_guests(one, asked.unit_items)
    if contact is not None:
        await _told(one, contact)
    if asked.expiration_minutes is not None and one.state == "ON_HOLD":
        one = await _stands(one, one.holding.extend(one.found, held_until(one.now, asked.expiration_minutes)))
    if asked.reseller_reference is not None:
        one = await _noted(one, one.found.request.wish.guests, asked.reseller_reference)
    return one.shown(echo_of(asked))


@opened_anew
async def cancel(asking: Asking, uuid: str, asked: Cancel) -> dict[str, Any]:
    """Give the places back; one that is cancelled stays so."""
    one = await _to_act_on(asking, uuid)
    if one.state != "CANCELLED":
        _has_to_be(one, "ON_HOLD", "PENDING", "CONFIRMED")
        one = await _stands(one, one.holding.cancel(one.found))
    return one.shown(echo_of(asked))


async def opened(asking: Asking, uuid: str) -> Opened:
    """A booking of this agency under this base URL. Raises OctoProblem when there is none."""
    try:
        own = wishing.uuid_of(uuid)
    except OctoProblem:
        raise problems.unknown_booking(uuid) from None
    async with asking.store.statements() as work:
        asked = await work.asked(asking.agency, own)
        request, standing = asked or (None, None)
        if request is None or standing is None or asking.community not in (None, request.wish.community):
            raise problems.unknown_booking(uuid)
        day = request.wish.day
        supply: Supply | None = await work.supply(asking.agency, request.wish.community, *window(day, day, MOST_NIGHTS))
        if supply is None:
            raise problems.unknown_booking(uuid)
    return Opened(asking=asking, found=Found(request, standing), supply=supply, now=supply.read_at)


async def _to_act_on(asking: Asking, uuid: str) -> Opened:
    """A booking of the kind that the request says, for real or for trying, with no change of it left open."""
    one = await opened(asking, uuid)
    request = one.found.request
    if request.test != asking.is_test:
        kind = "a test booking: send Octo-Env: test" if request.test else "no test booking: leave Octo-Env out"
        raise problems.unknown_booking(uuid, f"It is {kind}")
    if request.change is None:
        return one
    chosen = one.chosen(request.change["product"], request.change["option"])
    return await _become(one, request.changed(), chosen)


def _has_to_be(one: Opened, *states: HoldState) -> None:
    """Raises OctoProblem: what has run out is not there to be confirmed, other states say what they are."""
    if one.state in states:
        return
    if one.state == "EXPIRED":
        raise problems.unknown_booking(one.found.request.uuid, "The hold has expired: reserve again, with a new uuid")
    raise problems.unprocessable(f"The booking is {one.state}: this cannot be done to it any more")


async def _with_guests(one: Opened, items: Sequence[AskedUnitItem] | None) -> Opened:
    """For other guests, if any are named."""
    if items is None:
        return one
    wish = one.found.request.wish
    chosen = one.chosen(wish.product, wish.option)
    return await _with_wish(
        one, replace(wish, guests=wishing.guests_of(chosen, items, one.found.request.uuid, wish.guests)), chosen
    )


async def _with_wish(one: Opened, wish: Wish, chosen: Choice) -> Opened:
    """Another start, option or party: a new hold takes the place of the old one, or nothing changes."""
    old = one.found.request
    if wish.same_places(old.wish):
        return one if wish == old.wish else await _noted(one, wish.guests, None)
    hold = hold_id(old.agency, old.uuid, old.revision + 1)
    percent = one.supply.percent if one.supply.terms else old.percent
    new = replace(old, hold_id=hold, wish=wish, percent=percent)  # its code stays: the guests have it
    if old.test:
        refusing.judge(Looking(supply=one.supply, choice=chosen, now=one.now), wish, one.asking)
    async with one.asking.store.statements() as work:
        if not await work.intend(old, new.change_of()):
            raise problems.unprocessable("Another change of this booking is under way: ask again in a moment")
    return await _become(one, new, chosen)


async def _become(one: Opened, new: Request, chosen: Choice) -> Opened:
    """Do the change that is written down; also one that somebody before was not told of."""
    old = one.found.request
    standing = await _replaced(one, new, chosen)
    last = contacting.last_day(new.wish, chosen)
    await refusing.or_problem(one.holding.move(one.found, new, last), one.asking, old.uuid)
    async with one.asking.store.work(EVERYONE) as work:
        await work.keep_standing(standing)
        await work.become(old, new)
    return await opened(one.asking, old.uuid)


async def _replaced(one: Opened, new: Request, chosen: Choice) -> Standing:
    """Ask for the change; one that was refused is not under way any more."""
    old = one.found.request
    try:
        return await refusing.or_problem(one.holding.replace(one.found, new, chosen), one.asking, old.uuid)
    except OctoProblem as problem:
        if not problem.is_open:
            async with one.asking.store.statements() as work:
                await work.leave_be(old)
        raise


async def _stands(one: Opened, asked: Awaitable[Standing]) -> Opened:
    """Ask, and keep how the hold stands then."""
    standing = await refusing.or_problem(asked, one.asking, one.found.request.uuid)
    async with one.asking.store.statements() as work:
        await work.keep_standing(standing)
    return replace(one, found=Found(one.found.request, standing))


async def _told(one: Opened, contact: Contact) -> None:
    """Let the community know whom it may reach."""
    wish = one.found.request.wish
    last = contacting.last_day(wish, one.chosen(wish.product, wish.option))
    await refusing.or_problem(one.holding.tell(one.found, contact, last), one.asking, one.found.request.uuid)


async def _noted(one: Opened, guests: Sequence[Guest], reference: str | None) -> Opened:
    """Other references, and nothing that booking knows of."""
    request = one.found.request
    async with one.asking.store.statements() as work:
        await work.note(request, reference, guests)
    wish = replace(request.wish, guests=tuple(guests))
    changed = replace(request, wish=wish, reseller_reference=reference or request.reseller_reference)
    return replace(one, found=Found(changed, one.found.standing))


def echo_of(asked: Reserve | Confirm | Change | Cancel) -> Echo:
    """What of a request is told back."""
    if isinstance(asked, Cancel):
        return Echo(reason=asked.reason)
    guests = tuple(item.contact for item in asked.unit_items or ())
    return Echo(contact=asked.contact, notes=asked.notes, guests=guests)
