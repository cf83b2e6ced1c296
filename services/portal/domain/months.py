"""What a partner's picture of its places says about the days of a month, for one party and what it wants.

A picture is never a promise: the partner's node decides. Here is only said what it would say by what it has told us.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from contracts.booking.v1 import DayAvailability
from contracts.community.v1 import CarryingLimits, Experience, Offering
from contracts.values import ZONES, Item, days

#: Up to so many free places are few.
FEW = 4
Kind = Literal["free", "few", "full", "closed", "past", "unknown"]
#: Reasons for which a day is closed, and not full.
CLOSED = frozenset({"closed", "stop_sell", "closed_weekday", "out_of_season", "not_offered", "no_such_start"})
OVER = frozenset({"past", "cut_off"})


@dataclass(frozen=True)
class Answer:
    """Whether a party could be taken, as far as is known; `left` places before it comes, None when nobody said."""

    left: int | None = None
    reason: str | None = None

    @property
    def possible(self) -> bool:
        """Nothing that is known prevents it."""
        return self.reason is None


@dataclass(frozen=True)
class Cell:
    """One day of a month."""

    day: date
    answer: Answer
    heads: int

    @property
    def kind(self) -> Kind:
        """In a word, which is also its colour."""
        if self.answer.reason is not None:
            return "past" if self.answer.reason in OVER else "closed" if self.answer.reason in CLOSED else "full"
        if self.answer.left is None:
            return "unknown"
        return "few" if self.answer.left <= max(FEW, self.heads) else "free"

    @property
    def is_open(self) -> bool:
        """Whether it can be chosen: nothing that is known prevents it."""
        return self.answer.possible


@dataclass(frozen=True)
class Picture:
    """What a partner offers and how its places stand; `freed` counts places that the party has there already."""

    offering: Offering
    shared: Mapping[tuple[str, date], DayAvailability]
    now: datetime
    freed: Mapping[tuple[str, date], int] = field(default_factory=dict)

    @staticmethod
    def of(
        offering: Offering,
        shared: Iterable[DayAvailability],
        now: datetime,
        freed: Mapping[tuple[str, date], int] | None = None,
    ) -> Picture:
        """From the lines of an answer."""
        return Picture(offering, {(one.experience_id, one.day): one for one in shared}, now, freed or {})

    @property
    def limits(self) -> CarryingLimits:
        """What the partner bears."""
        return self.offering.community.limits

    @property
    def today(self) -> date:
        """The day that it is there."""
        return self.now.astimezone(ZONES[self.offering.community.zone]).date()

    def experience(self, id_: str) -> Experience | None:
        """An experience of theirs."""
        return next((one for one in self.offering.experiences if one.id == id_), None)

    def answer(self, items: Sequence[Item], heads: int) -> Answer:
        """For all of these together: the fewest places, and the first reason why not."""
        answers = [self._item(item, heads) for item in items]
        counted = [one.left for one in answers if one.left is not None]
        reason = next((one.reason for one in answers if one.reason), None)
        return Answer(min(counted) if counted else None, reason)

    def _item(self, item: Item, heads: int) -> Answer:
        experience = self.experience(item.experience_id)
        if experience is None:
            return Answer(reason="not_offered")
        if size := self.size(experience, heads):
            return Answer(reason=size)
        nights = item.nights if experience.kind == "homestay" else 1
        answers = [self._day(experience, day, item, heads) for day in days(item.day, nights)]
        counted = [one.left for one in answers if one.left is not None]
        return Answer(min(counted) if counted else None, next((one.reason for one in answers if one.reason), None))

    def size(self, experience: Experience, heads: int) -> str | None:
        """Why a party of this size cannot come on any day."""
        if heads < max(self.limits.min_party, experience.min_party):
            return "party_too_small"
        return "party_too_large" if heads > min(self.limits.max_party, experience.seats) else None

    def _day(self, experience: Experience, day: date, item: Item, heads: int) -> Answer:
        if day < self.today:
            return Answer(reason="past")
        said = self.shared.get((experience.id, day))
        if said is None:
            return Answer(reason=self._by_schedule(experience, day))
        left = (said.left or 0) + self.freed.get((experience.id, day), 0)
        if not said.available and said.reason != "no_room":
            return Answer(left, said.reason or "no_room")
        if day == item.day and self._too_late(experience, day, item.start):
            return Answer(left, "cut_off")
        enough = said.left is None or left >= heads
        return Answer(None if said.left is None and said.available else left, None if enough else "no_room")

    def _by_schedule(self, experience: Experience, day: date) -> str | None:
        """Of a day of which they have not said anything yet."""
        if day.month not in experience.months:
            return "out_of_season"
        open_then = day.isoweekday() in experience.weekdays and day.isoweekday() in self.limits.weekdays
        return None if open_then else "closed_weekday"

    def _too_late(self, experience: Experience, day: date, start: time | None) -> bool:
        notice = timedelta(hours=max(self.limits.cutoff_hours, experience.cutoff_hours))
        zone = ZONES[self.offering.community.zone]
        return datetime.combine(day, start or max(experience.starts), zone) - notice < self.now


def arranged(wanted: Sequence[Experience], day: date, nights: int) -> tuple[Item, ...]:
    """What they want, with arrival on this day: what begins before a homestay takes its guests is for the next morning.

    Of several starts the first that fits is taken.
    """
    stay = next((one for one in wanted if one.kind == "homestay"), None)
    opens = min(stay.starts) if stay else None
    items = [_item(one, day, nights, opens) for one in wanted]
    return tuple(sorted(items, key=lambda item: (item.day, item.start or time(), item.experience_id)))


def _item(experience: Experience, day: date, nights: int, opens: time | None) -> Item:
    starts = sorted(experience.starts)
    if experience.kind == "homestay":
        return Item(experience_id=experience.id, day=day, start=starts[0], nights=nights)
    later = [start for start in starts if opens is None or start >= opens]
    if later:
        return Item(experience_id=experience.id, day=day, start=later[0])
    return Item(experience_id=experience.id, day=day + timedelta(days=1), start=starts[0])


def month(
    picture: Picture, wanted: Sequence[Experience], first: date, heads: int, nights: int
) -> list[list[Cell | None]]:
    """The weeks of a month, Monday first; weeks that are over are left out, and days of other months are None."""
    start = first.replace(day=1)
    cells: list[Cell | None] = [None] * (start.isoweekday() - 1)
    day = start
    while day.month == start.month:
        cells.append(Cell(day, picture.answer(arranged(wanted, day, nights), heads), heads))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
    return [week for week in weeks if any(cell and cell.day >= picture.today for cell in week)]


def impossible(weeks: Iterable[Iterable[Cell | None]]) -> dict[str, list[date]]:
    """Reason → the days that it prevents, for those that are still to come."""
    found: dict[str, list[date]] = {}
    for cell in (cell for week in weeks for cell in week):
        if cell is not None and cell.answer.reason not in (None, "past"):
            found.setdefault(str(cell.answer.reason), []).append(cell.day)
    return found


def next_days(
    picture: Picture, wanted: Sequence[Experience], first: date, last: date, heads: int, nights: int = 1, most: int = 3
) -> list[Cell]:
    """The next days on which all of it is known to be possible."""
    found: list[Cell] = []
    for day in days(first, max(0, (last - first).days + 1)):
        cell = Cell(day, picture.answer(arranged(wanted, day, nights), heads), heads)
        if cell.kind in ("free", "few"):
            found.append(cell)
        if len(found) == most:
            break
    return found


def first_open(
    picture: Picture, wanted: Sequence[Experience], first: date, last: date, heads: int, nights: int
) -> date | None:
    """The first day that can be chosen, if there is one."""
    for day in days(first, max(0, (last - first).days + 1)):
        if picture.answer(arranged(wanted, day, nights), heads).possible:
            return day
    return None


def nights_or_days(offered: Sequence[Experience]) -> tuple[Experience, ...]:
    """By what a partner's free days are shown when nobody has chosen yet: its homestay, else what it offers first."""
    stay = next((one for one in offered if one.kind == "homestay"), None)
    return (stay,) if stay else tuple(offered[:1])


def places_of(items: Iterable[Item], offering: Offering, heads: int) -> dict[tuple[str, date], int]:
    """What a party has already: its places count for the offer that changes it."""
    stays = {one.id for one in offering.experiences if one.kind == "homestay"}
    return {
        (item.experience_id, day): heads
        for item in items
        for day in days(item.day, item.nights if item.experience_id in stays else 1)
    }
