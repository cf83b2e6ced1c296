"""`audit` tells in plain words whether anybody has touched what was done, and loses no copy on the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.node import v1
from contracts.refusals import Refusal
from deploy import command_line as cli
from services.cli import context
from services.cli.verbs import audit
from services.cli.views import audit_view, layout
from services.client.answers import refused
from services.client.phrases.catalogue import Phrases
from tests.support.answers import example
from tests.support.fake_node import FakeNode

DIGEST = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
WELL = {"communities": 2, "entries": 41, "checkpoints": 6, "faults": []}
LINE = {
    "community": "bo-taen", "n": 1, "at": "2026-12-09T03:00:02Z", "who": "bo-taen", "what": "personal_part_read",
    "about": "019aa1f0-2b10-7c3e-9d41-5f2a90c4e7d1", "result": "done", "previous": "0" * 64, "digest": DIGEST,
}  # fmt: skip


class Node(FakeNode):
    """Verifies by a rule of its own, and keeps what it was asked."""

    asked: list[tuple[str, dict[str, Any]]]
    #: Lines whose copy tells that they were rewritten.
    rewritten: set[int]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **_options: Any) -> dict[str, Any]:
        self.asked.append((name, fields or {}))
        if name == "node.verify_audit":
            wanted = v1.VerifyAudit.model_validate(fields)
            found = [{"community": k.community, "n": k.n, "fault": "rewritten"} for k in wanted.kept]
            return WELL | {"faults": [one for one in found if one["n"] in self.rewritten]}
        if name == "node.list_audit":
            v1.ListAudit.model_validate(fields)
            return {"items": [LINE]}
        if name == "referral.show_handoff" and fields == {"referral": "e7d1"}:
            return example("referral.answer.handoff_view.v1", referral_id=LINE["about"])
        raise refused(Refusal.read({"code": "unknown", "message": "no such handoff", "field": "referral"}))


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG", "HANDOFF_DATA"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    object.__setattr__(node, "asked", [])
    object.__setattr__(node, "rewritten", set())
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def copies(path: Path, count: int) -> Path:
    """A file of so many checkpoints."""
    one = {"community": "bo-taen", "digest": DIGEST, "at": "2026-12-09T03:01:00Z", "keyid": "k", "signature": "s"}
    path.write_text("".join(json.dumps(one | {"n": n}) + "\n" for n in range(1, count + 1)))
    return path


@pytest.mark.usefixtures("node")
def test_an_audit_that_nobody_touched_is_told_with_its_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies(tmp_path / audit.KEPT, 3)
    assert cli.main(["audit", "verify", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Nobody has touched the audit: 41 lines" in said
    assert "No copies" not in said


@pytest.mark.usefixtures("node")
def test_without_copies_it_is_said_what_cannot_be_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["audit", "verify", "--data", str(tmp_path)]) == 0
    assert "No copies stand in" in capsys.readouterr().out


def test_every_copy_is_compared_however_many_there_are_and_the_chains_are_walked_once(
    node: Node, tmp_path: Path
) -> None:
    kept = copies(tmp_path / "copies.jsonl", 2 * audit.BATCH + 7)
    assert cli.main(["audit", "verify", "--kept", str(kept)]) == 0
    asked = [fields for _, fields in node.asked]
    assert [one["n"] for fields in asked for one in fields["kept"]] == list(range(1, 2 * audit.BATCH + 8))
    assert [fields["chains"] for fields in asked] == [True, False, False, False]
    body = max(len(json.dumps(fields).encode()) for fields in asked)
    assert body < 256 * 1024


@pytest.mark.parametrize("n", [1, audit.BATCH, audit.BATCH + 1])
def test_a_fault_in_any_batch_ends_it_with_one_and_a_sentence(
    node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str], n: int
) -> None:
    node.rewritten.add(n)
    kept = copies(tmp_path / "copies.jsonl", audit.BATCH + 1)
    assert cli.main(["audit", "verify", "--kept", str(kept)]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"The audit of bo-taen: what stands on the lines up to {n} is not what was signed" in said
    assert cli.main(["audit", "verify", "--kept", str(kept), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["faults"] == [{"community": "bo-taen", "n": n, "fault": "rewritten"}]


def test_a_copy_that_cannot_be_read_is_a_fault_and_the_others_are_still_compared(
    node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = copies(tmp_path / "copies.jsonl", 2)
    kept.write_text("{torn\n" + kept.read_text())
    assert cli.main(["audit", "verify", "--kept", str(kept)]) == 1
    assert "line 1 is no checkpoint" in " ".join(capsys.readouterr().out.split())
    assert sum(len(fields["kept"]) for _, fields in node.asked) == 2


@pytest.mark.usefixtures("node")
def test_a_file_that_is_named_must_be_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["audit", "verify", "--kept", str(tmp_path / "none")]) == 2
    assert "--kept: there is no file" in capsys.readouterr().err


def test_every_fault_of_the_contract_has_its_sentence() -> None:
    assert set(audit_view.FAULTS) == set(v1.AuditFault.model_fields["fault"].annotation.__args__)  # type: ignore[union-attr] # a Literal's words


@pytest.mark.parametrize(("about", "asked"), [("e7d1", LINE["about"]), ("key-1", "key-1"), ("abcd", "abcd")])
def test_a_community_lists_its_own_audit_about_a_handoff_or_whatever_else(
    node: Node, capsys: pytest.CaptureFixture[str], about: str, asked: str
) -> None:
    assert cli.main(["audit", "list", "--as", "bo-taen", "--about", about]) == 0
    assert node.asked[-1] == ("node.list_audit", {"after": 0, "limit": audit.MOST, "about": asked})
    said = capsys.readouterr().out
    assert "personal part read" in said
    assert max(map(len, said.splitlines())) <= layout.WIDTH


@pytest.mark.usefixtures("node")
def test_a_list_is_of_somebody(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["audit"]) == 2
    assert "--as: say whose audit" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "by operator local, about code: too many tries"),
        ("th", "โดย ผู้ดูแลระบบ local เกี่ยวกับ รหัส: ใส่รหัสผิดหลายครั้งเกินไป"),
        ("lo", "ໂດຍ ຜູ້ດູແລລະບົບ local ກ່ຽວກັບ ລະຫັດ: ໃສ່ລະຫັດຜິດຫຼາຍຄັ້ງເກີນໄປ"),
    ],
)
def test_a_line_is_told_in_the_readers_language(language: str, said: str) -> None:
    entry = v1.AuditEntry.model_validate(
        LINE | {"who": "operator:local", "about": "code", "what": "pass_refused", "result": "too_many_tries"}
    )
    assert said in " ".join(audit_view.line(Phrases.of(language), entry).split())


def test_what_belongs_together_is_not_broken() -> None:
    assert layout.fill("x" * 46 + " (พ.ศ. 2570) 48 ชม.", 2, first=0).split("\n") == [
        "x" * 46 + " (พ.ศ. 2570)",
        "  48 ชม.",
    ]
