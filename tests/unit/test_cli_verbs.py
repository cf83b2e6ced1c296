"""Each verb asks the node for what its contract allows, and tells a refusal so that a person knows what to do."""

import argparse
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.messages import message_type
from contracts.node.v1 import Standing
from contracts.refusals import Refusal
from deploy import command_line as cli
from deploy.local.verbs import doctor
from services.cli import context, outcome
from services.client.answers import refused
from services.client.local_api import LocalApi
from services.client.problems import Problem, Unanswered
from tests.support.answers import example
from tests.support.fake_node import FakeNode

ID = "01a1fb8e-2bdd-78ff-b0e6-3151275262fc"
RECORDED = {"referral_id": ID, "state": "held", "round": 0, "intent": "take_counter", "waits_for": "extend"}
STANDING = {
    "service": "booking", "now": "2027-01-04T02:00:00Z", "clock_settable": True, "unpublished": {}, "oldest": {},
    "waiting": 0, "parked": 0,
}  # fmt: skip


class Node(FakeNode):
    """Answers from a table, and keeps what it was asked; every question must be one that a contract allows."""

    answers: dict[str, Any]
    asked: list[tuple[str, dict[str, Any], str | None]]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        wanted = contract.model_validate(fields or {}).wire()
        self.asked.append((name, wanted, options.get("acting")))
        answer = self.answers.get(f"{name} {options.get('service')}", self.answers.get(name, RECORDED))
        if isinstance(answer, BaseException):
            raise answer
        return dict(answer)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    object.__setattr__(node, "answers", dict.fromkeys(("node.ask_standing", "node.move_clock"), STANDING))
    object.__setattr__(node, "asked", [])
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


@pytest.mark.parametrize(
    ("line", "asks", "fields"),
    [
        ("answer 62fc accept", "accept_handoff", {}),
        ("answer 62fc decline --reason closed", "decline_handoff", {"reason": "closed"}),
        ("answer 62fc counter --item b.h@2027-01-16", "counter_handoff", {}),
        ("take 62fc --round 2", "take_counter", {"round": 2}),
        ("consent 62fc --refuse", "refuse_consent", {}),
        ("consent 62fc --withdraw", "withdraw_consent", {}),
        ("withdraw 62fc --reason illness", "withdraw_handoff", {"reason": "illness"}),
        ("withdraw 62fc", "withdraw_handoff", {"reason": "other"}),
        ("depart 62fc", "depart_party", {}),
        ("delay 62fc --day 2027-01-14 --from 22:00 --until 0.30", "delay_party",
         {"arrival": {"day": "2027-01-14", "earliest": "22:00", "latest": "00:30"}}),
        ("delay 62fc --day 2027-01-14 --from 15:00 --until 18.30", "delay_party",
         {"arrival": {"day": "2027-01-14", "earliest": "15:00", "latest": "18:30"}}),
        ("turn-back 62fc --reason passport", "turn_party_back", {"reason": "passport"}),
        ("arrive 62fc", "arrive_party", {"party": None}),
        ("arrive 62fc --adults 2", "arrive_party", {"party": {"adult": 2, "child": 0, "infant": 0}}),
        ("no-show 62fc", "mark_no_show", {}),
        ("cancel 62fc --reason road", "cancel_handoff", {"reason": "road"}),
        ("complete 62fc", "complete_visit", {}),
        ("erase 62fc", "erase_personal_part", {}),
    ],
)  # fmt: skip
def test_an_act_asks_for_what_it_says(node: Node, line: str, asks: str, fields: dict[str, Any]) -> None:
    assert cli.main([*line.split(), "--as", "bo-taen"]) == 0
    name, wanted, acting = node.asked[-1]
    assert (name, acting) == (f"referral.{asks}", "bo-taen")
    assert wanted == wanted | fields | {"referral": "62fc"}


def test_an_offer_leaves_to_the_node_what_was_not_given(node: Node) -> None:
    assert (
        cli.main(
            ["offer", "--as", "tha-li", "--to", "bo-taen", "--adults", "2", "--item", "b.h@2027-01-14", "--no-wait"]
        )
        == 0
    )
    _, wanted, _ = node.asked[-1]
    assert (wanted["language"], wanted["answer_by"], wanted["expected_total"]) == ("th", None, None)


