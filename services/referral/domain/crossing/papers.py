"""What else the border asks for: a visa, forms, papers of a vehicle and of children, and the host's report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from contracts.crossing.rows import Crossing, Reported, Rule
from contracts.crossing.v1 import About, CrossingBook, PlanLine, Result, Travel
from services.referral.domain.crossing.lines import conflict, line
from services.referral.domain.crossing.rows import (
    Claim,
    Journey,
    RuleReading,
    claims,
    in_force,
    is_of,
    is_stale,
    means,
    settle,
)


def visa(crossing: Crossing, journey: Journey, book: CrossingBook) -> Iterator[PlanLine]:
    """For visitors from third countries: of the others the document row says it. Nobody is told that none is needed."""
    travel = journey.travel
    if travel is None or travel.nationality != "third_country":
        return
    settled = settle(claims(book, "visa_on_arrival", journey, crossing.id))
    yield from conflict("visa", settled.disputed)
    reported = crossing.visa_on_arrival_la if journey.into == "LA" else None
    row = settled.holds.rule if settled.holds else crossing if reported else None
    part = reported if row is crossing else None
    if travel.visa in ("yes", "not_needed"):
        yield line("visa", "unknown", f"visa_{'held' if travel.visa == 'yes' else 'said_not_needed'}", row, part)
        return
    here = _on_arrival(settled, crossing, reported, journey, book)
    result, code = VISA[here]
    yield line("visa", result, code, row, part, country=journey.into)


#: Whether one is given on arrival → what that makes of the visa.
VISA: Mapping[str, tuple[Result, str]] = {
    "no": ("missing", "visa_before_arrival"),
    "yes": ("missing", "visa_here_or_before"),
    "unknown": ("unknown", "visa_unknown"),
}


def _on_arrival(
    settled: RuleReading, crossing: Crossing, reported: Reported | None, journey: Journey, book: CrossingBook
) -> str:
    """The stricter of a rule and of what is reported here; neither is a yes when nobody has looked lately."""
    said = ["unknown"] if settled.disputed and settled.holds is None else []
    if settled.holds is not None:
        rule = settled.holds.rule
        old = in_force(rule, journey.day) is None or is_stale(rule, journey, book)
        said.append("unknown" if rule.allowed is None or (old and rule.allowed == "yes") else rule.allowed)
    if reported is not None:
        old = is_stale(crossing, journey, book)
        said.append("unknown" if old and reported.value == "yes" else reported.value)
    return next((answer for answer in ("no", "unknown", "yes") if answer in said), "unknown")


# forms


class Question(NamedTuple):
    """What one row says of a form for this party here."""

    rule: Rule
    result: Result
    code: str


def forms(crossing: Crossing, journey: Journey, book: CrossingBook) -> Iterator[PlanLine]:
    """Electronic forms: needed, exempt, or not known. A country of arrival whose rows are silent on them is unknown."""
    travel = journey.travel
    if travel is None:
        return
    rules = [r for r in book.rules if is_of(r, "form", journey.direction, crossing.id)]
    rules = [rule for rule in rules if in_force(rule, journey.day) is not False]
    said = [asked for rule in rules if (asked := _asked(rule, crossing, journey, travel, book)) is not None]
    if not any(asked.rule.authority == journey.into and asked.rule.requires for asked in said):
        yield line("form", "unknown", "no_rule", what="arrival_form")
    for what in sorted({form for asked in said for form in asked.rule.requires}):
        yield from _form(what, [asked for asked in said if what in asked.rule.requires], journey)


def _asked(rule: Rule, crossing: Crossing, journey: Journey, travel: Travel, book: CrossingBook) -> Question | None:
    """None when it does not speak of such a party."""
    reported = crossing.ldif_la.value if crossing.ldif_la and rule.authority == "LA" else None
    here = not rule.enforced_at or crossing.id in rule.enforced_at or reported == "yes"
    exempt, meant = _exempt(rule, travel, here=here), means(rule, travel)
    if meant is False or (not exempt and travel.nationality not in rule.nationalities):
        return None
    if meant is None or in_force(rule, journey.day) is None or is_stale(rule, journey, book):
        return Question(rule, "unknown", "may_not_hold")
    if exempt and rule.allowed in ("no", "unknown"):
        return Question(rule, "unknown", "source_unsure")
    if exempt:
        return Question(rule, "looks_fine", "form_exempt")
    if rule.documents and travel.document not in rule.documents:
        return Question(rule, "unknown", "form_for_others")
    return Question(rule, "missing", "form_needed") if here else Question(rule, "unknown", "form_elsewhere")


def _exempt(rule: Rule, travel: Travel, *, here: bool) -> bool:
    """Whom an exemption leaves unnamed by nationality is of those that the row is about."""
    for one in rule.exempt:
        named = one.nationalities or one.documents
        group = travel.nationality in (one.nationalities or rule.nationalities)
        if named and group and (not one.documents or travel.document in one.documents):
            return here or not one.only_where_enforced
    return False


def _form(what: str, found: Sequence[Question], journey: Journey) -> Iterator[PlanLine]:
    last = max(asked.rule.checked_on for asked in found)
    newest = [asked for asked in found if asked.rule.checked_on == last]
    one = min(newest, key=lambda asked: asked.rule.id)
    if len({asked.result for asked in found}) > 1:
        yield from conflict("form", (asked.rule for asked in found))
    if len({asked.result for asked in newest}) > 1:
        yield line("form", "unknown", "rows_disagree", what=what)
        return
    timing = one.rule.timing
    days = timing.amount if timing and timing.kind == "days_before" and one.result == "missing" else None
    opens = journey.day - timedelta(days=days) if days is not None else None
    yield line("form", one.result, one.code, one.rule, what=what, opens=opens, country=one.rule.authority)


# papers and duties


def vehicle(journey: Journey, book: CrossingBook, crossing: Crossing) -> Iterator[PlanLine]:
    """Papers of their own vehicle; who walks or takes the bus needs none."""
    driven = journey.travel.vehicle if journey.travel else "unknown"
    if driven in ("none", "public"):
        return
    if driven == "unknown":
        yield line("vehicle", "unknown", "vehicle_not_said")
        return
    rows = claims(book, "vehicle", journey, crossing.id)
    found = [claim for claim in rows if _among(claim.rule.vehicles, driven)]
    yield from _required("vehicle", found, vehicle=driven)


def children(journey: Journey, book: CrossingBook, crossing: Crossing) -> Iterator[PlanLine]:
    """Papers of children, by who is with them."""
    if not journey.party.child + journey.party.infant:
        return
    escort = journey.travel.children_with if journey.travel else "unknown"
    if escort in ("none", "unknown"):
        yield line("children", "unknown", "escort_not_said")
        return
    rows = claims(book, "children", journey, crossing.id)
    found = [claim for claim in rows if _among(claim.rule.children_with, escort)]
    yield from _required("children", found, escort=escort)


def _among(named: Sequence[str], one: str) -> bool:
    """A row that names none is about all of them."""
    return not named or one in named


def _required(about: About, found: Sequence[Claim], **params: object) -> Iterator[PlanLine]:
    judged = settle([claim for claim in found if claim.rule.allowed is not None])
    yield from conflict(about, judged.disputed)
    if not found or (judged.holds is None and judged.disputed):
        yield line(about, "unknown", "rows_disagree" if found else "no_rule", **params)
    elif judged.holds is not None:
        yield _permitted(about, judged.holds, **params)
    for claim in found:
        for what in claim.rule.requires:
            yield line(about, "missing" if claim.sure else "unknown", "paper_needed", claim.rule, what=what)


def _permitted(about: About, holds: Claim, **params: object) -> PlanLine:
    if holds.sure and holds.rule.allowed == "no":
        return line(about, "not_possible_here", "refused_here", holds.rule, **params)
    fine = holds.sure and holds.rule.allowed == "yes"
    return line(
        about, "looks_fine" if fine else "unknown", "permitted" if fine else "source_unsure", holds.rule, **params
    )


def lodging(journey: Journey, book: CrossingBook) -> Iterator[PlanLine]:
    """The report that the receiving host owes for guests from abroad; without travel facts, if any are."""
    stay, home = (("stay TH", "thai"), ("stay LA", "lao"))[journey.into == "LA"]
    travel = journey.travel
    if travel is not None and travel.nationality == home:
        return
    rules = [r for r in book.rules if is_of(r, "lodging", stay, None) and in_force(r, journey.day) is not False]  # type: ignore[arg-type]  # one of two directions
    rules = [rule for rule in rules if travel is None or travel.nationality in rule.nationalities]
    if not rules:
        yield line("lodging", "unknown", "no_rule", country=journey.into)
    for rule in rules:
        sure = in_force(rule, journey.day) and not is_stale(rule, journey, book)
        code = "lodging_report" if travel else "lodging_if_foreign"
        timing = rule.timing.kind if rule.timing else "same_day"
        params = {"what": ", ".join(rule.requires), "timing": timing, "hours": rule.timing and rule.timing.amount}
        yield line("lodging", "missing" if sure else "unknown", code, rule, **params)
