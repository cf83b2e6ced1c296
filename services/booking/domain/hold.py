"""One hold or booking: what may become of it, and the facts that say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from contracts.booking import v1
from contracts.capacity.pools import Host
from contracts.community.v1 import CancellationRule
from contracts.messages import Message
from contracts.values import Item, Items, Party, Quote
from services.booking.domain.states import ENDED, Act, after

#: Guests are received from the eve of their first day on, and until so long after their last: as with a handoff.
EVE, LATEST = timedelta(days=1), timedelta(hours=60)
REFERENCE_SIGNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """By what the guests of an agency's booking are received, and when it was first shown and taken for good."""

    reference: str
    pass_token: str | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold or booking; `answered` once its community said yes (the hold was extended for consent).

    Of an agency's, `cancellation` is the rule that was copied when it was confirmed; it has a `voucher` from then on,
    or from when it took the place of another.
    A tombstone is a released row for a hold that had not arrived yet, without community, party or items.
    """

    hold_id: str
    community: str
    state: v1.HoldState
    referral_id: str | None = None
    partner: str | None = None
    party: Party | None = None
    items: Items = ()
    quote: Quote | None = None
    expires_at: datetime | None = None
    answered: bool = False
    replaces: str | None = None
    agency: str | None = None
    placed_at: datetime | None = None
    changed_at: datetime | None = None
    confirmed_at: datetime | None = None
    redeemed_at: datetime | None = None
    cancelled: v1.Cancelled | None = None
    cancellation: CancellationRule | None = None
    voucher: Voucher | None = None

    @property
    def reference(self) -> str:
        """By which people name an agency's booking: the end of the id of its first hold."""
        return self.voucher.reference if self.voucher else self.hold_id[-REFERENCE_SIGNS:]

    @property
    def pass_token(self) -> str | None:
        """What the guests of an agency's booking show."""
        return self.voucher.pass_token if self.voucher else None

    @property
    def times(self) -> v1.HoldTimes | None:
        """When it was placed and became what it is, once it is written."""
        if self.placed_at is None:
            return None
        return v1.HoldTimes(
            placed_at=self.placed_at,
            changed_at=self.changed_at or self.placed_at,
            confirmed_at=self.confirmed_at,
            redeemed_at=self.redeemed_at,
        )

    def dated(self, now: datetime) -> Hold:
        """The hold as it is from now on."""
        return replace(
            self,
            placed_at=self.placed_at or now,
            changed_at=now,
            confirmed_at=self.confirmed_at or (now if self.state == "CONFIRMED" else None),
            redeemed_at=self.redeemed_at or (now if self.state == "REDEEMED" else None),
        )

    @property
    def may_be_replaced(self) -> bool:
        """Whether another may be held in its place and share its places: its community has said yes to it."""
        return self.state == "CONFIRMED" or (self.state == "ON_HOLD" and self.answered)

    @property
    def was_replaced(self) -> bool:
        """True for an agency's hold whose booking goes on under another: it ended, and nobody cancelled it."""
        return self.agency is not None and self.state == "CANCELLED" and self.cancelled is None

    @property
    def is_tombstone(self) -> bool:
        """True for the released row of a hold that was released before it was placed."""
        return not self.community

    def is_over(self, now: datetime) -> bool:
        """True when its time has run out, whether or not the sweep has come by; booking alone decides this."""
        return after(self.state, "expire") is not None and self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Visit:
    """When the guests of a booking may be received: from `opens` on, before `closes`; both are instants."""

    opens: datetime
    closes: datetime

    @classmethod
    def of(cls, items: Items, host: Host) -> Visit:
        """The visit that these items make, on the host's calendar."""
        first = min(item.day for item in items)
        after_last = max(_last_day(item, host) for item in items) + timedelta(days=1)
        return cls(host.moment(first, time()) - EVE, host.moment(after_last, time()) + LATEST)


