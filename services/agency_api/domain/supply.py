"""What an agency may sell of one community: under which terms, and how it stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.pools import Situation
from contracts.community.v1 import Experience, Offering
from services.agency_api.domain.products import Choice, experience_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A community as an agency with an agreement sees it."""

    situation: Situation
    terms: AgreementTerms

    @property
    def offering(self) -> Offering:
        """What the community offers."""
        return self.situation.host.offering

    def today(self, now: datetime) -> date:
        """The community's date."""
        return self.situation.host.today(now)

    def is_open(self, now: datetime) -> bool:
        """Whether the agreement is in force on this day."""
        today = self.today(now)
        return self.terms.valid_from <= today and (self.terms.valid_to is None or today <= self.terms.valid_to)

    def confirms_at_once(self, experience: Experience) -> bool:
        """Whether a booking of it is confirmed without asking anybody."""
        return self.terms.confirmation == "instant" and experience.instant_confirmation

    def notice_hours(self, experience: Experience) -> int:
        """How long before the start one has to ask: the strictest of community, experience and agreement."""
        return max(self.offering.community.limits.cutoff_hours, experience.cutoff_hours, self.terms.cutoff_hours)

    def experience(self, product: str) -> Experience | None:
        """What is sold as this product."""
        return experience_of(self.offering, product)

    def net(self, retail: int) -> int:
        """What the agency owes of a published price, in minor units, rounded to the community's favour."""
        whole, _, hundredths = self.terms.percent.partition(".")
        kept = int(whole) * 100 + int(hundredths)
        return retail - retail * kept // 10_000

    def is_sold(self, choice: Choice) -> bool:
        """Whether it can be sold at all: a stay only where guests are taken for the night."""
        return not choice.is_stay or bool(self.offering.community.limits.guests_per_night)
