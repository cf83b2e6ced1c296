"""A community's own affairs on phones without scripts: offers, partners, statements, and everything taken home."""

import csv
import io
import json
import re
import secrets
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Browser, expect

from contracts.community.v1 import Experience, FindExperiences, ListPartnerships
from contracts.node.v1 import ListAudit
from contracts.portal.v1 import OpenAccount
from contracts.referral.v1 import CompleteVisit
from contracts.values import Party
from services.client import passwords
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Account, Phone, phone
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.playing import TRAVELLERS, Playing

MORNING = datetime(2027, 1, 8, 2, tzinfo=UTC)
DAY = date(2027, 1, 14)
STAY = "/community/offers/bo-taen.homestay"
STATEMENT = "/statements/{}/2027-01"
WORDS = re.compile(r"(?:[0-9a-f]{4} ){4}[0-9a-f]{4}")


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        Playing(running.client).clock(MORNING)
        yield running


@pytest.fixture
def botaen(portal: Portal, browser: Browser) -> Iterator[Phone]:
    with on_a_phone(portal, browser) as held:
        yield held


@contextmanager
def on_a_phone(portal: Portal, browser: Browser, who: str = "botaen", language: str = "en") -> Iterator[Phone]:
    with portal.phone(browser, who, Device(language=language, scripts=False)) as held:
        yield held


@contextmanager
def coordinator(portal: Portal, browser: Browser, community: str) -> Iterator[Phone]:
    """A phone of a coordinator of any community of the node."""
    account = Account(f"{community}-coordinator", secrets.token_hex(8), community)
    opened = OpenAccount(name=account.name, password=passwords.hashed(account.password), role="coordinator")
    portal.client.send(opened, acting=community)
    with phone(browser, portal.base_url, Device(language="en", scripts=False)) as held:
        yield held.sign_in(account)


def stay(portal: Portal) -> Experience:
    listed = portal.client.send(FindExperiences(community="bo-taen")).items
    return next(one for one in listed if one.id == "bo-taen.homestay")


def price(portal: Portal) -> str:
    return next(unit.price.amount for unit in stay(portal).prices if unit.unit == "adult")


def reopened_until(held: Phone, path: str, words: str) -> None:
    """Open the page anew until it says so: what the other side did is on its way."""
    limit = time.monotonic() + 20
    while words not in held.open(path).read().replace("\u00a0", " "):
        assert time.monotonic() < limit, held.read()[:1500]
        time.sleep(0.3)


def test_an_experience_is_edited_in_thai(portal: Portal, browser: Browser) -> None:
    with on_a_phone(portal, browser, language="th") as held:
        page = held.open("/community").page
        page.locator(f"a[href='{STAY}']").click()
        page.fill("#seats", "21")
        page.fill("#price_adult", "๒๖๐,๐๐๐")
        page.fill("#name_th", "โฮมสเตย์ริมห้วย")
        page.get_by_label("มิ.ย.").uncheck()
        held.tap("บันทึก")
        expect(page.locator("#seats-wrong")).to_be_visible()
        assert page.locator(".err a[href='#seats']").count() == 1
        assert page.input_value("#price_adult") == "๒๖๐,๐๐๐"
        assert page.input_value("#name_th") == "โฮมสเตย์ริมห้วย"
        assert price(portal) == "250000.00"
        page.fill("#seats", "18")
        held.tap("บันทึก").sees("โฮมสเตย์ริมห้วย").sees("260,000 LAK")
    now = stay(portal)
    assert (price(portal), now.seats, now.names.th) == ("260000.00", 18, "โฮมสเตย์ริมห้วย")
    assert now.months == (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)


def test_what_two_change_at_once_is_told_and_both_are_kept(portal: Portal, browser: Browser, botaen: Phone) -> None:
    mine = botaen.open(STAY).page
    mine.fill("#seats", "15")
    with on_a_phone(portal, browser) as other:
        other.open(STAY).page.fill("#price_adult", "270000")
        other.tap("Save")
        other.open("/community/profile").page.fill("#visitors_per_day", "55")
        other.tap("Save").sees("55")
    botaen.tap("Save").sees("Somebody else has changed this meanwhile").sees("Price: 270,000 LAK")
    assert (price(portal), mine.input_value("#seats")) == ("270000.00", "15")
    mine.fill("#price_adult", "270000")
    botaen.tap("Save").sees("270,000 LAK")
    assert (price(portal), stay(portal).seats) == ("270000.00", 15)
    botaen.open("/community").sees("55")


