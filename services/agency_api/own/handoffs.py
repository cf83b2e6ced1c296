"""Handing parties over for communities that agreed to it: referral judges, keeps and tells; here it is only put across.

Everything is named by the agency's own uuid, so there is nothing to keep here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from contracts.referral import v1
from contracts.referral.next_acts import NextAct
from contracts.values import Alternative, Item, Quote, Window
from services.agency_api.domain.ids import command_id
from services.agency_api.own.asked import Guests
from services.agency_api.own.handoff_asked import AskedHandoffs, CounterTaken, Delaying, HandoffOffer, Withdrawing
from services.agency_api.own.handoff_objects import (
    AlternativeView,
    HandoffLine,
    HandoffView,
    ItemView,
    NextActView,
    QuoteLineView,
    QuoteView,
    StoryView,
    WindowView,
)
from services.agency_api.own.once import Answer, once
from services.agency_api.own.paging import BadCursor, Page, Place
from services.agency_api.own.problems import NOT_FOUND, Failed, invalid
from services.agency_api.site.asking import Asking
from services.agency_api.site.instants import utc, utc_or_none
from services.chassis.ports import EVERYONE
from services.client import formatting
from services.client.answers import Refused

#: Where a page of the list may begin.
PLACE: Place = ("",)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_TRIAL = "a party is handed over to people, who answer"


async def listed(asking: Asking, asked: AskedHandoffs, after: Place | None) -> Page:
    """What the agency has handed over, newest first."""
    before = None if after is None else f"{after[0]}"
    if before is not None and not _ID.fullmatch(before):
        raise BadCursor
    wanted = v1.ListHandoffs(open_only=asked.open_only, before=before, limit=asked.limit + 1)
    found = (await asking.bus(asked.community).send(wanted)).items
    shown = found[: asked.limit]
    return Page([_line(one) for one in shown], (shown[-1].referral_id,) if len(found) > len(shown) else None)


async def show(asking: Asking, uuid: str) -> HandoffView:
    """One of them."""
    return _view(await _found(asking, uuid))


async def offer(asking: Asking, request: Request, asked: HandoffOffer) -> Answer:
    """Offer a party; the same under the same uuid is done once, with a key or without."""
    wanted = asked.wanted

    async def ask(_: str) -> Answer:
        await _check(asking, asked)
        command = command_id("hand-over", asking.agency, asking.signed_in.prefix, asked.community, _text(wanted))
        await asking.bus(asked.community).send(wanted, command_id=command)
        return (await show(asking, asked.uuid)).wire()

    return await once(asking, request, ask, _NO_TRIAL)


async def act(asking: Asking, request: Request, uuid: str, asked: Withdrawing | CounterTaken | Delaying) -> Answer:
    """Do something about one of them, and tell how it stands then."""

    async def ask(command: str) -> Answer:
        community = (await _found(asking, uuid)).community
        await asking.bus(community).send(_wanted(uuid, asked), command_id=command)
        return (await show(asking, uuid)).wire()

    return await once(asking, request, ask, _NO_TRIAL)


async def _check(asking: Asking, asked: HandoffOffer) -> None:
    """As the verb `offer` does. Raises Failed for a language that there is not, and for a day that is past."""
    if not formatting.is_language(asked.language):
        raise invalid("language", "there is no such language: give its code of ISO 639, such as th, lo or en")
    async with asking.store.work(EVERYONE, readonly=True) as work:
        today = formatting.local(work.now).date()
    for n, item in enumerate(asked.items):
        if item.day < today:
            raise invalid(f"items.{n}.day", f"it is past: give {today} or a later day")


def _text(wanted: v1.OfferHandoff) -> str:
    return json.dumps(wanted.wire(), sort_keys=True)


def _wanted(
    uuid: str, asked: Withdrawing | CounterTaken | Delaying
) -> v1.WithdrawHandoff | v1.TakeCounter | v1.DelayParty:  # fmt: skip
    match asked:
        case Withdrawing():
            return v1.WithdrawHandoff(referral=uuid, reason=asked.reason)
        case CounterTaken():
            return v1.TakeCounter(referral=uuid, round=asked.round)
        case Delaying():
            return v1.DelayParty(referral=uuid, arrival=asked.arrival.window)


async def _found(asking: Asking, uuid: str) -> v1.HandoffView:
    try:
        return await asking.bus(None).send(v1.ShowHandoff(referral=uuid))
    except Refused as no:
        if no.refusal.reason != "no_such_handoff":
            raise
        raise Failed(NOT_FOUND, "You have handed over no party under this uuid", "uuid") from None


def _line(found: v1.HandoffSummary) -> HandoffLine:
    return HandoffLine(**_shared(found))


def _shared(found: v1.HandoffSummary | v1.HandoffView) -> dict[str, Any]:
    """What a line of a list and a whole handoff say alike."""
    party = found.party
    return {
        "uuid": found.agency_ref,
        "community": found.community,
        "partner": found.partner,
        "reference": found.referral_id,
        "state": found.state,
        "round": found.round,
        "waits_for": found.whose_move,
        "next_acts": _acts(found.next_acts),
        "party": Guests(adults=party.adult, children=party.child, infants=party.infant),
        "items": _items(found.items or ()),
        "arrival": _window(found.arrival),
        "answer_by": utc(found.answer_by),
        "late": found.late,
    }


def _view(found: v1.HandoffView) -> HandoffView:
    return HandoffView(
        **_shared(found),
        counter_items=None if found.countered_items is None else _items(found.countered_items),
        needs=found.needs,
        language=found.language,
        crossing=found.crossing,
        who_drives=found.who_drives,
        held_until=utc_or_none(found.held_until),
        consent_by=utc_or_none(found.consent_by),
        quote=found.quote and _quote(found.quote),
        alternatives=tuple(_alternative(one) for one in found.alternatives),
        reason=found.reason,
        story=tuple(StoryView(at=utc(one.at), act=one.act, by=one.by, state=one.state) for one in found.story),
    )


def _acts(acts: Iterable[NextAct]) -> tuple[NextActView, ...]:
    return tuple(
        NextActView(
            act=one.act, by="agency" if one.by_agency else "community", until=utc_or_none(one.until)
        )
        for one in acts
    )  # fmt: skip


def _items(items: Iterable[Item]) -> tuple[ItemView, ...]:
    return tuple(
        ItemView(
            product_id=one.experience_id,
            day=one.day,
            start=f"{one.start:%H:%M}" if one.start else None,
            nights=one.nights,
        )
        for one in items
    )


def _alternative(one: Alternative) -> AlternativeView:
    start = f"{one.start:%H:%M}" if one.start else None
    return AlternativeView(product_id=one.experience_id, day=one.day, start=start)


def _quote(quote: Quote) -> QuoteView:
    lines = (
        QuoteLineView(
            product_id=one.experience_id,
            unit=one.unit,
            quantity=one.quantity,
            unit_price=one.unit_price,
            total=one.total,
        )
        for one in quote.lines
    )
    return QuoteView(lines=tuple(lines), total=quote.total)


def _window(window: Window | None) -> WindowView | None:
    if window is None:
        return None
    return WindowView(day=window.day, earliest=f"{window.earliest:%H:%M}", latest=f"{window.latest:%H:%M}")
