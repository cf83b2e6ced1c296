"""Book own guests at the counter, hold places for them, and change a booking: what, when, how many, never who."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from starlette.responses import Response

from contracts.booking.v1 import AskAvailability, AskPools, BookingView, Departure, ReplaceBooking, Reserve
from contracts.community.v1 import Experience
from contracts.values import Day, Item, Items, Party
from services.chassis.runtime.ids import new_id
from services.client import formatting
from services.client.answers import OpenEnd, Refused
from services.client.refusals import told
from services.portal.pages.guests import asked_booking
from services.portal.site import months
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.forms import Form
from services.portal.site.months import NOT_SOLD, Levels, Places
from services.portal.site.portal_site import PageRoute

#: For how many hours places are held while guests make up their minds.
HOLDS = (24, 72)
BANDS = ("adult", "child", "infant")


class GuestsForm(Form):
    """Who comes how long for what; `items` are departures such as `bo-taen.homestay@2027-01-14@15:00`."""

    day: Day
    party: Party
    nights: Annotated[int, Field(ge=1, le=30)] = 1
    items: tuple[str, ...] = ()
    how: Literal["book", "24", "72"] = "book"
    #: Given when only the departures of another day are to be shown.
    look: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_party(cls, typed: dict[str, Any]) -> dict[str, Any]:
        """A field for each band."""
        return typed | {"party": {"adult": 0} | {band: typed[band] for band in BANDS if band in typed}}


@dataclass(frozen=True)
class Choice:
    """One departure that can be ticked; `reason` says why it cannot."""

    experience: Experience
    start: time
    day: date
    places: Places
    reason: str | None = None

    @property
    def value(self) -> str:
        """As a form says it."""
        return written(Item(experience_id=self.experience.id, day=self.day, start=self.start))


async def new(page: PageContext) -> Response:
    """An empty form for today, or for the day that is asked for."""
    day = page.request.query_params.get("day", "")
    try:
        first = date.fromisoformat(day)
    except ValueError:
        first = formatting.local(page.now).date()
    return await _form(page, None, {"day": first})


async def book(page: PageContext) -> Response:
    """Book, or hold; or show the departures of another day."""
    return await _taken(page, None)


async def change(page: PageContext) -> Response:
    """The form, filled in as it is booked."""
    booking = await asked_booking(page)
    typed = {
        "day": min(item.day for item in booking.items),
        "items": [written(item) for item in booking.items],
        "nights": max(item.nights for item in booking.items),
        **booking.party.model_dump(),
    }
    return await _form(page, booking, typed)


async def replace(page: PageContext) -> Response:
    """Take the new and give the old back, or change nothing."""
    return await _taken(page, await asked_booking(page))


async def _taken(page: PageContext, old: BookingView | None) -> Response:
    filled = page.read(GuestsForm)
    if filled.value is None or filled.value.look:
        return await _form(page, old, filled.typed, filled.wrong if not filled.typed.get("look") else {})
    known = await page.known()
    items = items_of(filled.value.items, filled.value.nights, known)
    if not items:
        return await _form(page, old, filled.typed, {"items": page.phrases.gettext("Choose at least one.")})
    try:
        hold_id = await _asked(page, filled.value, items, old)
    except OpenEnd:
        raise
    except Refused as refused:
        said = known.said(page.phrases, told(page.phrases, refused.refusal))
        return await _form(page, old, filled.typed, {"items": said})
    return page.redirect(f"/guests/{hold_id}")


async def _asked(page: PageContext, given: GuestsForm, items: Items, old: BookingView | None) -> str:
    """The id of the new booking, which is the form's: sent twice it is made once."""
    hold_id, party = page.form_id or new_id(), given.party
    if old:
        await page.ask(ReplaceBooking(hold_id=old.hold_id, new_hold_id=hold_id, party=party, items=items))
    elif given.how == "book":
        await page.ask(Reserve(hold_id=hold_id, party=party, items=items))
    else:
        until = page.now + timedelta(hours=int(given.how))
        await page.ask(Reserve(hold_id=hold_id, party=party, items=items, confirm=False, expires_at=until))
    return hold_id


async def _form(
    page: PageContext, old: BookingView | None, typed: Mapping[str, Any], wrong: Mapping[str, str] | None = None
) -> Response:
    known, today = await page.known(), formatting.local(page.now).date()
    try:
        day = date.fromisoformat(str(typed.get("day", "")))
    except ValueError:
        day = today
    choices = await _choices(page, known, day)
    ticked = tuple(typed.get("items", ()))
    others = [item for item in map(read, ticked) if item and item.day != day and known.experience(item.experience_id)]
    return page.render(
        "guest_form.html", status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK, known=known, old=old,
        typed=typed, wrong=wrong or {}, day=day, today=today, choices=choices, ticked=ticked,
        others=others, written=written, holds=[(hours, page.now + timedelta(hours=hours)) for hours in HOLDS],
    )  # fmt: skip


async def _choices(page: PageContext, known: Known, day: date) -> Sequence[Choice]:
    if known.own is None:
        return ()
    departures, pools = await asyncio.gather(
        page.list(AskAvailability(community=page.community, first=day, last=day)),
        page.list(AskPools(first=day, last=day, untouched=True)),
    )
    return choices_of(departures, {one.id: one for one in known.own.experiences}, months.levels(pools))


def choices_of(
    departures: Iterable[Departure], experiences: Mapping[str, Experience], levels: Levels
) -> Sequence[Choice]:
    """Departures of a day with what is free: notice need not be given for own guests, the rest counts for them too."""
    found = []
    for one in departures:
        experience = experiences[one.experience_id]
        reason = one.reason if one.reason in NOT_SOLD or one.reason == "past" else None
        found.append(
            Choice(experience, one.start, one.day, months.of_departure(experience, one.start, one.day, levels), reason)
        )
    return sorted(found, key=lambda each: (each.experience.kind != "homestay", each.start))


def written(item: Item) -> str:
    """A departure as a form says it."""
    return f"{item.experience_id}@{item.day}@{item.start:%H:%M}" if item.start else f"{item.experience_id}@{item.day}@"


def read(text: str) -> Item | None:
    """The departure that a form names, without nights; None for what is none."""
    try:
        experience_id, day, start = text.split("@")
        at = time.fromisoformat(start) if start else None
        return Item(experience_id=experience_id, day=date.fromisoformat(day), start=at)
    except ValueError:
        return None


def items_of(texts: Iterable[str], nights: int, known: Known) -> Items:
    """What is ticked, of what is offered; the nights are those of every stay."""
    found = []
    for item in filter(None, map(read, texts)):
        experience = known.experience(item.experience_id)
        if experience:
            found.append(item.model_copy(update={"nights": nights}) if experience.kind == "homestay" else item)
    return tuple(found)


PAGES = (
    PageRoute("GET", "/guests/new", new, asks=Reserve),
    PageRoute("POST", "/guests/new", book, asks=Reserve),
    PageRoute("GET", "/guests/{hold:uuid}/change", change, asks=ReplaceBooking),
    PageRoute("POST", "/guests/{hold:uuid}/change", replace, asks=ReplaceBooking),
)
