"""Places kept for agencies: of which pools, until when, and that nobody but the agency takes them. Pure."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.agencies.v1 import AgreementTerms
from contracts.border.v1 import AvailabilityShared
from contracts.capacity import allotting, availability
from contracts.capacity.allotting import counted, untaken
from contracts.capacity.availability import Clock, Question, departure
from contracts.capacity.notices import Notice, Notices, Scope
from contracts.capacity.pools import Host, Level, PoolDay, Situation
from contracts.community.v1 import Offering
from contracts.values import Party
from services.booking.domain.pictures import shareable
from services.booking.domain.placing import Miss, plan
from services.booking.handlers.availability import HORIZON, share_availability
from services.booking.ports import Bookings
from tests.support.booking import HOMESTAY, MARKET, RAFT, experience, item_of, offering

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday, ten in the morning in Bo Taen
TODAY, DAY = date(2026, 11, 20), date(2026, 12, 18)
SEATS, VISITORS, GUESTS = PoolDay(f"seats/{MARKET}/06:00", DAY), PoolDay("visitors", DAY), PoolDay("guests", DAY)
A, B = "mekong-tours", "lanna-trails"


def terms(places: int = 4, what: str = MARKET, release: int = 14, **more: Any) -> AgreementTerms:
    allotments = ({"experience_id": what, "places": places, "release_days": release},)
    return AgreementTerms.model_validate({"valid_from": "2026-11-01", "allotments": allotments} | more)


def where(*agreements: tuple[str, AgreementTerms], offer: Offering | None = None, **levels: Level) -> Situation:
    pools = {"seats": SEATS, "visitors": VISITORS, "guests": GUESTS}
    found = {pools[name]: level for name, level in levels.items()}
    return Situation(host=Host.of(offer or offering()), levels=found, agreements=agreements)


def left(situation: Situation, agency: str | None, now: datetime = NOW, what: str = MARKET) -> int | None:
    one = situation.host.experiences[what]
    asked = Question(
        situation=situation, clock=Clock(now, now, 0, agency), experience=one, day=DAY, start=one.starts[0]
    )
    return departure(asked).left


def test_what_is_kept_is_the_agencys_alone_and_taken_from_everybody_elses() -> None:
    there = where((A, terms()))
    bare = left(where(), None)
    assert bare is not None
    assert (left(there, A), left(there, B), left(there, None)) == (bare, bare - 4, bare - 4)


def test_what_the_agency_has_taken_is_kept_no_more() -> None:
    there = where((A, terms()), seats=Level(10, 3, {A: 3}), visitors=Level(60, 3, {A: 3}))
    assert (left(there, A), left(there, None)) == (7, 6)
    more = where((A, terms()), seats=Level(10, 6, {A: 6}), visitors=Level(60, 6, {A: 6}))
    assert (left(more, A), left(more, None)) == (4, 4), "it has taken more than what is kept"


@pytest.mark.parametrize(("release", "still"), [(0, True), (27, True), (28, False), (29, False)])
def test_it_is_anybodys_from_the_day_of_release_on(release: int, still: bool) -> None:
    assert (untaken(where((A, terms(release=release))), SEATS, TODAY, B) > 0) is still


def test_the_day_of_release_begins_by_the_communitys_clock() -> None:
    released = DAY - timedelta(days=14)
    begins = datetime(released.year, released.month, released.day, tzinfo=UTC) - timedelta(hours=7)
    there = where((A, terms()))
    bare = left(where(), None)
    assert bare is not None
    assert left(there, B, begins - timedelta(microseconds=1)) == bare - 4
    assert left(there, B, begins) == bare


def test_a_stay_keeps_places_of_each_night_and_no_seats() -> None:
    there = where((A, terms(2, HOMESTAY)))
    assert [untaken(there, at, TODAY, None) for at in (GUESTS, VISITORS, SEATS)] == [2, 2, 0]


def test_each_departure_of_an_activity_is_kept_and_the_visitors_of_all_of_them() -> None:
    twice = offering(experience(MARKET, seats=10, starts=("06:00", "09:00")), visitors_per_day=60)
    there = where((A, terms()), offer=twice)
    assert [untaken(there, at, TODAY, None) for at in (SEATS, VISITORS, GUESTS)] == [4, 8, 0]


def test_an_activity_of_several_days_keeps_the_visitors_of_each_of_them() -> None:
    long = offering(experience(MARKET, seats=10, duration_minutes=60 * 40, weekdays=(DAY.isoweekday(),)))
    there = where((A, terms()), offer=long)
    kept = [untaken(there, PoolDay("visitors", DAY + timedelta(days=n)), TODAY, None) for n in (-1, 0, 1, 2)]
    assert kept == [0, 4, 4, 0], "from six in the morning on until the evening of the day after"


def test_nothing_is_kept_of_what_is_not_on_offer_or_another_experiences() -> None:
    closed = replace(
        where((A, terms())),
        notices=Notices([Notice(number=1, day=DAY, until=DAY, kind="closed", scope=Scope(MARKET, None))]),
    )
    assert untaken(closed, SEATS, TODAY, None) == 0
    assert untaken(where((A, terms(what=RAFT))), SEATS, TODAY, None) == 0
    assert untaken(where((A, terms(what="bo-taen.gone"))), VISITORS, TODAY, None) == 0


def test_an_agreement_keeps_nothing_before_or_after_its_days() -> None:
    assert untaken(where((A, terms(valid_from="2026-12-19"))), SEATS, TODAY, None) == 0
    assert untaken(where((A, terms(valid_to="2026-11-19"))), SEATS, TODAY, None) == 0
    assert untaken(where((A, terms(valid_to="2026-11-20"))), SEATS, TODAY, None) == 4


def test_more_agreed_than_there_is_counts_as_what_there_is_the_older_first() -> None:
    there = where((A, terms(8, valid_from="2026-11-02")), (B, terms(8)), seats=Level(10, 0))
    assert counted(there, SEATS, TODAY) == {B: 8, A: 2}
    assert (left(there, A), left(there, B), left(there, None)) == (2, 8, 0)


# what it costs


def test_a_pool_is_shared_out_once_however_many_departures_draw_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[PoolDay, date]] = []
    real = allotting.shared_out

    def counting(situation: Situation, at: PoolDay, today: date) -> Mapping[str, int]:
        asked.append((at, today))
        return real(situation, at, today)

    monkeypatch.setattr(allotting, "shared_out", counting)
    there = where(*((f"agency-{n}", terms(1)) for n in range(20)))
    picture = [list(shareable(there, NOW, horizon=5, most=700)) for _ in range(2)]
    assert picture[0] == picture[1]
    assert asked
    assert len(asked) == len(set(asked))


def test_what_was_worked_out_counts_for_its_own_situation_and_its_own_day_alone() -> None:
    there = where((A, terms()))
    assert untaken(there, SEATS, TODAY, None) == 4
    assert untaken(there, SEATS, DAY, None) == 0, "it is released by then"
    assert untaken(replace(there, agreements=((B, terms(7)),)), SEATS, TODAY, None) == 7
    assert there == replace(there), "what is remembered makes no other situation of it"


class Sharing:
    """The transaction of a sweep that shares one community, and what it was asked for in which order."""

    now = NOW

    def __init__(self, situation: Situation) -> None:
        self.situation, self.done = situation, list[Any]()

    async def changed_communities(self, _: int) -> dict[str, list[str]]:
        return {"bo-taen": ["tha-li"]}

    async def situations(self, *_: Any) -> dict[str, Situation]:
        return {"bo-taen": self.situation}

    async def give_turn(self) -> None:
        self.done.append("turn")

    def send(self, picture: AvailabilityShared, **_: Any) -> None:
        self.done.append(picture)


def test_others_have_their_turn_after_each_day_of_a_picture_which_is_told_as_it_is_offered() -> None:
    there = where((A, terms()))
    work = Sharing(there)
    asyncio.run(share_availability(cast("Bookings", work)))
    *turns, picture = work.done
    assert turns == ["turn"] * HORIZON
    offered = [one.id for one in there.host.offering.experiences]
    days = [TODAY + timedelta(days=n) for n in range(HORIZON)]
    assert [(one.experience_id, one.day) for one in picture.days] == [(e, day) for e in offered for day in days]


# nobody but the agency takes what is kept, and nothing is taken twice

ASKERS = (None, A, B)
STEPS = st.lists(st.tuples(st.sampled_from(ASKERS), st.integers(1, 5), st.booleans()), max_size=40)


def walk(steps: list[tuple[str | None, int, bool]], mine: int, others: int, capacity: int) -> tuple[int, int, int]:
    """Take or give back, each by the rule: what was taken, what A had taken, and the most that A could have had."""
    agreements = ((A, terms(mine)), (B, terms(others, valid_from="2026-11-02")))
    offer = offering(experience(MARKET, seats=capacity, starts=("06:00",)), visitors_per_day=200, max_party=50)
    taken: dict[str | None, int] = dict.fromkeys(ASKERS, 0)
    for who, places, gives_back in steps:
        if gives_back:
            taken[who] -= min(places, taken[who])
            continue
        shares = {agency: n for agency, n in taken.items() if agency and n}
        level = Level(capacity, sum(taken.values()), shares)
        there = where(*agreements, offer=offer, seats=level, visitors=Level(200, level.taken, shares))
        found = plan(there, Clock(NOW, NOW, 0, who), Party(adult=places), (item_of(MARKET, DAY),))
        if not isinstance(found, Miss):
            taken[who] += places
    total = sum(taken.values())
    return total, taken[A], capacity - (total - taken[A])


@settings(deadline=None, max_examples=80)
@given(STEPS, st.integers(0, 12), st.integers(0, 12), st.integers(1, 12))
def test_whatever_comes_the_total_stays_within_capacity_and_kept_places_with_the_agency(
    steps: list[tuple[str | None, int, bool]], mine: int, others: int, capacity: int
) -> None:
    total, _, open_to_a = walk(steps, max(1, mine), max(1, others), capacity)
    assert total <= capacity
    assert open_to_a >= min(max(1, mine), capacity), "what is kept can always be had"


def test_the_control_takes_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "untaken", lambda *_: 0)
    _, _, open_to_a = walk([(None, 5, False), (B, 5, False)], 4, 4, 10)
    assert open_to_a < 4
