"""What an operator of the system does in the portal: agencies of the node and their keys. Nothing of a community."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any, Literal

from starlette.responses import Response

from contracts.agencies.v1 import AddAgency, ListAgencies
from contracts.agency_api.v1 import AddKey, ListKeys, RevokeKey
from contracts.refusals import No
from contracts.values import DisplayName, Slug
from services.client import agency_keys
from services.client.answers import OpenEnd, Refused
from services.portal.site import agencies_with_keys
from services.portal.site.agencies_with_keys import WithKeys
from services.portal.site.context import PageContext, machine_now
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute, refusal_page


class NewAgency(Form):
    """Under which id it is known, and the name under which it trades."""

    agency: Slug
    name: DisplayName


class KeyForm(Form):
    """What a key opens, and its last day."""

    opens: Literal["read", "book", "hand-over"]
    last: date | None = None


async def start(page: PageContext) -> Response:
    """Where an operator begins."""
    return page.render("node.html")


async def agencies(page: PageContext) -> Response:
    """Those that take part, and when they were last here."""
    return page.render("node_agencies.html", agencies=await agencies_with_keys.every(page))


async def write(page: PageContext) -> Response:
    """A form for another one."""
    return page.render("node_agency_new.html")


async def add(page: PageContext) -> Response:
    """Let it take part: it sees a community once both have agreed. None that is there gets another name by this."""
    filled = page.read(NewAgency)
    wrong = dict(filled.wrong)
    if filled.value and filled.value.agency in {one.agency for one in await page.list(ListAgencies())}:
        wrong["agency"] = page.phrases.gettext("There is an agency with this id already.")
    if filled.value is None or wrong:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page.render("node_agency_new.html", status=status, typed=filled.typed, wrong=wrong)
    await page.ask(AddAgency(agency=filled.value.agency, name=filled.value.name))
    return page.redirect(f"/node/agencies/{filled.value.agency}")


async def agency(page: PageContext) -> Response:
    """One with its keys."""
    found = await agencies_with_keys.of_path(page)
    return page.render("node_agency.html", one=found, last_day=agencies_with_keys.last_day) if found else page.gone()


async def write_key(page: PageContext) -> Response:
    """What a new key is to open."""
    found = await agencies_with_keys.of_path(page)
    return page.render("node_key_new.html", one=found, typed={"opens": "book"}) if found else page.gone()


async def make_key(page: PageContext) -> Response:
    """Make it; the whole key is in this answer and nowhere again."""
    found, filled = await agencies_with_keys.of_path(page), page.read(KeyForm)
    if found is None:
        return page.gone()
    if filled.value is None:
        return _form(page, found, filled.typed, filled.wrong)
    made = agency_keys.new_key()
    wanted = made.wanted(found.agency.agency, scopes=agency_keys.SCOPES[filled.value.opens], last=filled.value.last)
    if wanted.expires_at is not None and wanted.expires_at <= machine_now():
        return _form(page, found, filled.typed, {"last": page.phrases.gettext("This day is over.")})
    try:
        await page.ask(wanted)
    except Refused as no:
        return _not_made(page, found, filled.typed, no)
    return page.render("node_key.html", one=found, key=made.whole)


async def ask_revoke(page: PageContext) -> Response:
    """What ends with it, before it is done."""
    found = await agencies_with_keys.of_key(page)
    if found is None:
        return page.gone()
    one, key = found
    if one.standing(key) != "live":
        return page.redirect(f"/node/agencies/{one.agency.agency}")
    return page.render("node_key_revoke.html", one=one, key=key)


async def revoke(page: PageContext) -> Response:
    """It opens nothing any more."""
    view = await page.ask(RevokeKey(prefix=page.request.path_params["prefix"]))
    return page.redirect(f"/node/agencies/{view.agency}")


def _form(page: PageContext, one: WithKeys, typed: Any, wrong: Any) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return page.render("node_key_new.html", status=status, one=one, typed=typed, wrong=wrong)


def _not_made(page: PageContext, one: WithKeys, typed: Any, no: Refused) -> Response:
    """A form that is sent again makes another key, which is another command under the same id: it was done before."""
    if isinstance(no, OpenEnd):
        return refusal_page(page, no)
    if no.code is No.CONFLICT:
        return page.redirect(f"/node/agencies/{one.agency.agency}")
    said = {
        "two_keys_are_live": page.phrases.gettext("Two keys open already. Revoke the one that is not needed any more."),
        "no_such_agency": page.phrases.gettext("It was added a moment ago. Try again in a few seconds."),
    }.get(no.refusal.reason or "")
    return _form(page, one, typed, {"opens": said}) if said else refusal_page(page, no)


_ONE = "/node/agencies/{agency}"
_KEY = "/node/keys/{prefix}"
PAGES = (
    PageRoute("GET", "/node", start, whose="operators"),
    PageRoute("GET", "/node/agencies", agencies, asks=ListKeys, whose="operators"),
    PageRoute("GET", "/node/new-agency", write, asks=AddAgency, whose="operators"),
    PageRoute("POST", "/node/new-agency", add, asks=AddAgency, whose="operators"),
    PageRoute("GET", _ONE, agency, asks=ListKeys, whose="operators"),
    PageRoute("GET", f"{_ONE}/key", write_key, asks=AddKey, whose="operators"),
    PageRoute("POST", f"{_ONE}/key", make_key, asks=AddKey, whose="operators"),
    PageRoute("GET", f"{_KEY}/revoke", ask_revoke, asks=RevokeKey, whose="operators"),
    PageRoute("POST", f"{_KEY}/revoke", revoke, asks=RevokeKey, whose="operators"),
)
