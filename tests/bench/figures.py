"""What is measured, and how."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from contracts.personal.v1 import ConsentPrepared, PersonalPart
from services.client import personal
from tests.bench.client import FastClient

DAY_AHEAD = 30
BENCH = PersonalPart(name="Bench")
Pair = tuple[str, str]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie, 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _today() -> date:
    return datetime.now(UTC).date()


def _offer(receiver: str, n: int) -> dict[str, Any]:
    return _offer_on(receiver, _today() + timedelta(days=DAY_AHEAD + n % 60))


def _offer_soon(receiver: str, n: int) -> dict[str, Any]:
    """A party that may arrive today, for it is expected tomorrow."""
    tomorrow = _today() + timedelta(days=1)
    arrival = {"day": tomorrow.isoformat(), "earliest": "08:00", "latest": "18:00"}
    return {**_offer_on(receiver, tomorrow + timedelta(days=n % 3)), "arrival": arrival}


def _offer_on(receiver: str, day: date) -> dict[str, Any]:
    return {
        "to": receiver,
        "party": {"adult": 2},
        "language": "en",
        "items": [
            {"experience_id": f"{receiver}.homestay", "day": day.isoformat()},
            {"experience_id": f"{receiver}.walk", "day": (day + timedelta(days=1)).isoformat()},
        ],
    }


async def offered_to_held(client: FastClient, pairs: Sequence[Pair], rate: float, seconds: float) -> dict[str, float]:
    """Offers at `rate` a second; milliseconds from the offer to the held that the sender sees, by the node's clock."""
    made: list[tuple[str, str]] = []

    async def offer(n: int) -> None:
        sender, receiver = pairs[n % len(pairs)]
        answer = await client.ask("referral.offer_handoff", _offer(receiver, n), sender)
        made.append((sender, answer["referral_id"]))

    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, started + n / rate - time.monotonic()))
            group.create_task(offer(n))
    taken = await asyncio.gather(*(_held_after(client, sender, referral) for sender, referral in made))
    return {
        "offers": len(taken),
        "p50_ms": round(percentile(taken, 0.5), 1),
        "p99_ms": round(percentile(taken, 0.99), 1),
        "max_ms": round(max(taken), 1),
    }


async def held_offer(client: FastClient, pair: Pair) -> str:
    """An offer that waits for an answer."""
    sender, receiver = pair
    answer = await client.ask("referral.offer_handoff", _offer(receiver, 0), sender)
    referral = str(answer["referral_id"])
    await _held_after(client, sender, referral)
    return referral


async def _held_after(client: FastClient, sender: str, referral: str) -> float:
    for _ in range(200):
        story = (await client.ask("referral.show_handoff", {"referral": referral}, sender))["story"]
        held = next((line["at"] for line in story if line["act"] == "handoff_held"), None)
        if held:
            took = datetime.fromisoformat(held) - datetime.fromisoformat(story[0]["at"])
            return took / timedelta(milliseconds=1)
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{referral} was never held")


async def complete_handoffs(
    client: FastClient, pairs: Sequence[Pair], at_once: int, seconds: float
) -> dict[str, float]:
    """Whole handoffs, `at_once` under way, until both records are completed; handoffs a second, every message sent."""
    done: list[tuple[str, str]] = []
    until = time.monotonic() + seconds

    async def keep_handing(n: int) -> None:
        sender, receiver = pairs[n % len(pairs)]
        while time.monotonic() < until:
            done.append((sender, await _one_handoff(client, sender, receiver, len(done))))

    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for n in range(at_once):
            group.create_task(keep_handing(n))
    await asyncio.gather(*(_until_state(client, sender, referral, "completed") for sender, referral in done))
    took = time.monotonic() - started
    return {"handoffs": len(done), "seconds": round(took, 2), "per_second": round(len(done) / took, 1)}


