"""Who a row is about, and who is exempt by it: what looks fine for some looks fine for nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.crossing.rows import Rule
from contracts.crossing.v1 import CrossingBook, Plan, PlanLine, Travel
from contracts.values import Party
from tests.support.crossing import BOOK, line, lines, planned, travel

OLDER = "2026-06-01"
PASSPORT = travel("thai", "passport", border_resident="no")
FAMILY = Party(adult=2, child=1)


def rule(name: str, about: str, **changes: Any) -> Rule:
    """Of every group, into the Lao PDR, looked at in December."""
    usual = {
        "id": name,
        "about": about,
        "source": "somebody",
        "checked_on": "2026-12-01",
        "checked_by": "a test",
        "confidence": "high",
        "directions": ["TH->LA"],
        "nationalities": ["thai", "lao", "third_country"],
    }
    return Rule.model_validate(usual | changes)


def by(*rules: Rule) -> CrossingBook:
    """The crossings of the demonstration, and these rules only."""
    return BOOK.model_copy(update={"rules": rules})


def form(made: Plan) -> PlanLine:
    return line(made, "na-kraseng", "form")


def conflicts(made: Plan) -> list[tuple[str, str]]:
    found = lines(made, "na-kraseng", "conflict")
    return [(one.named["subject"], one.named["rows"]) for one in found]


# rows of all vehicles, and of all children


@pytest.mark.parametrize(
    ("about", "some", "facts"),
    [
        ("vehicle", {"vehicles": ["car"]}, travel("thai", "passport", vehicle="car")),
        ("children", {"children_with": ["parent"]}, travel("thai", "passport", children_with="parent")),
    ],
)
def test_a_no_to_every_vehicle_or_all_children_is_a_no_to_theirs(
    about: str, some: dict[str, Any], facts: Travel
) -> None:
    every = rule("none-at-all", about, allowed="no")
    older = rule("some", about, allowed="yes", checked_on=OLDER, **some)
    made = planned(facts, rows=by(older, every), party=FAMILY)
    assert line(made, "na-kraseng", about).result == "not_possible_here"
    assert conflicts(made) == [(about, "some, none-at-all")]
    assert line(planned(facts, rows=by(older), party=FAMILY), "na-kraseng", about).result == "looks_fine"