def test_something_is_added_and_taken_off(botaen: Phone) -> None:
    page = botaen.open("/community/offers/new").page
    page.fill("#name_en", "Indigo dyeing")
    for label in ("Activity", "Half a day"):
        page.get_by_label(label, exact=True).check()
    page.locator("input[name=starts]").first.fill("09:00")
    page.fill("#price_adult", "90000")
    botaen.tap("Offer it").sees("Indigo dyeing")
    botaen.open("/community/offers/bo-taen.indigo-dyeing").tap("Offer it no longer").sees("stays promised")
    botaen.tap("Yes, take it off")
    assert "Indigo dyeing" not in botaen.sees("What we offer").read()
    botaen.open("/community/offers/bo-taen.indigo-dyeing", status=404)


def test_nobody_else_is_published_for(portal: Portal, botaen: Phone) -> None:
    page = botaen.open(STAY).page
    page.locator("form.stack").evaluate("(form) => { form.action = '/community/offers/tha-li.homestay' }")
    page.get_by_role("button", name="Save").click()
    botaen.sees("This page is not here")
    ids = [one.id for one in portal.client.send(FindExperiences(community="tha-li")).items]
    assert all(id_.startswith("tha-li.") for id_ in ids)


def test_two_communities_compare_their_words_and_become_partners(portal: Portal, browser: Browser) -> None:
    with coordinator(portal, browser, "laem-klat") as asks, coordinator(portal, browser, "bo-suak") as answers:
        asks.open("/partners").tap("Propose to a community").page.fill("#text", "bo suak")
        asks.tap("Find")
        asks.page.locator("a[href='/partners/new/bo-suak']").click()
        asks.page.fill("#referral_fee_percent", "much")
        asks.page.fill("#response_hours", "6")
        asks.tap("Propose this").sees("There is a problem")
        assert asks.page.input_value("#response_hours") == "6"
        asks.page.fill("#referral_fee_percent", "7,5")
        asks.tap("Propose this").sees("The proposal waits for their word.")
        reopened_until(answers, "/partners", "Proposed to us")
        answers.tap("Read and answer").sees("7.5 %").sees("6 hours")
        theirs = WORDS.findall(answers.read())
        reopened_until(asks, "/partners/bo-suak", "since")
        answers.tap("Agree, once we have called").tap("Yes, agree").sees("Compare the words on the phone first.")
        assert [one.state for one in portal.client.send(ListPartnerships(), acting="bo-suak").items if
                one.partner == "laem-klat"] == ["proposed"]  # fmt: skip
        answers.page.locator("input[name=compared]").check()
        answers.tap("Yes, agree").sees("Active")
        reopened_until(asks, "/partners/bo-suak", "Active")
        ours = WORDS.findall(asks.read())
        assert (len(ours), ours) == (2, theirs[::-1])
        asks.tap("Pause handing over").sees("Paused")
        reopened_until(answers, "/partners/laem-klat", "Paused")
        asks.tap("Hand over again").sees("Active").tap("End it").sees("goes on to its end").tap("Yes, end it").sees(
            "Ended"
        )
        reopened_until(answers, "/partners/laem-klat", "Ended")


def test_what_was_read_is_what_is_agreed_to(portal: Portal, browser: Browser) -> None:
    with (
        coordinator(portal, browser, "kok-sathon") as answers,
        coordinator(portal, browser, "huai-yai-chak-ngaeo") as asks,
    ):
        for fee in ("5", "9"):
            asks.open("/partners/new/kok-sathon").page.fill("#referral_fee_percent", fee)
            asks.tap("Propose this")
            reopened_until(answers, "/partners/huai-yai-chak-ngaeo", f"{fee} %")
            if fee == "5":
                answers.tap("Agree, once we have called")
                answers.page.locator("input[name=compared]").check()
                form = answers.page.locator("input[name=looked_at]").input_value()
                asks.open("/partners/kok-sathon").tap("Take the proposal back").tap("Yes, take it back")
                reopened_until(asks, "/partners/kok-sathon", "Ended")
        answers.tap("Agree, once we have called")
        answers.page.locator("input[name=looked_at]").evaluate("(field, value) => { field.value = value }", form)
        answers.page.locator("input[name=compared]").check()
        answers.tap("Yes, agree").sees("Their proposal became another while you looked")


@pytest.fixture(scope="module")
def visited(portal: Portal) -> Playing:
    """A visit in each direction, both over, in January; it is February."""
    play = Playing(portal.client)
    for community, partner in (("tha-li", "bo-taen"), ("bo-taen", "tha-li")):
        play.knows(community, partner)
    play.offered("there", "bo-taen", DAY, Party(adult=2), language="en")
    play.offered("here", "tha-li", DAY, Party(adult=3), language="en")
    for name in ("there", "here"):
        play.confirmed(name)
    play.clock(datetime(2027, 1, 14, 6, tzinfo=UTC))
    for name in ("there", "here"):
        play.departed(name)
        play.arrived(name)
    play.clock(datetime(2027, 1, 15, 3, tzinfo=UTC))
    for name in ("there", "here"):
        portal.client.send(CompleteVisit(referral=play.ids[name]), acting=play.receiver(name))
        play.becomes(name, "completed")
    play.clock(datetime(2027, 2, 1, 3, tzinfo=UTC))
    return play


