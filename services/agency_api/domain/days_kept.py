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
    parts: dict[date, bytes] = field(default_factory=dict)
    size: int = 0


class KeptDays:
    """Parts of answers by what was asked; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def has(self, asked: Hashable) -> bool:
        """Whether anything is kept of it, good or not."""
        return asked in self._kept

    def parts(self, asked: Hashable, as_of: AsOf) -> Mapping[date, bytes]:
        """What is kept of it that is good as of then."""
        kept = self._kept.get(asked)
        if kept is None or kept.as_of != as_of:
            return {}
        self._kept.move_to_end(asked)
        return kept.parts

    def keep(self, asked: Hashable, as_of: AsOf, new: Mapping[date, bytes]) -> None:
        """Keep parts that were written as of then, in place of others."""
        kept = self._kept.get(asked)
        if kept is None or kept.as_of != as_of:
            self._drop(asked)
            kept = self._kept[asked] = _Kept(as_of)
        for day, part in new.items():
            kept.size += 0 if day in kept.parts else len(part) + EACH_BYTES
            self._size += 0 if day in kept.parts else len(part) + EACH_BYTES
            kept.parts[day] = part
        while self._size > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, asked: Hashable) -> None:
        gone = self._kept.pop(asked, None)
        self._size -= gone.size if gone else 0


def in_order(parts: Mapping[date, bytes], days: Sequence[date]) -> list[bytes] | None:
    """The parts of these days; None unless all of them are there."""
    found = [part for day in days if (part := parts.get(day)) is not None]
    return found if len(found) == len(days) else None
