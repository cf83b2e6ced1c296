"""Own guests, who come without a handoff: by day, one booking, and what is done with it. No names anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Literal, get_args

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.booking.v1 import (
    AskBooking,
    BookingView,
    ChangeBooking,
    HoldState,
    ListBookings,
    ReplaceBooking,
    Reserve,
)
from contracts.contacts.v1 import ReadContact
from services.client import formatting
from services.portal.site import pending
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute
from services.portal.site.promised import STATE_OF_HOLD, Promised, promised

Act = Literal["confirm", "approve", "reject", "cancel", "redeem", "extend"]
#: What can be done in which state; what makes good comes first.
ACTS: Mapping[HoldState, tuple[Act, ...]] = {
    "ON_HOLD": ("confirm", "extend", "cancel"),
    "PENDING": ("approve", "reject"),
    "CONFIRMED": ("redeem", "cancel"),
}
#: These cannot be called back, and are asked again.
ASKED_TWICE: frozenset[Act] = frozenset({"cancel", "redeem", "reject"})
#: What is done with what an agency has booked: it confirms, extends and changes it itself.
OF_AGENCIES: frozenset[Act] = frozenset({"approve", "reject", "redeem", "cancel"})
CHANGEABLE: frozenset[HoldState] = frozenset({"ON_HOLD", "PENDING", "CONFIRMED"})
#: So many days are listed.
LISTED_DAYS = 90
EXTENDED = timedelta(hours=24)


async def show_all(page: PageContext) -> Response:
    """Who comes from today on, or from the day that is asked for, by day."""
    known, today = await page.known(), formatting.local(page.now).date()
    first = _day(page.request.query_params.get("day", "")) or today
    asked = ListBookings(first=first, last=first + timedelta(days=LISTED_DAYS), live=True, limit=500)
    own = [promised(known, each) for each in await page.list(asked) if each.referral_id is None]
    return page.render(
        "guests.html", live=True, known=known, first=first, days=by_day(own, first), may_book=page.may(Reserve),
        agencies=await pending.names(page, [each.booking.agency for each in own]),
    )  # fmt: skip


def by_day(guests: Iterable[Promised], first: date) -> Mapping[date, Sequence[Promised]]:
    """Parties by the day on which they come, in order; those who came before stand on the first day."""
    found: dict[date, list[Promised]] = {}
    for one in sorted(guests, key=lambda one: (max(one.first, first), one.booking.placed_at)):
        found.setdefault(max(one.first, first), []).append(one)
    return found


async def show(page: PageContext) -> Response:
    """One booking, with what can be done."""
    booking = await asked_booking(page)
    if booking.referral_id:
        return page.redirect(f"/handoffs/{booking.referral_id}")
    first = min(item.day for item in booking.items)
    acts = acts_of(booking, formatting.local(page.now).date()) if page.may(ChangeBooking) else ()
    return page.render(
        "guest.html", live=True, known=await page.known(), booking=booking, first=first, acts=acts,
        last=max(item.day + timedelta(days=item.nights - 1) for item in booking.items),
        state=STATE_OF_HOLD[booking.state], asked_twice=ASKED_TWICE,
        agencies=await pending.names(page, [booking.agency]),
        may_read=booking.agency is not None and page.may(ReadContact),
        may_change=booking.agency is None and booking.state in CHANGEABLE and page.may(ReplaceBooking),
    )  # fmt: skip


def acts_of(booking: BookingView, today: date) -> tuple[Act, ...]:
    """What can be done now: they are received from the eve of the first day on."""
    eve = min(item.day for item in booking.items) - timedelta(days=1)
    can = [act for act in ACTS.get(booking.state, ()) if booking.agency is None or act in OF_AGENCIES]
    return tuple(act for act in can if act != "redeem" or today >= eve)


async def ask_again(page: PageContext) -> Response:
    """A page to confirm what cannot be called back."""
    act, booking = _act(page), await asked_booking(page)
    if act not in ASKED_TWICE:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    names = await pending.names(page, [booking.agency])
    return page.render("guest_confirm.html", known=await page.known(), booking=booking, act=act, agencies=names)


async def act_on(page: PageContext) -> Response:
    """Do it."""
    act, hold_id = _act(page), str(page.request.path_params["hold"])
    until = await _longer(page) if act == "extend" else None
    await page.ask(ChangeBooking(hold_id=hold_id, act=act, expires_at=until))
    return page.redirect(f"/guests/{hold_id}" if act not in ("cancel", "reject") else "/guests")


async def _longer(page: PageContext) -> datetime:
    booking = await asked_booking(page)
    return max(booking.expires_at or page.now, page.now) + EXTENDED


async def asked_booking(page: PageContext) -> BookingView:
    """The booking of the address. Raises Refused when it is not one of the own ones."""
    return await page.ask(AskBooking(hold_id=str(page.request.path_params["hold"])))


def _act(page: PageContext) -> Act:
    wanted = page.request.path_params["act"]
    found: Act | None = next((act for act in get_args(Act) if act == wanted), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= date.max - timedelta(days=LISTED_DAYS) else None


PAGES = (
    PageRoute("GET", "/guests", show_all, asks=ListBookings),
    PageRoute("GET", "/guests/{hold:uuid}", show, asks=AskBooking),
    PageRoute("GET", "/guests/{hold:uuid}/{act}", ask_again, asks=ChangeBooking),
    PageRoute("POST", "/guests/{hold:uuid}/{act}", act_on, asks=ChangeBooking),
)
