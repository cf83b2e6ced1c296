"""What `/v1` reads: of an agency's own communities all, of others the name alone, in one statement for a whole page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest

from contracts.agencies.v1 import AgreementTerms
from contracts.booking.v1 import PoolLevel, RuleLine
from contracts.capacity.hosts import Hosts
from contracts.capacity.pools import Host
from services.agency_api.adapters.unit_of_work import AgencyUnitOfWork
from services.agency_api.own import reading
from services.agency_api.own.asked import AskedCalendars, AskedCommunities, AskedSearch, Guests
from services.agency_api.own.paging import Page
from services.agency_api.site.asking import Asking
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from services.chassis.storage.sql import Queries
from tests.support.community import OFFERINGS
from tests.support.vault import vault

MEKONG, LOEI = "mekong-tours", "loei-travel"
TERMS = AgreementTerms(valid_from=date(2026, 1, 1), percent="15.00")
MARKET = "bo-taen.morning-market"


class Counting(AgencyUnitOfWork):
    """Notes which statements are run."""

    run: ClassVar[list[str]] = []

    async def fetch(self, name: str, *arguments: Any) -> Any:
        self.run.append(name)
        return await super().fetch(name, *arguments)


class Noting(Hosts):
    """Notes how often others have had their turn by each look at a host."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0
        self.at: list[int] = []

    def host(self, row: Mapping[str, Any], known: Mapping[str, Host]) -> Host:
        self.at.append(self.turns)
        return super().host(row, known)

    async def others(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turns += 1


class Reader:
    """The read model with all demonstration communities; each agency has an agreement with one."""

    def __init__(self, store: Store[Counting]) -> None:
        self.store = store
        self.first = date(2027, 1, 11)

    async def begin(self) -> None:
        async with self.store.work(EVERYONE) as work:
            for command in OFFERINGS.values():
                await work.keep_offering(command.offering)
            await work.keep_agreement(MEKONG, "bo-taen", TERMS)
            await work.keep_agreement(LOEI, "tha-li", TERMS)
            self.first = max(self.first, (work.now + timedelta(days=10)).date())

    def asking(self, agency: str = MEKONG) -> Asking:
        parts = EdgeParts(rpc=None, settings=Settings(database_url=""), store=self.store)  # type: ignore[arg-type] # not asked
        signed_in = SignedIn(agency, "abcdefgh23", frozenset({"read"}))
        return Asking(parts=parts, signed_in=signed_in, url="http://localhost/v1")

    async def search(self, agency: str = MEKONG, after: Any = None, **more: Any) -> Page:
        asked = {"first": self.first, "last": self.first + timedelta(days=13), "adults": 2, **more}
        return await reading.search(self.asking(agency), AskedSearch(**asked), after)

    async def communities(self, agency: str = MEKONG, **more: Any) -> list[Any]:
        return list((await reading.communities(self.asking(agency), AskedCommunities(**more), None)).items)


Story = Callable[[Reader], Awaitable[None]]
Run = Callable[[Story], None]


@pytest.fixture
def run(agency_database: str) -> Run:
    async def play(story: Story) -> None:
        store = Store(agency_database, Counting, vault=vault())
        try:
            reader = Reader(store)
            await reader.begin()
            Counting.run.clear()
            await story(reader)
        finally:
            await store.close()

    return lambda story: asyncio.run(play(story))


def of(found: Page) -> set[str]:
    """The communities of what was found."""
    return {one.product_id.partition(".")[0] for one in found.items}


async def sees_its_own_alone(reader: Reader) -> None:
    """Each agency finds what its own communities sell, by searching, by calendars and by listing."""
    assert of(await reader.search(MEKONG)) == {"bo-taen"}
    assert of(await reader.search(LOEI)) == {"tha-li"}
    asked = AskedCalendars(product_ids=(MARKET, "tha-li.nothing"), first=reader.first, last=reader.first)
    assert (await reading.calendars(reader.asking(LOEI), asked)).unknown == (MARKET, "tha-li.nothing")
    assert (await reading.calendars(reader.asking(MEKONG), asked)).unknown == ("tha-li.nothing",)
    assert [one.id for one in await reader.communities(MEKONG)] == ["bo-taen"]
    assert [one.id for one in await reader.communities(LOEI)] == ["tha-li"]


def test_an_agency_finds_what_its_own_communities_sell_and_nothing_else(run: Run) -> None:
    run(sees_its_own_alone)


#: What keeps one agency's agreements from another, of the statements behind each operation.
FILTERS = {
    "search": {"supply": "a.agency = $1", "supplies_on": "a.agency = $1"},
    "calendars": {"supplies_on": "a.agency = $1"},
    "communities": {"hosts_of": "a.agency = $1"},
}


@pytest.mark.parametrize("operation", FILTERS)
def test_with_the_agencys_filter_switched_off_another_agencys_communities_open(
    run: Run, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    intact = AgencyUnitOfWork.queries
    off = {name: intact[name].replace(filtered, "$1 <> ''") for name, filtered in FILTERS[operation].items()}
    assert all(text != intact[name] for name, text in off.items())
    monkeypatch.setattr(Counting, "queries", Queries({**intact, **off}))

    async def story(reader: Reader) -> None:
        with pytest.raises(AssertionError):
            await sees_its_own_alone(reader)

    run(story)


def test_of_communities_without_an_agreement_the_name_and_the_place_are_told(run: Run) -> None:
    async def story(reader: Reader) -> None:
        mine, others = await reader.communities(), await reader.communities(agreement="none", limit=100)
        assert {one.id for one in mine + others} == set(OFFERINGS)
        assert {name for one in others for name in one.wire()} == {"id", "name", "names", "place"}
        assert mine[0].wire()["agreement"]["percent"] == "15.00"
        (found,) = await reader.communities(agreement="none", text="ท่าลี่")
        assert found.id == "tha-li"

    run(story)


def test_terms_that_are_over_or_not_yet_in_force_open_nothing(run: Run) -> None:
    async def story(reader: Reader) -> None:
        for terms in (
            TERMS.model_copy(update={"valid_to": date(2026, 1, 2)}),
            TERMS.model_copy(update={"valid_from": date(2199, 1, 1)}),
            None,
        ):
            async with reader.store.work(EVERYONE) as work:
                await work.keep_agreement(MEKONG, "bo-taen", terms)
            assert not (await reader.search()).items
            asked = AskedCalendars(product_ids=(MARKET,), first=reader.first, last=reader.first)
            assert (await reading.calendars(reader.asking(), asked)).unknown == (MARKET,)
            assert await reader.communities() == []

    run(story)


async def first_of(reader: Reader, product: str = MARKET) -> Any:
    return next((one.start for one in (await reader.search()).items if one.product_id == product), None)


def test_what_booking_states_moves_the_first_start(run: Run) -> None:
    async def story(reader: Reader) -> None:
        free = await first_of(reader)
        start = free.starts_at[11:16]
        full = PoolLevel(pool=f"seats/{MARKET}/{start}", day=free.day, capacity=20, taken=19, version=1)
        async with reader.store.work(EVERYONE) as work:
            await work.keep_levels("bo-taen", [full])
        later = await first_of(reader)
        assert later.starts_at > free.starts_at
        closed = RuleLine(number=1, day=reader.first, until=reader.first + timedelta(days=30), kind="closed")
        async with reader.store.work(EVERYONE) as work:
            await work.keep_rules("bo-taen", [closed])
        assert await first_of(reader) is None
        asked = AskedCalendars(product_ids=(MARKET,), first=free.day, last=free.day, party=Guests(adults=2))
        (calendar,) = (await reading.calendars(reader.asking(), asked)).calendars
        assert [(day.available, day.reason) for day in calendar.days] == [(False, "closed")]

    run(story)


def test_a_page_needs_two_statements_however_many_communities_it_is_about(run: Run) -> None:
    async def story(reader: Reader) -> None:
        async with reader.store.work(EVERYONE) as work:
            for name in OFFERINGS:
                await work.keep_agreement(MEKONG, name, TERMS)
        Counting.run.clear()
        found = await reader.search(limit=100)
        assert len(of(found)) > 2
        assert Counting.run == ["supply", "supplies_on"]
        Counting.run.clear()
        products = tuple(one.product_id for one in found.items[:50])
        asked = AskedCalendars(product_ids=products, first=reader.first, last=reader.first + timedelta(days=61))
        assert len((await reading.calendars(reader.asking(), asked)).calendars) == len(products)
        assert Counting.run == ["supplies_on"]

    run(story)


@pytest.mark.parametrize("bounds", [{}, {"MOST_COMMUNITIES": 2}, {"MOST_JUDGED": 7}])
@pytest.mark.parametrize("near", [None, "17.88,101.65"])
def test_pages_together_are_the_whole_list_however_short_they_are_cut(
    run: Run, bounds: dict[str, int], near: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(reader: Reader) -> None:
        async with reader.store.work(EVERYONE) as work:
            for name in OFFERINGS:
                await work.keep_agreement(MEKONG, name, TERMS)
        whole = [one.product_id for one in (await reader.search(limit=100, near=near)).items]
        for name, most in bounds.items():
            monkeypatch.setattr(reading, name, most)
        found: list[str] = []
        after = None
        while True:
            page = await reader.search(limit=3, near=near, after=after)
            assert len(page.items) <= 3
            found += [one.product_id for one in page.items]
            if page.after is None:
                break
            assert after is None or page.after > after
            after = page.after
        assert found == whole
        assert len(set(found)) == len(found) > 10

    run(story)


def test_others_have_their_turn_while_offerings_are_read_for_the_first_time(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = Noting()
    monkeypatch.setattr(AgencyUnitOfWork, "hosts", hosts)

    async def story(reader: Reader) -> None:
        others = asyncio.create_task(hosts.others())
        try:
            for turns in (len(OFFERINGS), 1):  # known, they are read in one go
                hosts.at.clear()
                await reader.communities(agreement="none", limit=100)
                assert len(hosts.at) == len(OFFERINGS)
                assert len(set(hosts.at)) == turns
        finally:
            others.cancel()

    run(story)


def test_what_somebody_else_has_read_meanwhile_is_not_read_again() -> None:
    hosts = Hosts()
    offering = OFFERINGS["bo-taen"].offering
    row = {"community": "bo-taen", "version": "first", "offering": offering.wire()}
    first = hosts.host(row, {})
    assert hosts.host(row, {}) is first
    assert hosts.host({**row, "version": "second"}, {}) is not first
