"""Somebody is told: through pages, outbox and network, by a mail server, a gateway and a push service that are real.

All of it on the engine's own loop, where a library that waits in the usual way would hold up everybody.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from contracts.node.v1 import MoveClock
from contracts.portal.v1 import OpenAccount
from contracts.referral import v1
from services.booking.service import Booking
from services.chassis.edge.rpc_client import Edge, EdgeParts
from services.chassis.process.service import Database
from services.chassis.runtime import bridge, resolving
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import MailServer
from services.chassis.storage.migrations import migrate
from services.client import passwords, posting, reaching
from services.client.posting import Poster
from services.community.service import Community
from services.portal.adapters.calling import Webhook
from services.portal.adapters.mailing import Mail
from services.portal.domain.telling import Attempt, Channel, Notice
from services.portal.service import Portal
from services.portal.site import telling
from services.referral.service import Referral
from tests.integration.test_edges import free_port
from tests.integration.test_handoff import MONDAY, Handoff, make_partners
from tests.support import edge, receivers
from tests.support.canary import Canaries, forms
from tests.support.database import Databases
from tests.support.engine import Engine, running, until
from tests.support.receivers import Browser, Listening, Mailbox

SERVICES = (Community, Booking, Referral, Portal)
PASSWORD, SITE = "three mountains", "https://portal.example"
NOTICE = Notice(
    id="0190aaaa-0000-7000-8000-000000000001", what="asked", title="Tha Li asks", text="Answer by 21:00",
    path="/handoffs/1", site=SITE, language="en", seconds=3600,
)  # fmt: skip


def hook(address: str) -> Channel:
    return Channel(id=new_id(), account="a", kind="webhook", address=address, receiver="r", label="")


# what goes out, and where to


def test_only_a_receiver_that_is_public_or_named_by_the_operator_is_reached() -> None:
    async def story() -> None:
        async with receivers.listening() as gateway:
            for private, result, problem in (((), "later", "not_public"), ((gateway.named,), "sent", "")):
                attempt = await Webhook(Poster(private)).send(hook(gateway.url()), b"s", NOTICE)
                assert (attempt.result, attempt.problem) == (result, problem)
            assert gateway.connections == 1

    bridge.run(story(), seconds=20)


def test_a_public_name_that_leads_into_the_node_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with receivers.listening() as inside:
            answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])
            monkeypatch.setattr(resolving, "_asked", lambda _host, _port: next(answers))
            for _ in range(2):
                attempt = await Webhook(Poster()).send(hook(f"https://rebinding.example:{inside.port}/"), b"s", NOTICE)
                assert attempt.problem == "not_public"
            assert inside.connections == 0
            # Control: with the name judged and nothing said against it, this is where it leads.
            monkeypatch.setattr(resolving, "_asked", lambda _host, _port: ["127.0.0.1"])
            monkeypatch.setattr(reaching, "may_be_reached", lambda _address: True)
            await Webhook(Poster()).send(hook(f"https://rebinding.example:{inside.port}/"), b"s", NOTICE)
            assert inside.connections == 1

    bridge.run(story(), seconds=30)


def test_a_redirect_is_not_followed_and_an_answer_is_not_read() -> None:
    async def story() -> None:
        async with receivers.listening() as gateway, receivers.listening() as other:
            gateway.status, gateway.more = 307, f"Location: {other.url()}\r\n"
            poster = Poster((gateway.named, other.named))
            attempt = await Webhook(poster).send(hook(gateway.url()), b"s", NOTICE)
            assert (attempt.result, attempt.problem, other.got) == ("later", "http_307", [])

    bridge.run(story(), seconds=20)


def test_a_receiver_that_is_silent_is_left_in_time_and_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "SECONDS", 1.5)

    async def story() -> None:
        async with receivers.listening() as silent, receivers.listening() as quick:
            silent.silent = 3.0
            way = Webhook(Poster((silent.named, quick.named)))
            waiting = [asyncio.create_task(way.send(hook(silent.url()), b"s", NOTICE)) for _ in range(8)]
            assert (await way.send(hook(quick.url()), b"s", NOTICE)).result == "sent"
            assert not any(each.done() for each in waiting), "it had to wait for those that wait"
            assert {each.problem for each in await asyncio.gather(*waiting)} == {"timeout"}

    bridge.run(story(), seconds=20)


@asynccontextmanager
async def longest_pause() -> AsyncIterator[list[float]]:
    """How long the loop was kept from its other work, at the longest."""
    longest = [0.0]

    async def look() -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            longest[0] = max(longest[0], time.monotonic() - began)

    task = asyncio.get_running_loop().create_task(look())
    await asyncio.sleep(0.05)
    longest[0] = 0.0
    try:
        yield longest
        await asyncio.sleep(0.05)
    finally:
        task.cancel()


def test_a_slow_name_server_does_not_hold_up_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    import eventlet

    slow = eventlet.patcher.original("time").sleep
    monkeypatch.setattr(resolving, "_asked", lambda _host, _port: slow(1.5) or ["127.0.0.1"])

    async def story() -> None:
        async with longest_pause() as longest:
            assert await resolving.addresses("slow.example", 443, seconds=5) == ["127.0.0.1"]
        assert longest[0] < 1.0
        async with longest_pause() as longest:  # control: asked here, it does
            resolving._asked("slow.example", 443)  # noqa: SLF001 - what would be called
        assert longest[0] > 1.4
        with pytest.raises(TimeoutError):
            await resolving.addresses("slow.example", 443, seconds=0.1)

    bridge.run(story(), seconds=20)


@pytest.mark.parametrize(
    ("answer", "result"), [("", "sent"), ("550 no such person", "refused"), ("451 come again", "later")]
)
def test_what_a_mail_server_says_decides_whether_it_is_tried_again(answer: str, result: str) -> None:
    async def story() -> None:
        async with receivers.mailbox() as box:
            box.answer = answer
            way = Mail(MailServer(host="localhost", port=box.port, sender="node@example.org"))
            one = Channel(
                id=new_id(), account="a", kind="email", address="k@example.org", receiver="r", label=""
            )  # fmt: skip
            attempt = await way.send(one, b"", NOTICE)
            assert (attempt.result, len(box.raw)) == (result, 0 if answer else 1)

    bridge.run(story(), seconds=20)


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    way = Mail(MailServer(host="127.0.0.1", port=free_port(), sender="node@example.org"))
    one = Channel(id=new_id(), account="a", kind="email", address="k@example.org", receiver="r", label="")
    attempt = bridge.run(way.send(one, b"", NOTICE), seconds=20)
    assert attempt == Attempt(result="later", problem="unreachable")


# all of it


@dataclass
class Node:
    """A node whose portal is open, and who is told by it."""

    engine: Engine
    parts: EdgeParts
    port: int
    mail: Mailbox
    gateway: Listening
    push: Listening

    def look(self) -> int:
        """What the portal does every few seconds."""
        return bridge.run(telling.look(self.parts), seconds=20)


@pytest.fixture(scope="module")
def portal_template(server: Databases) -> str:
    url = server.fresh()
    bridge.run(migrate(url, {one.name: one.store.migrations for one in SERVICES}))
    return url


@pytest.fixture
def node(server: Databases, portal_template: str, inproc_bus: str, tmp_path: Any) -> Iterator[Node]:
    database, port = server.fresh(portal_template), free_port()
    opened = AsyncExitStack()
    mail = bridge.run(opened.enter_async_context(receivers.mailbox()))
    gateway, push = (bridge.run(opened.enter_async_context(receivers.listening())) for _ in range(2))
    given: dict[str, Any] = {
        "edge_ports": {"portal": port}, "edge_urls": {"portal": SITE}, "folder": tmp_path,
        "mail": MailServer(host="localhost", port=mail.port, sender="node@example.org"),
        "private_receivers": frozenset({gateway.named, push.named}),
    }  # fmt: skip
    with running(database, inproc_bus, SERVICES, **given) as engine:
        container = engine.node.runner.service_map["portal"]
        site = next(one for one in container.dependencies if isinstance(one, Edge))
        store = next(one for one in container.extensions if isinstance(one, Database)).store
        parts = EdgeParts(rpc=site.rpc_client, settings=engine.settings, store=store)
        engine.result(MoveClock, {"to": MONDAY}, service="referral")
        make_partners(engine)
        yield Node(engine, parts, port, mail, gateway, push)
    bridge.run(opened.aclose())
    server.drop(database)


class Phone:
    """A browser without scripts, of somebody of Bo Taen."""

    def __init__(self, node: Node, name: str) -> None:
        self._node = node
        hashed = passwords.hashed(PASSWORD)
        given = {"name": name, "password": hashed, "role": "coordinator"}
        node.engine.result(OpenAccount, given, acting="bo-taen")
        self._cookies: dict[str, str] = {}
        self._token = ""
        self.get("/signin")
        assert self.post("/signin", name=name, password=PASSWORD).headers["location"] == "/today"
        self.get("/account/channels")

    def get(self, path: str) -> str:
        """Open a page."""
        answer = self._asked("GET", path)
        assert answer.status_code == 200, (path, answer.status_code)
        found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
        self._token = found[1] if found else self._token
        return answer.text

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form."""
        return self._asked("POST", path, {"csrf": self._token, "id": new_id(), **fields})

    def _asked(self, method: str, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Connection": "close", "Cookie": cookies, "Accept-Language": "en"}

        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._node.port}", trust_env=False) as client:
                return await client.request(method, path, data=data, headers=headers)

        answer = bridge.run(asked(), seconds=20)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer


