"""What a community offers: its experiences, one form each."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from contracts.community.v1 import Experience, FindExperiences, Offering, PublishOffering
from services.portal.site import offer_form, standing
from services.portal.site.context import PageContext
from services.portal.site.offer_form import OfferForm
from services.portal.site.portal_site import PageRoute
from services.portal.site.standing import Stopped


async def show(page: PageContext) -> Response:
    """All of them."""
    offering, known = await standing.current(page), await page.known()
    return page.render("offers.html", offering=offering, known=known, may_edit=page.may(PublishOffering))


async def new(page: PageContext) -> Response:
    """A form for something new."""
    return await _form(page, await standing.current(page), None, offer_form.blank())


async def edit(page: PageContext) -> Response:
    """The form of one."""
    offering = await standing.current(page)
    experience = found(offering, page.request.path_params["experience"])
    if experience is None:
        return page.gone()
    return await _form(page, offering, experience, offer_form.typed_of(experience))


async def add(page: PageContext) -> Response:
    """Publish something new beside the others."""
    return await _save(page, None)


async def save(page: PageContext) -> Response:
    """Publish one as it is now written."""
    return await _save(page, page.request.path_params["experience"])


async def _save(page: PageContext, id_: str | None) -> Response:
    filled = page.read(OfferForm)
    offering = await standing.current(page)
    experience = found(offering, id_)
    if id_ is not None and experience is None:
        return page.gone()
    form = filled.value
    if form is None:
        return await _form(page, offering, experience, filled.typed, wrong=filled.wrong)
    try:
        await standing.publish(page, lambda now: offer_form.with_experience(page.phrases, now, form, id_))
    except Stopped as stopped:
        now = found(stopped.offering, id_)
        return await _form(page, stopped.offering, now, filled.typed, wrong=stopped.wrong, changed=stopped.changed)
    return page.redirect("/community/offers")


async def ask_off(page: PageContext) -> Response:
    """What taking it off does, before it is done."""
    return await _sheet(page, await standing.current(page))


async def take_off(page: PageContext) -> Response:
    """Offer it no longer; what is promised stays promised."""
    shown, id_ = str(page.data.get("shown", "")), page.request.path_params["experience"]
    try:
        await standing.publish(page, lambda now: offer_form.without(now, id_, shown))
    except Stopped as stopped:
        return await _sheet(page, stopped.offering, changed=stopped.changed)
    return page.redirect("/community/offers")


def found(offering: Offering, id_: str | None) -> Experience | None:
    """One of them, or None."""
    return next((each for each in offering.experiences if each.id == id_), None)


async def _sheet(page: PageContext, offering: Offering, changed: tuple[str, ...] = ()) -> Response:
    experience = found(offering, page.request.path_params["experience"])
    if experience is None:
        return page.gone()
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    shown = standing.marks(experience)
    known = await page.known()
    return page.render(
        "offer_off.html", status=status, experience=experience, known=known, shown=shown, changed=changed
    )


async def _form(
    page: PageContext,
    offering: Offering,
    experience: Experience | None,
    typed: Mapping[str, Any],
    *,
    wrong: Mapping[str, str] | None = None,
    changed: tuple[str, ...] = (),
) -> Response:
    """The form; with what somebody else has changed, once that was told the next tap writes over it."""
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    marks = standing.marks(experience) if experience and changed else None
    return page.render(
        "offer.html",
        status=status,
        known=await page.known(),
        offering=offering,
        experience=experience,
        typed={**typed, "shown": marks} if marks else typed,
        wrong=wrong or {},
        changed=changed,
    )


_ONE = "/community/offers/{experience}"
PAGES = (
    PageRoute("GET", "/community/offers", show, asks=FindExperiences),
    PageRoute("GET", "/community/offers/new", new, asks=PublishOffering),
    PageRoute("POST", "/community/offers/new", add, asks=PublishOffering),
    PageRoute("GET", _ONE, edit, asks=PublishOffering),
    PageRoute("POST", _ONE, save, asks=PublishOffering),
    PageRoute("GET", _ONE + "/off", ask_off, asks=PublishOffering),
    PageRoute("POST", _ONE + "/off", take_off, asks=PublishOffering),
)
