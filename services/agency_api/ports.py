"""What use cases of the agency API ask of their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from contracts.agencies.v1 import AgreementTerms
from contracts.agency_api.v1 import AddKey, KeyView, LastUse
from contracts.booking.v1 import PoolLevel, RuleLine
from contracts.community.v1 import Offering
from services.agency_api.domain.bookings import Found, Guest, Request, Standing, Tried
from services.agency_api.domain.keys import Key
from services.agency_api.domain.notifying import Claimed, Delivery, Kind, News, Next, Subscription
from services.agency_api.domain.repeats import Repeat, Try
from services.agency_api.domain.supply import Supply
from services.chassis.ports import EVERYONE, Transaction

__all__ = [
    "EVERYONE",
    "Agencies",
    "AgencyRows",
    "Facts",
    "Keys",
    "Looked",
    "Notifications",
    "ReadModel",
    "Repeats",
    "Requests",
    "Standings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What bookings are looked for by; days are those of the community."""

    community: str | None = None
    reseller_reference: str | None = None
    supplier_reference: str | None = None
    first: date | None = None
    last: date | None = None
    product: str | None = None
    option: str | None = None


class Agencies(Transaction, Protocol):
    """Agencies, and the time by which what they have here is counted."""

    async def machine_now(self) -> datetime:
        """The machine's time, not the node's."""

    async def has_agency(self, agency: str) -> bool:
        """Whether the community service has stated it; it is locked until the commit."""


class Keys(Agencies, Protocol):
    """Keys of agencies. Times are the machine's, not the node's."""

    async def add_key(self, key: AddKey, at: datetime) -> bool:
        """Add it; False when its prefix is taken."""

    async def live_keys(self, agency: str, at: datetime) -> int:
        """How many of its keys open at `at`."""

    async def revoke_key(self, prefix: str, at: datetime) -> KeyView | None:
        """It opens nothing from now on; None when there is none."""

    async def keys(self, agency: str | None) -> Sequence[KeyView]:
        """Those of an agency, or of all with None, newest first."""

    async def last_use(self, agency: str, community: str) -> LastUse | None:
        """When any key of it was last used; None without an agreement in force between the two."""

    async def key(self, prefix: str) -> Key | None:
        """One of them."""

    async def note_use(self, prefix: str, at: datetime) -> None:
        """It was used."""


class ReadModel(Transaction, Protocol):
    """What the other services have stated."""

    async def keep_agency(self, agency: str, name: str) -> None:
        """An agency and its name."""

    async def keep_agreement(self, agency: str, community: str, terms: AgreementTerms | None) -> AgreementTerms | None:
        """The terms in force between two, or that there are none; returns those from before."""

    async def keep_offering(self, offering: Offering) -> None:
        """What a community offers."""

    async def keep_levels(self, community: str, levels: Sequence[PoolLevel]) -> None:
        """Pools of a community as they stand, each on its day; of two the higher version counts."""

    async def keep_rules(self, community: str, lines: Sequence[RuleLine]) -> None:
        """Dated exceptions of a community; of two with one number the first is kept."""

    async def forget_days(self, before: date) -> int:
        """Delete pools and exceptions of the days before this one, which stays; returns how many."""

    async def supplies(self, agency: str, community: str | None) -> Sequence[Supply]:
        """What an agency may sell, of all communities or of one, by community; without how full they are."""

    async def hosts_of(self, agency: str) -> Sequence[Supply]:
        """Every community of this node, with the terms in force with an agency, if any; without how full they are."""

    async def supplies_on(self, agency: str, communities: Sequence[str], first: date, last: date) -> Sequence[Supply]:
        """What an agency may sell of some communities, with how full they are from `first` to `last`, both included."""

    async def supply(self, agency: str, community: str, first: date, last: date) -> Supply | None:
        """The same of one community; None without an agreement."""


class Standings(Transaction, Protocol):
    """How holds of agencies stand."""

    async def keep_standing(self, standing: Standing) -> None:
        """Keep it unless a later one is kept; a price that is known stays."""

    async def adopt(self, hold_id: str, replaced_by: str) -> None:
        """A change that was asked for is done: another hold has taken the place of this one."""


