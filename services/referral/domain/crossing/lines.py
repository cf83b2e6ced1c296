"""What a crossing and its rules ask of a party, subject by subject. Only a row that says so makes a line look fine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from contracts.crossing.rows import Crossing, OpeningHours, Reported, Rule, Sourced
from contracts.crossing.v1 import LONGEST_PARAM, About, CrossingBook, Param, PlanLine, Result
from services.referral.domain.crossing import hours as crossing_hours
from services.referral.domain.crossing.rows import Claim, Journey, basis, before_close, claims, is_old, is_stale, settle


def line(
    about: About,
    result: Result,
    code: str,
    row: Sourced | None = None,
    part: OpeningHours | Reported | None = None,
    /,
    **params: object,
) -> PlanLine:
    """A line with its row and its parameters; dates and times as in ISO 8601, long lists cut to whole items."""
    given = tuple(Param(name=name, value=_cut(str(value))) for name, value in params.items() if value is not None)
    return PlanLine(
        about=about, result=result, code=code, params=given, basis=basis(row, part) if row is not None else None
    )


def _cut(value: str) -> str:
    """Lists as long as files may hold do not all fit into a sentence; what is left out is shown to be."""
    if len(value) <= LONGEST_PARAM:
        return value
    whole = value[: LONGEST_PARAM - 1].rpartition(", ")[0]
    return f"{whole}, …" if whole else value[: LONGEST_PARAM - 1] + "…"


def conflict(about: About, disputed: Iterable[Rule]) -> Iterator[PlanLine]:
    """The contradiction of rows, as a line of its own."""
    rows = sorted(disputed, key=lambda rule: (rule.checked_on, rule.id))
    if rows:
        yield line("conflict", "unknown", "rows_conflict", rows[-1], rows=", ".join(r.id for r in rows), subject=about)


# the crossing itself


def admission(crossing: Crossing, journey: Journey, book: CrossingBook) -> PlanLine:
    """Whether such people cross there at all."""
    group = journey.travel.nationality if journey.travel else None
    if crossing.status == "closed" or "closed" in (crossing.class_th, crossing.class_la):
        return line("admission", "not_possible_here", "closed", crossing, as_of=crossing.status_as_of)
    if not crossing.tourist_handoff_allowed or crossing.class_th == "trade_relaxation":
        return line("admission", "not_possible_here", "local_people_only", crossing)
    if group is not None and group not in crossing.open_to:
        return line("admission", "not_possible_here", "not_open_to", crossing, group=group)
    if is_stale(crossing, journey, book):
        return line("admission", "unknown", "stale", crossing, checked=crossing.checked_on)
    if crossing.status == "unknown" or crossing.status_as_of is None:
        return line("admission", "unknown", "status_unknown", crossing)
    if "unknown" in (crossing.class_th, crossing.class_la):
        return line("admission", "unknown", "class_unknown", crossing)
    if group is None or is_old(crossing.status_as_of, journey, book):
        return line("admission", "unknown", "reported_open", crossing, as_of=crossing.status_as_of)
    return line("admission", "looks_fine", "open_to", crossing, group=group, as_of=crossing.status_as_of)


def hours(crossing: Crossing, journey: Journey, book: CrossingBook) -> PlanLine:
    """Whether it is open on that weekday at that time, long enough for the whole party to clear."""
    if not crossing.hours or is_stale(crossing, journey, book):
        return line("hours", "unknown", "hours_unknown", crossing)
    today = crossing_hours.on(crossing.hours, journey.day)
    if not today:
        return line("hours", "not_possible_here", "closed_weekday", crossing, day=journey.day)
    if journey.hour is None:
        return line("hours", "unknown", "hour_not_said", crossing, crossing_hours.worst(today), hours=_shown(today))
    hour = journey.hour.hour * 60 + journey.hour.minute
    within = next((one for one in today if one.opens <= hour < one.closes), None)
    if within is None:
        worst = crossing_hours.worst(today)
        return line("hours", "not_possible_here", "closed_hour", crossing, worst, hours=_shown(today))
    margin = before_close(book) // timedelta(minutes=1)
    params = {"hours": within.shown, "latest": within.latest(margin)}
    if hour > within.closes - margin:
        return line("hours", "missing", "be_there_earlier", crossing, crossing_hours.worst([within]), **params)
    return line("hours", "looks_fine", "open_then", crossing, crossing_hours.worst([within]), **params)


def _shown(spans: Iterable[crossing_hours.Span]) -> str:
    return ", ".join(dict.fromkeys(one.shown for one in spans))


# the document, and what hangs on it


def document(crossing: Crossing, journey: Journey, book: CrossingBook) -> Iterator[PlanLine]:
    """Whether the document class is taken, and for how long, where and by which way back."""
    travel = journey.travel
    if travel is None or travel.document in ("none", "unknown"):
        yield line("document", "unknown", "document_unknown")
        return
    found = claims(book, "document", journey, crossing.id)
    settled = settle(found)
    yield _accepted(settled.holds, found, document=travel.document, group=travel.nationality)
    yield from conflict("document", settled.disputed)
    yield _stay(found, settled.holds, journey)
    if settled.holds is not None and settled.holds.rule.allowed != "no":
        yield from _bound(settled.holds, crossing, journey)


def _accepted(holds: Claim | None, found: list[Claim], **about: object) -> PlanLine:
    if holds is None:
        return line("document", "unknown", "rows_disagree" if found else "no_rule", **about)
    rule = holds.rule
    if not holds.sure:
        return line("document", "unknown", "may_not_hold", rule, **about)
    if rule.allowed == "no":
        return line("document", "not_possible_here", "document_not_taken", rule, **about)
    if rule.allowed != "yes":
        return line("document", "unknown", "source_unsure", rule, **about)
    return line("document", "looks_fine", "document_taken", rule, **about)


def _stay(found: list[Claim], holds: Claim | None, journey: Journey) -> PlanLine:
    nights = journey.nights
    if not found or nights is None:
        return line("stay", "unknown", "nights_unknown" if found else "no_rule", holds.rule if holds else None)
    too_long = {
        claim.rule.id: _longest(claim.rule) is not None and nights > (_longest(claim.rule) or 0) for claim in found
    }
    rule = holds.rule if holds else max(found, key=lambda claim: claim.rule.checked_on).rule
    params = {"nights": nights, "most": _longest(rule)}
    if all(too_long.values()) or (holds and holds.sure and too_long[rule.id]):
        return line("stay", "not_possible_here", "stay_too_long", rule, **params)
    if holds is None or not holds.sure or rule.allowed != "yes" or _longest(rule) is None:
        return line("stay", "unknown", "stay_unsure", holds and rule, **params)
    return line("stay", "looks_fine", "stay_within", rule, **params)


def _longest(rule: Rule) -> int | None:
    """The most nights that the limits leave; a stay of n days has n - 1 nights."""
    limits = rule.limits
    nights = [limits.max_nights] if limits.max_nights is not None else []
    nights += [limits.max_days - 1] if limits.max_days is not None else []
    return min(nights, default=None)


def _bound(holds: Claim, crossing: Crossing, journey: Journey) -> Iterator[PlanLine]:
    """The way back, the area, and what the document asks for beside."""
    rule, limits = holds.rule, holds.rule.limits
    if limits.return_same_point:
        yield _way_back(holds, crossing, journey)
    if limits.area not in (None, "whole_country"):
        yield line("area", "unknown", "only_within", rule, area=limits.area)
    if limits.single_use:
        yield line("paper", "missing", "one_journey_only", rule)
    for what in rule.requires:
        yield line("paper", "missing" if holds.sure else "unknown", "paper_needed", rule, what=what)


def _way_back(holds: Claim, crossing: Crossing, journey: Journey) -> PlanLine:
    if journey.return_by is None:
        return line("return", "missing", "return_same_point", holds.rule, crossing=crossing.id)
    if journey.return_by != crossing.id:
        return line("return", "not_possible_here", "return_elsewhere", holds.rule, crossing=journey.return_by)
    if not holds.sure or holds.rule.allowed != "yes":
        return line("return", "unknown", "may_not_hold", holds.rule)
    return line("return", "looks_fine", "return_as_asked", holds.rule, crossing=crossing.id)
