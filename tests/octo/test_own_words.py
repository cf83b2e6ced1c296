"""`/v1`, our own words beside OCTO, as an agency's software meets it; what it finds is what OCTO's operations sell."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from contracts.agencies.v1 import AddAgency, AgreeAgreement, AgreementTerms, ProposeAgreement
from contracts.values import Money
from deploy.demo import queries
from tests.support.octo.node import AgencyNode, key_of
from tests.support.octo.own import Own

FIRST, LAST = date(2027, 2, 8), date(2027, 2, 21)
DAYS = {"first": f"{FIRST}", "last": f"{LAST}"}
MARKET, STAY = "bo-taen.morning-market", "bo-taen.homestay"
TERMS = {"valid_from": "2027-01-01", "percent": "12.50"}
NO_TERMS = {**TERMS, "percent": "x"}
KEEPS_TEXT = {**TERMS, "allotments": [{"experience_id": "bo-suak.walk", "places": "4"}]}
IN_TEXT = "terms.allotments.0.places"
KEPT_OF = "terms.allotments.0.experience_id"
KEEPS_ANOTHERS = {**TERMS, "allotments": [{"experience_id": MARKET, "places": 4}]}
KEEPS_TOO_MANY = {**TERMS, "allotments": [{"experience_id": MARKET, "places": 9_999}]}
TOO_MANY = "terms.allotments.0.places"
HANDS_TO_NOBODY = {**TERMS, "hand_over": {"partners": ["wat-phu"]}}
TO_NOBODY = "terms.hand_over.partners.0"
ASKED = {"product_ids": [MARKET], **DAYS}


@pytest.fixture
def own(node: AgencyNode) -> Own:
    return Own(node, node.keys["mekong-trails"])


@pytest.fixture(scope="module")
def newcomer(node: AgencyNode) -> Own:
    """An agency without agreements, that disturbs none of the others."""
    node.client.send(AddAgency(agency="border-walks", name="Border Walks"))
    node.until(lambda: queries.is_quiet(node.client), "the agency to be known")
    return Own(node, key_of(node.client, "border-walks"))


def test_every_product_that_is_found_can_be_taken_at_its_start_and_price(own: Own) -> None:
    found = own.all_pages("/search", adults=3, children=1, limit=2, **DAYS)
    assert {one["community"]["id"] for one in found} == {"bo-taen", "tha-li"}
    for one in found:
        units = [{"id": "adult", "quantity": 3}, {"id": "child", "quantity": 1}]
        if one["product_id"] in only_items(own):
            units = [{"id": "item", "quantity": 4}]
        asked = {"productId": one["product_id"], "optionId": one["option_id"], "units": units}
        asked |= {"availabilityIds": [one["start"]["availability_id"]]}
        (start,) = own.post("/octo/availability", asked, {"Octo-Capabilities": "octo/pricing"})
        assert start["available"], one["product_id"]
        assert start["localDateTimeStart"] == one["start"]["starts_at"]
        assert start["localDateTimeEnd"] == one["start"]["ends_at"]
        for which in ("retail", "net"):
            assert Money(**one["price"][which]).minor == start["pricing"][which]
        assert_nothing_before(own, asked, one)


def only_items(own: Own) -> set[str]:
    """Products of which a place costs the same for everybody."""
    products = own.call("GET", "/octo/products").json()
    return {one["id"] for one in products if "item" in {unit["id"] for unit in one["options"][0]["units"]}}


def assert_nothing_before(own: Own, asked: dict[str, Any], one: Any) -> None:
    """It is the first start that fits."""
    days = {"localDateStart": f"{FIRST}", "localDateEnd": one["start"]["day"]}
    said = {name: value for name, value in asked.items() if name != "availabilityIds"} | days
    starts = [each for each in own.post("/octo/availability", said) if each["available"]]
    assert min(each["id"] for each in starts) == one["start"]["availability_id"]


@pytest.mark.parametrize("text", ["โฮมสเตย์บ่อแตน", "ໂຮມສະເຕ ບໍ່ແຕນ", "bo taen HOMESTAY"])
def test_a_product_is_found_by_name_in_any_script(own: Own, text: str) -> None:
    assert [one["product_id"] for one in own.get("/search", adults=2, text=text, **DAYS)["items"]] == [STAY]


def test_what_is_looked_for_narrows_what_is_found(own: Own) -> None:
    def found(**query: Any) -> list[Any]:
        return own.all_pages("/search", **{"adults": 2, **DAYS, **query})

    assert {one["kind"] for one in found(kind=["homestay", "activity"])} == {"homestay", "activity"}
    assert {one["programme"] for one in found(programme="overnight")} == {"overnight"}
    near = found(near="17.5908,101.1823")
    assert near[0]["community"]["place"]["distance_km"] == 0.0
    assert near[-1]["community"]["id"] == "tha-li"
    assert {one["community"]["id"] for one in found(near="17.5908,101.1823", within_km=5)} == {"bo-taen"}
    assert found(language="fr") == []
    assert found(adults=100) == []
    two, one = (found(kind="homestay", nights=nights)[0] for nights in (2, 1))
    assert two["option_id"] == "2-nights"
    assert Money(**two["price"]["retail"]).minor == 2 * Money(**one["price"]["retail"]).minor


def test_calendars_say_of_each_day_what_octo_says(own: Own) -> None:
    asked = {"product_ids": [MARKET, STAY, "bo-suak.nothing", "nobody.at-all"], **DAYS, "party": {"adults": 2}}
    said = own.post("/calendars", asked)
    assert said["unknown"] == ["bo-suak.nothing", "nobody.at-all"]
    assert [one["product_id"] for one in said["calendars"]] == [MARKET, STAY]
    for one in said["calendars"]:
        days = {"localDateStart": f"{FIRST}", "localDateEnd": f"{LAST}", "units": [{"id": "adult", "quantity": 2}]}
        octo = own.post(
            "/octo/availability/calendar", {"productId": one["product_id"], "optionId": one["option_id"], **days}
        )
        ours = [(day["day"], day["available"], day["left"]) for day in one["days"]]
        assert ours == [(day["localDate"], day["available"], day["vacancies"]) for day in octo]
        assert one["price"] is not None
    assert all(one["price"] is None for one in own.post("/calendars", {**asked, "party": None})["calendars"])


def test_communities_are_told_with_their_terms_and_others_by_name_alone(own: Own) -> None:
    mine = own.all_pages("/communities", limit=1)
    assert [one["id"] for one in mine] == ["bo-taen", "tha-li"]
    assert mine[0]["agreement"]["percent"] == "15.00"
    assert STAY in {offer["product_id"] for offer in mine[0]["offers"]}
    others = own.all_pages("/communities", agreement="none", limit=4)
    assert len(others) == 13
    assert {name for one in others for name in one} == {"id", "name", "names", "place"}


def test_names_come_in_the_language_asked_for_and_in_all_three(own: Own) -> None:
    answer = own.call("GET", "/v1/communities", headers={"Accept-Language": "lo"})
    first = answer.json()["items"][0]
    assert answer.headers["content-language"] == "lo"
    assert first["name"] == first["names"]["lo"] == "ບໍ່ແຕນ"


@pytest.mark.parametrize("path", ["/communities", "/agreements", "/agreements/bo-taen", "/search"])
def test_who_has_an_answer_is_not_sent_it_again_until_it_changes(own: Own, path: str) -> None:
    query: dict[str, Any] = {"adults": 2, **DAYS} if path == "/search" else {}
    answer = own.call("GET", f"/v1{path}", **query)
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    again = own.call("GET", f"/v1{path}", headers={"If-None-Match": f'"other", {tag}'}, **query)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = own.call("GET", f"/v1{path}", headers={"If-None-Match": '"other"'}, **query)
    assert (other.status_code, other.content) == (200, answer.content)


def test_a_booking_changes_what_is_left_and_so_the_tag(own: Own) -> None:
    query: dict[str, Any] = {"adults": 2, "text": "Bo Taen homestay", "first": f"{LAST}", "last": f"{LAST}"}
    before = own.call("GET", "/v1/search", **query)
    (found,) = before.json()["items"]
    reserved = {
        "uuid": str(uuid.uuid4()), "productId": STAY, "optionId": found["option_id"],
        "availabilityId": found["start"]["availability_id"], "unitItems": [{"unitId": "adult"}, {"unitId": "adult"}],
    }  # fmt: skip
    held = own.post("/octo/bookings", reserved)
    assert held["status"] == "ON_HOLD"
    tag = {"If-None-Match": before.headers["etag"]}

    def after() -> httpx.Response:
        return own.call("GET", "/v1/search", headers=tag, **query)

    own.node.until(lambda: after().status_code == 200, "what is held to be seen")
    assert after().json()["items"][0]["left"] == found["left"] - 2
    own.post(f"/octo/bookings/{held['uuid']}/cancel", {})
    own.node.until(lambda: after().status_code == 304, "the places to be free")


@pytest.mark.parametrize(
    ("path", "query", "kind", "field"),
    [
        ("/search", {**DAYS, "adults": 2, "colour": "red"}, "unknown-field", "colour"),
        ("/communities", {"page": 2}, "unknown-field", "page"),
        ("/agreements/bo-taen", {"full": 1}, "unknown-field", "full"),
        ("/search", {"last": f"{LAST}", "adults": 2}, "invalid-request", "first"),
        ("/search", {**DAYS, "adults": 0}, "invalid-request", "adults"),
        ("/search", {"first": f"{LAST}", "last": f"{FIRST}", "adults": 2}, "invalid-request", "last"),
        ("/search", {"first": "2027-02-01", "last": "2027-03-04", "adults": 2}, "invalid-request", "last"),
        ("/search", {"first": "2570-02-01", "last": "2570-02-02", "adults": 2}, "invalid-request", "first"),
        ("/search", {**DAYS, "adults": 2, "near": "91,0"}, "invalid-request", "near"),
        ("/search", {**DAYS, "adults": 2, "within_km": 5}, "invalid-request", "within_km"),
        ("/communities", {"limit": 101}, "invalid-request", "limit"),
        ("/communities", {"agreement": "some"}, "invalid-request", "agreement"),
        ("/communities", {"cursor": "nonsense"}, "bad-cursor", "cursor"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_the_field(
    own: Own, path: str, query: dict[str, Any], kind: str, field: str
) -> None:
    said = own.problem(kind, "GET", path, **query)
    assert (said["status"], said["field"]) == (400, field)
    assert said["detail"].startswith(f"{field}: ")


def test_a_cursor_of_another_question_is_refused(own: Own) -> None:
    address = own.get("/communities", limit=1)["next"]
    cursor = httpx.URL(address).params["cursor"]
    assert own.get("/communities", limit=100, cursor=cursor)["items"]
    own.problem("bad-cursor", "GET", "/communities", agreement="none", cursor=cursor)


def test_a_problem_is_told_in_the_language_asked_for(own: Own) -> None:
    english, thai = (
        own.problem("invalid-request", "GET", "/communities", limit=0, headers={"Accept-Language": language})["detail"]
        for language in ("en", "th")
    )
    assert english != thai
    assert any("\u0e00" <= sign <= "\u0e7f" for sign in thai)


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "field"),
    [
        ("POST", "/calendars", {"product_ids": [], **DAYS}, "invalid-request", "product_ids"),
        ("POST", "/calendars", {"product_ids": ["a.b"] * 51, **DAYS}, "invalid-request", "product_ids"),
        ("POST", "/calendars", {**ASKED, "last": "2027-04-11"}, "invalid-request", "last"),
        ("POST", "/calendars", {**ASKED, "colour": 1}, "unknown-field", "colour"),
        ("POST", "/calendars", {**ASKED, "nights": True}, "invalid-request", "nights"),
        ("POST", "/calendars", {**ASKED, "first": 946684800}, "invalid-request", "first"),
        ("POST", "/calendars", {**ASKED, "party": {"adults": 0}}, "invalid-request", "party.adults"),
        ("POST", "/agreements", {"community": "bo-suak", "terms": NO_TERMS}, "invalid-request", "terms.percent"),
        ("POST", "/agreements", {"community": "bo-suak", "terms": KEEPS_TEXT}, "invalid-request", IN_TEXT),
        ("POST", "/agreements", {"community": "bo-suak", "terms": KEEPS_ANOTHERS}, "invalid-request", KEPT_OF),
        ("POST", "/agreements", {"community": "bo-taen", "terms": KEEPS_TOO_MANY}, "invalid-request", TOO_MANY),
        ("POST", "/agreements", {"community": "bo-taen", "terms": HANDS_TO_NOBODY}, "invalid-request", TO_NOBODY),
        ("POST", "/agreements", {"community": "no-where", "terms": TERMS}, "not-found", "community"),
        ("POST", "/agreements/bo-taen/agree", None, "wrong-state", None),
        ("POST", "/agreements/bo-suak/end", {"proposal_only": True}, "not-found", None),
        ("GET", "/agreements/bo-suak", None, "not-found", None),
        ("GET", "/nothing", None, "not-found", None),
        ("GET", "", None, "not-found", None),
        ("DELETE", "/agreements/bo-taen", None, "method-not-allowed", None),
        ("PUT", "/search", None, "method-not-allowed", None),
    ],
)  # fmt: skip
def test_every_other_mistake_is_a_problem_too(
    own: Own, method: str, path: str, body: Any, kind: str, field: str | None
) -> None:
    assert own.problem(kind, method, path, body).get("field") == field


def test_a_method_that_a_path_has_not_is_answered_with_those_that_it_has(own: Own) -> None:
    assert own.call("DELETE", "/v1/agreements").headers["allow"] == "GET, POST"


def test_a_body_that_is_no_json_is_a_problem(own: Own) -> None:
    said = {"Authorization": f"Bearer {own.key}", "Content-Type": "application/json"}
    answer = own.node.http.post(f"{own.node.url}/v1/calendars", content=b"{", headers=said)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:handoff:problem:invalid-request")


def test_without_a_key_that_opens_it_nothing_is_told(own: Own) -> None:
    replace(own, key="").problem("no-key", "GET", "/communities")
    answer = replace(own, key="").call("GET", "/v1/communities")
    assert answer.headers["www-authenticate"] == "Bearer"
    replace(own, key="abcdefgh23.nothing-that-opens-anything").problem("forbidden", "GET", "/communities")


def test_an_agreement_is_proposed_agreed_to_sold_under_and_ended(node: AgencyNode, newcomer: Own) -> None:
    assert newcomer.get("/agreements") == {"items": [], "next": None}
    assert newcomer.get("/search", adults=2, **DAYS)["items"] == []
    asked = {"community": "bo-taen", "terms": TERMS}
    key = {"Idempotency-Key": "first"}
    proposed = newcomer.post("/agreements", asked, key)
    assert (proposed["state"], proposed["waits_for"], proposed["in_force"]) == ("proposed", "community", None)
    assert newcomer.get("/agreements/bo-taen") == proposed
    newcomer.problem("wrong-state", "POST", "/agreements/bo-taen/agree")

    node.client.send(AgreeAgreement(agency="border-walks"), acting="bo-taen")
    assert newcomer.post("/agreements", asked, key) == proposed  # replayed: nothing is proposed again
    assert newcomer.get("/agreements/bo-taen")["state"] == "agreed"
    newcomer.problem("idempotency-key-reused", "POST", "/agreements", {**asked, "community": "tha-li"}, headers=key)
    node.until(lambda: bool(newcomer.get("/search", adults=2, **DAYS)["items"]), "it to be sold")
    assert [one["id"] for one in newcomer.get("/communities")["items"]] == ["bo-taen"]

    theirs = AgreementTerms(valid_from=date(2027, 1, 1), percent="9.00")
    node.client.send(ProposeAgreement(agency="border-walks", terms=theirs), acting="bo-taen")
    waiting = newcomer.get("/agreements", state="proposed")["items"][0]
    assert (waiting["waits_for"], waiting["in_force"]["percent"]) == ("agency", "12.50")
    newcomer.problem("conflict", "POST", "/agreements/bo-taen/agree", {"terms": TERMS})
    agreed = newcomer.post("/agreements/bo-taen/agree", {"terms": waiting["terms"]})
    assert (agreed["state"], agreed["in_force"]["percent"]) == ("agreed", "9.00")

    assert newcomer.post("/agreements/bo-taen/end")["state"] == "ended"
    node.until(lambda: newcomer.get("/search", adults=2, **DAYS)["items"] == [], "it to be sold no more")


def test_no_agency_sees_or_touches_anothers_agreements(own: Own, newcomer: Own) -> None:
    assert {one["community"] for one in own.get("/agreements")["items"]} == {"bo-taen", "tha-li"}
    newcomer.problem("not-found", "POST", "/agreements/tha-li/end")
    newcomer.problem("not-found", "GET", "/agreements/tha-li")
    assert own.get("/agreements/tha-li")["state"] == "agreed"


def test_agreements_cannot_be_tried_out(own: Own) -> None:
    asked = {"community": "bo-suak", "terms": TERMS}
    own.problem("no-trial", "POST", "/agreements", asked, headers={"Octo-Env": "test"})
    own.problem("not-found", "GET", "/agreements/bo-suak")
