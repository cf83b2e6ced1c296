"""Pages for everybody: off until switched on, the same for all, without a cookie; photos and questions come and go."""

import io
import re
from collections.abc import Iterator
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload

from services.client.phrases.catalogue import LANGUAGES
from tests.support.browser.chromium import Device
from tests.support.canary import forms
from tests.support.portal.node import Portal, running_portal
from tests.support.portal.showing import LEADS, switch_on

CONTACT, QUESTION = "Canarina 0812345678", "May canarias come at dawn?"


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture(scope="module")
def public(portal: Portal, browser: Browser) -> Portal:
    """The same, once its page is switched on; before, there is none."""
    answers = [httpx.get(f"{portal.base_url}/{language}/bo-taen") for language in LANGUAGES]
    assert [answer.status_code for answer in answers] == [404] * len(LANGUAGES)
    switch_on(portal, browser)
    return portal


def seen(portal: Portal, value: str) -> list[str]:
    """In which files of the node a value stands in any form, the database's journal among them, or in its log."""
    wanted = forms(value)
    files = [file for file in portal.node.data.rglob("*") if file.is_file()]
    places = [*((file.name, file.read_bytes()) for file in files), ("said", portal.node.said.encode())]
    return sorted({name for name, content in places if any(form in content for form in wanted)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_the_same_for_all_and_sets_no_cookie(public: Portal, language: str) -> None:
    path = f"{public.base_url}/{language}/bo-taen"
    answer = httpx.get(path)
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"].startswith("public, max-age=60, stale-while-revalidate")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert LEADS[language] in answer.text
    assert re.search(r'<meta name="robots" content="noindex">', answer.text), "a demonstration is not to be found"
    assert set(re.findall(r'hreflang="(\w+)" href="http', answer.text)) == set(LANGUAGES)
    sent_on = [unquote(text) for text in re.findall(r'href="https://[a-z./R]+\?text=([^"]+)"', answer.text)]
    assert [text.splitlines()[1:] for text in sent_on] == [[LEADS[language], path]] * 2, "to LINE and to WhatsApp"
    again = httpx.get(path, headers={"if-none-match": answer.headers["etag"], "cookie": "handoff=x; handoff-form=y"})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_no_page_is_not_there(public: Portal) -> None:
    for path in ("/de/bo-taen", "/en/tha-li", "/en/bo-taen/nothing", "/en/..%2Ftoday", "/photos/x.jpg"):
        answer = httpx.get(f"{public.base_url}{path}")
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers
    assert "bo-taen" not in httpx.get(f"{public.base_url}/sitemap.xml").text
    assert "Disallow: /" in httpx.get(f"{public.base_url}/robots.txt").text


def test_a_photo_is_there_until_it_is_removed(public: Portal, browser: Browser) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (17.0, 39.0, 36.0)})
    Image.effect_noise((800, 600), 60).convert("RGB").save(file, "JPEG", exif=exif)
    with public.phone(browser, "botaen", Device(language="en")) as phone:
        phone.open("/community/public")
        no_photo: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
        phone.page.locator("#photo").set_input_files(no_photo)
        phone.page.locator("#alt").fill("The valley in the morning")
        phone.tap("Add this photo").sees("This is no photo that can be read here.")
        photo: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
        phone.page.locator("#photo").set_input_files(photo)
        phone.tap("Add this photo").sees("Remove this photo")
        shown = httpx.get(f"{public.base_url}/en/bo-taen").text
        (path,) = set(re.findall(r'src="(/photos/\w+\.jpg)"', shown))
        kept = httpx.get(f"{public.base_url}{path}")
        assert "immutable" in kept.headers["cache-control"]
        assert len(kept.content) <= 60 * 1024
        assert not Image.open(io.BytesIO(kept.content)).getexif()
        phone.tap("Remove this photo").tap("Yes, remove it").sees("Saved.")
        assert httpx.get(f"{public.base_url}{path}").status_code == 404


def test_a_question_arrives_is_read_and_is_gone(public: Portal, browser: Browser) -> None:
    with public.phone(browser, device=Device(language="en", scripts=False)) as stranger:
        stranger.open("/en/bo-taen")
        stranger.page.locator("#contact").fill(CONTACT)
        stranger.page.locator("#question").fill(QUESTION)
        stranger.tap("Send the question").sees("Your question is there.")
        assert "anari" not in stranger.page.url
        assert stranger.context.cookies() == []
        assert stranger.watch.foreign == []
    assert seen(public, LEADS["en"]), "what is no secret is found there"
    assert [*seen(public, CONTACT), *seen(public, QUESTION)] == []
    with public.phone(browser, "botaen-door", Device(language="en")) as helper:
        assert helper.open("/today").page.locator("a[href='/enquiries']").count() == 0
    with public.phone(browser, "botaen", Device(language="en")) as phone:
        for page in ("/requests", "/today"):
            phone.open(page).sees("1 question from your public page")
        phone.page.locator("a[href='/enquiries']").click()
        phone.tap("Read it").sees(CONTACT).sees(QUESTION)
        phone.tap("Answered: delete it").sees("Nobody has asked yet")
        assert phone.open("/today").page.locator("a[href='/enquiries']").count() == 0
    assert [*seen(public, CONTACT), *seen(public, QUESTION)] == []


def test_whoever_is_not_signed_in_finds_the_communities_and_the_way_in(public: Portal, browser: Browser) -> None:
    with public.phone(browser, device=Device(language="en", scripts=False)) as stranger:
        stranger.open("/").tap("Communities that welcome you").sees("From one village to the next")
        assert stranger.page.url == f"{public.base_url}/en"
        stranger.open("/no/such/page/here", 404).sees("This page is not here").sees("All communities")
        assert "Back to today" not in stranger.read()
        stranger.tap("Sign in").sees("Password")
    with public.phone(browser, "botaen-door", Device(language="en", scripts=False)) as helper:
        assert "All communities" not in helper.open("/no/such/page/here", 404).sees("Back to today").read()


def test_what_is_filled_in_where_nobody_sees_reaches_nobody(public: Portal, browser: Browser) -> None:
    page = httpx.get(f"{public.base_url}/th/bo-taen").text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    said = {"token": token[1], "contact": CONTACT, "question": QUESTION, "website": "http://spam"}
    answer = httpx.post(f"{public.base_url}/th/bo-taen", data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, "/th/bo-taen?sent=1#ask")
    old = httpx.post(f"{public.base_url}/th/bo-taen", data=said | {"token": "1-0", "website": ""})
    assert old.status_code == 422
    elsewhere = httpx.post(f"{public.base_url}/th/bo-taen", data=said, headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.status_code == 400
    with public.phone(browser, "botaen", Device(language="en")) as phone:
        phone.open("/enquiries").sees("Nobody has asked yet")


def test_helpers_read_no_questions(public: Portal, browser: Browser) -> None:
    with public.phone(browser, "botaen-door", Device(language="en")) as phone:
        phone.open("/enquiries", 403).open("/community/public", 403)
