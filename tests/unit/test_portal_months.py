"""What a calendar counts as free, few, full and closed; the weeks of a month; and what a day's form changes."""

from datetime import UTC, date, datetime, time

import pytest

from contracts.booking.v1 import BookingSummary, Departure, ExceptionView, PoolView, Reason
from contracts.community.v1 import CarryingLimits, CommunityProfile, Experience, Offering, Place, UnitPrice
from contracts.values import Item, Money, Names, Party
from services.client.phrases.catalogue import Phrases
from services.portal.pages import calendar, guests, guests_booking
from services.portal.pages.calendar_day import DayForm, Row, changes_of, rows, standing_of
from services.portal.site import months
from services.portal.site.directory import Known
from services.portal.site.hit import Effect
from services.portal.site.months import Places
from services.portal.site.promised import Contact, contact, promised

DAY, NEXT = date(2027, 1, 14), date(2027, 1, 15)
AT = datetime(2027, 1, 4, 2, tzinfo=UTC)
PRICES = (UnitPrice(unit="adult", price=Money(amount="100.00", currency="LAK")),)


def experience(name: str, kind: str = "activity", starts: tuple[int, ...] = (9,)) -> Experience:
    return Experience.model_validate(
        {
            "id": f"bo-taen.{name}", "names": Names(en=name), "kind": kind, "programme": "half_day",
            "duration_minutes": 60, "starts": [time(hour) for hour in starts], "seats": 16, "prices": PRICES,
        }
    )  # fmt: skip


STAY, CRACKERS = experience("homestay", "homestay", (15,)), experience("rice-cracker", starts=(9, 14))
WALK, CLOTH = experience("walk"), experience("cloth", "product")


def offering(*offered: Experience, beds: int = 20) -> Offering:
    place = Place(lat=17.9, lon=101.4, accuracy_m=10, country="LA", subdivision="LA-XA")
    profile = CommunityProfile(
        id="bo-taen", names=Names(en="Bo Taen"), place=place, zone="Asia/Vientiane", currency="LAK", languages=("lo",),
        limits=CarryingLimits(visitors_per_day=50, guests_per_night=beds), contacts=("+856 20 5555 0101",),
    )  # fmt: skip
    return Offering(community=profile, experiences=offered)


def pool(name: str, capacity: int, taken: int = 0, day: date = DAY) -> PoolView:
    return PoolView(pool=name, day=day, capacity=capacity, taken=taken, oversold=0, held=0, booked=taken)


def departure(of: Experience, reason: Reason | None = None, day: date = DAY) -> Departure:
    return Departure(experience_id=of.id, day=day, start=of.starts[0], available=reason is None, reason=reason)


@pytest.mark.parametrize(
    ("left", "capacity", "closed", "kind", "quarters"),
    [
        (20, 20, False, "free", 0),
        (15, 20, False, "free", 1),
        (6, 20, False, "free", 2),
        (5, 20, False, "free", 3),
        (4, 20, False, "few", 3),
        (1, 20, False, "few", 3),
        (0, 20, False, "full", 4),
        (0, 0, False, "full", 0),
        (20, 20, True, "closed", 0),
        (None, None, False, "free", 0),
    ],
)
def test_a_day_is_free_few_full_or_closed(
    left: int | None, capacity: int | None, closed: bool, kind: str, quarters: int
) -> None:
    found = Places(DAY, left, capacity, closed)
    assert (found.kind, found.quarters) == (kind, quarters)


def test_more_promised_than_there_is_shows_as_full() -> None:
    levels = months.levels([pool("guests", 5, 7)])
    assert months.of_pool("guests", DAY, levels, frozenset()).kind == "full"


def test_an_experience_has_what_its_roomiest_start_has_and_never_more_than_the_community() -> None:
    seats = [pool(f"seats/{CRACKERS.id}/09:00", 16, 16), pool(f"seats/{CRACKERS.id}/14:00", 16, 4)]
    free = months.levels([*seats, pool("visitors", 50, 20)])
    assert months.of_experience(CRACKERS, DAY, free, frozenset()).left == 12
    crowded = months.levels([*seats, pool("visitors", 50, 48)])
    assert months.of_experience(CRACKERS, DAY, crowded, frozenset()).left == 2


def test_a_stay_takes_beds_and_a_product_has_one_pool_for_all_its_starts() -> None:
    levels = months.levels([pool("guests", 20, 14), pool("visitors", 50, 31), pool(f"seats/{CLOTH.id}", 16, 1)])
    assert months.of_experience(STAY, DAY, levels, frozenset()).left == 6
    assert months.of_experience(CLOTH, DAY, levels, frozenset()).left == 15


