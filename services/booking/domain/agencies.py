"""What counts for holds of agencies beside what counts for all: how long, who confirms, what is given back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta

from contracts.agencies.v1 import AgreementTerms
from contracts.booking import v1
from contracts.cancelling import at_most, refund_percent, rule_of
from contracts.capacity.availability import Clock
from contracts.capacity.pools import Host
from contracts.community.v1 import CancellationRule, Experience
from contracts.holding import LONGEST, longest
from contracts.refusals import No, Refused
from contracts.values import Item, Items, Party, Quote
from services.booking.domain.hold import Decision, Hold, extend
from services.booking.domain.placing import PlacePlan
from services.booking.domain.states import Act, after

#: What an agency does with its own; the rest is its community's.
OWN_ACTS = frozenset({"confirm", "extend", "cancel"})
#: Where what was to be confirmed stands once it was: asked again, it is answered the same.
ASKED = frozenset({"PENDING", "CONFIRMED", "REDEEMED"})


def in_force(terms: AgreementTerms | None, host: Host, now: datetime) -> AgreementTerms:
    """The terms, if they count on this day at the community. Raises Refused."""
    if terms is None or not terms.counts_on(host.today(now)):
        raise Refused(No.NOT_PARTNERS, "no_agreement")
    return terms


def clock(agency: str, terms: AgreementTerms, now: datetime) -> Clock:
    """An agency keeps every cut-off, at the moment at which it asks; places kept for it are its own."""
    return Clock(now, now, terms.cutoff_hours, agency)


def starts_at(items: Items, host: Host) -> datetime:
    """When the first of it begins; where no start is said, by midnight."""
    return min(host.moment(item.day, item.start or time()) for item in items)


def held_until(asked: datetime | None, begins: datetime, now: datetime) -> datetime:
    """Until when it is held: as asked, for a day at most, and never beyond its start. Raises Refused."""
    if asked is None or asked <= now:
        raise Refused(No.INVALID, "say_until_when", "expires_at")
    return min(asked, now + LONGEST, begins)


def extended(hold: Hold, asked: datetime | None, terms: AgreementTerms, host: Host, now: datetime) -> Decision:
    """Hold on, but never past the cut-off, nor for more than a day in all; it stays as long as it was promised."""
    begins = starts_at(hold.items, host)
    until = held_until(asked, begins, now)
    return extend(hold, longest(until, hold.placed_at or now, begins, closes_at(hold.items, terms, host), now), now)


def closes_at(items: Items, terms: AgreementTerms, host: Host) -> datetime:
    """The cut-off of what closes first."""

    def closes(item: Item) -> datetime:
        hours = notice_hours(host.experiences.get(item.experience_id), terms, host)
        return host.moment(item.day, item.start or time()) - timedelta(hours=hours)

    return min(closes(item) for item in items)


def notice_hours(experience: Experience | None, terms: AgreementTerms, host: Host) -> int:
    """The strictest notice of community, experience and agreement."""
    limits = host.offering.community.limits
    return max(limits.cutoff_hours, terms.cutoff_hours, experience.cutoff_hours if experience else 0)


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
    return rule_of(experience, notice_hours(experience, terms, host))


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
    """The hold that takes the place of one: it stands as that did, and is worth no more when it is cancelled.

    One that is not confirmed yet is as old as the first of them: it is not held for longer by being replaced.
    """
    rule = cancellation(new.items, terms, host) if old.cancellation is not None else None
    if rule is not None and old.state == "CONFIRMED":
        rule = at_most(rule, refund(old, host, now))
    until = old.expires_at and min(old.expires_at, starts_at(new.items, host))
    since = old.placed_at if old.state == "ON_HOLD" else None
    new = replace(new, state=old.state, expires_at=until, placed_at=since)
    return replace(new, confirmed_at=old.confirmed_at, cancellation=rule)


def judge_change(old: Hold, party: Party, wanted: PlacePlan, terms: AgreementTerms, host: Host, now: datetime) -> None:
    """Raises Refused where a booking would change without the community's word, or without what cancelling costs."""
    if old.state != "CONFIRMED":
        return
    if _is_news(old, party, wanted.items) and not confirms_at_once(wanted.items, terms, host):
        raise Refused(No.WRONG_STATE, "community_confirms_more", "hold_id")
    percent = refund(old, host, now)
    if percent < 100 and old.quote is not None and _costs_less(wanted.quote, old.quote):
        raise Refused(No.WRONG_STATE, "less_costs_a_fee", "hold_id", percent=percent)


def _is_news(old: Hold, party: Party, items: Items) -> bool:
    """Whether its community has not said yes to it: to anything else than before, or to more people."""

    def what(asked: Items) -> Counter[tuple[object, ...]]:
        return Counter((item.experience_id, item.day, item.start, item.nights) for item in asked)

    return old.party is None or party.heads > old.party.heads or what(items) != what(old.items)


def _costs_less(new: Quote, old: Quote) -> bool:
    """Whether it would; amounts of two currencies are not compared, so another currency counts as less."""
    return new.total.currency != old.total.currency or new.total.minor < old.total.minor


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
        pass_token=hold.pass_token,
    )
