"""What is said of capacity, in parts that fit into messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

from contracts.booking.v1 import PoolLevel, RuleLine

#: What one message carries: the longest names of both together stay below the largest body.
MOST_LEVELS, MOST_LINES = 400, 300
T = TypeVar("T")


def parts(
    levels: Sequence[PoolLevel], lines: Sequence[RuleLine]
) -> Iterator[tuple[tuple[PoolLevel, ...], tuple[RuleLine, ...]]]:
    """All of it, in parts; none when there is nothing to say."""
    return zip_longest(_pages(levels, MOST_LEVELS), _pages(lines, MOST_LINES), fillvalue=())


def _pages(whole: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    return (tuple(whole[start : start + size]) for start in range(0, len(whole), size))
