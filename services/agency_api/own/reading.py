"""Communities, search and calendars: read from the agency API's own tables alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from contracts.values import search_key
from services.agency_api.domain.matching import Placed, Point, Wanted, is_named, may_offer, offered, placed
from services.agency_api.domain.products import experience_of, sold
from services.agency_api.domain.seeking import Seeking, Visit, first_start
from services.agency_api.domain.supply import Supply
from services.agency_api.own import showing
from services.agency_api.own.asked import MOST_DAYS, MOST_SEARCHED, AskedCalendars, AskedCommunities, AskedSearch, Where
from services.agency_api.own.objects import CalendarsView, CalendarView, FoundView
from services.agency_api.own.paging import Page, Place
from services.agency_api.own.problems import invalid
from services.agency_api.site.asking import Asking
from services.chassis.ports import EVERYONE

#: A page of a search looks at so many communities, and judges so many starts, however much more there is.
MOST_COMMUNITIES, MOST_JUDGED = 100, 2_000
#: Places of the lists: where a page may begin.
COMMUNITY_PLACE: Place = (0, "")
PRODUCT_PLACE: Place = (0, "", "")


async def communities(asking: Asking, asked: AskedCommunities, after: Place | None) -> Page:
    """Communities with an agreement in force today, or all the others of this node, of which only the name is told."""
    wanted = _wanted(asked)
    is_open = asked.agreement == "in_force"
    async with asking.store.work(EVERYONE, readonly=True) as work:
        all_of_them: Sequence[Supply] = await work.hosts_of(asking.agency)
        now: datetime = work.now
    there = placed((one for one in all_of_them if one.is_open(now) == is_open), wanted)
    rest = [one for one in there if (after is None or one.key > after) and is_named(one.supply, wanted)]
    shown = rest[: asked.limit]
    items = [showing.community(one, wanted, asking.language, is_open=is_open) for one in shown]
    return Page(items, shown[-1].key if len(rest) > len(shown) else None)


async def search(asking: Asking, asked: AskedSearch, after: Place | None) -> Page:
    """What the party can take, each with the first start that fits; nearest first, else in order of communities."""
    in_order(asked.first, asked.last, MOST_SEARCHED)
    wanted = _wanted(asked, frozenset(asked.kind), frozenset(asked.programme))
    visit = Visit(first=asked.first, last=asked.last, nights=asked.nights, party=asked.party)
    async with asking.store.work(EVERYONE, readonly=True) as work:
        mine: Sequence[Supply] = await work.supplies(asking.agency, None)
        now: datetime = work.now
        rest = _rest(mine, wanted, now, after)
        looked_at = rest[:MOST_COMMUNITIES]
        stated = await work.supplies_on(asking.agency, [one.id for one in looked_at], *visit.window)
    full = {supply.offering.community.id: supply for supply in stated}
    there = [Placed(one.distance_m, full[one.id]) for one in looked_at if one.id in full]
    items, last = await _judged(there, wanted, Search(visit, now, asked.limit, asking.language), after)
    if last is None and len(rest) > len(looked_at):
        last = (*looked_at[-1].key, "~")  # behind every product of it
    return Page(items, last)


class Search:
    """What is looked for in one page, and how much of it may still be found and judged."""

    def __init__(self, visit: Visit, now: datetime, most: int, language: str) -> None:
        self.visit, self.now, self.language = visit, now, language
        self._most, self._judged = most, 0
        self.found: list[FoundView] = []

    @property
    def is_full(self) -> bool:
        """Whether the page ends here."""
        return len(self.found) >= self._most or self._judged >= MOST_JUDGED

    def judge(self, one: Placed, wanted: Wanted, seeking: Seeking | None) -> None:
        """Keep a product if the party can take it."""
        if seeking is None:
            return
        first, judged = first_start(seeking.starts())
        self._judged += judged
        if first is not None:
            self.found.append(showing.found(one, wanted, seeking, first, self.language))


async def _judged(
    there: Sequence[Placed], wanted: Wanted, search: Search, after: Place | None
) -> tuple[list[FoundView], Place | None]:
    """What of some communities can be taken, and the last product looked at where the page ends before they do."""
    last: Place | None = None
    for one in there:
        for experience in offered(one.supply, wanted):
            await asyncio.sleep(0)  # others' requests are not to wait for a whole page of this one
            here: Place = (*one.key, experience.id)
            if after is not None and here <= after:
                continue
            if search.is_full:
                return search.found, last
            search.judge(one, wanted, Seeking.of(one.supply, experience, search.visit, search.now))
            last = here
    return search.found, None


def _rest(mine: Sequence[Supply], wanted: Wanted, now: datetime, after: Place | None) -> list[Placed]:
    """The communities in which something may be found from a place on."""
    there = placed((one for one in mine if one.is_open(now)), wanted)
    return [one for one in there if (after is None or one.key >= after[:2]) and may_offer(one.supply, wanted)]


async def calendars(asking: Asking, asked: AskedCalendars) -> CalendarsView:
    """Every day of many products, in one read."""
    in_order(asked.first, asked.last, MOST_DAYS)
    party = asked.party.party if asked.party else None
    visit = Visit(first=asked.first, last=asked.last, nights=asked.nights, party=party)
    names = sorted({each.partition(".")[0] for each in asked.product_ids})
    async with asking.store.work(EVERYONE, readonly=True) as work:
        stated: Sequence[Supply] = await work.supplies_on(asking.agency, names, *visit.window)
        now: datetime = work.now
    open_ones = {one.offering.community.id: one for one in stated if one.is_open(now)}
    found = []
    for seeking in _asked_for(asked, open_ones, visit, now):
        await asyncio.sleep(0)
        found.append(_calendar(seeking))
    shown = {each.product_id for each in found}
    return CalendarsView(
        calendars=tuple(found), unknown=tuple(dict.fromkeys(each for each in asked.product_ids if each not in shown))
    )


def _asked_for(asked: AskedCalendars, supplies: dict[str, Supply], visit: Visit, now: datetime) -> Iterator[Seeking]:
    """The products that there are of those asked for, each once."""
    for product in dict.fromkeys(asked.product_ids):
        supply = supplies.get(product.partition(".")[0])
        experience = experience_of(supply.offering, product) if supply else None
        if supply is None or experience is None or experience not in sold(supply.offering):
            continue
        if (seeking := Seeking.of(supply, experience, visit, now)) is not None:
            yield seeking


def _calendar(seeking: Seeking) -> CalendarView:
    return CalendarView(
        product_id=seeking.choice.experience.id,
        option_id=seeking.choice.id,
        price=showing.price(seeking.supply, seeking),
        days=tuple(showing.day(seeking, seeking.best_on(day)) for day in seeking.visit.days),
    )


def _wanted(asked: Where, kinds: frozenset[str] = frozenset(), programmes: frozenset[str] = frozenset()) -> Wanted:
    """What is looked for. Raises Failed naming the field."""
    if asked.within_km is not None and asked.near is None:
        raise invalid("within_km", "give near, too: from where")
    lat, _, lon = (asked.near or "").partition(",")
    return Wanted(
        text=search_key(asked.text),
        near=Point(float(lat), float(lon)) if asked.near else None,
        within_m=None if asked.within_km is None else round(asked.within_km * 1000),
        languages=frozenset(asked.language),
        kinds=kinds,
        programmes=programmes,
    )


def in_order(first: date, last: date, most: int) -> None:
    """Raises Failed naming the field where days are not in order, or too many."""
    if last < first:
        raise invalid("last", "is before first")
    if (last - first).days >= most:
        raise invalid("last", f"ask about at most {most} days at once")
