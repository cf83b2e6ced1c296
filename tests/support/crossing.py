"""The crossings of the demonstration, and parties that set out over them."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path
from typing import Any

import deploy.demo
from contracts.crossing.v1 import CrossingBook, CrossingPlan, Plan, PlanLine, Travel
from contracts.values import Party
from services.cli.input.network_file import network
from services.referral.domain.crossing.plan import Town, direction, plan
from services.referral.domain.crossing.rows import Journey

FOLDER = Path(deploy.demo.__file__).parent
DAY, MORNING = date(2027, 1, 14), time(10)


def book() -> CrossingBook:
    """The rows as they come with the project."""
    rows = json.loads((FOLDER / "crossings.json").read_text(encoding="utf-8"))
    return CrossingBook.model_validate({kind: rows[kind] for kind in ("crossings", "rules", "margins")})


def towns() -> dict[str, Town]:
    """The demonstration's communities and where they lie."""
    read = network(json.loads((FOLDER / "communities.json").read_text(encoding="utf-8")))
    stated = [publish.offering.community for publish in read.offerings]
    return {community.id: Town(community.id, community.place) for community in stated}


BOOK, TOWNS = book(), towns()


def travel(nationality: str, document: str, **given: Any) -> Travel:
    """On foot, without children, without a visa, unless told otherwise."""
    usual = {"vehicle": "none", "children_with": "none", "visa": "no"}
    return Travel.model_validate({"nationality": nationality, "document": document, **usual, **given})


def planned(
    facts: Travel | None, origin: str = "tha-li", to: str = "bo-taen", rows: CrossingBook = BOOK, **given: Any
) -> Plan:
    """A couple on a Thursday in January at ten in the morning, for a night."""
    usual: dict[str, Any] = {"day": DAY, "hour": MORNING, "nights": 1, "party": Party(adult=2)}
    way = direction(TOWNS[origin].place, TOWNS[to].place)
    return plan(Journey(direction=way, travel=facts, **(usual | given)), rows, TOWNS[origin], TOWNS[to])


def at(made: Plan, crossing: str) -> CrossingPlan:
    return next(way for way in made.crossings if way.crossing == crossing)


def lines(made: Plan, crossing: str, about: str) -> list[PlanLine]:
    """Of one subject at one crossing."""
    return [line for line in at(made, crossing).lines if line.about == about]


def line(made: Plan, crossing: str, about: str) -> PlanLine:
    """The only one of a subject."""
    (found,) = lines(made, crossing, about)
    return found
