"""However often and by how many at once the same is asked, it is done once, and is told to nobody else."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest

from contracts.booking.v1 import CheckInvariants
from tests.support.octo.agency import GUEST, Agency, Body
from tests.support.octo.node import AgencyNode

STAY, DAY = "bo-taen.homestay", date(2027, 3, 30)
#: So many ask the same at once, and so many times; a long run has more of them.
AT_ONCE, KEYS = 50, 20


@pytest.fixture(scope="module")
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(AT_ONCE) as everybody:
        yield everybody


def keyed(agency: Agency, key: str) -> Agency:
    return agency.with_headers(Idempotency_Key=key)


def nameless(agency: Agency, day: date, reference: str) -> Body:
    """A reservation without a uuid: only its key tells that it is the same. It is found again by its reference."""
    wish = agency.wish(STAY, "1-night", day) | {"resellerReference": reference}
    del wish["uuid"]
    return wish


def all_at_once(crowd: ThreadPoolExecutor, agency: Agency, body: Body, times: int = AT_ONCE) -> list[httpx.Response]:
    return list(crowd.map(lambda _: agency.call("reserve", body=body), range(times)))


def test_many_who_ask_the_same_at_once_get_one_booking_and_one_answer(
    node: AgencyNode, agency: Agency, other: Agency, crowd: ThreadPoolExecutor
) -> None:
    for number in range(KEYS):
        key, reference = f"once/{uuid.uuid4()}", f"ONCE-{number}"
        wish = nameless(agency, DAY + timedelta(days=number % 5), reference)
        answers = all_at_once(crowd, keyed(agency, key), wish)
        assert {answer.status_code for answer in answers} <= {200, 409}
        told, *others = [answer.json() for answer in answers if answer.status_code == 200]
        assert [each for each in others if each != told] == []
        assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 409} <= {"1"}
        again = keyed(agency, key).call("reserve", body=wish)
        assert (again.status_code, again.json()) == (200, told)
        assert len(agency.ask("bookings", resellerReference=reference)) == 1
        # With the same key another request is refused, and another agency's is its own.
        keyed(agency, key).refused("reserve", body=wish | {"notes": "Two beds"}, error="UNPROCESSABLE_ENTITY")
        theirs = keyed(other, key).call("reserve", body=wish).json()
        assert theirs["uuid"] != again.json()["uuid"]
        other.refused("booking", again.json()["uuid"], error="INVALID_BOOKING_UUID")
        for who, held in ((agency, again.json()), (other, theirs)):
            who.ask("cancel", held["uuid"])
    assert list(node.client.send(CheckInvariants()).items) == []


def test_control_without_a_key_each_is_another_booking(agency: Agency, crowd: ThreadPoolExecutor) -> None:
    answers = all_at_once(crowd, agency, nameless(agency, DAY, "NOT-ONCE"), 3)
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(agency.ask("bookings", resellerReference="NOT-ONCE")) == 3


def test_every_act_on_a_booking_is_done_once_however_many_ask(agency: Agency, crowd: ThreadPoolExecutor) -> None:
    held = agency.reserve(STAY, "1-night", DAY)
    acts = [("confirm", {"contact": GUEST}), ("update", {"notes": "Late"}), ("cancel", {"reason": "Ill"})]
    for act, body in acts:
        asking = keyed(agency, f"{act}/{held['uuid']}")
        answers = list(
            crowd.map(lambda _, who=asking, what=act, said=body: who.call(what, held["uuid"], said), range(8))
        )
        assert {answer.status_code for answer in answers} <= {200, 409}
        told, *others = [answer.json() for answer in answers if answer.status_code == 200]
        assert [each for each in others if each != told] == []
    assert agency.ask("booking", held["uuid"])["status"] == "CANCELLED"


def test_a_booking_that_many_change_at_once_is_changed_by_all_who_are_told_so(
    agency: Agency, crowd: ThreadPoolExecutor
) -> None:
    held = agency.reserve(STAY, "1-night", DAY)
    parties = [("adult",) * heads for heads in (3, 4, 3, 4)]
    wanted = [{"unitItems": [{"unitId": unit} for unit in units]} for units in parties]
    answers = list(crowd.map(lambda body: agency.call("update", held["uuid"], body), wanted))
    told = [answer.json().get("errorMessage", "") for answer in answers if answer.status_code != 200]
    assert any(answer.status_code == 200 for answer in answers)
    assert all(answer.status_code < 500 for answer in answers)
    assert all("under way" in one for one in told), told
    assert len(agency.ask("booking", held["uuid"])["unitItems"]) in (3, 4)
