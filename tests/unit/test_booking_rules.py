"""What booking decides, without a database: states, dated exceptions, availability, prices, and demand per pool."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.booking import v1
from contracts.capacity.availability import RULES, Clock, by_day, departures
from contracts.capacity.notices import Notice, Notices, Scope
from contracts.capacity.pools import Draw, Host, Level, PoolDay, Situation, ask
from contracts.community.v1 import Offering
from contracts.pricing import quote
from contracts.refusals import No, Refused
from contracts.values import FIRST_YEAR, LAST_YEAR, Item, Party
from services.booking.domain import rule_changes
from services.booking.domain.hold import Hold, confirm, extend, redeem, release, tombstone
from services.booking.domain.pictures import shareable
from services.booking.domain.placing import Miss, PlacePlan, alternatives, implausible, plan
from services.booking.domain.states import ENDED, LIVE, MOVES, Act, after
from tests.support.booking import (
    COUPLE,
    FAMILY,
    HOMESTAY,
    MARKET,
    ONE,
    RAFT,
    SALT,
    experience,
    item_of,
    offering,
    price,
    usual_experiences,
)

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday, ten in the morning in Bo Taen
TODAY = date(2026, 11, 20)
CLOCK = Clock(NOW, NOW)
SATURDAY = date(2026, 11, 28)


def situation(offer: Offering | None = None, *lines: Notice, taken: dict[PoolDay, int] | None = None) -> Situation:
    bare = Situation(host=Host.of(offer or offering()), notices=Notices(lines))
    levels = {at: Level(bare.capacity(at), places) for at, places in (taken or {}).items()}
    return replace(bare, levels=levels)


def line(kind: str, **said: Any) -> Notice:
    usual: dict[str, Any] = {"number": 1, "day": SATURDAY, "until": SATURDAY}
    return Notice(kind=kind, **(usual | said))


def refused(found: PlacePlan | Miss) -> str:
    assert isinstance(found, Miss), found
    return found.reason


def reason(where: Situation, *items: Item, party: Party = FAMILY, clock: Clock = CLOCK) -> str | None:
    found = plan(where, clock, party, items)
    return found.reason if isinstance(found, Miss) else None


# states


def test_nothing_leads_out_of_an_ended_state_and_every_live_one_can_be_reached() -> None:
    assert {state for state, _ in MOVES} & ENDED == set()
    assert set(get_args(v1.HoldState)) == LIVE | ENDED
    reached = {"ON_HOLD", "PENDING"} | set(MOVES.values())
    assert reached == set(get_args(v1.HoldState))


@pytest.mark.parametrize(
    ("way", "end"),
    [
        (("confirm", "redeem"), "REDEEMED"),
        (("extend", "confirm", "release"), "CANCELLED"),
        (("extend", "expire"), "EXPIRED"),
        (("confirm", "expire"), None),
        (("approve",), None),
        (("confirm", "redeem", "release"), None),
        (("expire", "confirm"), None),
        (("release", "extend"), None),
    ],
)
def test_a_hold_goes_only_where_the_table_leads(way: tuple[Act, ...], end: str | None) -> None:
    state: v1.HoldState | None = "ON_HOLD"
    for act in way:
        state = after(state, act) if state else None
    assert state == end


def a_hold(**given: Any) -> Hold:
    usual = {"hold_id": "a" * 8 + "-0000-0000-0000-" + "0" * 12, "community": "bo-taen", "state": "ON_HOLD"}
    return Hold(**(usual | {"expires_at": NOW + timedelta(minutes=1)} | given))


def test_a_hold_past_its_time_expires_on_the_spot_when_asked_to_go_on() -> None:
    for decision in (confirm(a_hold(expires_at=NOW), NOW), extend(a_hold(expires_at=NOW), NOW, NOW)):
        assert decision.ends
        assert decision.hold.state == "EXPIRED"
        assert [type(fact) for fact in decision.facts] == [v1.HoldExpired]


def test_an_extension_never_shortens_and_counts_as_an_answer() -> None:
    held = extend(a_hold(), NOW, NOW).hold
    assert held.expires_at == NOW + timedelta(minutes=1)
    assert held.answered


def test_a_confirmed_hold_says_so_again_and_changes_nothing() -> None:
    decision = confirm(a_hold(state="CONFIRMED", expires_at=None), NOW)
    assert not decision.changes
    assert [type(fact) for fact in decision.facts] == [v1.HoldConfirmed]


def test_releasing_a_used_booking_or_a_tombstone_changes_and_says_nothing() -> None:
    for hold in (a_hold(state="EXPIRED"), tombstone("a")):
        assert not release(hold).changes
        assert release(hold).facts == ()
    used = redeem(a_hold(state="CONFIRMED", expires_at=None)).hold
    assert release(used).hold.state == "REDEEMED"
    assert release(used).facts == ()


# price


def test_a_homestay_and_the_market_for_a_family_are_quoted_at_800000_kip() -> None:
    items = (item_of(HOMESTAY, SATURDAY), item_of(MARKET, SATURDAY))
    assert quote(offering(), FAMILY, items).total.amount == "800000.00"


def test_nights_multiply_infants_are_free_and_bands_without_people_have_no_line() -> None:
    found = quote(offering(), Party(adult=2, infant=1), (item_of(HOMESTAY, SATURDAY, nights=3),))
    assert [(one.unit, one.quantity) for one in found.lines] == [("adult", 6)]
    assert found.total.amount == "1500000.00"


def test_an_activity_is_not_dearer_for_naming_nights_and_a_product_counts_heads() -> None:
    host = Host.of(offering())
    assert quote(host.offering, ONE, (item_of(MARKET, SATURDAY, nights=3),)).total.amount == "60000.00"
    assert quote(host.offering, FAMILY, (item_of(SALT, SATURDAY),)).total.amount == "45000.00"


# availability


@pytest.mark.parametrize(
    ("expected", "offer", "lines", "item", "party"),
    [
        ("not_offered", offering(), (), item_of("bo-taen.ferry", SATURDAY), FAMILY),
        ("not_offered", offering(guests_per_night=0), (), item_of(HOMESTAY, SATURDAY), FAMILY),
        ("past", offering(), (), item_of(MARKET, TODAY), FAMILY),
        ("out_of_season", offering(experience(MARKET, months=(1,))), (), item_of(MARKET, SATURDAY), FAMILY),
        ("closed_weekday", offering(experience(MARKET, weekdays=(1,))), (), item_of(MARKET, SATURDAY), FAMILY),
        ("closed_weekday", offering(weekdays=(1,)), (), item_of(MARKET, SATURDAY), FAMILY),
        ("closed_weekday", offering(weekdays=(6,)), (), item_of(HOMESTAY, SATURDAY, nights=2), FAMILY),
        ("no_such_start", offering(), (), item_of(MARKET, SATURDAY, start=time(7)), FAMILY),
        ("closed", offering(), (line("closed"),), item_of(MARKET, SATURDAY), FAMILY),
        ("closed", offering(), (line("closed"),), item_of(HOMESTAY, SATURDAY - timedelta(days=1), nights=2), FAMILY),
        ("stop_sell", offering(), (line("stop_sell", scope=Scope(MARKET, None)),), item_of(MARKET, SATURDAY), FAMILY),
        ("cut_off", offering(), (), item_of(MARKET, TODAY + timedelta(days=1)), FAMILY),
        ("party_too_small", offering(min_party=4), (), item_of(MARKET, SATURDAY), FAMILY),
        ("party_too_small", offering(experience(MARKET, min_party=4)), (), item_of(MARKET, SATURDAY), FAMILY),
        ("party_too_large", offering(max_party=2), (), item_of(MARKET, SATURDAY), FAMILY),
        ("party_too_large", offering(), (), item_of(RAFT, SATURDAY), Party(adult=5)),
        ("party_too_large", offering(), (), item_of(HOMESTAY, SATURDAY), Party(adult=16)),
        ("no_room", offering(), (line("capacity", pool="guests", capacity=2),), item_of(HOMESTAY, SATURDAY), FAMILY),
        (
            None,
            offering(),
            (line("capacity", pool="guests", capacity=16),),
            item_of(HOMESTAY, SATURDAY),
            Party(adult=16),
        ),
        (None, offering(), (), item_of(HOMESTAY, SATURDAY, nights=3), FAMILY),
    ],
)
def test_each_rule_of_availability_gives_its_reason(
    expected: str | None, offer: Offering, lines: tuple[Notice, ...], item: Item, party: Party
) -> None:
    assert reason(situation(offer, *lines), item, party=party) == expected


def test_of_several_reasons_the_first_in_the_table_is_told() -> None:
    offer = offering(experience(MARKET, months=(1,), min_party=9), weekdays=(1,))
    where = situation(offer, line("closed"), line("stop_sell", scope=Scope(MARKET, None), number=2))
    assert reason(where, item_of(MARKET, SATURDAY, start=time(1))) == "out_of_season"
    assert [name for name, _ in RULES] == [
        "not_offered", "past", "out_of_season", "closed_weekday", "no_such_start", "closed", "stop_sell", "cut_off",
        "party_too_small", "party_too_large", "no_room",
    ]  # fmt: skip


@pytest.mark.parametrize(("community", "own"), [(24, 48), (48, 24)])
def test_one_may_ask_exactly_at_the_strictest_cut_off_and_not_a_second_later(community: int, own: int) -> None:
    where = situation(offering(experience(MARKET, cutoff_hours=own), cutoff_hours=community))
    last = datetime(2026, 11, 25, 23, tzinfo=UTC)  # 48 hours before six o'clock in Bo Taen
    assert reason(where, item_of(MARKET, SATURDAY), clock=Clock(last, last)) is None
    late = last + timedelta(seconds=1)
    assert reason(where, item_of(MARKET, SATURDAY), clock=Clock(late, late)) == "cut_off"
    assert reason(where, item_of(MARKET, SATURDAY), clock=Clock(late, last)) is None  # judged when it was asked
    assert reason(where, item_of(MARKET, SATURDAY), clock=Clock(late, None)) is None  # one's own walk-in guests


def test_without_a_wished_start_the_earliest_with_room_is_chosen() -> None:
    full = {PoolDay(f"seats/{RAFT}/08:00", SATURDAY): 3}
    found = plan(situation(taken=full), CLOCK, COUPLE, (item_of(RAFT, SATURDAY),))
    assert isinstance(found, PlacePlan)
    assert found.items[0].start == time(10)


def test_the_same_departure_twice_in_one_request_counts_twice() -> None:
    twice = (item_of(RAFT, SATURDAY, start=time(8)), item_of(RAFT, SATURDAY, start=time(8)))
    assert reason(situation(), *twice, party=FAMILY) == "no_room"
    found = plan(situation(), CLOCK, COUPLE, twice)
    assert isinstance(found, PlacePlan)
    assert found.places == {PoolDay(f"seats/{RAFT}/08:00", SATURDAY): 4, PoolDay("visitors", SATURDAY): 2}


def test_both_starts_of_a_product_draw_from_one_pool_a_day() -> None:
    items = (item_of(SALT, SATURDAY, start=time(9)), item_of(SALT, SATURDAY, start=time(16)))
    found = plan(situation(), CLOCK, COUPLE, items)
    assert isinstance(found, PlacePlan)
    assert found.places[PoolDay(f"seats/{SALT}", SATURDAY)] == 4


def test_an_oversold_party_may_shrink_but_nobody_else_gets_in() -> None:
    guests = PoolDay("guests", SATURDAY)
    over = replace(situation(), levels={guests: Level(10, 12)})
    assert reason(over, item_of(HOMESTAY, SATURDAY), party=ONE) == "no_room"
    assert reason(replace(over, credit={guests: 4}), item_of(HOMESTAY, SATURDAY), party=FAMILY) is None


def test_departures_tell_places_left_and_days_the_nearest_miss() -> None:
    taken = {PoolDay(f"seats/{RAFT}/{hour:02}:00", SATURDAY): 4 for hour in (8, 10, 13)}
    where = situation(offering(*usual_experiences()), line("closed", scope=Scope(RAFT, time(8))), taken=taken)
    found = list(departures(where, CLOCK, [SATURDAY], heads=2, only=RAFT))
    assert [one.reason for one in found] == ["closed", "no_room", "no_room"]
    (day,) = by_day(found)
    assert (day.available, day.reason) == (False, "no_room")


def test_the_shared_picture_is_cut_to_whole_days() -> None:
    parts = list(shareable(situation(), NOW, horizon=45, most=100))
    starts_a_day = sum(len(experience.starts) for experience in offering().experiences)
    assert len({one.day for part in parts for one in part}) == len(parts) == 100 // starts_a_day


def test_a_community_open_on_saturdays_names_the_next_three() -> None:
    where = situation(offering(weekdays=(6,)))
    tuesday = (item_of(MARKET, SATURDAY - timedelta(days=4)),)
    assert refused(plan(where, CLOCK, FAMILY, tuesday)) == "closed_weekday"
    found = alternatives(where, CLOCK, FAMILY, tuesday)
    assert [one.day for one in found] == [SATURDAY + timedelta(days=7 * n) for n in range(3)]


def test_another_start_of_the_same_day_is_the_first_alternative() -> None:
    full = {PoolDay(f"seats/{RAFT}/08:00", SATURDAY): 4}
    found = alternatives(situation(taken=full), CLOCK, FAMILY, (item_of(RAFT, SATURDAY, start=time(8)),))
    assert (found[0].day, found[0].start) == (SATURDAY, time(10))
    assert [one.day for one in found[1:]] == [SATURDAY + timedelta(days=1), SATURDAY + timedelta(days=2)]


def test_dates_at_the_ends_of_the_calendar_are_refused_before_anything_is_computed() -> None:
    assert implausible((item_of(MARKET, date(LAST_YEAR, 12, 31), nights=30),), TODAY) is not None
    assert implausible((item_of(MARKET, date(FIRST_YEAR, 1, 1)),), TODAY) is not None
    assert implausible((item_of(MARKET, SATURDAY),), TODAY) is None


# dated exceptions


def test_the_latest_exception_of_a_scope_counts_until_it_is_lifted() -> None:
    where = situation(
        None,
        line("closed", until=SATURDAY + timedelta(days=2)),
        line("lifted", number=2, day=SATURDAY + timedelta(days=1), until=SATURDAY + timedelta(days=1)),
    )
    reasons = [reason(where, item_of(MARKET, SATURDAY + timedelta(days=n))) for n in range(4)]
    assert reasons == ["closed", None, "closed", None]


def test_lifting_an_experience_lifts_its_starts_but_not_the_community() -> None:
    said = (
        line("closed", scope=Scope(RAFT, time(8))),
        line("lifted", scope=Scope(RAFT, None), number=2),
    )
    assert reason(situation(None, *said), item_of(RAFT, SATURDAY, start=time(8))) is None
    assert reason(situation(None, line("closed"), said[1]), item_of(RAFT, SATURDAY)) == "closed"


def test_the_narrowest_changed_capacity_counts() -> None:
    said = Notices(
        [
            line("capacity", scope=Scope(RAFT, None), pool="seats", capacity=2),
            line("capacity", scope=Scope(RAFT, time(8)), pool="seats", capacity=3, number=2),
        ]
    )
    assert said.on(SATURDAY).capacity("seats", Scope(RAFT, time(8))) == 3
    assert said.on(SATURDAY).capacity("seats", Scope(RAFT, time(10))) == 2
    assert said.on(SATURDAY).capacity("guests", Scope(None, None)) is None


@pytest.mark.parametrize(
    ("code", "field", "given"),
    [
        (No.INVALID, "until", {"kind": "closed", "until": SATURDAY - timedelta(days=1)}),
        (No.INVALID, "day", {"kind": "closed", "day": TODAY - timedelta(days=1)}),
        (No.INVALID, "start", {"kind": "closed", "start": time(6)}),
        (No.INVALID, "start", {"kind": "closed", "experience_id": MARKET, "start": time(7)}),
        (No.UNKNOWN, "experience_id", {"kind": "closed", "experience_id": "bo-taen.ferry"}),
        (No.INVALID, "capacity", {"kind": "closed", "capacity": 3}),
        (No.INVALID, "capacity", {"kind": "capacity", "pool": "guests"}),
        (No.INVALID, "pool", {"kind": "capacity", "capacity": 3}),
        (No.INVALID, "pool", {"kind": "capacity", "capacity": 3, "experience_id": HOMESTAY}),
        (No.INVALID, "pool", {"kind": "closed", "pool": "guests"}),
    ],
)
def test_an_exception_that_makes_no_sense_is_refused_by_its_field(code: No, field: str, given: dict[str, Any]) -> None:
    command = v1.SetException(**({"day": SATURDAY, "reason": "rain"} | given))
    with pytest.raises(Refused) as no:
        rule_changes.line_of(command, Host.of(offering()), TODAY)
    assert (no.value.refusal.code, no.value.refusal.field) == (code, field)


# demand, against brute force


@given(
    heads=st.integers(1, 9),
    items=st.lists(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.sampled_from(["each", "once"])),
            max_size=4,
            unique_by=lambda drawn: drawn[:2],
        ),
        max_size=6,
    ),
)
def test_demand_is_what_counting_person_by_person_gives(heads: int, items: list[list[tuple[str, int, Any]]]) -> None:
    how = {pool: "each" if pool == "a" else "once" for pool in "abc"}  # a pool is drawn from in one way
    asked = [
        [Draw(PoolDay(pool, SATURDAY + timedelta(days=n)), how[pool]) for pool, n, _ in item]  # type: ignore[arg-type] # from a strategy, untyped
        for item in items
    ]
    counted: Counter[PoolDay] = Counter()
    for person in range(heads):
        seen: set[tuple[PoolDay, int]] = set()
        for item in asked:
            for draw in item:
                if draw.how == "each" or (draw.at, person) not in seen:
                    counted[draw.at] += 1
                    seen.add((draw.at, person))
    wanted: dict[PoolDay, int] = {}
    for drawn in asked:
        ask(drawn, heads, wanted)
    assert wanted == dict(counted)


@given(
    adult=st.integers(1, 30),
    child=st.integers(0, 20),
    infant=st.integers(0, 5),
    nights=st.integers(1, 30),
    amounts=st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)),
)
def test_a_quote_is_exact_to_the_last_minor_unit(
    adult: int, child: int, infant: int, nights: int, amounts: tuple[int, int]
) -> None:
    adults, children = (f"{minor // 100}.{minor % 100:02}" for minor in amounts)
    prices = (price("adult", adults), price("child", children))
    host = Host.of(offering(experience(HOMESTAY, kind="homestay", programme="overnight", prices=prices)))
    found = quote(
        host.offering, Party(adult=adult, child=child, infant=infant), (item_of(HOMESTAY, SATURDAY, nights=nights),)
    )
    assert found.total.minor == nights * (adult * amounts[0] + child * amounts[1])
