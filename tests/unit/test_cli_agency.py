"""The verb `agency`: keys are made and shown here, and the node gets digests; either side speaks."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from contracts.agencies.v1 import AgreementView
from contracts.messages import message_type
from contracts.refusals import No, Refusal, refusal
from deploy import command_line as cli
from services.cli import context, outcome
from services.cli.views import agency_view
from services.client.answers import refused
from services.client.phrases.catalogue import Phrases
from tests.support.answers import example
from tests.support.fake_node import FakeNode

AGENCY = example("agencies.answer.agency_view.v1")
AGREEMENT = example("agencies.answer.agreement_view.v1")
KEY = example("agency_api.answer.key_view.v1")
NOBODY: Refusal = refusal(No.UNKNOWN, "no_such_agency", "agency", agency="mekong-tours")
ANSWERS = {
    "community.add_agency": AGENCY,
    "community.propose_agreement": AGREEMENT,
    "community.agree_agreement": AGREEMENT | {"state": "agreed", "in_force": AGREEMENT["terms"]},
    "community.end_agreement": AGREEMENT | {"state": "ended", "in_force": None},
    "agency_api.revoke_key": KEY | {"revoked_at": "2026-12-02T03:00:00Z"},
}
LISTS = {
    "community.list_agencies": [AGENCY],
    "community.list_agreements": [AGREEMENT],
    "agency_api.list_keys": [KEY],
}


class Node(FakeNode):
    """Holds one agency with one key and one agreement; its edge hears of the agency after `late` tries."""

    asked: list[tuple[str, dict[str, Any], str | None]]
    late: list[int]

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        contract = message_type(f"{name}.v1")
        assert contract is not None, name
        wanted = contract.model_validate(fields or {}).wire()
        if name == "node.ask_standing":
            return example("node.answer.standing.v1", now="2026-11-30T18:00:00Z")
        if name in LISTS:
            self.asked.append((name, wanted, options.get("acting")))
            return {"items": LISTS[name]}
        if name == "agency_api.add_key" and self.late:
            self.late.pop()
            raise refused(NOBODY)
        self.asked.append((name, wanted, options.get("acting")))
        if name == "agency_api.add_key":
            made = {each: wanted[each] for each in ("agency", "prefix", "scopes", "expires_at")}
            return KEY | made | {"last_used": None}
        return ANSWERS[name]


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    for name in ("HANDOFF_AS", "HANDOFF_LANG", "LANG"):
        monkeypatch.delenv(name, raising=False)
    node = Node(8000, "token")
    object.__setattr__(node, "asked", [])
    object.__setattr__(node, "late", [])
    monkeypatch.setattr(context, "client", lambda _: node)
    return node


def run(line: str) -> int:
    """The code that it leaves with."""
    try:
        return cli.main(["agency", *line.split()])
    except SystemExit as ended:
        return int(ended.code or 0)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


# agencies and keys


def test_an_agency_is_added_by_its_name_and_listed(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agency", "add", "mekong-tours", "--name", "Mekong Tours"]) == 0
    assert node.asked == [("community.add_agency", {"agency": "mekong-tours", "name": "Mekong Tours"}, None)]
    assert run("list") == 0
    assert "mekong-tours Mekong Tours" in said(capsys)
    assert run("add Mekong --name Mekong") == 2


@pytest.mark.parametrize(
    ("options", "scopes", "until"),
    [
        ("", ["read", "book"], None),
        ("--scope hand-over", ["read", "book", "hand-over"], None),
        ("--scope read --expires 2027-12-31", ["read"], "2027-12-31T17:00:00Z"),
    ],
)
def test_a_key_is_shown_once_and_the_node_gets_its_digest_alone(
    node: Node, capsys: pytest.CaptureFixture[str], options: str, scopes: list[str], until: str | None
) -> None:
    assert run(f"key mekong-tours {options} --json") == 0
    told = json.loads(capsys.readouterr().out)
    prefix, _dot, secret = told["key"].partition(".")
    assert re.fullmatch(r"[a-z2-7]{10}", prefix)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    wanted = {"agency": "mekong-tours", "prefix": prefix, "digest": digest, "scopes": scopes, "expires_at": until}
    assert node.asked == [("agency_api.add_key", wanted, None)]
    assert secret not in json.dumps(node.asked)


def test_no_two_keys_are_the_same_and_one_is_read_by_people_too(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("key mekong-tours") == run("key mekong-tours") == 0
    told = capsys.readouterr().out
    assert len(set(re.findall(r"^[a-z2-7]{10}\.[\w-]{43}$", told, re.MULTILINE))) == 2
    assert "shown this once" in told
    assert len(node.asked) == 2


def test_a_key_for_an_agency_that_was_just_added_waits_until_it_is_known(node: Node) -> None:
    node.late.extend((1, 2))
    assert run("key mekong-tours") == 0
    assert [name for name, _, _ in node.asked][-1] == "agency_api.add_key"


def test_a_key_for_nobody_is_refused(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node.late.extend((1, 2))
    monkeypatch.setitem(LISTS, "community.list_agencies", [])
    assert run("key mekong-tours") == outcome.REFUSED
    assert "AGENCY: there is no agency mekong-tours" in " ".join(capsys.readouterr().err.split())


def test_keys_are_listed_and_revoked_by_their_prefix(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("keys mekong-tours") == run("keys") == 0
    assert [asked for _, asked, _ in node.asked] == [{"agency": "mekong-tours"}, {"agency": None}]
    assert run(f"revoke {KEY['prefix']}") == 0
    told = said(capsys)
    assert "books; good until 2027-12-01 00:00; last used on 2026-12-01 08:02" in told
    assert "revoked on 2026-12-02 10:00" in told


def test_a_secret_that_was_typed_by_mistake_is_not_repeated(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"revoke {KEY['prefix']}.c2VjcmV0") == 2
    told = capsys.readouterr()
    assert "c2VjcmV0" not in told.out + told.err
    assert node.asked == []


# agreements


def proposed(node: Node) -> tuple[dict[str, Any], str | None]:
    """What was proposed, after a look at how the two stand."""
    (looked, _, _), (name, wanted, acting) = node.asked
    assert (looked, name) == ("community.list_agreements", "community.propose_agreement")
    return wanted, acting


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is between the two."""
    monkeypatch.setitem(LISTS, "community.list_agreements", [AGREEMENT | {"state": "ended", "in_force": None}])


