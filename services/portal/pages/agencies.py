"""Agencies: what is agreed with each, proposing terms to one, agreeing, ending."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from contracts.agencies.v1 import AgreeAgreement, EndAgreement, ListAgreements, ProposeAgreement
from contracts.agency_api.v1 import AskLastUse, LastUse
from services.client import formatting
from services.client.answers import Refused
from services.client.refusals import told
from services.portal.site import agreements
from services.portal.site.agreements import AgencyTermsForm, WithAgency
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute


async def show(page: PageContext) -> Response:
    """All of this node, those with whom something is agreed or proposed first."""
    known, found = await asyncio.gather(page.known(), agreements.agencies(page))
    return page.render("agencies.html", agencies=found, known=known)


async def one(page: PageContext) -> Response:
    """One in full: the terms, and what can be done."""
    found = await agreements.agency(page)
    if found is None:
        return page.gone()
    use, known = await asyncio.gather(_use(page, found), page.known())
    return page.render("agency.html", one=found, use=use, own=known.own, known=known)


async def _use(page: PageContext, found: WithAgency) -> LastUse | None:
    """When its software was last here, if it may book; the page stands without, while that is not known."""
    if found.view is None or found.view.in_force is None or not page.may(AskLastUse):
        return None
    try:
        return await page.ask(AskLastUse(agency=found.id))
    except Refused:
        return None


async def write(page: PageContext) -> Response:
    """The terms, as they are or as they usually are."""
    found = await agreements.agency(page)
    if found is None:
        return page.gone()
    today = formatting.local(page.now).date()
    return await _form(page, found, agreements.typed_of(found.view.terms if found.view else None, today))


async def propose(page: PageContext) -> Response:
    """Send the terms; they can be taken back until they are agreed to."""
    found, filled = await agreements.agency(page), page.read(AgencyTermsForm)
    if found is None:
        return page.gone()
    if filled.value is None:
        return await _form(page, found, filled.typed, filled.wrong)
    terms, wrong = agreements.made(page.phrases, filled.value)
    if terms is None:
        return await _form(page, found, filled.typed, wrong)
    try:
        await page.ask(ProposeAgreement(agency=found.id, terms=terms))
    except Refused as no:
        if (place := agreements.placed(no.refusal.field or "")) is None:
            raise
        return await _form(page, found, filled.typed, {place: told(page.phrases, no.refusal)})
    return _back(page)


async def ask_agree(page: PageContext) -> Response:
    """The terms again, and what follows."""
    return await _sheet(page, await agreements.agency(page), "agree")


async def agree(page: PageContext) -> Response:
    """Agree to what was read."""
    found = await agreements.agency(page)
    if found is None or found.view is None or found.group != "to_us":
        return await _sheet(page, found, "agree")
    if page.data.get("looked_at") != found.looked_at:
        return await _sheet(page, found, "agree", became_another=True)
    await page.ask(AgreeAgreement(agency=found.id, terms=found.view.terms))
    return _back(page)


async def ask_end(page: PageContext) -> Response:
    """What ending does, before it is done."""
    everything = page.request.query_params.get("all") == "1"
    return await _sheet(page, await agreements.agency(page), "end", everything=everything)


async def end(page: PageContext) -> Response:
    """End it; or only turn down, or take back, what is proposed."""
    only = page.data.get("only") == "proposal"
    await page.ask(EndAgreement(agency=page.request.path_params["agency"], proposal_only=only))
    return _back(page)


def _back(page: PageContext) -> Response:
    return page.redirect(f"/agencies/{page.request.path_params['agency']}")


async def _form(
    page: PageContext, found: WithAgency, typed: Mapping[str, Any], wrong: Mapping[str, str] | None = None
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    known = await page.known()
    return page.render("agency_terms.html", status=status, one=found, known=known, typed=typed, wrong=wrong or {})


async def _sheet(
    page: PageContext, found: WithAgency | None, act: str, *, became_another: bool = False, everything: bool = False
) -> Response:
    """What is asked once more; where there is nothing to do any more, how it stands now."""
    if found is None:
        return page.gone()
    if found.group in ("ended", "none") or (act == "agree" and found.group != "to_us"):
        return page.redirect(f"/agencies/{found.id}")
    status = HTTPStatus.CONFLICT if became_another else HTTPStatus.OK
    known = await page.known()
    return page.render(
        f"agency_{act}.html", status=status, one=found, own=known.own, known=known,
        became_another=became_another, everything=everything,
    )  # fmt: skip


_ONE = "/agencies/{agency}"
PAGES = (
    PageRoute("GET", "/agencies", show, asks=ListAgreements),
    PageRoute("GET", _ONE, one, asks=ListAgreements),
    PageRoute("GET", _ONE + "/terms", write, asks=ProposeAgreement),
    PageRoute("POST", _ONE + "/terms", propose, asks=ProposeAgreement),
    PageRoute("GET", _ONE + "/agree", ask_agree, asks=AgreeAgreement),
    PageRoute("POST", _ONE + "/agree", agree, asks=AgreeAgreement),
    PageRoute("GET", _ONE + "/end", ask_end, asks=EndAgreement),
    PageRoute("POST", _ONE + "/end", end, asks=EndAgreement),
)
