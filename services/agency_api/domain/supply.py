"""What an agency may sell of one community: under which terms, and how it stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.availability import Clock, Question
from contracts.capacity.pools import Situation
from contracts.community.v1 import Experience, Offering
from services.agency_api.domain.products import Choice, experience_of

NOT_SAID = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A community as an agency with an agreement sees it."""

    situation: Situation
    #: None: nothing is agreed any more; what was booked before is still shown.
    terms: AgreementTerms | None
    #: Whose view it is: what is kept for it is not kept from it.
    agency: str | None = None
    #: How often what is shown of the community had changed; 0 where it was not read.
    number: int = 0
    #: The node's time when it was read, of one community alone.
    read_at: datetime = NOT_SAID

    def clock(self, now: datetime) -> Clock:
        """How an agency is judged now: by the cut-off, and by that of its agreement."""
        return Clock(now, now, self.cutoff_hours, self.agency)

    def question(self, choice: Choice, now: datetime, day: date, start: time, heads: int | None) -> Question:
        """Whether so many people, or anybody, may take this start, as it is judged."""
        return Question(
            situation=self.situation,
            clock=self.clock(now),
            experience=choice.experience,
            day=day,
            start=start,
            nights=choice.nights,
            heads=heads,
        )

    @property
    def offering(self) -> Offering:
        """What the community offers."""
        return self.situation.host.offering

    def today(self, now: datetime) -> date:
        """The community's date."""
        return self.situation.host.today(now)

    def is_open(self, now: datetime) -> bool:
        """Whether the agreement is in force on this day."""
        return self.terms is not None and self.terms.counts_on(self.today(now))

    def confirms_at_once(self, experience: Experience) -> bool:
        """Whether a booking of it is confirmed without asking anybody."""
        return self.terms is not None and self.terms.confirmation == "instant" and experience.instant_confirmation

    def notice_hours(self, experience: Experience) -> int:
        """How long before the start one has to ask: the strictest of community, experience and agreement."""
        return max(self.offering.community.limits.cutoff_hours, experience.cutoff_hours, self.cutoff_hours)

    @property
    def cutoff_hours(self) -> int:
        """The notice that the agreement asks for."""
        return self.terms.cutoff_hours if self.terms else 0

    def experience(self, product: str) -> Experience | None:
        """What is sold as this product."""
        return experience_of(self.offering, product)

    @property
    def percent(self) -> str:
        """What the agency keeps of a published price."""
        return self.terms.percent if self.terms else "0.00"


def net(retail: int, percent: str) -> int:
    """What the agency owes of a published price of which it keeps `percent`; in minor units, rounded up."""
    whole, _, hundredths = percent.partition(".")
    return retail - retail * (int(whole) * 100 + int(hundredths)) // 10_000