@pytest.mark.usefixtures("nothing")
def test_a_community_proposes_usual_terms_from_today_on(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("propose mekong-tours --as bo-taen --percent 15") == 0
    terms = AGREEMENT["terms"] | {
        "valid_from": "2026-12-01", "valid_to": None, "rate": "commission", "percent": "15.00", "cutoff_hours": 0,
        "confirmation": "instant", "answer_hours": 24, "allotments": [], "hand_over": None,
    }  # fmt: skip
    wanted = {"agency": "mekong-tours", "terms": terms, "side": None}
    assert proposed(node) == (wanted, "bo-taen"), "after midnight of both countries"
    assert "The agency’s terms wait for the community’s word." in said(capsys)


def test_a_proposal_carries_every_term_that_was_given(node: Node) -> None:
    line = (
        "propose mekong-tours --with bo-taen --percent ๑๒.๕ --net --on-request --answer-hours 6 --cutoff-hours 48 "
        "--from 2027-01-01 --to 2027-12-31 --allot bo-taen.homestay:๔:7 --allot bo-taen.raft:2 --hand-over 3:tha-li,nan"
    )
    assert run(line) == 0
    wanted, acting = proposed(node)
    assert (wanted["side"], acting) == ("agency", "bo-taen")
    assert wanted["terms"] == {
        "valid_from": "2027-01-01", "valid_to": "2027-12-31", "rate": "net", "percent": "12.50", "cutoff_hours": 48,
        "confirmation": "on_request", "answer_hours": 6,
        "allotments": [
            {"experience_id": "bo-taen.homestay", "places": 4, "release_days": 7},
            {"experience_id": "bo-taen.raft", "places": 2, "release_days": 14},
        ],
        "hand_over": {"partners": ["tha-li", "nan"], "most_open": 3},
    }  # fmt: skip


IN_FORCE: dict[str, Any] = {
    "valid_from": "2026-01-01", "valid_to": "2027-12-31", "rate": "net", "percent": "15.00", "cutoff_hours": 48,
    "confirmation": "on_request", "answer_hours": 6,
    "allotments": [
        {"experience_id": "bo-taen.homestay", "places": 4, "release_days": 7},
        {"experience_id": "bo-taen.raft", "places": 2, "release_days": 14},
    ],
    "hand_over": {"partners": ["tha-li"], "most_open": 3},
}  # fmt: skip
RAFT, STAY = IN_FORCE["allotments"][1], IN_FORCE["allotments"][0] | {"places": 5, "release_days": 14}


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("--allot bo-taen.homestay:5", {"allotments": [RAFT, STAY]}),
        ("--no-allot --allot bo-taen.homestay:5", {"allotments": [STAY]}),
        ("--no-allot --no-hand-over --no-end", {"allotments": [], "hand_over": None, "valid_to": None}),
        ("--no-net --no-on-request", {"rate": "commission", "confirmation": "instant"}),
        ("--percent 10 --answer-hours 12", {"percent": "10.00", "answer_hours": 12}),
    ],
)
@pytest.mark.parametrize("state", ["proposed", "agreed"])
def test_what_is_not_said_stays_as_it_is(
    node: Node, monkeypatch: pytest.MonkeyPatch, state: str, line: str, changed: dict[str, Any]
) -> None:
    monkeypatch.setitem(LISTS, "community.list_agreements", [AGREEMENT | {"state": state, "terms": IN_FORCE}])
    assert run(f"propose mekong-tours --as bo-taen {line}") == 0
    assert proposed(node)[0]["terms"] == IN_FORCE | changed


