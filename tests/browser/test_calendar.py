"""Members of Bo Taen look after their places: a month, a day, several days, and guests of their own at the counter."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from contracts.booking.v1 import AskExceptions, AskPools, PoolView
from contracts.portal.v1 import OpenAccount
from contracts.values import Party
from services.client import passwords
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Account, Phone
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import Playing

#: In Bo Taen it is nine in the morning.
NOW = datetime(2027, 1, 8, 2, tzinfo=UTC)
#: A family of three from Tha Li is promised this night; each test that changes a day has another one.
PROMISED = date(2027, 1, 14)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        playing = Playing(running.client)
        playing.clock(NOW)
        playing.knows("tha-li", "bo-taen")
        for name, day in (("family", PROMISED), ("others", PROMISED + timedelta(days=7))):
            playing.offered(name, "bo-taen", day, Party(adult=2, child=1))
        yield running


@pytest.fixture
def held(portal: Portal, browser: Browser) -> Iterator[Phone]:
    """A coordinator's phone with scripts off, for everything works without them."""
    with portal.phone(browser, "botaen", Device(scripts=False)) as phone:
        yield phone


def pools(portal: Portal, day: date) -> dict[str, PoolView]:
    asked = AskPools(first=day, last=day, untouched=True)
    return {pool.pool: pool for pool in portal.client.send(asked, acting="bo-taen").items}


def history(portal: Portal, day: date) -> list[tuple[str, str]]:
    found = portal.client.send(AskExceptions(first=day, last=day), acting="bo-taen").items
    return [(line.kind, line.reason) for line in found]


def cell(phone: Phone, day: date) -> Locator:
    return phone.page.locator(f"a.c[href^='/calendar/{day}']")


def set_places(phone: Phone, pool: str, number: int) -> None:
    phone.page.locator(f"[name='places:{pool}']").fill(str(number))


def because(phone: Phone, reason: str) -> Phone:
    phone.page.locator("#reason").fill(reason)
    return phone


def between(phone: Phone, first: date, last: date) -> Phone:
    phone.page.locator("#first").fill(str(first))
    phone.page.locator("#last").fill(str(last))
    return phone


def test_a_month_says_what_is_free_and_leads_to_the_next(held: Phone) -> None:
    held.open("/calendar").sees("January 2027")
    expect(cell(held, PROMISED)).to_have_text(re.compile(r"14\s*free\s*17"))
    expect(cell(held, date(2027, 1, 3))).to_have_count(0)
    held.tap("Month after").sees("February 2027").tap("Visitors")
    expect(cell(held, date(2027, 2, 1))).to_have_text(re.compile(r"1\s*free\s*50"))
    held.tap("Month before").tap("Tad Ham waterfall trek with local guide")
    expect(cell(held, date(2027, 1, 15))).to_have_text(re.compile(r"15\s*free\s*12"))


def test_who_is_promised_a_place_is_shown_before_the_day_is_closed(portal: Portal, held: Phone) -> None:
    reason = "Temple festival"
    held.open(f"/calendar/{PROMISED}").sees("Tha Li community")
    before = history(portal, PROMISED)
    because(held.choose("closed"), reason).tap("Save")
    held.sees("1 party is promised already").sees("tha-li@example.org").sees("2 adults, 1 child")
    assert history(portal, PROMISED) == before
    held.tap("Change nothing").sees("Places that day")
    assert history(portal, PROMISED) == before
    because(held.choose("closed"), reason).tap("Save").tap("Close Thu 14 Jan all the same")
    held.sees(f"Closed: {reason}").sees("botaen")
    assert history(portal, PROMISED)[-1] == ("closed", reason)
    held.open("/calendar")
    expect(cell(held, PROMISED)).to_have_class(re.compile("closed"))
    because(held.open(f"/calendar/{PROMISED}").choose("open"), "It is over").tap("Save")
    held.open("/calendar")
    expect(cell(held, PROMISED)).to_have_class(re.compile("free"))


def test_fewer_beds_than_are_promised_are_set_only_when_it_was_shown(portal: Portal, held: Phone) -> None:
    day = PROMISED + timedelta(days=7)
    held.open(f"/calendar/{day}")
    set_places(held, "guests", 2)
    because(held, "House repair").tap("Save").sees("3 promised, 2 places").sees("Tha Li community")
    assert pools(portal, day)["guests"].capacity == 20
    held.tap("Set fewer places all the same").sees("1 more are promised than there are places")
    assert (pools(portal, day)["guests"].capacity, pools(portal, day)["visitors"].capacity) == (2, 50)
    set_places(held, "guests", 20)
    because(held, "The house is done").tap("Save").sees("As usual again: The house is done")
    assert pools(portal, day)["guests"].capacity == 20


