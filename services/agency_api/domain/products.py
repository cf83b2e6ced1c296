"""How an experience is sold: its options, its units, and what a booking of them asks of the community."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from contracts.community.v1 import CommunityProfile, Experience, Offering
from contracts.values import FIRST_YEAR, LAST_YEAR, ZONES, Item, Names, Party

UnitId = Literal["adult", "child", "infant", "item"]
#: The option of whatever is no stay.
VISIT = "visit"
#: A stay is offered for so many nights at most; the community takes longer ones by phone.
MOST_NIGHTS = 7
#: Who counts as which unit, in years; `item` is a person of any age that pays one price.
AGES: Mapping[UnitId, tuple[int, int]] = {"adult": (12, 120), "child": (4, 11), "infant": (0, 3), "item": (4, 120)}
_START = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to take an experience; `nights` counts only for a stay."""

    experience: Experience
    community: CommunityProfile
    nights: int = 1

    @property
    def is_stay(self) -> bool:
        """Whether it is by the night."""
        return self.experience.kind == "homestay"

    @property
    def id(self) -> str:
        """The option's id."""
        return nights_id(self.nights) if self.is_stay else VISIT

    @property
    def units(self) -> tuple[UnitId, ...]:
        """The units it is counted in."""
        only_items = all(price.unit == "item" for price in self.experience.prices)
        return ("item", "infant") if only_items else ("adult", "child", "infant")

    def price(self, unit: UnitId) -> int:
        """What one of a unit costs, in minor units, over all nights: infants nothing, bands without a price nothing."""
        counted = {"adult": ("adult", "item"), "child": ("child", "item"), "item": ("item",), "infant": ()}[unit]
        each = sum(price.price.minor for price in self.experience.prices if price.unit in counted)
        return each * (self.nights if self.is_stay else 1)

    def starts_at(self, day: date, start: time) -> datetime:
        """The instant, in the community's zone."""
        return datetime.combine(day, start, ZONES[self.community.zone])

    def ends_at(self, day: date, start: time) -> datetime:
        """When it ends, in the community's zone: a stay at the check-out, which is as late as the check-in was."""
        length = timedelta(days=self.nights) if self.is_stay else timedelta(minutes=self.experience.duration_minutes)
        return self.starts_at(day, start) + length

    def item(self, day: date, start: time) -> Item:
        """What booking is asked for."""
        return Item(experience_id=self.experience.id, day=day, start=start, nights=self.nights if self.is_stay else 1)

    def start_of(self, availability: str) -> tuple[date, time] | None:
        """The day and start that an availability id says; None when it says none of this option's."""
        if not _START.fullmatch(availability):
            return None
        try:
            said = datetime.fromisoformat(availability)
        except ValueError:
            return None
        day, start = said.date(), said.time()
        fits = (
            is_of_our_times(day)
            and start in self.experience.starts
            and self.availability_id(day, start) == availability
        )
        return (day, start) if fits else None

    def availability_id(self, day: date, start: time) -> str:
        """The id of a start: its local time with the offset, as RFC 3339."""
        return self.starts_at(day, start).isoformat()


def is_of_our_times(day: date) -> bool:
    """Whether what lies around a day, such as its cut-off or its check-out, is a day that contracts take, too."""
    return FIRST_YEAR < day.year < LAST_YEAR


def nights_id(nights: int) -> str:
    """The id of a stay's option."""
    return f"{nights}-night" if nights == 1 else f"{nights}-nights"


def choices(offering: Offering, experience: Experience) -> tuple[Choice, ...]:
    """Every option of an experience, the usual one first."""
    if experience.kind != "homestay":
        return (Choice(experience, offering.community),)
    return tuple(Choice(experience, offering.community, nights) for nights in range(1, MOST_NIGHTS + 1))


def choice(offering: Offering, experience: Experience, option: str) -> Choice | None:
    """The option with this id, or None."""
    return next((one for one in choices(offering, experience) if one.id == option), None)


def experience_of(offering: Offering, product: str) -> Experience | None:
    """What is sold as this product."""
    return next((one for one in offering.experiences if one.id == product), None)


def sold(offering: Offering) -> tuple[Experience, ...]:
    """What a community sells: all that it offers, but homestays only where it takes guests for the night."""
    limits = offering.community.limits
    return tuple(one for one in offering.experiences if one.kind != "homestay" or limits.guests_per_night)


def picked(names: Names, language: str) -> str:
    """A name in a language, or in another that there is."""
    return getattr(names, language, None) or names.any


def described(experience: Experience, language: str) -> str | None:
    """What travellers read of it, in a language, or in another that there is."""
    texts = experience.descriptions
    if texts is None:
        return None
    return getattr(texts, language, None) or texts.en or texts.th or texts.lo


def heads(units: Iterable[UnitId]) -> tuple[int, int, int]:
    """Adults, children and infants of some units."""
    said = list(units)
    return said.count("adult") + said.count("item"), said.count("child"), said.count("infant")


def party(units: Sequence[UnitId]) -> Party:
    """The party that some units make. Raises pydantic.ValidationError when it has no adult, or is too large."""
    adults, children, infants = heads(units)
    return Party(adult=adults, child=children, infant=infants)
