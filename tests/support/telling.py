"""Somebody of Bo Taen who wants to be told, and what waits for them, over the portal's own tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.referral.lists import Awaited
from contracts.values import Party
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.portal import adapters
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.accounts import Account
from services.portal.domain.telling import Channel
from services.portal.handlers import channels, telling
from tests.support.vault import vault

MIGRATIONS = {"portal": Path(adapters.__file__).parents[1] / "migrations"}
SENDER, RECEIVER = "tha-li", "bo-taen"
Rows = Store[PortalUnitOfWork]


def store(url: str) -> Rows:
    """A process of the portal, as far as its tables see it."""
    return Store(url, PortalUnitOfWork, vault=vault())


async def person(rows: Rows, role: str = "coordinator", community: str = RECEIVER) -> str:
    """Somebody who can sign in."""
    account = new_id()[-12:]
    async with rows.work(EVERYONE) as work:
        now = await work.machine_now()
        one = Account(id=account, name=f"Khamla {account}", password="plain", language="en")
        assert await work.open_account(one, f"khamla{account}", None, now)
        await work.join(account, community, role, now)  # type: ignore[arg-type] # a role, spelled as in the contract
    return account


async def channel(rows: Rows, account: str, kind: str = "webhook", address: str = "", **more: object) -> Channel:
    """One of their channels, confirmed."""
    receiver = more.pop("receiver", "gateway.example:443")
    at = address or f"https://gateway.example/{new_id()}"
    given = {"id": new_id(), "account": account, "kind": kind, "address": at, "receiver": receiver, "label": at}
    one = Channel(**given | more)  # type: ignore[arg-type] # as each test gives it
    async with rows.work(EVERYONE) as work:
        assert await channels.add(work, one, b"secret" if kind == "webhook" else b"")
        found = await work.channel(account, one.id)
    assert found
    return found


def waits(**given: object) -> Awaited:
    """A request that waits for Bo Taen."""
    until = datetime.now(UTC) + timedelta(hours=9)
    usual = {
        "community": RECEIVER, "referral_id": new_id(), "side": "receiver", "partner": SENDER, "state": "held",
        "round": 0, "party": Party(adult=2), "arrival_day": "2027-01-14", "until": until,
    }  # fmt: skip
    return Awaited.model_validate(usual | given)


async def done(rows: Rows, sql: str, *arguments: Any) -> list[Any]:
    """Run SQL as the service does for the whole node."""
    async with rows.database.connection() as connection, connection.transaction():
        await connection.execute("SELECT set_config('handoff.acting', '*', true)")
        return list(await connection.fetch(sql, *arguments))


async def noted(rows: Rows, *found: Awaited, asked: datetime | None = None) -> int:
    """What one look does with what it found."""
    async with rows.work(EVERYONE) as work:
        began, communities = await telling.listening(work)
    async with rows.work(EVERYONE) as work:
        told = await telling.note(work, communities, found, asked or began)
    async with rows.work(EVERYONE) as work:
        await telling.looked(work, began)
    return told