def _last_day(item: Item, host: Host) -> date:
    """The last date that an item touches; of what is offered no more, by its nights."""
    experience = host.experiences.get(item.experience_id)
    if experience is None:
        return item.day + timedelta(days=item.nights - 1)
    return experience.last_day(item.day, item.start, item.nights)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a hold, and the facts to publish. Capacity goes back when it ends."""

    hold: Hold
    facts: tuple[Message, ...] = ()
    changes: bool = True

    @property
    def ends(self) -> bool:
        """True when the hold takes no capacity from now on."""
        return self.changes and self.hold.state in ENDED


def tombstone(hold_id: str) -> Hold:
    """The row that a release leaves when it arrives before its hold."""
    return Hold(hold_id=hold_id, community="", state="CANCELLED")


def extend(hold: Hold, until: datetime, now: datetime) -> Decision:
    """Hold on until `until`, never shorter than promised; a hold that is over says so instead."""
    if hold.is_over(now) or after(hold.state, "extend") is None:
        return _over(hold)
    held_until = max(until, hold.expires_at or until)
    held = replace(hold, expires_at=held_until, answered=True)
    return Decision(held, (v1.HoldExtended(**_who(hold), expires_at=held_until),))


def confirm(hold: Hold, now: datetime) -> Decision:
    """Make it a booking; asked again, say again that it is one."""
    state = after(hold.state, "confirm")
    if hold.is_over(now) or state is None:
        return _over(hold)
    facts = (v1.HoldConfirmed(**_who(hold)),)
    return Decision(replace(hold, state=state, expires_at=None), facts, changes=state != hold.state)


def confirm_change(hold: Hold, replaced: Hold | None, now: datetime, *, replaced_already: bool) -> Decision:
    """Make a hold a booking in place of another of its party; release it once the party has come or has another."""
    came = replaced is not None and replaced.state == "REDEEMED"
    return release(hold) if hold.state == "ON_HOLD" and (came or replaced_already) else confirm(hold, now)


def release(hold: Hold) -> Decision:
    """Give the places back; one that has ended or was used has none to give."""
    return _moved(hold, "release", (v1.HoldReleased(**_who(hold)),) if hold.community else ())


def redeem(hold: Hold) -> Decision:
    """The party is here. Only a booking can be redeemed; a second time changes nothing."""
    state = after(hold.state, "redeem")
    if state is None:
        return Decision(hold, changes=False)
    return Decision(replace(hold, state=state), (v1.HoldRedeemed(**_who(hold)),), changes=state != hold.state)


def approve(hold: Hold) -> Decision:
    """The operator says yes to a PENDING booking."""
    return _moved(replace(hold, expires_at=None), "approve", (v1.HoldConfirmed(**_who(hold)),))


def reject(hold: Hold) -> Decision:
    """The operator says no to a PENDING booking."""
    return _moved(hold, "reject", (v1.HoldReleased(**_who(hold)),))


def expired(hold: Hold) -> v1.HoldExpired:
    """The fact that a hold's time has run out."""
    return v1.HoldExpired(**_who(hold))


def view(hold: Hold) -> v1.BookingView:
    """The hold as its community sees it. Only of a hold with a party: never of a tombstone."""
    return v1.BookingView(
        hold_id=hold.hold_id,
        referral_id=hold.referral_id,
        state=hold.state,
        party=hold.party,
        items=hold.items,
        quote=hold.quote,
        expires_at=hold.expires_at,
        agency=hold.agency,
        times=hold.times,
        cancelled=hold.cancelled,
        cancellation=hold.cancellation,
        pass_token=hold.pass_token,
        reference=hold.voucher.reference if hold.voucher else None,
    )


def _over(hold: Hold) -> Decision:
    """The answer to a request that only a running hold can meet: it has expired, if need be now."""
    if hold.is_tombstone:
        return Decision(hold, changes=False)
    state = after(hold.state, "expire") if hold.state == "ON_HOLD" else None
    return Decision(replace(hold, state=state or hold.state), (expired(hold),), changes=state is not None)


def _moved(hold: Hold, act: Act, facts: tuple[Message, ...]) -> Decision:
    state = after(hold.state, act)
    return Decision(hold, changes=False) if state is None else Decision(replace(hold, state=state), facts)


def _who(hold: Hold) -> dict[str, str | None]:
    return {"hold_id": hold.hold_id, "referral_id": hold.referral_id, "community": hold.community}
