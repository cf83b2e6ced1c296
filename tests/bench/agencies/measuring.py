"""The measurements of one node, and what they are made on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.booking.v1 import CheckInvariants
from deploy.demo import queries
from services.client.local_api import LocalApi
from tests.bench import figures, node
from tests.bench.agencies import bare, filling
from tests.bench.agencies.asking import Software
from tests.bench.agencies.costs import Costs, postmaster
from tests.bench.agencies.lines import Lines
from tests.bench.agencies.loads import Act, Taken, at_rate, closed
from tests.support import rabbitmq
from tests.support.database import Databases

#: So many clients of each measurement in a closed loop; the first of them alone is for what is told by the way.
CLIENTS = (8, 1, 32)
#: So long the services may take to hear of what was done.
SETTLED_SECONDS = 300.0
TRIPS, TRIPS_AT_ONCE = 1000, 8
#: More holds a second than any node here places.
MOST_HOLDS_PER_SECOND = 800
#: Somebody who floods asks on so many connections; the other key asks so often a second.
FLOODING, BESIDE_PER_SECOND = 50, 40.0
#: By turns with and without a flood, for the machine may have more to do in one half than in the other.
ROUNDS, FLOODED_BEFORE = 4, 0.5

Say = Callable[[str], None]


@dataclass(frozen=True)
class Site:
    """One node with its network, and the way to ask it."""

    client: LocalApi
    url: str
    software: Software
    costs: Costs
    seconds: float

    async def loop(self, act: Act, clients: int, number: int = 0) -> dict[str, Any]:
        """In a closed loop, for some time or so many times in all."""
        self.costs.start()
        taken = await closed(act, clients, seconds=0.0 if number else self.seconds, number=number)
        return {"clients": clients, **await self._told(taken)}

    async def loops_and_half(self, act: Act) -> dict[str, Any]:
        """In closed loops, then at half of the best rate of them."""
        loops = [await self.loop(act, clients) for clients in CLIENTS]
        rate = max(one["per_second"] for one in loops) / 2
        self.costs.start()
        half = {"rate": round(rate, 1), **await self._told(await at_rate(act, rate, self.seconds))}
        return {"loops": loops, "half": half}

    async def _told(self, taken: Taken) -> dict[str, Any]:
        """With what it costs until every service has heard of all of it, so long after the last answer."""
        begin = time.monotonic()
        while not await asyncio.to_thread(queries.is_quiet, self.client):
            if time.monotonic() - begin > SETTLED_SECONDS:
                raise TimeoutError("the services do not come to rest after the load")
            await asyncio.sleep(0.25)
        settled = round(time.monotonic() - begin, 1)
        return {**taken.figures(), "settled_seconds": settled, **self.costs.each(len(taken.each))}


def measured(folder: Path, server: Databases, bus: str, communities: int, seconds: float, say: Say) -> dict[str, Any]:
    """All figures of one network on one bus; whatever limits the node has are off."""
    with _broker(bus) as (broker, pids):
        url, holds = server.fresh(), filling.BOOKED + int(MOST_HOLDS_PER_SECOND * seconds * (len(CLIENTS) + 1))
        settings = {"HANDOFF_AGENCY_LIMIT": "0", **broker}
        with node.running(folder, url, **settings) as running:
            say(f"agencies, {bus}: a network of {communities} communities")
            network = asyncio.run(filling.filled(running.client, url, communities, holds))
            found = asyncio.run(_measured(running, network, url, pids, seconds, say))
            wrong = running.client.send(CheckInvariants(), seconds=30).items
    return {"bus": bus, "communities": communities, **found, "wrong": [one.wire() for one in wrong]}


async def _measured(
    running: node.BenchNode,
    network: filling.Network,
    url: str,
    pids: dict[str, int],
    seconds: float,
    say: Say,
) -> dict[str, Any]:
    lines = Lines(running.agency_port)
    costs = Costs({"node": running.pid, "postgres": await postmaster(url), **pids})
    site = Site(running.client, url, Software(network, lines), costs, seconds)
    try:
        await closed(site.software.calendars(), CLIENTS[0], number=site.software.ready)
        found = await _reads(site, say) | await _bookings(site, say)
        return found | {"memory_mb": figures.memory_mb(running.pid)}
    finally:
        lines.close()


async def _reads(site: Site, say: Say) -> dict[str, Any]:
    ask = site.software
    found: dict[str, Any] = {}
    say("calendars of 30 days")
    found["calendar"] = await site.loops_and_half(ask.calendars())
    found["calendar_bare_per_second"] = await bare.calendars(site.url, ask.network, CLIENTS[0], site.seconds / 2)
    by_the_way = {
        "calendar_with_prices": ask.calendars("octo/pricing"),
        "availability": ask.availabilities(),
        "product": ask.product(),
        "products_of_one": ask.products_of_one(),
        "search": ask.searches(),
    }
    for name, act in by_the_way.items():
        say(name.replace("_", " "))
        await act()
        found[name] = {"loops": [await site.loop(act, CLIENTS[0])]}
    say("all products")
    await ask.products()()
    found["products"] = {"loops": [await site.loop(ask.products(), 1)]}
    return found


async def _bookings(site: Site, say: Say) -> dict[str, Any]:
    ask = site.software
    found: dict[str, Any] = {}
    say("holds")
    reserve = ask.reserving()
    await closed(reserve, CLIENTS[0], number=len(ask.network.booked))
    found["reserve"] = await site.loops_and_half(reserve)
    pools = ask.network.communities[:14]
    found["holds_bare_per_second"] = await figures.holds_straight(site.url, pools, CLIENTS[0], site.seconds / 2)
    number = min(TRIPS, int(TRIPS * site.seconds / 10))
    say(f"{number} bookings from hold to cancellation")
    found["trips"] = {"loops": [await site.loop(ask.trips(), TRIPS_AT_ONCE, number)]}
    return found


@contextmanager
def _broker(bus: str) -> Iterator[tuple[dict[str, str], dict[str, int]]]:
    """The node's settings for a bus, and whom that keeps busy."""
    if bus == "embedded":
        yield {}, {}
        return
    with rabbitmq.broker() as broker:
        yield {"HANDOFF_AMQP_URL": broker.url}, {"broker": broker.pid}


