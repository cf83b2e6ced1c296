"""The community's profile: how it is called and reached, what it bears, and how long it keeps what travellers said."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from contracts.community.v1 import Offering, PublishOffering
from services.portal.site import profile_form, standing
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute
from services.portal.site.profile_form import ProfileForm
from services.portal.site.standing import Stopped

#: Languages that a guide may speak, most asked for first; others of the profile stay beside them.
SPOKEN = ("th", "lo", "en", "zh", "fr", "de", "ja")


async def edit(page: PageContext) -> Response:
    """The form as it is published."""
    offering = await standing.current(page)
    return _form(page, offering, profile_form.typed_of(offering.community))


async def save(page: PageContext) -> Response:
    """Publish the profile as it is now written."""
    filled = page.read(ProfileForm)
    form = filled.value
    if form is None:
        return _form(page, await standing.current(page), filled.typed, wrong=filled.wrong)
    try:
        await standing.publish(page, lambda now: profile_form.with_profile(page.phrases, now, form))
    except Stopped as stopped:
        return _form(page, stopped.offering, filled.typed, wrong=stopped.wrong, changed=stopped.changed)
    return page.redirect("/community")


def _form(
    page: PageContext,
    offering: Offering,
    typed: Mapping[str, Any],
    *,
    wrong: Mapping[str, str] | None = None,
    changed: tuple[str, ...] = (),
) -> Response:
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    profile = offering.community
    shown = {"shown": standing.marks(profile)} if changed else {}
    return page.render(
        "profile.html",
        status=status,
        profile=profile,
        spoken=tuple(dict.fromkeys((*SPOKEN, *profile.languages))),
        typed={**typed, **shown},
        wrong=wrong or {},
        changed=changed,
    )


PAGES = (
    PageRoute("GET", "/community/profile", edit, asks=PublishOffering),
    PageRoute("POST", "/community/profile", save, asks=PublishOffering),
)
