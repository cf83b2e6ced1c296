"""Every page of the portal, for every role and for nobody, on own objects and on another's: denied as it must be.

The matrix is made of the portal's own table of pages: a new page is in it by itself. What stands in a path for an
object has a sample in OBJECTS, or a test says that it is missing. Each guard has a control: switched off, it is found.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

import asyncpg
import pytest

from contracts.booking.v1 import Reserve
from contracts.permissions import forbids
from contracts.principal import Member, Role
from services.chassis.runtime.ids import new_id
from services.portal.domain.drafts import Draft, KeptDraft
from services.portal.domain.enquiries import Asker, Enquiry
from services.portal.domain.public import Photo
from services.portal.domain.telling import Channel
from services.portal.routes import PAGES
from services.portal.site import context, portal_site, security
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute, PortalSite
from tests.support import portal_pages as portal
from tests.support.database import Databases
from tests.support.portal_pages import Bus, Phone, Site
from tests.support.referral import NOW, RECEIVER, SENDER

Play = Callable[[Callable[[Site], Any]], None]
#: A community that has nothing to do with the objects of the matrix.
OUTSIDE = "dan-sai"
ROLES: tuple[Role, ...] = get_args(Role)
#: What no community owns: any will do.
FREE = {
    "day": "2027-01-14", "month": "2027-01", "step": "who", "code": "ABCDEFGHJK", "language": "th", "lang": "th",
    "file": "nothing.jpg", "act": "cancel", "kind": "csv",
    "partner": "bo-taen", "agency": "mekong-tours",
    "experience": "homestay", "prefix": "abcdefgh23",
}  # fmt: skip
#: Beginning of a path → what stands in it for an object of Tha Li, made by `things`.
OBJECTS = {
    "/handoffs/{id}": "handoff",
    "/guests/{hold}": "booking",
    "/members/invitations/{id}": "invitation",
    "/members/recoveries/{id}": "recovery",
    "/members/{account}": "member",
    "/account/channels/{channel}": "channel",
    "/account/phones/{id}": "session",
    "/send/{draft}": "draft",
    "/community/offers/{experience}": "experience",
    "/enquiries/{id}": "enquiry",
    "/community/photos/{id}": "photo",
    "/community/photos/{digest}.jpg": "digest",
}
#: What forms may say; a page takes what it knows.
SAID = {"role": "helper", "language": "th", "theme": "dark", "reason": "full", "said": "screen", "name": "Somebody"}
TABLES = """
SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_schema IN ('agency_api', 'booking', 'portal', 'referral', 'community') AND table_type = 'BASE TABLE'
AND table_name NOT IN ('answers', 'tries') ORDER BY 1
"""
#: Where a refused form leads to is no matter; these statuses say that it was refused.
REFUSED = {403, 404, 409, 422}


@dataclass
class World:
    """Tha Li's objects, and phones of everybody who may try."""

    site: Site
    objects: dict[str, str]
    own: dict[Role, Phone]
    outside: dict[Role, Phone]
    #: An operator of the system; the other one has no second step yet.
    operator: Phone
    beginner: Phone

    def path(self, route: PageRoute) -> str:
        """A path of this page, to Tha Li's object if there is one in it."""
        filled = {name: FREE.get(name) or new_id() for name in params(route)}
        start = start_of(route)
        if start:
            filled[params(route)[0]] = self.objects[OBJECTS[start]]
        return re.sub(r"{(\w+)(:\w+)?}", lambda found: filled[found.group(1)], route.path)


def params(route: PageRoute) -> list[str]:
    return [name for name, _ in re.findall(r"{(\w+)(:\w+)?}", route.path)]


def start_of(route: PageRoute) -> str | None:
    """Which line of OBJECTS a page is under."""
    path = re.sub(r":\w+}", "}", route.path)  # what a part of a path looks like is no matter
    found = [start for start in OBJECTS if path == start or path.startswith(f"{start}/")]
    return found[0] if found else None


def named(route: PageRoute) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture(scope="module")
def made(server: Databases) -> str:
    return portal.template(server)