def test_a_day_is_closed_when_none_of_it_is_sold_however_late_it_is_to_ask() -> None:
    shut = [departure(STAY, "closed"), departure(WALK, "stop_sell")]
    assert months.unsold(shut, (STAY.id, WALK.id)) == {DAY}
    late = [departure(STAY, "cut_off"), departure(WALK, "closed"), departure(STAY, "closed", NEXT)]
    assert months.unsold(late, (STAY.id, WALK.id)) == {NEXT}
    assert months.unsold(late, (WALK.id,)) == {DAY}


def test_past_weeks_are_left_out_and_days_of_other_months_are_empty() -> None:
    found = months.weeks(date(2027, 4, 1), date(2027, 4, 14))
    assert found[0][:2] == (date(2027, 4, 12), date(2027, 4, 13))
    assert found[-1] == (*(date(2027, 4, day) for day in range(26, 31)), None, None)
    assert len(months.weeks(date(2027, 5, 1), date(2027, 4, 14))) == 6


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("", date(2027, 1, 1)),
        ("2027-03", date(2027, 3, 1)),
        ("2026-12", date(2027, 1, 1)),
        ("2099-01", date(2027, 1, 1)),
        ("soon", date(2027, 1, 1)),
    ],
)
def test_a_month_out_of_reach_is_this_one(text: str, month: date) -> None:
    assert calendar.asked_month(text, DAY) == month


def test_a_calendar_begins_with_beds_where_there_are_some() -> None:
    assert calendar.asked_view(offering(STAY, WALK), "").of == "guests"
    assert calendar.asked_view(offering(WALK), "").of == "visitors"
    assert calendar.asked_view(offering(STAY, beds=0), "guests").of == "visitors"
    assert calendar.asked_view(offering(STAY, WALK), WALK.id).experience == WALK


def test_the_numbers_of_a_day_are_the_pools_of_what_is_looked_at() -> None:
    own = offering(STAY, CRACKERS, CLOTH)
    names = ["guests", "visitors", f"seats/{CRACKERS.id}/09:00", f"seats/{CRACKERS.id}/14:00", f"seats/{CLOTH.id}"]
    levels = months.levels(pool(name, 10) for name in names)
    assert [row.pool for row in rows(own, None, DAY, levels)] == names[:2]
    assert [(row.pool, row.start) for row in rows(own, CRACKERS, DAY, levels)] == [
        (names[2], time(9)), (names[3], time(14)),
    ]  # fmt: skip
    assert [row.pool for row in rows(own, CLOTH, DAY, levels)] == names[4:]
    assert rows(own, STAY, DAY, levels) == []


def line(kind: str, of: str | None = None, **more: object) -> ExceptionView:
    fields = {"start": None, "pool": None, "capacity": None, "reason": "why", "at": AT, "lifted": False}
    said = {"day": DAY, "until": DAY, "experience_id": of, "kind": kind}
    return ExceptionView.model_validate(fields | said | more)


def test_a_day_stands_as_it_was_last_said_of_exactly_that() -> None:
    assert standing_of([], None) == "open"
    assert standing_of([line("closed"), line("lifted", pool="guests")], None) == "closed"
    assert standing_of([line("closed"), line("lifted")], None) == "open"
    assert standing_of([line("closed"), line("stop_sell")], None) == "stop_sell"
    assert standing_of([line("closed"), line("lifted", WALK.id)], None) == "closed"
    assert standing_of([line("closed"), line("closed", WALK.id, start=time(9))], WALK.id) == "open"


BEDS = Row("guests", "guests", pool("guests", 20), 20)
VISITORS = Row("visitors", "visitors", pool("visitors", 30), 50)


def changed(**typed: object) -> list[tuple[str, str | None, int | None]]:
    usual = {"reason": "why", "was:guests": "20", "was:visitors": "30"}
    form = DayForm.model_validate(usual | typed)
    return [(one.kind, one.pool, one.capacity) for one in changes_of(form, DAY, None, [BEDS, VISITORS])]


def test_only_what_somebody_changed_is_set() -> None:
    assert changed(**{"places:guests": "20", "places:visitors": "30"}) == []
    assert changed(**{"places:guests": "12", "places:visitors": "30"}) == [("capacity", "guests", 12)]
    assert changed(state="closed") == [("closed", None, None)]
    assert changed(state="stop_sell", was_state="closed") == [("stop_sell", None, None)]


def test_the_usual_number_is_no_exception_any_more() -> None:
    assert changed(**{"places:visitors": "50"}) == [("lifted", "visitors", None)]


def test_to_open_takes_numbers_back_so_those_that_stay_are_set_again() -> None:
    opened = changed(state="open", was_state="closed", **{"places:guests": "20", "places:visitors": "30"})
    assert opened == [("lifted", None, None), ("capacity", "visitors", 30)]
    usual = changed(state="open", was_state="closed", **{"places:guests": "20", "places:visitors": "50"})
    assert usual == [("lifted", None, None)]