BO_TAEN = example(
    "community.answer.community_profile.v1",
    names={"en": "Bo Taen", "th": "บ่อแตน", "lo": "ບໍ່ແຕນ"}, aliases=["Botene"],
    limits={"min_party": 2, "max_party": 25, "visitors_per_day": 40, "guests_per_night": 15, "cutoff_hours": 24,
            "answers_from": "07:00", "answers_until": "20:00"},
)  # fmt: skip
HELD = example(
    "referral.answer.handoff_view.v1", referral_id=ID, partner="bo-taen", community="tha-li", side="sender",
    held_until="2027-01-04T14:00:00Z", items=[{"experience_id": "b.h", "day": "2027-01-14"}],
)  # fmt: skip
SUMMARY = example("referral.answer.handoff_summary.v1", referral_id=ID)
CATALOGUE = example("referral.answer.partner_catalogue.v1", offering={"community": BO_TAEN, "experiences": []})
OTHER_DAYS = [{"experience_id": "b.h", "day": "2027-01-16"}, {"experience_id": "b.h", "day": "2027-01-18"}]


@pytest.mark.parametrize(
    ("became", "said"),
    [
        ({}, "holds the places until 2027-01-04 21:00"),
        ({"state": "declined", "reason": "party_too_large"}, "declined by rule: the party is too large (25 at most)"),
        (
            {"state": "declined", "reason": "cut_off"},
            "by rule: too late to ask: notice is needed (24 h before)",
        ),
        ({"state": "declined", "reason": "no_room", "alternatives": OTHER_DAYS}, "room on 2027-01-16, 2027-01-18"),
        ({"state": "declined", "reason": "closed"}, "said no: closed"),
    ],
)
def test_an_offer_says_what_became_of_it(
    node: Node, capsys: pytest.CaptureFixture[str], became: dict[str, Any], said: str
) -> None:
    node.answers["referral.show_handoff"] = HELD | became
    node.answers["referral.ask_partner_catalogue"] = {"items": [CATALOGUE]}
    node.answers["community.find_communities"] = node.answers["community.find_experiences"] = {"items": []}
    assert cli.main(["offer", "--as", "tha-li", "--to", "bo-taen", "--adults", "2", "--item", "b.h@2027-01-14"]) == 0
    assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("typed", ["bo-tean", "botaen", "botene"])
