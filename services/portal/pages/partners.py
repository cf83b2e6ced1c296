"""Partners: what was agreed with whom, comparing words on the phone, agreeing, pausing, ending."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.responses import Response

from contracts.community.v1 import (
    AgreePartnership,
    EndPartnership,
    ListPartnerships,
    ProposePartnership,
    SuspendPartnership,
)
from services.portal.site import partnerships
from services.portal.site.context import PageContext
from services.portal.site.partnerships import Partner
from services.portal.site.portal_site import PageRoute


async def show(page: PageContext) -> Response:
    """All of them."""
    listed, crossings = await asyncio.gather(partnerships.partners(page), partnerships.crossings(page))
    return page.render("partners.html", partners=listed, crossings=crossings, may_propose=page.may(ProposePartnership))


async def one(page: PageContext) -> Response:
    """One in full: terms, words, and what can be done."""
    partner, crossings = await asyncio.gather(partnerships.partner(page), partnerships.crossings(page))
    if partner is None:
        return page.gone()
    return page.render("partner.html", partner=partner, crossings=crossings, may_act=page.may(AgreePartnership))


async def ask_agree(page: PageContext) -> Response:
    """The words again, and what follows."""
    return _sheet(page, await partnerships.partner(page), "agree")


async def agree(page: PageContext) -> Response:
    """Agree to what was read, once the words were compared."""
    partner = await partnerships.partner(page)
    if partner is None or partner.group != "to_us":
        return _sheet(page, partner, "agree", status=HTTPStatus.CONFLICT)
    if page.data.get("looked_at") != partner.looked_at:
        return _sheet(page, partner, "agree", status=HTTPStatus.CONFLICT, became_another=True)
    if not page.data.get("compared"):
        wrong = {"compared": page.phrases.gettext("Compare the words on the phone first.")}
        return _sheet(page, partner, "agree", status=HTTPStatus.UNPROCESSABLE_ENTITY, wrong=wrong)
    await page.ask(AgreePartnership(partner=partner.id))
    page.site.directory.forget(page.community)
    return _back(page)


async def pause(page: PageContext) -> Response:
    """No new offers, until it is taken up again."""
    await page.ask(SuspendPartnership(partner=page.request.path_params["partner"]))
    return _back(page)


async def resume(page: PageContext) -> Response:
    """Offers again."""
    await page.ask(SuspendPartnership(partner=page.request.path_params["partner"], resume=True))
    return _back(page)


async def ask_end(page: PageContext) -> Response:
    """What ending does, before it is done."""
    return _sheet(page, await partnerships.partner(page), "end")


async def end(page: PageContext) -> Response:
    """End it, take back our proposal or decline theirs."""
    await page.ask(EndPartnership(partner=page.request.path_params["partner"]))
    return _back(page)


def _back(page: PageContext) -> Response:
    return page.redirect(f"/partners/{page.request.path_params['partner']}")


def _sheet(
    page: PageContext,
    partner: Partner | None,
    act: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    became_another: bool = False,
    wrong: dict[str, str] | None = None,
) -> Response:
    """What is asked once more; where there is nothing to do any more, how it stands now."""
    if partner is None:
        return page.gone()
    if (act == "agree" and partner.group != "to_us") or partner.group == "ended":
        return page.redirect(f"/partners/{partner.id}")
    return page.render(
        f"partner_{act}.html", status=status, partner=partner, became_another=became_another, wrong=wrong or {}
    )


_ONE = "/partners/{partner}"
PAGES = (
    PageRoute("GET", "/partners", show, asks=ListPartnerships),
    PageRoute("GET", _ONE, one, asks=ListPartnerships),
    PageRoute("GET", _ONE + "/agree", ask_agree, asks=AgreePartnership),
    PageRoute("POST", _ONE + "/agree", agree, asks=AgreePartnership),
    PageRoute("POST", _ONE + "/pause", pause, asks=SuspendPartnership),
    PageRoute("POST", _ONE + "/resume", resume, asks=SuspendPartnership),
    PageRoute("GET", _ONE + "/end", ask_end, asks=EndPartnership),
    PageRoute("POST", _ONE + "/end", end, asks=EndPartnership),
)
