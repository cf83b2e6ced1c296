"""What agencies asked for is deleted in time, and nothing that somebody may still ask for; trials are few at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.holding import MOST_HOLDS
from services.agency_api.domain import trial
from services.agency_api.domain.bookings import BOOKED_KEPT, TRIAL_KEPT, UNBOOKED_KEPT, Request, Tried
from services.agency_api.handlers import bookings
from services.agency_api.octo import refusing
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from tests.support import agency
from tests.support.agency import OTHER, SELLS, Rows

QUOTE: Any = None
MINUTE = timedelta(minutes=1)


@pytest.fixture
def url(agency_database: str) -> str:
    return agency_database


async def asked(
    rows: Rows,
    age: timedelta,
    state: str | None,
    *,
    test: bool = False,
    until: datetime | None = None,
    confirmed: datetime | None = None,
) -> str:
    """A booking asked for so long ago, as it stands; without a state nobody has ever answered."""
    now = datetime.now(UTC)
    one = await agency.booked(rows)
    await agency.done(
        rows,
        "UPDATE bookings SET asked_at = $2, expires_at = $2, test = $3 WHERE hold_id = $1::text::uuid",
        *(one.hold_id, now - age, test),
    )
    if state is not None:
        await agency.done(
            rows,
            "INSERT INTO standings (hold_id, agency, community, state, expires_at, placed_at, changed_at, confirmed_at)"
            " VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $6, $7)",
            *(one.hold_id, SELLS, agency.COMMUNITY, state, until, now - age, confirmed),
        )
    return one.uuid


async def left(rows: Rows) -> set[str]:
    while await swept(rows):
        pass
    standings = await agency.done(rows, "SELECT hold_id FROM standings")
    kept = await agency.done(rows, "SELECT uuid::text AS uuid, hold_id FROM bookings")
    assert {row["hold_id"] for row in standings} <= {row["hold_id"] for row in kept}, "no standing without its booking"
    return {row["uuid"] for row in kept}


async def swept(rows: Rows) -> int:
    async with rows.work(EVERYONE) as work:
        return await bookings.forget(work)


def test_what_is_over_is_deleted_and_nothing_else(url: str) -> None:
    async def story(rows: Rows) -> None:
        now = datetime.now(UTC)
        then = now - UNBOOKED_KEPT
        over = [
            await asked(rows, TRIAL_KEPT + MINUTE, "CONFIRMED", test=True, confirmed=then),
            await asked(rows, TRIAL_KEPT + MINUTE, None, test=True),
            await asked(rows, UNBOOKED_KEPT + MINUTE, "EXPIRED"),
            await asked(rows, UNBOOKED_KEPT + MINUTE, "REJECTED"),
            await asked(rows, UNBOOKED_KEPT + MINUTE, "CANCELLED"),
            await asked(rows, UNBOOKED_KEPT + MINUTE, "ON_HOLD", until=now - UNBOOKED_KEPT - MINUTE),
            await asked(rows, UNBOOKED_KEPT + MINUTE, None),
            await asked(rows, BOOKED_KEPT + MINUTE, "REDEEMED", confirmed=then),
        ]
        stays = {
            await asked(rows, TRIAL_KEPT - MINUTE, "CONFIRMED", test=True),
            await asked(rows, UNBOOKED_KEPT - MINUTE, "EXPIRED"),
            await asked(rows, UNBOOKED_KEPT - MINUTE, None),
            await asked(rows, UNBOOKED_KEPT + MINUTE, "PENDING", until=now + MINUTE),
            await asked(rows, BOOKED_KEPT - MINUTE, "REDEEMED", confirmed=then),
            await asked(rows, BOOKED_KEPT - MINUTE, "CANCELLED", confirmed=then),
            await asked(rows, BOOKED_KEPT - MINUTE, "CONFIRMED", confirmed=then),
        }
        assert await left(rows) == stays
        assert not stays & set(over)

    agency.play(url, story)


def test_without_the_errand_everything_would_stay(url: str) -> None:
    async def story(rows: Rows) -> None:
        await asked(rows, UNBOOKED_KEPT + MINUTE, "EXPIRED")
        assert len(await agency.done(rows, "SELECT FROM bookings")) == 1
        assert await swept(rows) > 0
        assert await swept(rows) == 0, "and then there is nothing to do"

    agency.play(url, story)


def test_it_is_deleted_in_pages_and_a_hold_without_a_booking_goes_too(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookings, "PAGE", 2)

    async def story(rows: Rows) -> None:
        for _ in range(5):
            uuid = await asked(rows, UNBOOKED_KEPT + MINUTE, "EXPIRED")
        await agency.done(
            rows, "UPDATE bookings SET hold_id = $2::text::uuid WHERE uuid = $1::text::uuid", uuid, new_id()
        )
        assert await swept(rows) <= 2 * 2 + 2
        assert await left(rows) == set()
        assert not await agency.done(rows, "SELECT FROM standings")

    agency.play(url, story)


# trying out


async def tried(rows: Rows, whose: str = SELLS, community: str = agency.COMMUNITY) -> Tried:
    """One more trial is held; how many there are then."""
    now = datetime.now(UTC)
    one = replace(_request(whose), asked_at=now, expires_at=now + timedelta(minutes=30), test=True)
    one = replace(one, wish=replace(one.wish, community=community))
    async with rows.work(EVERYONE) as work:
        assert await work.ask(one)
    async with rows.work(EVERYONE) as work:
        found = await work.tried_out(one)
        refusing.judge_room(found, _asking())
        await work.keep_standing(trial.placed(one, QUOTE, now))
    return found


def _request(whose: str) -> Request:
    now = datetime.now(UTC)
    return Request(
        agency=whose, uuid=new_id(), digest=b"d", hold_id=new_id(), wish=agency.wish(), expires_at=now, test=True,
        percent="15.00", supplier_reference="S1", asked_at=now,
    )  # fmt: skip


def _asking() -> Asking:
    nothing: Any = None
    parts = EdgeParts(rpc=nothing, settings=Settings(database_url=""))
    return Asking(parts=parts, signed_in=SignedIn(SELLS, "aaaaaaaaaa", frozenset()), url="http://x/octo")


def test_an_agency_tries_out_as_many_holds_of_a_community_as_it_could_hold_there(url: str) -> None:
    async def story(rows: Rows) -> None:
        outcomes = await asyncio.gather(*(tried(rows) for _ in range(MOST_HOLDS + 5)), return_exceptions=True)
        noes = [one for one in outcomes if isinstance(one, OctoProblem)]
        assert (len(noes), len(outcomes)) == (5, MOST_HOLDS + 5), outcomes
        assert f"{MOST_HOLDS} holds" in noes[0].problem.error_message
        assert len(await agency.done(rows, "SELECT FROM standings")) == MOST_HOLDS
        await tried(rows, OTHER)
        await tried(rows, community="tha-li")
        await agency.done(rows, "UPDATE standings SET state = 'CANCELLED' WHERE agency = $1", SELLS)
        assert (await tried(rows)).there == 0

    agency.play(url, story)


def test_and_not_very_many_at_all_communities_together(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusing, "MOST_TRIED", 3)

    async def story(rows: Rows) -> None:
        for number in range(3):
            await tried(rows, community=f"village-{number}")
        with pytest.raises(OctoProblem):
            await tried(rows, community="village-3")
        await agency.done(rows, "UPDATE standings SET expires_at = now() WHERE agency = $1", SELLS)
        await tried(rows, community="village-3")

    agency.play(url, story)
