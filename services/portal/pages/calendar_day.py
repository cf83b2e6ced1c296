"""One day: its places, who comes, what was changed; to set places, close, stop selling and open again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.booking.v1 import (
    AskAvailability,
    AskExceptions,
    AskPools,
    ExceptionView,
    ListBookings,
    PoolView,
    Reserve,
    SetException,
)
from contracts.community.v1 import Experience, Offering
from contracts.referral.v1 import ShowHandoff
from contracts.values import Note
from services.client import formatting
from services.portal.pages.calendar import pools_of
from services.portal.site import months, pending
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.forms import Form
from services.portal.site.hit import carried_out
from services.portal.site.members import who_did_it
from services.portal.site.months import Levels
from services.portal.site.portal_site import PageRoute
from services.portal.site.promised import promised

Standing = Literal["open", "stop_sell", "closed"]
Number = Annotated[int, Field(ge=0, le=10_000)]
PLACES, WAS = "places:", "was:"


class DayForm(Form):
    """How a day is to be, beside how it was when the page was made: only what somebody changed on it is changed."""

    of: str = ""
    state: Standing = "open"
    was_state: Standing = "open"
    reason: Note
    places: dict[str, Number] = Field(default_factory=dict)
    was: dict[str, Number] = Field(default_factory=dict)
    #: Parties that were shown before.
    holds: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, typed: dict[str, Any]) -> dict[str, Any]:
        """One field for each pool, such as `places:guests`."""
        found = {name: {} for name in ("places", "was")} | {
            k: v for k, v in typed.items() if k not in ("places", "was")
        }
        for name, value in typed.items():
            for prefix in (PLACES, WAS):
                if name.startswith(prefix):
                    found[prefix[:-1]][name.removeprefix(prefix)] = value
        return found


@dataclass(frozen=True)
class Row:
    """One number that can be set: a pool with how it stands, and its capacity by the standing offer."""

    pool: str
    kind: Literal["guests", "visitors", "seats"]
    level: PoolView
    standing: int
    start: time | None = None


@dataclass(frozen=True)
class Asked:
    """A day, and whether all of the community or one experience is looked at."""

    day: date
    of: str
    experience: Experience | None
    known: Known

    @property
    def experience_id(self) -> str | None:
        """The experience that is looked at."""
        return self.experience.id if self.experience else None


async def show(page: PageContext) -> Response:
    """The day as it stands."""
    return await _shown(page, await asked_day(page))


async def change(page: PageContext) -> Response:
    """Make it as the form says; first shows what is promised, if anything falls below it."""
    asked = await asked_day(page)
    filled = page.read(DayForm)
    if filled.value is None:
        return await _shown(page, asked, typed=filled.typed, wrong=filled.wrong)
    rows = _rows(asked, months.levels(await page.list(AskPools(first=asked.day, last=asked.day, untouched=True))))
    changes = changes_of(filled.value, asked.day, asked.experience_id, rows)
    shown = await carried_out(page, asked.known, changes, filled.value.holds)
    return shown or page.redirect(f"/calendar/{asked.day}?of={asked.of}")


async def asked_day(page: PageContext) -> Asked:
    """The day and the view that the address says; the whole community where it says nothing that there is."""
    try:
        day = date.fromisoformat(page.request.path_params["day"])
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    known = await page.known()
    if known.own is None or not known.own.experiences:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    of = page.request.query_params.get("of", "") or str(page.data.get("of", ""))
    experience = next((one for one in known.own.experiences if one.id == of), None)
    pools = pools_of(known.own)
    return Asked(day, of if experience or of in pools else pools[0], experience, known)


async def _shown(page: PageContext, asked: Asked, **typed: Any) -> Response:
    day, may = asked.day, page.may
    pools, departures, bookings, lines, names = await asyncio.gather(
        page.list(AskPools(first=day, last=day, untouched=True)),
        page.list(AskAvailability(community=page.community, experience_id=asked.experience_id, first=day, last=day)),
        page.list(ListBookings(first=day, last=day, live=True, limit=500)),
        _history(page, day),
        who_did_it(page),
    )
    today = formatting.local(page.now).date()
    coming = sorted((promised(asked.known, each) for each in bookings), key=lambda one: (one.first, one.partner or ""))
    return page.render(
        "calendar_day.html", live=not typed, status=HTTPStatus.UNPROCESSABLE_ENTITY if typed else HTTPStatus.OK,
        keep=None if typed else day, asked=asked, known=asked.known, rows=_rows(asked, months.levels(pools)),
        coming=coming, agencies=await pending.names(page, [each.booking.agency for each in coming]),
        heads=sum(each.booking.party.heads for each in coming), lines=lines[::-1], names=names,
        unsold=next((one.reason for one in departures if one.reason), None)
        if day in months.unsold(departures, {one.experience_id for one in departures}) else None,
        state=standing_of(lines, asked.experience_id), shut=asked.experience and standing_of(lines, None) == "closed",
        may_change=may(SetException) and day >= today, may_book=may(Reserve) and day >= today,
        may_see=may(ShowHandoff), **typed,
    )  # fmt: skip


async def _history(page: PageContext, day: date) -> tuple[ExceptionView, ...]:
    return await page.list(AskExceptions(first=day, last=day)) if page.may(AskExceptions) else ()


def _rows(asked: Asked, levels: Levels) -> list[Row]:
    assert asked.known.own is not None
    return rows(asked.known.own, asked.experience, asked.day, levels)


def rows(own: Offering, experience: Experience | None, day: date, levels: Levels) -> list[Row]:
    """The pools of the community, or the seats of one experience; a stay has none but the community's beds."""
    limits = own.community.limits
    found: list[tuple[str, Literal["guests", "visitors", "seats"], int, time | None]] = []
    if experience is None:
        by_kind = {months.GUESTS: limits.guests_per_night, months.VISITORS: limits.visitors_per_day}
        found = [
            (pool, "guests" if pool == months.GUESTS else "visitors", by_kind[pool], None) for pool in pools_of(own)
        ]
    elif experience.kind == "product":
        found = [(months.seats_pool(experience, experience.starts[0]), "seats", experience.seats, None)]
    elif experience.kind != "homestay":
        found = [(months.seats_pool(experience, at), "seats", experience.seats, at) for at in sorted(experience.starts)]
    return [
        Row(pool, kind, levels[pool, day], standing, start)
        for pool, kind, standing, start in found
        if (pool, day) in levels
    ]


