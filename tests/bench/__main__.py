"""`python -m tests.bench`: start a node, load it, print figures with their ratio to the limit of the same run."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from contracts.booking.v1 import CheckInvariants
from contracts.community.v1 import (
    AgreePartnership,
    ListPartnerships,
    Offering,
    ProposePartnership,
    PublishOffering,
    Terms,
)
from contracts.described import SERVICES
from contracts.referral.v1 import AskPartnerCatalogue, CheckRecords
from services.cli.context import until
from services.client.local_api import LocalApi
from tests.bench import figures, network, node, pages
from tests.bench.agencies import measuring, table
from tests.bench.client import FastClient
from tests.support import rabbitmq
from tests.support.database import Databases, databases, scratch_folder

PAIRS = [(f"bench-th-{n}", f"bench-la-{n}") for n in range(7)]
#: Here somebody answers.
BY_HAND = ("bench-th-hand", "bench-la-hand")
NETWORK = [*PAIRS, BY_HAND]
#: The first marks: complete handoffs a second on two cores, and megabytes of an idle node.
MARK_HANDOFFS, MARK_MEMORY = 20.0, 250.0
#: Milliseconds to the first byte of Today, of all but one in a hundred.
MARK_TODAY = 100.0
AT_ONCE = 12


def say(line: str) -> None:
    """Progress."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Measure; exit code 0 whatever the figures are."""
    args = _arguments()
    found: dict[str, Any] = {"cores": os.cpu_count(), "seconds_each": args.seconds}
    with scratch_folder() as folder, databases() as server:
        if args.only != "agencies":
            url = os.environ.get("HANDOFF_DATABASE_URL") or server.fresh()
            found |= measure(folder, url, args.seconds)
        if args.only != "handoffs":
            found["agencies"] = _agencies(folder, server, args)
    print(json.dumps(found, indent=1) if args.json else told(found))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="handoff bench")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement (%(default)s)")
    parser.add_argument("--only", choices=("handoffs", "agencies"))
    parser.add_argument("--communities", type=int, nargs="+", default=[15, pages.LARGE])
    return parser.parse_args()


def _agencies(folder: Path, server: Databases, args: argparse.Namespace) -> dict[str, Any]:
    """Each size on the bus inside the process, the first on RabbitMQ too, and a flood."""
    wanted = [("embedded", communities) for communities in args.communities]
    if rabbitmq.PROGRAMS.exists() and rabbitmq.is_wanted():
        wanted.append(("RabbitMQ", args.communities[0]))
    sites = [
        measuring.measured(folder / f"agencies-{n}", server, bus, communities, args.seconds, say)
        for n, (bus, communities) in enumerate(wanted)
    ]
    flood = measuring.flooded(folder / "agencies-flooded", server, args.communities[0], args.seconds, say)
    return {"sites": sites, "flood": flood}


def measure(folder: Path, url: str, seconds: float) -> dict[str, Any]:
    """All figures of handoffs and pages."""
    say("starting a node on a generated network")
    with node.running(folder / "bench", url) as running:
        client = running.client
        _publish(client)
        found = asyncio.run(_measure(running.port, client.token, running.pid, url, seconds))
        found["pages"] = _pages(client, f"http://127.0.0.1:{running.portal_port}", seconds)
        wrong = (*client.send(CheckInvariants(), seconds=30).items, *client.send(CheckRecords(), seconds=30).items)
        return found | {"wrong": [one.wire() for one in wrong]}


def _pages(client: LocalApi, base_url: str, seconds: float) -> dict[str, Any]:
    """Last, for the network grows."""
    account = pages.open_account(client, BY_HAND[1])
    cookies = pages.signed_in(base_url)
    found: dict[str, Any] = asyncio.run(_looks(client, base_url, cookies, seconds))
    say("Today and an answer on a slow line")
    return found | {"slow_line": pages.on_a_slow_line(base_url, account, found.pop("held"))}


async def _looks(client: LocalApi, base_url: str, cookies: dict[str, str], seconds: float) -> dict[str, Any]:
    fast = FastClient(client.port, client.token)
    found: dict[str, Any] = {}
    for count in (2 * len(NETWORK), pages.LARGE):
        if count == pages.LARGE:
            say(f"publishing {count} communities")
            await pages.publish_many(fast, count - 2 * len(NETWORK))
        say(f"Today at {pages.RATE:g} a second, with {count} communities")
        found[f"today_with_{count}"] = await pages.today(base_url, cookies, fast, PAIRS, seconds)
    found["held"] = await figures.held_offer(fast, BY_HAND)
    await fast.close()
    return found


def _publish(client: LocalApi) -> None:
    for thai, lao in NETWORK:
        for name, country in ((thai, "TH"), (lao, "LA")):
            offering = Offering.model_validate(network.offering(name, country))
            client.send(PublishOffering(offering=offering))
        terms = network.terms(auto_accept=(thai, lao) != BY_HAND)
        client.send(ProposePartnership(partner=lao, terms=Terms.model_validate(terms)), acting=thai)
    for thai, lao in NETWORK:
        until(partial(_proposed, client, lao), "a proposal")
        client.send(AgreePartnership(partner=thai), acting=lao)
    for thai, _ in NETWORK:
        until(partial(_shared, client, thai), "a catalogue")


