"""What people type and read about consent: the text first, then their word, then what they said, sealed."""

from __future__ import annotations

import argparse
import io
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.messages import message_type
from contracts.personal.v1 import GiveConsent, PersonalPart
from contracts.refusals import Refusal
from deploy import command_line as cli
from services.chassis.trust import sealing
from services.cli import context
from services.cli.input import consent_prompt, prompts
from services.cli.verbs import consent as consenting
from services.client import personal as edge
from services.client.answers import refused
from services.client.phrases.catalogue import LANGUAGES, Phrases
from tests.support.answers import example
from tests.support.fake_node import FakeNode

ID = "01a1fb8e-2bdd-78ff-b0e6-3151275262fc"
TEXT = "May Tha Li tell Bo Taen about you?"
PART = {"name": "ນາງ ແກ້ວ", "channel": {"kind": "phone", "address": "020 555"}}
LEDGER = [
    {"referral_id": ID, "community": "bo-taen", "at": "2027-01-05T02:00:00Z", "why": "asked", "receipt": receipt}
    for receipt in ("01a1fb8e-2bdd-78ff-b0e6-000000000001", "01a1fb8e-2bdd-78ff-b0e6-000000000002")
]


class Room(FakeNode):
    """A node's personal room: prepares, opens what it is given, and answers readers sealed."""

    private: bytes
    public: str
    asked: list[tuple[str, dict[str, Any]]]
    given: list[dict[str, Any]]
    held: dict[str, Any] | None

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        wanted = contract.model_validate(fields or {}).wire()
        self.asked.append((name, wanted))
        return dict(getattr(self, name.partition(".")[2])(wanted, options.get("acting")))

    def show_handoff(self, _wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        return example("referral.answer.handoff_view.v1", referral_id=ID, language="lo", crossing=None, story=[])

    def prepare_consent(self, wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        shown = {name: wanted[name] for name in ("language", "fields")}
        known = {"referral_id": ID, "text": TEXT, "text_digest": "0" * 64, "sealing_key": self.public}
        return example("personal.answer.consent_prepared.v1", **known, **shown)

    def give_consent(self, wanted: dict[str, Any], acting: str) -> dict[str, Any]:
        about = sealing.for_room(wanted["referral"], acting)
        self.given.append(json.loads(sealing.opened(wanted["sealed"], private=self.private, about=about)))
        return {"referral_id": ID, "state": "accepted", "round": 0, "intent": "consent"}

    def refuse_consent(self, _wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        return {"referral_id": ID, "state": "accepted", "round": 0, "intent": "refuse_consent"}

    def read_personal_part(self, wanted: dict[str, Any], acting: str) -> dict[str, Any]:
        if self.held is None:
            return {"referral_id": ID, "holding": "erased", "fields": [], "sealed": None}
        about = sealing.for_reader(ID, acting)
        sealed = sealing.seal(json.dumps(self.held).encode(), to=wanted["reply_key"], about=about)
        return {"referral_id": ID, "holding": "held", "fields": ["name"], "sealed": sealed}

    def export_handoff(self, wanted: dict[str, Any], acting: str) -> dict[str, Any]:
        personal = self.read_personal_part(wanted, acting)
        shown = {"referral_id": ID, "receipt": None, "pass_issued_at": "2027-01-04T02:00:00Z"}
        return example("personal.answer.handoff_export.v1", **shown, personal=personal)

    def list_audit(self, wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        assert wanted["about"] == ID
        return {"items": [example("node.answer.audit_entry.v1", n=1, what="consent_given")]}

    def list_erasures(self, _wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        return {"items": LEDGER}

    def apply_erasures(self, wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        return {"given": len(wanted["erasures"]), "erased": 1}

    def list_affected(self, _wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        held = {"side": "receiver", "fields": ["name", "document_class"], "held_from": "2027-01-04T02:00:00Z"}
        one = {"referral_id": ID, "community": "bo-taen", "partner": "tha-li", "erased_at": None, "consent": None}
        return {"items": [one | held]}

    def list_affected_contacts(self, _wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        return {"items": [example("contacts.answer.affected_contact.v1")]}

    def read_contact(self, wanted: dict[str, Any], acting: str) -> dict[str, Any]:
        about = {"hold_id": wanted["hold_id"], "agency": "mekong-tours"}
        if self.held is None:
            return about | {"holding": "erased", "basis": "contract"}
        text = json.dumps({"full_name": PART["name"], "locales": ["lo", "en"]}).encode()
        sealed = sealing.seal(text, to=wanted["reply_key"], about=sealing.for_contact_reader(ID, acting))
        return example("contacts.answer.contact_read.v1", **about, sealed=sealed)

    def erase_contact(self, wanted: dict[str, Any], _acting: str) -> dict[str, Any]:
        return {"hold_id": wanted["hold_id"], "holding": "erased", "basis": "contract"}


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    room = Room(8000, "token")
    private, public = sealing.new_key()
    for name, value in {"private": private, "public": public, "asked": [], "given": [], "held": PART}.items():
        object.__setattr__(room, name, value)
    monkeypatch.setattr(context, "client", lambda _: room)
    return room


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def consent(*words: str) -> int:
    return cli.main(["consent", "62fc", "--as", "tha-li", *words])


def names(room: Room) -> list[str]:
    return [name.partition(".")[2] for name, _ in room.asked]


def test_the_text_is_shown_before_anything_is_asked_and_what_is_typed_leaves_sealed(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "ແມ່ນ", "ນາງ ແກ້ວ", "phone", "020 555")
    assert consent() == 0
    assert TEXT in capsys.readouterr().out
    assert names(room) == ["show_handoff", "prepare_consent", "give_consent"]
    prepared, given = room.asked[1][1], room.asked[2][1]
    assert (prepared["language"], prepared["fields"]) == ("lo", ["name", "channel"])
    assert (given["text_digest"], given["language"], given["said"]) == ("0" * 64, "lo", "screen")
    assert room.given == [PART]
    assert "ແກ້ວ" not in json.dumps(room.asked, ensure_ascii=False)


@pytest.mark.parametrize("no", ["ບໍ່", "no", "N"])
def test_a_no_records_nothing_and_says_how_to_note_it(
    room: Room, no: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "perhaps", no)
    assert consent() == 1
    assert "./handoff consent 5262fc --as tha-li --refuse" in capsys.readouterr().err
    assert names(room) == ["show_handoff", "prepare_consent"]


def test_silence_is_no_yes(room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch)
    assert consent() == 2
    assert "nobody answers" in capsys.readouterr().err
    assert not room.given


def test_what_was_said_elsewhere_is_read_from_a_file_or_standard_input(
    room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "part.json").write_text(json.dumps(PART), encoding="utf-8")
    assert consent("--yes", "--part", str(tmp_path / "part.json"), "--language", "th") == 0
    assert TEXT in capsys.readouterr().out, "a text that was shown elsewhere is printed all the same"
    typed(monkeypatch, json.dumps(PART | {"food": "ບໍ່ກິນປາ"}))
    assert consent("--yes", "--part", "-", "--said", "spoken", "--witnessed", "--guardian", "--json") == 0
    said = capsys.readouterr()
    assert TEXT in said.err
    assert json.loads(said.out)["intent"] == "consent"
    assert room.given == [PART, PART | {"food": "ບໍ່ກິນປາ"}]
    given = room.asked[-1][1]
    assert (given["said"], given["witnessed"], given["guardian"]) == ("spoken", True, True)
    assert given["fields"] == ["name", "channel", "food"], "the list is that of the file, when none is named"


@pytest.mark.parametrize(
    ("words", "part", "sentence"),
    [
        ("--fields name", PART, "--part: holds channel, which --fields does not name"),
        ("--fields name,channel,food", PART, "--part: lacks food, which --fields names"),
        ("", {"name": "x" * 81}, "--part: name: has at most 80 signs"),
        ("", {"passport": "AB123456"}, "--part: passport: is not known here: remove it"),
        ("", {}, "--part: holds nothing"),
        ("", "ແກ້ວ", "--part: the whole: "),
    ],
)
def test_a_part_that_is_not_what_the_text_names_is_refused_and_not_quoted(
    room: Room, words: str, part: Any, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "part.json").write_text(json.dumps(part), encoding="utf-8")
    assert consent("--yes", "--part", str(tmp_path / "part.json"), *words.split()) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"handoff: {sentence}")
    assert not room.given
    for value in ("ແກ້ວ", "020 555", "AB123456", "xxx"):
        assert value not in said


def test_every_field_can_be_typed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "y", "Anna", "LINE", "anna", "DE", "passport", "no fish", "slowly")
    assert consent("--fields", "mobility,food,document_class,nationality,channel,name") == 0
    assert room.given == [
        {
            "name": "Anna", "channel": {"kind": "line", "address": "anna"}, "nationality": "DE",
            "document_class": "passport", "food": "no fish", "mobility": "slowly",
        }
    ]  # fmt: skip


class Terminal(io.StringIO):
    """Somebody types these lines and sees what is written."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Terminal:
    seen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
    monkeypatch.setattr(sys, "stderr", seen)
    return seen


def test_an_answer_that_cannot_be_is_asked_for_again_and_nothing_typed_before_is_lost(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["y", "", "Nan", "sms", "Phone", "12", "+66 80 123 4567", "Thai", "th", "ID card", "yes"]
    seen = at_a_terminal(monkeypatch, *typed)
    assert consent("--language", "en", "--fields", "name,channel,nationality,document_class") == 0
    assert room.given == [
        {"name": "Nan", "channel": {"kind": "phone", "address": "+66 80 123 4567"}, "nationality": "TH",
         "document_class": "id_card"}
    ]  # fmt: skip
    for sentence in ("say something", "one of phone, line", "at least 6 digits", "two letters, such as TH"):
        assert sentence in seen.getvalue()
    assert "called Nan, phone +66 80 123 4567, nationality TH, document id_card: right?" in seen.getvalue()


def test_what_is_read_back_and_wrong_is_asked_for_once_more(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ["y", "Nam", "email", "nan.example.org", "nan@example.org"]
    at_a_terminal(monkeypatch, *first, "perhaps", "no", "Nan", "whatsapp", "๐๘๐๑๒๓", "ແມ່ນ")
    assert consent() == 0
    assert room.given == [{"name": "Nan", "channel": {"kind": "whatsapp", "address": "๐๘๐๑๒๓"}}]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["y", "Nan", "sms"], "How to reach them (phone, line, whatsapp, email): one of phone"),
        (["y", "Nan", "phone", "12345"], "a number has at least 6 digits"),
        (["y", "Nan", "email", "at home"], "has an @"),
        (["y", "N" * 81], "at most 80 signs"),
    ],
)
def test_a_piped_answer_that_cannot_be_ends_it_and_is_not_quoted(
    room: Room, lines: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, *lines)
    assert consent("--language", "en") == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert lines[-1] not in said.replace("(phone, line", "")
    assert not room.given


def test_nothing_is_read_back_into_a_file(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\nNan\nline\nnan\n"))
    assert consent() == 0
    assert "Nan" not in capsys.readouterr().err
    assert room.given


def test_no_option_takes_what_is_personal() -> None:
    """Lists of processes show a command line to everybody on the machine."""
    parser = argparse.ArgumentParser()
    consenting.register(parser.add_subparsers())
    takes = {action.dest for action in parser._subparsers._group_actions[0].choices["consent"]._actions}  # type: ignore[union-attr,index] # noqa: SLF001 - argparse has no other list of its options
    assert takes & {"name", "channel", "address", "nationality", "document_class", "food", "mobility"} == set()
    assert {"part", "fields", "refuse", "withdraw"} <= takes


def test_each_language_of_the_text_has_its_question() -> None:
    assert set(LANGUAGES) == set(edge.LANGUAGES)
    assert set(prompts.QUESTIONS) == set(consent_prompt.FIELDS)
    assert set(prompts.READ_BACK) == set(consent_prompt.FIELDS) - {"channel"}
    assert set(prompts.ADDRESSES) == set(consent_prompt.CHANNELS)


@pytest.mark.parametrize("language", edge.LANGUAGES)
@pytest.mark.parametrize("word", ["yes", "Y", "own"])
def test_the_question_names_each_word_that_is_understood(
    room: Room, language: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own, *_others), _no = prompts.yes_and_no(Phrases.of(language))
    said = own if word == "own" else word
    seen = at_a_terminal(monkeypatch, said, "Nan", "line", "nan", said)
    assert consent("--language", language) == 0
    assert room.given
    assert seen.getvalue().count(f"({own}, yes, y / " if own != "yes" else "(yes, y / ") == 2


def test_every_line_after_the_text_is_in_the_language_that_was_asked_for(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ["y", "", "Nan", "sms", "phone", "12", "+66 80 123 4567"]
    seen = at_a_terminal(monkeypatch, *first, "Thai", "th", "card", "id card", "", "egg", "", "ok", "y")
    assert consent("--language", "th", "--fields", ",".join(consent_prompt.FIELDS)) == 0
    assert room.given
    told = seen.getvalue()
    english = [phrase.text for table in (prompts.QUESTIONS, prompts.ADDRESSES) for phrase in table.values()]
    for sentence in (*english, "How to reach", "one of", "digits", "say something", "right?", "called", "nationality"):
        assert sentence not in told


def test_a_language_without_a_text_is_asked_for_in_english(room: Room) -> None:
    assert edge.prepared(room, ID, acting="tha-li", language="de", fields=("name",)).language == "en"


def test_what_was_sealed_for_one_room_opens_in_no_other(room: Room) -> None:
    shown = edge.prepared(room, ID, acting="tha-li", language="en", fields=("name",))
    given = edge.said_back(shown, PersonalPart(name="Anna"), acting="tha-li")
    assert isinstance(given, GiveConsent)
    with pytest.raises(ValueError, match="does not open"):
        sealing.opened(given.sealed, private=room.private, about=sealing.for_room(ID, "bo-taen"))


# reading, exporting


def test_what_is_held_is_read_on_a_screen_or_for_a_machine_and_in_no_file_by_accident(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["party", "62fc", "--as", "bo-taen"]) == 2
    assert not room.asked, "it was read, and audited, for nothing"
    assert cli.main(["party", "62fc", "--as", "bo-taen", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["holding"], told["part"]) == ("held", PART)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert cli.main(["party", "62fc", "--as", "bo-taen"]) == 0
    assert capsys.readouterr().out == "called     ນາງ ແກ້ວ\nreach      phone 020 555\n"
    object.__setattr__(room, "held", None)
    assert cli.main(["party", "62fc", "--as", "bo-taen"]) == 0
    assert "it was erased" in capsys.readouterr().out


@pytest.mark.parametrize("held", [{"name": "ແກ້ວ", "home": "ບ້ານ"}, {"name": ""}])
def test_an_answer_that_is_no_personal_part_is_a_problem_that_quotes_nothing(
    room: Room, held: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    object.__setattr__(room, "held", held)
    assert cli.main(["party", "62fc", "--as", "bo-taen", "--json"]) == 2
    said = capsys.readouterr()
    assert "does not open, or is no personal part" in said.err
    assert "ແກ້ວ" not in said.err + said.out


def test_two_readings_have_two_keys(room: Room) -> None:
    for _ in range(2):
        edge.read(room, ID, acting="bo-taen")
    keys = [wanted["reply_key"] for _, wanted in room.asked]
    assert len(set(keys)) == 2


def test_a_part_that_does_not_open_is_told_as_such(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unread: dict[str, Any] = {"referral_id": ID, "holding": "held", "fields": [], "sealed": None}
    monkeypatch.setattr(room, "read_personal_part", lambda *_: unread)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.main(["party", "62fc", "--as", "bo-taen"]) == 0
    assert "does not open" in capsys.readouterr().out


def test_an_export_is_one_file_with_everything_for_its_owner_alone(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "all.json"
    before = os.umask(0)
    try:
        assert cli.main(["export", "62fc", "--as", "tha-li", "--to", str(target)]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    whole = json.loads(target.read_text(encoding="utf-8"))
    assert names(room) == ["show_handoff", "export_handoff", "list_audit"]
    assert whole["personal"] == {"holding": "held", "part": PART}
    assert [(line["n"], line["what"]) for line in whole["audit"]] == [(1, "consent_given")]
    kept = example("personal.answer.handoff_export.v1")
    assert (whole["consents"], whole["reminders"]) == (kept["receipts"], kept["reminders"])
    assert whole["pass"] == {"issued_at": "2027-01-04T02:00:00Z", "used_at": None}
    assert (whole["community"], whole["handoff"]["referral_id"], whole["crossing"]) == ("tha-li", ID, None)
    assert "ແກ້ວ" not in capsys.readouterr().out
    assert cli.main(["export", "62fc", "--as", "tha-li", "--to", str(target)]) == 2
    assert "is there already" in capsys.readouterr().err


# a breach, a restored backup


def test_whom_a_breach_concerns_is_told_without_a_name(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["affected", "--since", "2027-01-01", "--until", "2027-01-31"]) == 0
    assert capsys.readouterr().out.startswith("…5262fc bo-taen ← tha-li\n    held name, document class from 2027-01-04")
    assert room.asked[-1][1]["since"] == "2026-12-31T17:00:00Z"
    assert cli.main(["affected", "--since", "2027-01-01", "--until", "2027-01-31"]) == 0
    assert "bo-taen ← mekong-tours\n    held called, e-mail from 2027-01-04" in capsys.readouterr().out


def test_a_contact_is_shown_on_a_screen_with_its_basis_and_to_a_file_only_when_told(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["contact", ID, "--as", "bo-taen"]
    assert cli.main(line) == 2
    assert "shown on a screen only" in capsys.readouterr().err
    assert not room.asked
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert cli.main(line) == 0
    told = capsys.readouterr().out
    assert str(PART["name"]) in told
    assert "under the contract with mekong-tours" in " ".join(told.split())
    assert cli.main([*line, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["basis"], shown["contact"]) == ("contract", {"full_name": PART["name"], "locales": ["lo", "en"]})
    assert "sealed" not in shown
    object.__setattr__(room, "held", None)
    assert cli.main(line) == 0
    assert "Nothing is held any more" in capsys.readouterr().out
    assert cli.main(["contact", ID, "erase", "--as", "bo-taen"]) == 0
    assert "is destroyed" in capsys.readouterr().out


def test_what_was_erased_is_listed_and_applied_again(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["erasures", "list", "--json"]) == 0
    kept = tmp_path / "erasures.json"
    kept.write_text(capsys.readouterr().out)
    assert cli.main(["erasures", "apply", str(kept)]) == 0
    assert "Of 2 erasures, 1 had come back" in capsys.readouterr().out
    nothing = {"of": None, "ended": None}
    assert room.asked[-1][1] == {"erasures": [one | nothing for one in LEDGER]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "is not what `erasures list --json` gave"),
        ("[", "is not what `erasures list --json` gave"),
        (json.dumps({"items": [LEDGER[0], LEDGER[1] | {"why": "fun"}]}), "FILE: items[1].why: "),
    ],
)
def test_a_list_that_is_none_erases_nothing(
    room: Room, text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text(text)
    assert cli.main(["erasures", "apply", str(tmp_path / "bad.json")]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "nothing was applied" in said
    assert not room.asked


def test_a_refusal_of_the_node_names_the_option(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    no = refused(
        Refusal.read(
            {"code": "wrong_state", "field": "text_digest", "message": "the text has changed since it was shown"}
        )
    )
    assert context.refused(no).startswith("consent: the text has changed")
    assert consent("--refuse") == 0
    assert "Recorded: refuse consent" in capsys.readouterr().out
    assert names(room) == ["refuse_consent"]
