"""The agency API's own tables, with two agencies, of which one sells Bo Taen, and what the other services state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from contracts.agencies.v1 import AgencyStated, AgreementStated, AgreementTerms
from contracts.booking.v1 import BookingChanged, CapacityChanged, HoldTimes, PoolLevel, RuleLine
from contracts.community.v1 import Offering, OfferingPublished
from services.agency_api import adapters
from services.agency_api.adapters.unit_of_work import AgencyUnitOfWork
from services.agency_api.domain.bookings import Request, Wish
from services.agency_api.domain.notifying import Claimed, Kind, Subscription
from services.agency_api.handlers import notifying, read_model
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from tests.support.booking import HOMESTAY, MARKET, experience, offering
from tests.support.vault import vault

MIGRATIONS = {"agency_api": Path(adapters.__file__).parents[1] / "migrations"}
COMMUNITY, SELLS, OTHER = "bo-taen", "mekong-trails", "slow-travel"
ALL: tuple[Kind, ...] = ("BOOKING_UPDATE", "PRODUCT_UPDATE", "AVAILABILITY_UPDATE")
SECRET = b"k" * 32
HOUSE = experience(HOMESTAY, kind="homestay", duration_minutes=960, seats=15)
OFFERING = offering(HOUSE, experience(MARKET))
Rows = Store[AgencyUnitOfWork]


def store(url: str) -> Rows:
    """A process of the agency API, as far as its tables see it."""
    return Store(url, AgencyUnitOfWork, vault=vault())


def play(url: str, story: Callable[[Rows], Awaitable[None]], *, prepare: bool = False) -> None:
    """Run a story in one process of the agency API, where told so `prepared`."""

    async def whole() -> None:
        rows = store(url)
        try:
            if prepare:
                await prepared(rows)
            await story(rows)
        finally:
            await rows.close()

    asyncio.run(whole())


async def prepared(rows: Rows) -> None:
    """Two agencies, one agreement, one offering."""
    async with rows.work(EVERYONE) as work:
        for agency in (SELLS, OTHER):
            await read_model.keep_agency(AgencyStated(agency=agency, name=agency), work)
        await read_model.keep_agreement(agreed(), work)
        await read_model.keep_offering(OfferingPublished(offering=OFFERING), work)


def agreed(state: str = "agreed", first: date | None = None) -> AgreementStated:
    """The agreement of the one that sells."""
    terms = AgreementTerms(valid_from=first or date(2020, 1, 1), percent="15.00")
    given: dict[str, Any] = {"agency": SELLS, "community": COMMUNITY, "state": state, "terms": terms}
    return AgreementStated(**given, since=datetime.now(UTC))


async def subscribed(rows: Rows, agency: str = SELLS, types: Sequence[Kind] = ALL, **given: Any) -> Subscription:
    """A subscription."""
    usual: dict[str, Any] = {
        "id": new_id(), "agency": agency, "community": None, "url": "https://agency.example/octo",
        "receiver": "agency.example:443", "types": tuple(types), "made_at": datetime.now(UTC), "secret": SECRET,
    }  # fmt: skip
    one = Subscription(**(usual | given))
    async with rows.work(EVERYONE) as work:
        assert await notifying.subscribe(work, one)
    return one


def wish() -> Wish:
    """A night for nobody."""
    what: dict[str, Any] = {"product": HOMESTAY, "option": "1-night", "day": date(2027, 1, 14), "start": time(6)}
    return Wish(community=COMMUNITY, guests=(), **what)


async def booked(rows: Rows, agency: str = SELLS) -> Request:
    """An agency has asked for something under a uuid of its own."""
    now = datetime.now(UTC)
    one = Request(
        agency=agency, uuid=str(uuid4()), digest=b"d", hold_id=new_id(), wish=wish(), expires_at=now, test=False,
        percent="15.00", supplier_reference="S1", asked_at=now,
    )  # fmt: skip
    async with rows.work(EVERYONE) as work:
        assert await work.ask(one)
    return one


async def changed(rows: Rows, request: Request, agency: str = "", **given: Any) -> None:
    """Booking states how a hold stands."""
    now = datetime.now(UTC)
    whole: dict[str, Any] = {
        "hold_id": request.hold_id, "community": COMMUNITY, "agency": agency or request.agency, "state": "CONFIRMED",
        "times": HoldTimes(placed_at=now, changed_at=now),
    }  # fmt: skip
    async with rows.work(EVERYONE) as work:
        await read_model.keep_booking(BookingChanged(**(whole | given)), work)


async def taken(rows: Rows, day: date, pool: str = f"seats/{MARKET}/06:00", version: int = 1) -> None:
    """Booking states that places were taken."""
    level = PoolLevel(pool=pool, day=day, capacity=20, taken=2, version=version)
    async with rows.work(EVERYONE) as work:
        await read_model.keep_capacity(CapacityChanged(community=COMMUNITY, levels=(level,)), work)


async def ruled(rows: Rows, *lines: RuleLine) -> None:
    """Booking states rules."""
    async with rows.work(EVERYONE) as work:
        await read_model.keep_capacity(CapacityChanged(community=COMMUNITY, lines=lines), work)


async def published(rows: Rows, other: Offering) -> None:
    """The community states what it offers."""
    async with rows.work(EVERYONE) as work:
        await read_model.keep_offering(OfferingPublished(offering=other), work)


def other_price(one: Offering = OFFERING) -> Offering:
    """The same, but the market takes more at least."""
    house, market = one.experiences
    return one.model_copy(update={"experiences": (house, market.model_copy(update={"min_party": 3}))})


async def done(rows: Rows, sql: str, *arguments: Any) -> list[Any]:
    """Run SQL as the service does."""
    async with rows.database.connection() as connection, connection.transaction():
        return list(await connection.fetch(sql, *arguments))


async def passed(rows: Rows, by: timedelta) -> None:
    """Let time pass, for the outbox."""
    for table, columns in (
        ("notifications", ("made_at", "due_at", "until", "claimed_until")),
        ("subscriptions", ("failing_since", "made_at")),
    ):
        await done(rows, f"UPDATE {table} SET " + ", ".join(f"{c} = {c} - $1::interval" for c in columns), by)


async def claimed(rows: Rows, most: int = 16, busy: Sequence[Subscription] = ()) -> list[Claimed]:
    """What is due and taken now; what waits to be told together is due as well."""
    async with rows.work(EVERYONE) as work:
        return list(await notifying.claim(work, most, busy))


async def due(rows: Rows) -> list[Claimed]:
    """The same, once what is told together is due."""
    await passed(rows, timedelta(seconds=6))
    return await claimed(rows)


def told(found: Sequence[Claimed]) -> list[tuple[str, dict[str, str]]]:
    """Types and data, in order."""
    return sorted(((one.delivery.news.type, dict(one.delivery.news.data)) for one in found), key=repr)


def moved(request: Request) -> Request:
    """The same booking with another hold."""
    return replace(request, hold_id=new_id())