def test_a_community_that_is_not_here_is_told_as_such_with_the_one_that_was_meant(
    node: Node, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    no = refused(
        Refusal.read({"code": "not_partners", "field": "to", "message": f"no agreed partnership with {typed}"})
    )
    node.answers["referral.offer_handoff"] = no
    node.answers["community.list_partnerships"] = {"items": []}
    node.answers["community.find_communities"] = {"items": [BO_TAEN]}
    monkeypatch.setattr(LocalApi, "of", lambda *_: node)
    assert cli.main(f"offer --as tha-li --to {typed} --adults 2 --item b.h@2027-01-14".split()) == 1
    assert f"There is no community {typed} on this node: did you mean bo-taen?" in capsys.readouterr().err
    assert cli.main(["offer", "--as", "tha-li", "--to", "bo-taen", "--adults", "2", "--item", "b.h@2027-01-14"]) == 1
    assert "no agreed partnership" in capsys.readouterr().err


def test_what_is_found_tells_its_limits(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["community.find_communities"] = {"items": [BO_TAEN]}
    assert cli.main(["find"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 to 25 people, 40 visitors a day, 15 guests a night, ask 24 h before, answers 07:00-20:00" in said


def test_an_offer_carries_everything_that_was_given(node: Node) -> None:
    line = (
        "offer --as tha-li --to bo-taen --adults 2 --children 1 --infants 1 --item b.h@2027-01-14x2 --language lo "
        "--item b.m@2027-01-15T06:00 --need halal --need quiet --crossing na-kraseng --who-drives sender "
        "--expected 800,000:LAK --answer-by 2027-01-04T18:00 --replaces latest --no-wait"
    )
    node.answers["referral.list_handoffs"] = {"items": [SUMMARY]}
    node.answers["referral.show_handoff"] = HELD
    assert cli.main(line.split()) == 0
    _, wanted, _ = node.asked[-1]
    assert wanted["replaces"] == ID
    assert wanted["party"] == {"adult": 2, "child": 1, "infant": 1}
    assert [item["nights"] for item in wanted["items"]] == [2, 1]
    assert (wanted["needs"], wanted["expected_total"]["amount"]) == (["halal", "quiet"], "800000.00")
    assert wanted["answer_by"] == "2027-01-04T11:00:00Z"


def test_taking_a_counter_offer_means_the_live_one(node: Node) -> None:
    node.answers["referral.show_handoff"] = HELD | {"round": 2}
    assert cli.main(["take", "62fc", "--as", "tha-li"]) == 0
    assert node.asked[-1][1]["round"] == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("answer 62fc accept --reason closed", "--reason does not go with accept"),
        ("answer 62fc counter", "--item: say what you offer instead"),
        ("consent 62fc --refuse --yes", "--refuse and --withdraw pass nothing on"),
        ("consent 62fc --said spoken", "--said: spoken consent is given before a witness"),
        ("consent 62fc --part -", "--part: standard input cannot hold both"),
        ("affected --since 2027-01-02 --until 2027-01-01", "--until: must not be before --since"),
        ("party 62fc", "What is personal is shown on a screen only"),
        ("arrive 62fc --children 1", "--adults: a party needs at least one adult"),
        ("show latest", "REF: tha-li has no handoff yet"),
        ("booking 12 cancel", "ID: 12 is not a booking's whole id"),
        ("pools --first 2027-01-14 --last 2027-01-13", "--last: must not be before --first"),
        (
            "offer --to bo-taen --adults 1 --item b.h@2027-01-03",
            "--item: 2027-01-03 is past: by the node's clock it is 2027-01-04",
        ),
        ("plan 62fc --nationality lao", "--nationality: travel facts are given with `offer`"),
        ("plan 62fc --children-with guardian", "--children-with: travel facts are given with `offer`"),
        ("plan 62fc --to bo-taen", "--to: a handoff says that itself; without REF, `plan --from … --to …` answers"),
        ("plan 62fc --hour 10:00 --adults 2", "--adults: a handoff says that itself"),
    ],
)
def test_bad_input_is_one_sentence_and_2(
    node: Node, line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers["referral.list_handoffs"] = {"items": []}
    assert cli.main([*line.split(), "--as", "tha-li"]) == 2
    assert capsys.readouterr().err.startswith(f"handoff: {sentence}")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("offer --to x --adults 1 --item b.h@2570-01-14 --as a", "handoff: --item: 2570 looks like a Buddhist year"),
        ("offer --as tha-li", "handoff: the following arguments are required: --to, --item, --adults"),
        ("withdraw 62fc --as tha-li --reason bored", "handoff: --reason: invalid choice"),
        (
            "turn-back 62fc --as tha-li --reason No=passport",
            "handoff: --reason: write short words joined by underscores",
        ),
        (
            "book --as a --adults 1 --item b.h@2027-01-14x400",
            "handoff: --item: b.h@2027-01-14x400 is a stay of 400 nights",
        ),
        ("consent 62fc --as tha-li --fields name,home", "handoff: --fields: home is not one of name, channel"),
    ],
)
def test_what_the_parser_refuses_is_one_sentence_and_2(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(line.split())
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert said.startswith(sentence)
    assert "usage:" not in said


NO_PLAN = {
    "direction": "TH->LA", "day": "2027-01-14", "hour": None, "nights": None, "chosen": None, "crossings": [],
    "lines": [{"about": "travel", "result": "unknown", "code": "travel_not_known"}], "oldest_check": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("side", "travel", "said", "unsaid"),
    [
        ("sender", None, "You gave no travel facts with the offer", "stays with the sender"),
        ("receiver", None, "it stays with the sender", "You gave no travel facts"),
    ],
)
def test_a_plan_says_to_each_side_why_nothing_is_known(
    node: Node, side: str, travel: Any, said: str, unsaid: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers["referral.plan_of_handoff"] = NO_PLAN
    node.answers["referral.show_handoff"] = HELD | {"side": side, "travel": travel}
    node.answers["referral.ask_crossings"] = example("crossing.answer.crossing_book.v1")
    assert cli.main(["plan", "62fc", "--hour", "10:00", "--as", "tha-li"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert said in told
    assert unsaid not in told


def test_where_no_crossings_are_kept_it_is_said_how_they_come(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["referral.plan_crossing"] = NO_PLAN
    node.answers["referral.ask_crossings"] = {"crossings": [], "rules": [], "margins": []}
    line = "plan --from a --to b --day 2027-01-14 --nationality lao --document passport"
    assert cli.main(line.split()) == 2
    assert "No crossings are kept: ./handoff import deploy/demo/crossings.json" in capsys.readouterr().err
    assert cli.main(["crossings"]) == 0
    assert "./handoff import deploy/demo/crossings.json" in capsys.readouterr().out


def test_an_unknown_verb_is_answered_with_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ofer"]) == 2
    assert "there is no verb ofer; did you mean offer?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["find"], ["nonsense"]])
def test_a_language_that_nothing_is_written_in_is_one_sentence_and_2(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", "fr")
    assert cli.main(words) == 2
    assert capsys.readouterr().err == "handoff: HANDOFF_LANG: there is no language 'fr' here: write th, lo or en\n"
    assert node.asked == []


def test_a_refusal_names_the_option_and_what_to_do(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["referral.accept_handoff"] = refused(
        Refusal.read(
            {"code": "wrong_state", "field": "referral", "message": "it is offered; to accept it must be held"}
        )
    )
    assert cli.main(["answer", "62fc", "accept", "--as", "bo-taen", "--json"]) == 1
    said = capsys.readouterr()
    assert said.err == (
        "handoff: REF: it is offered; to accept it must be held\n"
        "  ./handoff show 62fc --as bo-taen says what can be done now.\n"
    )
    assert json.loads(said.out)["refusal"]["code"] == "wrong_state"


AWAY = refused(Refusal.read({"code": "unavailable", "field": None, "message": "booking is not there"}))
REFUSED = refused(Refusal.read({"code": "no_room", "field": "items", "message": "items: full"}))


@pytest.mark.parametrize(
    ("ends", "code", "word"),
    [
        (REFUSED, 1, "no_room"),
        (AWAY, 3, "unavailable"),
        (refused(Refusal.read({"code": "not_known_yet", "message": "it took too long"})), 3, "not_known_yet"),
        (Problem("REF: there is none."), 2, "not_run"),
        (Unanswered("No node answers."), 3, "unavailable"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (FileNotFoundError(2, "No such file", "here"), 2, "not_run"),
    ],
)
def test_each_outcome_has_an_exit_code_and_json_for_machines(
    node: Node, ends: BaseException, code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers["referral.list_handoffs"] = ends
    assert cli.main(["list", "--as", "bo-taen", "--json"]) == code
    said = capsys.readouterr()
    (answer,) = json.loads(said.out).values()
    assert answer["code"] == word
    assert answer["message"]
    assert said.err.startswith("handoff: ")
    assert cli.main(["list", "--as", "bo-taen"]) == code
    assert not capsys.readouterr().out


@pytest.mark.parametrize("line", ["ofer --json", "find --bogus --json", "offer --json", "list --as Bo --json"])
def test_wrong_arguments_are_json_for_machines_too(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = cli.main(line.split())
    except SystemExit as left:
        code = int(left.code or 0)
    assert code == 2
    assert json.loads(capsys.readouterr().out)["problem"]["code"] == "not_run"


def test_ctrl_c_says_that_it_has_ended(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["referral.list_handoffs"] = KeyboardInterrupt()
    assert cli.main(["list", "--as", "bo-taen"]) == 130
    assert capsys.readouterr().err.startswith("handoff: ended; ")


def test_the_exit_codes_stand_in_the_help_and_in_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    for code in (outcome.DONE, outcome.REFUSED, outcome.NOT_RUN, outcome.UNAVAILABLE, outcome.INTERRUPTED):
        assert f"\n  {code:<4} " in shown
        assert f"\n| {code} | " in page


@pytest.mark.parametrize(
    ("usual", "port", "line"),
    [
        ({}, 8000, "./handoff show 62fc --as tha-li"),
        ({}, 8001, "./handoff show 62fc --as tha-li --port 8001"),
        ({"HANDOFF_PORT": "8001"}, 8001, "./handoff show 62fc --as tha-li"),
        ({"HANDOFF_PORT": "8001"}, 8000, "./handoff show 62fc --as tha-li --port 8000"),
        ({"HANDOFF_AS": "tha-li"}, None, "./handoff show 62fc"),
        ({"HANDOFF_AS": "bo-taen"}, None, "./handoff show 62fc --as tha-li"),
    ],
)
def test_what_can_be_done_next_leaves_out_what_is_usual(
    usual: dict[str, str], port: int | None, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HANDOFF_PORT", "HANDOFF_DATA", "HANDOFF_AS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in usual.items():
        monkeypatch.setenv(name, value)
    args = argparse.Namespace(port=port, data=None)
    assert context.command(args, "show", "62fc", "--as", "tha-li") == line


def test_a_field_is_called_as_on_the_command_line() -> None:
    no = refused(
        Refusal.read({"code": "no_room", "field": "items", "message": "items: no_room: bo-taen.homestay on 2027-01-14"})
    )
    assert context.refused(no).startswith("--item: no_room: bo-taen.homestay on 2027-01-14\n")


@pytest.mark.parametrize(
    ("line", "code", "field", "said"),
    [
        ("clock --set 2027-01-04T09:00", "invalid", "to", "--set, --advance: no\n"),
        ("offer --to b --adults 1 --item b.h@2027-01-14", "no_room", "items",
         "--item: no\n  ./handoff availability b shows where there is room.\n"),
        ("book --adults 1 --item b.h@2027-01-14", "no_room", "items",
         "--item: no\n  ./handoff availability tha-li shows where there is room.\n"),
        (f"booking {ID} cancel", "wrong_state", "hold_id", "ID: no\n"),
    ],
)  # fmt: skip
def test_a_refusal_speaks_of_what_was_asked_and_not_of_placeholders(
    node: Node, line: str, code: str, field: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    no = refused(Refusal.read({"code": code, "field": field, "message": "no"}))
    node.answers |= dict.fromkeys(
        ("node.move_clock", "referral.offer_handoff", "booking.reserve", "booking.change_booking"), no
    )
    acting = [] if line.startswith("clock") else ["--as", "tha-li"]
    assert cli.main([*line.split(), *acting]) == 1
    assert capsys.readouterr().err == f"handoff: {said}"


def test_a_folder_is_not_imported(node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", str(tmp_path)]) == 2
    assert "is a folder: name a file in it" in capsys.readouterr().err
    assert cli.main(["import", str(tmp_path / "none.json")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert not node.asked


def test_an_empty_node_says_how_communities_come(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers |= {"community.find_communities": {"items": []}, "community.find_experiences": {"items": []}}
    for words in (["find"], ["find", "lake"]):
        assert cli.main(words) == 0
        assert capsys.readouterr().out == "There is no community here yet: ./handoff import FILE\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("line", ["", "find", "exceptions --as tha-li --json"])
def test_an_answer_that_cannot_be_written_is_one_sentence_and_2(
    node: Node, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers |= {"community.find_communities": {"items": []}, "booking.ask_exceptions": {"items": []}}
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        monkeypatch.setattr("sys.stdout", full)
        assert cli.main(line.split()) == 2
        assert full.closed
    assert capsys.readouterr().err == "handoff: the answer cannot be written: no space left on device\n"


def test_what_is_counted_once_is_one(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["community.restate"] = {"communities": 1, "partnerships": 1}
    node.answers["booking.restate_availability"] = {}
    assert cli.main(["restate"]) == 0
    assert "1 community, 1 partnership," in capsys.readouterr().out


def test_no_exceptions_are_told_with_the_days_that_were_looked_at(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers["booking.ask_exceptions"] = {"items": []}
    assert cli.main(["exceptions", "--as", "tha-li"]) == 0
    assert "2027-01-04 to 2027-01-17" in (said := capsys.readouterr().out)
    assert "--first DATE" in said


def test_the_clock_goes_on_by_what_was_asked(node: Node) -> None:
    assert cli.main(["clock", "--advance", "1d12h"]) == 0
    moved = [wanted for name, wanted, _ in node.asked if name == "node.move_clock"]
    assert moved == [{"to": "2027-01-05T14:00:00Z"}]


def test_the_clock_goes_back_to_the_machines(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "machine_now", lambda: datetime(2026, 11, 28, 9, tzinfo=UTC))
    assert cli.main(["clock", "--machine"]) == 0
    moved = [wanted for name, wanted, _ in node.asked if name == "node.move_clock"]
    assert moved == [{"to": "2026-11-28T09:00:00Z"}]


def test_a_checker_that_finds_something_leaves_with_1(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["booking.check_invariants"] = {"items": [{"rule": "taken", "subject": "a pool", "found": "3, not 2"}]}
    for name in ("referral.check_records", "node.check_streams", "referral.state_records", "booking.state_holds"):
        node.answers[name] = {"items": []}
    assert cli.main(["check-invariants", "--grace", "0"]) == 1
    assert "taken: a pool: 3, not 2" in capsys.readouterr().out
    node.answers["booking.check_invariants"] = {"items": []}
    assert cli.main(["check-invariants"]) == 0


def parked_in(node: Node, *services: str) -> None:
    """One message is set aside in each of these services."""
    one = example("node.answer.parked_view.v1", id=ID, type="booking.hold_placed.v1", replays=0, size=900)
    node.answers["node.list_parked"] = {"items": []}
    for service in services:
        node.answers[f"node.list_parked {service}"] = {"items": [one | {"service": service}]}


@pytest.mark.parametrize("known_by", ["01a1fb8e", "62fc", ID])
def test_a_parked_message_is_replayed_where_it_lies(node: Node, known_by: str) -> None:
    parked_in(node, "referral")
    node.answers["node.replay_parked referral"] = {"id": ID, "settled": True, "error": None}
    assert cli.main(["parked", "replay", known_by]) == 0
    assert node.asked[-1][:2] == ("node.replay_parked", {"id": ID})
    node.answers["node.replay_parked referral"] = {"id": ID, "settled": False, "error": "no such hold"}
    assert cli.main(["parked", "replay", known_by]) == 1


def test_parked_messages_are_listed_with_where_and_why(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    parked_in(node, "referral", "booking")
    assert cli.main(["parked"]) == 0
    assert "275262fc booking booking.hold_placed.v1" in capsys.readouterr().out
    assert cli.main(["parked", "discard", "62fc"]) == 2
    assert "several parked messages begin or end so" in capsys.readouterr().err


def test_a_lost_booking_is_found_by_its_days_with_its_whole_id(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"experience_id": "bo-taen.homestay", "day": "2027-01-14", "start": None, "nights": 2}]
    own = {
        "hold_id": ID, "referral_id": None, "state": "CONFIRMED", "party": {"adult": 2, "child": 0, "infant": 0},
        "items": items, "placed_at": "2027-01-04T02:00:00Z", "expires_at": None, "partner": None,
        "agency": None, "reference": None,
    }  # fmt: skip
    of_handoff = own | {"referral_id": ID, "state": "ON_HOLD", "expires_at": "2027-01-04T14:00:00Z"}
    node.answers |= {"booking.list_bookings": {"items": [own, of_handoff]}, "community.find_communities": {"items": []}}
    node.answers |= {name: {"items": []} for name in ("community.find_experiences", "referral.ask_partner_catalogue")}
    assert cli.main(["bookings", "--as", "bo-taen", "--days", "31", "--limit", "2"]) == 0
    asked = {"first": "2027-01-04", "last": "2027-02-03", "limit": 2, "live": False, "states": []}
    assert ("booking.list_bookings", asked, "bo-taen") in node.asked
    told = capsys.readouterr().out
    for shown in (f"{ID}  CONFIRMED", "2027-01-14, 2 nights  bo-taen.homestay", "made 2027-01-04 09:00",
                  "2027-01-04 21:00", "…5262fc", "the newest 2"):  # fmt: skip
        assert shown in told
    assert cli.main(["bookings", "--as", "bo-taen", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == [own, of_handoff]


def test_every_verb_has_a_line_and_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    page = capsys.readouterr().out
    for verb in ("find", "offer", "answer", "availability", "doctor", "parked", "up"):
        assert f"\n  {verb} " in page
    with pytest.raises(SystemExit):
        cli.main(["exception", "--help"])
    assert "example" in capsys.readouterr().out


def standing(**changed: Any) -> Standing:
    return Standing.read(STANDING | changed)


def test_the_doctor_knows_what_is_trouble_and_what_waits_for_a_partner() -> None:
    away = standing(unpublished={"border": 3}, oldest={"border": 600.0})
    stuck = standing(unpublished={"internal": 1}, oldest={"internal": 31.0})
    parked = standing(parked=2)
    assert [one.kind for one in doctor.of_service(standing())] == ["well"]
    assert [one.kind for one in doctor.of_service(away)] == ["note", "well"]
    assert [one.kind for one in doctor.of_service(stuck)] == ["trouble"]
    assert [one.kind for one in doctor.of_service(parked)] == ["trouble"]
    assert all(one.advice for one in (*doctor.of_service(parked), *doctor.of_service(stuck)))


def test_the_doctor_tells_what_nobody_signs_from_what_waits_for_a_partner() -> None:
    silent = {"unpublished": {"border": 3}, "oldest": {"border": 600.0}, "unsigned": 3}
    (found,) = doctor.of_service(standing(**silent))
    assert (found.kind, found.what) == ("trouble", "booking: 3 border messages have no key that signs them")
    assert "HANDOFF_NODE_KEYS" in found.advice
    away, nobody = doctor.of_service(standing(**silent | {"unpublished": {"border": 5}}))
    assert (away.kind, nobody.kind) == ("note", "trouble")
    assert away.what.startswith("booking: 2 border messages wait to be published")
    assert [one.kind for one in doctor.of_service(standing(unproven=4))] == ["note", "well"]


def test_the_doctor_tells_when_what_was_erased_could_still_be_opened() -> None:
    usual = {"erased_since": 400.0, "renewed_since": 90_000.0}
    assert [one.kind for one in doctor.of_service(standing(**usual))] == ["well"]
    for late in ({"erased_since": 3700.0}, {"renewed_since": 100_000.0}):
        (found,) = doctor.of_service(standing(**usual | late))
        assert (found.kind, "record-keys" in found.advice) == ("trouble", True)


def test_the_doctor_looks_at_the_clock_and_the_parts() -> None:
    (moved,) = doctor.clock([standing()])
    (stale,) = doctor.clock([standing(clock_settable=False)])
    assert (moved.kind, stale.kind) == ("note", "trouble")
    found = list(doctor.parts(503, {"booking database": "DatabaseUnavailable", "booking bus": "well"}))
    assert [(one.kind, one.what) for one in found] == [("trouble", "booking database: DatabaseUnavailable")]


@pytest.mark.parametrize("words", ["--reason -", ""])
def test_a_reason_is_read_where_no_other_account_sees_it(
    node: Node, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the roof leaks\n"))
    node.answers["booking.set_exception"] = example("booking.answer.exception_view.v1")
    assert cli.main(f"exception 2027-01-14 close --as bo-taen {words}".split()) == 0
    assert node.asked[-1][1]["reason"] == "the roof leaks"


def test_without_anybody_to_ask_a_missing_reason_says_where_to_write_it(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(["exception", "2027-01-14", "close", "--as", "bo-taen"]) == 2
    assert "standard input" in capsys.readouterr().err
    assert not [name for name, *_ in node.asked if name == "booking.set_exception"]


def test_what_a_file_holds_redraws_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text(json.dumps({"\x1b[2Jgone": [], "communities": []}))
    assert cli.main(["import", str(tmp_path / "bad.json")]) == 2
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\ufffd[2Jgone" in said
