"""What agencies are told of, when it is tried again, and when it is given up. Only ids and days are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from contracts.agencies.v1 import AgreementTerms
from contracts.booking.v1 import PoolLevel, RuleLine
from contracts.capacity.pools import named
from contracts.community.v1 import Experience, Offering
from services.agency_api.domain.products import MOST_NIGHTS

Kind = Literal["BOOKING_UPDATE", "PRODUCT_UPDATE", "AVAILABILITY_UPDATE"]
Standing = Literal["waits", "sent", "failed"]
#: What one try comes to: `later` is worth another, `gone` says that nobody wants it there any more.
Result = Literal["sent", "later", "gone"]

#: What happens within this time is told at once: a busy house changes often.
TOGETHER: Mapping[Kind, timedelta] = {
    "BOOKING_UPDATE": timedelta(),
    "PRODUCT_UPDATE": timedelta(seconds=5),
    "AVAILABILITY_UPDATE": timedelta(seconds=5),
}
#: So long it is tried; the last time just then.
TRIED = timedelta(days=3)
#: A receiver that has failed for so long, and had nothing of it in the end, is sent nothing more.
FAILING = TRIED - timedelta(hours=1)
#: How long after a try that failed the next one is; the last one counts again and again.
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
#: For so long one can look up what was told, and have it told again.
KEPT = timedelta(days=30)
#: What an agreement keeps is told of for so long ahead.
AHEAD = timedelta(days=365)
MOST_SUBSCRIPTIONS, MOST_HEADERS, LONGEST_HEADER = 10, 10, 500
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE = re.compile(r"[ -~]*")
#: These are the sender's own.
OURS = frozenset(
    {
        *("host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "te"),
        *("trailer", "upgrade", "expect", "keep-alive", "webhook-id", "webhook-timestamp", "webhook-signature"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who wants to be told of what. `community`: of this one alone. `problem` says why it is not active."""

    id: str
    agency: str
    community: str | None
    url: str
    receiver: str
    types: tuple[Kind, ...]
    made_at: datetime
    active: bool = True
    disabled_at: datetime | None = None
    problem: str = ""
    #: Whether its receiver failed the last time; known of what is sent now.
    is_failing: bool = False
    #: What signs, and the receiver's own headers; never printed.
    secret: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What has changed: a booking, a product, or its availability on some days."""

    type: Kind
    subject: str
    first: date | None = None
    last: date | None = None

    @property
    def month(self) -> str:
        """What is told together is of one month."""
        return f"{self.first:%Y-%m}" if self.first else ""

    @property
    def data(self) -> Mapping[str, str]:
        """What is told: enough to ask again, and nothing else."""
        if self.type == "BOOKING_UPDATE":
            return {"uuid": self.subject}
        if self.first is None or self.last is None:
            return {"productId": self.subject}
        days = {"localDateStart": self.first.isoformat(), "localDateEnd": self.last.isoformat()}
        return {"productId": self.subject, **days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notification, and what came of it."""

    id: str
    news: News
    made_at: datetime
    due_at: datetime
    until: datetime
    tries: int
    standing: Standing
    problem: str
    tried_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A notification that this process sends now; `tries` is also the proof of the claim."""

    delivery: Delivery
    subscription: Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of one try; the problem is a code, and never an address."""

    result: Result
    problem: str = ""
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """How a notification stands after a try, and when the next one is."""

    standing: Standing
    due_at: datetime


def after(attempt: Attempt, delivery: Delivery, now: datetime) -> Next:
    """What follows from a try; the last one is when the time is over."""
    if attempt.result == "sent":
        return Next(standing="sent", due_at=now)
    if attempt.result == "gone" or now >= delivery.until:
        return Next(standing="failed", due_at=now)
    pause = max(RETRIES[min(delivery.tries, len(RETRIES)) - 1], attempt.after)
    return Next(standing="waits", due_at=min(now + pause, delivery.until))


def is_to_end(attempt: Attempt, then: Next, failing_since: datetime | None, now: datetime) -> bool:
    """Whether a subscription is sent nothing more: its receiver says so, or nothing has arrived for three days."""
    if attempt.result == "gone":
        return True
    return then.standing == "failed" and failing_since is not None and now - failing_since >= FAILING


def unfit_header(headers: Mapping[str, str]) -> str | None:
    """What is wrong with a receiver's headers, in words that quote none; None when nothing is."""
    if len(headers) > MOST_HEADERS:
        return f"headers: give at most {MOST_HEADERS}"
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or name.lower() in OURS:
            return "headers: one has a name that cannot be sent, or that is ours"
        if len(value) > LONGEST_HEADER or not _VALUE.fullmatch(value):
            return f"headers: a value is at most {LONGEST_HEADER} signs of ASCII"
    return None


# what has changed


def changed_products(before: Offering | None, now: Offering) -> list[News]:
    """The products that are new, gone or other than before; all of them where the community itself is other."""
    if before is None or before.community != now.community:
        ids = {one.id for one in (*now.experiences, *(before.experiences if before else ()))}
    else:
        old, new = ({one.id: one for one in each.experiences} for each in (before, now))
        ids = {id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_)}
    return [News(type="PRODUCT_UPDATE", subject=id_) for id_ in sorted(ids)]


def changed_days(offering: Offering, levels: Iterable[PoolLevel], lines: Iterable[RuleLine]) -> list[News]:
    """The starts whose availability may be another, by product and month."""
    found: dict[tuple[str, str], News] = {}
    for level in levels:
        kind, scope = named(level.pool)
        for experience in _drawing(offering, kind, scope.experience_id):
            _add(found, experience.id, level.day - _reach(experience), level.day)
    for line in lines:
        for experience in _drawing(offering, line.pool, line.experience_id):
            _add(found, experience.id, line.day - _reach(experience), line.until)
    return [found[at] for at in sorted(found)]


def changed_allotments(before: AgreementTerms | None, now: AgreementTerms | None, today: date) -> list[News]:
    """The products of which an agreement keeps other places than before, from today on."""
    old, new = _allotted(before), _allotted(now)
    ids = {id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_)}
    return [News(type="AVAILABILITY_UPDATE", subject=id_, first=today, last=today + AHEAD) for id_ in sorted(ids)]


def _allotted(terms: AgreementTerms | None) -> Mapping[str, object]:
    """What is kept of each product, and within which days."""
    if terms is None:
        return {}
    return {one.experience_id: (one, terms.valid_from, terms.valid_to) for one in terms.allotments}


def _drawing(offering: Offering, pool: str | None, experience: str | None) -> Sequence[Experience]:
    """What draws from a pool, or is meant by a rule."""
    if experience is not None:
        return [one for one in offering.experiences if one.id == experience]
    return [one for one in offering.experiences if pool != "guests" or one.kind == "homestay"]


def _reach(experience: Experience) -> timedelta:
    """So long before a day may begin what still touches it."""
    day = date(2000, 1, 1)
    return experience.last_day(day, None, MOST_NIGHTS) - day


def _add(found: dict[tuple[str, str], News], product: str, first: date, last: date) -> None:
    new = News(type="AVAILABILITY_UPDATE", subject=product, first=first, last=last)
    old = found.get((product, new.month))
    if old is not None and old.first is not None and old.last is not None:
        first, last = min(old.first, first), max(old.last, last)
        new = News(type="AVAILABILITY_UPDATE", subject=product, first=first, last=last)
    found[product, new.month] = new