@pytest.mark.usefixtures("node")
def test_what_a_proposal_changes_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(LISTS, "community.list_agreements", [AGREEMENT | {"terms": IN_FORCE}])
    after = IN_FORCE | {"hand_over": None, "cutoff_hours": 24}
    monkeypatch.setitem(ANSWERS, "community.propose_agreement", AGREEMENT | {"terms": after})
    assert run("propose mekong-tours --as bo-taen --cutoff-hours 24 --no-hand-over") == 0
    told = said(capsys)
    assert "stays: net rate, 15 % less; from " in told
    assert "new: 24 hours of notice" in told
    assert "no more: 48 hours of notice; hands over 3 at a time" in told


@pytest.mark.parametrize(
    "line", ["--allot raft:2", "--allot bo-taen.raft", "--allot bo-taen.raft:0", "--hand-over tha-li"]
)
def test_what_is_kept_or_handed_over_in_no_such_words_is_refused_before_anybody_is_asked(node: Node, line: str) -> None:
    assert run(f"propose mekong-tours --as bo-taen {line}") == 2
    assert node.asked == []


def test_what_is_kept_is_told_with_the_terms() -> None:
    terms = AGREEMENT["terms"] | {
        "allotments": [{"experience_id": "bo-taen.homestay", "places": 4, "release_days": 14}],
        "hand_over": {"most_open": 3},
    }
    told = " ".join(agency_view.agreement(Phrases.of("en"), AgreementView.read(AGREEMENT | {"terms": terms})))
    assert "4 places of bo-taen.homestay kept until 14 days before" in " ".join(told.split())
    assert "hands over 3 at a time for the community, to all partners" in " ".join(told.split())


