"""Whether a departure can be taken, and if not, the first reason why: the order of RULES is the precedence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from contracts.booking.v1 import DayAvailability, Departure, Reason
from contracts.capacity.allotting import untaken
from contracts.capacity.pools import Draw, PoolDay, Situation, dates_of, draws, more, standing
from contracts.community.v1 import Experience


@dataclass(frozen=True, slots=True)
class Clock:
    """The node's clock, and the moment at which the cut-off is judged; None waives it (an operator's own guests).

    `cutoff_hours` is the notice that whoever asks has to give in any case: an agency's, by its agreement. `agency` is
    the agency that asks: places kept for it are not kept from it.
    """

    now: datetime
    asked_at: datetime | None
    cutoff_hours: int = 0
    agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """May `heads` people (None: anybody) take this departure, on top of what the request already asks."""

    situation: Situation
    clock: Clock
    experience: Experience
    day: date
    start: time
    nights: int = 1
    heads: int | None = None
    wanted: Mapping[PoolDay, int] = field(default_factory=dict)

    @cached_property
    def starts_at(self) -> datetime:
        """The instant of the departure."""
        return self.situation.host.moment(self.day, self.start)

    @cached_property
    def cutoff_at(self) -> datetime:
        """The last instant at which one may ask: the strictest of community, experience and agreement."""
        limits = self.situation.host.offering.community.limits
        hours = max(limits.cutoff_hours, self.experience.cutoff_hours, self.clock.cutoff_hours)
        return self.starts_at - timedelta(hours=hours)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The local dates it touches."""
        return dates_of(self.experience, self.day, self.start, self.nights)

    @cached_property
    def draws(self) -> tuple[Draw, ...]:
        """The pools it draws from."""
        return draws(self.experience, self.day, self.start, self.nights)

    @cached_property
    def kept(self) -> Mapping[PoolDay, int]:
        """What of these pools is kept for others and not taken by them; a pool that is missing keeps nothing."""
        if not self.situation.agreements:
            return {}
        today = self.situation.host.today(self.clock.now)
        return {draw.at: untaken(self.situation, draw.at, today, self.clock.agency) for draw in self.draws}

    def left(self, at: PoolDay) -> int:
        """Places of one of these pools that whoever asks can still take; below 0 when oversold, or kept too late."""
        return self.situation.left(at) - self.kept.get(at, 0)

    @cached_property
    def smallest(self) -> int:
        """The smallest party that may take it."""
        return max(self.experience.min_party, self.situation.host.offering.community.limits.min_party)


def _not_offered(asked: Question) -> bool:
    return asked.experience.kind == "homestay" and not asked.situation.host.offering.community.limits.guests_per_night


def _past(asked: Question) -> bool:
    return asked.starts_at <= asked.clock.now


def _out_of_season(asked: Question) -> bool:
    return any(day.month not in asked.experience.months for day in asked.dates)


def _closed_weekday(asked: Question) -> bool:
    open_days = asked.situation.host.offering.community.limits.weekdays
    return any(
        day.isoweekday() not in open_days or day.isoweekday() not in asked.experience.weekdays for day in asked.dates
    )


def _no_such_start(asked: Question) -> bool:
    return asked.start not in asked.experience.starts


def _stopped(asked: Question, reason: Reason) -> bool:
    notices, start = asked.situation.notices, asked.start
    return any(notices.on(day).stops(asked.experience.id, start) == reason for day in asked.dates)


def _cut_off(asked: Question) -> bool:
    return asked.clock.asked_at is not None and asked.clock.asked_at > asked.cutoff_at


def _too_small(asked: Question) -> bool:
    return asked.heads is not None and asked.heads < asked.smallest


def _too_large(asked: Question) -> bool:
    if asked.heads is None:
        return False
    where = asked.situation
    most = min(max(standing(where.host, draw.at), where.capacity(draw.at)) for draw in asked.draws)
    return asked.heads > min(most, where.host.offering.community.limits.max_party)


def _no_room(asked: Question) -> bool:
    heads = asked.smallest if asked.heads is None else asked.heads
    return any(
        not asked.situation.has_room(
            draw.at, asked.wanted.get(draw.at, 0) + more(draw, heads, asked.wanted), asked.kept.get(draw.at, 0)
        )
        for draw in asked.draws
    )


RULES: tuple[tuple[Reason, Callable[[Question], bool]], ...] = (
    ("not_offered", _not_offered),
    ("past", _past),
    ("out_of_season", _out_of_season),
    ("closed_weekday", _closed_weekday),
    ("no_such_start", _no_such_start),
    ("closed", lambda asked: _stopped(asked, "closed")),
    ("stop_sell", lambda asked: _stopped(asked, "stop_sell")),
    ("cut_off", _cut_off),
    ("party_too_small", _too_small),
    ("party_too_large", _too_large),
    ("no_room", _no_room),
)
#: How near a miss was: the later the rule that refused, the nearer.
NEARNESS: Mapping[Reason, int] = {reason: n for n, (reason, _) in enumerate(RULES)}
#: The number of places matters only where nothing but party size or room prevents it.
_COUNTS = frozenset({None, "party_too_small", "party_too_large", "no_room"})


def refusal(asked: Question) -> Reason | None:
    """The first reason why not; None when it can be taken."""
    return next((reason for reason, says_no in RULES if says_no(asked)), None)


def departure(asked: Question) -> Departure:
    """The departure as it is shown: places left in its tightest pool, and the reason when it cannot be taken."""
    reason = refusal(asked)
    left = min(asked.left(draw.at) for draw in asked.draws) if reason in _COUNTS else 0
    return Departure(
        experience_id=asked.experience.id,
        day=asked.day,
        start=asked.start,
        available=reason is None,
        left=max(0, left),
        capacity=min(asked.situation.capacity(draw.at) for draw in asked.draws),
        reason=reason,
        cutoff_at=asked.cutoff_at,
    )


def departures(
    situation: Situation, clock: Clock, dates: Sequence[date], heads: int | None = None, only: str | None = None
) -> Iterator[Departure]:
    """Every start of every experience (or only one) on some dates, available or not, in order."""
    for experience in situation.host.offering.experiences:
        if only in (None, experience.id):
            for day in dates:
                for start in sorted(experience.starts):
                    yield departure(
                        Question(
                            situation=situation, clock=clock, experience=experience, day=day, start=start, heads=heads
                        )
                    )


def by_day(found: Sequence[Departure]) -> tuple[DayAvailability, ...]:
    """One line per experience and day: available when any departure is; else the reason of the nearest miss."""
    best: dict[tuple[str, date], Departure] = {}
    for one in found:
        key = (one.experience_id, one.day)
        if key not in best or nearness(one) > nearness(best[key]):
            best[key] = one
    return tuple(
        DayAvailability(experience_id=e, day=day, available=one.available, left=one.left, reason=one.reason)
        for (e, day), one in best.items()
    )


def nearness(one: Departure) -> tuple[int, int]:
    """How near it is to what can be taken, and then how many places are left: the larger, the better."""
    return (len(RULES) if one.reason is None else NEARNESS[one.reason], one.left or 0)