def standing_of(lines: Iterable[ExceptionView], experience_id: str | None) -> Standing:
    """Whether all of it is open, not sold or closed, by what was last said of exactly that."""
    state: Standing = "open"
    for line in lines:
        if line.experience_id != experience_id or line.start is not None:
            continue
        if line.kind == "closed" or line.kind == "stop_sell":
            state = "closed" if line.kind == "closed" else "stop_sell"
        elif line.kind == "lifted" and line.pool is None:
            state = "open"
    return state


def changes_of(form: DayForm, day: date, experience_id: str | None, pools: Sequence[Row]) -> list[SetException]:
    """What must be set to make the day as the form says.

    To open takes back changed numbers too, so those that are to stay are set again behind it.
    """
    base = SetException(day=day, experience_id=experience_id, kind="lifted", reason=form.reason)
    found = []
    opens = form.state == "open" != form.was_state
    if form.state != form.was_state:
        found.append(base if opens else base.model_copy(update={"kind": form.state}))
    for row in pools:
        was = row.standing if opens else form.was.get(row.pool, row.level.capacity)
        wanted = form.places.get(row.pool, form.was.get(row.pool, row.level.capacity))
        if wanted != was:
            found.append(_resized(base, row, wanted))
    return found


def _resized(base: SetException, row: Row, wanted: int) -> SetException:
    """Another number of places; the usual one is no exception any more."""
    if wanted == row.standing and row.start is None:
        return base.model_copy(update={"pool": row.kind})
    return base.model_copy(update={"kind": "capacity", "pool": row.kind, "start": row.start, "capacity": wanted})


PAGES = (
    PageRoute("GET", "/calendar/{day}", show, asks=AskPools),
    PageRoute("POST", "/calendar/{day}", change, asks=SetException),
)
