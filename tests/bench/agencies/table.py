"""The figures of agencies' software for people, with the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

#: Answers a second, and milliseconds of all but one in a hundred at half load.
GOALS = {"calendar": (1000.0, 50.0), "reserve": (300.0, 100.0)}
#: Of 1,000 bookings all, none of a hundred slower than this; and how much slower another key may be in a flood.
GOAL_TRIP_MS, GOAL_FLOOD = 500.0, 2.0

#: Until everybody has heard of what was done, longer than this is told, in seconds.
LATE = 1.0

NAMES = {
    "calendar": "calendar of 30 days",
    "calendar_with_prices": "the same with prices",
    "availability": "availability of 3 days",
    "product": "one product",
    "products_of_one": "products of a community",
    "search": "search under /v1",
    "products": "products of the network",
    "reserve": "reserve",
    "trips": "reserve, confirm, cancel",
}
_COSTS = (("node", 8), ("postgres", 10), ("broker", 8), ("client", 8))


def told(found: dict[str, Any]) -> list[str]:
    """Lines."""
    lines = [
        "what agencies' software asks, with limits off (HANDOFF_AGENCY_LIMIT=0)",
        "node, postgres, broker and client: milliseconds of processor time for each request",
    ]
    for site in found["sites"]:
        lines += ["", *_site(site)]
    return [*lines, "", *_flat(found["sites"]), *_flood(found.get("flood"))]


def _site(site: dict[str, Any]) -> Iterator[str]:
    yield f"{site['bus']}, {site['communities']} communities, {site['memory_mb']} MB of the node's memory"
    who = "".join(f"{name:>{width}}" for name, width in _COSTS)
    yield f"  {'':<26}{'load':>12}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{who}"
    for name, title in NAMES.items():
        measured = site[name]
        for loop in measured["loops"]:
            yield _line(title, f"{loop['clients']} clients" if loop["clients"] > 1 else "1 client", loop)
        if "half" in measured:
            yield _line(title, f"{measured['half']['rate']:g}/s", measured["half"])
    yield from _judged(site)


def _line(title: str, load: str, one: dict[str, Any]) -> str:
    costs = "".join(f"{one.get(f'{name}_cpu_ms', '-'):>{width}}" for name, width in _COSTS)
    failed = f"  {one['failed']} of {one['number']} failed" if one["failed"] else ""
    failed += f"  at rest after {one['settled_seconds']} s" if one.get("settled_seconds", 0) >= LATE else ""
    return f"  {title:<26}{load:>12}{one['per_second']:>10}{one['p50_ms']:>9}{one['p99_ms']:>9}{costs}{failed}"


def _judged(site: dict[str, Any]) -> Iterator[str]:
    for name, bare in (("calendar", "calendar_bare_per_second"), ("reserve", "holds_bare_per_second")):
        rate, slowest = GOALS[name]
        best, half = best_of(site[name]), site[name]["half"]
        yield (
            f"  {NAMES[name]}: {best:g}/s (goal {rate:g}: {_met(best >= rate)}), p99 {half['p99_ms']} ms at half load"
            f" (goal {slowest:g}: {_met(half['p99_ms'] <= slowest)}), {best / site[bare]:.0%} of {site[bare]:g}/s"
            " by the same SQL bare"
        )
    trips = site["trips"]["loops"][0]
    share = 1 - trips["failed"] / max(1, trips["number"])
    yield (
        f"  {trips['number']} bookings: {share:.1%} went through (goal 100%: {_met(not trips['failed'])}),"
        f" p99 {trips['p99_ms']} ms (goal {GOAL_TRIP_MS:g}: {_met(trips['p99_ms'] <= GOAL_TRIP_MS)})"
    )
    yield f"  invariants broken: {len(site['wrong'])}"


def best_of(measured: dict[str, Any]) -> float:
    """The best rate in a closed loop."""
    return max(float(loop["per_second"]) for loop in measured["loops"])


def _met(met: bool) -> str:
    return "met" if met else "missed"


def _flat(sites: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What a request costs in a larger network, beside a smaller one on the same bus."""
    for small, large in pairwise(sites):
        if small["bus"] == large["bus"]:
            grown = ", ".join(f"{NAMES[name]} x {ratio}" for name, ratio in growth(small, large).items())
            sizes = f"from {small['communities']} to {large['communities']} communities"
            yield f"{large['bus']}, processor time of each {sizes}: {grown}"


def growth(small: dict[str, Any], large: dict[str, Any]) -> dict[str, float]:
    """How many times as much processor time each request takes, of node and database together; of a list, each line."""
    costs = {name: (_cost(small, name), _cost(large, name)) for name in NAMES}
    return {name: round(after / max(0.001, before), 2) for name, (before, after) in costs.items()}


def _cost(site: dict[str, Any], name: str) -> float:
    """The least of the loops: what else the machine does adds to it."""
    least = min(float(loop["node_cpu_ms"] + loop["postgres_cpu_ms"]) for loop in site[name]["loops"])
    return least / (site["communities"] if name == "products" else 1)


def _flood(found: dict[str, Any] | None) -> Iterator[str]:
    if found is None:
        return
    alone, flooded = found["alone"], found["flooded"]
    yield (
        f"while one key floods ({found['flood_per_second']:g} requests a second, limits on), another's calendars:"
        f" p99 {flooded['p99_ms']} ms after {alone['p99_ms']} ms alone, x {found['p99_ratio']:g}"
        f" (goal < {GOAL_FLOOD:g}: {_met(found['p99_ratio'] < GOAL_FLOOD)}), {flooded['failed']} failed"
    )
