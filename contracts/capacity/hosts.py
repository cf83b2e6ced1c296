"""Offerings parsed once per process and content, not once per request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.capacity.pools import Host
from contracts.community.v1 import Offering

#: Hosts kept parsed; the whole of Thailand and Laos fits in a few of these processes.
MOST_HOSTS = 5_000


class Hosts:
    """Parsed offerings by community, good as long as the version in the database is the same."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, Host] = OrderedDict()

    def known(self, communities: Iterable[str] | None = None) -> dict[str, Host]:
        """The hosts known here, so that the database need not send them again; keep them until its rows are read."""
        if communities is None:
            return dict(self._hosts)
        return {name: self._hosts[name] for name in communities if name in self._hosts}

    def host(self, row: Mapping[str, Any], known: Mapping[str, Host]) -> Host:
        """The host of a row, which leaves the offering out when its version was in `known`."""
        host = known.get(row["community"])
        if host is None or host.version != row["version"]:
            host = self._hosts.get(row["community"])  # somebody else has read it meanwhile
        if host is None or host.version != row["version"]:
            host = Host.of(Offering.read(row["offering"]), row["version"])
            self._hosts[row["community"]] = host
            if len(self._hosts) > MOST_HOSTS:
                self._hosts.popitem(last=False)
        return host