def id_of(page: str) -> str:
    """The channel that a page is about."""
    found = re.search(r"/account/channels/([0-9a-f-]{36})", page)
    assert found
    return found[1]


def by_mail(node: Node, phone: Phone) -> None:
    where = phone.post("/account/channels", kind="email", address="khamla@example.org").headers["location"]
    (mail,) = node.mail.mails
    code = re.search(r"\d{6}", mail["Subject"])
    assert code
    assert phone.post(where, code="000000" if code[0] != "000000" else "111111").status_code == 422
    assert phone.post(where, code=code[0]).status_code == 303
    node.mail.raw.clear()


def by_gateway(node: Node, phone: Phone) -> str:
    page = phone.post("/account/channels", kind="webhook", address=node.gateway.url("/line")).text
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert secret
    said = receivers.hook_says(node.gateway.got.pop(), secret[0])
    assert said["type"] == "channel.code"
    assert phone.post(f"/account/channels/{id_of(page)}", code=said["data"]["code"]).status_code == 303
    return secret[0]


def by_push(node: Node, phone: Phone, browser: Browser) -> str:
    key = re.search(r'data-push="([^"]+)"', phone.get("/account/channels"))
    assert key
    given = {"endpoint": node.push.url("/endpoint"), "public": browser.public, "shared": browser.shared}
    assert phone.post("/account/channels/push", **given).status_code == 303
    return key[1]