def test_selling_is_stopped_without_asking_and_begins_again_with_the_numbers_kept(portal: Portal, held: Phone) -> None:
    day = date(2027, 2, 1)
    held.open(f"/calendar/{day}").choose("not sold")
    set_places(held, "visitors", 30)
    because(held, "Rest days").tap("Save").sees("Selling stopped: Rest days")
    assert pools(portal, day)["visitors"].capacity == 30
    because(held.choose("open"), "We rested").tap("Save").sees("As usual again: We rested")
    assert pools(portal, day)["visitors"].capacity == 30


def test_only_what_somebody_changed_is_changed(portal: Portal, browser: Browser, held: Phone) -> None:
    day = date(2027, 2, 5)
    held.open(f"/calendar/{day}")
    with portal.phone(browser, "botaen") as other:
        other.open(f"/calendar/{day}")
        set_places(other, "guests", 10)
        because(other, "Two houses").tap("Save")
    set_places(held, "visitors", 40)
    because(held, "A wedding").tap("Save").sees("Visitors set to 40: A wedding")
    found = pools(portal, day)
    assert (found["guests"].capacity, found["visitors"].capacity) == (10, 40)


def test_a_tap_on_more_is_one_place_more(portal: Portal, browser: Browser) -> None:
    day = date(2027, 2, 7)
    with portal.phone(browser, "botaen") as phone:
        phone.open(f"/calendar/{day}").tap("Beds that night: more").tap("Beds that night: more")
        because(phone, "A new house").tap("Save").sees("Beds set to 22: A new house")
    assert pools(portal, day)["guests"].capacity == 22


def test_one_experience_has_less_seats_at_one_start_and_the_others_stay(portal: Portal, held: Phone) -> None:
    day = date(2027, 2, 8)
    held.open(f"/calendar/{day}?of=bo-taen.rice-cracker")
    set_places(held, "seats/bo-taen.rice-cracker/14:00", 8)
    because(held, "One teacher").tap("Save").sees("Places set to 8: One teacher")
    found = pools(portal, day)
    seats = [found[f"seats/bo-taen.rice-cracker/{start}"].capacity for start in ("09:30", "14:00")]
    assert seats == [16, 8]


def test_several_days_are_closed_at_once_and_opened_again(held: Phone) -> None:
    first = date(2027, 3, 1)
    last = first + timedelta(days=3)
    between(held.open("/calendar/close"), last, first)
    held.tap("Save").sees("The last day is before the first.")
    between(held, first, last).tap("Save").sees("Say why, in a few words.")
    held.choose("House repair").tap("Save").sees("March 2027")
    for day in (first, last):
        expect(cell(held, day)).to_have_class(re.compile("closed"))
    expect(cell(held, last + timedelta(days=1))).to_have_class(re.compile("free"))
    between(held.open("/calendar/close"), first, last).choose("as usual again")
    because(held, "All done").tap("Save")
    expect(cell(held, first)).to_have_class(re.compile("free"))


def test_several_days_with_somebody_promised_show_whom_to_call_first(portal: Portal, held: Phone) -> None:
    before = history(portal, PROMISED)
    between(held.open("/calendar/close"), PROMISED, PROMISED + timedelta(days=2))
    held.choose("Rest days").tap("Save").sees("1 party is promised already").sees("tha-li@example.org")
    held.tap("Change nothing")
    assert history(portal, PROMISED) == before


def test_days_of_the_month_that_is_looked_at_are_closed(held: Phone) -> None:
    held.open("/calendar").tap("Close several days")
    expect(held.page.locator("#first")).to_have_value(f"{NOW:%Y-%m-%d}")
    held.open("/calendar").tap("Month after").tap("Close several days")
    expect(held.page.locator("#first")).to_have_value("2027-02-01")
    held.tap("Back").sees("February 2027")


def test_a_mistake_is_told_with_the_field_that_it_is_in(held: Phone) -> None:
    held.open("/calendar/close").page.locator("#first").fill("")
    held.tap("Save").sees("First day: is missing")
    held.open("/calendar/2027-02-15").tap("Save").sees("Reason: is missing")
    held.open("/guests/new").page.locator("#adult").fill("0")
    held.tap("Take the places").sees("How many people? A party needs at least one adult")


