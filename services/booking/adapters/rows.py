"""Rows to values and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from contracts.agencies.v1 import AgreementTerms
from contracts.booking.v1 import AgencyShare, Cancelled, PoolLevel, RuleLine
from contracts.capacity.notices import Notice, Notices, Scope
from contracts.capacity.pools import Host, Level, PoolDay, Situation
from contracts.community.v1 import CancellationRule
from contracts.values import Item, Party, Quote
from services.booking.domain.hold import Hold, Voucher


def situation(host: Host, row: Mapping[str, Any]) -> Situation:
    """A row of `situations`."""
    return Situation(
        host=host,
        notices=Notices([_line(line) for line in row["exceptions"] or ()]),
        levels={
            PoolDay(pool, date.fromisoformat(day)): Level(capacity, taken, shares)
            for pool, day, capacity, taken, shares in row["pools"] or ()
        },
        agreements=[(agency, AgreementTerms.read(terms)) for agency, terms in row["agreements"] or ()],
    )


def _line(line: Mapping[str, Any]) -> Notice:
    """A line of the history as JSON."""
    start = time.fromisoformat(line["start"]) if line["start"] else None
    return Notice(
        number=line["number"],
        day=date.fromisoformat(line["day"]),
        until=date.fromisoformat(line["until"]),
        kind=line["kind"],
        scope=Scope(line["experience_id"], start),
        pool=line["pool"],
        capacity=line["capacity"],
    )


def level(row: Mapping[str, Any]) -> PoolLevel:
    """A pool after a change."""
    names = ("pool", "day", "capacity", "taken", "version")
    return PoolLevel(**{name: row[name] for name in names}, shares=_shares(row["shares"]))


def stated(level: Mapping[str, Any]) -> PoolLevel:
    """A pool as JSON."""
    shares = [one.wire() for one in _shares(level["shares"])]
    return PoolLevel.read({**level, "shares": shares})


def _shares(kept: Mapping[str, int]) -> tuple[AgencyShare, ...]:
    return tuple(AgencyShare(agency=agency, places=places) for agency, places in sorted(kept.items()))


def said(row: Mapping[str, Any]) -> RuleLine:
    """A line of the history as others may know it."""
    return RuleLine.read({name: row[name] for name in RuleLine.model_fields})


#: What a line and its row have under the same name.
_SAME = ("number", "day", "until", "kind", "pool", "capacity", "reason", "at", "account")


def notice(row: Mapping[str, Any]) -> Notice:
    """A row of `history`."""
    given = {name: row[name] for name in _SAME}
    return Notice(**given, scope=Scope(row["experience_id"], row["start"]), conflicts=tuple(row["conflicts"]))


def line(said: Notice) -> dict[str, Any]:
    """A line of the history for `write_exceptions`."""
    start = said.scope.start.isoformat() if said.scope.start else None
    return {
        "day": said.day.isoformat(),
        "until": said.until.isoformat(),
        "kind": said.kind,
        "experience_id": said.scope.experience_id,
        "start": start,
        "pool": said.pool,
        "capacity": said.capacity,
        "reason": said.reason,
        "conflicts": list(said.conflicts),
        "account": said.account,
    }


def hold(row: Mapping[str, Any]) -> Hold:
    """A whole hold, as it was written: trusted, so parsed only where it is nested."""
    return Hold(
        hold_id=row["hold_id"],
        community=row["community"],
        referral_id=row["referral_id"],
        partner=row["partner"],
        state=row["state"],
        party=Party.read(row["party"]) if row["party"] else None,
        items=tuple(Item.read(item) for item in row["items"]),
        quote=Quote.read(row["quote"]) if row["quote"] else None,
        answered=row["answered"],
        expires_at=row["expires_at"],
        replaces=row["replaces"],
        cancelled=_cancelled(row),
        cancellation=CancellationRule.read(row["cancellation"]) if row["cancellation"] else None,
        **{name: row[name] for name in _DATED},
    )


#: Of a hold and its row, under the same name.
_DATED = ("agency", "placed_at", "changed_at", "confirmed_at", "redeemed_at")


def _cancelled(row: Mapping[str, Any]) -> Cancelled | None:
    if row["cancelled_by"] is None:
        return None
    return Cancelled(at=row["cancelled_at"], by=row["cancelled_by"], refund_percent=row["refund_percent"])


def voucher(row: Mapping[str, Any] | None) -> Voucher | None:
    """A row of `voucher`, if there is one."""
    if row is None:
        return None
    return Voucher(reference=row["reference"], pass_token=row["pass_token"], used_at=row["used_at"])


def live(row: Mapping[str, Any], community: str) -> Hold:
    """A live hold with its items alone."""
    items = tuple(Item.read(item) for item in row["items"])
    return Hold(hold_id=row["hold_id"], community=community, state=row["state"], items=items)
