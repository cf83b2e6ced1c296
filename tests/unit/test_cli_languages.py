"""What people read at the command line in Thai and Lao: the story, refusals, prompts, help, and no English between."""

from __future__ import annotations

import argparse
import errno
import json
import re
from typing import Any, cast

import pytest
from pydantic import ValidationError

from contracts.referral.v1 import ListHandoffs, ShowHandoff
from contracts.refusals import No, Refusal, refusal
from deploy import command_line as cli
from services.cli import context, parsing
from services.cli.input import mistyped
from services.cli.views import layout
from services.client import formatting, refusals, troubles
from services.client.answers import refused
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import Phrases
from services.client.problems import Problem
from tests.support.answers import example
from tests.support.fake_node import FakeNode
from tests.vectors.make_passes import FILE

ID = "01a1fb8e-2bdd-78ff-b0e6-3151275262fc"
TOLD = [
    {"at": "2026-12-08T02:00:03Z", "act": "handoff_offered", "by": "tha-li", "state": "offered"},
    {"at": "2026-12-08T02:00:05Z", "act": "hold_placed", "by": "bo-taen", "state": "held", "took_ms": 420},
]
VIEW = example("referral.answer.handoff_view.v1", referral_id=ID, story=TOLD)
SUMMARY = example("referral.answer.handoff_summary.v1", referral_id=ID, state="held", side="receiver")
STANDING = example("node.answer.standing.v1", now="2026-12-08T03:00:00Z")
#: Signs of Thai, of Lao.
OWN = {"th": r"[\u0e01-\u0e5b]", "lo": r"[\u0e81-\u0edf]"}
#: What is typed, what ids are, and what belongs to no language.
TYPED = re.compile(
    r"\./handoff \w+|\S*[./@_=:-]\S*|--?\w+|\b(LAK|THB|USD|JSON|Ctrl-C|[A-Z]{2,})\b|th\b|lo\b|en\b|`[^`]*`|%\(\w+\)s"
)


class Node(FakeNode):
    """Answers with one handoff, or refuses."""

    answers: dict[str, Any]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:  # noqa: ARG002 - as the local API has it
        answer = self.answers.get(name, {"items": []})
        if isinstance(answer, BaseException):
            raise answer
        return dict(answer)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.delenv("HANDOFF_AS", raising=False)
    node = Node(8000, "token")
    answers = {
        "referral.show_handoff": VIEW,
        "referral.list_handoffs": {"items": [SUMMARY]},
        "node.ask_standing": STANDING,
    }
    object.__setattr__(node, "answers", answers)
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def speak(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)


def english_in(text: str) -> list[str]:
    """Words of small Latin letters that are neither typed nor a name."""
    said = " ".join(line.strip() for line in text.splitlines() if not line.startswith("  ./handoff"))
    return re.findall(r"(?<![\w.-])[a-z]{3,}(?![\w.-])", TYPED.sub(" ", said))


