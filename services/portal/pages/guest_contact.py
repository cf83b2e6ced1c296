"""Whom an agency has booked for: shown once when somebody asks, and noted in the audit."""

from __future__ import annotations

from starlette.responses import Response

from contracts.booking.v1 import BookingView
from contracts.contacts.v1 import ContactRead, ReadContact
from contracts.refusals import No
from services.client.answers import OpenEnd, Refused
from services.client.contacts import ContactReader
from services.portal.pages.guests import asked_booking
from services.portal.site import pending
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute


async def read(page: PageContext) -> Response:
    """The contact of one booking of an agency; of nobody else's there is any."""
    booking = await asked_booking(page)
    reader = ContactReader(page.community)
    answer = await _asked(page, booking, reader)
    return page.render(
        "guest_contact.html",
        known=await page.known(),
        booking=booking,
        agencies=await pending.names(page, [booking.agency]),
        contact=reader.open(answer) if answer else None,
        holding=answer.holding if answer else "none",
    )


async def _asked(page: PageContext, booking: BookingView, reader: ContactReader) -> ContactRead | None:
    """None where the agency has never given one."""
    try:
        return await page.client.send(ReadContact(hold_id=booking.hold_id, reply_key=reader.reply_key))
    except OpenEnd:
        raise
    except Refused as refused:
        if refused.refusal.code is not No.UNKNOWN:
            raise
        return None


async def back(page: PageContext) -> Response:
    """Whoever opens the address again has to ask again: it is shown once."""
    return page.redirect(f"/guests/{(await asked_booking(page)).hold_id}")


PAGES = (
    PageRoute("GET", "/guests/{hold:uuid}/contact", back, asks=ReadContact),
    PageRoute("POST", "/guests/{hold:uuid}/contact", read, asks=ReadContact),
)
