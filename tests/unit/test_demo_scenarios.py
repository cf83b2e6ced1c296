"""A file of scenarios is read whole or not at all, each mistake by its path; and every kind of deviation is found."""

from __future__ import annotations

import copy
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.personal.v1 import PersonalPart
from deploy.demo import edges
from deploy.demo.expecting import Expect
from deploy.demo.facts import Asked, Checks, Pool, Record
from deploy.demo.judging import deviations
from deploy.demo.moments import Calendar, length
from deploy.demo.scenario_file import DEMO_SCENARIOS, BadScenarios, Play, fields_of, nodes, read_file

BEGAN = datetime.fromisoformat("2027-03-01T23:30:00+07:00")
CALENDAR = Calendar(BEGAN)
BORDER = {"to_receiver": ["handoff_offered"], "to_sender": ["handoff_held", "handoff_declined"]}
QUOTE = {"amount": "800000.00", "currency": "LAK"}
FEE = {"amount": "40000.00", "currency": "LAK"}


def scenario(**given: Any) -> dict[str, Any]:
    """Tha Li asks Bo Taen for a night, which says no."""
    offer = {"items": [{"experience_id": "bo-taen.homestay", "day": "+10"}], "answer_by": "+6h"}
    usual: dict[str, Any] = {
        "id": "a",
        "title": "A night that is not to be",
        "clock": "2027-03-01T09:00:00+07:00",
        "who": {"sender": "tha-li", "receiver": "bo-taen", "party": {"adult": 2}, "language": "th"},
        "given": {"acts": [{"as": "bo-taen", "do": "booking.set_exception", "with": closure()}]},
        "steps": [
            {"as": "tha-li", "do": "referral.offer_handoff", "with": offer},
            {"wait": "held"},
            {"pass": "3h"},
            {"as": "bo-taen", "do": "referral.decline_handoff", "with": {"reason": "closed"}},
            {"wait": "declined"},
            {"pass_to": "+1 08:00"},
        ],
        "expect": {"state": "declined", "border": BORDER},
    }
    return copy.deepcopy(usual | given)


def closure() -> dict[str, Any]:
    return {"day": "+3", "kind": "closed", "reason": "A day of rest"}


def document(*scenarios: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"format": 1, "scenarios": list(scenarios or (scenario(),)), **given}


def read(tmp_path: Path, written: Any) -> list[Play]:
    path = tmp_path / "scenarios.json"
    path.write_text(json.dumps(written), encoding="utf-8")
    return read_file(path)


def problems(tmp_path: Path, written: Any) -> tuple[str, ...]:
    with pytest.raises(BadScenarios) as refused:
        read(tmp_path, written)
    return refused.value.problems


def replaced(path: str, value: Any, written: dict[str, Any] | None = None) -> dict[str, Any]:
    """The document with another value at a dotted path of its first scenario; ... takes the field away."""
    changed = written or document()
    *way, last = path.split(".")
    place: Any = changed["scenarios"][0]
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is ...:
        del place[last]
    elif isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return changed


# moments


@pytest.mark.parametrize(("text", "hours"), [("3h", 3), ("90m", 1.5), ("1d 2h", 26), ("2d", 48), ("1d2h30m", 26.5)])
def test_a_length_of_time_is_parsed(text: str, hours: float) -> None:
    assert length(text).total_seconds() == hours * 3600


@pytest.mark.parametrize("text", ["", "3", "h", "3 hours", "-3h", "1.5h"])
def test_an_invalid_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="3h, 90m"):
        length(text)


def test_days_count_from_the_local_date_of_the_beginning() -> None:
    assert CALENDAR.day("+1") == date(2027, 3, 2)
    assert CALENDAR.day("2027-04-01") == date(2027, 4, 1)
    assert CALENDAR.moment("+1 15:00").isoformat() == "2027-03-02T15:00:00+07:00"
    assert CALENDAR.moment("+1h").isoformat() == "2027-03-02T00:30:00+07:00"


def test_only_days_and_moments_are_counted() -> None:
    filled = CALENDAR.filled({"items": [{"day": "+2", "note": "+2"}], "answer_by": "+6h", "address": "+66"})
    assert filled["items"] == [{"day": "2027-03-03", "note": "+2"}]
    assert filled["answer_by"] == "2027-03-02T05:30:00+07:00"
    assert filled["address"] == "+66"


