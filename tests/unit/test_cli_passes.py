"""A pass at the command line: shown as a picture and a code, taken from whoever shows it, verified without a node."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import segno

from contracts.booking.v1 import VoucherJudged
from contracts.messages import message_type
from contracts.referral.v1 import PassJudged
from contracts.refusals import Refusal
from deploy import command_line as cli
from services.cli import context
from services.cli.verbs import passes, verifying
from services.cli.views import layout
from services.client.answers import refused
from tests.support.answers import example
from tests.support.fake_node import FakeNode
from tests.vectors.make_passes import FILE, base45

VECTORS = json.loads(FILE.read_text("utf-8"))
AT = datetime.fromisoformat(VECTORS["at"])
TOKEN, CODE = VECTORS["valid"][0]["token"], "K7MP2X"
ID = "0190aaaa-0000-7000-8000-000000000001"
VIEW = example(
    "referral.answer.handoff_view.v1", referral_id=ID, community="tha-li", partner="bo-taen", side="sender",
    state="confirmed", pass_token=TOKEN, short_code=CODE, party={"adult": 2, "child": 1, "infant": 0},
    arrival={"day": "2027-01-14", "earliest": "10:00", "latest": "16:00"},
)  # fmt: skip
JUDGED = {
    "verdict": "good", "referral_id": ID, "state": "arrived", "party": VIEW["party"], "used_at": None,
    "wait_seconds": 0,
}  # fmt: skip

HOLD = "0190aaaa-0000-7000-8000-0000000b0c1d"
VOUCHER = example("booking.answer.voucher_judged.v1", verdict="good", hold_id=HOLD, state="REDEEMED", used_at=None)
UNKNOWN = example("booking.answer.voucher_judged.v1", verdict="unknown", hold_id=None, party=None, state=None)


class Node(FakeNode):
    """Answers with one view and one verdict, and keeps what it was asked."""

    view: dict[str, Any]
    judged: dict[str, Any]
    voucher: dict[str, Any]
    asked: list[dict[str, Any]]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        self.asked.append(contract.model_validate(fields or {}).wire())
        if name == "booking.present_voucher":
            return self.voucher
        if name in ("referral.show_handoff", "referral.present_pass"):
            return self.view if name == "referral.show_handoff" else self.judged
        raise refused(Refusal.read({"code": "unavailable", "message": "not now"}))


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    for name, value in (("view", VIEW), ("judged", JUDGED), ("voucher", VOUCHER), ("asked", [])):
        object.__setattr__(node, name, value)
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def run(line: str) -> int:
    return cli.main(["pass", *line.split()])


# shown


@pytest.mark.usefixtures("node")
def test_a_pass_is_shown_with_its_code_and_its_days_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show 0001 --as tha-li") == 0
    told = capsys.readouterr().out
    assert told.index("K 7 M   P 2 X") < told.index(TOKEN), "no terminal: what the picture says, below the code"
    assert [line for line in told.splitlines() if len(line) > layout.WIDTH] == [TOKEN]
    assert "from Wed 2027-01-13 until the end of Fri 2027-01-15" in " ".join(told.split())
    assert "2 adults, 1 child" in told


@pytest.mark.usefixtures("node")
def test_for_machines_a_pass_comes_with_its_moments(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show 0001 --as tha-li --json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["short_code"], told["pass_token"]) == (CODE, TOKEN)
    assert told["opens"].startswith("2027-01-12T17:00")


def test_a_delayed_party_is_shown_its_new_days(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    object.__setattr__(node, "view", VIEW | {"arrival": {"day": "2027-01-17", "earliest": "10:00", "latest": "16:00"}})
    assert run("show 0001 --as tha-li") == 0
    assert "until the end of Mon 2027-01-18" in " ".join(capsys.readouterr().out.split())


def test_without_a_pass_it_is_said_when_there_will_be_one(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    object.__setattr__(node, "view", VIEW | {"state": "accepted", "pass_token": None, "short_code": None})
    assert run("show 0001 --as tha-li") == 2
    assert "when the receiver confirms" in capsys.readouterr().err


def test_the_picture_in_a_terminal_is_the_qr_code_of_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "60")
    rows = [line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m") for line in passes.picture(TOKEN)]
    halves = [[[sign in both for sign in row] for both in ("▀█", "▄█")] for row in rows]
    drawn = [line for pair in halves for line in pair]
    border = passes.TERMINAL_BORDER
    code = segno.make(TOKEN, error="q", boost_error=False, micro=False)
    matrix = [[not module for module in row] for row in code.matrix_iter(border=border)]
    assert drawn[: len(matrix)] == matrix


def test_a_narrow_terminal_gets_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    assert passes.picture(TOKEN) == []


@pytest.mark.usefixtures("node")
def test_the_picture_is_written_for_paper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pass.svg"
    assert run(f"show 0001 --as tha-li --svg {file}") == 0
    assert f"The picture is in {file}" in capsys.readouterr().out
    assert ET.fromstring(file.read_text()).tag.endswith("svg")
    assert run(f"show 0001 --as tha-li --svg {tmp_path / 'no' / 'pass.svg'}") == 2
    assert "--svg" in capsys.readouterr().err


# taken


@pytest.mark.parametrize("said", ["K7MP2X", "k7m-p2x", "k7mp2x"])
def test_a_code_is_understood_as_people_write_it(node: Node, said: str) -> None:
    assert run(f"receive {said} --as bo-taen") == 0
    assert (node.asked[-1]["short_code"], node.asked[-1]["pass_token"]) == (CODE, None)


def test_to_check_looks_and_says_how_to_receive(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check K7MP2X --as bo-taen") == 0
    assert node.asked[-1]["look"] is True
    said = " ".join(capsys.readouterr().out.split())
    assert "may be received" in said
    assert "Nothing is recorded yet" in said
    assert "pass receive K7MP2X" in said


def test_a_pass_is_presented_as_it_was_scanned_with_those_who_came(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TOKEN}\n"))
    assert run("receive - --as bo-taen --adults 2 --seen-at 2027-01-14T11:00") == 0
    asked = node.asked[-1]
    assert (asked["pass_token"], asked["party"]["adult"], asked["seen_at"]) == (TOKEN, 2, "2027-01-14T04:00:00Z")
    assert "GOOD" in capsys.readouterr().out


def test_what_can_be_no_code_is_not_even_tried(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("receive K7MP0X --as bo-taen")
    assert "6 letters and numbers" in capsys.readouterr().err
    assert node.asked == []


@pytest.mark.parametrize("verdict", [name for name in passes.VERDICTS if name != "good"])
def test_whatever_is_not_good_ends_with_1_and_a_sentence(
    node: Node, capsys: pytest.CaptureFixture[str], verdict: str
) -> None:
    nobody = verdict in ("unknown", "forged", "too_many_tries")
    none = {"referral_id": None, "party": None, "state": None} if nobody else {}
    object.__setattr__(node, "judged", JUDGED | {"verdict": verdict, "wait_seconds": 90} | none)
    assert run("receive K7MP2X --as bo-taen") == 1
    told = capsys.readouterr().out
    assert told.split(".")[0].isupper() or verdict in ("too_many_tries", "used", "forged")
    assert ("2 min" in told) == (verdict == "too_many_tries")


def test_the_end_of_a_bookings_id_is_asked_of_booking_and_then_of_handoffs(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("receive 0b-0c-1d --as bo-taen") == 0
    assert [one.get("reference") for one in node.asked] == ["0b0c1d"]
    assert f"booking {HOLD}" in capsys.readouterr().out
    object.__setattr__(node, "voucher", UNKNOWN)
    assert run("receive ABCDEF --as bo-taen") == 0
    assert [one.get("reference") or one.get("short_code") for one in node.asked[1:]] == ["abcdef", "ABCDEF"]
    assert run("receive 0b0c1d --as bo-taen") == 1, "a handoff's code has no 0"
    assert "UNKNOWN. No confirmed booking" in capsys.readouterr().out


@pytest.mark.parametrize("verdict", [name for name in passes.VOUCHERS if name != "good"])
def test_what_is_no_good_booking_ends_with_1_and_a_sentence(
    node: Node, capsys: pytest.CaptureFixture[str], verdict: str
) -> None:
    object.__setattr__(node, "voucher", VOUCHER | {"verdict": verdict})
    assert run("check 0b0c1d --as bo-taen") == 1
    assert passes.VOUCHERS[verdict].text.split(".")[0].split(" {")[0] in capsys.readouterr().out


def test_every_verdict_has_its_sentence() -> None:
    assert set(passes.VOUCHERS) == set(VoucherJudged.model_json_schema()["properties"]["verdict"]["enum"])
    assert set(passes.VERDICTS) == set(PassJudged.model_json_schema()["properties"]["verdict"]["enum"])


# verified without a node


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(context, "machine_now", lambda: AT)
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"items": [VECTORS["key"]]}))
    return file


def verify(keys: Path, token: str, *more: str) -> int:
    return cli.main(["pass", "verify", token, "--keys", str(keys), *more])


def test_a_pass_is_verified_without_a_node(keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(keys, TOKEN) == 0
    told = capsys.readouterr().out
    assert "VALID" in told
    assert "to bo-taen, from tha-li" in told
    assert verify(keys, TOKEN, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["valid"], said["referral_id"], said["party"]["adult"]) == (True, ID, 2)


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_what_is_not_valid_ends_with_1_and_its_reason(
    keys: Path, capsys: pytest.CaptureFixture[str], vector: dict[str, str]
) -> None:
    assert verify(keys, vector["token"], "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["valid"], said["reason"]) == (False, vector["reason"])
    assert ("party" in said) == (vector["reason"] in ("early", "late")), "what nobody signed is not repeated"
    assert vector["reason"] in verifying.SAID


def test_a_file_without_keys_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "keys.json"
    for text in ("", "{}", "[1]", '[{"community": "bo-taen"}]', "3"):
        empty.write_text(text)
        assert verify(empty, TOKEN) == 2
        assert "--keys" in capsys.readouterr().err
    assert verify(tmp_path / "none.json", TOKEN) == 2


def test_a_day_later_it_is_late(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "machine_now", lambda: AT + timedelta(days=2))
    assert verify(keys, TOKEN) == 1
    assert verify(keys, base45(b"x")) == 1
