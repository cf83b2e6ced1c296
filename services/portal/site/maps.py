"""Draws a map of communities and crossings as SVG: our own drawing of places, no tiles, nobody asked for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from services.portal.domain.map import WIDTH, Mark, Sheet

#: Ids of two places, or three with a crossing between.
Way = Sequence[str]
_BRIDGE = "M{0} {1}h22M{2} {1}c4-9 12-9 16 0M{3} {1}v5M{4} {1}v5"


def drawn(sheet: Sheet, ways: Sequence[Way]) -> Markup:
    """The map; its names are said to who does not see it."""
    names = " – ".join(mark.place.name for mark in sheet.marks)
    parts = [*_ways(sheet, ways), *map(_place, sheet.marks), *map(_name, sheet.marks)]
    return Markup('<svg class="map" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, _short(sheet.height), names, Markup().join(parts)
    )


def _ways(sheet: Sheet, ways: Sequence[Way]) -> Iterator[Markup]:
    for way in ways:
        points = [mark for mark in map(sheet.mark, way) if mark]
        if len(points) > 1:
            line = "L".join(f"{_short(mark.x)} {_short(mark.y)}" for mark in points)
            yield Markup(f'<path class="rd" d="M{line}"/>')


def _place(mark: Mark) -> Markup:
    x, y = _short(mark.x), _short(mark.y)
    if mark.place.kind == "crossing":
        places = [_short(mark.x + by) for by in (-11, -8, -7, 7)]
        return Markup(f'<path class="br" d="{_BRIDGE.format(places[0], y, places[1], places[2], places[3])}"/>')
    return Markup(f'<circle class="{"p1" if mark.place.here else "p2"}" cx="{x}" cy="{y}" r="7"/>')


def _name(mark: Mark) -> Markup:
    small = ' class="sm"' if mark.place.kind == "crossing" else ""
    if mark.label is None:
        where = f'x="{_short(mark.x + 10)}" y="{_short(mark.y + 5)}"'
        return Markup(f"<text{small} {where}>{{}}</text>").format(mark.number)
    where = f'x="{_short(mark.middle)}" y="{_short(mark.baseline)}"'
    return Markup(f'<text{small} {where} text-anchor="middle">{{}}</text>').format(mark.place.name)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
