"""A file is stated through the local API, or refused in the reader's language with every mistake by its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.messages import message_type
from deploy import command_line as cli
from deploy.demo import data
from services.cli.verbs import importing
from services.client.local_api import LocalApi
from tests.support.answers import example
from tests.support.fake_node import FakeNode


class Node(FakeNode):
    """Records what it is told; every proposal has crossed at once."""

    told: list[tuple[str, str | None]]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None
        wanted = contract.model_validate(fields or {}).wire()
        acting = options.get("acting")
        self.told.append((name, acting))
        if name == "community.publish_offering":
            return example("community.answer.offering_recorded.v1")
        if name == "referral.keep_crossings":
            return {"added": 2, "superseded": 1, "unchanged": 0}
        waits = example("community.answer.partnership_view.v1", state="proposed", awaits_us=True)
        if name == "community.list_partnerships":
            proposed = [one for one, by in self.told if one == "community.propose_partnership" and by != acting]
            return {"items": [waits | {"partner": self.told[-2][1] or "tha-li"}] if proposed else []}
        assert wanted["partner"] != acting
        return waits


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    object.__setattr__(node, "told", [])
    monkeypatch.setattr(LocalApi, "of", lambda *_: node)
    return node


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "3 rows of crossings and rules: 2 new, 1 in the place of older ones, 0 as they were"),
        ("th", "ด่านและกฎ 3 รายการ: ใหม่ 2, แทนรายการเก่า 1, เหมือนเดิม 0"),
        ("lo", "ດ່ານແລະລະບຽບ 3 ລາຍການ: ໃໝ່ 2, ແທນລາຍການເກົ່າ 1, ຄືເກົ່າ 0"),
    ],
    ids=["en", "th", "lo"],
)
def test_a_file_of_crossings_is_kept_and_counted(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, says: str
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    assert cli.main(["import", str(data.CROSSINGS)]) == 0
    assert node.told == [("referral.keep_crossings", None)]
    assert " ".join(capsys.readouterr().out.split()) == says


def test_partners_propose_and_agree_once_the_proposal_has_crossed(node: Node) -> None:
    network = data.communities()
    first, second, _ = network.partnerships[0]
    one = network.__class__(
        offerings=network.offerings[:1], partnerships=network.partnerships[:1], scenarios=[], counts={}, not_used_yet=()
    )
    said = list(importing.send(node, one))
    acts = [told for told in node.told if told[0] != "community.list_partnerships"]
    assert acts == [
        ("community.publish_offering", None),
        ("community.propose_partnership", first),
        ("community.agree_partnership", second),
    ]
    assert said == ["1 community stated what is on offer", "1 partnership agreed"]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "gone: is no section of such a file: remove it, or use one of"),
        ("th", "gone: ไม่ใช่ส่วนของไฟล์แบบนี้"),
        ("lo", "gone: ບໍ່ແມ່ນສ່ວນຂອງໄຟລ໌ແບບນີ້"),
    ],
    ids=["en", "th", "lo"],
)
def test_a_file_that_is_not_taken_is_told_by_its_place(
    node: Node,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    says: str,
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    (tmp_path / "bad.json").write_text(json.dumps({"gone": [], "communities": []}))
    assert cli.main(["import", str(tmp_path / "bad.json")]) == 2
    assert says in capsys.readouterr().err
    assert node.told == []


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "prices.csv, row 2, column unit: must be one of adult, child, item"),
        ("th", "prices.csv แถว 2 คอลัมน์ unit: ต้องเป็นหนึ่งใน adult, child, item"),
        ("lo", "prices.csv ແຖວ 2 ຖັນ unit: ຕ້ອງເປັນໜຶ່ງໃນ adult, child, item"),
    ],
    ids=["en", "th", "lo"],
)
def test_a_table_is_refused_by_row_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, says: str
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    offering = next(one for one in data.communities().offerings if one.offering.community.id == "bo-taen").offering
    monkeypatch.setattr(LocalApi, "of", lambda *_: FakeNode(8000, "token"))
    monkeypatch.setattr(importing, "_known", lambda *_: offering)
    (tmp_path / "prices.csv").write_text("experience,unit,amount\nbo-taen.homestay,elder,5\n", encoding="utf-8")
    assert cli.main(["import", str(tmp_path / "prices.csv")]) == 2
    assert says in capsys.readouterr().err
