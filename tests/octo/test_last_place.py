"""Many who want the last place at once: one gets it, whatever they repeat, and nobody gets more than was there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx

from contracts.booking.v1 import CheckInvariants
from tests.support.octo.agency import Agency, Body
from tests.support.octo.node import AgencyNode

STAY, DAY = "bo-taen.homestay", date(2027, 3, 16)


def at_once(wishes: list[tuple[Agency, Body]]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(wishes)) as everybody:
        return list(everybody.map(lambda one: one[0].call("reserve", body=one[1]), wishes))


def left(agency: Agency) -> int:
    vacancies: int = agency.starts(STAY, "1-night", DAY)[0]["vacancies"]
    return vacancies


def test_the_last_places_go_to_one_of_many_who_ask_at_the_same_time(
    node: AgencyNode, agency: Agency, other: Agency
) -> None:
    for _ in range((left(agency) - 2) // 2):
        agency.confirm(agency.reserve(STAY, "1-night", DAY))  # few are only held at a time
        node.quiet()
    assert left(agency) in (2, 3)
    wishes = [(who, who.wish(STAY, "1-night", DAY)) for who in (agency, other) * 4]
    answers = at_once(wishes * 2)  # and everybody asks twice
    got = {answer.json()["uuid"] for answer in answers if answer.status_code == 200}
    assert len(got) == 1
    refused = [answer.json() for answer in answers if answer.status_code != 200]
    assert {body["error"] for body in refused} == {"UNPROCESSABLE_ENTITY"}
    node.quiet()
    assert left(agency) < 2
    assert list(node.client.send(CheckInvariants()).items) == []


def test_a_request_that_was_refused_leaves_its_uuid_free(node: AgencyNode, agency: Agency) -> None:
    node.quiet()
    full: dict[str, Any] = agency.wish(STAY, "1-night", DAY, ("adult",) * 4)
    agency.refused("reserve", body=full, error="UNPROCESSABLE_ENTITY")
    elsewhere = agency.wish(STAY, "1-night", date(2027, 3, 23)) | {"uuid": full["uuid"]}
    assert agency.ask("reserve", body=elsewhere)["status"] == "ON_HOLD"
