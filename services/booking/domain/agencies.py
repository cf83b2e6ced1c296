"""What counts for holds of agencies beside what counts for all: how long, who confirms, what is given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from contracts.agencies.v1 import AgreementTerms
from contracts.booking import v1
from contracts.cancelling import at_most, refund_percent, rule_of
from contracts.capacity.availability import Clock
from contracts.capacity.pools import Host, PoolDay
from contracts.community.v1 import CancellationRule, Experience
from contracts.refusals import No, Refused
from contracts.values import Items
from services.booking.domain.hold import Decision, Hold
from services.booking.domain.states import Act, after

#: A hold lives no longer from the moment on at which it is asked for.
LONGEST = timedelta(hours=24)
#: What an agency does with its own; the rest is its community's.
OWN_ACTS = frozenset({"confirm", "extend", "cancel"})
#: Where what was to be confirmed stands once it was: asked again, it is answered the same.
ASKED = frozenset({"PENDING", "CONFIRMED", "REDEEMED"})


def in_force(terms: AgreementTerms | None, host: Host, now: datetime) -> AgreementTerms:
    """The terms, if they count on this day at the community. Raises Refused."""
    if terms is None or not terms.counts_on(host.today(now)):
        raise Refused(No.NOT_PARTNERS, "no_agreement")
    return terms


def clock(terms: AgreementTerms, now: datetime) -> Clock:
    """An agency keeps every cut-off, at the moment at which it asks."""
    return Clock(now, now, terms.cutoff_hours)


def starts_at(items: Items, host: Host) -> datetime:
    """When the first of it begins; where no start is said, by midnight."""
    return min(host.moment(item.day, item.start or time()) for item in items)


def held_until(asked: datetime | None, begins: datetime, now: datetime) -> datetime:
    """Until when it is held: as asked, for a day at most, and never beyond its start. Raises Refused."""
    if asked is None or asked <= now:
        raise Refused(No.INVALID, "say_until_when", "expires_at")
    return min(asked, now + LONGEST, begins)


def confirmed(hold: Hold, terms: AgreementTerms, host: Host, now: datetime) -> Decision:
    """A booking, or what waits for its community, with the rule by which it can be cancelled."""
    act: Act = "confirm" if confirms_at_once(hold.items, terms, host) else "request"
    state = after(hold.state, act) or hold.state
    begins = starts_at(hold.items, host)
    answer_by = min(now + timedelta(hours=terms.answer_hours), begins) if act == "request" else None
    rule = cancellation(hold.items, terms, host)
    return Decision(replace(hold, state=state, expires_at=answer_by, cancellation=rule))


def confirms_at_once(items: Items, terms: AgreementTerms, host: Host) -> bool:
    """Whether nobody has to be asked."""
    return terms.confirmation == "instant" and all(one.instant_confirmation for one in _experiences(items, host))


def cancellation(items: Items, terms: AgreementTerms, host: Host) -> CancellationRule:
    """What counts for all of it: the rule of what begins first."""
    first = min(items, key=lambda item: host.moment(item.day, item.start or time()))
    experience = host.experiences.get(first.experience_id)
    if experience is None:
        return CancellationRule()
    limits = host.offering.community.limits
    return rule_of(experience, max(limits.cutoff_hours, experience.cutoff_hours, terms.cutoff_hours))


def _experiences(items: Items, host: Host) -> list[Experience]:
    return [host.experiences[item.experience_id] for item in items if item.experience_id in host.experiences]


def refund(hold: Hold, host: Host, now: datetime) -> int:
    """How much is given back, in percent: all of what was never confirmed, else as the rule says that it carries."""
    if hold.state != "CONFIRMED":
        return 100
    return refund_percent(hold.cancellation or CancellationRule(), starts_at(hold.items, host), now)


def cancelled(hold: Hold, by: v1.CancelledBy, host: Host, now: datetime) -> Decision:
    """Give the places back, and say what of the price."""
    ended = v1.Cancelled(at=now, by=by, refund_percent=refund(hold, host, now))
    return Decision(replace(hold, state=after(hold.state, "release") or hold.state, cancelled=ended))


def instead_of(old: Hold, new: Hold, terms: AgreementTerms, host: Host, now: datetime) -> Hold:
    """The hold that takes the place of one: it stands as that did, and is worth no more when it is cancelled."""
    rule = cancellation(new.items, terms, host) if old.cancellation is not None else None
    if rule is not None and old.state == "CONFIRMED":
        rule = at_most(rule, refund(old, host, now))
    until = old.expires_at and min(old.expires_at, starts_at(new.items, host))
    return replace(new, state=old.state, expires_at=until, confirmed_at=old.confirmed_at, cancellation=rule)


def wants_more(places: Mapping[PoolDay, int], had: Mapping[PoolDay, int]) -> bool:
    """Whether a change takes anything that was not taken before."""
    return any(wanted > had.get(at, 0) for at, wanted in places.items())


def changed(hold: Hold, replaced_by: str | None = None) -> v1.BookingChanged:
    """How it stands, for its agency."""
    return v1.BookingChanged(
        hold_id=hold.hold_id,
        community=hold.community,
        agency=hold.agency,
        state=hold.state,
        expires_at=hold.expires_at,
        times=hold.times,
        cancelled=hold.cancelled,
        replaced_by=replaced_by,
    )
