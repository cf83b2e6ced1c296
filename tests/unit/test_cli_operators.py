"""The verb `operator`: a first password is made and shown here, and the node gets its hash alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.messages import message_type
from contracts.refusals import No, refusal
from deploy import command_line as cli
from services.cli import context, outcome
from services.client import passwords
from services.client.answers import refused
from tests.support.answers import example
from tests.support.fake_node import FakeNode

KEO = example("portal.answer.operator_view.v1")


class Node(FakeNode):
    """Knows one operator, Keo."""

    asked: list[tuple[str, dict[str, Any]]]
    there: list[dict[str, Any]]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        assert options.get("acting") is None
        if name == "portal.list_operators":
            return {"items": self.there}
        self.asked.append((name, contract.model_validate(fields or {}).wire()))
        return KEO if name == "portal.add_operator" else {}


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    object.__setattr__(node, "asked", [])
    object.__setattr__(node, "there", [KEO])
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def run(line: str) -> int:
    return cli.main(["operator", *line.split()])


def test_a_password_is_shown_once_and_only_its_hash_is_asked(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("add Keo --json") == 0
    shown = json.loads(capsys.readouterr().out)
    [(name, asked)] = node.asked
    assert (name, asked["name"]) == ("portal.add_operator", "Keo")
    assert shown["password"] not in json.dumps(asked)
    assert passwords.fits(asked["password"], shown["password"])
    assert run("add Keo") == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0] != shown["password"], "another each time"
    assert "sets the second step before anything else" in " ".join(told.split())


def test_who_looks_after_the_system_is_listed(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    assert capsys.readouterr().out.splitlines() == ["Keo  second step set"]
    node.there.clear()
    assert run("list") == 0
    assert "./handoff operator add NAME" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["keo", KEO["account"]])
def test_one_is_closed_by_name_or_account(node: Node, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(f"end {name}") == 0
    assert node.asked == [("portal.end_operator", {"account": KEO["account"]})]
    assert "is signed out" in capsys.readouterr().out


def test_nobody_is_closed_by_a_name_that_nobody_has(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("end Noi") == 2
    assert "there is no such operator" in capsys.readouterr().err
    assert node.asked == []


def test_a_name_that_is_taken_is_refused_by_what_was_typed(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def taken(*_: Any, **__: Any) -> Any:
        raise refused(refusal(No.CONFLICT, "name_is_taken", "name"))

    monkeypatch.setattr(type(node), "ask", taken)
    assert run("add Keo") == outcome.REFUSED
    assert "NAME: somebody signs in with this name already" in capsys.readouterr().err