def offered(node: Node) -> Handoff:
    """Tha Li asks, and Bo Taen has to answer."""
    one = Handoff(node.engine)
    one.reach("held")
    return one


def test_a_request_reaches_somebody_in_three_ways_once_and_again_before_the_deadline(node: Node) -> None:
    phone, browser = Phone(node, "Khamla"), Browser()
    phone.post("/account/channels/quiet", starts="21:00", ends="06:00")
    by_mail(node, phone)
    secret, key = by_gateway(node, phone), by_push(node, phone, browser)
    page = phone.get("/account/channels")
    for channel in set(re.findall(r"/account/channels/([0-9a-f-]{36})/try", page)):
        assert phone.post(f"/account/channels/{channel}/try").status_code == 303
    assert (len(node.mail.raw), len(node.gateway.got), len(node.push.got)) == (1, 1, 1)
    assert browser.says(node.push.got[0], node.push.url(""), key)["title"] == "It works"
    for got in (node.mail.raw, node.gateway.got, node.push.got):
        got.clear()

    referral = offered(node).id
    node.look()
    until(lambda: node.mail.raw and node.gateway.got and node.push.got, what="all three")
    shown = browser.says(node.push.got[0], node.push.url(""), key)
    assert shown["title"] == "Tha Li community asks"
    assert shown["path"] == f"/handoffs/{referral}"
    assert shown["body"].startswith("Answer by ")
    said = receivers.hook_says(node.gateway.got[0], secret)
    assert said["type"] == "handoff.asked"
    assert said["data"]["url"] == f"{SITE}/handoffs/{referral}"
    (mail,) = node.mail.mails
    assert (mail["Subject"], mail["To"]) == ("Tha Li community asks", "khamla@example.org")
    assert f"{SITE}/handoffs/{referral}" in mail.get_content()

    node.look()
    bridge.run(telling.tell(node.parts), seconds=20)
    assert (len(node.mail.raw), len(node.gateway.got), len(node.push.got)) == (1, 1, 1)

    (due,) = node.engine.sql("SELECT min(due_at) AS at FROM portal.tellings WHERE what = 'reminder'")
    node.engine.result(MoveClock, {"to": due["at"].isoformat()}, service="referral")
    node.look()
    until(lambda: len(node.mail.raw) == len(node.gateway.got) == len(node.push.got) == 2, what="the reminders")
    assert receivers.hook_says(node.gateway.got[1], secret)["type"] == "handoff.reminder"
    assert node.push.got[0].headers["topic"] != node.push.got[1].headers["topic"]
    assert node.mail.mails[1]["Subject"] == "Tha Li community still waits for your answer"
    told = phone.get("/account/channels")
    assert told.count('class="tagok"') >= 9


