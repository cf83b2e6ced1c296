"""What is asked of handing parties over: to whom, for whom, what and when. Names and codes as in the contracts."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from contracts.border.v1 import Need, Round
from contracts.crossing.v1 import Travel
from contracts.referral.v1 import OfferHandoff
from contracts.values import MAX_ITEMS, CommunityId, CrossingId, ExperienceId, Item, Language, Uuid, Window
from services.agency_api.own.asked import MOST_DAYS, Asked, Guests, Paged, Whole, Written

LocalTime = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM, local where the party is received")
]


class AskedItem(Asked):
    """One product on one day; `start` where it has several, `nights` for a stay."""

    product_id: ExperienceId
    day: Written
    start: LocalTime | None = None
    nights: Annotated[int, Whole, Field(ge=1, le=30)] = 1

    @property
    def item(self) -> Item:
        """The same as the contracts have it."""
        start = time.fromisoformat(self.start) if self.start else None
        return Item(experience_id=self.product_id, day=self.day, start=start, nights=self.nights)


class AskedWindow(Asked):
    """When the party is expected; a `latest` before `earliest` is on the next day."""

    day: Written
    earliest: LocalTime
    latest: LocalTime

    @property
    def window(self) -> Window:
        """The same as the contracts have it."""
        return Window(
            day=self.day, earliest=time.fromisoformat(self.earliest), latest=time.fromisoformat(self.latest)
        )  # fmt: skip


class HandoffOffer(Asked):
    """A party that `community`, for which you ask, hands over to `partner`; `uuid` is your own, and new."""

    uuid: Uuid
    community: CommunityId
    partner: CommunityId
    party: Guests
    items: Annotated[tuple[AskedItem, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    needs: Annotated[tuple[Need, ...], Field(max_length=10)] = ()
    language: Annotated[Language, Field(description="In which the party is spoken with, such as th")]
    arrival: AskedWindow | None = None
    crossing: Annotated[CrossingId | None, Field(description="Where they cross a border, if it is known")] = None
    travel: Annotated[Travel | None, Field(description="What the border asks; for the community alone")] = None
    who_drives: Literal["sender", "receiver", "party", "public", "unknown"] = "unknown"

    @property
    def wanted(self) -> OfferHandoff:
        """The same as the contracts have it."""
        return OfferHandoff(
            to=self.partner,
            party=self.party.party,
            items=tuple(each.item for each in self.items),
            needs=self.needs,
            language=self.language,
            arrival=self.arrival and self.arrival.window,
            crossing=self.crossing,
            travel=self.travel,
            who_drives=self.who_drives,
            agency_ref=self.uuid,
        )


class Withdrawing(Asked):
    """Taken back, and why."""

    reason: Literal["party_changed_mind", "no_answer", "weather", "road", "closed", "other"] = "other"


class CounterTaken(Asked):
    """Another day taken that the partner has offered: `round` says which."""

    round: Annotated[Round, Whole]


class Delaying(Asked):
    """When the party will come instead, which is later."""

    arrival: AskedWindow


class AskedHandoffs(Paged):
    """Those that you have handed over: for one community, and those that have not ended."""

    community: CommunityId | None = None
    open_only: bool = False


class AskedPartners(Paged):
    """The partners of a community to whom you may hand over."""

    text: Annotated[str, Field(max_length=80, description="Part of a name, of them or of what they offer")] = ""


class AskedPartnerDays(Asked):
    """Days of a partner, both included."""

    first: Written
    last: Annotated[Written, Field(description=f"At most {MOST_DAYS} days with the first")]
