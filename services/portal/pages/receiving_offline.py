"""Receiving where there is no signal: what the phone has with it, and what it has seen, told when it can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.responses import JSONResponse, Response

from contracts.border.v1 import ShortCode
from contracts.community.v1 import ListKeys
from contracts.messages import Asked
from contracts.referral.v1 import (
    ArriveParty,
    Expected,
    HandoffSummary,
    ListExpected,
    ListHandoffs,
    PassJudged,
    PresentPass,
)
from contracts.values import Party, Uuid, Value
from services.client import formatting
from services.client.answers import OpenEnd, Refused
from services.client.phrases.vocabulary import STATES, VERDICTS, word
from services.client.refusals import told
from services.portal.pages.receiving import DAYS_BACK
from services.portal.site import phone, writing
from services.portal.site.context import PageContext, part_of
from services.portal.site.directory import Known
from services.portal.site.portal_site import PageRoute

R = TypeVar("R", bound=Value)
DAYS_AHEAD = 1
MOST_SCANS = 100
MOST_BYTES = 200_000


class Scan(BaseModel):
    """One party that was received: by its pass, by its code, or by its face; when, and how many if it was fewer."""

    model_config = ConfigDict(frozen=True)
    id: Uuid
    seen_at: AwareDatetime
    pass_token: Annotated[str, Field(max_length=4_000)] | None = None
    short_code: ShortCode | None = None
    referral_id: Uuid | None = None
    party: Party | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.pass_token or self.short_code or self.referral_id):
            raise ValueError("nobody")
        return self


async def pocket(page: PageContext) -> Response:
    """What a phone needs to receive parties of these days by itself: own keys, codes, no name of anybody."""
    today = formatting.local(page.now).date()
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    keys, coming, handoffs, known = await asyncio.gather(
        page.list(ListKeys()),
        page.list(ListExpected(first=first, last=last)),
        page.list(ListHandoffs(side="receiver", first=first, last=last, limit=200)),
        page.known(),
    )
    here = [_arrival(page, known, each) for each in handoffs if each.state == "arrived"]
    said = {
        "as_of": page.now.isoformat(),
        "community": page.community,
        "keys": [
            key.model_dump(mode="json", exclude={"fingerprint"}) for key in keys if key.community == page.community
        ],
        "arrivals": [_arrival(page, known, each) for each in coming] + here,
    }
    headers = {"Cache-Control": "no-store", **phone.kept_through(last)}
    return JSONResponse(said, headers=headers)


async def scans(page: PageContext) -> Response:
    """What was seen without signal, each by the id under which the phone kept it: it is done once."""
    given = await _given(page)
    if given is None:
        return page.render("error.html", status=422, what="form")
    return JSONResponse({"results": [await _told(page, each) for each in given]}, headers={"Cache-Control": "no-store"})


def _arrival(page: PageContext, known: Known, line: Expected | HandoffSummary) -> Mapping[str, Any]:
    window = line.arrival
    return {
        "referral_id": line.referral_id,
        "code": line.short_code if isinstance(line, Expected) else None,
        "state": line.state,
        "party": line.party.model_dump(mode="json"),
        "said": {
            "party": writing.party(page.phrases, line.party),
            "partner": known.name(page.phrases, line.partner),
            "window": f"{window.earliest:%H:%M}–{window.latest:%H:%M}" if window else "",
        },
    }


async def _given(page: PageContext) -> list[Any] | None:
    """The scans of a request; None when it holds none, or too many."""
    body = bytearray()
    async for chunk in page.request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    try:
        given = json.loads(body)["scans"]
    except (ValueError, KeyError, TypeError):
        return None
    return given if isinstance(given, list) and 0 < len(given) <= MOST_SCANS else None


async def _told(page: PageContext, given: Any) -> Mapping[str, Any]:
    """What became of one. Raises OpenEnd when nobody can say yet: then the phone asks again, by the same id."""
    try:
        scan = Scan.model_validate(given)
        return {"id": scan.id, **await _arrived(page, scan)}
    except ValidationError:
        said = page.phrases.gettext("This phone has kept something that cannot be read. Receive the party once more.")
        id_ = given.get("id") if isinstance(given, dict) else None
        return {"id": id_, "outcome": "refused", "said": said, "href": "/receive"}


async def _arrived(page: PageContext, scan: Scan) -> Mapping[str, Any]:
    """By what was shown. A code that has to wait was found on the phone's own list: its party is known by that."""
    try:
        if scan.pass_token is None and scan.short_code is None:
            return await _by_face(page, scan, scan.id)
        shown = {"pass_token": scan.pass_token} if scan.pass_token else {"short_code": scan.short_code}
        asked = PresentPass.model_validate({**shown, "party": scan.party})
        judged = await phone.told_then(_asking(page, scan.id), asked, scan.seen_at, page.now)
        if judged.verdict == "too_many_tries" and scan.referral_id:
            return await _by_face(page, scan, part_of(scan.id, "face"))
        return _judged(page, judged, scan)
    except OpenEnd:
        raise
    except Refused as no:
        if (no.refusal.params or {}).get("state") == "arrived":
            return _outcome("used", page.phrases.gettext("They have arrived already."), scan.referral_id)
        return _outcome("refused", told(page.phrases, no.refusal), scan.referral_id)


async def _by_face(page: PageContext, scan: Scan, command_id: str) -> Mapping[str, Any]:
    """Somebody who knows them has chosen them from the list."""
    arrived = ArriveParty(referral=scan.referral_id or "", party=scan.party)
    await phone.told_then(_asking(page, command_id), arrived, scan.seen_at, page.now)
    return _outcome("arrived", word(page.phrases, STATES, "arrived"), scan.referral_id)


def _asking(page: PageContext, command_id: str) -> Callable[[Asked[R]], Awaitable[R]]:
    return lambda asked: page.client.send(asked, command_id=command_id)


def _judged(page: PageContext, judged: PassJudged, scan: Scan) -> Mapping[str, Any]:
    """In words of whoever is signed in on the phone."""
    said = word(page.phrases, VERDICTS, judged.verdict)
    if judged.verdict == "used" and judged.used_at:
        at = writing.moment(page.phrases, judged.used_at, page.now).striptags()
        said = page.phrases.gettext("This pass was used before, at {time}. Ask the party, then decide.", time=at)
    outcome = judged.verdict if judged.verdict == "used" else "arrived" if judged.verdict == "good" else "refused"
    return _outcome(outcome, said, judged.referral_id or scan.referral_id)


def _outcome(outcome: str, said: str, referral: str | None) -> Mapping[str, Any]:
    return {"outcome": outcome, "said": said, "href": f"/handoffs/{referral}" if referral else "/receive"}


PAGES = (
    PageRoute("GET", "/receive/pocket.json", pocket, asks=ListExpected),
    PageRoute("POST", "/receive/scans", scans, asks=PresentPass, most_bytes=MOST_BYTES),
)