STORY = {
    "th": [
        "การส่งต่อ …5262fc   กันที่ไว้แล้ว",
        "สิ่งที่เกิดขึ้น ตามที่ bo-taen (คุณ) เห็น",
        "  2026-12-08 (พ.ศ. 2569)",
        "    09:00:03 tha-li ส่งคำขอ → ส่งคำขอแล้ว",
        "  bo-taenกันที่ไว้ให้ ระหว่างรอตัดสินใจ",
        "  คณะ      ผู้ใหญ่ 2 คน, เด็ก 1 คน, ทารก 1 คน",
        "เงิน: ราคาที่ผูกพัน",
        "  รวม 1,530,000.00 LAK",
    ],
    "lo": [
        "ການສົ່ງຕໍ່ …5262fc   ກັນບ່ອນໄວ້ແລ້ວ",
        "ສິ່ງທີ່ເກີດຂຶ້ນ ຕາມທີ່ bo-taen (ທ່ານ) ເຫັນ",
        "  2026-12-08",
        "    09:00:03 tha-li ສົ່ງຄຳຂໍ → ສົ່ງຄຳຂໍແລ້ວ",
        "  bo-taenກັນບ່ອນໄວ້ໃຫ້ ລະຫວ່າງລໍຖ້າຕັດສິນໃຈ",
        "  ຄະນະ     ຜູ້ໃຫຍ່ 2 ຄົນ, ເດັກນ້ອຍ 1 ຄົນ, ເດັກອ່ອນ 1 ຄົນ",
        "ເງິນ: ລາຄາທີ່ຜູກພັນ",
        "  ລວມ 1.530.000,00 LAK",
    ],
}


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("language", STORY)
def test_a_story_is_told_in_the_readers_language(
    language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, language)
    assert cli.main(["show", "62fc", "--as", "bo-taen"]) == 0
    told = capsys.readouterr().out
    assert [line for line in STORY[language] if line not in told.splitlines()] == []
    assert english_in(told) == []
    assert max(map(formatting.width, told.splitlines())) <= layout.WIDTH


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("th", "…5262fc กันที่ไว้แล้ว 2026-12-12 (พ.ศ. 2569) จาก tha-li"),
        ("lo", "…5262fc ກັນບ່ອນໄວ້ແລ້ວ 2026-12-12 ຈາກ tha-li"),
    ],
)
def test_a_list_is_told_in_the_readers_language(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, language)
    assert cli.main(["list", "--as", "bo-taen"]) == 0
    told = capsys.readouterr().out
    assert said in " ".join(told.split())
    assert english_in(told) == []


CODE = "K7MP2X"
TOKEN = json.loads(FILE.read_text("utf-8"))["valid"][0]["token"]
NAMES = {"th": "บ่อแตน", "lo": "ບໍ່ແຕນ"}
BO_TAEN = example("community.answer.community_profile.v1", names=NAMES)
EXPERIENCE = example("community.answer.experience.v1", names=NAMES)
OFFERING = {"community": BO_TAEN, "experiences": [EXPERIENCE]}
RECORDED = example("referral.answer.recorded.v1", referral_id=ID, intent="withdraw_consent", waits_for="extend")
ANSWERS = {
    "community.find_communities": {"items": [BO_TAEN]},
    "community.find_experiences": {"items": [EXPERIENCE]},
    "referral.ask_partner_catalogue": {"items": [example("referral.answer.partner_catalogue.v1", offering=OFFERING)]},
    "referral.show_handoff": VIEW | {"state": "confirmed", "pass_token": TOKEN, "short_code": CODE},
    "referral.present_pass": example("referral.answer.pass_judged.v1"),
    "referral.list_affected": {"items": [example("personal.answer.affected.v1")]},
    "referral.list_affected_contacts": {"items": [example("contacts.answer.affected_contact.v1")]},
    "referral.erase_contact": example("contacts.answer.contact_standing.v1"),
    "referral.show_statement": example("statements.answer.statement_view.v1"),
    "referral.list_statements": {"items": [example("statements.answer.statement_summary.v1")]},
    "referral.list_erasures": {"items": [example("personal.answer.erasure.v1")]},
    **dict.fromkeys(("referral.accept_handoff", "referral.withdraw_consent", "referral.offer_handoff"), RECORDED),
    "referral.erase_personal_part": RECORDED,
}
LINES = [
    "find",
    "find bo",
    "statement --as bo-taen",
    "statement --as bo-taen --partner tha-li --month 2026-12",
    "catalogue --as bo-taen",
    "offer --as bo-taen --to tha-li --adults 2 --item b.h@2027-01-14 --no-wait",
    "offer --as bo-taen --to tha-li --adults 2 --item b.h@2027-01-14",
    "answer 62fc accept --as bo-taen",
    "consent 62fc --withdraw --as bo-taen",
    "pass show 62fc --as bo-taen",
    f"pass check {CODE} --as bo-taen",
    f"pass receive {CODE} --as bo-taen",
    "erase 62fc --as bo-taen",
    "affected --since 2027-01-01 --until 2027-01-31",
    f"contact {ID} erase --as bo-taen",
    "erasures list",
]