# reading


def test_the_demonstration_reads_whole_and_needs_one_node() -> None:
    plays = read_file(DEMO_SCENARIOS)
    assert [play.scenario.id for play in plays] == ["s1", "s2", "s3", "s4", "s5", "s6"]
    assert len(nodes(plays)) == 1


def test_what_the_scenario_says_anyway_need_not_be_written(tmp_path: Path) -> None:
    told = read(tmp_path, document())[0].scenario
    act: Any = told.steps[0]
    fields = fields_of(act, told, "", "")
    assert (fields["to"], fields["party"], fields["language"]) == ("bo-taen", told.who.party.wire(), "th")
    assert fields["items"][0]["day"] == "2027-03-11"


MISTAKES = [
    ("scenarios[0].id", "id", "Not A Slug"),
    ("scenarios[0].titel", "titel", "a field that nobody knows"),
    ("scenarios[0].title", "title", ...),
    ("scenarios[0].clock", "clock", "2027-03-01T09:00:00"),
    ("scenarios[0].who.sender", "who.sender", "nowhere"),
    ("scenarios[0].who.party.adult", "who.party.adult", -1),
    ("scenarios[0].who.party", "who.party", {"adult": 0, "child": 1}),
    ("scenarios[0].given.network", "given.network", "missing.json"),
    ("scenarios[0].given.network", "given.network", 5),
    ("scenarios[0].given.acts[0].with.day", "given.acts.0.with.day", "+3d"),
    ("scenarios[0].given.acts[0].do", "given.acts.0.do", "referral.accept_handoff"),
    ("scenarios[0].steps[0].as", "steps.0.as", "nowhere"),
    ("scenarios[0].steps[0].do", "steps.0.do", "referral.list_handoffs"),
    ("scenarios[0].steps[0].do", "steps.0.do", "node.move_clock"),
    ("scenarios[0].steps[0].with.items[0].experience_id", "steps.0.with.items.0.experience_id", "Homestay"),
    ("scenarios[0].steps[0].with.answer_by", "steps.0.with.answer_by", "+6"),
    ("scenarios[0].steps[0].with.colour", "steps.0.with.colour", "blue"),
    ("scenarios[0].steps[0].refused.code", "steps.0.refused", {"code": "never"}),
    ("scenarios[0].steps[1].wait", "steps.1.wait", "hold"),
    ("scenarios[0].steps[1]", "steps.1", {"wait": "held", "pass": "3h"}),
    ("scenarios[0].steps[2].pass", "steps.2.pass", "3 hours"),
    ("scenarios[0].steps[2].pass", "steps.2.pass", "0h"),
    ("scenarios[0].steps[3].with.reason", "steps.3.with.reason", "boredom"),
    ("scenarios[0].steps[1].reminded[0]", "steps.1", {"as": "tha-li", "reminded": ["buy_milk"]}),
    ("scenarios[0].steps[1].as", "steps.1", {"as": "nowhere", "reminded": ["papers_and_hours"]}),
    ("scenarios[0].steps[0]", "steps.0", {"as": "tha-li", "reminded": ["papers_and_hours"]}),
    ("scenarios[0].expect.personal.receiver", "expect.personal", {"receiver": "kept"}),
    ("scenarios[0].expect.receipts.sender[0]", "expect.receipts", {"sender": ["signature"]}),
    ("scenarios[0].expect.plan.sender[0].result", "expect.plan", {"sender": [{"about": "visa", "result": "allowed"}]}),
    ("scenarios[0].steps[5].pass_to", "steps.5.pass_to", "tomorrow"),
    ("scenarios[0].steps[5]", "steps.5.pass_to", "+0 11:00"),
    ("scenarios[0].steps[0]", "steps.0", {"wait": "offered"}),
    ("scenarios[0].expect.state", "expect.state", ...),
    ("scenarios[0].expect.state", "expect.state", "done"),
    ("scenarios[0].expect.border.to_sender[0]", "expect.border.to_sender", ["handoff_hold"]),
    ("scenarios[0].expect.money.fee", "expect.money", {"fee": {"amount": "40000", "currency": "LAK"}}),
    ("scenarios[0].expect.pools[0].day", "expect.pools", [{"community": "bo-taen", "day": "10", "pool": "guests"}]),
    ("scenarios[0].expect.pools[0].pool", "expect.pools", [{"community": "bo-taen", "day": "+1", "pool": "beds"}]),
    ("scenarios[0].expect.pools[0].community", "expect.pools", [{"community": "x", "day": "+1", "pool": "guests"}]),
]


