"""What an operator of the system reads is in their language; JSON stays as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contracts.messages import message_type
from contracts.node.v1 import AuditEntry, Standing
from deploy import command_line as cli
from deploy.local.verbs import doctor
from services.cli import context
from services.cli.verbs import reconciling
from services.cli.views import audit_view, layout
from services.client.phrases.catalogue import Phrases
from tests.support.answers import example
from tests.support.fake_node import FakeNode

ROOT = Path(__file__).resolve().parents[2]
PARKED = example("node.answer.parked_view.v1", replays=1)
ANSWERS: dict[str, dict[str, Any]] = {
    "node.ask_standing": example("node.answer.standing.v1", now="2027-01-04T02:00:00Z", clock_settable=True, parked=0),
    "node.show_parked": PARKED | {"body": "{}"},
    "node.replay_parked": example("node.answer.settled.v1", settled=True, error=None),
    "community.restate": {"communities": 2, "partnerships": 1},
    "booking.restate_availability": {},
    "booking.restate_capacity": {},
    "community.list_keys": {"items": [example("community.answer.key_view.v1")]},
    "node.list_audit": {"items": [example("node.answer.audit_entry.v1")]},
    "node.verify_audit": example("node.answer.audit_verdict.v1", faults=[]),
}


class Node(FakeNode):
    """Answers with examples; every question must be one that a contract allows."""

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None
        contract.model_validate(fields or {})
        if name == "node.list_parked":
            return {"items": [PARKED] if options["service"] == "referral" else []}
        return ANSWERS.get(name, {"items": []})


@pytest.fixture(autouse=True)
def _node(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HANDOFF_AS", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(context, "client", lambda _: Node(8000, "token"))


@pytest.mark.parametrize(
    ("line", "thai", "lao"),
    [
        ("parked list", "ลองซ้ำแล้ว 1 ครั้ง", "ລອງຊ້ຳແລ້ວ 1 ເທື່ອ"),
        ("parked show latest", "เนื้อความอาจเป็นข้อมูลส่วนตัว:", "ເນື້ອຄວາມອາດແມ່ນຂໍ້ມູນສ່ວນຕົວ:"),
        ("parked replay latest", "ทำแล้ว", "ເຮັດແລ້ວ"),
        ("clock", "นาฬิกาเครื่อง", "ໂມງເຄື່ອງ"),
        ("restate", "บอกอีกครั้งแล้ว: 2 ชุมชน, 1 ข้อตกลง,", "ບອກອີກເທື່ອແລ້ວ: 2 ຊຸມຊົນ, 1 ຂໍ້ຕົກລົງ,"),
        ("check-invariants", "ที่ทุกที่มีที่มา", "ບ່ອນທຸກບ່ອນມີທີ່ມາ"),
        ("reconcile", "ไม่มีอะไรต้องแก้", "ບໍ່ມີຫຍັງຕ້ອງແກ້"),
        ("keys show --as tha-li", "ใช้ลงนามตั้งแต่", "ໃຊ້ລົງນາມຕັ້ງແຕ່"),
        ("audit list --as bo-taen", "โดย ", "ໂດຍ "),
        ("audit verify --data /nowhere", "ไม่มีใครแก้บันทึกตรวจสอบ", "ບໍ່ມີໃຜແກ້ບັນທຶກກວດສອບ"),
    ],
)
def test_an_operator_reads_their_language(
    line: str, thai: str, lao: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {}
    for language in ("en", "th", "lo"):
        monkeypatch.setenv("HANDOFF_LANG", language)
        assert cli.main(line.split()) == 0
        told[language] = " ".join(capsys.readouterr().out.split())
    assert thai in told["th"]
    assert lao in told["lo"]
    english = set(re.findall(r"[a-z]{4,}", told["en"]))
    for language in ("th", "lo"):
        assert set(re.findall(r"[a-z]{4,}", told[language])) < english


def test_json_is_the_same_in_every_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for language in ("en", "th", "lo"):
        monkeypatch.setenv("HANDOFF_LANG", language)
        assert cli.main(["parked", "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told == [{"items": [PARKED]}] * 3


@pytest.mark.parametrize(
    ("language", "what", "advice"),
    [
        ("th", "booking: พักไว้ 2 ข้อความ", "ดูสาเหตุ แล้ว replay หรือ discard"),
        ("lo", "booking: ພັກໄວ້ 2 ຂໍ້ຄວາມ", "ເບິ່ງສາເຫດ ແລ້ວ replay ຫຼື discard"),
    ],
    ids=["th", "lo"],
)
def test_the_doctor_speaks_the_language_of_the_reader(
    language: str, what: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    standing = Standing.read(example("node.answer.standing.v1", service="booking", parked=2, unpublished={}, oldest={}))
    found = list(doctor.of_service(standing))
    assert found[0].what == what
    assert found[0].advice.startswith(advice)


def test_every_rule_that_a_service_looks_after_has_its_words() -> None:
    found = set()
    for file in ("services/booking/adapters/queries.sql", "services/chassis/storage/arrivals.sql"):
        text = (ROOT / file).read_text(encoding="utf-8")
        found |= set(re.findall(r"^SELECT '([a-z ]+[0-9a-z ]+)'(?: AS rule)?,", text, re.MULTILINE))
    assert len(found) > 8
    assert found <= set(reconciling.RULES)
    assert found | {"both records end equal"} == set(reconciling.RULES)


def test_every_line_that_is_written_into_the_audit_has_its_words() -> None:
    written = set()
    for path in (ROOT / "services").rglob("*.py"):
        written |= set(re.findall(r"\.audit\([^,]+, \"([a-z_]+)\"", path.read_text(encoding="utf-8")))
    assert len(written) > 12
    assert written <= set(audit_view.DONE)
    one = AuditEntry.read(example("node.answer.audit_entry.v1", what="personal_part_read", result="done"))
    assert "อ่านข้อมูลส่วนตัว" in audit_view.line(Phrases.of("th"), one)


def test_what_a_stranger_has_sent_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steering = "a\x1b[2J\x9bb\u202ec"
    parked = PARKED | {"body": f'{{"name":\n "{steering}"}}', "stream": steering, "error": steering}
    settled = example("node.answer.settled.v1", settled=False, error=steering)
    monkeypatch.setitem(ANSWERS, "node.show_parked", parked)
    monkeypatch.setitem(ANSWERS, "node.replay_parked", settled)
    for line in ("parked show latest", "parked replay latest"):
        cli.main(line.split())
        shown = capsys.readouterr().out
        assert not set("\x1b\x9b\u202e") & set(shown)
        assert "a\ufffd[2J\ufffdb\ufffdc" in shown


def test_a_line_that_is_broken_holds_nothing_that_steers_the_terminal() -> None:
    stream = "bo-taen>tha-li|\x1b]0;all well\x07\u202e"  # its subject is as a partner has written it
    assert layout.fill(f"{stream}\tล้าน\u200bนา", 2) == "  bo-taen>tha-li|\ufffd]0;all well\ufffd\ufffd ล้าน\u200bนา"
