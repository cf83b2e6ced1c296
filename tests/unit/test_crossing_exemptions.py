"""Who a row is about, who is exempt by it, and when it was so: what looks fine for some looks fine for nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.crossing.rows import Rule
from contracts.crossing.v1 import CrossingBook, Plan, PlanLine, Travel
from contracts.refusals import Refused
from contracts.values import Party
from services.referral.domain.crossing.book import revise, versions
from tests.support.crossing import BOOK, DAY, line, lines, planned, travel

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


# whom a form is for


EXEMPT = {"authority": "LA", "requires": ["ldif"], "exempt": [{"said": "holders", "documents": ["passport"]}]}


def test_an_exemption_exempts_nobody_that_its_row_is_not_about() -> None:
    lao = rule("form", "form", traveller="border_resident", nationalities=["lao"], **EXEMPT)
    assert form(planned(PASSPORT, rows=by(lao))).code == "no_rule"
    resident = travel("thai", "passport", border_resident="yes")
    assert form(planned(resident, rows=by(lao))).code == "no_rule"
    theirs = travel("lao", "passport", border_resident="yes")
    assert form(planned(theirs, rows=by(lao))).result == "looks_fine"


@pytest.mark.parametrize(
    ("traveller", "resident", "code"),
    [
        ("border_resident", "yes", "form_exempt"),
        ("border_resident", "unknown", "may_not_hold"),
        ("border_resident", "no", "no_rule"),
        ("not_border_resident", "yes", "no_rule"),
        ("listed_nationality", "no", "may_not_hold"),
        ("needs_visa", "no", "may_not_hold"),
    ],
)
def test_who_may_not_be_the_travellers_of_a_row_is_not_exempt_by_it(traveller: str, resident: str, code: str) -> None:
    facts = travel("thai", "passport", border_resident=resident)
    found = form(planned(facts, rows=by(rule("form", "form", traveller=traveller, **EXEMPT))))
    assert (found.code, found.result == "looks_fine") == (code, code == "form_exempt")


def test_a_group_may_be_exempt_from_a_form_that_is_for_others() -> None:
    others = EXEMPT | {"nationalities": ["lao"], "exempt": [{"said": "Thai nationals", "nationalities": ["thai"]}]}
    assert form(planned(PASSPORT, rows=by(rule("form", "form", **others)))).result == "looks_fine"


@pytest.mark.parametrize("allowed", ["no", "unknown"])
def test_a_row_about_a_form_that_says_no_exempts_nobody(allowed: str) -> None:
    found = form(planned(PASSPORT, rows=by(rule("form", "form", allowed=allowed, **EXEMPT))))
    assert found.code == "source_unsure"


@pytest.mark.parametrize(
    ("checked_on", "result"), [(OLDER, "unknown"), ("2026-12-01", "unknown"), ("2026-12-02", "looks_fine")]
)
def test_what_one_row_asks_for_stays_when_another_exempts_from_it_and_both_are_shown(
    checked_on: str, result: str
) -> None:
    asks = rule("asks", "document", allowed="yes", limits={"max_days": 30}, requires=["ldif"])
    made = planned(PASSPORT, rows=by(asks, rule("exempts", "form", checked_on=checked_on, **EXEMPT)))
    paper = line(made, "na-kraseng", "paper")
    assert (paper.result, paper.named["what"]) == ("missing", "ldif")
    assert form(made).result == result
    ((subject, rows),) = conflicts(made)
    assert (subject, set(rows.split(", "))) == ("form", {"asks", "exempts"})


def test_a_paper_of_a_vehicle_from_which_another_row_exempts_is_shown_as_a_conflict() -> None:
    car = rule("car", "vehicle", vehicles=["car"], requires=["ldif"])
    made = planned(travel("thai", "passport", vehicle="car"), rows=by(car, rule("exempts", "form", **EXEMPT)))
    assert form(made).result == "unknown"
    assert conflicts(made) == [("form", "car, exempts")]


def test_a_paper_stays_beside_a_form_of_which_it_is_not_known_whether_it_is_asked_for() -> None:
    asks = rule("asks", "document", allowed="yes", requires=["ldif"])
    elsewhere = rule("form", "form", authority="LA", requires=["ldif"], enforced_at=["nong-khai-1"])
    made = planned(PASSPORT, rows=by(asks, elsewhere))
    assert [line(made, "na-kraseng", about).result for about in ("paper", "form")] == ["missing", "unknown"]
    assert not lines(made, "nong-khai-1", "paper"), "where it is missing the form is named once"


# days that are to come, and days long past


TODAY = date(2026, 12, 10)


def checked(rules: str, day: date) -> CrossingBook:
    return by(rule(rules, "document", allowed="yes", limits={"max_days": 30}, checked_on=day.isoformat()))


def test_a_row_is_kept_on_the_day_on_which_it_was_looked_at_and_not_before() -> None:
    assert revise(versions(BOOK), checked("new", TODAY), TODAY).kept.added == 1
    with pytest.raises(Refused) as no:
        revise(versions(BOOK), checked("new", TODAY + timedelta(days=1)), TODAY)
    assert (no.value.refusal.code, no.value.refusal.field) == ("invalid", "book.rules.0.checked_on")
    far = BOOK.crossings[0].model_copy(update={"checked_on": date(2062, 12, 1)})
    with pytest.raises(Refused) as no:
        revise(versions(BOOK), CrossingBook(crossings=(far,)), TODAY)
    assert no.value.refusal.field == "book.crossings.0.checked_on"


@pytest.mark.parametrize(
    ("looked", "today", "result"),
    [
        (TODAY, TODAY, "looks_fine"),
        (TODAY + timedelta(days=1), TODAY, "unknown"),
        (DAY, None, "looks_fine"),
        (DAY + timedelta(days=1), None, "unknown"),
        (DAY + timedelta(days=1), DAY + timedelta(days=2), "looks_fine"),
    ],
)
def test_what_is_said_to_have_been_looked_at_on_a_day_to_come_is_not_trusted(
    looked: date, today: date | None, result: str
) -> None:
    made = planned(PASSPORT, rows=checked("document", looked), today=today)
    assert {line(made, "na-kraseng", about).result for about in ("document", "stay")} == {result}


@pytest.mark.parametrize(
    ("as_of", "result"),
    [
        (date(2019, 1, 1), "unknown"),
        (DAY - timedelta(days=366), "unknown"),
        (DAY - timedelta(days=365), "looks_fine"),
        (DAY, "unknown"),
    ],
)
def test_a_crossing_that_was_open_years_ago_or_will_be_is_not_known_to_be_open(as_of: date, result: str) -> None:
    crossings = [one.model_copy(update={"status_as_of": as_of}) for one in BOOK.crossings]
    rows = BOOK.model_copy(update={"crossings": tuple(crossings)})
    admission = line(planned(PASSPORT, rows=rows, today=TODAY), "na-kraseng", "admission")
    assert (admission.result, admission.named["as_of"]) == (result, as_of.isoformat())


def test_what_was_closed_years_ago_is_closed_until_somebody_says_otherwise() -> None:
    closed = BOOK.crossings[0].model_copy(update={"status": "closed", "status_as_of": date(2019, 1, 1)})
    made = planned(PASSPORT, rows=BOOK.model_copy(update={"crossings": (closed,)}))
    assert line(made, "na-kraseng", "admission").result == "not_possible_here"
