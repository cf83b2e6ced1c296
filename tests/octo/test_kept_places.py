"""Places that a community keeps for one agency: it sees and books them, others do not, until they are released."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from contracts.agencies.v1 import AgreeAgreement, AgreementTerms, Allotment, ProposeAgreement
from contracts.booking.v1 import AskAvailability, AskPools, CheckInvariants, Reserve
from contracts.values import Item, Party
from deploy.demo import queries
from services.chassis.runtime.ids import new_id
from services.client.answers import Refused
from tests.support.octo.agency import Agency
from tests.support.octo.node import TERMS, AgencyNode

STAY, DAY = "bo-taen.homestay", date(2027, 4, 13)
#: The day of release begins in Laos.
RELEASED = datetime(2027, 4, 6, tzinfo=UTC) - timedelta(hours=7)


@contextmanager
def kept(node: AgencyNode, other: Agency, places: int) -> Iterator[None]:
    """Bo Taen keeps places of each night for the first agency, until a week before."""
    allotments = (Allotment(experience_id=STAY, places=places, release_days=7),)
    before, then = left(other), queries.now(node.client)
    agree(node, TERMS.model_copy(update={"allotments": allotments}))
    node.until(lambda: left(other) < before, "the agreement to be seen")
    try:
        yield
    finally:
        agree(node, TERMS)
        node.clock(then)
        node.quiet()


def agree(node: AgencyNode, terms: AgreementTerms) -> None:
    node.client.send(ProposeAgreement(agency="mekong-trails", terms=terms), acting="bo-taen")
    node.client.send(AgreeAgreement(agency="mekong-trails", side="agency"), acting="bo-taen")


def left(agency: Agency) -> int:
    vacancies: int = agency.starts(STAY, "1-night", DAY)[0]["vacancies"]
    return vacancies


def own_guests(node: AgencyNode) -> str:
    """Why its own community cannot have one of the places; empty when it can."""
    command = Reserve(hold_id=new_id(), party=Party(adult=2), items=(Item(experience_id=STAY, day=DAY),))
    try:
        node.client.send(command, acting="bo-taen")
    except Refused as no:
        return no.refusal.reason or ""
    return ""


def test_an_agency_sees_and_books_what_is_kept_and_others_only_once_it_is_released(
    node: AgencyNode, agency: Agency, other: Agency
) -> None:
    there = left(agency)
    with kept(node, other, there):
        assert (left(agency), left(other)) == (there, 0)
        other.refused("reserve", body=other.wish(STAY, "1-night", DAY), error="UNPROCESSABLE_ENTITY")
        assert own_guests(node) == "kept_for_agencies"
        shared = AskAvailability(community="bo-taen", experience_id=STAY, first=DAY, last=DAY)
        assert [one.left for one in node.client.send(shared, acting="bo-taen").items] == [0]
        agency.confirm(agency.reserve(STAY, "1-night", DAY))
        node.quiet()
        assert (left(agency), left(other)) == (there - 2, 0)
        pools = node.client.send(AskPools(first=DAY, last=DAY), acting="bo-taen").items
        assert {one.pool: one.kept for one in pools}["guests"] == there - 2
        node.clock(RELEASED)
        assert left(other) == there - 2
        assert other.reserve(STAY, "1-night", DAY)["status"] == "ON_HOLD"
        assert own_guests(node) == ""
    assert list(node.client.send(CheckInvariants()).items) == []