class Requests(Standings, Protocol):
    """What agencies have asked for under uuids of their own."""

    async def ask(self, request: Request) -> bool:
        """Write it down; False when the agency has asked for something under this uuid."""

    async def ask_again(self, request: Request) -> None:
        """It was granted: write it down if another try of it was refused meanwhile; until the commit it stays."""

    async def tried_out(self, request: Request) -> Tried:
        """How many holds its agency tries out already; whoever else asks it for the agency waits until the commit."""

    async def forget_bookings(self, tried: datetime, unbooked: datetime, booked: datetime, limit: int) -> int:
        """Delete some of what is over; returns how much.

        Trials from before `tried`, what never was a booking from before `unbooked`, anything from before `booked`.
        """

    async def forget_request(self, request: Request) -> None:
        """It was refused: its uuid is free again, unless it stands by another try. Needs a transaction."""

    async def asked(self, agency: str, uuid: str) -> tuple[Request, Standing | None] | None:
        """What was asked under a uuid, and how it stands, if it was placed."""

    async def bookings(self, agency: str, looked: Looked, limit: int) -> Sequence[Found]:
        """An agency's bookings, newest first, at most `limit`."""

    async def intend(self, request: Request, change: dict[str, Any]) -> bool:
        """Write a change down; False when another is under way or done."""

    async def leave_be(self, request: Request) -> None:
        """The change was refused."""

    async def become(self, request: Request, new: Request) -> None:
        """The change is done: another hold, another wish."""

    async def note(self, request: Request, reference: str | None, guests: Sequence[Guest]) -> None:
        """Other references; what is None stays."""


class Repeats(Transaction, Protocol):
    """Requests that may be repeated by their key."""

    def marks(self, agency: str, key: str, said: bytes) -> Sequence[bytes]:
        """What stands for a request, by each of the node's keys, the newest first: the database alone tells none."""

    async def take_key(self, agency: str, mine: Try, stale: datetime) -> bool:
        """Take a key that is free, or was taken by this same request until `stale` and never answered."""

    async def answered_before(self, agency: str, key: str) -> Repeat | None:
        """Who has it."""

    async def keep_answer(self, agency: str, mine: Try, status: int, body: Any) -> None:
        """What it was answered with, unless another try was first."""

    async def free_key(self, agency: str, mine: Try) -> None:
        """Nothing was done: the key is anybody's, if no other try has taken it over."""

    async def leave_key(self, agency: str, mine: Try, at: datetime) -> None:
        """It may have been done: the key stays with this request, as if it had been taken at `at`."""

    async def forget_answers(self, before: datetime) -> int:
        """Delete keys that were taken before this time; returns how many."""


class Notifications(Agencies, Protocol):
    """Subscriptions of agencies, and the outbox of what they are told. Times are the machine's, not the node's."""

    async def add_subscription(self, new: Subscription, most: int) -> bool:
        """Add it; False when the agency has `most` of them."""

    async def subscriptions(
        self, agency: str, community: str | None, only: str | None = None
    ) -> Sequence[Subscription]:
        """An agency's, oldest first: of the community's base URL, or of all with None; `only` the one of this id."""

    async def change_subscription(self, new: Subscription) -> None:
        """It is other than before."""

    async def drop_subscription(self, subscription: Subscription) -> None:
        """It is wanted no more; its log goes with it."""

    async def offering(self, community: str) -> Offering | None:
        """What a community offers, as far as it was stated."""

    async def listeners(self, community: str, kind: Kind) -> Sequence[str]:
        """Subscriptions of agencies whose agreement with a community is in force."""

    async def booking_listeners(self, agency: str, hold_id: str) -> Sequence[tuple[str, str]]:
        """Subscriptions of an agency, each with the uuid under which the agency knows the booking of a hold."""

    async def notify(
        self, subscriptions: Sequence[str], community: str, news: Sequence[News], at: datetime, tried: timedelta
    ) -> None:
        """Write all of it down for each of them; for so long, `tried`, it is tried.

        What waits untried and is about the same is added to.
        """

    async def claim(
        self, at: datetime, until: datetime, most: int, busy: Sequence[Subscription], each: int, failing: int
    ) -> Sequence[Claimed]:
        """Take what is due: with what is being sent, `busy`, at most `each` of one receiver and of one agency.

        To receivers that have failed the last time go at most `failing` in all.
        """

    async def mark(self, claimed: Claimed, then: Next, problem: str) -> bool:
        """What came of it; False when another process has claimed it since."""

    async def note_arriving(self, subscription: str) -> None:
        """Something has arrived at its receiver."""

    async def note_failing(self, subscription: str, at: datetime) -> datetime | None:
        """Something has not; since when nothing has, or None when the subscription is gone."""

    async def end_subscription(self, subscription: str, at: datetime, problem: str) -> None:
        """It is sent nothing more, and what waits is not."""

    async def deliveries(self, subscription: str, most: int, only: str | None = None) -> Sequence[Delivery]:
        """What it was told, or will be, newest first, at most `most`; `only` the one of this id, a UUID."""

    async def tell_again(self, delivery: Delivery, at: datetime, tried: timedelta) -> None:
        """Once more, from `at` on; for so long, `tried`, it is tried."""

    async def forget_notifications(self, before: datetime, now: datetime) -> int:
        """Delete what was made before `before` and waits no more; returns how many.

        What waits when its time is over, at `now`, has failed.
        """


class Facts(ReadModel, Standings, Notifications, Protocol):
    """What facts of the other services change."""


class AgencyRows(Keys, ReadModel, Requests, Repeats, Notifications, Protocol):
    """The transaction of a use case of the agency API."""
