"""An agency's software hands parties over under `/v1`, from what partners offer to what waits for the traveller."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.node.v1 import ListAudit
from contracts.referral.v1 import AcceptHandoff, CounterHandoff, ShowHandoff
from contracts.values import Item
from deploy.demo import queries
from tests.support.octo.node import AgencyNode, key_of
from tests.support.octo.own import Own

FROM, TO = "tha-li", "bo-taen"
TUESDAY = 1
MARKET, STAY = "bo-taen.morning-market", "bo-taen.homestay"


@pytest.fixture
def own(node: AgencyNode) -> Own:
    return Own(node, node.keys["mekong-trails"])


@pytest.fixture
def day(node: AgencyNode) -> date:
    """A Tuesday in some weeks, as far as partners share their days."""
    soon = queries.now(node.client).date() + timedelta(weeks=3)
    return soon + timedelta((TUESDAY - soon.weekday()) % 7)


def wish(day: date, **given: Any) -> dict[str, Any]:
    """Two guests of the agency, for two nights."""
    items = [{"product_id": STAY, "day": f"{day}", "nights": 2}]
    usual = {"uuid": str(uuid.uuid4()), "community": FROM, "partner": TO, "party": {"adults": 2}, "items": items}
    return usual | {"language": "th", "crossing": "na-kraseng"} | given


def reaches(own: Own, ref: str, state: str) -> Any:
    """How it stands, once it stands so."""
    own.node.until(lambda: own.get(f"/handoffs/{ref}")["state"] == state, f"the handoff to be {state}")
    own.node.quiet()
    return own.get(f"/handoffs/{ref}")


def by_whom(handoff: Any) -> dict[str, str]:
    return {one["act"]: one["by"] for one in handoff["next_acts"]}


def test_from_what_a_partner_offers_to_the_word_of_the_traveller(own: Own, day: date) -> None:
    (partner,) = own.all_pages(f"/communities/{FROM}/partners")
    assert (partner["id"], partner["currency"]) == (TO, "LAK")
    assert STAY in {offer["product_id"] for offer in partner["offers"]}
    assert own.get(f"/communities/{FROM}/partners/{TO}") == partner
    as_of = own.get(f"/communities/{FROM}/partners/{TO}/availability", first=f"{day}", last=f"{day}")["as_of"]
    first = date.fromisoformat(as_of[:10]) + timedelta(weeks=1)
    days = {"first": f"{first}", "last": f"{first + timedelta(6)}"}
    shared = own.get(f"/communities/{FROM}/partners/{TO}/availability", **days)["days"]
    assert {one["product_id"] for one in shared} >= {STAY, MARKET}
    assert {one["day"] for one in shared} == {f"{first + timedelta(n)}" for n in range(7)}
    assert any(one["available"] for one in shared)

    asked = wish(day)
    offered = own.post("/handoffs", asked)
    assert (offered["uuid"], offered["community"], offered["partner"]) == (asked["uuid"], FROM, TO)
    held = reaches(own, asked["uuid"], "held")
    assert (held["waits_for"], by_whom(held)) == ("receiver", {"withdraw": "agency"})
    assert held["quote"]["total"]["currency"] == "LAK"

    own.node.client.send(AcceptHandoff(referral=held["reference"]), acting=TO)
    accepted = reaches(own, asked["uuid"], "accepted")
    assert accepted["waits_for"] == "sender"
    assert by_whom(accepted) == {"consent": "community", "refuse_consent": "community", "withdraw": "agency"}
    ours, theirs = (own.node.client.send(ShowHandoff(referral=held["reference"]), acting=one) for one in (FROM, TO))
    assert (ours.agency, ours.story[0].agency, ours.story[0].account) == ("mekong-trails", "mekong-trails", None)
    assert (theirs.agency, theirs.agency_ref) == (None, None)
    lines = own.node.client.send(ListAudit(community=FROM), service="referral").items
    prefix = own.key.partition(".")[0]
    assert f"agency:{prefix}" in {line.who for line in lines if line.what == "agency_offered"}

    taken_back = own.post(f"/handoffs/{asked['uuid']}/withdraw", {"reason": "party_changed_mind"})
    assert (taken_back["state"], taken_back["next_acts"]) == ("withdrawn", [])
    own.problem("wrong-state", "POST", f"/handoffs/{asked['uuid']}/withdraw")


def test_another_day_that_the_partner_offers_is_taken(own: Own, day: date) -> None:
    asked = wish(day, items=[{"product_id": MARKET, "day": f"{day}"}])
    own.post("/handoffs", asked)
    held = reaches(own, asked["uuid"], "held")
    other = Item(experience_id=MARKET, day=day + timedelta(1))
    own.node.client.send(CounterHandoff(referral=held["reference"], items=(other,)), acting=TO)
    countered = reaches(own, asked["uuid"], "countered")
    assert [item["day"] for item in countered["counter_items"]] == [f"{day + timedelta(1)}"]
    assert by_whom(countered)["take_counter"] == "agency"
    own.problem("wrong-state", "POST", f"/handoffs/{asked['uuid']}/take-counter", {"round": 2})
    own.post(f"/handoffs/{asked['uuid']}/take-counter", {"round": countered["round"]})
    assert reaches(own, asked["uuid"], "accepted")["items"][0]["day"] == f"{day + timedelta(1)}"
    window = {"day": f"{day + timedelta(1)}", "earliest": "20:00", "latest": "21:00"}
    own.problem("wrong-state", "POST", f"/handoffs/{asked['uuid']}/delay", {"arrival": window})
    own.post(f"/handoffs/{asked['uuid']}/withdraw")


def test_one_uuid_is_one_handoff_and_one_key_one_answer(own: Own, day: date) -> None:
    asked, key = wish(day), {"Idempotency-Key": str(uuid.uuid4())}
    first = own.post("/handoffs", asked, key)
    assert own.post("/handoffs", asked, key) == first
    assert own.post("/handoffs", asked)["reference"] == first["reference"]
    second = replace(own, key=key_of(own.node.client, "mekong-trails"))  # the key that is to replace it
    assert second.post("/handoffs", asked)["reference"] == first["reference"]
    said = own.problem("uuid-used", "POST", "/handoffs", asked | {"language": "lo"})
    assert (said["field"], said["reason"]) == ("uuid", "own_id_used_for_other")
    own.problem("idempotency-key-reused", "POST", "/handoffs", wish(day), headers=key)
    again = {"Idempotency-Key": str(uuid.uuid4())}
    withdrawn = own.post(f"/handoffs/{asked['uuid']}/withdraw", {"reason": "weather"}, again)
    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "weather")
    assert own.post(f"/handoffs/{asked['uuid']}/withdraw", {"reason": "weather"}, again) == withdrawn


def test_the_list_has_pages_and_tags_and_its_own_alone(own: Own, day: date) -> None:
    asked = [wish(day) for _ in range(3)]
    for one in asked:
        own.post("/handoffs", one)
    newest = [one["uuid"] for one in reversed(asked)]
    assert [one["uuid"] for one in own.all_pages("/handoffs", open_only=True, limit=1)] == newest
    assert [one["uuid"] for one in own.all_pages("/handoffs", limit=2, community=FROM)][:3] == newest
    assert own.all_pages("/handoffs", community=TO) == []
    said = own.problem("refused", "POST", "/handoffs", wish(day))
    assert said["reason"] == "too_many_handed_over"
    own.node.quiet()
    answer = own.call("GET", f"/v1/handoffs/{newest[0]}")
    same = own.call("GET", f"/v1/handoffs/{newest[0]}", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    other = replace(own, key=own.node.keys["slow-travel"])
    assert other.get("/handoffs") == {"items": [], "next": None}
    for method, path, body in (
        ("GET", "", None), ("POST", "/withdraw", None), ("POST", "/take-counter", {"round": 1}),
    ):  # fmt: skip
        other.problem("not-found", method, f"/handoffs/{newest[0]}{path}", body)
    for ref in newest:
        own.post(f"/handoffs/{ref}/withdraw")


def test_who_may_not_hand_over_does_not(own: Own, day: date) -> None:
    other = replace(own, key=own.node.keys["slow-travel"])
    assert other.problem("forbidden", "POST", "/handoffs", wish(day))["reason"] == "not_authorised"
    assert other.problem("forbidden", "GET", f"/communities/{FROM}/partners")["reason"] == "not_authorised"
    said = own.problem("forbidden", "POST", "/handoffs", wish(day, partner="dan-sai"))
    assert (said["field"], said["reason"]) == ("partner", "partner_not_authorised")
    books = replace(own, key=key_of(own.node.client, "slow-travel", ("read", "book")))
    assert "hand-over" in books.problem("forbidden", "POST", "/handoffs", wish(day))["detail"]
    for path in ("/handoffs", f"/communities/{FROM}/partners"):
        assert "hand-over" in books.problem("forbidden", "GET", path)["detail"]
    own.problem("no-trial", "POST", "/handoffs", wish(day), headers={"Octo-Env": "test"})


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        ({"colour": "red"}, "unknown-field", "colour"),
        ({"uuid": "x"}, "invalid-request", "uuid"),
        ({"party": {"adults": 0}}, "invalid-request", "party.adults"),
        ({"items": []}, "invalid-request", "items"),
        ({"items": [{"product_id": STAY, "day": "2027-02-02", "start": "25:00"}]}, "invalid-request", "items.0.start"),
        ({"items": [{"product_id": STAY, "day": "2027-01-07"}]}, "invalid-request", "items.0.day"),
        ({"language": "xx"}, "invalid-request", "language"),
        ({"crossing": "nowhere"}, "invalid-request", "crossing"),
        ({"arrival": {"day": "2028-05-01", "earliest": "08:00", "latest": "09:00"}}, "invalid-request", "arrival.day"),
    ],
)
def test_what_is_wrong_is_named(own: Own, day: date, given: dict[str, Any], kind: str, field: str) -> None:
    assert own.problem(kind, "POST", "/handoffs", wish(day, **given))["field"] == field


def test_a_cursor_that_somebody_made_up_is_refused(own: Own) -> None:
    own.problem("bad-cursor", "GET", "/handoffs", cursor="WyJ4Il0")
