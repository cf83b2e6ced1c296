"""Communities, products and prices as they are shown."""

from __future__ import annotations

from typing import Any

from contracts.booking.v1 import Departure
from contracts.community.v1 import Experience
from contracts.values import Money
from services.agency_api.domain.matching import Placed, Wanted
from services.agency_api.domain.products import described, picked, sold
from services.agency_api.domain.seeking import Seeking
from services.agency_api.domain.supply import Supply
from services.agency_api.own.objects import (
    CommunityName,
    CommunityView,
    DayView,
    FoundView,
    OfferView,
    PlaceView,
    PriceView,
    StartView,
)


def named(one: Placed, wanted: Wanted, language: str) -> dict[str, Any]:
    """What everybody may know of a community."""
    community = one.supply.offering.community
    where = community.place
    distance = {} if wanted.near is None else {"distance_km": round(one.distance_m / 1000, 1)}
    place = PlaceView(lat=where.lat, lon=where.lon, country=where.country, subdivision=where.subdivision, **distance)
    name = picked(community.names, language)
    return {"id": community.id, "name": name, "names": community.names, "place": place}


def community(one: Placed, wanted: Wanted, language: str, *, is_open: bool) -> CommunityView:
    """A community; without an agreement only what everybody may know."""
    supply = one.supply
    if not is_open:
        return CommunityView(**named(one, wanted, language))
    profile = supply.offering.community
    return CommunityView(
        **named(one, wanted, language),
        zone=profile.zone,
        currency=profile.currency,
        languages=profile.languages,
        offers=tuple(offer(each, language) for each in sold(supply.offering)),
        agreement=supply.terms,
    )


def offer(experience: Experience, language: str) -> OfferView:
    """A product in a word."""
    return OfferView(
        product_id=experience.id,
        name=picked(experience.names, language),
        names=experience.names,
        kind=experience.kind,
        programme=experience.programme,
        duration_minutes=experience.duration_minutes,
        prices=experience.prices,
    )


def found(one: Placed, wanted: Wanted, seeking: Seeking, first: Departure, language: str) -> FoundView:
    """A product with the first start that fits."""
    experience, choice = seeking.choice.experience, seeking.choice
    return FoundView(
        product_id=experience.id,
        option_id=choice.id,
        name=picked(experience.names, language),
        names=experience.names,
        description=described(experience, language),
        kind=experience.kind,
        programme=experience.programme,
        duration_minutes=experience.duration_minutes,
        community=CommunityName(**named(one, wanted, language)),
        languages=one.supply.offering.community.languages,
        start=StartView(
            availability_id=choice.availability_id(first.day, first.start),
            starts_at=choice.starts_at(first.day, first.start).isoformat(),
            ends_at=choice.ends_at(first.day, first.start).isoformat(),
            day=first.day,
        ),
        left=first.left,
        price=price(one.supply, seeking),
        confirmation="instant" if one.supply.confirms_at_once(experience) else "on_request",
    )


def price(supply: Supply, seeking: Seeking) -> PriceView | None:
    """What the party pays, and what the agency owes."""
    amounts = seeking.price()
    if amounts is None:
        return None
    currency = supply.offering.community.currency
    retail, net = (Money.of_minor(each, currency) for each in amounts)
    return PriceView(retail=retail, net=net)


def day(seeking: Seeking, best: Departure) -> DayView:
    """A day's best start."""
    start = seeking.choice.availability_id(best.day, best.start) if best.available else None
    return DayView(day=best.day, available=best.available, left=best.left, availability_id=start, reason=best.reason)
