"""Test mode judges as booking does, every answer says how old what it tells may be, and none who serves it."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from contracts.holding import MOST_HOLDS
from tests.support.octo.agency import Agency, Body
from tests.support.octo.node import AgencyNode

STAY, DAY = "bo-taen.homestay", date(2027, 4, 27)


def held_by(agency: Agency, number: int = MOST_HOLDS) -> list[str]:
    """The uuids of so many holds, on some days."""
    days = [DAY + timedelta(days=n % 5) for n in range(number)]
    return [agency.reserve(STAY, "1-night", day)["uuid"] for day in days]


@pytest.mark.parametrize("env", ["live", "test"])
def test_of_one_community_an_agency_tries_as_many_at_a_time_as_it_could_hold(agency: Agency, env: str) -> None:
    asking = agency.with_headers(Octo_Env=env)
    first, *_ = mine = held_by(asking)
    wish = asking.wish(STAY, "1-night", DAY)
    refused = asking.refused("reserve", body=wish, error="UNPROCESSABLE_ENTITY")
    assert f"{MOST_HOLDS} holds" in refused["errorMessage"]
    asking.ask("cancel", first)
    assert asking.ask("reserve", body=wish)["status"] == "ON_HOLD", "its uuid was left free"
    for one in (*mine[1:], wish["uuid"]):
        asking.ask("cancel", one)


def test_however_many_try_at_once(agency: Agency) -> None:
    asking = agency.with_headers(Octo_Env="test")
    wishes = [asking.wish(STAY, "1-night", DAY + timedelta(days=n % 5)) for n in range(MOST_HOLDS + 4)]
    with ThreadPoolExecutor(len(wishes)) as crowd:
        answers = list(crowd.map(lambda wish: asking.call("reserve", body=wish), wishes))
    assert sorted(answer.status_code for answer in answers) == [200] * MOST_HOLDS + [400] * 4
    for answer in answers:
        if answer.status_code == 200:
            asking.ask("cancel", answer.json()["uuid"])


@pytest.mark.parametrize("env", ["live", "test"])
def test_a_hold_is_extended_for_a_day_from_its_beginning_and_no_longer(agency: Agency, env: str) -> None:
    asking = agency.with_headers(Octo_Env=env)
    held = asking.reserve(STAY, "1-night", DAY)
    extended = asking.ask("extend", held["uuid"], {"expirationMinutes": 60 * 24 * 3})
    began, until = (datetime.fromisoformat(extended[name]) for name in ("utcCreatedAt", "utcExpiresAt"))
    assert timedelta(hours=23, minutes=59) < until - began <= timedelta(hours=24, seconds=1)
    asking.ask("cancel", held["uuid"])


@pytest.mark.parametrize("path", ["/octo/availability", "/v1/calendars"])
def test_a_body_that_is_not_said_to_be_json_is_refused_by_name(node: AgencyNode, agency: Agency, path: str) -> None:
    said = {"Authorization": f"Bearer {agency.key}"}
    for kind in ({}, {"Content-Type": "text/plain"}):
        answer = node.http.post(node.url + path, headers={**said, **kind}, content=b'{"productId": "x"}')
        assert answer.status_code == 400
        body: Body = answer.json()
        assert "Content-Type: send the body as application/json" in (body.get("errorMessage"), body.get("detail"))


def test_every_answer_says_how_old_what_it_tells_may_be(node: AgencyNode, agency: Agency) -> None:
    def lag(path: str) -> str:
        return node.http.get(node.url + path, headers={"Authorization": f"Bearer {agency.key}"}).headers[
            "Read-Model-Lag"
        ]

    paths = ("/octo/products", "/octo/bookings/none", "/octo/nowhere", "/v1/communities", "/v1/nowhere")
    said = {"Authorization": f"Bearer {agency.key}"}
    lags = [node.http.get(node.url + path, headers=said).headers["Read-Model-Lag"] for path in paths]
    assert all(0 <= int(lag) <= 30 for lag in lags)
    assert "agency_api read model" in node.client.get("/readyz")[1]["parts"]


def test_no_answer_says_who_serves_it(node: AgencyNode, agency: Agency) -> None:
    said = {"Authorization": f"Bearer {agency.key}"}
    paths = (
        "/",
        "/th",
        "/changelog",
        "/openapi.json",
        "/octo/products",
        "/octo/nowhere",
        "/v1/communities",
        "/nowhere",
    )
    for answer in [node.http.get(node.url + path, headers=said) for path in paths]:
        assert not {"server", "x-powered-by", "via"} & set(answer.headers), answer.url
    with socket.create_connection(("127.0.0.1", node.port), 10) as line:
        line.sendall(b"\x00 what / is this\r\n\r\n")
        garbled = line.recv(4096).lower()
    assert garbled.startswith(b"http/1.1 400")
    assert not any(each in garbled for each in (b"server:", b"uvicorn", b"h11", b"python", b"traceback"))
