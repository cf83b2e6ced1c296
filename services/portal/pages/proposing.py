"""Proposing terms to a community: finding it, writing the terms, sending them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from contracts.community.v1 import CommunityProfile, FindCommunities, ProposePartnership
from services.client import formatting
from services.portal.site import partnerships, standing, terms_form
from services.portal.site.context import PageContext
from services.portal.site.partnerships import Partner
from services.portal.site.portal_site import PageRoute
from services.portal.site.terms_form import TermsForm

#: Partnerships in which something is agreed or on the table: nothing is proposed to them.
_TAKEN = frozenset({"to_us", "active", "by_us", "paused"})
FOUND = 30


async def find(page: PageContext) -> Response:
    """Communities by part of their name, in any script."""
    text = page.request.query_params.get("text", "")[:80].strip()
    listed, found = await asyncio.gather(
        partnerships.partners(page), page.list(FindCommunities(text=text, limit=FOUND)) if text else _nobody()
    )
    others = [each for each in found if each.id != page.community]
    groups = {one.id: one.group for one in listed}
    return page.render("partner_find.html", text=text, found=others, groups=groups, taken=_TAKEN)


async def write(page: PageContext) -> Response:
    """The terms, as they were before or as they usually are."""
    before, profile = await _with_whom(page)
    if profile is None:
        return page.gone()
    if before and before.group in _TAKEN:
        return page.redirect(f"/partners/{before.id}")
    terms = before.view.terms if before else None
    return await _form(page, profile, terms_form.typed_of(terms, formatting.local(page.now).date()))


async def propose(page: PageContext) -> Response:
    """Send the terms; they can be taken back until they are agreed to."""
    _, profile = await _with_whom(page)
    if profile is None:
        return page.gone()
    filled = page.read(TermsForm)
    if filled.value is None:
        return await _form(page, profile, filled.typed, filled.wrong)
    own = (await standing.current(page)).community
    border = own.place.country != profile.place.country
    terms, wrong = terms_form.made(page.phrases, filled.value, border=border)
    if terms is None:
        return await _form(page, profile, filled.typed, wrong)
    await page.ask(ProposePartnership(partner=profile.id, terms=terms))
    return page.redirect(f"/partners/{profile.id}")


async def _nobody() -> tuple[CommunityProfile, ...]:
    return ()


async def _with_whom(page: PageContext) -> tuple[Partner | None, CommunityProfile | None]:
    id_ = page.request.path_params["partner"]
    before, profiles = await asyncio.gather(partnerships.partner(page), partnerships.known_profiles(page, [id_]))
    return before, profiles.get(id_) if id_ != page.community else None


async def _form(
    page: PageContext, profile: CommunityProfile, typed: Mapping[str, Any], wrong: Mapping[str, str] | None = None
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    crossings = await partnerships.crossings(page)
    return page.render(
        "partner_propose.html", status=status, profile=profile, crossings=crossings, typed=typed, wrong=wrong or {}
    )


PAGES = (
    PageRoute("GET", "/partners/new", find, asks=ProposePartnership),
    PageRoute("GET", "/partners/new/{partner}", write, asks=ProposePartnership),
    PageRoute("POST", "/partners/new/{partner}", propose, asks=ProposePartnership),
)
