"""What is drawn on a page: icons, the people of a party, a dot for each place. Decoration beside words, always."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from markupsafe import Markup

from contracts.values import Party

#: Name → what is drawn on a grid of 24, with a line of 1.8; our own drawings.
ICONS: Mapping[str, str] = json.loads((Path(__file__).parents[1] / "templates" / "icons.json").read_text("utf-8"))
#: State of a handoff, or what stands beside one → its icon.
STATES: Mapping[str, str] = {
    "offered": "hand",
    "held": "pause",
    "countered": "swap",
    "accepted": "check",
    "confirmed": "ticket",
    "departed": "car",
    "arrived": "pin",
    "completed": "flag",
    "declined": "x",
    "expired": "hour",
    "withdrawn": "undo",
    "cancelled": "ban",
    "no_show": "noone",
    "turned_back": "barrier",
    "late": "clock",
}
#: Kind of an experience → its icon.
KINDS: Mapping[str, str] = {"homestay": "bed", "meal": "bowl", "product": "market", "activity": "walk"}
_GROWN = '<circle cx="7" cy="5" r="3.6"/><path d="M1 23v-7c0-4 2.5-6 6-6s6 2 6 6v7z"/>'
_CHILD = '<circle cx="7" cy="11.5" r="3"/><path d="M2 23v-3c0-3 2-4.5 5-4.5s5 1.5 5 4.5v3z"/>'
_INFANT = '<circle cx="7" cy="15.5" r="2.6"/><path d="M3 23v-1.5c0-2 1.5-3 4-3s4 1 4 3v1.5z"/>'
#: A party of more people than that is told in words alone.
DRAWN_PEOPLE = 10
#: More places than that are drawn as a bar.
DRAWN_PLACES = 30
_IN_A_ROW = 10


def icon(name: str, css: str = "") -> Markup:
    """An icon. Raises KeyError for a name that is not drawn."""
    return Markup('<svg class="i{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
        f" {css}" if css else "", Markup(ICONS[name])
    )


def people(party: Party) -> Markup:
    """One figure for each; nothing for a large party."""
    if party.heads > DRAWN_PEOPLE:
        return Markup()
    drawn = ("", _GROWN, party.adult), (" pc", _CHILD, party.child), (" pb", _INFANT, party.infant)
    figures = "".join(
        f'<svg class="pp{css}" viewBox="0 0 14 24" aria-hidden="true">{figure}</svg>' * count
        for css, figure, count in drawn
    )
    return Markup('<span class="figs" aria-hidden="true">{}</span>').format(Markup(figures))


def places(capacity: int, taken: int, theirs: int = 0, missing: int = 0) -> Markup:
    """A dot for each place: taken, this party's, free, and those that are missing; a bar when there are many."""
    free = max(capacity - taken - theirs, 0)
    if capacity + missing > DRAWN_PLACES:
        return _bar(max(capacity, taken + theirs, 1), taken, theirs)
    kinds = ["t"] * taken + ["n"] * theirs + ["f"] * free + ["s"] * missing
    rows = -(-len(kinds) // _IN_A_ROW) or 1
    dots = "".join(_dot(kind, *divmod(place, _IN_A_ROW)) for place, kind in enumerate(kinds))
    return Markup(f'<svg class="dots" viewBox="0 0 200 {rows * 20}" aria-hidden="true">{dots}</svg>')


def state_icon(state: str) -> Markup:
    """The icon of a state; of none that is known here, the sign of information."""
    return icon(STATES.get(state, "info"))


def kind_icon(kind: str) -> Markup:
    """The icon of a kind of experience."""
    return icon(KINDS.get(kind, "walk"))


def _dot(kind: str, row: int, column: int) -> str:
    x, y = column * 20 + 10, row * 20 + 10
    drawn = f'<circle class="{kind}" cx="{x}" cy="{y}" r="7"/>'
    if kind == "n":
        drawn += f'<path class="k" d="M{x - 3} {y}h6M{x} {y - 3}v6"/>'
    if kind == "s":
        drawn += f'<path class="k2" d="m{x - 3} {y - 3} 6 6m0-6-6 6"/>'
    return drawn


def _bar(whole: int, taken: int, theirs: int) -> Markup:
    first, second = 200 * min(taken, whole) / whole, 200 * min(theirs, whole) / whole
    return Markup(
        f'<svg class="bar" viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="f" width="200" height="8"/><rect class="t" width="{first:.1f}" height="8"/>'
        f'<rect class="n" x="{first:.1f}" width="{second:.1f}" height="8"/></svg>'
    )


#: What templates call.
DRAWINGS: Mapping[str, Callable[..., Markup]] = {
    "icon": icon,
    "people": people,
    "places": places,
    "state_icon": state_icon,
    "kind_icon": kind_icon,
}
