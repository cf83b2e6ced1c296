"""Supplier, products, calendars and starts: read from the agency API's own tables alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from contracts.values import days
from services.agency_api.domain.products import MOST_NIGHTS, Choice, UnitId, choice, is_of_our_times, picked, sold
from services.agency_api.domain.seeking import window
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import problems, selling, starting, wishing
from services.agency_api.octo.asked import AskedAvailability, AskedCalendar, UnitCount
from services.agency_api.octo.objects import CapabilityView, Supplier, SupplierContact
from services.agency_api.octo.starting import Looking
from services.agency_api.site.asking import CAPABILITIES, Asking
from services.chassis.ports import EVERYONE

#: So many days may be asked about at once.
MOST_DAYS = 366
NETWORK = "network"
DOCS = "https://docs.octo.travel/octo-api-core/"


async def supplier(asking: Asking) -> dict[str, Any]:
    """The community of the base URL, or the network of all that have an agreement with the agency."""
    name, contact = "Handoff network", SupplierContact(website=None, email=None, telephone=None, address=None)
    if asking.community is not None:
        (found,) = await supplies(asking)
        community = found.offering.community
        name = picked(community.names, asking.language)
        if (office := community.office) is not None:
            contact = SupplierContact(
                website=office.website, email=office.email, telephone=office.telephone, address=office.address
            )
    given: dict[str, Any] = {"short_description": None, "media": ()} if asking.has("content") else {}
    return Supplier(id=asking.community or NETWORK, name=name, endpoint=asking.url, contact=contact, **given).wire()


async def capabilities(_asking: Asking) -> list[dict[str, Any]]:
    """What this API adds to the core. Notifications have no id in OCTO's list, so they are not in it."""
    return [
        CapabilityView(id=f"octo/{each}", revision=1, required=False, dependencies=(), docs=DOCS).wire()
        for each in CAPABILITIES
    ]


async def product(asking: Asking, product_id: str) -> dict[str, Any]:
    """One product."""
    community = community_of(asking, product_id)
    async with asking.store.work(EVERYONE, readonly=True) as work:
        found = [one for one in await work.supplies(asking.agency, community) if one.is_open(work.now)]
    experience = found[0].experience(product_id) if found else None
    if experience is None or experience not in sold(found[0].offering):
        raise problems.unknown_product(product_id)
    return selling.product(found[0], experience, asking)


async def supplies(asking: Asking) -> list[Supply]:
    """Every community that the agency may sell here, in force today."""
    async with asking.store.work(EVERYONE, readonly=True) as work:
        found: Sequence[Supply] = await work.supplies(asking.agency, asking.community)
        opened = [one for one in found if one.is_open(work.now)]
    if asking.community is not None and not opened:
        raise problems.forbidden("You have no agreement with this community: GET /supplier of the network lists yours")
    return opened


async def calendar(asking: Asking, asked: AskedCalendar) -> bytes:
    """Every day asked about, with the best of its starts; as it is sent."""

    def write(looking: Looking, day: date) -> bytes:
        return starting.calendar_day(looking, day, asking).text()

    return await _by_day(asking, asked, "calendar", write)


async def availability(asking: Asking, asked: AskedAvailability) -> bytes | list[dict[str, Any]]:
    """Every start of the days asked about, as it is sent; or those whose ids are named."""
    if asked.availability_ids is not None:
        return await _named(asking, asked, asked.availability_ids)

    def write(looking: Looking, day: date) -> bytes:
        there = starting.starts(looking, (day,))
        return b",".join(starting.availability(looking, one, asking).text() for one in there)

    return await _by_day(asking, asked, "starts", write)


async def _by_day(asking: Asking, asked: AskedCalendar, kind: str, write: Callable[[Looking, date], bytes]) -> bytes:
    """A list, day by day: what was written before and still holds is not worked out again."""
    first, last = _days_of(asked)
    dates = _each(first, last)
    units = None if asked.units is None else tuple((each.id, each.quantity) for each in asked.units)
    how = (asking.agency, asking.capabilities, asking.language)
    about = (kind, asked.product_id, asked.option_id, units, how)
    parts = await asking.memory.found(about, community_of(asking, asked.product_id), dates)
    if parts is None:
        looking = await look(asking, asked.product_id, asked.option_id, first, last, asked.units)
        parts = await asking.memory.written(about, looking.as_of, dates, partial(write, looking))
    return b"[%b]" % b",".join(filter(None, parts))


