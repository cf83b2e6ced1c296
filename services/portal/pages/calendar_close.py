"""Several days at once: close them, stop selling them, or have them as usual again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Literal

from starlette.responses import Response

from contracts.booking.v1 import SetException
from contracts.values import Day, Note
from services.client import formatting
from services.client.answers import OpenEnd, Refused
from services.client.refusals import told
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.hit import carried_out
from services.portal.site.portal_site import PageRoute


class CloseForm(Form):
    """From when until when, what, and why: a common reason, or one of one's own."""

    of: str = ""
    first: Day
    last: Day
    kind: Literal["closed", "stop_sell", "lifted"]
    why: Note | None = None
    reason: Note | None = None
    #: Parties that were shown before.
    holds: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The reason: what is written counts before what is chosen."""
        return self.reason or self.why or ""


async def form(page: PageContext) -> Response:
    """Which days, beginning with today or the day that is asked for."""
    asked = page.request.query_params
    first = _day(asked.get("day", "")) or formatting.local(page.now).date()
    return await _shown(page, {"of": asked.get("of", ""), "first": first, "last": first})


async def close(page: PageContext) -> Response:
    """Do it; first shows who is booked on these days."""
    filled = page.read(CloseForm)
    if filled.value is None:
        return await _shown(page, filled.typed, filled.wrong)
    given, known = filled.value, await page.known()
    if wrong := _missing(page, given):
        return await _shown(page, filled.typed, wrong)
    own = known.own.experiences if known.own else ()
    experience_id = given.of if given.of in {one.id for one in own} else None
    wanted = SetException(
        day=given.first, until=given.last, experience_id=experience_id, kind=given.kind, reason=given.said
    )
    try:
        shown = await carried_out(page, known, [wanted], given.holds)
    except OpenEnd:
        raise
    except Refused as refused:
        return await _shown(page, filled.typed, {"first": told(page.phrases, refused.refusal)})
    return shown or page.redirect(f"/calendar?of={given.of}&month={given.first:%Y-%m}")


def _missing(page: PageContext, given: CloseForm) -> dict[str, str]:
    if given.last < given.first:
        return {"last": page.phrases.gettext("The last day is before the first.")}
    return {} if given.said else {"reason": page.phrases.gettext("Say why, in a few words.")}


async def _shown(page: PageContext, typed: Mapping[str, Any], wrong: Mapping[str, str] | None = None) -> Response:
    return page.render(
        "calendar_close.html", status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        known=await page.known(), today=formatting.local(page.now).date(), typed=typed, wrong=wrong or {},
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


PAGES = (
    PageRoute("GET", "/calendar/close", form, asks=SetException),
    PageRoute("POST", "/calendar/close", close, asks=SetException),
)