def _proposed(client: LocalApi, community: str) -> bool:
    return bool(client.send(ListPartnerships(), acting=community).items)


def _shared(client: LocalApi, community: str) -> bool:
    return bool(client.send(AskPartnerCatalogue(), acting=community).items)


async def _measure(port: int, token: str, pid: int, url: str, seconds: float) -> dict[str, Any]:
    client = FastClient(port, token)
    found: dict[str, Any] = {}
    await asyncio.sleep(2)
    found["memory_idle_mb"] = figures.memory_mb(pid)
    say("the limits of this machine")
    found["limit_commits_per_second"] = await figures.commits(url, 8, seconds / 2)
    found["limit_holds_per_second"] = await figures.holds_straight(url, [p[1] for p in PAIRS], 8, seconds / 2)
    for rate in (5, 20):
        say(f"offers at {rate} a second")
        found[f"offered_to_held_at_{rate}"] = await figures.offered_to_held(client, PAIRS, rate, seconds)
    say("hold transactions through the service")
    found["holds_per_second"] = await figures.holds_through_service(client, PAIRS, 12, seconds)
    say("complete handoffs")
    before, cpu = await _written(url), figures.cpu_seconds(pid)
    complete = await figures.complete_handoffs(client, PAIRS, AT_ONCE, seconds)
    cpu = figures.cpu_seconds(pid) - cpu
    made = (await _written(url) - before) / max(1, complete["handoffs"])
    complete["transactions_each"] = round(made, 1)
    complete["of_limit"] = round(complete["per_second"] * made / found["limit_commits_per_second"], 3)
    complete["node_cpu_ms_each"] = round(1000 * cpu / max(1, complete["handoffs"]), 1)
    found["complete"] = complete
    found["holds_of_limit"] = round(found["holds_per_second"] / found["limit_holds_per_second"], 3)
    found["memory_after_mb"] = figures.memory_mb(pid)
    await client.close()
    return found


async def _written(url: str) -> int:
    """Transactions that have written so far: one for each message applied and each command answered."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        tables = [f"{service}.{table}" for service in SERVICES for table in ("inbox", "answers")]
        counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # names of our own
        return int(await connection.fetchval(f"SELECT {counts}"))
    finally:
        await connection.close()


def told(found: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"on {found['cores']} cores, fsync on, load from the same machine"]
    lines += _told_of_handoffs(found) if "complete" in found else []
    lines += table.told(found["agencies"]) if "agencies" in found else []
    return "\n".join(lines)


def _told_of_handoffs(found: dict[str, Any]) -> list[str]:
    """What of handoffs and pages."""
    at5, at20, whole = found["offered_to_held_at_5"], found["offered_to_held_at_20"], found["complete"]
    return [
        f"offered to held, 5/s    p50 {at5['p50_ms']} ms, p99 {at5['p99_ms']} ms",
        f"offered to held, 20/s   p50 {at20['p50_ms']} ms, p99 {at20['p99_ms']} ms",
        (
            f"complete handoffs       {whole['per_second']}/s (mark {MARK_HANDOFFS:g}); {whole['transactions_each']}"
            f" transactions each, {whole['of_limit']:.0%} of {found['limit_commits_per_second']:g} commits/s,"
            f" {whole['node_cpu_ms_each']} ms of the node's processor time each"
        ),
        (
            f"hold transactions       {found['holds_per_second']:g}/s through the service,"
            f" {found['holds_of_limit']:.0%} of {found['limit_holds_per_second']:g}/s straight through asyncpg"
        ),
        (
            f"memory                  {found['memory_idle_mb']} MB idle (mark {MARK_MEMORY:g}),"
            f" {found['memory_after_mb']} MB after the load, without PostgreSQL"
        ),
        *_told_of_pages(found["pages"]),
        f"invariants broken       {len(found['wrong'])}",
    ]


def _told_of_pages(found: dict[str, Any]) -> list[str]:
    """What of the pages."""
    looks = [(name.rpartition("_")[2], taken) for name, taken in found.items() if name.startswith("today_with_")]
    slow = found["slow_line"]
    return [
        *(
            f"Today, {count:>4} communities  p50 {taken['p50_ms']} ms, p99 {taken['p99_ms']} ms to the first byte at"
            f" {pages.RATE:g}/s beside {pages.HANDOFFS_BESIDE:g} offers/s (mark {MARK_TODAY:g})"
            for count, taken in looks
        ),
        f"slow line (400 ms, 50 KB/s)  Today {slow['today_ms']} ms, a yes {slow['answer_ms']} ms",
    ]


if __name__ == "__main__":
    sys.exit(main())