async def _named(asking: Asking, asked: AskedAvailability, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The starts with these ids, in the order in which they are asked for."""
    if asked.local_date or asked.local_date_start or asked.local_date_end:
        raise problems.bad_request("Give availabilityIds, or localDateStart and localDateEnd, and not both")
    if not ids:
        return []
    named = [_named_day(each) for each in ids]
    if (max(named) - min(named)).days >= MOST_DAYS:
        raise problems.bad_request(f"availabilityIds: ask about at most {MOST_DAYS} days at once")
    looking = await look(asking, asked.product_id, asked.option_id, min(named), max(named), asked.units)
    found = []
    for each in ids:
        start = looking.choice.start_of(each)
        departure = looking.at(*start) if start else None
        if departure is not None and departure.reason not in starting.NO_START:
            found.append(starting.availability(looking, departure, asking).wire())
    return found


def _named_day(availability: str) -> date:
    day = wishing.day_said(availability)
    if day is None:
        raise problems.unknown_availability(availability)
    return day


async def look(
    asking: Asking, product: str, option: str, first: date, last: date, units: Sequence[UnitCount] | None = None
) -> Looking:
    """One option on some days. Raises OctoProblem for an id that there is not, naming it."""
    community = community_of(asking, product)
    async with asking.store.statements() as work:
        supply: Supply | None = await work.supply(asking.agency, community, *window(first, last, MOST_NIGHTS))
    if supply is None:
        raise problems.unknown_product(product)
    chosen = chosen_of(supply, product, option, supply.read_at)
    return Looking(supply=supply, choice=chosen, now=supply.read_at, units=counted(chosen, units))


def chosen_of(supply: Supply, product: str, option: str, now: datetime) -> Choice:
    """The option asked for. Raises OctoProblem for an id that there is not, naming it."""
    experience = supply.experience(product) if supply.is_open(now) else None
    if experience is None or experience not in sold(supply.offering):
        raise problems.unknown_product(product)
    found = choice(supply.offering, experience, option)
    if found is None:
        raise problems.unknown_option(option)
    return found


def community_of(asking: Asking, product: str) -> str:
    """Whose product this is: the part before the dot; that of another community does not exist under a base URL."""
    if "\0" in product:
        raise problems.unknown_product(product)
    community = product.partition(".")[0]
    if asking.community not in (None, community):
        raise problems.unknown_product(product)
    return community


def counted(chosen: Choice, units: Sequence[UnitCount] | None) -> tuple[UnitId, ...] | None:
    """The units asked about, each as often as it is; None when nobody in particular is asked about."""
    if units is None:
        return None
    by_id = {str(unit): unit for unit in chosen.units}
    for each in units:
        if each.id not in by_id:
            raise problems.unknown_unit(each.id)
    found = tuple(by_id[each.id] for each in units for _ in range(each.quantity))
    return found or None


def _days_of(asked: AskedCalendar) -> tuple[date, date]:
    """The first and the last day asked about. Raises OctoProblem naming the field."""
    local = getattr(asked, "local_date", None)
    first, last = asked.local_date_start or local, asked.local_date_end or local
    if first is None or last is None:
        raise problems.bad_request("Give localDateStart and localDateEnd, such as 2027-01-14")
    if last < first:
        raise problems.bad_request("localDateEnd is before localDateStart")
    if not (is_of_our_times(first) and is_of_our_times(last)):
        raise problems.bad_request("localDateStart and localDateEnd are days of the common era, in 2001 to 2198")
    if (last - first).days >= MOST_DAYS:
        raise problems.bad_request(f"localDateEnd: ask about at most {MOST_DAYS} days at once")
    return first, last


def _each(first: date, last: date) -> tuple[date, ...]:
    return days(first, (last - first + timedelta(days=1)).days)
