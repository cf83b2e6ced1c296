"""When a crossing is open on a day: hours that touch are one span, also over midnight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.crossing.rows import DAY_MINUTES, OpeningHours

#: The days around the one that is asked about, whose hours may reach into it or follow on from it.
AROUND = (-1, 0, 1, 2)


@dataclass(frozen=True, slots=True)
class Span:
    """Open without a break, in minutes from midnight of the day asked about, with the hours that it is made of."""

    opens: int
    closes: int
    parts: tuple[OpeningHours, ...]

    @property
    def shown(self) -> str:
        """As people say it; of what lasts longer than a day, its part of that day."""
        opens, closes = self.opens, self.closes
        if closes - opens > DAY_MINUTES:
            opens, closes = max(opens, 0), min(closes, DAY_MINUTES)
        return f"{clock(opens)}-{clock(closes, ends=True)}"

    def latest(self, margin: int) -> str:
        """When a group should be there at the latest, so many minutes before it closes; never before it opens."""
        latest = max(self.opens, self.closes - margin)
        return clock(min(latest, DAY_MINUTES) if self.closes - self.opens > DAY_MINUTES else latest, ends=True)


def on(hours: Iterable[OpeningHours], day: date) -> list[Span]:
    """The spans that touch a day, in order."""
    spans: list[Span] = []
    for opens, closes, part in sorted(_around(hours, day), key=lambda one: one[:2]):
        if spans and opens <= spans[-1].closes:
            before = spans.pop()
            spans.append(Span(before.opens, max(before.closes, closes), (*before.parts, part)))
        else:
            spans.append(Span(opens, closes, (part,)))
    return [one for one in spans if one.opens < DAY_MINUTES and one.closes > 0]


def worst(spans: Sequence[Span]) -> OpeningHours:
    """The least sure part: a whole is known no better."""
    order = ("unknown", "low", "medium", "high")
    return min((part for one in spans for part in one.parts), key=lambda part: order.index(part.confidence))


def clock(minutes: int, *, ends: bool = False) -> str:
    """The wall clock; midnight is 24:00 where something ends."""
    at = minutes % DAY_MINUTES
    return "24:00" if ends and at == 0 < minutes else f"{at // 60:02}:{at % 60:02}"


def _around(hours: Iterable[OpeningHours], day: date) -> list[tuple[int, int, OpeningHours]]:
    return [
        (one.minutes[0] + n * DAY_MINUTES, one.minutes[1] + n * DAY_MINUTES, one)
        for one in hours
        for n in AROUND
        if (day.isoweekday() - 1 + n) % 7 + 1 in one.days
    ]
