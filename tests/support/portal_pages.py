"""The portal in this process: its pages over real tables, and the services behind it answering without a bus.

What a page asks goes through the same door as a call from the bus: permission, row-level security, one answer for one
command. Only the way there is left out.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from contracts.community.v1 import OfferingPublished
from contracts.messages import Asked, Call, Command
from contracts.principal import Principal, Role
from services.agency_api.adapters.unit_of_work import AgencyUnitOfWork
from services.agency_api.service import AgencyApi
from services.booking.handlers import rule_changes
from services.booking.service import Booking
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.messaging.store import Handler, Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.storage.migrations import migrate
from services.client import answers
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from services.community.handlers import offering
from services.community.service import Community
from services.portal import routes
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.accounts import Account, Membership, sign_in_name
from services.portal.handlers import sessions
from services.portal.service import Portal
from services.portal.site import context, security
from services.referral.service import Referral
from tests.support import referral
from tests.support.booking_fixture import MIGRATIONS as BOOKING
from tests.support.community import OFFERINGS
from tests.support.database import Databases
from tests.support.referral import Network
from tests.support.vault import vault

SERVICES: tuple[type[Any], ...] = (AgencyApi, Booking, Community, Portal, Referral)
MIGRATIONS = {service.name: BOOKING.parents[1] / service.name / "migrations" for service in SERVICES}
#: A hash that costs nothing: how passwords are hashed is judged elsewhere.
PASSWORD, KEPT = "three mountains", "plain three mountains"


def _answering() -> dict[str, tuple[str, type[Asked[Any]], Handler]]:
    found: dict[str, tuple[str, type[Asked[Any]], Handler]] = {}
    for service in SERVICES:
        for _, method in inspect.getmembers(service, inspect.isfunction):
            made_of = inspect.getclosurevars(method).nonlocals
            contract = made_of.get("contract")
            if contract is not None and issubclass(contract, Asked) and "handler" in made_of:
                found[f"{service.name}:{contract.type}"] = (service.name, contract, made_of["handler"])
    return found


ANSWERING = _answering()


class Bus:
    """In place of `services.client.bus.BusClient`, with the services' stores behind it."""

    stores: dict[str, Store[Any]]

    def __init__(self, _rpc: Any, edge: str, principal: Principal, acting: str | None = None) -> None:
        self.edge, self.principal, self.acting = edge, principal, acting

    async def send(
        self, asked: Asked[Any], *, service: str | None = None, command_id: str | None = None, seconds: float = 5.0
    ) -> Any:
        """As the bus would bring it."""
        to = service or asked.type.partition(".")[0]
        _, contract, handler = ANSWERING[f"{to}:{asked.type}"]
        call = Call(
            id=command_id or new_id(), type=asked.type, caller=self.edge, principal=self.principal, acting=self.acting,
            deadline=datetime.now(UTC) + timedelta(seconds=seconds + 55), data=asked.wire(),
        )  # fmt: skip
        requests = self.stores[to].requests
        answer = await (requests.answer if issubclass(contract, Command) else requests.ask)(call, contract, handler)
        if answer.refusal is not None:
            raise answers.refused(answer.refusal)
        return contract.answer().read(answer.result)


@dataclass
class Phone:
    """A browser: it keeps cookies and sends what the forms of a page carry."""

    http: httpx.AsyncClient
    last: httpx.Response | None = None

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        self.last = await self.http.get(path, headers=headers)
        return self.last

    async def token(self) -> str:
        """The token of a form, from any page that has one."""
        for path in ("/account", "/account/second", "/signin"):
            found = re.search(r'name="csrf" value="([^"]+)"', (await self.http.get(path)).text)
            if found:
                return found.group(1)
        raise AssertionError("no page has a form")

    async def post(self, path: str, form: dict[str, Any] | None = None, **given: Any) -> httpx.Response:
        """Send a form as a page of the portal would."""
        headers = {"sec-fetch-site": "same-origin", **given.pop("headers", {})}
        data = {"csrf": given.pop("csrf", None) or await self.token(), "id": new_id(), **(form or {})}
        self.last = await self.http.post(path, data=data, headers=headers, **given)
        return self.last

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """With a password."""
        return await self.post("/signin", {"name": name, "password": password})


