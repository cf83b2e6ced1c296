"""Monthly statements at the command line: each currency by itself, what is confirmed is what was shown."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.refusals import No, refusal
from deploy import command_line as cli
from services.cli import context
from services.client.answers import Refused
from services.client.formatting import width
from tests.support.answers import example
from tests.support.fake_node import FakeNode

VIEW = example("statements.answer.statement_view.v1")
SUMMARY = example("statements.answer.statement_summary.v1")
SAME = {"at": "2027-01-03T02:00:00Z", "same": True, "totals": VIEW["totals"]}
OTHER = SAME | {"same": False, "totals": VIEW["totals"][:1]}
MONTH = "--partner tha-li --month 2026-12"


class Node(FakeNode):
    """Has one month with Tha Li, told in pieces; remembers what it was asked."""

    view: dict[str, Any]
    piece: int
    asked: list[tuple[str, dict[str, Any]]]
    refuses: Refused | None

    def ask(self, name: str, fields: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:
        given = fields or {}
        self.asked.append((name, given))
        if name == "referral.show_statement":
            skip = given.get("skip", 0)
            return self.view | {"lines": self.view["lines"][skip : skip + self.piece]}
        if name == "referral.confirm_statement":
            if self.refuses:
                raise self.refuses
            return SUMMARY | {"ours": SAME}
        return {"items": [SUMMARY] if name == "referral.list_statements" else []}


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG", "HANDOFF_PORT", "HANDOFF_DATA"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    for name, value in {"view": VIEW, "piece": 200, "asked": [], "refuses": None}.items():
        object.__setattr__(node, name, value)
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def has(node: Node, **about: Any) -> None:
    object.__setattr__(node, "view", VIEW | about)


def run(line: str, acting: str = "bo-taen") -> int:
    return cli.main(["statement", *line.split(), "--as", acting])


def test_a_month_is_shown_direction_by_direction(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(MONTH) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "bo-taen – tha-li, December 2026",
        "",
        "You owe tha-li 76,500.00 LAK",
        "  2026-12-14 – 2026-12-15  2 adults, 1 child  …000001",
        "    1,530,000.00 LAK; fee 5 %: 76,500.00 LAK",
        "  1 visit: 1,530,000.00 LAK",
        "",
        "tha-li owes you 184.00 THB",
        "  2026-12-22  4 adults  …000002",
        "    3,680.00 THB; fee 5 %: 184.00 THB",
        "  1 visit: 3,680.00 THB",
        "",
        "Each currency by itself. Nothing is set off.",
        "You have not confirmed it yet.",
        "tha-li confirmed the same figures on 2027-01-02.",
        "  ./handoff statement --as bo-taen --partner tha-li --month 2026-12 --confirm",
    ]
    assert max(map(width, shown[:-1])) <= 60
    assert [name for name, _ in node.asked if "statement" in name] == ["referral.show_statement"]


def test_the_other_side_owes_what_we_are_owed(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    has(node, partner="bo-taen")
    assert run("--partner bo-taen --month 2026-12", "tha-li") == 0
    shown = capsys.readouterr().out
    assert "bo-taen owes you 76,500.00 LAK" in shown
    assert "You owe bo-taen 184.00 THB" in shown


def test_what_is_confirmed_is_what_was_shown(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"{MONTH} --confirm") == 0
    (said,) = [fields for name, fields in node.asked if name == "referral.confirm_statement"]
    assert said == {"partner": "tha-li", "month": "2026-12", "digest": VIEW["digest"]}
    shown = capsys.readouterr().out
    assert "You confirmed it on 2027-01-03." in shown
    assert "--confirm" not in shown


def test_a_refusal_names_the_option_and_what_to_do(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    no = refusal(No.TOO_EARLY, "month_runs_on", "month", day="2027-01-01")
    object.__setattr__(node, "refuses", Refused(no))
    assert run(f"{MONTH} --confirm") == 1
    assert "--month: the month is not over: confirm it from 2027-01-01 on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("about", "said", "offered"),
    [
        ({"over": False}, "The month is not over yet.", False),
        ({"under_way": 2}, "2 visits of this month are not completed yet: the figures may change.", True),
        ({"ours": SAME}, "You confirmed it on 2027-01-03.", False),
        ({"ours": OTHER}, "You confirmed other figures on 2027-01-03: they have changed since.", True),
        ({"theirs": OTHER}, "tha-li confirmed other figures on 2027-01-03: call them.", True),
        ({"theirs": OTHER}, "Confirmed on 2027-01-03: You owe tha-li 76,500.00 LAK (1 visit: 1,530,000.00 LAK)", True),
        ({"theirs": None}, "tha-li has not confirmed it yet.", True),
        ({"lines": [], "totals": [], "count": 0}, "No visit with tha-li was completed in this month.", False),
    ],
)
def test_a_month_tells_what_may_change_and_who_has_confirmed_what(
    node: Node, capsys: pytest.CaptureFixture[str], about: dict[str, Any], said: str, *, offered: bool
) -> None:
    has(node, **about)
    assert run(MONTH) == 0
    shown = capsys.readouterr().out
    assert said in " ".join(shown.split())
    assert ("--confirm" in shown) is offered


def test_a_long_month_is_fetched_to_its_last_line(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    object.__setattr__(node, "piece", 1)
    assert run(MONTH) == 0
    assert "…000002" in capsys.readouterr().out
    assert [fields.get("skip") for name, fields in node.asked if name == "referral.show_statement"] == [None, 1]


def test_months_are_listed_with_what_is_owed_and_confirmed(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--partner tha-li") == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-12  tha-li",
        "  You owe tha-li 76,500.00 LAK",
        "  tha-li owes you 184.00 THB",
        "  You have not confirmed it yet.",
        "  tha-li confirmed the same figures on 2027-01-02.",
    ]
    assert ("referral.list_statements", {"partner": "tha-li", "limit": 50}) in node.asked


@pytest.mark.parametrize("line", ["--month 2026-12", "--confirm", "--partner tha-li --confirm"])
def test_it_is_said_which_month_with_whom(node: Node, capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert run(line) == 2
    assert "--partner" in capsys.readouterr().err
    assert node.asked == []