@pytest.mark.parametrize(("place", "path", "value"), MISTAKES, ids=[f"{path}={value}" for _, path, value in MISTAKES])
def test_a_mistake_is_named_by_its_path(tmp_path: Path, place: str, path: str, value: Any) -> None:
    found = problems(tmp_path, replaced(path, value))
    assert any(problem.startswith(f"{place}: ") for problem in found), found


CONSENT = {"as": "tha-li", "do": "referral.give_consent", "with": {"part": {"name": "Malee (demo)"}}}
READING = {"as": "bo-taen", "do": "referral.read_personal_part", "reads": {"name": "Malee (demo)"}}


def test_consent_is_written_as_what_is_said_and_the_edge_fills_in_the_rest(tmp_path: Path) -> None:
    with_consent = scenario(steps=[*scenario()["steps"][:2], CONSENT, READING, READING | {"reads": None}])
    steps: Any = read(tmp_path, document(with_consent))[0].scenario.steps
    fields = fields_of(steps[2], read(tmp_path, document(with_consent))[0].scenario, "x", "")
    assert (fields["language"], fields["said"], fields["referral"]) == ("th", "screen", "x")
    assert steps[3].reads.name == "Malee (demo)"
    assert steps[4].reads is None


@pytest.mark.parametrize(
    ("place", "step"),
    [
        ("scenarios[0].steps[2].with.part.passport", CONSENT | {"with": {"part": {"passport": "AB1234567"}}}),
        ("scenarios[0].steps[2].with.fields", CONSENT | {"with": {"part": {}}}),
        ("scenarios[0].steps[2].with", CONSENT | {"with": {**CONSENT["with"], "said": "spoken"}}),  # type: ignore[dict-item] # it is a dict
        ("scenarios[0].steps[2].reads.home", READING | {"reads": {"home": "x"}}),
        ("scenarios[0].steps[2].reads", CONSENT | {"reads": None}),
    ],
)
def test_a_mistake_in_a_consent_is_named_and_not_quoted(tmp_path: Path, place: str, step: dict[str, Any]) -> None:
    found = problems(tmp_path, document(scenario(steps=[*scenario()["steps"][:2], step])))
    assert any(problem.startswith(f"{place}: ") for problem in found), found
    assert "AB1234567" not in "".join(found)


def test_what_is_read_is_compared_by_its_fields_and_not_quoted() -> None:
    said, heard = PersonalPart(name="Malee", food="no fish"), PersonalPart(name="Malee", nationality="TH")
    assert edges.misread(said, said) is None
    assert edges.misread(None, None) is None
    assert edges.misread(said, None) == ("name as said, food as said", "nothing held")
    assert edges.misread(said, heard) == ("nationality not given, food as said", "nationality as said, food not given")


def test_a_scenario_has_exactly_one_offer(tmp_path: Path) -> None:
    twice = scenario()
    twice["steps"].append(twice["steps"][0])
    assert "once, not 2 times" in problems(tmp_path, document(twice))[0]


def test_scenario_ids_are_unique(tmp_path: Path) -> None:
    assert problems(tmp_path, document(scenario(), scenario()))[0].startswith("scenarios[1].id: a is given twice")


def test_a_buddhist_year_is_reported_as_such(tmp_path: Path) -> None:
    found = problems(tmp_path, replaced("clock", "2570-03-01T09:00:00+07:00"))
    assert "scenarios[0].clock: 2570 is a Buddhist year: write 2027" in found


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, replaced("steps.1.wait", "hold", replaced("who.language", "Thai")))
    assert len(found) == 2


def test_a_network_written_out_is_read_by_the_same_rules(tmp_path: Path) -> None:
    found = problems(tmp_path, document(network={"communities": []}))
    assert any(problem.startswith("network.currencies: ") for problem in found), found


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", "null"])
def test_an_invalid_scenario_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(BadScenarios):
        read_file(path)


