"""Answers that were written before, in parts of one day each, kept for whoever asks the same again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from sys import getsizeof
from typing import Self

#: So much is kept in one process, in bytes; each part and each key takes so much more than its text.
MOST_BYTES, EACH_BYTES, KEY_BYTES = 32 * 2**20, 150, 700


@dataclass(frozen=True, slots=True)
class AsOf:
    """How a community stood, and the minute in which one asked: as long as both are the same, so is the answer.

    Starts, cut-offs and days begin with a minute, so nothing else comes or goes by time alone.
    """

    number: int
    minute: datetime

    @classmethod
    def of(cls, number: int, now: datetime) -> Self:
        """As of a moment."""
        return cls(number, now.replace(second=0, microsecond=0))


@dataclass(slots=True)
class _Kept:
    as_of: AsOf
    whose: str
    parts: dict[date, bytes] = field(default_factory=dict)
    size: int = 0


@dataclass(slots=True)
class _Own:
    """What is kept for one agency, in the order in which it was asked for."""

    kept: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)
    size: int = 0


class KeptDays:
    """Parts of answers by what was asked; of whoever takes most, what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: dict[Hashable, _Kept] = {}
        self._own: dict[str, _Own] = {}

    def has(self, asked: Hashable) -> bool:
        """Whether anything is kept of it, good or not."""
        return asked in self._kept

    def parts(self, asked: Hashable, as_of: AsOf) -> Mapping[date, bytes]:
        """What is kept of it that is good as of then."""
        kept = self._kept.get(asked)
        if kept is None or kept.as_of != as_of:
            return {}
        self._own[kept.whose].kept.move_to_end(asked)
        return kept.parts

    def keep(self, asked: Hashable, as_of: AsOf, new: Mapping[date, bytes], whose: str = "") -> None:
        """Keep parts that were written as of then, in place of others; `whose` room they take."""
        kept = self._kept.get(asked)
        if kept is None or kept.as_of != as_of:
            self._drop(asked)
            kept = self._made(asked, as_of, whose)
        for day, part in new.items():
            if day not in kept.parts:
                self._grow(kept, len(part) + EACH_BYTES)
            kept.parts[day] = part
        while self._size > self._most:
            largest = max(self._own.values(), key=lambda own: own.size)
            self._drop(next(iter(largest.kept)))

    def _made(self, asked: Hashable, as_of: AsOf, whose: str) -> _Kept:
        kept = self._kept[asked] = _Kept(as_of, whose)
        self._own.setdefault(whose, _Own()).kept[asked] = kept
        self._grow(kept, KEY_BYTES + _held(asked))
        return kept

    def _grow(self, kept: _Kept, size: int) -> None:
        kept.size += size
        self._own[kept.whose].size += size
        self._size += size

    def _drop(self, asked: Hashable) -> None:
        gone = self._kept.pop(asked, None)
        if gone is not None:
            self._grow(gone, -gone.size)
            own = self._own[gone.whose]
            del own.kept[asked]
            if not own.kept:
                del self._own[gone.whose]


def _held(asked: object) -> int:
    """The bytes of a key with all that is in it."""
    return getsizeof(asked) + (sum(map(_held, asked)) if isinstance(asked, tuple | frozenset) else 0)


def in_order(parts: Mapping[date, bytes], days: Sequence[date]) -> list[bytes] | None:
    """The parts of these days; None unless all of them are there."""
    found = [part for day in days if (part := parts.get(day)) is not None]
    return found if len(found) == len(days) else None