def test_a_start_keeps_a_number_of_its_own() -> None:
    seats = Row("seats/x/09:00", "seats", pool("seats/x/09:00", 8), 16, time(9))
    form = DayForm.model_validate({"reason": "why", "was:seats/x/09:00": "8", "places:seats/x/09:00": "16"})
    (found,) = changes_of(form, DAY, CRACKERS.id, [seats])
    assert (found.kind, found.pool, found.start, found.capacity) == ("capacity", "seats", time(9), 16)


def booking(hold_id: str, partner: str | None = "tha-li", nights: int = 1, day: date = DAY) -> BookingSummary:
    return BookingSummary(
        hold_id=hold_id, referral_id=hold_id if partner else None, partner=partner, state="CONFIRMED",
        party=Party(adult=2), placed_at=AT, expires_at=None,
        items=(Item(experience_id=STAY.id, day=day, nights=nights),),
    )  # fmt: skip


ONE, OTHER = "018f2b1c-0000-7000-8000-000000000001", "018f2b1c-0000-7000-8000-000000000002"


def test_whoever_was_not_shown_yet_is_shown_before_anything_is_done() -> None:
    known = Known("bo-taen", {})
    effect = Effect([promised(known, booking(ONE)), promised(known, booking(OTHER))], (), 2)
    assert effect.unseen(())
    assert effect.unseen([ONE])
    assert not effect.unseen([ONE, OTHER])
    assert not Effect().unseen(())


def test_what_a_service_says_has_names_in_place_of_the_ids_that_are_known() -> None:
    known = Known("tha-li", {"bo-taen": offering(STAY)})
    text = "bo-taen.homestay of bo-taen is full, not kok-sathon.walk, from 15:00 on 2027-01-14."
    said = known.said(Phrases.of("en"), text)
    assert said == "homestay of Bo Taen is full, not kok-sathon.walk, from 15:00 on 2027-01-14."


def test_a_promised_party_is_shown_with_the_office_that_sent_it() -> None:
    known = Known("tha-li", {"bo-taen": offering(STAY)})
    theirs = promised(known, booking(ONE, "bo-taen", nights=2))
    assert (theirs.last, theirs.link) == (NEXT, f"/handoffs/{ONE}")
    assert theirs.contacts == (Contact("+856 20 5555 0101", "tel:+8562055550101"),)
    ours = promised(known, booking(ONE, None))
    assert (ours.partner, ours.contacts, ours.link) == (None, (), f"/guests/{ONE}")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("+66 42 889 123", "tel:+6642889123"),
        ("042-889-123", "tel:042889123"),
        ("office@example.org", "mailto:office@example.org"),
        ("LINE: thali", ""),
        ("12", ""),
        ("a house @ the bridge", ""),
    ],
)
def test_a_phone_calls_a_number_and_writes_to_an_address(text: str, link: str) -> None:
    assert contact(text) == Contact(text, link)


def test_own_guests_stand_on_the_day_they_come_or_on_the_first_day_shown() -> None:
    known = Known("bo-taen", {})
    before = promised(known, booking(ONE, None, nights=3, day=date(2027, 1, 13)))
    after = promised(known, booking(OTHER, None, day=NEXT))
    assert guests.by_day([after, before], DAY) == {DAY: [before], NEXT: [after]}


def test_a_departure_reads_back_as_it_was_written() -> None:
    item = Item(experience_id=CRACKERS.id, day=DAY, start=time(14))
    assert guests_booking.read(guests_booking.written(item)) == item
    bare = Item(experience_id=CRACKERS.id, day=DAY)
    assert guests_booking.read(guests_booking.written(bare)) == bare
    for wrong in ("", "x", "bo-taen.walk@soon@09:00", "bo-taen.walk@2027-01-14@late", "x@2027-01-14@"):
        assert guests_booking.read(wrong) is None


def test_nights_are_those_of_a_stay_and_what_is_not_offered_is_left_out() -> None:
    known = Known("bo-taen", {"bo-taen": offering(STAY, WALK)})
    texts = [f"{one}@{DAY}@09:00" for one in (STAY.id, WALK.id, "bo-taen.gone")]
    assert [(item.experience_id, item.nights) for item in guests_booking.items_of(texts, 2, known)] == [
        (STAY.id, 2), (WALK.id, 1),
    ]  # fmt: skip


def test_notice_keeps_no_own_guests_out_and_a_closed_day_does() -> None:
    levels = months.levels([pool("guests", 20, 3), pool("visitors", 50)])
    near, shut = departure(STAY, "cut_off"), departure(STAY, "closed")
    offered = {STAY.id: STAY}
    (free,) = guests_booking.choices_of([near], offered, levels)
    (closed,) = guests_booking.choices_of([shut], offered, levels)
    assert (free.reason, free.places.left, closed.reason) == (None, 17, "closed")


def test_a_form_without_a_number_says_so() -> None:
    with pytest.raises(ValueError, match="places"):
        DayForm.model_validate({"reason": "why", "places:guests": "many"})
