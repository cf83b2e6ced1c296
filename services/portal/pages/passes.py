"""The pass of a party: a picture and a code, in the traveller's language, to show, to print and to send."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta

import segno
from markupsafe import Markup
from starlette.responses import Response

from contracts.passes import codec
from contracts.referral.v1 import HandoffView, ShowHandoff
from services.client import formatting, personal
from services.client.phrases.catalogue import Phrases
from services.portal.site import sharing, writing
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.portal_site import PageRoute

#: Who helps a traveller, by country; each is said in the page's words.
HELP: Mapping[str, tuple[tuple[str, str], ...]] = {
    "TH": (("tourist_police", "1155"), ("ambulance", "1669")),
    "LA": (("police", "1191"), ("ambulance", "1195")),
}
#: The picture is read from a screen in the sun: this much of it may be lost.
CORRECTION = "m"


async def show(page: PageContext) -> Response:
    """The pass, or that there is none yet."""
    view = await page.ask(ShowHandoff(referral=page.request.path_params["id"]))
    known = await page.known()
    phrases = Phrases.of(language_of(page, view))
    if not view.pass_token or not view.short_code:
        return page.render("error.html", status=404, what="no_pass")
    return page.render(
        "pass.html",
        keep=days_of(view)[1],
        phrases=phrases,
        view=view,
        known=known,
        receiver=receiver_of(view),
        days=days_of(view),
        picture=picture(view.pass_token),
        code=(view.short_code[:3], view.short_code[3:]),
        text=share_text(phrases, view, known),
        links=sharing.links(share_text(phrases, view, known)),
        help=_help(known, view),
        back_word=page.phrases.gettext("Back"),
        bar_words=page.phrases.gettext("Pass"),
    )


async def picture_file(page: PageContext) -> Response:
    """The picture alone, to be kept or sent."""
    view = await page.ask(ShowHandoff(referral=page.request.path_params["id"]))
    if not view.pass_token:
        return page.render("error.html", status=404, what="no_pass")
    drawn = io.BytesIO()
    segno.make(view.pass_token, micro=False, error=CORRECTION).save(drawn, kind="png", scale=8, border=4)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="pass.png"'}
    return Response(drawn.getvalue(), media_type="image/png", headers=headers)


def language_of(page: PageContext, view: HandoffView) -> str:
    """The traveller's: as chosen on the page, else what they speak, else English."""
    wanted = page.request.query_params.get("language", view.language)
    return wanted if wanted in personal.LANGUAGES else "en"


def receiver_of(view: HandoffView) -> str:
    """Where it is shown."""
    return view.partner if view.side == "sender" else view.community


def days_of(view: HandoffView) -> tuple[date, date]:
    """The first and the last day on which it is good, as its issuer wrote them."""
    days = codec.read(view.pass_token or "").claims.days
    first, last = formatting.local(days.opens).date(), formatting.local(days.closes).date()
    return first, last - timedelta(days=1)  # it closes at midnight


def picture(token: str) -> Markup:
    """The picture, inline: it works without a network, and prints."""
    return Markup(segno.make(token, micro=False, error=CORRECTION).svg_inline(omitsize=True, border=2, svgclass="qrc"))


def share_text(phrases: Phrases, view: HandoffView, known: Known) -> str:
    """What is sent by hand: where, when, how many, the code; nobody's name."""
    code = f"{(view.short_code or '')[:3]} {(view.short_code or '')[3:]}"
    return phrases.gettext(
        "{receiver} expects you on {day}, {hours}. {party}. Say this code when you arrive: {code}",
        receiver=known.name(phrases, receiver_of(view)),
        day=formatting.named_day(phrases, view.arrival.day, weekday=True),
        hours=f"{view.arrival.earliest:%H:%M}–{view.arrival.latest:%H:%M}",
        party=writing.party(phrases, view.party),
        code=code,
    )


def _help(known: Known, view: HandoffView) -> tuple[tuple[str, str], ...]:
    profile = known.profile(receiver_of(view))
    return HELP[profile.place.country] if profile else ()


PAGES = (
    PageRoute("GET", "/handoffs/{id}/pass", show, asks=ShowHandoff),
    PageRoute("GET", "/handoffs/{id}/pass.png", picture_file, asks=ShowHandoff),
)