async def _one_handoff(client: FastClient, sender: str, receiver: str, n: int) -> str:
    offered = await client.ask("referral.offer_handoff", _offer_soon(receiver, n), sender)
    referral = str(offered["referral_id"])
    named = {"referral": referral}
    shown = await client.ask("referral.prepare_consent", {**named, "language": "en", "fields": ["name"]}, sender)
    given = personal.said_back(ConsentPrepared.read(shown), BENCH, acting=sender)
    await client.ask("referral.give_consent", given.wire(), sender)
    await _until_state(client, sender, referral, "confirmed")
    await client.ask("referral.depart_party", named, sender)
    await client.ask("referral.arrive_party", named, receiver)
    await client.ask("referral.complete_visit", named, receiver)
    return referral


async def _until_state(client: FastClient, community: str, referral: str, state: str) -> None:
    for _ in range(300):
        if (await client.ask("referral.show_handoff", {"referral": referral}, community))["state"] == state:
            return
        await asyncio.sleep(0.25)
    raise TimeoutError(f"{referral} never became {state}")


async def holds_through_service(client: FastClient, pairs: Sequence[Pair], at_once: int, seconds: float) -> float:
    """Hold transactions a second through call, service and outbox."""

    async def reserve(n: int) -> None:
        _, receiver = pairs[n % len(pairs)]
        offer = _offer(receiver, n)
        day = datetime.now(UTC) + timedelta(hours=1)
        fields = {"party": offer["party"], "items": offer["items"], "confirm": False, "expires_at": day.isoformat()}
        await client.ask("booking.reserve", {"hold_id": _uuid7(), **fields}, receiver)

    return await _rate(reserve, at_once, seconds)


async def holds_straight(dsn: str, communities: Sequence[str], at_once: int, seconds: float) -> float:
    """The same rows straight through asyncpg, without contract, bus, rules or names: what the machine could do."""
    text = (Path(__file__).parent / "straight.sql").read_text(encoding="utf-8")
    statements = [part.strip() for part in text.split(";") if part.strip()]
    async with asyncpg.create_pool(dsn, min_size=at_once, max_size=at_once) as pool:
        await pool.execute(statements[0])
        await pool.execute(statements[1])

        async def hold(n: int) -> None:
            async with pool.acquire() as connection, connection.transaction():
                at = _today() + timedelta(days=DAY_AHEAD + n % 60)
                pools = sorted(
                    f"{communities[n % len(communities)]}/{kind}" for kind in ("guests", "seats", "visitors")
                )
                await connection.execute(statements[2], pools, at)
                await connection.execute(statements[3], pools, at, 2)
                await connection.execute(statements[4], _uuid7(), pools, at, 2)

        return await _rate(hold, at_once, seconds)


async def commits(dsn: str, at_once: int, seconds: float) -> float:
    """One-row transactions a second, fsync on: what the disk and PostgreSQL allow."""
    async with asyncpg.create_pool(dsn, min_size=at_once, max_size=at_once) as pool:
        await pool.execute("CREATE TABLE IF NOT EXISTS bench_commits (n bigint)")

        async def commit(n: int) -> None:
            await pool.execute("INSERT INTO bench_commits VALUES ($1)", n)

        return await _rate(commit, at_once, seconds)


async def _rate(act: Callable[[int], Awaitable[None]], at_once: int, seconds: float) -> float:
    until, done = time.monotonic() + seconds, 0

    async def again(first: int) -> int:
        n = 0
        while time.monotonic() < until:
            await act(first + n * at_once)
            n += 1
        return n

    started = time.monotonic()
    done = sum(await asyncio.gather(*(again(n) for n in range(at_once))))
    return round(done / (time.monotonic() - started), 1)


def memory_mb(pid: int) -> float:
    """Resident memory of a process and its children in MB, shared pages counted once (proportional set size)."""
    total = 0
    for process in [pid, *_children(pid)]:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def _uuid7() -> str:
    from services.chassis.runtime.ids import new_id

    return new_id()
