"""The plan of a crossing: every way over the border, admitted before near, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import asin, cos, inf, radians, sin, sqrt
from typing import NamedTuple

from contracts.community.v1 import Place
from contracts.crossing.rows import Crossing, Direction, Point
from contracts.crossing.v1 import CrossingBook, CrossingPlan, Plan, PlanLine
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.referral.domain.crossing import lines as crossing_lines
from services.referral.domain.crossing import papers
from services.referral.domain.crossing.rows import Journey

EARTH_KM = 6371.0
ADMITS: Mapping[str, int] = {"looks_fine": 0, "missing": 0, "unknown": 1, "not_possible_here": 2}


class Town(NamedTuple):
    """A community and where it lies."""

    id: CommunityId
    place: Place


Ends = tuple[Town | None, Town | None]


def direction(origin: Place, destination: Place) -> Direction:
    """Which way the border is crossed. Raises Refused when it is not."""
    if origin.country == destination.country:
        raise Refused(No.INVALID, "no_border_between", "destination", country=origin.country)
    return "TH->LA" if origin.country == "TH" else "LA->TH"


def plan(
    journey: Journey,
    book: CrossingBook,
    origin: Town | None = None,
    destination: Town | None = None,
) -> Plan:
    """What the rows come to for this journey: ways that admit the party, then those that may, then those that do not.

    In each the nearer stand first, in a straight line; roads are told where both are known.
    """
    ends = (origin, destination)
    ways = [(_rank(lines := _lines(one, journey, book), one, journey, ends), one, lines) for one in book.crossings]
    ordered = sorted(ways, key=lambda way: way[0])
    crossings = tuple(_way(one, lines, journey, ends) for _, one, lines in ordered)
    general = (*_about_travel(journey), *papers.lodging(journey, book))
    return Plan(
        direction=journey.direction,
        day=journey.day,
        hour=journey.hour,
        nights=journey.nights,
        chosen=journey.chosen,
        crossings=crossings,
        lines=general,
        oldest_check=_oldest((*general, *(line for way in crossings for line in way.lines))),
    )


def for_receiver(journey: Journey, book: CrossingBook) -> Plan:
    """What a receiver needs to know: the crossing that was named, and its own duties; travel facts are the sender's."""
    named = tuple(one for one in book.crossings if one.id == journey.chosen)
    return plan(journey, book.model_copy(update={"crossings": named}))


def _lines(crossing: Crossing, journey: Journey, book: CrossingBook) -> tuple[PlanLine, ...]:
    admission = crossing_lines.admission(crossing, journey, book)
    if admission.result == "not_possible_here":  # what else would be required there does not matter
        return (admission,)
    first = (admission, crossing_lines.hours(crossing, journey, book))
    if journey.travel is None:
        return first
    found = (
        *first,
        *crossing_lines.document(crossing, journey, book),
        *papers.visa(crossing, journey, book),
        *papers.forms(crossing, journey, book),
        *papers.vehicle(journey, book, crossing),
        *papers.children(journey, book, crossing),
    )
    return tuple(_once(found, book))


def _once(lines: Sequence[PlanLine], book: CrossingBook) -> Iterator[PlanLine]:
    """A form that is missing is named once, by its own row; from what another row asks for nobody is exempt untold."""
    needed = {line.named.get("what") for line in lines if line.about == "form" and line.result == "missing"}
    for one in lines:
        what = one.named.get("what")
        asking = [line for line in lines if line.code == "paper_needed" and line.named.get("what") == what]
        if one.code == "form_exempt" and asking:
            yield from _exempt_or_not(one, asking, book)
        elif one.about != "paper" or what not in needed:
            yield one


def _exempt_or_not(form: PlanLine, asking: Sequence[PlanLine], book: CrossingBook) -> Iterator[PlanLine]:
    """The newest check wins, and the contradiction is told."""
    kept = {rule.id: rule for rule in book.rules}
    rows = {line.basis.id: kept[line.basis.id] for line in (form, *asking) if line.basis}
    yield from crossing_lines.conflict("form", rows.values())
    newer = all(line.basis.checked_on < form.basis.checked_on for line in asking if line.basis and form.basis)
    what = form.named["what"]
    yield form if newer else crossing_lines.line("form", "unknown", "rows_disagree", what=what)


def _about_travel(journey: Journey) -> Iterable[PlanLine]:
    return () if journey.travel else (crossing_lines.line("travel", "unknown", "travel_not_known"),)


def _rank(
    lines: tuple[PlanLine, ...], crossing: Crossing, journey: Journey, ends: Ends
) -> tuple[int, bool, float, str]:
    admits = ADMITS[lines[0].result]
    impossible = any(line.result == "not_possible_here" for line in lines)
    return admits, impossible, _straight_km(crossing, journey, ends), crossing.id


def _way(crossing: Crossing, lines: tuple[PlanLine, ...], journey: Journey, ends: Ends) -> CrossingPlan:
    road = _road_km(crossing, ends)
    straight = _straight_km(crossing, journey, ends)
    return CrossingPlan(
        crossing=crossing.id,
        names=crossing.names,
        km=road if road is not None else round(straight) if straight < inf else None,
        km_by="road" if road is not None else "straight_line",
        lines=lines,
    )


def _road_km(crossing: Crossing, ends: Ends) -> int | None:
    known = {road.community: road.km for road in crossing.roads}
    roads = [known.get(end.id) if end else None for end in ends]
    return None if None in roads else sum(road for road in roads if road is not None)


def _straight_km(crossing: Crossing, journey: Journey, ends: Ends) -> float:
    """From the place they leave to the crossing and on; where only one bank is known, by that one."""
    leave, enter = crossing.th.point, crossing.la.point
    if journey.direction == "LA->TH":
        leave, enter = enter, leave
    points = (leave or enter, enter or leave)
    places = [end.place if end else None for end in ends]
    legs = [_km(place, point) for place, point in zip(places, points, strict=True) if place and point]
    return sum(legs) if len(legs) == 2 else inf


def _km(a: Place | Point, b: Place | Point) -> float:
    """Along a great circle."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def _oldest(lines: Iterable[PlanLine]) -> date | None:
    return min((line.basis.checked_on for line in lines if line.basis), default=None)
