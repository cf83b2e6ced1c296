"""A drawn map: where communities and crossings stand on a small sheet, and where their names fit. Pure geometry.

Names are never cut and never lie over one another, nor on a way where there is room beside it: one that fits nowhere is
not written on the map; its place gets a number, and the name stands below.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

WIDTH = 320
LEAST_HEIGHT, MOST_HEIGHT = 130, 240
EDGE, MARGIN_TOP, MARGIN_SIDE = 5.0, 34.0, 40.0
#: How large the style writes the names, and how wide a letter is at most, measured in its own size.
SIZES = {"community": 15.0, "crossing": 13.0}
_NARROW = frozenset("fijlrtI.,:;'!|()[] -")
_PER_SIGN, _PER_NARROW, _PER_CAPITAL = 0.65, 0.4, 0.76
_RADIUS = 9.0
_ROWS = (0, 1, 2)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A community or a crossing on the ground."""

    id: str
    name: str
    kind: Literal["community", "crossing"]
    lat: float
    lon: float
    #: The community whose page it is.
    here: bool = False


#: From a point to a point.
Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two lie over one another."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def crossed(self, line: Line) -> bool:
        """Whether a straight line goes through it."""
        (x, y), (to_x, to_y) = line
        first, last = 0.0, 1.0
        for at, by, low, high in ((x, to_x - x, self.left, self.right), (y, to_y - y, self.top, self.bottom)):
            if by == 0:
                if not low < at < high:
                    return False
                continue
            near, far = sorted(((low - at) / by, (high - at) / by))
            first, last = max(first, near), min(last, far)
        return first < last


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A place on the sheet, with where its name is written; a number instead where it fits nowhere."""

    place: Place
    x: float
    y: float
    label: Box | None
    number: int | None = None

    @property
    def middle(self) -> float:
        """The middle of the name."""
        assert self.label is not None
        return (self.label.left + self.label.right) / 2

    @property
    def baseline(self) -> float:
        """The line that the name stands on."""
        assert self.label is not None
        return self.label.bottom - SIZES[self.place.kind] * 0.35


@dataclass(frozen=True)
class Sheet:
    """The whole map."""

    height: float
    marks: tuple[Mark, ...]

    def mark(self, id_: str) -> Mark | None:
        """Where a place stands, if it is on the map."""
        return next((mark for mark in self.marks if mark.place.id == id_), None)


def sheet(places: Sequence[Place], ways: Sequence[Sequence[str]] = ()) -> Sheet:
    """Put places on a sheet, north up; names of communities first, the own one before the others.

    `ways` go from place to place, by their ids.
    """
    height, points = _projected(places)
    at = {place.id: point for place, point in zip(places, points, strict=True)}
    lines = [(at[one], at[other]) for way in ways for one, other in pairwise(way) if {one, other} <= at.keys()]
    taken = [Box(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in points]
    order = sorted(range(len(places)), key=lambda n: (not places[n].here, places[n].kind, n))
    labels: dict[int, Box | None] = {}
    for n in order:
        labels[n] = _free(places[n], *points[n], height, taken, lines)
        taken += [box for box in (labels[n],) if box]
    numbers = {n: place + 1 for place, n in enumerate(n for n in sorted(labels) if labels[n] is None)}
    marks = (
        Mark(place=place, x=points[n][0], y=points[n][1], label=labels[n], number=numbers.get(n))
        for n, place in enumerate(places)
    )
    return Sheet(height, tuple(marks))


def width_of(text: str, kind: str) -> float:
    """How wide a name is at most; marks above and below a letter take no room."""
    return sum(map(_width_of_sign, text)) * SIZES[kind]


def _width_of_sign(sign: str) -> float:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0.0
    if sign in _NARROW:
        return _PER_NARROW
    return _PER_CAPITAL if sign.isupper() or sign in "mw" else _PER_SIGN


def _projected(places: Sequence[Place]) -> tuple[float, list[tuple[float, float]]]:
    """Equal scale both ways at the middle of what is shown: over a few dozen kilometres the earth is flat."""
    if not places:
        return LEAST_HEIGHT, []
    lats, lons = [place.lat for place in places], [place.lon for place in places]
    north, west = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    narrower = math.cos(math.radians(north))
    across, up = (max(lons) - min(lons)) * narrower, max(lats) - min(lats)
    most_across, most_up = WIDTH - 2 * MARGIN_SIDE, MOST_HEIGHT - 2 * MARGIN_TOP
    scale = min(most_across / across if across else math.inf, most_up / up if up else math.inf)
    scale = 0.0 if math.isinf(scale) else scale
    height = max(up * scale + 2 * MARGIN_TOP, LEAST_HEIGHT)
    points = [
        (WIDTH / 2 + (place.lon - west) * narrower * scale, height / 2 - (place.lat - north) * scale)
        for place in places
    ]
    return round(height, 1), [(round(x, 1), round(y, 1)) for x, y in points]


def _free(
    place: Place, x: float, y: float, height: float, taken: Sequence[Box], lines: Sequence[Line]
) -> Box | None:  # fmt: skip
    sheet_ = Box(EDGE - 1, EDGE - 1, WIDTH - EDGE + 1, height - EDGE + 1)
    free = []
    for box in _candidates(place, x, y):
        inside = box.left >= sheet_.left and box.right <= sheet_.right
        inside = inside and box.top >= sheet_.top and box.bottom <= sheet_.bottom
        if inside and not any(box.meets(other) for other in taken):
            free.append(box)
    return next((box for box in free if not any(map(box.crossed, lines))), free[0] if free else None)


def _candidates(place: Place, x: float, y: float) -> Iterator[Box]:
    """Below, above, beside, then a row further off; in the middle, to a side; moved in from the edge of the sheet."""
    wide, high = width_of(place.name, place.kind), SIZES[place.kind] * 1.45
    for row in _ROWS:
        off = _RADIUS + row * high
        for begins in (x - wide / 2, x - _RADIUS, x + _RADIUS - wide):
            left = min(max(begins, EDGE), WIDTH - EDGE - wide)
            yield Box(left, y + off, left + wide, y + off + high)
            yield Box(left, y - off - high, left + wide, y - off)
        if row == 0:
            yield Box(x + _RADIUS + 4, y - high / 2, x + _RADIUS + 4 + wide, y + high / 2)
            yield Box(x - _RADIUS - 4 - wide, y - high / 2, x - _RADIUS - 4, y + high / 2)
