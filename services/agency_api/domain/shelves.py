"""Answers that were written before, in parts of one day each, kept for whoever asks the same again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from sys import getsizeof
from typing import Self

#: So much is kept in one process, in bytes; each part and each shelf takes so much more than its text and its key.
MOST_BYTES, EACH_BYTES, SHELF_BYTES = 32 * 2**20, 150, 700


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
    whose: str
    parts: dict[date, bytes] = field(default_factory=dict)
    size: int = 0


@dataclass(slots=True)
class _Own:
    """What is kept for one agency, in the order in which it was asked for."""

    shelves: OrderedDict[Hashable, _Shelf] = field(default_factory=OrderedDict)
    size: int = 0


class Shelves:
    """Parts of answers by what was asked; of whoever takes most, what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._shelves: dict[Hashable, _Shelf] = {}
        self._own: dict[str, _Own] = {}

    def has(self, asked: Hashable) -> bool:
        """Whether anything is kept of it, good or not."""
        return asked in self._shelves

    def parts(self, asked: Hashable, mark: Mark) -> Mapping[date, bytes]:
        """What is kept of it that is good by this mark."""
        shelf = self._shelves.get(asked)
        if shelf is None or shelf.mark != mark:
            return {}
        self._own[shelf.whose].shelves.move_to_end(asked)
        return shelf.parts

    def keep(self, asked: Hashable, mark: Mark, new: Mapping[date, bytes], whose: str = "") -> None:
        """Keep parts that were written by a mark, in place of those of another; `whose` room they take."""
        shelf = self._shelves.get(asked)
        if shelf is None or shelf.mark != mark:
            self._drop(asked)
            shelf = self._made(asked, mark, whose)
        for day, part in new.items():
            if day not in shelf.parts:
                self._grow(shelf, len(part) + EACH_BYTES)
            shelf.parts[day] = part
        while self._size > self._most:
            largest = max(self._own.values(), key=lambda own: own.size)
            self._drop(next(iter(largest.shelves)))

    def _made(self, asked: Hashable, mark: Mark, whose: str) -> _Shelf:
        shelf = self._shelves[asked] = _Shelf(mark, whose)
        self._own.setdefault(whose, _Own()).shelves[asked] = shelf
        self._grow(shelf, SHELF_BYTES + _held(asked))
        return shelf

    def _grow(self, shelf: _Shelf, size: int) -> None:
        shelf.size += size
        self._own[shelf.whose].size += size
        self._size += size

    def _drop(self, asked: Hashable) -> None:
        gone = self._shelves.pop(asked, None)
        if gone is not None:
            self._grow(gone, -gone.size)
            own = self._own[gone.whose]
            del own.shelves[asked]
            if not own.shelves:
                del self._own[gone.whose]


def _held(asked: object) -> int:
    """The bytes of a key with all that is in it."""
    return getsizeof(asked) + (sum(map(_held, asked)) if isinstance(asked, tuple | frozenset) else 0)


def in_order(parts: Mapping[date, bytes], days: Sequence[date]) -> list[bytes] | None:
    """The parts of these days; None unless all of them are there."""
    found = [part for day in days if (part := parts.get(day)) is not None]
    return found if len(found) == len(days) else None
