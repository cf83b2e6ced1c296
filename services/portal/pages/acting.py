"""What cannot be called back, one sheet for each act: the fact again, what follows, yes, back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from contracts.border.v1 import EndReason
from contracts.messages import Asked
from contracts.referral.v1 import (
    CancelHandoff,
    CompleteVisit,
    DepartParty,
    HandoffView,
    MarkNoShow,
    TurnPartyBack,
    WithdrawHandoff,
)
from contracts.refusals import No
from services.client.answers import Refused
from services.client.phrases.catalogue import N_, Phrase
from services.portal.pages.handoff import allowed, handoff, story
from services.portal.site import pending
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.members import who_did_it
from services.portal.site.portal_site import PageRoute


class Why(Form):
    """Why it ends; the other side sees it."""

    reason: EndReason


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a sheet says; `partner` is a name in all of it."""

    act: str
    asks: type[Asked[Any]]
    icon: str
    title: Phrase
    follows: tuple[Phrase, ...]
    yes: Phrase
    ends: bool = False
    #: What one may say when something ends, in the order of the page; nothing where it needs no reason.
    reasons: tuple[str, ...] = ()


_TOLD = N_("{partner} hears it in a moment")
_FREE = N_("The places become free")
SHEETS: Mapping[str, Sheet] = {
    "withdraw": Sheet(
        act="withdraw",
        asks=WithdrawHandoff,
        icon="undo",
        title=N_("Take it back?"),
        follows=(_TOLD, _FREE, N_("What is known of them is deleted")),
        yes=N_("Yes, take it back"),
        ends=True,
        reasons=("party_changed_mind", "illness", "weather", "road", "no_answer", "other"),
    ),
    "cancel": Sheet(
        act="cancel",
        asks=CancelHandoff,
        icon="ban",
        title=N_("You cannot take them after all?"),
        follows=(_TOLD, N_("They need another place for the night: call them too"), _FREE),
        yes=N_("Yes, cancel it"),
        ends=True,
        reasons=("closed", "illness", "weather", "road", "other"),
    ),
    "depart": Sheet(
        act="depart",
        asks=DepartParty,
        icon="car",
        title=N_("Have they left?"),
        follows=(_TOLD, N_("They are expected there from then on")),
        yes=N_("Yes, they have left"),
    ),
    "turned-back": Sheet(
        act="turn_back",
        asks=TurnPartyBack,
        icon="barrier",
        title=N_("Did the border not let them through?"),
        follows=(_TOLD, _FREE, N_("It counts as nobody's fault")),
        yes=N_("Yes, they were turned back"),
        ends=True,
    ),
    "no-show": Sheet(
        act="no_show",
        asks=MarkNoShow,
        icon="noone",
        title=N_("Did they not come?"),
        follows=(_TOLD, N_("If they come after all, it can be put right for 48 hours")),
        yes=N_("Yes, they did not come"),
        ends=True,
    ),
    "complete": Sheet(
        act="complete",
        asks=CompleteVisit,
        icon="flag",
        title=N_("Is the visit over?"),
        follows=(N_("{partner} hears it, with the amounts"), N_("It stands on the month's statement")),
        yes=N_("Yes, close the visit"),
    ),
}
#: What a refusal that comes of a race is shown as: how it stands now, and who did it.
_OVERTAKEN = frozenset({No.WRONG_STATE, No.TOO_LATE, No.TOO_EARLY})


def _ask(path: str) -> Callable[[PageContext], Awaitable[Response]]:
    async def show(page: PageContext) -> Response:
        return await _sheet(page, path)

    return show


def _act(path: str) -> Callable[[PageContext], Awaitable[Response]]:
    sheet = SHEETS[path]

    async def act(page: PageContext) -> Response:
        given: dict[str, Any] = {}
        if sheet.reasons:
            filled = page.read(Why)
            if filled.value is None:
                return await _sheet(page, path, status=422, typed=filled.typed, wrong=filled.wrong)
            given["reason"] = filled.value.reason
        return await done(page, sheet.asks, **given)

    return act


async def done(page: PageContext, asks: type[Asked[Any]], **given: Any) -> Response:
    """Ask it and show the story; when the handoff has moved on meanwhile, how it stands."""
    referral = str(page.request.path_params["id"])
    try:
        await page.ask(asks.model_validate({"referral": referral, **given}))
    except Refused as refused:
        if refused.code not in _OVERTAKEN:
            raise
        return await overtaken(page)
    return page.redirect(f"/handoffs/{referral}")


async def overtaken(page: PageContext, status: Literal[200, 409] = 409) -> Response:
    """What the page would do is not possible any more, or not yet: how it stands now, and by whom."""
    known, view, people = await asyncio.gather(page.known(), handoff(page), who_did_it(page))
    told = story(view, people, await pending.names(page, [view.agency]))
    return page.render(
        "act_gone.html", status=status, view=view, known=known, partner=known.name(page.phrases, view.partner),
        last=told[-1] if told else None,
    )  # fmt: skip


async def _sheet(page: PageContext, path: str, status: int = 200, **form: Any) -> Response:
    sheet = SHEETS[path]
    known, view = await asyncio.gather(page.known(), handoff(page))
    if sheet.act not in allowed(page, view):
        return await overtaken(page, 200)
    return page.render(
        "act.html", status=status, keep=None if form else view.last_day or view.arrival.day, sheet=sheet, path=path,
        **about(view, known.name(page.phrases, view.partner)),
        known=known, names=known.names(page.phrases), **form,
    )  # fmt: skip


def about(view: HandoffView, partner: str) -> dict[str, Any]:
    """The handoff that a sheet is about."""
    return {"view": view, "partner": partner, "back": f"/handoffs/{view.referral_id}"}


PAGES = tuple(
    route
    for path, sheet in SHEETS.items()
    for route in (
        PageRoute("GET", f"/handoffs/{{id}}/{path}", _ask(path), asks=sheet.asks),
        PageRoute("POST", f"/handoffs/{{id}}/{path}", _act(path), asks=sheet.asks),
    )
)
