"""What agencies' software asks: ready-made requests, and whole bookings."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, cycle
from typing import Any

from contracts.holding import MOST_HOLDS
from tests.bench.agencies.filling import DAYS_AHEAD, Network
from tests.bench.agencies.lines import Lines, request
from tests.bench.agencies.loads import Act
from tests.bench.network import EXPERIENCES, HOMESTAYS

OK = 200
#: So many different requests are made before a load, fewer only in a tiny network; each is asked again after the last.
#: As many in a large network as in a small one: what grows is then the network, and not what is asked.
READY, READY_EACH = 400, 40
#: Both countries are seven hours ahead of UTC, without summer time.
OFFSET = "+07:00"
CALENDAR_DAYS = 30
NOBODY = {"fullName": "Bench Example", "emailAddress": "bench@handoff.example"}


@dataclass(frozen=True)
class Software:
    """An agency's software at one node."""

    network: Network
    lines: Lines

    @property
    def ready(self) -> int:
        """How many requests are made before a load."""
        return min(READY, READY_EACH * len(self.network.communities))

    def calendars(self, capabilities: str = "") -> Act:
        """Calendars of 30 days, each of another product."""
        return self._again("/octo/availability/calendar", CALENDAR_DAYS, capabilities)

    def availabilities(self) -> Act:
        """All starts of three days, each of another product."""
        return self._again("/octo/availability", 3)

    def product(self) -> Act:
        """One product, each time another."""
        paths = (f"/octo/products/{_chosen(n, self.network.communities)[0]}" for n in range(self.ready))
        return self._asked([request("GET", path, self.network.keys[0]) for path in paths])

    def products_of_one(self) -> Act:
        """All products of one community, each time of another."""
        names = self.network.communities[:READY]
        return self._asked(
            [request("GET", f"/communities/{name}/octo/products", self.network.keys[0]) for name in names]
        )

    def searches(self) -> Act:
        """The first page of what two adults can take on three days, each time on others, over all communities."""
        asked = []
        for n in range(DAYS_AHEAD):
            first = self.network.first_day + timedelta(days=n)
            path = f"/v1/search?first={first}&last={first + timedelta(days=2)}&adults=2"
            asked.append(request("GET", path, self.network.keys[0]))
        return self._asked(asked)

    def products(self) -> Act:
        """All products of the network."""
        return self._asked([request("GET", "/octo/products", self.network.keys[0])])

    def reserving(self) -> Act:
        """Hold places: one agency after the other, as many as it may at each community, until the last of them."""
        made = self.reservations()

        async def reserve() -> bool:
            status, _ = await self.lines.ask(next(made))
            return status == OK

        return reserve

    def trips(self) -> Act:
        """Reserve, confirm with a contact, cancel: all three answered as they should be."""
        turns = count()

        async def trip() -> bool:
            n, own, key = next(turns), str(uuid.uuid4()), self.network.keys[0]
            steps = (
                ("ON_HOLD", request("POST", "/octo/bookings", key, self._wish(n, own))),
                ("CONFIRMED", request("POST", f"/octo/bookings/{own}/confirm", key, {"contact": NOBODY})),
                ("CANCELLED", request("POST", f"/octo/bookings/{own}/cancel", key, {})),
            )
            return all([await self._becomes(state, step) for state, step in steps])

        return trip

    def reservations(self) -> Iterator[bytes]:
        """As many as all agencies but the first may have. Raises RuntimeError after them."""
        number = len(self.network.booked) * MOST_HOLDS
        for n in range(self.network.holds):
            yield request(
                "POST", "/octo/bookings", self.network.keys[1 + n // number], self._wish(n, str(uuid.uuid4()))
            )
        raise RuntimeError("all agencies hold as much as they may: make more of them")

    async def _becomes(self, state: str, step: bytes) -> bool:
        status, body = await self.lines.ask(step)
        return status == OK and json.loads(body)["status"] == state

    def _again(self, path: str, days: int, capabilities: str = "") -> Act:
        key, first = self.network.keys[0], self.network.first_day
        asked = []
        for n in range(self.ready):
            product, option, _ = _chosen(n, self.network.communities)
            begin = first + timedelta(days=n % (DAYS_AHEAD - days))
            body = {"productId": product, "optionId": option, **_days(begin, days)}
            asked.append(request("POST", path, key, body, capabilities))
        return self._asked(asked)

    def _asked(self, requests: list[bytes]) -> Act:
        again = cycle(requests)

        async def ask() -> bool:
            status, _ = await self.lines.ask(next(again))
            return status == OK

        return ask

    def _wish(self, n: int, own: str) -> dict[str, Any]:
        product, option, start = _chosen(n, self.network.booked)
        day = self.network.first_day + timedelta(days=n // len(self.network.booked) % DAYS_AHEAD)
        return {
            "uuid": own,
            "productId": product,
            "optionId": option,
            "availabilityId": f"{day}T{start}:00{OFFSET}",
            "unitItems": [{"unitId": "adult"}, {"unitId": "adult"}],
        }


def _chosen(n: int, communities: Sequence[str]) -> tuple[str, str, str]:
    """A product, one of its options and its start: of one community after the other, stays and walks by turns."""
    name, turn = communities[n % len(communities)], n // len(communities)
    if (n + turn) % 2:
        return f"{name}.homestay-{turn % HOMESTAYS}", "1-night", "15:00"
    return f"{name}.walk-{turn % (EXPERIENCES - HOMESTAYS)}", "visit", "08:00"


def _days(first: date, days: int) -> dict[str, str]:
    return {"localDateStart": f"{first}", "localDateEnd": f"{first + timedelta(days=days - 1)}"}
