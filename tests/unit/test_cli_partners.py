"""Partnerships at the command line: proposed on terms, agreed after a look at the fingerprints, paused, ended."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from contracts.messages import message_type
from contracts.refusals import Refusal
from deploy import command_line as cli
from services.cli import context
from services.client.answers import refused
from tests.support.answers import example
from tests.support.fake_node import FakeNode

OURS, THEIRS, STRANGER = "3f7a 09c1 d2e4 5b68 a7f0", "00c1 4b5d 6e7f 8091 a2b3", "ffff 4b5d 6e7f 8091 a2b3"
TERMS: dict[str, Any] = {
    "valid_from": "2027-01-04", "valid_to": None, "referral_fee_percent": "5.00", "response_hours": 12,
    "max_open_handoffs": 20, "pool_share_percent": 100, "auto_accept": False, "crossings": [], "border": True,
}  # fmt: skip
PROPOSED = {
    "partner": "tha-li", "state": "proposed", "awaits_us": True, "terms": TERMS, "since": "2027-01-04T02:00:00Z",
    "partnership_id": "01a1fb8e-2bdd-78ff-b0e6-3151275262fc", "our_fingerprint": OURS, "their_fingerprint": THEIRS,
}  # fmt: skip


class Node(FakeNode):
    """Holds one partnership; an act answers with `after`. Every question must be one that a contract allows."""

    before: dict[str, Any]
    after: dict[str, Any]
    acts: list[tuple[str, dict[str, Any]]]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        wanted = contract.model_validate(fields or {}).wire()
        if name == "community.list_partnerships":
            return {"items": [self.before] if self.before else []}
        if name == "node.ask_standing":
            return example("node.answer.standing.v1", now="2027-01-03T18:00:00Z")
        if not name.endswith("_partnership"):
            raise refused(Refusal.read({"code": "unavailable", "message": "not now"}))
        assert options["acting"] == "bo-taen"
        self.acts.append((name.removeprefix("community."), wanted))
        return self.after


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    for name, value in {"before": PROPOSED, "after": agreed(), "acts": []}.items():
        object.__setattr__(node, name, value)
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def agreed(**other: Any) -> dict[str, Any]:
    return PROPOSED | {"state": "agreed", "awaits_us": False} | other


def run(line: str) -> int:
    return cli.main(["partners", *line.split(), "--as", "bo-taen"])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


# agreed to


def test_whoever_agrees_sees_both_fingerprints_and_the_terms_before(
    node: Node, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("perhaps\nyes\n"))
    assert run("agree tha-li") == 0
    assert node.acts == [("agree_partnership", {"partner": "tha-li"})]
    told = said(capsys)
    for shown in (f"they sign as {THEIRS}", f"you sign as {OURS}", "referral fee 5 %", "Call them"):
        assert told.index(shown) < told.index("You are partners")


@pytest.mark.parametrize(("typed", "left"), [("no\n", 1), ("", 2)], ids=["no", "nothing"])
def test_nothing_is_agreed_without_a_yes(node: Node, monkeypatch: pytest.MonkeyPatch, typed: str, left: int) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert run("agree tha-li") == left
    assert node.acts == []


def test_a_yes_may_be_given_at_once_and_the_proposal_is_shown_beside_the_answer(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("agree tha-li --yes --json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == agreed()
    assert THEIRS in told.err
    assert len(node.acts) == 1


@pytest.mark.parametrize(
    "other", [{"their_fingerprint": STRANGER}, {"terms": TERMS | {"referral_fee_percent": "30.00"}}]
)
def test_a_proposal_that_became_another_meanwhile_is_said_with_how_to_end_it(
    node: Node, capsys: pytest.CaptureFixture[str], other: dict[str, Any]
) -> None:
    object.__setattr__(node, "after", agreed(**other))
    assert run("agree tha-li --yes") == 1
    assert "./handoff partners end tha-li --as bo-taen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ({}, "no proposal of tha-li waits for your word."),
        (agreed(), "no proposal of tha-li waits for your word (it is agreed)."),
        (PROPOSED | {"their_fingerprint": None}, "the key of their proposal counts no more"),
    ],
)
def test_what_cannot_be_compared_is_not_agreed_to(
    node: Node, capsys: pytest.CaptureFixture[str], before: dict[str, Any], sentence: str
) -> None:
    object.__setattr__(node, "before", before)
    assert run("agree tha-li --yes") == 2
    assert node.acts == []
    assert sentence in capsys.readouterr().err


# proposed


def test_a_proposal_has_usual_terms_from_today_on(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    object.__setattr__(node, "after", PROPOSED | {"awaits_us": False, "their_fingerprint": None})
    assert run("propose tha-li") == 0
    ((_, wanted),) = node.acts
    usual = {"referral_fee_percent": "0.00", "border": False}
    assert wanted["terms"] == TERMS | usual, "at one in the morning, by the clock of both countries"
    told = said(capsys)
    for shown in (f"you sign as {OURS}", "waits for their word", "Call them", "Theirs comes with their answer"):
        assert shown in told


def test_a_proposal_carries_every_term_that_was_given(node: Node) -> None:
    line = (
        "propose tha-li --from 2027-02-01 --until 2027-12-31 --fee-percent ๗.๕ --answer-hours 6 --max-open 3 "
        "--pool-share 50 --auto-accept --crossing na-kraseng --crossing tha-li-pier"
    )
    assert run(line) == 0
    ((_, wanted),) = node.acts
    assert wanted["terms"] == {
        "valid_from": "2027-02-01", "valid_to": "2027-12-31", "referral_fee_percent": "7.50", "response_hours": 6,
        "max_open_handoffs": 3, "pool_share_percent": 50, "auto_accept": True,
        "crossings": ["na-kraseng", "tha-li-pier"], "border": True,
    }  # fmt: skip


# listed, paused, ended


def test_partners_are_listed_with_how_they_stand(capsys: pytest.CaptureFixture[str], node: Node) -> None:
    assert run("") == 0
    told = said(capsys)
    assert "tha-li proposed, waits for your word" in told
    assert "crossing any" in told
    assert run("list --json") == 0
    assert json.loads(capsys.readouterr().out) == {"items": [node.before]}


@pytest.mark.parametrize(
    ("line", "asks", "state", "told"),
    [
        ("suspend", ("suspend_partnership", {"resume": False}), "suspended", "No new offers"),
        ("resume", ("suspend_partnership", {"resume": True}), "agreed", "You are partners"),
        ("end", ("end_partnership", {}), "ended", "Nothing is agreed any more"),
    ],
)
def test_an_act_asks_for_what_it_says(
    node: Node,
    capsys: pytest.CaptureFixture[str],
    line: str,
    asks: tuple[str, dict[str, Any]],
    state: str,
    told: str,
) -> None:
    object.__setattr__(node, "after", agreed(state=state))
    assert run(f"{line} tha-li") == 0
    assert node.acts == [(asks[0], {"partner": "tha-li"} | asks[1])]
    assert told in said(capsys)


@pytest.mark.parametrize(
    ("language", "waits", "terms"),
    [
        ("th", "tha-li เสนอแล้ว รอคำตอบจากคุณ", "ตอบภายใน 12 ชม.; ค่าแนะนำ 5 %"),
        ("lo", "tha-li ສະເໜີແລ້ວ ລໍຖ້າຄຳຕອບຈາກທ່ານ", "ຕອບພາຍໃນ 12 ຊມ; ຄ່າແນະນຳ 5 %"),
    ],
    ids=["th", "lo"],
)
def test_a_proposal_is_told_in_the_language_of_the_reader(
    node: Node,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    waits: str,
    terms: str,
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    assert run("") == 0
    shown = said(capsys)
    assert waits in shown
    assert terms in shown
    assert THEIRS in shown
    object.__setattr__(node, "before", {})
    assert run("agree tha-li --yes") == 2
    assert "waits" not in capsys.readouterr().err


# refused


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("suspend", "PARTNER: say with whom: partners suspend PARTNER"),
        ("list tha-li", "PARTNER: list shows all"),
        ("agree tha-li --fee-percent 3", "terms go with propose, not with agree"),
        ("end tha-li --yes", "--yes does not go with end"),
        ("propose tha-li --from 2027-01-02 --until 2027-01-01", "--until: must not be before --from"),
    ],
)
def test_what_does_not_go_together_is_one_sentence_and_2(
    node: Node, capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    assert run(line) == 2
    assert node.acts == []
    assert capsys.readouterr().err.startswith(f"handoff: {sentence}")


@pytest.mark.parametrize("line", ["--fee-percent 100", "--fee-percent -1", "--answer-hours 0", "--pool-share 101"])
def test_a_term_out_of_bounds_names_its_option(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(f"propose tha-li {line}")
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith(f"handoff: {line.partition(' ')[0]}: ")


def test_a_refusal_says_where_to_look() -> None:
    no = refused(
        Refusal.read(
            {"code": "wrong_state", "field": "partner", "message": "the partnership is agreed: suspend it, or end it"}
        )
    )
    said = "PARTNER: the partnership is agreed: suspend it, or end it\n  ./handoff partners --as COMMUNITY"
    assert context.refused(no).startswith(said)
