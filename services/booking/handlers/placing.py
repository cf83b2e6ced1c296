"""Taking places by call, for whoever may: what is asked is judged, taken or refused with the field it is about."""

from __future__ import annotations

from dataclasses import replace

from contracts.capacity.availability import Clock
from contracts.capacity.pools import Host, Situation
from contracts.refusals import No, Refused
from contracts.starting import with_starts
from contracts.values import Items, Party
from services.booking.domain.hold import Hold
from services.booking.domain.placing import Miss, PlacePlan, implausible, plan, span
from services.booking.handlers.capacity import state_capacity
from services.booking.ports import Bookings, Placed, Request


def plausible(items: Items, work: Bookings) -> None:
    """Raises Refused for days that nobody offers; before anything is computed with them."""
    if miss := implausible(items, work.now.date()):
        raise no_room(miss)


async def standing(items: Items, work: Bookings) -> Situation:
    """What items of the acting community are decided in. Raises Refused when it offers nothing."""
    situation = (await work.situations([work.acting], *span(items))).get(work.acting)
    if situation is None:
        raise Refused(No.UNKNOWN, "nothing_to_book_yet", "items")
    return situation


async def started(items: Items, work: Bookings) -> tuple[Situation, Items]:
    """The same for what is asked, and the items with their starts."""
    situation = await standing(items, work)
    return situation, with_starts(items, situation.host.offering.experiences)


def planned(situation: Situation, clock: Clock, party: Party, items: Items) -> PlacePlan:
    """The places and the price. Raises Refused with what is missing."""
    found = plan(situation, clock, party, items)
    if isinstance(found, Miss):
        raise _kept(found, situation, clock, party, items) or no_room(found, situation.host)
    return found


def _kept(miss: Miss, situation: Situation, clock: Clock, party: Party, items: Items) -> Refused | None:
    """For a community's own people: the refusal which says that there are places, kept for agencies."""
    if miss.reason != "no_room" or clock.agency is not None or not situation.agreements:
        return None
    if isinstance(plan(replace(situation, agreements=()), clock, party, items), Miss):
        return None
    about = {"experience_id": str(miss.experience_id), "day": str(miss.day)}
    return Refused(No.NO_ROOM, "kept_for_agencies", "items", **about)


async def take(
    hold: Hold,
    found: PlacePlan,
    situation: Situation,
    work: Bookings,
    old: Hold | None = None,
    most_open: int | None = None,
) -> Hold:
    """Write the hold with all its places, in place of the old one if there is one. Raises Refused."""
    request = Request(hold=hold, plan=found, situation=situation, replaces=old, most_open=most_open)
    outcome = await work.place(request)
    if outcome.placed is Placed.KNOWN:
        raise Refused(No.CONFLICT, "hold_id_used_before", "hold_id")
    if outcome.placed is Placed.TOO_MANY:
        raise Refused(No.TOO_MANY_OPEN, "too_many_holds_open", most=most_open or 0)
    if outcome.placed is Placed.NO_ROOM:
        item = found.first_item_of(outcome.missing, situation)
        raise no_room(Miss(reason="no_room", experience_id=item.experience_id, day=item.day))
    state_capacity(work, hold.community, outcome.levels)
    return replace(hold, items=found.items, quote=found.quote)


def no_room(miss: Miss, host: Host | None = None) -> Refused:
    """The refusal names the reason, party or items, and the number that was exceeded."""
    about = {"why": miss.reason, "experience_id": str(miss.experience_id), "day": str(miss.day)}
    experience = host.experiences.get(miss.experience_id or "") if host else None
    limits = host.offering.community.limits if host else None
    if miss.reason not in ("party_too_small", "party_too_large"):
        return Refused(No.NO_ROOM, "no_place", "items", **about)
    if limits is None or experience is None:
        return Refused(No.NO_ROOM, "no_place", "party", **about)
    if miss.reason == "party_too_large":
        most = min(limits.max_party, experience.seats)
        return Refused(No.NO_ROOM, "no_place_so_many_at_most", "party", most=most, **about)
    least = max(limits.min_party, experience.min_party)
    return Refused(No.NO_ROOM, "no_place_so_many_at_least", "party", least=least, **about)
