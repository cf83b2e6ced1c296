"""Receiving where there is no signal: what the phone has with it, and what it has seen, told when it can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.responses import JSONResponse, Response

from contracts.booking.v1 import BookingSummary, ListBookings, PresentVoucher, VoucherJudged
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
from services.client.phrases.vocabulary import STATES, VERDICTS, VOUCHERS, word
from services.client.presenting import asked_about
from services.client.refusals import told
from services.portal.pages.receiving import DAYS_BACK
from services.portal.pages.receiving_booked import voucher_asked
from services.portal.site import pending, phone, writing
from services.portal.site.context import PageContext, part_of
from services.portal.site.directory import Known
from services.portal.site.portal_site import PageRoute
from services.portal.site.promised import STATE_OF_HOLD

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
    short_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{6}$")] | None = None
    referral_id: Uuid | None = None
    booked: bool = False
    party: Party | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.pass_token or self.short_code or self.referral_id):
            raise ValueError("nobody")
        return self

    @property
    def hold_id(self) -> str | None:
        """The booking that somebody was chosen from, where it is an agency's."""
        return self.referral_id if self.booked else None


async def pocket(page: PageContext) -> Response:
    """What a phone needs to receive parties of these days by itself: own keys, codes, no name of anybody."""
    today = formatting.local(page.now).date()
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    keys, coming, handoffs, booked, known = await asyncio.gather(
        page.list(ListKeys()),
        page.list(ListExpected(first=first, last=last)),
        page.list(ListHandoffs(side="receiver", first=first, last=last, limit=200)),
        page.list(ListBookings(first=first, last=last, limit=500)),
        page.known(),
    )
    agencies = await pending.names(page, [each.agency for each in booked])
    guests = [_guests(page, agencies, each) for each in booked if each.reference and _begins(each) >= first]
    here = [_arrival(page, known, each) for each in handoffs if each.state == "arrived"]
    said = {
        "as_of": page.now.isoformat(),
        "community": page.community,
        "keys": [
            key.model_dump(mode="json", exclude={"fingerprint"}) for key in keys if key.community == page.community
        ],
        "arrivals": [_arrival(page, known, each) for each in coming] + here + guests,
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


def _begins(line: BookingSummary) -> date:
    return min(item.day for item in line.items)


def _guests(page: PageContext, agencies: Mapping[str, str], line: BookingSummary) -> Mapping[str, Any]:
    """An agency's: those that are cancelled or changed too, so that the phone knows of them."""
    start = min((item.day, item.start or time()) for item in line.items)[1]
    return {
        "referral_id": line.hold_id,
        "booked": True,
        "code": (line.reference or "").upper() if line.state in pending.CAME else None,
        "state": STATE_OF_HOLD[line.state],
        "over": None if line.state in pending.CAME else "over",
        "party": line.party.model_dump(mode="json"),
        "said": {
            "party": writing.party(page.phrases, line.party),
            "partner": agencies.get(line.agency or "", line.agency or ""),
            "window": f"{start:%H:%M}" if start != time() else "",
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
    except (ValueError, KeyError, TypeError, RecursionError):
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
        id_ = id_ if isinstance(id_, str) and id_.isascii() else None
        return {"id": id_, "outcome": "refused", "said": said, "href": "/receive"}


async def _arrived(page: PageContext, scan: Scan) -> Mapping[str, Any]:
    """By what was shown. A code that has to wait was found on the phone's own list: its party is known by that."""
    try:
        shown = scan.pass_token or scan.short_code
        if shown is None and scan.hold_id is None:
            return await _by_face(page, scan, scan.id)
        asked = voucher_asked(scan.hold_id, shown) if scan.hold_id else asked_about(shown or "", scan.party)[-1]
        judged: Any = await phone.told_then(_asking(page, scan.id), asked, scan.seen_at, page.now)
        if isinstance(judged, VoucherJudged):
            return await _booked(page, judged, scan)
        if judged.verdict == "too_many_tries" and scan.referral_id:
            return await _by_face(page, scan, part_of(scan.id, "face"))
        return _judged(page, judged, scan)
    except OpenEnd:
        raise
    except Refused as no:
        if (no.refusal.params or {}).get("state") == "arrived":
            return _outcome("used", page.phrases.gettext("They have arrived already."), scan.referral_id)
        return _outcome("refused", told(page.phrases, no.refusal), scan.referral_id)


async def _booked(page: PageContext, judged: VoucherJudged, scan: Scan) -> Mapping[str, Any]:
    """Of an agency's booking. A code that has to wait was found on the phone's own list."""
    if judged.verdict == "too_many_tries" and scan.hold_id:
        known = PresentVoucher(hold_id=scan.hold_id)
        judged = await phone.told_then(_asking(page, part_of(scan.id, "face")), known, scan.seen_at, page.now)
    found = _judged(page, judged, scan)
    hold_id = judged.hold_id or scan.hold_id
    return {**found, "href": f"/guests/{hold_id}" if hold_id else "/receive"}


async def _by_face(page: PageContext, scan: Scan, command_id: str) -> Mapping[str, Any]:
    """Somebody who knows them has chosen them from the list."""
    arrived = ArriveParty(referral=scan.referral_id or "", party=scan.party)
    await phone.told_then(_asking(page, command_id), arrived, scan.seen_at, page.now)
    return _outcome("arrived", word(page.phrases, STATES, "arrived"), scan.referral_id)


def _asking(page: PageContext, command_id: str) -> Callable[[Asked[R]], Awaitable[R]]:
    return lambda asked: page.client.send(asked, command_id=command_id)


def _judged(page: PageContext, judged: PassJudged | VoucherJudged, scan: Scan) -> Mapping[str, Any]:
    """In words of whoever is signed in on the phone."""
    said = word(page.phrases, VERDICTS if isinstance(judged, PassJudged) else VOUCHERS, judged.verdict)
    if judged.verdict == "used" and judged.used_at:
        at = writing.moment(page.phrases, judged.used_at, page.now).striptags()
        said = page.phrases.gettext("This pass was used before, at {time}. Ask the party, then decide.", time=at)
    outcome = judged.verdict if judged.verdict == "used" else "arrived" if judged.verdict == "good" else "refused"
    referral = judged.referral_id if isinstance(judged, PassJudged) else None
    return _outcome(outcome, said, referral or scan.referral_id)


def _outcome(outcome: str, said: str, referral: str | None) -> Mapping[str, Any]:
    return {"outcome": outcome, "said": said, "href": f"/handoffs/{referral}" if referral else "/receive"}


PAGES = (
    PageRoute("GET", "/receive/pocket.json", pocket, asks=ListExpected),
    PageRoute("POST", "/receive/scans", scans, asks=PresentPass, most_bytes=MOST_BYTES),
)
