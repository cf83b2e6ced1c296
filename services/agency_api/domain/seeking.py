"""Which start of a product a party can take, by the rules by which booking grants places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from contracts.booking.v1 import Departure
from contracts.capacity.availability import Question, departure, nearness, refusal
from contracts.capacity.pools import REACH
from contracts.community.v1 import Experience
from contracts.pricing import quote
from contracts.values import Party, days
from services.agency_api.domain.products import VISIT, Choice, choice, nights_id
from services.agency_api.domain.supply import Supply, net


def window(first: date, last: date, nights: int) -> tuple[date, date]:
    """The days that starts from `first` to `last` may touch."""
    return first, last + max(REACH, timedelta(days=nights))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """When, for how many nights where it is a stay, and for whom; without a party, for anybody."""

    first: date
    last: date
    nights: int = 1
    party: Party | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """Every day on which it may begin."""
        return days(self.first, (self.last - self.first).days + 1)

    @property
    def window(self) -> tuple[date, date]:
        """The days that it may touch."""
        return window(self.first, self.last, self.nights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking:
    """One product looked at for a visit, now, by an agency, which is held to the cut-off and to its agreement's."""

    supply: Supply
    choice: Choice
    visit: Visit
    now: datetime

    @classmethod
    def of(cls, supply: Supply, experience: Experience, visit: Visit, now: datetime) -> Seeking | None:
        """It, with the option that the visit takes; None when there is none for so many nights."""
        option = nights_id(visit.nights) if experience.kind == "homestay" else VISIT
        found = choice(supply.offering, experience, option)
        return None if found is None else cls(supply=supply, choice=found, visit=visit, now=now)

    def question(self, day: date, start: time) -> Question:
        """Whether they may take this start, as it is judged."""
        party = self.visit.party
        return self.supply.question(self.choice, self.now, day, start, None if party is None else party.heads)

    def starts(self) -> Iterator[Question]:
        """Every start that there may be, in order."""
        experience, today = self.choice.experience, self.supply.today(self.now)
        for day in self.visit.days:
            if day >= today and day.month in experience.months and day.isoweekday() in experience.weekdays:
                for start in sorted(experience.starts):
                    yield self.question(day, start)

    def best_on(self, day: date) -> Departure:
        """The start of a day that can be taken, else the one that nearly could."""
        found = [departure(self.question(day, start)) for start in sorted(self.choice.experience.starts)]
        return max(found, key=nearness)

    def price(self) -> tuple[int, int] | None:
        """What the party pays, and what of it the agency owes the community, in minor units; None for nobody."""
        if self.visit.party is None:
            return None
        item = self.choice.item(self.visit.first, self.choice.experience.starts[0])
        retail = quote(self.supply.offering, self.visit.party, [item]).total.minor
        return retail, net(retail, self.supply.percent)


def first_start(starts: Iterable[Question]) -> tuple[Departure | None, int]:
    """The first start that can be taken, if there is one, and how many were judged to find it."""
    judged = 0
    for asked in starts:
        judged += 1
        if refusal(asked) is None:
            return departure(asked), judged
    return None, judged
