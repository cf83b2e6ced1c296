"""Pages for everybody: the communities that show themselves, one of them, one of its experiences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import PlainTextResponse, Response

from contracts.community.v1 import CommunityProfile, Experience
from contracts.crossing.rows import Crossing
from services.chassis.ports import EVERYONE
from services.client import formatting
from services.client.phrases.catalogue import LANGUAGES
from services.portal.domain import map as ground
from services.portal.domain.map import Place
from services.portal.domain.public import ITSELF, PublicPage, picked
from services.portal.site import asking, maps, sharing, structured, writing
from services.portal.site.assets import FOR_EVER
from services.portal.site.context import PageContext, machine_now
from services.portal.site.public_book import Shown
from services.portal.site.public_site import PublicRoute, address, for_everybody, gone, in_each_language

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Partners and crossings that a small map has room for.
MOST_ON_MAP = 6
#: Communities on one page of the list, and addresses in a sitemap, at most.
MOST_LISTED, MOST_URLS = 60, 50_000
MONDAY = date(2024, 1, 1)


@dataclass(frozen=True)
class Look:
    """Everything that is shown of one community."""

    profile: CommunityProfile
    shown: Shown
    page: PublicPage
    #: Communities that have a page to go on to.
    others: frozenset[str]

    @property
    def id(self) -> str:
        """Whose page it is."""
        return self.profile.id

    @property
    def experiences(self) -> Sequence[Experience]:
        """What it offers."""
        own = self.shown.known.own
        return own.experiences if own else ()

    def path(self, experience: str = "") -> str:
        """Where it is below its language."""
        return "/" + (experience or self.id).replace(".", "/", 1)


async def look(page: PageContext) -> Look | None:
    """What is shown of the community of this address; None when it shows nothing. Raises Refused."""
    community = page.request.path_params["community"]
    if len(community) > 64 or not _SLUG.fullmatch(community):
        return None
    async with page.site.store.work(EVERYONE, readonly=True) as work:
        written = await work.public_page(community)
        others = frozenset(await work.shown_communities())
    if not written.shown:
        return None
    shown = await page.site.book.of(community)
    own = shown.known.own
    return Look(own.community, shown, written, others) if own else None


async def all_of_them(page: PageContext) -> Response:
    """Every community that has a page, some at a time."""
    async with page.site.store.work(EVERYONE, readonly=True) as work:
        said = await work.shown_texts()
    behind = [each for each in said if each > page.request.query_params.get("after", "")]
    listed = behind[:MOST_LISTED]
    marks: dict[str, Any] = {
        "profiles": await page.site.book.profiles(listed),
        "texts": {each: picked(said[each], page.phrases.language) for each in listed},
        "last": listed[-1] if len(behind) > len(listed) else "",
    }
    return for_everybody(page, page.render("public_list.html", **marks, **_links(page, "")))


async def community(page: PageContext) -> Response:
    """A community as it shows itself."""
    found = await look(page)
    if found is None:
        return gone(page)
    response = render(page, found)
    return response if "sent" in page.request.query_params else for_everybody(page, response)


async def experience(page: PageContext) -> Response:
    """One thing that a community offers."""
    found = await look(page)
    offered = offered_at(page, found) if found else None
    if found is None or offered is None:
        return gone(page)
    response = render(page, found, offered)
    return response if "sent" in page.request.query_params else for_everybody(page, response)


def offered_at(page: PageContext, found: Look) -> Experience | None:
    """The experience of this address, if there is one."""
    wanted = f"{found.id}.{page.request.path_params.get('experience', '')}"
    return next((each for each in found.experiences if each.id == wanted), None)


def render(page: PageContext, found: Look, offered: Experience | None = None, **values: Any) -> Response:
    """The page of a community, or of one of its experiences."""
    about = offered.id if offered else ITSELF
    name = formatting.picked(page.phrases, (offered or found.profile).names.model_dump())
    host = formatting.picked(page.phrases, found.profile.names.model_dump())
    said = found.page.text(about, page.phrases.language)
    links = _links(page, found.path(about))
    marks: dict[str, Any] = {
        "look": found,
        "profile": found.profile,
        "offered": offered,
        "name": name,
        "said": said,
        "photos": found.page.photos_of(about),
        "data": _data(page, found, offered, name, said[0] if said else ""),
        "token": _token(page, found.id),
        "is_sent": "sent" in page.request.query_params,
        "lasts": lambda each: formatting.length(page.phrases, timedelta(minutes=each.duration_minutes)),
        "spoken": _spoken(page, found.profile),
        "names": found.shown.known.names(page.phrases),
        "host": host,
        "shares": sharing.links(_told(name, host, said[0] if said else "", links["links"][page.phrases.language])),
    }
    if offered is None:
        marks |= _way(page, found)
    template = "public_experience.html" if offered else "public_community.html"
    return page.render(template, **(marks | links | values))


def _told(*lines: str) -> str:
    """What somebody sends on by hand: what is written here, and where; each line once."""
    return "\n".join(filter(None, dict.fromkeys(lines)))


def _spoken(page: PageContext, profile: CommunityProfile) -> str:
    names = [formatting.language_name(page.phrases, code) for code in profile.languages]
    return formatting.listed(page.phrases, names, "and")


def _token(page: PageContext, community_: str) -> str:
    vault = page.site.store.vault
    return asking.token(vault, community_, machine_now()) if vault else ""


def _links(page: PageContext, path: str) -> dict[str, Any]:
    """Where this page is in each language."""
    here = address(page)
    return {
        "links": {language: f"{here}/{language}{path}" for language in LANGUAGES},
        "path": path,
        "site_url": here,
    }


def _data(page: PageContext, found: Look, offered: Experience | None, name: str, text: str) -> Any:
    here, language = address(page), page.phrases.language
    photos = [f"{here}/photos/{photo.name}" for photo in found.page.photos_of(offered.id if offered else ITSELF)]
    url = f"{here}/{language}{found.path(offered.id if offered else '')}"
    if offered is None:
        offers = [(each, f"{here}/{language}{found.path(each.id)}") for each in found.experiences]
        made = structured.community(found.profile, offers, name=name, text=text, url=url, photos=photos)
    else:
        host = formatting.picked(page.phrases, found.profile.names.model_dump())
        by = host, f"{here}/{language}{found.path()}"
        made = structured.experience(offered, name=name, text=text, url=url, photos=photos, by=by)
    return structured.written(made)


# the way there


def _way(page: PageContext, found: Look) -> dict[str, Any]:
    """The map, and what stands below it."""
    partners = [each for each in found.shown.partners if found.shown.known.profile(each.partner)][:MOST_ON_MAP]
    crossings = found.shown.crossings[:MOST_ON_MAP]
    places = [_community(page, found, found.id), *(_community(page, found, each.partner) for each in partners)]
    places += [place for place in (_crossing(page, each) for each in crossings) if place]
    there = {place.id for place in places}
    ways = []
    for partner in partners:
        over = next((each for each in partner.terms.crossings if each in there), None)
        ways.append([found.id, *([over] if over else []), partner.partner])
    if not partners:
        ways = [[found.id, each.id] for each in crossings]
    drawn = ground.sheet(places, ways)
    numbered = [mark for mark in drawn.marks if mark.number]
    numbers = {mark.place.id: mark.number for mark in numbered}
    return {
        "map": maps.drawn(drawn, ways) if len(places) > 1 else "",
        "numbered": numbered,
        "crossings": [
            (numbers.get(each.id), _named(page, each), _open(page, each), _km(each, found.id)) for each in crossings
        ],
        "partners": [each.partner for each in partners],
        "known": found.shown.known,
    }


def _named(page: PageContext, crossing: Crossing) -> str:
    return formatting.picked(page.phrases, crossing.names.model_dump())


def _open(page: PageContext, crossing: Crossing) -> list[tuple[str, str]]:
    """Weekdays in words, nothing for every day, and hours."""

    def named(days: Sequence[int]) -> str:
        names = [formatting.weekday_name(page.phrases, MONDAY + timedelta(day - 1)) for day in days]
        return formatting.listed(page.phrases, names)

    return [(named(days), shown) for days, shown in hours_of(crossing)]


def _km(crossing: Crossing, community_: str) -> int | None:
    return next((road.km for road in crossing.roads if road.community == community_), None)


def _community(page: PageContext, found: Look, id_: str) -> Place:
    profile = found.profile if id_ == found.id else found.shown.known.profile(id_)
    assert profile is not None
    name = writing.short(formatting.picked(page.phrases, profile.names.model_dump()))
    at = profile.place
    return Place(id=id_, name=name, kind="community", lat=at.lat, lon=at.lon, here=id_ == found.id)


def _crossing(page: PageContext, crossing: Crossing) -> Place | None:
    point = crossing.th.point or crossing.la.point
    if point is None:
        return None
    return Place(
        id=crossing.id, name=writing.short(_named(page, crossing)), kind="crossing", lat=point.lat, lon=point.lon
    )


def hours_of(crossing: Crossing) -> list[tuple[tuple[int, ...], str]]:
    """When it is open, days with the same hours together; no days: every day."""
    days: dict[str, set[int]] = {}
    for hours in crossing.hours:
        days.setdefault(hours.shown.replace("-", "–"), set()).update(hours.days)
    return [(() if len(on) == len(range(7)) else tuple(sorted(on)), shown) for shown, on in days.items()]


# what is no page


async def photo(page: PageContext) -> Response:
    """A photo that a page shows. Another photo has another address."""
    async with page.site.store.work(EVERYONE, readonly=True) as work:
        body = await work.shown_photo(page.request.path_params["digest"])
    if body is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    return Response(body, media_type="image/jpeg", headers={"Cache-Control": FOR_EVER})


async def robots(page: PageContext) -> Response:
    """What search engines may look at: pages for everybody, and what these need."""
    allowed = [f"Allow: /{language}{end}" for language in LANGUAGES for end in ("$", "/")]
    lines = ["User-agent: *", *allowed, "Allow: /photos/", "Allow: /static/", "Disallow: /"]
    return for_everybody(page, PlainTextResponse("\n".join([*lines, "", f"Sitemap: {address(page)}/sitemap.xml", ""])))


async def sitemap(page: PageContext) -> Response:
    """Where the pages are, in each language; none that are a demonstration."""
    async with page.site.store.work(EVERYONE, readonly=True) as work:
        shown = await work.shown_communities()
    communities = [each.id for each in await page.site.book.profiles(shown) if not each.demo]
    offered = [each.id for each in await page.site.book.experiences(communities) if not each.demo]
    paths = [*([""] if communities else []), *("/" + id_.replace(".", "/", 1) for id_ in [*communities, *offered])]
    text = "".join(_entries(address(page), path) for path in paths[: MOST_URLS // len(LANGUAGES)])
    names = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {names}>{text}\n</urlset>\n'
    return for_everybody(page, Response(body, media_type="application/xml"))


def _entries(here: str, path: str) -> str:
    links: Mapping[str, str] = {language: f"{here}/{language}{path}" for language in LANGUAGES}
    others = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{url}"/>' for code, url in links.items())
    return "".join(f"\n<url><loc>{url}</loc>{others}</url>" for url in links.values())


PAGES = (
    *in_each_language("", all_of_them),
    *in_each_language("/{community}", community),
    *in_each_language("/{community}/{experience}", experience),
    PublicRoute("GET", "/photos/{digest}.jpg", photo),
    PublicRoute("GET", "/sitemap.xml", sitemap),
    PublicRoute("GET", "/robots.txt", robots),
)