@pytest.mark.parametrize(
    ("line", "name", "wanted"),
    [
        ("agree mekong-tours --as bo-taen", "agree", {"terms": None, "side": None}),
        ("agree mekong-tours --with bo-taen", "agree", {"terms": None, "side": "agency"}),
        ("end mekong-tours --as bo-taen", "end", {"proposal_only": False, "side": None}),
        ("end mekong-tours --with bo-taen --proposal-only", "end", {"proposal_only": True, "side": "agency"}),
    ],
)
def test_either_side_agrees_and_ends(node: Node, line: str, name: str, wanted: dict[str, Any]) -> None:
    assert run(line) == 0
    assert node.asked == [(f"community.{name}_agreement", {"agency": "mekong-tours"} | wanted, "bo-taen")]


def test_whoever_acts_is_said_once_and_may_be_usual(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.main(["agency", "end", "mekong-tours", "--as", "bo-taen", "--json"]) == 0
    assert run("agree mekong-tours") == run("agree mekong-tours --as bo-taen --with bo-taen") == 2
    monkeypatch.setenv("HANDOFF_AS", "tha-li")
    assert run("agree mekong-tours") == run("agree mekong-tours --with bo-taen") == 0
    assert [(wanted["side"], acting) for _, wanted, acting in node.asked[1:]] == [
        (None, "tha-li"),
        ("agency", "bo-taen"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "propose mekong-tours --as bo-taen --percent 100",
        "propose mekong-tours --as bo-taen --cutoff-hours 9999",
        "propose mekong-tours --as bo-taen --from 2027-02-01 --to 2027-01-01",
    ],
)
def test_terms_that_nobody_can_keep_are_not_proposed(node: Node, line: str) -> None:
    assert run(line) == 2
    assert node.asked == []


@pytest.mark.usefixtures("nothing")
def test_hours_to_answer_go_with_bookings_on_request(node: Node) -> None:
    assert run("propose mekong-tours --as bo-taen --answer-hours 6") == 2
    assert [name for name, _, _ in node.asked] == ["community.list_agreements"]


@pytest.mark.parametrize(
    ("reason", "field", "told"),
    [
        ("nothing_to_keep_of", "terms.allotments.0.experience_id", "--allot: bo-taen offers no bo-taen.homestai"),
        ("hands_to_no_partner", "terms.hand_over.partners.0", "--hand-over: bo-taen has no agreed partnership with"),
        ("two_keys_are_live", "agency", "./handoff agency keys"),
    ],
)
def test_a_refusal_names_the_option_and_where_to_look(reason: str, field: str, told: str) -> None:
    named: dict[str, dict[str, Any]] = {
        "nothing_to_keep_of": {
            "community": "bo-taen",
            "experience_id": "bo-taen.homestai",
            "offered": ("bo-taen.tad",),
        },
        "hands_to_no_partner": {"community": "bo-taen", "partner": "wat-phu"},
        "two_keys_are_live": {"agency": "mekong-tours"},
    }
    assert told in context.refused(refused(refusal(No.WRONG_STATE, reason, field, **named[reason])))


def test_an_act_that_is_almost_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ad") == outcome.NOT_RUN
    assert "there is no verb agency ad; did you mean agency add?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "on request, answered within 24 h in force until the other side agrees: commission 15 %"),
        ("th", "ต้องรอชุมชนตอบ ภายใน 24 ชม. ใช้อยู่จนกว่าอีกฝั่งจะตกลง: ค่านายหน้า 15 %"),
        ("lo", "ຕ້ອງລໍຖ້າຊຸມຊົນຕອບ ພາຍໃນ 24 ຊມ. ໃຊ້ຢູ່ຈົນກວ່າອີກຝ່າຍຈະຕົກລົງ: ຄ່ານາຍໜ້າ 15 %"),
    ],
)
def test_what_waits_is_shown_with_what_is_in_force(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, shown: str
) -> None:
    monkeypatch.setenv("HANDOFF_LANG", language)
    assert run("agreements") == run("agreements --as bo-taen --json") == 0
    assert shown in said(capsys)
    assert [acting for _, _, acting in node.asked] == [None, "bo-taen"]