@pytest.mark.parametrize("language", OWN)
@pytest.mark.parametrize("line", LINES)
def test_what_a_verb_answers_is_in_the_readers_language(
    node: Node, language: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, language)
    node.answers.update(ANSWERS)
    assert cli.main(line.split()) == 0
    told = capsys.readouterr().out
    assert re.search(OWN[language], told)
    other = "lo" if language == "th" else "th"
    assert not re.search(OWN[other], "".join(part for part in told.splitlines() if " · " not in part))
    assert english_in(told) == []


NOT_NOW = refusal(
    No.WRONG_STATE, "not_in_this_state", "referral", state="offered", act="turn_back", allowed=("confirmed", "departed")
)


@pytest.mark.parametrize(
    ("language", "said", "hint"),
    [
        (
            "th",
            "ตอนนี้สถานะคือ ส่งคำขอแล้ว; ทำสิ่งนี้ (ผ่านด่านไม่ได้) ได้เมื่อสถานะเป็น จองแล้ว หรือ กำลังเดินทาง",
            "บอกว่าตอนนี้ทำอะไรได้",
        ),
        ("en", NOT_NOW.message, "says what can be done now."),
    ],
)
def test_a_refusal_is_said_with_its_codes_in_words(
    node: Node, language: str, said: str, hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, language)
    node.answers["referral.turn_party_back"] = refused(NOT_NOW)
    assert cli.main(["turn-back", "62fc", "--as", "tha-li"]) == 1
    assert capsys.readouterr().err == f"handoff: REF: {said}\n  ./handoff show 62fc --as tha-li {hint}\n"


def test_a_refusal_that_is_not_known_here_is_said_as_the_node_said_it() -> None:
    lao = Phrases.of("lo")
    newer = Refusal(code=No.INVALID, field="to", message="to: no frogs", reason="rain_of_frogs")
    lacking = NOT_NOW.model_copy(update={"params": {"state": "held"}})
    older = Refusal(code=No.UNKNOWN, message="there is none")
    assert [refusals.told(lao, one) for one in (newer, lacking, older)] == [
        "no frogs",
        NOT_NOW.message,
        "there is none",
    ]


def test_a_refusal_says_days_lists_and_how_many_there_are_more() -> None:
    thai = Phrases.of("th")
    day = refusal(No.TOO_EARLY, "receive_from_the_eve_on", day="2027-01-14")
    assert refusals.told(thai, day) == "นัดไว้วันที่ 2027-01-14 (พ.ศ. 2570): รับได้ตั้งแต่วันก่อนหน้า"
    more = refusal(No.INVALID, "must_be_one_of", choices=("a", "b"), more=2)
    assert refusals.told(thai, more).startswith("ต้องเป็น 'a' หรือ 'b' (")
    why = refusal(No.NO_ROOM, "no_place", why="closed_weekday", experience_id="b.h", day="2027-01-14")
    assert refusals.told(thai, why).startswith("ปิดประจำในวันนั้น: b.h")


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "handoff: --limit: must be 200 or less\n"),
        ("th", "handoff: --limit: ต้องไม่เกิน 200\n"),
        ("lo", "handoff: --limit: ຕ້ອງບໍ່ເກີນ 200\n"),
    ],
)
def test_what_no_contract_takes_is_refused_in_the_sentence_of_the_node(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, language)
    assert cli.main(["list", "--as", "bo-taen", "--limit", "500"]) == 1
    assert capsys.readouterr().err == said