def flooded(folder: Path, server: Databases, communities: int, seconds: float, say: Say) -> dict[str, Any]:
    """How a key is served while another one floods, under the limits that a node has by itself."""
    url = server.fresh()
    with node.running(folder, url) as running:
        say("agencies: one key floods, limits on")
        network = asyncio.run(filling.filled(running.client, url, communities, 0))
        return asyncio.run(_flooded(running.agency_port, network, seconds))


async def _flooded(port: int, network: filling.Network, seconds: float) -> dict[str, Any]:
    quiet, loud = Lines(port), Lines(port)
    alone, while_flooded, asked = Taken(), Taken(), Taken()
    beside = Software(network, quiet).calendars()
    flood = Software(filling.Network(network.communities, network.keys[::-1]), loud).calendars()
    try:
        await at_rate(beside, BESIDE_PER_SECOND, seconds)
        for _ in range(ROUNDS):
            alone.add(await at_rate(beside, BESIDE_PER_SECOND, seconds / ROUNDS))
            flooding = asyncio.create_task(closed(flood, FLOODING, seconds=FLOODED_BEFORE + seconds / ROUNDS))
            await asyncio.sleep(FLOODED_BEFORE)
            while_flooded.add(await at_rate(beside, BESIDE_PER_SECOND, seconds / ROUNDS))
            asked.add(await flooding)
    finally:
        quiet.close()
        loud.close()
    ratio = while_flooded.figures()["p99_ms"] / alone.figures()["p99_ms"]
    return {
        "alone": alone.figures(),
        "flooded": while_flooded.figures(),
        "flood_per_second": round(len(asked.each) / asked.seconds, 1),
        "p99_ratio": round(ratio, 2),
    }