@dataclass
class Site:
    """The portal with its tables, and two partners with a handoff between them behind it."""

    app: Starlette
    store: Store[PortalUnitOfWork]
    net: Network
    url: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def phone(self, address: str = "203.0.113.7", base: str = "http://portal.test") -> Phone:
        """A new browser, from some address."""
        transport = httpx.ASGITransport(self.app, client=(address, 40000), raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=base)
        self.clients.append(client)
        return Phone(client)

    async def account(
        self, name: str, *memberships: tuple[str, Role], member_for: timedelta = timedelta(days=30)
    ) -> str:
        """Somebody who can sign in, and has been a member for so long."""
        account = Account(id=new_id()[-12:], name=name, password=KEPT, language="en")
        async with self.store.work(EVERYONE) as work:
            now = await work.machine_now()
            assert await work.open_account(account, sign_in_name(name), None, now)
            for at, (community, role) in enumerate(memberships):
                await work.join(account.id, community, role, now - member_for + timedelta(seconds=at))
        return account.id

    async def operator(self, name: str = "Keo", *, second: bool = True) -> Phone:
        """An operator of the system, signed in."""
        account = await self.account(name)
        async with self.store.work(EVERYONE) as work:
            await work.add_operator(account, await work.machine_now())
            if second:
                await work.connection.execute("UPDATE accounts SET totp = 'x' WHERE id = $1", account)
        return await self._phone_of(account, None, name)

    async def signed_in(self, account: str, community: str, role: Role, name: str = "x") -> Phone:
        """A browser with a session, without the sign-in page."""
        return await self._phone_of(account, Membership(account=account, community=community, role=role), name)

    async def signed_in_operator(self, account: str, name: str) -> Phone:
        """Another phone of an operator of the system."""
        return await self._phone_of(account, None, name)

    async def _phone_of(self, account: str, member: Membership | None, name: str) -> Phone:
        phone, secret = self.phone(), security.new_secret()
        who = Account(id=account, name=name, password=KEPT, language="en")
        async with self.store.work(EVERYONE) as work:
            await sessions.start_session(
                work, who, member, digest=security.digest(secret), forms=security.new_secret(), device="Test"
            )
        phone.http.cookies.set("handoff", security.written(secret), domain="portal.test")
        return phone

    async def sql(self, text: str, *arguments: Any) -> list[Any]:
        """As the portal itself, acting for everybody."""
        async with self.store.work(EVERYONE) as work:
            return list(await work.connection.fetch(text, *arguments))


@asynccontextmanager
async def site(url: str, **settings: Any) -> AsyncIterator[Site]:
    """Open it on a database with all tables."""
    net = await referral.network(url)
    store = Store(url, PortalUnitOfWork, vault=vault())
    node = net.nodes[0]
    community = Store(url, CommunityUnitOfWork, vault=vault())
    agencies = Store(url, AgencyUnitOfWork, vault=vault())
    Bus.stores = {
        "agency_api": agencies, "booking": node.booking, "community": community, "portal": store,
        "referral": node.referral,
    }  # fmt: skip
    for name in (referral.SENDER, referral.RECEIVER):
        async with community.work(name) as work:
            await offering.publish_offering(OFFERINGS[name], work)
    async with node.booking.work(EVERYONE) as work:
        await rule_changes.keep_offering(OfferingPublished(offering=OFFERINGS[referral.SENDER].offering), work)
    parts = EdgeParts(rpc=None, settings=Settings(database_url=url, **settings), store=store)  # type: ignore[arg-type] # not asked
    opened = Site(Starlette(routes=list(routes.routes(parts))), store, net, url)
    try:
        yield opened
    finally:
        for client in opened.clients:
            await client.aclose()
        for each in (store, agencies, community, node.booking, node.referral):
            await each.close()


def without_bus(patch: pytest.MonkeyPatch) -> None:
    """Pages ask in this process, and passwords are compared as they are."""
    from services.portal.site import passwords

    async def hashed(password: str) -> str:
        return f"plain {password}"

    async def fits(password: str, kept: str | None) -> bool:
        return kept == f"plain {password}"

    patch.setattr(context, "BusClient", Bus)
    patch.setattr(passwords, "hashed", hashed)
    patch.setattr(passwords, "fits", fits)


def template(server: Databases) -> str:
    """A database with the tables of all services, to be copied."""
    url = server.fresh()
    asyncio.run(migrate(url, MIGRATIONS))
    return url


Told = Callable[[Site], Any]
AtPortal = Callable[[Told], None]


def played(server: Databases, made: str, **settings: Any) -> Iterator[AtPortal]:
    """Runs one story on a fresh copy."""
    url = server.fresh(made)

    async def told(story: Told) -> None:
        async with site(url, **settings) as opened:
            await story(opened)

    yield lambda story: asyncio.run(told(story))
    server.drop(url)


def code_of(answer: httpx.Response) -> str:
    """The code that a page shows once."""
    found = re.search(r'id="given"><span class="nb" translate="no">([A-Z0-9-]+)<', answer.text)
    assert found, answer.text
    return found.group(1)


async def coordinators(site: Site, *names: str) -> list[tuple[str, Phone]]:
    """Coordinators of Tha Li, each with the phone on which they are signed in."""
    opened = [await site.account(name, (referral.SENDER, "coordinator")) for name in names]
    return [(each, await site.signed_in(each, referral.SENDER, "coordinator")) for each in opened]
