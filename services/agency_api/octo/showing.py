"""A booking as OCTO has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.booking.v1 import HoldState
from contracts.values import Quote
from services.agency_api.domain.bookings import Found, Guest, Standing, Wish
from services.agency_api.domain.products import Choice, UnitId, choice
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import selling, starting
from services.agency_api.octo.asked import AskedContact
from services.agency_api.octo.objects import NOBODY, Booking, Cancellation, Contact, DeliveryOption, Ticket, UnitItem
from services.agency_api.octo.starting import Looking
from services.agency_api.site.asking import Asking
from services.agency_api.site.instants import utc, utc_or_none

#: Which lines of a price one unit is in.
_LINES: Mapping[UnitId, tuple[str, ...]] = {
    "adult": ("adult", "item"), "child": ("child", "item"), "item": ("item",), "infant": (),
}  # fmt: skip


#: In which states there is something to show on arrival.
SHOWN: frozenset[HoldState] = frozenset({"CONFIRMED", "REDEEMED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What of a request is told back and kept nowhere here: contacts, notes, the reason of a cancellation."""

    contact: AskedContact | None = None
    notes: str | None = None
    reason: str | None = None
    guests: tuple[AskedContact | None, ...] = ()

    def of_guest(self, number: int) -> Contact:
        """The contact given for one guest."""
        return contact(self.guests[number] if number < len(self.guests) else None)


def echoed(body: dict[str, Any], echo: Echo) -> dict[str, Any]:
    """A booking that was answered before, with what this request says of people put back into it."""
    whole = {**body, "contact": contact(echo.contact).wire(), "notes": echo.notes}
    items = enumerate(body["unitItems"])
    whole["unitItems"] = [{**item, "contact": echo.of_guest(number).wire()} for number, item in items]
    if body["cancellation"]:
        whole["cancellation"] = {**body["cancellation"], "reason": echo.reason}
    return whole


def contact(given: AskedContact | None) -> Contact:
    """A contact with every field of the standard."""
    if given is None:
        return NOBODY
    return Contact(**{**given.model_dump(), "locales": given.locales or ()})


def booking(found: Found, supply: Supply, now: datetime, asking: Asking, echo: Echo | None = None) -> dict[str, Any]:
    """The whole booking; contact and notes only as an echo of the request being answered."""
    request, standing, echo = found.request, found.standing, echo or Echo()
    state = standing.state_at(now)
    whole = Booking(
        id=request.uuid,
        uuid=request.uuid,
        test_mode=request.test,
        reseller_reference=request.reseller_reference,
        supplier_reference=request.supplier_reference,
        status=state,
        **_times(standing, state),
        product_id=request.wish.product,
        option_id=request.wish.option,
        cancellable=_is_cancellable(state, request.wish, supply, now),
        cancellation=_cancellation(found, state, echo.reason),
        freesale=False,
        contact=contact(echo.contact),
        notes=echo.notes,
        delivery_methods=selling.METHODS,
        voucher=_voucher(found, state),
        **_sold(found, supply, now, state, asking, echo),
    )
    return whole.wire()


def _times(standing: Standing, state: HoldState) -> dict[str, Any]:
    runs = state in ("ON_HOLD", "PENDING", "EXPIRED")
    return {
        "utc_created_at": utc(standing.placed_at),
        "utc_updated_at": utc(standing.changed_at),
        "utc_expires_at": utc_or_none(standing.expires_at) if runs else None,
        "utc_redeemed_at": utc_or_none(standing.redeemed_at),
        "utc_confirmed_at": utc_or_none(standing.confirmed_at),
    }


