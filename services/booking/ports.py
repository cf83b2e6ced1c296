"""What booking's use cases ask of their store; every method is one or two statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from contracts.agencies.v1 import AgreementStated, AgreementTerms
from contracts.booking import v1
from contracts.capacity.notices import Notice
from contracts.capacity.pools import PoolDay, Situation
from contracts.community.v1 import Offering
from contracts.passes.codec import Claims, Pass
from contracts.reconcile.v1 import HoldStanding
from services.booking.domain.hold import Hold
from services.booking.domain.placing import PlacePlan
from services.chassis.ports import EVERYONE, Transaction

__all__ = ["EVERYONE", "Bookings", "Outcome", "Placed", "Request", "Standing"]


class Placed(StrEnum):
    """What became of an attempt to place a hold; only DONE changed anything."""

    DONE = "done"
    NO_ROOM = "no_room"  # somebody else had the last place, or the partner's share is used up
    TOO_MANY = "too_many"  # its agency has as many holds at the community already as it may
    KNOWN = "known"  # there is a row or a tombstone for this id already


class Outcome(NamedTuple):
    """What became of it: the pools that had no room, or how those that were taken from stand now."""

    placed: Placed
    missing: frozenset[PoolDay] = frozenset()
    levels: Sequence[v1.PoolLevel] = ()


class Standing(NamedTuple):
    """A community's touched pools and lines from a day on."""

    community: str
    levels: Sequence[v1.PoolLevel]
    lines: Sequence[v1.RuleLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A hold to be written, with its plan, in the situation that the plan was made in.

    `share_percent` limits what the partner's unanswered holds take of a pool; `replaces` is given back with it.
    `most_open` is how many holds that run, or wait for its word, its agency may have at the community, with this one.
    """

    hold: Hold
    plan: PlacePlan
    situation: Situation
    share_percent: int = 100
    replaces: Hold | None = None
    most_open: int | None = None

    @property
    def places(self) -> Mapping[PoolDay, int]:
        """What it takes itself: what a booking that it is to replace keeps taking is not taken twice."""
        still_taken = self.situation.still_taken
        return {at: max(0, wanted - still_taken.get(at, 0)) for at, wanted in self.plan.places.items()}


class Rules(Protocol):
    """The rules to decide by. Sharing or changing them lasts until the commit; changing waits for all who share."""

    async def share_rules(self, community: str) -> None:
        """Decide by the rules as they are now."""

    async def share_rules_with(self, community: str, agency: str, *, alone: bool = False) -> AgreementTerms | None:
        """The same, and the terms that the two have agreed; `alone`: no other hold of the two is placed meanwhile."""

    async def keep_agreement(self, stated: AgreementStated) -> None:
        """Remember where it stands."""

    async def change_rules(self, community: str) -> None:
        """Be the only one to change them, with nobody deciding meanwhile."""

    async def situations(self, communities: Sequence[str], first: date, last: date) -> dict[str, Situation]:
        """What is known of communities over some days; those that offer nothing are missing."""

    async def store_host(self, offering: Offering) -> bool:
        """Replace what a community offers; False when it says the same again."""

    async def history(self, first: date, last: date) -> list[Notice]:
        """Lines about the acting community's days."""

    async def write_lines(self, community: str, lines: Sequence[Notice]) -> list[v1.RuleLine]:
        """Add lines to the history; their numbers are given by the store."""


class Holds(Protocol):
    """Holds and what they take."""

    async def known(self, hold_id: str) -> Hold | None:
        """What is known of an id, without waiting; no party, no items."""

    async def lock_hold(self, hold_id: str) -> Hold | None:
        """A hold that nobody else decides about until the commit."""

    async def find_hold(self, hold_id: str | None, referral_id: str | None) -> Hold | None:
        """A hold to look at."""

    async def takings(self, hold_id: str) -> dict[PoolDay, int]:
        """What it takes from each pool; nothing once it has ended."""

    async def replacement(self, hold_id: str) -> str | None:
        """The live hold that is to take the place of this one, if there is one."""

    async def is_replaced(self, hold_id: str) -> bool:
        """Whether a booking stands in the place of this one."""

    async def place(self, request: Request) -> Outcome:
        """Take all places and write the hold, or change nothing."""

    async def add_tombstone(self, hold_id: str) -> bool:
        """Leave a tombstone for a hold that has not come; False when the id has a row meanwhile."""

    async def change_hold(self, hold: Hold) -> None:
        """Write a hold that goes on."""

    async def end_holds(
        self, hold_ids: Sequence[str], state: v1.HoldState, cancelled: v1.Cancelled | None = None
    ) -> dict[str, list[v1.PoolLevel]]:
        """Write that they ended and give all their places back; how the pools stand now, by community."""

    async def due_holds(self, most: int) -> list[Hold]:
        """Holds whose time has run out, locked; those that somebody decides about are left out."""


class Pools(Protocol):
    """Touched pools, when the rules change."""

    async def lock_pools(self, community: str, first: date, last: date) -> None:
        """Lock the touched pools of some days, in sorted order; what is taken does not change until the commit."""

    async def resize(self, community: str, capacities: Mapping[PoolDay, int]) -> list[v1.PoolLevel]:
        """Another capacity; what is taken above it becomes oversold. How the pools stand now."""

    async def holds_in(self, community: str, pools: Sequence[PoolDay]) -> dict[PoolDay, list[str]]:
        """The live holds that draw from pools."""

    async def live_items(self, community: str, first: date, last: date) -> list[Hold]:
        """Live holds on some days that are not redeemed, with their items."""


class Sharing(Protocol):
    """With whom our availability is shared."""

    async def state_partnership(self, community: str, partner: str, state: str) -> None:
        """Remember where it stands."""

    async def mark(self, community: str) -> None:
        """Its availability is to be shared again."""

    async def mark_all(self) -> int:
        """All of this node; returns how many."""

    async def mark_new_day(self, today: date) -> int:
        """Those of this node that have not been shared on this day yet; returns how many."""

    async def changed_communities(self, most: int) -> dict[str, list[str]]:
        """Communities to share now with their agreed partners; empty when another replica is sharing."""


class Views(Protocol):
    """Read-only views."""

    async def pool_views(self, first: date, last: date) -> list[v1.PoolView]:
        """Touched pools of the acting community."""

    async def booking_summaries(
        self, first: date, last: date, limit: int, states: Sequence[v1.HoldState]
    ) -> list[v1.BookingSummary]:
        """Holds and bookings of the acting community that touch some days, newest first; at most `limit`.

        With states only those that stand so.
        """

    async def live_summaries(
        self, first: date, last: date, limit: int, states: Sequence[v1.HoldState]
    ) -> list[v1.BookingSummary]:
        """Those of them that take places on these days."""

    async def summaries_of(self, hold_ids: Sequence[str]) -> list[v1.BookingSummary]:
        """Holds and bookings by their ids."""

    async def violations(self, now: datetime) -> list[v1.Violation]:
        """Every broken invariant, in one snapshot."""


class Capacities(Protocol):
    """How much room there is, for readers without data."""

    async def standing_capacities(self, after: str, first: date, limit: int) -> list[Standing]:
        """Of communities that offer something, in their order, behind one: what counts from a day on."""


class HoldStandings(Protocol):
    """Where holds of handoffs stand."""

    async def holds_running(self, after: str | None, limit: int) -> list[HoldStanding]:
        """Those that run or are booked, in the order of their ids, behind one."""

    async def holds_named(self, hold_ids: Sequence[str]) -> list[HoldStanding]:
        """Those of these ids that are there."""


class Vouchers(Protocol):
    """By what guests of agencies are received, and the tries of references."""

    async def sign_pass(self, claims: Claims, community: str) -> str | None:
        """A pass that says so, signed by the community; None when it has no key that can sign."""

    async def keep_voucher(self, hold: Hold) -> None:
        """The hold goes by this reference, and its guests show this pass; the first one stays."""

    async def holds_called(self, reference: str, since: datetime) -> Sequence[Hold]:
        """The acting community's bookings that go by a reference, newest first; those over only since then."""

    async def signed_by_us(self, shown: Pass) -> bool:
        """Whether a key of the acting community that still counts has signed it."""

    async def use_voucher(self, hold: Hold, at: datetime) -> None:
        """It was shown and is good; the first time counts."""

    async def wrong_codes(self) -> Sequence[datetime]:
        """When wrong references were last tried at the acting community; nobody else tries one before the commit."""

    async def keep_wrong_codes(self, tried: Sequence[datetime]) -> None:
        """When wrong references were last tried, oldest first."""


class Bookings(Rules, Holds, Pools, Sharing, Views, Capacities, HoldStandings, Vouchers, Transaction, Protocol):
    """The transaction of a booking use case."""
