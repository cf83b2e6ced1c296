"""Being told: what is said to whom, when, how often it is tried, and when it is given up. Times are the node's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal

from contracts.border.v1 import State
from contracts.referral.lists import Awaited, Side

Kind = Literal["push", "email", "webhook"]
#: That a handoff waits, and once more before it ends by itself; that a stranger asks on the public page.
What = Literal["asked", "reminder", "question"]
#: How a telling stands. `waits` alone is ever sent; what the others say is final.
Standing = Literal["waits", "sent", "over", "expired", "refused", "gone"]
#: What one attempt comes to: `later` is worth another try, `refused` is not, and `gone` has no receiver any more.
Result = Literal["sent", "later", "refused", "gone"]

#: Whoever is told at the end of the quiet hours has at least this long to answer; else they are told in them.
LEAST_TO_ANSWER = timedelta(hours=1)
#: A reminder leaves at least this long before the deadline, and comes at least this long after the first telling.
LEAST_BEFORE, LEAST_APART = timedelta(hours=1), timedelta(minutes=30)
#: How much of the time is left when somebody is reminded.
SHARE_LEFT = 4
#: How long after a try that failed the next one is; the last one counts again and again, until the deadline.
RETRIES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
#: So long a question of a stranger is worth telling; and within this time one that waits stands for those that follow.
QUESTION_COUNTS, ONE_QUESTION_WITHIN = timedelta(days=1), timedelta(hours=1)
#: For so many days somebody can look up what they were told.
KEPT = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """A part of the day in which somebody is left in peace, by their own clock; none when it begins as it ends."""

    starts: time = time(21)
    ends: time = time(6)
    zone: tzinfo

    def hold(self, at: datetime) -> bool:
        """Whether this moment lies in them: from the beginning, up to the end and not including it."""
        clock = at.astimezone(self.zone).time()
        if self.starts <= self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    def end_after(self, at: datetime) -> datetime:
        """When they end next."""
        return self._next(self.ends, at)

    def beginning_before(self, at: datetime) -> datetime:
        """When those began in which this moment lies."""
        return self._next(self.starts, at) - timedelta(days=1)

    def _next(self, clock: time, at: datetime) -> datetime:
        local = at.astimezone(self.zone)
        there = datetime.combine(local.date(), clock, self.zone)
        return (there if there > local else there + timedelta(days=1)).astimezone(at.tzinfo)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of one try to tell somebody, without a word of what was said or to whom."""

    result: Result
    #: A code: what went wrong.
    problem: str = ""
    #: The receiver asks for so long a pause.
    after: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True)
class Next:
    """How a telling stands after a try, and when the next one is."""

    standing: Standing
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One way in which somebody is told. The address is a person's: it is shown to them alone, and never logged."""

    id: str
    account: str
    kind: Kind
    address: str
    #: Who receives: so many at once, and no more, are sent to one of them.
    receiver: str
    #: How its owner knows it.
    label: str
    confirmed: bool = True
    #: Of a browser: its key, and the secret that it shares with us.
    public: bytes = b""
    shared: bytes = b""
    #: Of a webhook: what signs what it gets, wrapped by the node.
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A confirmed channel of somebody who may answer for a community, and when they want peace."""

    channel: str
    account: str
    kind: Kind
    community: str
    quiet: QuietHours


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One line of the outbox: one thing that one channel is told, once."""

    id: str
    channel: str
    account: str
    community: str
    kind: Kind
    what: What
    #: What waits: a handoff, or a question, of which there is neither state nor side.
    referral_id: str
    state: State | Literal[""] = ""
    round: int = 0
    side: Side | Literal[""] = ""
    partner: str = ""
    until: datetime
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A telling that this process sends now, with all that is needed for it."""

    telling: Telling
    channel: Channel
    language: str
    quiet: QuietHours
    #: The how manieth try this is; also the proof of the claim, when it is marked.
    tries: int


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What is sent, in somebody's language: nothing in it is about a traveller."""

    #: The same for every try: whoever gets it twice can tell.
    id: str
    what: Literal["asked", "reminder", "question", "code", "try"]
    title: str
    text: str
    #: Where to answer; a path of the portal.
    path: str
    #: The portal's address, if it is known.
    site: str
    language: str
    #: After this moment nobody needs it: so long a push service keeps it.
    seconds: int
    #: To be typed in, by whoever has added the channel.
    code: str = ""

    @property
    def url(self) -> str:
        """Where to answer, for whoever is not on a page of the portal; empty when the address is not known."""
        return self.site + self.path if self.site else ""


def when_to_tell(now: datetime, until: datetime, quiet: QuietHours) -> datetime:
    """At once; in the quiet hours at their end, unless too little time to answer would be left by then."""
    if not quiet.hold(now):
        return now
    end = quiet.end_after(now)
    return end if end + LEAST_TO_ANSWER <= until else now


def when_to_remind(told_at: datetime, until: datetime, quiet: QuietHours) -> datetime | None:
    """When a quarter of the time is left, an hour at least; None when that is hardly after the first telling.

    In the quiet hours at their end, or before they begin, whichever leaves time. Only a deadline in them wakes anybody.
    """
    at = until - max((until - told_at) / SHARE_LEFT, LEAST_BEFORE)
    if quiet.hold(at):
        at = _out_of(quiet, at, told_at, until)
    return at if at >= told_at + LEAST_APART and (quiet.hold(until) or not quiet.hold(at)) else None


def _out_of(quiet: QuietHours, at: datetime, told_at: datetime, until: datetime) -> datetime:
    end, before = quiet.end_after(at), quiet.beginning_before(at) - timedelta(minutes=1)
    if end + LEAST_TO_ANSWER <= until:
        return end
    return before if before >= told_at + LEAST_APART else at


def after(attempt: Attempt, tries: int, now: datetime, until: datetime, quiet: QuietHours) -> Next:
    """What follows from a try: the how manieth it was decides how long the next one waits."""
    if attempt.result != "later":
        return Next(standing=attempt.result, due_at=now)
    pause = max(RETRIES[min(tries, len(RETRIES)) - 1], attempt.after)
    due_at = when_to_tell(now + pause, until, quiet)
    return Next(standing="waits" if due_at < until else "expired", due_at=due_at)


def tellings(found: Awaited, listener: Listener, now: datetime, new_id: Mapping[What, str]) -> list[Telling]:
    """What a channel is to be told of a handoff that waits: now, and once more before the deadline."""
    first = when_to_tell(now, found.until, listener.quiet)
    moments: dict[What, datetime | None] = {
        "asked": first,
        "reminder": when_to_remind(first, found.until, listener.quiet),
    }
    return [
        Telling(
            id=new_id[what], channel=listener.channel, account=listener.account, community=listener.community,
            kind=listener.kind, what=what, referral_id=found.referral_id, state=found.state, round=found.round,
            side=found.side, partner=found.partner, until=found.until, due_at=due_at,
        )
        for what, due_at in moments.items() if due_at is not None
    ]  # fmt: skip


def question(enquiry: str, listener: Listener, now: datetime, new_id: str) -> Telling:
    """What a channel is told of a question on the public page: once, and not in the quiet hours."""
    until = now + QUESTION_COUNTS
    return Telling(
        id=new_id, channel=listener.channel, account=listener.account, community=listener.community,
        kind=listener.kind, what="question", referral_id=enquiry, until=until,
        due_at=when_to_tell(now, until, listener.quiet),
    )  # fmt: skip
