"""What is said of capacity, in messages that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

from contracts.booking.v1 import CapacityChanged, PoolLevel, RuleLine

#: What one message carries: the longest names of both together stay below the largest body.
MOST_LEVELS, MOST_LINES = 400, 300
T = TypeVar("T")


def stated(community: str, levels: Sequence[PoolLevel], lines: Sequence[RuleLine]) -> Iterator[CapacityChanged]:
    """Messages that together say all of it; none when there is nothing to say."""
    for some_levels, some_lines in zip_longest(_pages(levels, MOST_LEVELS), _pages(lines, MOST_LINES), fillvalue=()):
        yield CapacityChanged(community=community, levels=tuple(some_levels), lines=tuple(some_lines))


def _pages(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (whole[start : start + size] for start in range(0, len(whole), size))
