"""Rows to values and back. Offerings are parsed once per process and content, not once per hold."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from contracts.capacity.notices import Notice, Notices, Scope
from contracts.capacity.pools import Host, Level, PoolDay, Situation
from contracts.community.v1 import Offering
from contracts.values import Item, Party, Quote
from services.booking.domain.hold import Hold

#: Hosts kept parsed; the whole of Thailand and Laos fits in a few of these processes.
MOST_HOSTS = 5_000


class Hosts:
    """Parsed offerings by community, good as long as the version in the database is the same."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, Host] = OrderedDict()

    def known(self, communities: list[str]) -> dict[str, Host]:
        """The hosts known here, so that the database need not send them again; keep them until its rows are read."""
        return {name: self._hosts[name] for name in communities if name in self._hosts}

    def host(self, row: Mapping[str, Any], known: Mapping[str, Host]) -> Host:
        """The host of a row of `situations`, which leaves the offering out when its version was in `known`."""
        host = known.get(row["community"])
        if host is None or host.version != row["version"]:
            host = Host.of(Offering.read(row["offering"]), row["version"])
            self._hosts[row["community"]] = host
            if len(self._hosts) > MOST_HOSTS:
                self._hosts.popitem(last=False)
        return host


def situation(host: Host, row: Mapping[str, Any]) -> Situation:
    """A row of `situations`."""
    return Situation(
        host=host,
        notices=Notices([_line(line) for line in row["exceptions"] or ()]),
        levels={
            PoolDay(pool, date.fromisoformat(day)): Level(capacity, taken)
            for pool, day, capacity, taken in row["pools"] or ()
        },
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
    )


def live(row: Mapping[str, Any], community: str) -> Hold:
    """A live hold with its items alone."""
    items = tuple(Item.read(item) for item in row["items"])
    return Hold(hold_id=row["hold_id"], community=community, state=row["state"], items=items)
