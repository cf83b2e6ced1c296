"""What may be offered: the rules that a message's own shape cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.community.boxes import misplaced
from contracts.community.v1 import CommunityProfile, Experience, Offering, Place, Terms
from contracts.pricing import MAX_PRICE
from contracts.sentences import Param, said
from contracts.values import Money

#: The one zone of each country.
ZONES: Mapping[str, str] = {"TH": "Asia/Bangkok", "LA": "Asia/Vientiane"}


class Fault:
    """What is wrong with one field: a reason with its params, and the sentence that says what to do."""

    __slots__ = ("field", "params", "reason")

    def __init__(self, field: str, reason: str, **params: Param) -> None:
        self.field, self.reason, self.params = field, reason, params

    @property
    def sentence(self) -> str:
        """In English."""
        return said(self.reason, self.params)

    def within(self, field: str) -> Fault:
        """The same fault of what stands in a field."""
        return Fault(field + self.field, self.reason, **self.params)


def offering_faults(offering: Offering) -> list[Fault]:
    """Everything wrong with an offering that its contract cannot see, by field path within it."""
    profile = offering.community
    faults = [*_profile_faults(profile)]
    for n, experience in enumerate(offering.experiences):
        faults += [fault.within(f"experiences[{n}].") for fault in _experience_faults(experience, profile)]
    return [*faults, *_reference_faults(offering)]


def _reference_faults(offering: Offering) -> Iterator[Fault]:
    """A reference of the community's own leads to one experience."""
    known: set[str] = set()
    for n, experience in enumerate(offering.experiences):
        if experience.reference in known:
            yield Fault(f"experiences[{n}].reference", "given_twice")
        known |= {experience.reference} if experience.reference else set()


def _profile_faults(profile: CommunityProfile) -> Iterator[Fault]:
    place, limits = profile.place, profile.limits
    if place.subdivision[:2] != place.country:
        yield Fault("place", "subdivision_of_other_country", subdivision=place.subdivision, country=place.country)
    else:
        yield from _misplaced(place)
    if profile.zone != ZONES[place.country]:
        yield Fault("zone", "zone_of_other_country", country=place.country, zone=ZONES[place.country])
    if limits.min_party > limits.max_party:
        yield Fault("limits.min_party", "smallest_above_largest")
    if limits.arrive_from and limits.arrive_until and limits.arrive_until < limits.arrive_from:
        yield Fault("limits.arrive_until", "arrive_before_arrive_from")
    if limits.answers_until < limits.answers_from:
        yield Fault("limits.answers_until", "nobody_would_answer")
    yield from _repeated({"limits.weekdays": limits.weekdays, "languages": profile.languages})


def _misplaced(place: Place) -> Iterator[Fault]:
    """A point that is not where its subdivision lies, with those where it may be meant to be."""
    found = misplaced(place.subdivision, place.lat, place.lon)
    if found is None:
        return
    name, elsewhere = found
    point = {"lat": str(place.lat), "lon": str(place.lon), "subdivision": place.subdivision, "name": name}
    if elsewhere:
        yield Fault("place", "point_lies_elsewhere", elsewhere=elsewhere, **point)
    else:
        yield Fault("place", "point_lies_nowhere", **point)


def _experience_faults(experience: Experience, profile: CommunityProfile) -> Iterator[Fault]:
    if experience.kind == "homestay":
        yield from _homestay_faults(experience, profile.limits.guests_per_night)
    if experience.min_party > experience.seats:
        yield Fault("min_party", "party_fits_no_seats", party=experience.min_party, seats=experience.seats)
    if not set(experience.weekdays) & set(profile.limits.weekdays):
        yield Fault("weekdays", "open_on_none_of_these", community=profile.id)
    for n, unit in enumerate(experience.prices):
        if unit.price.minor < 0:
            yield Fault(f"prices[{n}].price", "price_below_zero")
        elif unit.price.minor > MAX_PRICE:
            most = Money.of_minor(MAX_PRICE, unit.price.currency)
            yield Fault(f"prices[{n}].price", "price_too_high", amount=most.amount, currency=most.currency)
    units = tuple(unit.unit for unit in experience.prices)
    yield from _repeated(
        {"prices": units, "weekdays": experience.weekdays, "months": experience.months, "starts": experience.starts}
    )


def _homestay_faults(experience: Experience, places: int) -> Iterator[Fault]:
    if experience.programme != "overnight":
        yield Fault("programme", "homestay_is_overnight")
    if places == 0:
        yield Fault("kind", "homestay_needs_places")
    elif experience.seats > places:
        yield Fault("seats", "more_seats_than_places", places=places)


def _repeated(fields: Mapping[str, tuple[object, ...]]) -> Iterator[Fault]:
    for field, entries in fields.items():
        if len(set(entries)) != len(entries):
            yield Fault(field, "given_twice")


def terms_faults(terms: Terms) -> list[Fault]:
    """Everything wrong with terms that their contract cannot see."""
    if terms.valid_to is not None and terms.valid_to < terms.valid_from:
        return [Fault("valid_to", "terms_end_before")]
    return []
