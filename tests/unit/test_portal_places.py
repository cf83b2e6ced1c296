"""What a request does to the places, and on which days and at which starts it could be taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

import pytest

from contracts.booking.v1 import Departure, PoolView
from contracts.community.v1 import Experience
from contracts.values import Item, Money, Names
from services.client.phrases.catalogue import Phrases
from services.portal.pages.answering import Wished
from services.portal.pages.countering import chosen, starts, swaps, weeks
from services.portal.pages.today import night_of
from services.portal.site.places import Picture, Places, Room, first_day, free, last_day, moved, nearest, pictured

DAY = date(2027, 1, 14)
MORNING, NOON = time(9, 30), time(14)
STAY = Item(experience_id="bo-taen.homestay", day=DAY, start=NOON, nights=2)
BAKING = Item(experience_id="bo-taen.baking", day=DAY + timedelta(days=1), start=MORNING)


def experience(id_: str, kind: str, starts: Sequence[time]) -> Experience:
    return Experience.model_validate(
        {
            "id": id_, "names": Names(en=id_), "kind": kind, "programme": "day", "duration_minutes": 60,
            "starts": tuple(starts), "seats": 20,
            "prices": ({"unit": "adult", "price": Money(amount="1.00", currency="LAK")},),
        }
    )  # fmt: skip


OFFERED = (
    experience("bo-taen.homestay", "homestay", [NOON]),
    experience("bo-taen.baking", "activity", [MORNING, NOON]),
)


def departure(id_: str = "bo-taen.homestay", day: date = DAY, start: time = NOON, **more: Any) -> Departure:
    found: dict[str, Any] = {"available": True, "left": 8, "capacity": 20, **more}
    found["available"] = found.get("reason") is None
    return Departure(experience_id=id_, day=day, start=start, **found)


def pool(name: str, taken: int, capacity: int = 20, day: date = DAY) -> PoolView:
    return PoolView(pool=name, day=day, capacity=capacity, taken=taken, oversold=0, held=taken, booked=0)


def all_days(**more: Any) -> list[Departure]:
    """Both experiences on ten days, each as told."""
    found = []
    for n in range(10):
        day = DAY + timedelta(days=n)
        found.append(departure(day=day, **more))
        found += [departure("bo-taen.baking", day, start, **more) for start in (MORNING, NOON)]
    return found


def seen(departures: Sequence[Departure], heads: int = 3, kept: Sequence[Item] = ()) -> Picture:
    return pictured(departures, OFFERED, heads, (), kept)


def without(departures: Sequence[Departure], key: tuple[str, date, time], **more: Any) -> list[Departure]:
    """The same, with one of them otherwise."""
    return [departure(*key, **more) if (e.experience_id, e.day, e.start) == key else e for e in departures]


# what is free


@pytest.mark.parametrize("reason", ["cut_off", "past"])
def test_a_day_that_others_can_no_longer_ask_for_has_the_places_that_its_pools_have(reason: str) -> None:
    told = departure(left=0, reason=reason)
    pools = [
        pool("guests", 5),
        pool("visitors", 6, 50),
        pool("seats/bo-taen.baking/14:00", 20),
        pool("guests", 20, day=DAY + timedelta(days=1)),
    ]
    assert free(told, pools, is_stay=True) == 15
    assert free(told, [], is_stay=True) == 20
    assert free(told, [pool("visitors", 48, 50)], is_stay=True) == 2
    assert (
        free(departure(left=0, reason="no_room"), pools, is_stay=True) == 0
    )  # the control: it is told where it counts


def test_an_activity_counts_its_own_start_and_never_the_beds() -> None:
    told = departure("bo-taen.baking", start=MORNING, left=0, reason="cut_off", capacity=16)
    pools = [pool("guests", 20), pool("seats/bo-taen.baking/09:30", 6, 16), pool("seats/bo-taen.baking/14:00", 16, 16)]
    assert free(told, pools, is_stay=False) == 10


def test_today_shows_the_night_inside_the_cut_off_as_free_and_a_closed_one_as_closed() -> None:
    near = night_of(departure(left=0, reason="cut_off"), [pool("guests", 17)])
    assert (near.left, near.kind) == (3, "few")
    assert night_of(departure(left=0, reason="closed"), []).kind == "closed"
    assert night_of(departure(left=0, reason="no_room"), []).kind == "full"


def test_a_stay_has_the_places_of_its_fullest_night() -> None:
    nights = [departure(left=9), departure(day=DAY + timedelta(days=1), left=4)]
    assert seen(nights).places(STAY) == Places(20, 4, None)
    assert seen(nights[:1]).places(STAY) == Places(None, 0, "not_offered")


@pytest.mark.parametrize(
    ("left", "is_kept", "dots"),
    [
        (6, True, {"capacity": 20, "taken": 11, "theirs": 3}),
        (6, False, {"capacity": 20, "taken": 14, "theirs": 0, "missing": 0}),
        (2, False, {"capacity": 20, "taken": 18, "theirs": 2, "missing": 1}),
    ],
)
def test_a_held_party_is_among_those_who_have_places_and_a_party_without_room_is_short_of_some(
    left: int, is_kept: bool, dots: dict[str, int]
) -> None:
    assert Wished(STAY, "homestay", Places(20, left), 3, is_kept).dots == dots


# where there is room


def test_a_request_is_moved_as_a_whole() -> None:
    to = moved((STAY, BAKING), DAY + timedelta(days=5))
    assert [item.day for item in to] == [DAY + timedelta(days=5), DAY + timedelta(days=6)]
    assert (first_day(to), last_day(to)) == (DAY + timedelta(days=5), DAY + timedelta(days=6))


def test_one_item_without_room_makes_the_day_impossible_and_says_why() -> None:
    full = without(all_days(), ("bo-taen.homestay", DAY + timedelta(days=1), NOON), left=1, reason="no_room")
    assert seen(all_days()).room((STAY, BAKING)).reason is None
    assert seen(full).room((STAY, BAKING)).reason == "no_room"


def test_what_is_held_for_the_party_is_given_back_before_it_takes_another_day() -> None:
    later = moved((STAY,), DAY + timedelta(days=1))
    full = without(all_days(), ("bo-taen.homestay", DAY + timedelta(days=1), NOON), left=0, reason="no_room")
    assert seen(full, kept=(STAY,)).room(later).reason is None
    assert seen(full).room(later).reason == "no_room"  # the control: nothing held, nothing given back
    closed = without(all_days(), ("bo-taen.homestay", DAY + timedelta(days=1), NOON), left=0, reason="closed")
    assert seen(closed, kept=(STAY,)).room(later).reason == "closed"


def test_where_the_wished_start_has_no_room_another_one_is_taken() -> None:
    full = without(all_days(), ("bo-taen.baking", BAKING.day, MORNING), left=0, reason="no_room")
    assert seen(all_days()).best((BAKING,)).items == (BAKING,)
    assert [item.start for item in seen(full).best((BAKING,)).items] == [NOON]
    assert [(one.at, one.room.reason, one.is_asked) for one in starts(seen(full), BAKING, BAKING)] == [
        (MORNING, "no_room", True),
        (NOON, None, False),
    ]


@pytest.mark.parametrize(
    ("left", "reason", "kind"),
    [(5, None, "free"), (4, None, "few"), (None, None, "free"), (2, "no_room", "full"), (0, "closed", "closed"),
     (0, "cut_off", "past"), (9, "party_too_large", "full")],
)  # fmt: skip
def test_a_day_is_called_by_what_it_has(left: int | None, reason: str | None, kind: str) -> None:
    assert Room((STAY,), left, reason).kind == kind


def test_the_nearest_days_are_offered_in_their_order_and_never_the_asked_one() -> None:
    rooms = [Room(moved((STAY,), DAY + timedelta(days=n)), 9, "no_room" if n == 1 else None) for n in range(-3, 5)]
    assert [each.day.day for each in nearest(rooms, DAY)] == [12, 13, 16]


# a month, and what is chosen


def test_weeks_that_are_over_are_not_drawn_and_days_that_are_over_cannot_be_chosen() -> None:
    shown = weeks((BAKING,), seen(all_days()), date(2027, 1, 1), DAY)
    assert len(shown) == 3
    assert shown[0][2] == DAY - timedelta(days=1)
    assert isinstance(shown[0][3], Room)
    assert len(weeks((BAKING,), seen(all_days()), date(2027, 1, 1), date(2027, 1, 1))) == 5  # the control


@pytest.mark.parametrize(
    ("given", "day", "start"),
    [
        ({"day": "2027-01-16"}, 16, MORNING),
        ({"day": "2027-01-16", "start-1": "14:00"}, 16, NOON),
        ({"day": "2027-01-16", "start-1": "noon"}, None, None),
        ({"day": "16 January"}, None, None),
        ({"day": "0001-01-01"}, None, None),
        ({}, None, None),
    ],
)
def test_an_address_says_what_is_offered_or_nothing(given: dict[str, str], day: int | None, start: time | None) -> None:
    items = chosen((STAY, BAKING), OFFERED, given)
    assert (items[0].day.day if items else None, items[1].start if items else None) == (day, start)


def test_another_day_is_told_by_days_and_another_time_by_times() -> None:
    p = Phrases.of("en")
    later = (BAKING.model_copy(update={"start": NOON}),)
    assert [str(was) for was, _ in swaps(p, (BAKING,), moved((BAKING,), DAY))] == [
        '<span class="nb">Fri\xa015\xa0Jan</span>'
    ]
    assert [str(now) for _, now in swaps(p, (BAKING,), later)] == ['<span class="nb">14:00</span>']
    assert swaps(p, (BAKING,), (BAKING,)) == []
