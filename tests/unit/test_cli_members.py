"""The verb `members`: codes are made and shown here, and the node gets their digests alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from contracts.messages import message_type
from deploy import command_line as cli
from services.cli import context
from services.client import codes
from tests.support.answers import example
from tests.support.fake_node import FakeNode

NOI = example("portal.answer.member_view.v1")


class Node(FakeNode):
    """Holds one member, Noi, and an invitation."""

    asked: list[tuple[str, dict[str, Any]]]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        wanted = contract.model_validate(fields or {}).wire()
        assert options["acting"] == "tha-li"
        if name == "portal.list_members":
            return {"items": [NOI]}
        if name == "portal.list_invitations":
            return {"items": [example("portal.answer.invitation_view.v1")]}
        self.asked.append((name.removeprefix("portal."), wanted))
        answers = {"invite_member": "invitation_view", "recover_member": "recovery_view"}
        short = name.removeprefix("portal.")
        return example(f"portal.answer.{answers[short]}.v1") if short in answers else {}


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "HANDOFF_PORTAL_URL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    object.__setattr__(node, "asked", [])
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def run(line: str) -> int:
    return cli.main(["members", *line.split(), "--as", "tha-li"])


def code_in(text: str) -> str:
    found = re.search(r"\b[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}\b", text)
    assert found, text
    return found.group()


def test_who_can_sign_in_is_listed_with_what_waits(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("") == 0
    assert capsys.readouterr().out.splitlines() == ["Coordinator  Noi", "1 invitation waits"]
    assert node.asked == []


def test_an_invitation_is_shown_with_its_link_and_only_its_digest_is_asked(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("invite helper --pages https://handoff.example/") == 0
    told = capsys.readouterr().out
    code = code_in(told)
    assert node.asked == [("invite_member", {"role": "helper", "digest": codes.digest(code).hex()})]
    assert f"https://handoff.example/join/{code.replace('-', '')}" in told
    assert "Helper" in told


def test_a_coordinator_is_invited_unless_another_role_is_said(node: Node) -> None:
    assert run("invite") == 0
    assert node.asked[0][1]["role"] == "coordinator"
    assert run("invite boss") == 2


@pytest.mark.parametrize("who", ["noi", "Noi", NOI["account"]])
def test_a_member_gets_a_code_by_name_or_account(node: Node, capsys: pytest.CaptureFixture[str], who: str) -> None:
    assert run(f"recover {who} --json") == 0
    code = json.loads(capsys.readouterr().out)["code"]
    wanted = {"account": NOI["account"], "digest": codes.digest(code).hex()}
    assert node.asked == [("recover_member", wanted)]


def test_a_membership_is_ended_and_an_unknown_member_is_none(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("end Noi") == 0
    assert node.asked == [("end_membership", {"account": NOI["account"]})]
    assert "no longer" in capsys.readouterr().out
    assert run("end Nobody") == 2
    assert run("end") == 2
    assert run("list Noi") == 2
    assert len(node.asked) == 1