def test_a_clock_that_would_go_back_makes_another_node(tmp_path: Path) -> None:
    later = scenario(id="later", clock="2027-03-05T09:00:00+07:00")
    overlapping = scenario(id="overlapping", clock="2027-03-01T12:00:00+07:00")
    shared = nodes(read(tmp_path, document(later, scenario(), overlapping)))
    assert [[play.scenario.id for play in one] for one in shared] == [["a"], ["overlapping", "later"]]


# judging

EXPECT: dict[str, Any] = {
    "state": "completed",
    "round": 0,
    "reason": None,
    "marked": None,
    "alternatives": None,
    "border": {"to_receiver": ["handoff_offered"], "to_sender": ["handoff_held"]},
    "money": {"quote": QUOTE, "total": QUOTE, "fee": FEE},
    "party": {"adult": 2},
    "personal": {"sender": "held", "receiver": "held"},
    "receipts": {"sender": ["consent"], "receiver": ["consent"]},
    "audit": {"sender": ["consent_given", "personal_part_released"]},
    "plan": {"sender": [{"about": "visa", "result": "missing"}, {"about": "hours", "result": "unknown", "code": "x"}]},
    "reminders": {"sender": ["papers_and_hours"], "receiver": []},
    "pools": [
        {
            "community": "bo-taen",
            "day": "+10",
            "pool": "guests",
            "capacity": 20,
            "taken": 3,
            "held": 0,
            "booked": 3,
            "peak": 3,
        }
    ],
}
OPEN = {
    "community": "bo-taen",
    "day": date(2027, 3, 11),
    "pool": "guests",
    "capacity": 20,
    "taken": 3,
    "booked": 3,
    "peak": 3,
}


def asked(about: str, result: str, code: str) -> Asked:
    return Asked(about=about, result=result, code=code, said="a sentence")


def record(side: str, **given: Any) -> Record:
    usual: dict[str, Any] = {
        "community": "tha-li" if side == "sender" else "bo-taen",
        "side": side,
        "state": "completed",
        "round": 0,
        "reason": None,
        "marked": None,
        "alternatives": (),
        "heard": ("handoff_held",) if side == "sender" else ("handoff_offered",),
        "quote": QUOTE,
        "total": QUOTE,
        "fee": FEE,
        "party": {"adult": 2, "child": 0, "infant": 0},
        "personal": "held",
        "receipts": ("consent",),
        "audit": ("consent_given", "personal_part_read", "personal_part_released"),
        "plan": (asked("visa", "missing", "visa_before_arrival"), asked("hours", "unknown", "x")),
        "confirmed_by_officials": False,
        "reminders": ("papers_and_hours",) if side == "sender" else (),
    }
    return Record(**(usual | given))


def judged(
    *,
    sender: Record | None = None,
    receiver: Record | None = None,
    pools: tuple[Pool, ...] | None = None,
    checks: Checks | None = None,
    **changed: Any,
) -> list[str]:
    expect = Expect.model_validate_json(json.dumps(EXPECT | changed))
    both = (sender or record("sender"), receiver or record("receiver"))
    found = deviations(expect, CALENDAR, both, (Pool(**OPEN),) if pools is None else pools, checks or Checks())
    return [f"{one.what}: expected {one.expected}, found {one.found}" for one in found]


def test_nothing_deviates_when_all_is_as_expected() -> None:
    assert judged() == []


