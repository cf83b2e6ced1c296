"""Calendars from memory: as they would be read anew, whoever changes what and in whichever process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.booking.v1 import RuleLine
from contracts.values import ZONES
from services.agency_api.adapters.states import States
from services.agency_api.domain.days_kept import AsOf
from services.agency_api.handlers import read_model
from services.agency_api.octo import reading, starting
from services.agency_api.octo.asked import AskedAvailability, AskedCalendar, UnitCount
from services.agency_api.octo.starting import Looking
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.remembering import Memory
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from tests.support.agency import (
    SELLS,
    Rows,
    agreed,
    done,
    other_price,
    prepared,
    published,
    ruled,
    store,
    taken,
)
from tests.support.booking import MARKET

FIRST, MANY = 20, 10  # days from today


class Process:
    """One process of the agency API: its own connections, and its own memory."""

    def __init__(self, url: str, *, is_blind: bool = False) -> None:
        """`is_blind`: it does not ask how a community stands, and takes it as it was at first."""
        self.rows: Rows = store(url)
        self.day = date.today() + timedelta(days=FIRST)  # noqa: DTZ011 - any day to come
        self._kept: Mapping[str, tuple[int, datetime]] | None = None
        self._is_blind = is_blind
        self.memory = Memory(self._standing)
        self.asked = 0

    async def _standing(self, communities: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        self.asked += 1
        found = await States(self.rows.database).read(communities)
        self._kept = self._kept or found
        return self._kept if self._is_blind else found

    def asking(self, *capabilities: str) -> Asking:
        settings = Settings(database_url="")
        parts = EdgeParts(rpc=None, settings=settings, store=self.rows)  # type: ignore[arg-type] # not asked
        signed_in = SignedIn(SELLS, "abcdefgh23", frozenset({"read"}))
        url = "http://localhost/octo"
        return Asking(
            parts=parts, signed_in=signed_in, url=url, memory=self.memory, capabilities=frozenset(capabilities)
        )

    async def calendar(self, *capabilities: str, many: int = MANY, units: int | None = None) -> Any:
        counts = None if units is None else (UnitCount(id="adult", quantity=units),)
        asked = AskedCalendar.model_validate(self._days(many) | {"units": counts})
        return json.loads(await reading.calendar(self.asking(*capabilities), asked))

    async def starts(self) -> Any:
        found = await reading.availability(self.asking(), AskedAvailability.model_validate(self._days(1)))
        assert isinstance(found, bytes)
        return json.loads(found)

    def _days(self, many: int) -> dict[str, Any]:
        days = {"local_date_start": self.day, "local_date_end": self.day + timedelta(days=many - 1)}
        return {"product_id": MARKET, "option_id": "visit"} | {name: str(day) for name, day in days.items()}

    async def left(self) -> Any:
        """Places of the first day, as the calendar and the starts have them; and whether it is open."""
        first, (start, *_) = (await self.calendar())[0], await self.starts()
        assert (first["vacancies"], first["available"]) == (start["vacancies"], start["available"])
        return first["vacancies"] if first["available"] else first["status"]


Story = Callable[[Process, Process], Awaitable[None]]


def play(url: str, story: Story, *, is_blind: bool = False) -> None:
    async def both() -> None:
        writer, reader = Process(url), Process(url, is_blind=is_blind)
        try:
            await prepared(writer.rows)
            await story(writer, reader)
        finally:
            await writer.rows.close()
            await reader.rows.close()

    asyncio.run(both())


async def what_another_process_takes_is_seen_at_once(writer: Process, reader: Process) -> None:
    assert await reader.left() == await reader.left() == 20
    await taken(writer.rows, reader.day)
    assert await reader.left() == await writer.left() == 18
    line = RuleLine(number=1, day=reader.day, until=reader.day, kind="closed")
    await ruled(writer.rows, line)
    assert await reader.left() == "CLOSED"


def test_what_another_process_takes_is_seen_at_once(agency_database: str) -> None:
    play(agency_database, what_another_process_takes_is_seen_at_once)


def test_memory_that_is_not_checked_would_show_places_that_are_gone(agency_database: str) -> None:
    """The control: what the check is there for."""
    with pytest.raises(AssertionError, match="20"):
        play(agency_database, what_another_process_takes_is_seen_at_once, is_blind=True)


def test_other_offers_and_the_end_of_an_agreement_are_seen_at_once(agency_database: str) -> None:
    async def story(writer: Process, reader: Process) -> None:
        assert (await reader.calendar(units=2))[0]["available"]
        await published(writer.rows, other_price())
        assert not (await reader.calendar(units=2))[0]["available"]
        async with writer.rows.work(EVERYONE) as work:
            await read_model.keep_agreement(agreed("ended"), work)
        with pytest.raises(OctoProblem, match="INVALID_PRODUCT_ID"):
            await reader.calendar(units=2)

    play(agency_database, story)


def test_what_is_forgotten_or_changed_by_hand_counts_as_well(agency_database: str) -> None:
    async def story(writer: Process, reader: Process) -> None:
        await taken(writer.rows, reader.day)
        assert await reader.left() == 18
        await done(writer.rows, "UPDATE pools SET taken = 5")
        assert await reader.left() == 15
        await done(writer.rows, "DELETE FROM pools")
        assert await reader.left() == 20

    play(agency_database, story)


def test_memory_answers_as_if_it_were_read_anew_in_every_way_of_asking(agency_database: str) -> None:
    async def story(writer: Process, reader: Process) -> None:
        await taken(writer.rows, reader.day + timedelta(days=2))
        for ask in ((), ("pricing",)):
            for many in (3, 1, MANY):
                for units in (None, 1, 4):
                    writer.memory = Memory()
                    fresh = await writer.calendar(*ask, many=many, units=units)
                    assert await reader.calendar(*ask, many=many, units=units) == fresh
                    assert await reader.calendar(*ask, many=many, units=units) == fresh

    play(agency_database, story)


def test_many_who_ask_at_once_share_one_question(agency_database: str) -> None:
    async def story(_: Process, reader: Process) -> None:
        await reader.calendar()
        await asyncio.gather(*(reader.calendar() for _ in range(40)))
        assert reader.asked == 1
        await reader.calendar()
        assert reader.asked == 2

    play(agency_database, story)


def test_the_cut_off_closes_a_day_that_is_remembered(agency_database: str) -> None:
    """By the minute: over six days, the cut-off among them, every answer that is marked alike is alike."""

    async def story(writer: Process, _: Process) -> None:
        asking = writer.asking()
        looking = await reading.look(asking, MARKET, "visit", writer.day, writer.day)
        zone = ZONES[looking.supply.offering.community.zone]
        begins = datetime.combine(writer.day - timedelta(days=4), datetime.min.time(), zone)
        seen: dict[AsOf, bytes] = {}
        for second in range(7, 6 * 86_400, 307):
            at: Looking = replace(looking, now=begins + timedelta(seconds=second))
            for moment in (at, replace(at, now=at.now.replace(second=59))):
                text = starting.calendar_day(moment, writer.day, asking).text()
                assert seen.setdefault(moment.as_of, text) == text
        assert len(set(seen.values())) == 2

    play(agency_database, story)