def test_own_guests_are_booked_changed_and_cancelled_without_a_name(portal: Portal, held: Phone) -> None:
    day = date(2027, 2, 20)
    held.open(f"/guests/new?day={day}").page.get_by_label(re.compile("Bo Taen homestay")).check()
    held.page.locator("#adult").fill("3")
    held.tap("Take the places").sees("Booked").sees("3 adults").sees("Total")
    assert pools(portal, day)["guests"].taken == 3
    held.tap("Change it")
    held.page.locator("#adult").fill("2")
    held.page.locator("#nights").fill("2")
    held.fill("Which day?", str(day + timedelta(days=1))).tap("Show this day").sees("On other days")
    held.page.get_by_label(re.compile("Rice-cracker making.*14:00")).check()
    held.tap("Save").sees("2 adults").sees("2 nights").sees("Rice-cracker making")
    assert pools(portal, day)["guests"].taken == 2
    held.open(f"/guests?day={day}").sees("2 adults").page.locator("ul.menu a").first.click()
    held.tap("Cancel the booking").sees("This cannot be called back.")
    assert pools(portal, day)["guests"].taken == 2
    held.tap("Yes, cancel it").sees("Own guests")
    assert pools(portal, day)["guests"].taken == 0


def test_places_are_held_for_own_guests_and_booked_when_they_come_back(held: Phone) -> None:
    day = date(2027, 2, 24)
    held.open(f"/guests/new?day={day}").page.get_by_label(re.compile("Tad Ham")).check()
    held.choose("Hold until Sat 9 Jan").tap("Take the places").sees("Places held").sees("Held until")
    held.tap("Hold a day longer").sees("Sun 10 Jan").tap("Book it").sees("Booked")


def test_own_guests_whom_a_rule_keeps_out_are_told_why_and_nothing_typed_is_lost(held: Phone) -> None:
    held.open("/guests/new?day=2027-02-27").page.get_by_label(re.compile("Tad Ham")).check()
    held.page.locator("#adult").fill("15")
    held.tap("Take the places").sees("There is a problem")
    expect(held.page.locator("#adult")).to_have_value("15")
    expect(held.page.get_by_label(re.compile("Tad Ham"))).to_be_checked()
    held.page.locator("#adult").fill("0")
    held.tap("Take the places").sees("There is a problem")


def test_a_helper_books_own_guests_and_changes_no_day(portal: Portal, browser: Browser) -> None:
    with portal.phone(browser, "botaen-door") as helper:
        helper.open(f"/calendar/{PROMISED}").sees("Who is coming").sees("Book own guests")
        expect(helper.thing("Save")).to_have_count(0)
        helper.open("/calendar/close", 403).open("/guests/new")


def test_an_observer_sees_numbers_only(portal: Portal, browser: Browser) -> None:
    asked = OpenAccount(name="botaen-look", password=passwords.hashed("only looking"), role="observer")
    portal.client.send(asked, acting="bo-taen")
    with portal.phone(browser) as observer:
        observer.sign_in(Account("botaen-look", "only looking", "bo-taen"))
        observer.open("/calendar").sees("17").open(f"/calendar/{PROMISED}").sees("3 people")
        assert "Tha Li" not in observer.read()
        assert "What was changed" not in observer.read()
        observer.open("/guests").open("/guests/new", 403)


def test_a_refused_day_keeps_what_was_typed(held: Phone) -> None:
    held.open("/calendar/2027-02-15").choose("closed").tap("Save").sees("There is a problem")
    expect(held.page.get_by_label("closed")).to_be_checked()


@pytest.mark.parametrize("path", ["/calendar/2027-13-01", "/calendar/tomorrow", "/guests/nobody"])
def test_what_is_no_day_or_booking_is_not_here(portal: Portal, browser: Browser, path: str) -> None:
    with portal.phone(browser, "botaen") as phone:
        phone.open(path, 404)


def test_in_thai_a_day_is_closed_on_a_small_phone(portal: Portal, browser: Browser) -> None:
    day = date(2027, 2, 17)
    with portal.phone(browser, "botaen", Device(language="th", scripts=False)) as phone:
        phone.open("/calendar?month=2027-02").sees("กุมภาพันธ์ 2570")
        cell(phone, day).click()
        phone.page.get_by_label("ปิด", exact=True).check()
        because(phone, "งานบุญวัด").tap("บันทึก").sees("ปิดรับ: งานบุญวัด")
        assert history(portal, day) == [("closed", "งานบุญวัด")]