def _sold(found: Found, supply: Supply, now: datetime, state: HoldState, asking: Asking, echo: Echo) -> dict[str, Any]:
    """What is booked, as far as the community still offers it."""
    request, quote = found.request, found.standing.quote
    wish = request.wish
    guests = enumerate(wish.guests)
    experience = supply.experience(wish.product)
    chosen = choice(supply.offering, experience, wish.option) if experience else None
    if experience is None or chosen is None:
        items = tuple(_item(guest, number, found, state, echo, {}) for number, guest in guests)
        return {"availability_id": None, "availability": None, "unit_items": items}
    looking = Looking(supply=supply, choice=chosen, now=now)
    given: dict[str, Any] = {
        "product": selling.whole_product(supply, experience, asking),
        "option": selling.whole_option(supply, chosen, asking),
        "availability_id": chosen.availability_id(wish.day, wish.start),
        "availability": starting.availability(looking, looking.at(wish.day, wish.start), asking),
        "unit_items": tuple(
            _item(guest, number, found, state, echo, _of_item(guest, found, supply, chosen, asking))
            for number, guest in guests
        ),
    }
    if asking.has("pricing"):
        minor = quote.total.minor if quote else sum(chosen.price(guest.unit) for guest in wish.guests)
        given["pricing"] = selling.total(supply, minor, request.percent)
    return given


def _of_item(guest: Guest, found: Found, supply: Supply, chosen: Choice, asking: Asking) -> dict[str, Any]:
    """What is said of a guest's unit; its price is the one that was agreed, whatever the community asks for now."""
    given: dict[str, Any] = {"unit": selling.whole_unit(supply, chosen, guest.unit, asking)}
    if asking.has("pricing"):
        quote = found.standing.quote
        minor = chosen.price(guest.unit) if quote is None else _agreed(quote, guest.unit, chosen)
        given["pricing"] = selling.total(supply, minor, found.request.percent)
    return given


def _agreed(quote: Quote, unit: UnitId, chosen: Choice) -> int:
    each = sum(line.unit_price.minor for line in quote.lines if line.unit in _LINES[unit])
    return each * (chosen.nights if chosen.is_stay else 1)


def _item(guest: Guest, number: int, found: Found, state: HoldState, echo: Echo, given: Mapping[str, Any]) -> UnitItem:
    return UnitItem(
        uuid=guest.uuid,
        reseller_reference=guest.reference,
        supplier_reference=None,
        unit_id=guest.unit,
        status=state,
        utc_redeemed_at=utc_or_none(found.standing.redeemed_at),
        contact=echo.of_guest(number),
        ticket=None,
        **given,
    )


def _voucher(found: Found, state: HoldState) -> Ticket:
    """What the guests show, once it is a booking: its pass, or the reference where the community could not sign one."""
    standing = found.standing
    value = standing.pass_token or found.request.supplier_reference
    shown = (DeliveryOption(delivery_format="QRCODE", delivery_value=value),) if state in SHOWN else ()
    redeemed_at = utc_or_none(standing.redeemed_at)
    return Ticket(redemption_method="DIGITAL", utc_redeemed_at=redeemed_at, delivery_options=shown)


def _is_cancellable(state: HoldState, wish: Wish, supply: Supply, now: datetime) -> bool:
    return state in ("ON_HOLD", "PENDING", "CONFIRMED") and now < supply.situation.host.moment(wish.day, wish.start)


def _cancellation(found: Found, state: HoldState, reason: str | None) -> Cancellation | None:
    """What came of it when it ended before it began: a hold that ran out, or was refused, costs nothing."""
    standing = found.standing
    if (ended := standing.cancelled) is not None:
        return Cancellation(refund=_refund(ended.refund_percent), reason=reason, utc_cancelled_at=utc(ended.at))
    if state not in ("EXPIRED", "REJECTED", "CANCELLED"):
        return None
    at = standing.expires_at if state == "EXPIRED" and standing.expires_at else standing.changed_at
    return Cancellation(refund="FULL", reason=reason, utc_cancelled_at=utc(at))


def _refund(percent: int) -> Literal["FULL", "PARTIAL", "NONE"]:
    return "FULL" if percent == 100 else "PARTIAL" if percent else "NONE"
