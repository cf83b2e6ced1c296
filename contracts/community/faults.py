"""What may be offered: the rules that a message's own shape cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from contracts.community.boxes import misplaced
from contracts.community.v1 import CommunityProfile, Experience, Offering, Terms
from contracts.pricing import MAX_PRICE
from contracts.values import Money

#: The one zone of each country.
ZONES: Mapping[str, str] = {"TH": "Asia/Bangkok", "LA": "Asia/Vientiane"}


class Fault(NamedTuple):
    """What is wrong with one field, in a sentence that says what to do."""

    field: str
    sentence: str


def offering_faults(offering: Offering) -> list[Fault]:
    """Everything wrong with an offering that its contract cannot see, by field path within it."""
    profile = offering.community
    faults = [*_profile_faults(profile)]
    for n, experience in enumerate(offering.experiences):
        faults += [Fault(f"experiences[{n}].{f.field}", f.sentence) for f in _experience_faults(experience, profile)]
    return faults


def _profile_faults(profile: CommunityProfile) -> Iterator[Fault]:
    place, limits = profile.place, profile.limits
    if place.subdivision[:2] != place.country:
        yield Fault("place", f"{place.subdivision} is not in {place.country}: correct the country or the subdivision")
    elif sentence := misplaced(place.subdivision, place.lat, place.lon):
        yield Fault("place", sentence)
    if profile.zone != ZONES[place.country]:
        yield Fault(
            "zone", f"{place.country} keeps the time of {ZONES[place.country]}: correct the zone or the country"
        )
    if limits.min_party > limits.max_party:
        yield Fault("limits.min_party", "the smallest party is larger than the largest: lower it or raise max_party")
    if limits.arrive_from and limits.arrive_until and limits.arrive_until < limits.arrive_from:
        yield Fault("limits.arrive_until", "parties would have to arrive before arrive_from: set a later time")
    if limits.answers_until < limits.answers_from:
        yield Fault("limits.answers_until", "nobody would answer: set a later time than answers_from, or the same")
    yield from _repeated({"limits.weekdays": limits.weekdays, "languages": profile.languages})


def _experience_faults(experience: Experience, profile: CommunityProfile) -> Iterator[Fault]:
    if experience.kind == "homestay":
        yield from _homestay_faults(experience, profile.limits.guests_per_night)
    if experience.min_party > experience.seats:
        yield Fault("min_party", f"no party of {experience.min_party} fits {experience.seats} seats: lower it")
    if not set(experience.weekdays) & set(profile.limits.weekdays):
        yield Fault("weekdays", f"{profile.id} is open on none of these days: choose among its own weekdays")
    for n, unit in enumerate(experience.prices):
        if unit.price.minor < 0:
            yield Fault(f"prices[{n}].price", "a price is not below zero")
        elif unit.price.minor > MAX_PRICE:
            most = Money.of_minor(MAX_PRICE, unit.price.currency)
            yield Fault(f"prices[{n}].price", f"a price is at most {most.amount} {most.currency}: correct it")
    units = tuple(unit.unit for unit in experience.prices)
    yield from _repeated(
        {"prices": units, "weekdays": experience.weekdays, "months": experience.months, "starts": experience.starts}
    )


def _homestay_faults(experience: Experience, places: int) -> Iterator[Fault]:
    if experience.programme != "overnight":
        yield Fault("programme", "a homestay is an overnight programme: say overnight, or choose another kind")
    if places == 0:
        yield Fault("kind", "a homestay needs guest places: raise limits.guests_per_night above 0")
    elif experience.seats > places:
        yield Fault("seats", f"the community has {places} guest places a night: offer no more of them")


def _repeated(fields: Mapping[str, tuple[object, ...]]) -> Iterator[Fault]:
    for field, entries in fields.items():
        if len(set(entries)) != len(entries):
            yield Fault(field, "an entry is given twice: give each once")


def terms_faults(terms: Terms) -> list[Fault]:
    """Everything wrong with terms that their contract cannot see."""
    if terms.valid_to is not None and terms.valid_to < terms.valid_from:
        return [Fault("valid_to", "the terms end before they begin: set a later day")]
    return []
