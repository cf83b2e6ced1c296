"""Whatever the rows, the day, the party and the hour: nothing looks fine without a row that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from contracts.crossing.rows import Crossing, Exemption, Limits, OpeningHours, Rule, Timing
from contracts.crossing.v1 import CrossingBook, Plan, PlanLine, Travel
from contracts.values import Party
from services.referral.domain.crossing import lines as crossing_lines
from services.referral.domain.crossing import papers as crossing_papers
from services.referral.domain.crossing.plan import ADMITS, plan
from services.referral.domain.crossing.rows import Journey, before_close, stale_after
from tests.support.crossing import BOOK, TOWNS

CASES = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
GROUPS, DOCUMENTS = ("thai", "lao", "third_country"), ("passport", "border_pass", "temporary_border_pass")
CROSSINGS = {crossing.id: crossing for crossing in BOOK.crossings}
FIRST = date(2027, 1, 1)


def some(*values: Any, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=len(values), unique=True).map(tuple)


def days(before: int, after: int) -> st.SearchStrategy[date]:
    return st.integers(-before, after).map(lambda n: FIRST + timedelta(days=n))


LIMITS = st.builds(
    Limits,
    max_days=st.none() | st.integers(1, 5),
    max_nights=st.none() | st.integers(0, 4),
    return_same_point=st.booleans(),
    area=st.sampled_from((None, "whole_country", "entry_province")),
)
EXEMPTIONS = st.lists(
    st.builds(
        Exemption,
        said=st.just("as the source has it"),
        nationalities=some(*GROUPS),
        documents=some(*DOCUMENTS),
        only_where_enforced=st.booleans(),
    ),
    max_size=2,
).map(tuple)
RULES = st.builds(
    Rule,
    id=st.just("to-be-numbered"),
    source=st.just("somebody"),
    checked_on=days(10, 0) | days(3, 0) | days(420, 0),
    checked_by=st.just("a test"),
    confidence=st.sampled_from(("high", "medium", "low")),
    directions=st.just(("TH->LA", "LA->TH")) | some("TH->LA", "LA->TH", "stay LA", least=1),
    about=st.sampled_from((*["document"] * 5, "visa_on_arrival", "form", "lodging", "vehicle", "children")),
    crossing=st.sampled_from((None, None, None, "na-kraseng")),
    authority=st.sampled_from((None, "LA", "TH")),
    traveller=st.sampled_from(
        (*["any"] * 6, "border_resident", "not_border_resident", "listed_nationality", "needs_visa")
    ),
    nationalities=st.just(GROUPS) | some(*GROUPS, least=1),
    documents=st.just(()) | some(*DOCUMENTS),
    vehicles=st.just(("car", "motorbike")) | some("car", "motorbike"),
    children_with=st.just(("parent", "other")) | some("parent", "other"),
    allowed=st.just("yes") | st.sampled_from((None, "yes", "no", "unknown")),
    limits=st.just(Limits()) | LIMITS,
    requires=some("tdac", "ldif", "birth_certificate"),
    timing=st.none() | st.just(Timing(kind="days_before", amount=3)),
    exempt=EXEMPTIONS,
    enforced_at=some("nong-khai-1", "na-kraseng"),
    valid_from=st.sampled_from((None, None, FIRST, FIRST + timedelta(days=8))),
    valid_to=st.sampled_from((None, None, None, "unknown", FIRST + timedelta(days=9))),
)
HOURS = st.lists(
    st.builds(
        lambda opens, length, weekdays: OpeningHours(
            days=weekdays, open=time(opens), close=time((opens + length) % 24), confidence="low"
        ),
        st.integers(0, 23),
        st.integers(1, 23),
        some(1, 2, 3, 4, 5, 6, 7, least=1),
    ),
    max_size=2,
).map(tuple)
TRAVEL = st.builds(
    Travel,
    nationality=st.sampled_from(GROUPS),
    document=st.sampled_from((*DOCUMENTS * 3, "none", "unknown")),
    border_resident=st.sampled_from(("yes", "no", "unknown")),
    vehicle=st.sampled_from(("none", "car", "motorbike", "public", "unknown")),
    children_with=st.sampled_from(("none", "parent", "guardian", "other", "unknown")),
    visa=st.sampled_from(("yes", "no", "not_needed", "unknown")),
)
JOURNEYS = st.builds(
    Journey,
    direction=st.sampled_from(("TH->LA", "LA->TH")),
    day=days(0, 20) | days(0, 400),
    party=st.builds(Party, adult=st.just(1), child=st.integers(0, 1)),
    hour=st.none() | st.builds(time, st.integers(0, 23), st.sampled_from((0, 30))),
    nights=st.none() | st.integers(0, 5),
    travel=TRAVEL,
    return_by=st.none() | st.sampled_from(sorted(CROSSINGS)),
)


@st.composite
def books(draw: st.DrawFn) -> CrossingBook:
    """A few rules, and every crossing of the demonstration with other hours and another standing."""
    rules = draw(st.lists(RULES, min_size=1, max_size=6))
    changed = [
        crossing.model_copy(
            update={
                "hours": draw(HOURS),
                "status": draw(st.sampled_from(("open", "open", "closed", "unknown"))),
                "checked_on": draw(days(420, 0)),
            }
        )
        for crossing in BOOK.crossings
    ]
    numbered = tuple(rule.model_copy(update={"id": f"rule-{n}"}) for n, rule in enumerate(rules))
    return CrossingBook(crossings=tuple(changed), rules=numbered, margins=BOOK.margins)


CASE = st.tuples(books(), JOURNEYS)


def made(case: tuple[CrossingBook, Journey]) -> Plan:
    book, journey = case
    ends = (TOWNS["kok-sathon"], TOWNS["bo-taen"])
    return plan(journey, book, *(ends if journey.direction == "TH->LA" else reversed(ends)))


def fine(found: Plan) -> Iterator[tuple[str, PlanLine]]:
    for way in found.crossings:
        yield from ((way.crossing, line) for line in way.lines if line.result == "looks_fine")
    yield from (("", line) for line in found.lines if line.result == "looks_fine")


# what a row says, told apart from how the plan is made


def trusted(rule: Rule, journey: Journey, book: CrossingBook) -> bool:
    begun = rule.valid_from is None or rule.valid_from <= journey.day
    lasts = rule.valid_to is None or (isinstance(rule.valid_to, date) and journey.day <= rule.valid_to)
    return begun and lasts and journey.day - rule.checked_on <= stale_after(book)


def are_meant(rule: Rule, facts: Travel) -> bool:
    wanted = {"border_resident": "yes", "not_border_resident": "no"}.get(rule.traveller)
    return rule.traveller == "any" or (wanted is not None and facts.border_resident == wanted)


def about_them(rule: Rule, crossing: str, journey: Journey) -> bool:
    facts = journey.travel
    assert facts is not None
    who = are_meant(rule, facts)
    papers = not rule.documents or facts.document in rule.documents
    here = rule.crossing in (None, crossing) and journey.direction in rule.directions
    return who and papers and here and facts.nationality in rule.nationalities


def says_so(line: PlanLine, crossing: str, journey: Journey, book: CrossingBook) -> bool:
    assert journey.travel is not None
    if line.basis is None:
        return False
    if line.basis.kind == "crossing":
        return _crossing_says_so(line, next(c for c in book.crossings if c.id == crossing), journey, book)
    rule = next(rule for rule in book.rules if rule.id == line.basis.id)
    if not trusted(rule, journey, book) or line.basis.confidence != rule.confidence:
        return False
    if line.about == "form":
        exempt = [one for one in rule.exempt if one.nationalities or one.documents]
        group, papers = journey.travel.nationality, journey.travel.document
        named = [e for e in exempt if group in (e.nationalities or rule.nationalities)]
        theirs = any(papers in (e.documents or [papers]) for e in named)
        return theirs and are_meant(rule, journey.travel) and rule.allowed in (None, "yes")
    longest = [n for n in (rule.limits.max_nights, rule.limits.max_days and rule.limits.max_days - 1) if n is not None]
    if line.about == "stay" and not (longest and journey.nights is not None and journey.nights <= min(longest)):
        return False
    if line.about == "vehicle" and rule.vehicles and journey.travel.vehicle not in rule.vehicles:
        return False
    return rule.allowed == "yes" and about_them(rule, crossing, journey)


def _crossing_says_so(line: PlanLine, crossing: Crossing, journey: Journey, book: CrossingBook) -> bool:
    assert journey.travel is not None
    if journey.day - crossing.checked_on > stale_after(book):
        return False
    if line.about == "admission":
        admits = journey.travel.nationality in crossing.open_to and crossing.tourist_handoff_allowed
        return crossing.status == "open" and admits
    if line.about != "hours" or journey.hour is None:
        return False
    at = datetime.combine(journey.day, journey.hour, UTC)
    needed = before_close(book) // timedelta(minutes=1)
    return all(_open(crossing, at + timedelta(minutes=n)) for n in range(max(1, needed)))


def _open(crossing: Crossing, at: datetime) -> bool:
    """Whether any row has it open in that minute; one that closes no later than it opens closes on the next day."""
    today, before = at.isoweekday(), (at - timedelta(days=1)).isoweekday()
    for one in crossing.hours:
        over = one.close <= one.open
        if today in one.days and one.open <= at.time() and (over or at.time() < one.close):
            return True
        if over and before in one.days and at.time() < one.close:
            return True
    return False


def unfounded(case: tuple[CrossingBook, Journey]) -> list[PlanLine]:
    """What looks fine and has no row that says so."""
    book, journey = case
    return [line for crossing, line in fine(made(case)) if not says_so(line, crossing, journey, book)]


# the properties


@CASES
@given(CASE)
def test_nothing_looks_fine_without_a_row_that_says_so(case: tuple[CrossingBook, Journey]) -> None:
    assert unfounded(case) == []


def _yes_by_default(usual: Callable[..., Any]) -> Callable[..., Any]:
    def lenient(*given: Any, **about: Any) -> Any:
        line = usual(*given, **about)
        return line.model_copy(update={"result": "looks_fine"}) if line.code == "no_rule" else line

    return lenient


def _as_if_trusted(usual: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given, **about: [claim._replace(sure=True) for claim in usual(*given, **about)]


@pytest.mark.parametrize(
    ("module", "name", "flip"),
    [
        (crossing_lines, "_accepted", _yes_by_default),
        (crossing_lines, "claims", _as_if_trusted),
        (crossing_lines, "is_stale", lambda _: lambda *_: False),
        (crossing_papers, "_exempt", lambda _: lambda *_, **__: True),
        (crossing_papers, "means", lambda _: lambda *_: True),
    ],
)
def test_a_plan_that_says_yes_by_default_is_found_out(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, flip: Callable[[Any], Any]
) -> None:
    monkeypatch.setattr(module, name, flip(getattr(module, name)))
    quick = settings(max_examples=5_000, deadline=None, phases=[Phase.generate], database=None)
    try:
        found = find(CASE, lambda case: bool(unfounded(case)), settings=quick)
    except NoSuchExample:
        pytest.fail(f"{name} was flipped and nobody noticed")
    assert unfounded(found)


@CASES
@given(CASE)
def test_without_any_rule_nothing_but_the_crossing_itself_is_known(case: tuple[CrossingBook, Journey]) -> None:
    book, journey = case
    found = made((book.model_copy(update={"rules": ()}), journey))
    for way in found.crossings:
        for line in way.lines:
            if line.about not in ("admission", "hours", "visa"):
                assert line.result == "unknown", line
            assert line.about != "visa" or line.result != "looks_fine"
    assert {line.result for line in found.lines} <= {"unknown"}


@CASES
@given(CASE)
def test_taking_a_rule_away_makes_nothing_fine_unless_it_was_shown_to_contradict(
    case: tuple[CrossingBook, Journey],
) -> None:
    book, journey = case
    before = {_place(crossing, line) for crossing, line in fine(made(case))}
    shown = {
        (way.crossing, rule)
        for way in made(case).crossings
        for line in way.lines
        if line.about == "conflict"
        for rule in line.named["rows"].split(", ")
    }
    for taken in book.rules:
        rest = book.model_copy(update={"rules": tuple(rule for rule in book.rules if rule is not taken)})
        for crossing, line in fine(made((rest, journey))):
            assert _place(crossing, line) in before or (crossing, taken.id) in shown, (taken, line)


def _place(crossing: str, line: PlanLine) -> tuple[str, str, str | None]:
    return crossing, line.about, line.named.get("what")


@CASES
@given(CASE)
def test_rows_that_contradict_one_another_are_always_shown(case: tuple[CrossingBook, Journey]) -> None:
    book, journey = case
    assert journey.travel is not None
    if journey.travel.document in ("none", "unknown"):
        return
    for way in made(case).crossings:
        if way.lines[0].result == "not_possible_here":
            continue
        speak = [
            r
            for r in book.rules
            if r.about == "document" and trusted(r, journey, book) and about_them(r, way.crossing, journey)
        ]
        if len({rule.allowed for rule in speak}) > 1:
            (shown,) = [one for one in way.lines if one.about == "conflict" and one.named["subject"] == "document"]
            assert {rule.id for rule in speak} <= set(shown.named["rows"].split(", "))


@CASES
@given(CASE)
def test_who_is_let_through_comes_before_who_is_near(case: tuple[CrossingBook, Journey]) -> None:
    admits = [ADMITS[way.lines[0].result] for way in made(case).crossings]
    assert admits == sorted(admits)


@CASES
@given(CASE)
def test_a_crossing_that_is_not_for_tourists_is_never_possible(case: tuple[CrossingBook, Journey]) -> None:
    for way in made(case).crossings:
        if not CROSSINGS[way.crossing].tourist_handoff_allowed:
            assert [line.result for line in way.lines] == ["not_possible_here"]


# a row that refuses

#: On which lines a refusal of a subject bears, and under which subject it is shown as a conflict.
BEARS_ON: dict[str, tuple[str, ...]] = {
    "document": ("document", "stay", "return"),
    "visa_on_arrival": ("visa",),
    "form": ("form",),
    "vehicle": ("vehicle",),
    "children": ("children",),
}


EVERYBODY: dict[str, Any] = {
    "directions": ("TH->LA", "LA->TH"),
    "crossing": None,
    "traveller": "any",
    "nationalities": GROUPS,
    "valid_from": None,
    "valid_to": None,
}


@st.composite
def refused(draw: st.DrawFn) -> tuple[CrossingBook, Journey]:
    """A book with a row that refuses, and often one that allows, or exempts from, the same to just such a party."""
    book, journey = draw(CASE)
    facts = journey.travel
    assert facts is not None
    all_of_them = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("documents", "vehicles", "children_with"), st.just(()))
    )
    about = {"about": draw(st.sampled_from(sorted(BEARS_ON))), "allowed": "no", "id": "refuses"}
    of_everybody = draw(st.sampled_from((EVERYBODY, EVERYBODY, {})))
    refuses = draw(RULES).model_copy(update=about | draw(all_of_them) | of_everybody)
    theirs = EVERYBODY | {
        "id": "allows",
        "allowed": "yes",
        "documents": (facts.document,),
        "vehicles": (facts.vehicle,),
        "children_with": (facts.children_with,),
        "exempt": (Exemption(said="holders", documents=(facts.document,)),),
        "checked_on": draw(days(20, 0)),
    }
    beside = (refuses.model_copy(update=theirs),) if draw(st.sampled_from((True, True, False))) else ()
    rest = draw(st.sampled_from(((), (), book.rules)))
    return book.model_copy(update={"rules": (*rest, refuses, *beside)}), journey


def may_be_about_them(rule: Rule, crossing: str, journey: Journey) -> bool:
    """Read as its words are: what it names none of is all of them, and only what surely is not theirs is not."""
    facts = journey.travel
    assert facts is not None
    over = isinstance(rule.valid_to, date) and rule.valid_to < journey.day
    to_come = rule.valid_from is not None and journey.day < rule.valid_from
    others = {"border_resident": "no", "not_border_resident": "yes"}.get(rule.traveller)
    named: list[tuple[tuple[str, ...], str]] = [(rule.documents, facts.document)]
    named += [(rule.vehicles, facts.vehicle)] if rule.about == "vehicle" else []
    named += [(rule.children_with, facts.children_with)] if rule.about == "children" else []
    return (
        not (over or to_come)
        and rule.crossing in (None, crossing)
        and journey.direction in rule.directions
        and facts.nationality in rule.nationalities
        and (others is None or facts.border_resident != others)
        and all(not some or theirs in some for some, theirs in named)
    )


def ignored(case: tuple[CrossingBook, Journey]) -> list[PlanLine]:
    """What looks fine although a row that may be about them refuses it, and is not shown."""
    book, journey = case
    refuses = next(rule for rule in book.rules if rule.id == "refuses")
    lines = BEARS_ON[refuses.about]
    found = []
    for way in made(case).crossings:
        shown = {
            row
            for line in way.lines
            if line.about == "conflict" and line.named["subject"] == lines[0]
            for row in line.named["rows"].split(", ")
        }
        if may_be_about_them(refuses, way.crossing, journey) and "refuses" not in shown:
            fine_here = [line for line in way.lines if line.result == "looks_fine" and line.about in lines]
            found += [one for one in fine_here if one.about != "form" or one.named["what"] in refuses.requires]
    return found


@CASES
@given(refused())
def test_what_a_row_refuses_never_looks_fine_unless_the_row_is_shown_to_contradict(
    case: tuple[CrossingBook, Journey],
) -> None:
    assert ignored(case) == []


@pytest.mark.parametrize(
    ("module", "name", "flip"),
    [
        (crossing_papers, "_among", lambda _: lambda named, one: one in named),
        (crossing_papers, "conflict", lambda _: lambda *_: iter(())),
        (crossing_lines, "conflict", lambda _: lambda *_: iter(())),
    ],
)
def test_a_plan_that_overlooks_a_refusal_is_found_out(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, flip: Callable[[Any], Any]
) -> None:
    monkeypatch.setattr(module, name, flip(getattr(module, name)))
    quick = settings(max_examples=5_000, deadline=None, phases=[Phase.generate], database=None)
    try:
        case = find(refused(), lambda case: bool(ignored(case)), settings=quick)
    except NoSuchExample:
        pytest.fail(f"{name} was flipped and nobody noticed")
    assert ignored(case)