@pytest.fixture
def play(server: Databases, made: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    portal.without_bus(monkeypatch)
    yield from portal.played(server, made)


@asynccontextmanager
async def world(site: Site) -> AsyncIterator[World]:
    """Made directly: the pages are what is judged."""
    own, outside = dict[Role, Phone](), dict[Role, Phone]()
    for role in ROLES:
        for community, phones in ((SENDER, own), (OUTSIDE, outside)):
            account = await site.account(f"{role} of {community}", (community, role))
            phones[role] = await site.signed_in(account, community, role)
    member = await site.account("Kham", (SENDER, "helper"))
    kham = await site.signed_in(member, SENDER, "helper")
    (session,) = await site.sql("SELECT id::text AS id FROM sessions WHERE account = $1", member)
    await own["coordinator"].post("/members/invite", {"role": "helper"})
    await own["coordinator"].post(f"/members/{member}/recover")
    (invitation,) = await site.sql("SELECT id::text AS id FROM invitations")
    (recovery,) = await site.sql("SELECT id::text AS id FROM recoveries")
    objects = {
        "handoff": await site.net.accepted(), "member": member, "session": session["id"],
        "booking": await booked(site), "draft": await drafted(site, member), "invitation": invitation["id"],
        "experience": f"{SENDER}.homestay",
        "recovery": recovery["id"], "channel": await channel_of(site, member), **await shown(site),
    }  # fmt: skip
    assert (await kham.get("/account")).status_code == 200
    yield World(site, objects, own, outside, await site.operator(), await site.operator("Dam", second=False))


async def booked(site: Site) -> str:
    """A booking at Tha Li's own counter."""
    async with site.store.work(SENDER) as work:
        day, hold = work.now.date() + timedelta(days=20), new_id()
    item = {"experience_id": f"{SENDER}.homestay", "day": day, "nights": 1}
    wanted = Reserve.model_validate({"hold_id": hold, "party": {"adult": 2}, "items": [item], "confirm": True})
    await Bus(None, "portal", Member(account="x", community=SENDER, role="coordinator"), SENDER).send(wanted)
    return hold


async def shown(site: Site) -> dict[str, str]:
    """A photo of Tha Li, and a question that somebody has asked it."""
    photo = Photo(id=new_id(), about="", digest="0" * 32, alt="A river", language="en", width=3, height=2)
    async with site.store.work(SENDER) as work:
        await work.add_photo(SENDER, photo, b"jpeg", NOW)
        enquiry = Enquiry(id=new_id(), about="", language="en", asked_at=NOW)
        await work.add_enquiry(SENDER, enquiry, Asker(contact="somebody", question="May we come?"))
    return {"photo": photo.id, "digest": photo.digest, "enquiry": enquiry.id}


async def channel_of(site: Site, member: str) -> str:
    """An address by which somebody of Tha Li is told."""
    made = Channel(
        id=new_id(), account=member, kind="email", address="kham@example.org", receiver="example.org", label="Kham"
    )
    async with site.store.work("*") as work:
        added = await work.add_channel(made, b"", await work.machine_now(), 9)
    assert added == made.id
    return added


async def drafted(site: Site, member: str) -> str:
    """An offer that somebody of Tha Li has begun to write."""
    draft = KeptDraft(id=new_id(), content=Draft(to=RECEIVER, people=2), offered_as=None, kept_at=NOW)
    async with site.store.work(SENDER) as work:
        await work.start_draft(draft, member, 9)
    return draft.id


async def sent(phone: Phone, route: PageRoute, path: str, csrf: str = "", **headers: str) -> Any:
    if route.method == "GET":
        return await phone.http.get(path, headers=headers)
    heads = {"sec-fetch-site": "same-origin", **headers}
    return await phone.http.post(path, data={"csrf": csrf, "id": new_id(), **SAID}, headers=heads)


async def whole(site: Site) -> str:
    """All that could be changed, as digests; not what a look leaves."""
    connection = await asyncpg.connect(site.url)
    try:
        names = await connection.fetch(TABLES)
        row = "(to_jsonb(t) - 'seen_at' - 'ends_at')::text"
        digest = f"md5(coalesce(string_agg({row}, '' ORDER BY {row}), ''))"
        parts = [f"SELECT '{name}' AS name, {digest} AS digest FROM {name} t" for (name,) in names]
        return repr(await connection.fetch(" UNION ALL ".join(parts)))
    finally:
        await connection.close()


# what is asked of every page; each answers with what is wrong


async def open_to_nobody(world: World) -> AsyncIterator[str]:
    """Who is not signed in, or not any more, is sent to sign in by every page that is not for everybody."""
    stranger, ended = world.site.phone(), await world.site.signed_in(world.objects["member"], SENDER, "helper")
    csrf = {id(stranger): await stranger.token(), id(ended): await ended.token()}
    await world.site.sql("DELETE FROM sessions WHERE account = $1", world.objects["member"])
    for route in (route for route in PAGES if not route.anybody):
        for phone in (stranger, ended):
            answer = await sent(phone, route, world.path(route), csrf[id(phone)])
            if (answer.status_code, answer.headers.get("location")) != (303, "/signin"):
                yield f"{named(route)}: {answer.status_code} for nobody"


async def open_to_roles(world: World) -> AsyncIterator[str]:
    """A role that may not ask what a page asks is told so; one that may is not, and no page fails."""
    for role, phone in world.own.items():
        who, csrf = Member(account="x", community=SENDER, role=role), await phone.token()
        for route in (route for route in PAGES if route.asks and not leaves(route) and route.whose != "operators"):
            may = forbids(who, SENDER, route.asks.type) is None if route.asks else True
            if may and route.method == "POST":
                continue  # what they do is judged elsewhere
            answer = await sent(phone, route, world.path(route), csrf)
            denied = answer.status_code == 403 and "Your role does not allow this" in answer.text
            if denied is may or answer.status_code == 500:
                yield f"{named(route)}: {answer.status_code} for {role}"


async def open_to_the_wrong_kind(world: World) -> AsyncIterator[str]:
    """No member opens a page of operators, no operator one of members: it is not there, and nothing changes."""
    before = await whole(world.site)
    for whose, phones in (("operators", world.own.values()), ("members", [world.operator, world.beginner])):
        for phone in phones:
            csrf = await phone.token()
            for route in (route for route in PAGES if route.whose == whose and not route.anybody):
                answer = await sent(phone, route, world.path(route), csrf)
                if answer.status_code != 404:
                    yield f"{named(route)}: {answer.status_code} for who is none of its {whose}"
    if await whole(world.site) != before:
        yield "somebody of the other kind changed something"


async def open_without_second_step(world: World) -> AsyncIterator[str]:
    """An operator without a second step sets it, and does nothing else; one with it is let in, and no page fails."""
    first, csrf = await world.beginner.token(), await world.operator.token()
    for route in (route for route in PAGES if route.whose != "members" and not route.begins and not route.anybody):
        answer = await sent(world.beginner, route, world.path(route), first)
        if (answer.status_code, answer.headers.get("location")) != (303, "/account/second"):
            yield f"{named(route)}: {answer.status_code} without a second step"
        if leaves(route):
            continue
        answer = await sent(world.operator, route, world.path(route), csrf)
        if answer.status_code not in (200, 404, 422):
            yield f"{named(route)}: {answer.status_code} for an operator"


async def forged(world: World) -> AsyncIterator[str]:
    """A form that is not from a page of ours, in this session, is refused, and changes nothing."""
    member, other = world.own["coordinator"], world.outside["coordinator"]
    theirs = await other.token()
    tokens = {id(phone): await phone.token() for phone in (member, world.operator)}
    before = await whole(world.site)
    by = {"operators": [world.operator], "members": [member], "both": [member, world.operator]}
    for route in (route for route in PAGES if route.method == "POST"):
        for phone in by[route.whose]:
            for csrf, headers in forgeries(tokens[id(phone)], theirs):
                answer = await sent(phone, route, world.path(route), csrf, **headers)
                if answer.status_code != 403:
                    yield f"{named(route)}: {answer.status_code} for a forged form {headers}"
    if await whole(world.site) != before:
        yield "a forged form changed something"


def forgeries(good: str, theirs: str) -> list[tuple[str, dict[str, str]]]:
    """What is sent with a form that is not from a page of ours."""
    elsewhere = [(good, {"sec-fetch-site": site}) for site in ("cross-site", "same-site", "none")]
    return [("", {}), ("x", {}), (theirs, {}), (good[:-4], {}), *elsewhere]


async def open_to_others(world: World) -> AsyncIterator[str]:
    """Another community's object answers like one that is not there, and nothing of it changes."""
    for role, phone in world.outside.items():
        csrf, before = await phone.token(), await whole(world.site)
        for route in (route for route in PAGES if start_of(route)):
            theirs, nobodys = world.path(route), world.path(route).replace(object_of(world, route), new_id())
            answer, like = await sent(phone, route, theirs, csrf), await sent(phone, route, nobodys, csrf)
            if answer.status_code not in REFUSED | {303} or told(answer) != told(like):
                yield f"{named(route)}: {answer.status_code}, not {like.status_code}, for {role} of another"
            if route.method == "GET" and answer.status_code not in (403, 404):
                yield f"{named(route)}: {answer.status_code} for {role} of another"
        if await whole(world.site) != before:
            yield f"{role} of another changed something"


def told(answer: Any) -> tuple[int, str]:
    """A form that removes what is not there may lead on: what counts is that it does so alike, and changes nothing."""
    return answer.status_code, answer.headers.get("location", "")


def object_of(world: World, route: PageRoute) -> str:
    start = start_of(route)
    assert start is not None
    return world.objects[OBJECTS[start]]


def leaves(route: PageRoute) -> bool:
    """It would end the session that the matrix goes on with."""
    return route.path in ("/account/leave", "/signout", "/account/everywhere") and route.method == "POST"


_JUDGED = (open_to_nobody, open_to_roles, open_to_the_wrong_kind, open_without_second_step, forged, open_to_others)
CHECKS: dict[str, Callable[[World], AsyncIterator[str]]] = {check.__name__: check for check in _JUDGED}


@pytest.mark.parametrize("check", CHECKS)
def test_every_page_denies_as_it_must(play: Play, check: str) -> None:
    async def story(site: Site) -> None:
        async with world(site) as made:
            assert [wrong async for wrong in CHECKS[check](made)] == []

    play(story)


def test_every_object_in_a_path_has_a_sample() -> None:
    unknown = [route.path for route in PAGES if not start_of(route) and not set(params(route)) <= FREE.keys()]
    assert unknown == [], "say in OBJECTS what stands in these paths, and make one in `world`; or in FREE"


def test_a_page_for_everybody_asks_for_nothing() -> None:
    assert [route.path for route in PAGES if route.anybody and route.asks] == []


async def _anybody(self: PortalSite, _: Any) -> Any:
    async with self.store.work("*") as work:
        row = await work.connection.fetchrow("SELECT digest FROM sessions LIMIT 1")
        return await work.session_of(row["digest"]), work.now


class ForAll(Bus):
    """In place of a bus that says for whom is asked: it always says Tha Li's coordinator."""

    async def send(self, asked: Any, **given: Any) -> Any:
        """As Tha Li's own."""
        self.principal, self.acting = Member(account="x", community=SENDER, role="coordinator"), SENDER
        return await super().send(asked, **given)


OFF: list[tuple[str, Any, str, Any]] = [
    ("open_to_nobody", PortalSite, "_session", _anybody),
    ("open_to_roles", PageContext, "may", lambda *_: True),
    ("open_to_the_wrong_kind", portal_site, "_elsewhere", lambda *_: None),
    ("open_without_second_step", portal_site, "_elsewhere", lambda *_: None),
    ("forged", security, "is_form_token", lambda *_: True),
    ("forged", security, "is_from_here", lambda *_: True),
    ("open_to_others", context, "BusClient", ForAll),
]


@pytest.mark.parametrize(
    ("check", "where", "guard", "off"), OFF, ids=lambda each: each if isinstance(each, str) else ""
)
def test_control_a_guard_that_is_off_is_found(
    play: Play, monkeypatch: pytest.MonkeyPatch, check: str, where: Any, guard: str, off: Any
) -> None:
    async def story(site: Site) -> None:
        async with world(site) as made:
            monkeypatch.setattr(where, guard, off)
            assert await anext(CHECKS[check](made), None) is not None

    play(story)