ALTERNATIVE = {"experience_id": "bo-taen.homestay", "day": "2027-03-12", "start": "15:00"}
FOUND = [
    ({"sender": record("sender", state="arrived")}, "sender.state: expected completed, found arrived"),
    ({"receiver": record("receiver", state="arrived")}, "receiver.state: expected completed, found arrived"),
    ({"state": None}, "sender.state: expected nothing, found completed"),
    ({"sender": record("sender", reason="other")}, "sender.reason: expected nothing, found other"),
    ({"receiver": record("receiver", marked="late")}, "receiver.marked: expected nothing, found late"),
    ({"sender": record("sender", round=1)}, "sender.round: expected 0, found 1"),
    (
        {"sender": record("sender", alternatives=(ALTERNATIVE,))},
        "sender.alternatives: expected nothing, found bo-taen.homestay 2027-03-12",
    ),
    (
        {"sender": record("sender", heard=("handoff_held", "party_no_show"))},
        "border.to_sender: expected handoff_held, found handoff_held party_no_show",
    ),
    ({"receiver": record("receiver", heard=())}, "border.to_receiver: expected handoff_offered, found nothing"),
    (
        {"sender": record("sender", quote={"amount": "800000.01", "currency": "LAK"})},
        "sender.money.quote: expected 800000.00 LAK, found 800000.01 LAK",
    ),
    ({"receiver": record("receiver", fee=None)}, "receiver.money.fee: expected 40000.00 LAK, found nothing"),
    ({"pools": ()}, "pools bo-taen 2027-03-11 guests taken: expected 3, found 0"),
    (
        {"pools": (Pool(**OPEN | {"held": 1, "taken": 4}),)},
        "pools bo-taen 2027-03-11 guests held: expected 0, found 1",
    ),
    (
        {"pools": (Pool(**OPEN | {"peak": 31}),)},
        "pools bo-taen 2027-03-11 guests peak: expected at most 3, found 31",
    ),
    ({"sender": record("sender", personal="erased")}, "sender.personal: expected held, found erased"),
    (
        {"receiver": record("receiver", receipts=("consent", "erased"))},
        "receiver.receipts: expected consent, found consent, erased",
    ),
    (
        {"receiver": record("receiver", party={"adult": 0, "child": 0, "infant": 0})},
        "receiver.party: expected {'adult': 2, 'child': 0, 'infant': 0}, found {'adult': 0, 'child': 0, 'infant': 0}",
    ),
    (
        {"sender": record("sender", audit=("personal_part_released", "consent_given"))},
        "sender.audit: expected consent_given, personal_part_released, found personal_part_released, consent_given",
    ),
    (
        {"sender": record("sender", plan=(asked("visa", "missing", "y"), asked("hours", "unknown", "y")))},
        "sender.plan: expected hours unknown x, found visa missing y, hours unknown y",
    ),
    (
        {"sender": record("sender", confirmed_by_officials=True)},
        "sender.plan.confirmed_by_officials: expected False, found True",
    ),
    ({"sender": record("sender", reminders=())}, "sender.reminders: expected papers_and_hours, found nothing"),
    ({"checks": Checks(parked=("booking: x: y",))}, "node.parked: expected nothing, found booking: x: y"),
    ({"checks": Checks(waiting=("booking: 2 internal",))}, "node.waiting: expected nothing, found booking: 2 internal"),
    ({"checks": Checks(violations=("sums: a 3",))}, "node.violations: expected nothing, found sums: a 3"),
]


@pytest.mark.parametrize(("given", "sentence"), FOUND, ids=[sentence for _, sentence in FOUND])
def test_each_deviation_is_found(given: dict[str, Any], sentence: str) -> None:
    assert sentence in judged(**given)


def test_alternatives_are_judged_in_order_and_with_their_start_only_where_it_is_written() -> None:
    both: dict[str, Any] = {side: record(side, alternatives=(ALTERNATIVE,)) for side in ("sender", "receiver")}
    plain = {"experience_id": "bo-taen.homestay", "day": "+11"}
    assert judged(alternatives=[plain], **both) == []
    assert judged(alternatives=[plain | {"start": "15:00"}], **both) == []
    assert len(judged(alternatives=[plain | {"start": "16:00"}], **both)) == 2
    assert len(judged(alternatives=[plain, plain], **both)) == 2


def test_what_is_left_out_is_not_judged() -> None:
    expect = Expect.model_validate_json(json.dumps({"state": "declined", "border": EXPECT["border"]}))
    both = (record("sender", state="declined", reason="x"), record("receiver", state="declined", round=2))
    assert deviations(expect, CALENDAR, both, (), Checks()) == []
    heard = (record("sender", heard=("handoff_held",)), record("receiver", heard=("handoff_offered",)))
    unsaid = Expect.model_validate_json('{"state": "completed"}')
    assert deviations(unsaid, CALENDAR, heard, (), Checks()) == []
    none = Expect.model_validate_json('{"state": "completed", "border": null}')
    assert len(deviations(none, CALENDAR, heard, (), Checks())) == 2, "null says that nothing crossed"


def test_a_refused_offer_satisfies_an_expected_state_of_null() -> None:
    expect = Expect.model_validate_json(json.dumps({"state": None, "border": {"to_receiver": [], "to_sender": []}}))
    assert deviations(expect, CALENDAR, (None, None), (), Checks()) == []
