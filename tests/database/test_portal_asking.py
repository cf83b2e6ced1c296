"""What keeps machines from a community's public form. Each guard has a control: switched off, the question arrives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.crossing.v1 import AskCrossings
from contracts.messages import Asked
from deploy.demo import data
from services.portal.domain.enquiries import FROM_ADDRESS, Contact, Question
from services.portal.handlers import enquiries as keeping
from services.portal.handlers import public
from services.portal.pages import enquiries
from services.portal.site import asking, public_book, security
from services.portal.site.forms import Form
from tests.support import portal_pages as portal
from tests.support.database import Databases
from tests.support.portal_pages import Bus, Phone, Site
from tests.support.referral import SENDER

Play = Callable[[Callable[[Site], Any]], None]
ADDRESS = f"/en/{SENDER}"
SAID = {"contact": "Somebody 0812345678", "question": "May we come?", "website": ""}


class Everywhere(Bus):
    """The services, and the ways over the border besides."""

    async def send(self, asked: Asked[Any], **more: Any) -> Any:
        """As the bus would bring it."""
        return data.crossings() if isinstance(asked, AskCrossings) else await super().send(asked, **more)


class Trusting(Form):
    """The form without what nobody sees."""

    contact: Contact
    question: Question
    website: str = ""

    def __init__(self, **said: Any) -> None:
        super().__init__(**{**said, "website": ""})


@pytest.fixture(scope="module")
def made(server: Databases) -> str:
    return portal.template(server)


@pytest.fixture
def play(server: Databases, made: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    portal.without_bus(monkeypatch)
    monkeypatch.setattr(public_book, "BusClient", Everywhere)
    yield from portal.played(server, made)


async def stranger(site: Site) -> tuple[Phone, str]:
    """Somebody who has opened the page, and the token of its form."""
    async with site.store.work(SENDER) as work:
        await public.show_page(work, SENDER, True)
    phone = site.phone()
    shown = await phone.get(ADDRESS)
    (token,) = set(re.findall(r'name="token" value="([^"]+)"', shown.text))
    return phone, token


async def sent(phone: Phone, **said: str) -> int:
    """What the node says to it."""
    answer = await phone.http.post(ADDRESS, data=SAID | said, headers={"sec-fetch-site": "same-origin"})
    return answer.status_code


async def waiting(site: Site) -> int:
    """How many questions the community finds."""
    async with site.store.work(SENDER) as work:
        return len(await work.enquiries(SENDER))


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_fills_in_the_field_that_nobody_sees_is_dropped(
    play: Play, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(enquiries, "Asked", Trusting)

    async def story(site: Site) -> None:
        phone, token = await stranger(site)
        assert await sent(phone, token=token, website="http://spam.example") == 303
        assert await waiting(site) == (0 if guarded else 1)

    play(story)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
@pytest.mark.parametrize("token", ["", "1-0"], ids=["none", "old"])
def test_what_never_opened_the_page_or_long_ago_is_asked_to_open_it(
    play: Play, monkeypatch: pytest.MonkeyPatch, token: str, *, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(asking, "is_token", lambda *_: True)

    async def story(site: Site) -> None:
        phone, _ = await stranger(site)
        assert await sent(phone, token=token) == (422 if guarded else 303)
        assert await waiting(site) == (0 if guarded else 1)

    play(story)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_asks_on_and_on_is_told_to_wait(play: Play, monkeypatch: pytest.MonkeyPatch, *, guarded: bool) -> None:
    if not guarded:
        monkeypatch.setattr(keeping, "too_often", lambda *_: False)

    async def story(site: Site) -> None:
        phone, token = await stranger(site)
        answers = [await sent(phone, token=token, question=f"May {n} come?") for n in range(FROM_ADDRESS + 2)]
        assert answers == [303] * FROM_ADDRESS + [429 if guarded else 303] * 2
        assert await waiting(site) == FROM_ADDRESS + (0 if guarded else 2)

    play(story)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_what_another_site_sends_is_not_read(play: Play, monkeypatch: pytest.MonkeyPatch, *, guarded: bool) -> None:
    if not guarded:
        monkeypatch.setattr(security, "is_from_here", lambda *_: True)

    async def story(site: Site) -> None:
        phone, token = await stranger(site)
        said = SAID | {"token": token}
        answer = await phone.http.post(ADDRESS, data=said, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == (400 if guarded else 303)
        assert await waiting(site) == (0 if guarded else 1)

    play(story)
