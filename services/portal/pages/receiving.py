"""Receiving a party: by its pass, by the code it says, or by its face from the list of today."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from starlette.responses import Response

from contracts.booking.v1 import VoucherJudged
from contracts.personal.v1 import ReadPersonalPart
from contracts.referral.v1 import (
    ArriveParty,
    HandoffSummary,
    HandoffView,
    ListHandoffs,
    PassJudged,
    PresentPass,
    ShowHandoff,
)
from contracts.values import Money, Party
from services.client import formatting
from services.client.phrases.vocabulary import VERDICTS, VOUCHERS, word
from services.client.presenting import NOT_HERE, asked_about
from services.portal.pages import receiving_booked
from services.portal.pages.handoff import allowed, is_last_day
from services.portal.site import pending, phone
from services.portal.site.context import PageContext
from services.portal.site.forms import Form, wrong
from services.portal.site.portal_site import PageRoute

#: Somebody may still be received whose day was yesterday.
DAYS_BACK = 1


class Shown(Form):
    """What is shown or said: a pass as the camera reads it; or a code, or what another reader of passes has typed."""

    code: Annotated[str, Field(max_length=4_000)] = ""
    pass_token: Annotated[str, Field(max_length=4_000)] = ""


class Here(Form):
    """Who has come; with the pass or code that was looked at before, if there was one."""

    come: Literal["all", "fewer"] = "all"
    adult: Annotated[int, Field(ge=0, le=200)] = 0
    child: Annotated[int, Field(ge=0, le=200)] = 0
    infant: Annotated[int, Field(ge=0, le=200)] = 0
    code: Annotated[str, Field(max_length=4_000)] = ""


async def start(page: PageContext) -> Response:
    """Camera, code, or the list of those who are expected."""
    return await _start(page)


async def look(page: PageContext) -> Response:
    """What a pass or code is worth; nobody arrives by it yet."""
    filled = page.read(Shown)
    if filled.value is None:
        return await _start(page, filled.wrong, filled.typed)
    given = filled.value.pass_token or filled.value.code
    try:
        asked = asked_about(given, look=True)
    except ValidationError:
        text = page.phrases.gettext("A code has 6 letters and numbers: ask for it once more.")
        return await _start(page, {"code": text}, filled.typed)
    judged = await first_known(page.client.send, asked)  # a wrong code counts each time that it is tried
    return await _judged(page, judged, given, {} if filled.value.pass_token else filled.typed)


async def first_known(ask: Callable[[Any], Awaitable[Any]], asked: Sequence[Any]) -> PassJudged | VoucherJudged:
    """The verdict of the first who knows it; else of the last."""
    judged: PassJudged | VoucherJudged = await ask(asked[0])
    for each in asked[1:]:
        if judged.verdict not in NOT_HERE:
            break
        judged = await ask(each)
    return judged


async def ask(page: PageContext) -> Response:
    """Somebody whom one knows, from the list; or once they have arrived, what to do now."""
    view = await page.ask(ShowHandoff(referral=page.request.path_params["id"]))
    return await _welcome(page, view, "")


async def arrive(page: PageContext) -> Response:
    """They are here."""
    referral = page.request.path_params["id"]
    filled = page.read(Here)
    party, faults = come(page, filled.value) if filled.value else (None, filled.wrong)
    if faults or filled.value is None:
        view = await page.ask(ShowHandoff(referral=referral))
        return await _welcome(page, view, str(filled.typed.get("code", "")), faults, filled.typed)
    if not filled.value.code:
        await phone.told_then(page.ask, ArriveParty(referral=referral, party=party), page.made_at, page.now)
        return page.redirect(f"/handoffs/{referral}/arrive")
    asked = asked_about(filled.value.code, party)[-1]  # of a handoff, which was looked at before
    judged: Any = await phone.told_then(page.ask, asked, page.made_at, page.now)
    if isinstance(judged, PassJudged) and judged.verdict == "good" and judged.referral_id:
        return page.redirect(f"/handoffs/{judged.referral_id}/arrive")
    return await _judged(page, judged, filled.value.code, {})


def come(page: PageContext, here: Here) -> tuple[Party | None, Mapping[str, str]]:
    """The party that has come when it is not the whole one; or what is wrong with it."""
    if here.come == "all":
        return None, {}
    try:
        return Party(adult=here.adult, child=here.child, infant=here.infant), {}
    except ValidationError as problem:
        return None, {"adult": next(iter(wrong(problem, page.phrases).values()))}


def to_collect(view: HandoffView) -> Money | None:
    """What is paid on arrival: what was agreed on, once it was."""
    return view.amounts.total if view.amounts else (view.quote.total if view.quote else None)


async def _start(
    page: PageContext, faults: Mapping[str, str] | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    known = await page.known()
    coming, booked = await asyncio.gather(expected(page), pending.arriving(page, known, back=DAYS_BACK))
    return page.render(
        "receive.html",
        status=422 if faults else 200,
        keep=formatting.local(page.now).date() + timedelta(days=1),
        expected=coming,
        booked=[one for one in booked if one.state == "confirmed"],
        agencies=await pending.names(page, [one.booking.agency for one in booked]),
        known=known,
        wrong=faults or {},
        typed=typed or {},
    )


async def expected(page: PageContext) -> tuple[HandoffSummary, ...]:
    """Those who may come today, the late ones first."""
    today = formatting.local(page.now).date()
    asked = ListHandoffs(
        open_only=True, side="receiver", first=today - timedelta(days=DAYS_BACK), last=today, limit=200
    )
    coming = [each for each in await page.list(asked) if each.state in ("accepted", "confirmed", "departed")]
    return tuple(sorted(coming, key=lambda each: (not each.late, each.arrival_day, _hour(each))))


def _hour(line: HandoffSummary) -> str:
    return f"{line.arrival.earliest:%H:%M}" if line.arrival else ""


async def _judged(
    page: PageContext, judged: PassJudged | VoucherJudged, code: str, typed: Mapping[str, Any]
) -> Response:
    if isinstance(judged, VoucherJudged) and judged.hold_id and judged.verdict in ("good", "used"):
        return await receiving_booked.met(page, judged, code)
    if isinstance(judged, VoucherJudged) or judged.referral_id is None or judged.verdict not in ("good", "used"):
        said = word(page.phrases, VOUCHERS if isinstance(judged, VoucherJudged) else VERDICTS, judged.verdict)
        if judged.wait_seconds:
            length = formatting.length(page.phrases, timedelta(seconds=judged.wait_seconds))
            said = page.phrases.gettext("Too many wrong codes: wait {length}.", length=length)
        return await _start(page, {"code": said}, typed)
    view = await page.ask(ShowHandoff(referral=judged.referral_id))
    if judged.verdict == "used":
        return page.render("receive_used.html", status=409, view=view, judged=judged, known=await page.known())
    return await _welcome(page, view, code, looked=True)


async def _welcome(
    page: PageContext,
    view: HandoffView,
    code: str,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
    *,
    looked: bool = False,
) -> Response:
    return page.render(
        "receive_ok.html",
        status=422 if faults else 200,
        view=view,
        known=await page.known(),
        code=code,
        looked=looked,
        collect=to_collect(view),
        may_read=view.personal == "held" and page.may(ReadPersonalPart),
        acts={each.act for each in view.next_acts},
        may_close="complete" in allowed(page, view) and is_last_day(view, formatting.local(page.now).date()),
        wrong=faults or {},
        typed=typed or {},
    )


PAGES = (
    PageRoute("GET", "/receive", start, asks=PresentPass),
    PageRoute("POST", "/receive", look, asks=PresentPass),
    PageRoute("GET", "/handoffs/{id}/arrive", ask, asks=ArriveParty),
    PageRoute("POST", "/handoffs/{id}/arrive", arrive, asks=ArriveParty),
)