@pytest.mark.usefixtures("visited")
def test_a_statement_is_confirmed_by_both(portal: Portal, browser: Browser, botaen: Phone) -> None:
    botaen.open("/statements").page.locator("main a[href='/statements/tha-li/2027-01']").click()
    botaen.sees("January 2027").sees("We owe").sees("owes us").sees("Each currency by itself. Nothing is set off.")
    page = botaen.page
    good = page.locator("input[name=digest]").input_value()
    page.locator("input[name=digest]").evaluate("(field) => { field.value = '0'.repeat(64) }")
    botaen.tap("The sums are right").sees("These are the figures as they are now.")
    assert page.locator("input[name=digest]").input_value() == good
    botaen.tap("The sums are right").sees("We confirmed on Mon 1 Feb")
    assert "The sums are right" not in botaen.read()
    with on_a_phone(portal, browser, "thali") as held:
        reopened_until(held, STATEMENT.format("bo-taen"), "confirmed on Mon 1 Feb")
        held.tap("The sums are right").sees("We confirmed on")
    reopened_until(botaen, STATEMENT.format("tha-li"), "Tha Li community confirmed on Mon 1 Feb")
    botaen.tap("Something is wrong").sees("tha-li@example.org")


@pytest.mark.usefixtures("visited")
def test_a_statement_is_downloaded(botaen: Phone) -> None:
    page = botaen.open(STATEMENT.format("tha-li")).page
    rows = list(csv.DictReader(io.StringIO(downloaded(botaen, "Table (CSV)").decode("utf-8-sig"))))
    assert {(row["owed_by"], row["currency"], row["adult"]) for row in rows} == {
        ("bo-taen", "LAK", "2"),
        ("tha-li", "THB", "3"),
    }
    whole = json.loads(downloaded(botaen, "JSON"))
    assert (whole["community"], whole["count"], len(whole["lines"])) == ("bo-taen", 2, 2)
    page.close()


def test_everything_is_taken_home(portal: Portal, botaen: Phone, visited: Playing) -> None:
    botaen.open("/community").tap("Download all our data")
    file = zipfile.ZipFile(io.BytesIO(downloaded(botaen, "Make the file")))
    assert file.testzip() is None
    text = {name: file.read(name).decode("utf-8-sig") for name in file.namelist()}
    handoffs = json.loads(text["handoffs.json"])
    assert {one["referral_id"] for one in handoffs} == set(visited.ids.values())
    assert all(one["story"] and one["amounts"] for one in handoffs)
    for name in ("profile", "experiences", "partnerships", "members", "bookings", "statements", "audit"):
        assert json.loads(text[f"{name}.json"]), name
    assert len(list(csv.DictReader(io.StringIO(text["statements.csv"])))) == 2
    secret = [
        TRAVELLERS["en"],
        *(part for n in visited.ids for part in (visited.view(n).pass_token, visited.view(n).short_code)),
    ]
    assert all(secret), "there is something to keep out"
    assert not [name for name, told in text.items() for one in secret if one and one in told]
    lines = portal.client.send(ListAudit(community="bo-taen", limit=1000), acting="bo-taen", service="referral").items
    assert [line.who for line in lines if line.what == "community_exported"] == [botaen_account(text)]


def botaen_account(text: dict[str, str]) -> str:
    """Whoever the phone is of, as the audit names members."""
    accounts = [one["account"] for one in json.loads(text["members.json"]) if one["name"].startswith("botaen-en")]
    return f"member:{accounts[0]}"


def test_a_helper_is_shown_what_a_helper_may_open(portal: Portal, browser: Browser) -> None:
    with on_a_phone(portal, browser, "botaen-door") as held:
        said = held.open("/community").sees("What we offer").read()
        for words in (
            "Add an offer",
            "Monthly statement",
            "Download all our data",
            "Club members",
            "Change our profile",
        ):
            assert words not in said
        for path in ("/community/export", "/statements", "/community/profile", STAY, "/partners/tha-li/end"):
            held.open(path, status=403)
        assert "Pause handing over" not in held.open("/partners/tha-li").read()


def downloaded(held: Phone, words: str) -> bytes:
    """What a tap gives as a file, whose name tells nothing."""
    with held.page.expect_download() as coming:
        held.thing(words).click()
    assert coming.value.suggested_filename in ("statement.csv", "statement.json", "handoff-export.zip")
    return coming.value.path().read_bytes()
