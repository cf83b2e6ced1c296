"""Answers that were written before, in parts of one day each, kept for whoever asks the same again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

#: So much is kept in one process, in bytes; with each part as much again as one is longer than its text.
MOST_BYTES, EACH_BYTES = 32 * 2**20, 150


@dataclass(frozen=True, slots=True)
class Mark:
    """How a community stood, and the minute in which one asked: as long as both are the same, so is the answer.

    Starts, cut-offs and days begin with a minute, so nothing else comes or goes by time alone.
    """

    number: int
    minute: datetime

    @classmethod
    def of(cls, number: int, now: datetime) -> Self:
        """The mark of a moment."""
        return cls(number, now.replace(second=0, microsecond=0))


@dataclass(slots=True)
class _Shelf:
    mark: Mark
    parts: dict[date, bytes] = field(default_factory=dict)
    size: int = 0


class Shelves:
    """Parts of answers by what was asked; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._shelves: OrderedDict[Hashable, _Shelf] = OrderedDict()

    def has(self, asked: Hashable) -> bool:
        """Whether anything is kept of it, good or not."""
        return asked in self._shelves

    def parts(self, asked: Hashable, mark: Mark) -> Mapping[date, bytes]:
        """What is kept of it that is good by this mark."""
        shelf = self._shelves.get(asked)
        if shelf is None or shelf.mark != mark:
            return {}
        self._shelves.move_to_end(asked)
        return shelf.parts

    def keep(self, asked: Hashable, mark: Mark, new: Mapping[date, bytes]) -> None:
        """Keep parts that were written by a mark, in place of those of another."""
        shelf = self._shelves.get(asked)
        if shelf is None or shelf.mark != mark:
            self._drop(asked)
            shelf = self._shelves[asked] = _Shelf(mark)
        for day, part in new.items():
            shelf.size += 0 if day in shelf.parts else len(part) + EACH_BYTES
            self._size += 0 if day in shelf.parts else len(part) + EACH_BYTES
            shelf.parts[day] = part
        while self._size > self._most:
            self._drop(next(iter(self._shelves)))

    def _drop(self, asked: Hashable) -> None:
        gone = self._shelves.pop(asked, None)
        self._size -= gone.size if gone else 0


def in_order(parts: Mapping[date, bytes], days: Sequence[date]) -> list[bytes] | None:
    """The parts of these days; None unless all of them are there."""
    found = [part for day in days if (part := parts.get(day)) is not None]
    return found if len(found) == len(days) else None