def test_nothing_personal_is_in_what_is_sent_and_an_address_is_in_no_log(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """Of travellers: nothing but that somebody waits. Of whoever is told: their address on the way alone."""
    phone = Phone(node, "Bounmy Sengdao")
    by_mail(node, phone)
    node.gateway.status = 500
    phone.post("/account/channels", kind="webhook", address=node.gateway.url("/canary-of-an-address"))
    node.engine.sql("UPDATE portal.channels SET confirmed = true")
    canaries, known = Canaries(), offered(node)
    known.do(v1.AcceptHandoff, "bo-taen")
    known.reach("accepted")
    edge.give_consent(known, known.id, acting="tha-li", part=canaries.personal_part)
    known.reach("confirmed")
    offered(node)
    with caplog.at_level("DEBUG"):
        node.look()
        until(lambda: node.mail.raw and len(node.gateway.got) > 1, what="both")
        until(lambda: "not told" in caplog.text, what="it to be written down")
    everything = b"".join(node.mail.raw) + b"".join(one.body for one in node.gateway.got)
    for personal in (*canaries.values, "Bounmy", "adult", "homestay", "child"):
        assert not [each for each in forms(personal) if each in everything]
    assert b"Tha Li community asks" in everything  # control: it is looked for where it would be
    ours = [each.getMessage() for each in caplog.records if each.name != "mail.log"]  # the test's own mail server
    assert [each for each in ours if "not told" in each]
    assert not [each for each in ours if "khamla@example.org" in each or "canary-of-an-address" in each]


def test_a_browser_that_has_taken_its_permission_back_is_forgotten(node: Node) -> None:
    phone, browser = Phone(node, "Khamla"), Browser()
    by_push(node, phone, browser)
    node.push.status = 410
    offered(node)
    node.look()
    until(lambda: not node.engine.sql("SELECT 1 FROM portal.channels"), what="it to be forgotten")
    assert "nobody there any more" in phone.get("/account/channels")


def test_what_was_answered_before_it_was_sent_is_not_sent(node: Node) -> None:
    phone = Phone(node, "Khamla")
    secret = by_gateway(node, phone)
    node.gateway.status = 503
    one = offered(node)
    node.look()
    until(lambda: node.gateway.got, what="the first try")
    assert receivers.hook_says(node.gateway.got[0], secret)["type"] == "handoff.asked"
    one.do(v1.AcceptHandoff, "bo-taen")
    until(lambda: not node.look() and not _waiting(node), what="it to be over")
    node.gateway.status, tried = 200, len(node.gateway.got)
    node.engine.sql("UPDATE portal.tellings SET due_at = due_at - interval '1 day'")
    bridge.run(telling.tell(node.parts), seconds=20)
    assert len(node.gateway.got) == tried


def _waiting(node: Node) -> list[Any]:
    return node.engine.sql("SELECT 1 FROM portal.tellings WHERE standing = 'waits'")