def test_the_refusal_of_what_was_typed_is_the_nodes_own() -> None:
    with pytest.raises(ValidationError) as found:
        ListHandoffs(limit=500)
    no = mistyped.refusal_of(found.value)
    assert (no.code, no.field, no.message) == ("invalid", "limit", "limit: must be 200 or less")
    assert (no.refusal.reason, no.refusal.params) == ("at_most", {"most": 200})
    with pytest.raises(ValidationError) as found:
        ShowHandoff.model_validate({"referral": "5262fc", "ນາງ ແກ້ວ": 1})
    assert mistyped.refusal_of(found.value).field == "(unknown field)"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("th", ["โฮมสเตย์ ไม่ใช่รหัสชุมชน เช่น tha-li: ./handoff find แสดงรหัสของชื่อ", "ดู"]),
        ("lo", ["โฮมสเตย์ ບໍ່ແມ່ນລະຫັດຊຸມຊົນ ເຊັ່ນ tha-li: ./handoff find ສະແດງລະຫັດຂອງຊື່", "ເບິ່ງ"]),
    ],
)
def test_wrong_arguments_are_said_in_the_readers_language(
    language: str, said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, language)
    with pytest.raises(SystemExit):
        cli.main(["offer", "--to", "โฮมสเตย์"])
    assert capsys.readouterr().err == f"handoff: --to: {said[0]}\n  {said[1]}: ./handoff offer --help\n"
    with pytest.raises(SystemExit):
        cli.main(["offer"])
    assert "required" not in capsys.readouterr().err


def test_a_problem_of_the_shared_client_is_said_by_its_edge(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(monkeypatch, "lo")
    assert cli.main(["list", "--as", "bo-taen", "--data", str(tmp_path)]) == 3
    said = f"ຍັງບໍ່ເຄີຍມີລະບົບເຮັດວຽກໃນ {tmp_path}: ເລີ່ມດ້ວຍ ./handoff up ຫຼື ບອກໂຟນເດີດ້ວຍ --data DIR"
    assert capsys.readouterr().err == f"handoff: {said}\n"
    with pytest.raises(Problem, match="No node has run on"):
        LocalApi.of(None, tmp_path)


# help


@pytest.mark.parametrize("language", OWN)
def test_every_line_of_help_is_in_the_readers_language(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, language)
    lines = list(help_lines())
    assert len(lines) > 200
    assert [line for line in lines if not re.search(OWN[language], line)] == []


def help_lines() -> list[str]:
    """What the verbs and their options are for, as argparse keeps it."""
    parser = argparse.ArgumentParser()
    listed = parsing.Listed(parser.add_subparsers())
    for module in (module for modules in cli.VERBS.values() for module in modules):
        module.register(cast("Any", listed))
    return [*listed.lines.values(), *(line for each in _parsers(parser) for line in _helps(each))]


def _parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = []
    for action in parser._actions:  # noqa: SLF001 - argparse has no other list of its options
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - the same
            for child in action.choices.values():
                found += [child, *_parsers(child)]
    return found


def _helps(parser: argparse.ArgumentParser) -> list[str]:
    own = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]  # noqa: SLF001 - the same
    return [action.help for action in own if action.help and action.help != "(%(default)s)"]


@pytest.mark.parametrize("language", OWN)
def test_what_argparse_says_by_itself_is_translated_with_its_places(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, language)
    phrases = Phrases.of(language)
    for phrase in parsing.PHRASES.values():
        said = phrases.say(phrase, count=2) if phrase.many else phrases.say(phrase)
        assert sorted(re.findall(r"%(?:\(\w+\))?[sr]", said)) == sorted(re.findall(r"%(?:\(\w+\))?[sr]", phrase.text))
        assert re.search(OWN[language], said)


def test_a_param_that_only_looks_like_a_day_is_said_as_it_stands() -> None:
    given = Refusal(code=No.UNKNOWN, message="-", reason="not_hosted_here", params={"community": "2027-13-45"})
    assert "2027-13-45" in refusals.told(Phrases.of("th"), given)


def test_what_the_machine_says_of_a_file_is_said_in_the_readers_language() -> None:
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert troubles.why(Phrases.of("en"), missing) == "No such file or directory"
    assert troubles.why(Phrases.of("th"), missing) == "ไม่มีไฟล์หรือโฟลเดอร์นี้"
    assert troubles.why(Phrases.of("lo"), missing) == "ບໍ່ມີໄຟລ໌ຫຼືໂຟນເດີນີ້"
    assert troubles.why(Phrases.of("lo"), OSError("odd")) == "odd"
