"""What a phone does with a push, and how it subscribes.

A push service is out of reach here: the browser is given what one would bring, and a subscription as one would make it.
"""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.phone import open_page, phone
from tests.browser.phone_site import Site, reached

SAID = {"title": "Tha Li asks", "body": "Answer by 21:00", "path": "/handoffs/1", "tag": "t", "lang": "en"}
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
  (one) => ({ title: one.title, body: one.body, tag: one.tag, path: one.data, lang: one.lang }))"""
FORM = """<section hidden data-push="BKey"><form method="post" action="/told"><input type="hidden" name="endpoint">
<input type="hidden" name="public"><input type="hidden" name="shared"><input type="hidden" name="id" value="1">
<button>Tell me</button></form><p data-push-failed hidden>It does not go</p></section>"""
#: Stands in for a push service: says what it was asked for, and answers as one does, or not.
SERVICE = """(goes) => { PushManager.prototype.subscribe = async (how) => {
  if (!goes || !how.userVisibleOnly) throw new DOMException('no', 'AbortError');
  return { toJSON: () => ({ endpoint: 'https://push.example/' + how.applicationServerKey,
    keys: { p256dh: 'public', auth: 'shared' } }) }; };
  PushManager.prototype.getSubscription = async () => null; }"""


def pushed(context: BrowserContext, page: Page, site: Site, said: dict[str, str] | None) -> None:
    """As a push service would bring it, though the page is about something else."""
    session = context.new_cdp_session(page)
    found: list[Any] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    limit = time.monotonic() + 5
    while not found and time.monotonic() < limit:
        page.wait_for_timeout(50)
    data = json.dumps(said) if said else ""
    about = {"origin": site.address, "registrationId": found[0]["registrationId"], "data": data}
    session.send("ServiceWorker.deliverPushMessage", about)
    session.detach()


def wait_shown(page: Page, count: int) -> list[dict[str, str]]:
    limit = time.monotonic() + 5
    while time.monotonic() < limit:
        shown: list[dict[str, str]] = page.evaluate(SHOWN)
        if len(shown) == count:
            return shown
        page.wait_for_timeout(50)
    raise TimeoutError(f"{count} are to be shown, not {shown}")


def test_a_push_is_shown_and_the_same_one_again_replaces_it(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        context.grant_permissions(["notifications"], origin=site.address)
        page = open_page(context, f"{site.address}/today")
        assert page.evaluate(SHOWN) == []
        for _ in range(2):
            pushed(context, page, site, SAID)
        assert wait_shown(page, 1) == [SAID]
        pushed(context, page, site, SAID | {"tag": "other"})
        wait_shown(page, 2)


def test_where_a_push_leads_is_never_another_site(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        context.grant_permissions(["notifications"], origin=site.address)
        page = open_page(context, f"{site.address}/today")
        pushed(context, page, site, SAID | {"path": "https://elsewhere.example/handoffs/1?a=b"})
        assert wait_shown(page, 1)[0]["path"] == "/handoffs/1?a=b"


def opened(context: BrowserContext, site: Site, *, goes: bool) -> Page:
    """A page with the button, and a push service that answers, or does not."""
    page = open_page(context, f"{site.address}/today")
    page.evaluate(SERVICE, goes)
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", FORM)
    page.add_script_tag(url="/static/push.js?v=1")
    return page


def test_a_phone_subscribes_with_the_key_of_the_node(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        context.grant_permissions(["notifications"], origin=site.address)
        page = opened(context, site, goes=True)
        page.get_by_role("button", name="Tell me").click()
        page.wait_for_url("**/*")
        limit = time.monotonic() + 5
        while not site.posts and time.monotonic() < limit:
            page.wait_for_timeout(50)
        ((path, fields, _),) = site.posts
        assert path == "/told"
        given = {name: fields[name] for name in ("endpoint", "public", "shared")}
        assert given == {"endpoint": "https://push.example/BKey", "public": "public", "shared": "shared"}


def test_a_phone_that_cannot_says_so(browser: Browser) -> None:
    with reached() as site, phone(browser) as context:
        context.grant_permissions(["notifications"], origin=site.address)
        page = opened(context, site, goes=False)
        expect(page.locator("[data-push-failed]")).to_be_hidden()
        page.get_by_role("button", name="Tell me").click()
        expect(page.locator("[data-push-failed]")).to_be_visible()
        assert site.posts == []
