"""A first start loads the demonstration, over nothing that anybody has stated."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.refusals import Refusal
from deploy.local import welcome
from deploy.local.node import NodeSettings
from services.client.answers import refused
from services.client.local_api import LocalApi
from tests.support.answers import example
from tests.support.fake_node import FakeNode

LAGS = {"code": "invalid", "field": "book.crossings.0.checked_on", "message": "today is 2025-05-01"}


class Node(FakeNode):
    """What a node answers to somebody who greets it, and what it was told."""

    communities: list[str]
    refuses: str
    told: list[str]
    ahead: timedelta
    settable: bool

    def __init__(self, *communities: str, refuses: str = "", ahead: timedelta = timedelta(), settable: bool = False):
        super().__init__(8000, "token")
        kept = {"communities": communities, "refuses": refuses, "told": [], "ahead": ahead, "settable": settable}
        for name, value in kept.items():
            object.__setattr__(self, name, value)

    def ask(self, name: str, *_: Any, **__: Any) -> dict[str, Any]:
        """As the local API does."""
        if name == "community.find_communities":
            profile = example("community.answer.community_profile.v1", demo=False)
            return {"items": [profile | {"id": one} for one in self.communities]}
        if name == "node.ask_standing":
            now = datetime.now(UTC) + self.ahead
            return example("node.answer.standing.v1", now=now.isoformat(), clock_settable=self.settable)
        self.told.append(name)
        if name == self.refuses:
            raise refused(Refusal.read(LAGS))
        return {"added": 1, "superseded": 0, "unchanged": 0}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def stated(client: Node, _network: Any) -> list[str]:
        client.ask("community.publish_offering")
        return ["communities stated"]

    monkeypatch.setattr("services.cli.verbs.importing.send", stated)


def greeted(node: Node, base: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(LocalApi, "of", lambda *_: node)
    settings = NodeSettings(port=8000, portal_port=8080, portal_host="127.0.0.1", agency_port=8090, base=base)
    welcome.welcome(settings, demo=True)
    return node.told


def test_an_empty_node_gets_the_demonstration_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = ["community.publish_offering", "referral.keep_crossings"]
    assert greeted(Node(), tmp_path, monkeypatch) == loaded
    assert greeted(Node(), tmp_path, monkeypatch) == []


@pytest.mark.parametrize("own", ["tha-li", "our-village"])
def test_what_somebody_has_stated_is_left_alone_also_under_a_name_of_the_demonstration(
    own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert greeted(Node(own), tmp_path, monkeypatch) == []


def test_a_load_that_was_cut_short_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / welcome.LOADING).touch()
    assert "community.publish_offering" in greeted(Node("tha-li"), tmp_path, monkeypatch)


def test_a_node_whose_clock_lags_starts_without_crossings_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    greeted(Node(refuses="referral.keep_crossings"), tmp_path, monkeypatch)
    said = capsys.readouterr()
    assert "import deploy/demo/crossings.json" in said.out + said.err
    assert "the node is up" in said.out + said.err


@pytest.mark.parametrize(("settable", "loud"), [(False, True), (True, False)], ids=["a plain start", "a trial"])
def test_a_clock_that_a_trial_has_moved_is_told_and_loudly_on_a_plain_start(
    settable: bool, loud: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node = Node("tha-li", ahead=timedelta(days=37, hours=2, minutes=1), settable=settable)
    greeted(node, tmp_path, monkeypatch)
    said = capsys.readouterr().err
    assert "37 d 2 h ahead of the machine's" in said
    assert ("WARNING" in said) == ("./handoff clock --machine" in said) == loud


def test_an_unmoved_clock_is_not_mentioned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    greeted(Node("tha-li"), tmp_path, monkeypatch)
    assert "the machine's" not in capsys.readouterr().err


def test_the_next_commands_leave_out_what_is_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HANDOFF_PORT", "8000")  # as the node itself has it; another terminal does not
    greeted(Node("tha-li"), tmp_path, monkeypatch)
    assert f"./handoff find --data {tmp_path}\n" in capsys.readouterr().err
    monkeypatch.setattr("services.client.local_api.default_folder", lambda: tmp_path)
    greeted(Node("tha-li"), tmp_path, monkeypatch)
    said = capsys.readouterr().err
    assert "./handoff find\n" in said
    assert "--port" not in said
    assert "--data" not in said


@pytest.mark.parametrize(
    ("language", "up", "clock"),
    [
        ("th", "ระบบพร้อมแล้ว: http://127.0.0.1:8000/readyz", "คำเตือน: การทดลองได้เลื่อนนาฬิกา"),
        ("lo", "ລະບົບພ້ອມແລ້ວ: http://127.0.0.1:8000/readyz", "ຄຳເຕືອນ: ການທົດລອງໄດ້ເລື່ອນໂມງ"),
    ],
    ids=["th", "lo"],
)
def test_whoever_starts_a_node_is_greeted_in_their_language(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    up: str,
    clock: str,
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    greeted(Node("tha-li", ahead=timedelta(days=37)), tmp_path, monkeypatch)
    said = capsys.readouterr().err
    assert up in said
    assert clock in said
    assert "terminal" not in said
    greeted(Node(), tmp_path, monkeypatch)
    assert "./handoff import FILE" in capsys.readouterr().err
