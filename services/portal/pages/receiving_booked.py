"""Receiving the guests of an agency's booking: by its pass, by its code, or by face from the list of today."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from pydantic import Field, ValidationError
from starlette.responses import Response

from contracts.booking.v1 import AskBooking, BookingView, PresentVoucher, VoucherJudged
from services.client.phrases.vocabulary import VOUCHERS, word
from services.client.presenting import asked_about
from services.portal.pages.guests import asked_booking
from services.portal.site import pending, phone
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute
from services.portal.site.promised import STATE_OF_HOLD


class Here(Form):
    """With the pass or code that was looked at before, if there was one."""

    code: Annotated[str, Field(max_length=4_000)] = ""


async def ask(page: PageContext) -> Response:
    """Somebody whom one knows, from the list; or once they are here, that they are."""
    return await _shown(page, await asked_booking(page))


async def met(page: PageContext, judged: VoucherJudged, code: str) -> Response:
    """What a pass or code that is ours has led to: guests to be welcomed, or that they were before."""
    booking = await page.ask(AskBooking(hold_id=judged.hold_id), part="met")
    return await _shown(page, booking, code, judged)


async def arrive(page: PageContext) -> Response:
    """They are here."""
    hold_id = str(page.request.path_params["hold"])
    filled = page.read(Here)
    code = filled.value.code if filled.value else ""
    judged = await phone.told_then(page.ask, voucher_asked(hold_id, code), page.made_at, page.now)
    if judged.verdict == "good":
        return page.redirect(f"/guests/{judged.hold_id}/arrive")
    if judged.hold_id:
        return await met(page, judged, code)
    return await _shown(page, await asked_booking(page), code, judged)


def voucher_asked(hold_id: str, shown: str | None) -> PresentVoucher:
    """About the pass or code that was shown, if it can be one of a booking; else about the booking itself."""
    try:
        asked = asked_about(shown)[0] if shown else None
    except ValidationError:
        asked = None
    return asked if isinstance(asked, PresentVoucher) else PresentVoucher(hold_id=hold_id)


async def _shown(
    page: PageContext, booking: BookingView, code: str = "", judged: VoucherJudged | None = None
) -> Response:
    verdict = judged.verdict if judged else "good"
    said = word(page.phrases, VOUCHERS, verdict) if judged else ""
    return page.render(
        "receive_booked.html",
        status=HTTPStatus.OK if verdict == "good" else HTTPStatus.CONFLICT,
        known=await page.known(),
        agencies=await pending.names(page, [booking.agency]),
        booking=booking,
        state=STATE_OF_HOLD[booking.state],
        verdict=verdict,
        said=said,
        code=code,
    )


PAGES = (
    PageRoute("GET", "/guests/{hold:uuid}/arrive", ask, asks=PresentVoucher),
    PageRoute("POST", "/guests/{hold:uuid}/arrive", arrive, asks=PresentVoucher),
)
