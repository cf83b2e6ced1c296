"""Which receivers a node sends to: never to what only it can reach, such as the services beside it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_ADDRESS = 1000
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]+\]"
)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


@dataclass(frozen=True)
class Place:
    """Where a URL leads."""

    scheme: str
    host: str
    port: int

    @property
    def named(self) -> str:
        """`host:port`, as settings name it."""
        return f"{self.host}:{self.port}"


def place(url: str) -> Place | None:
    """Where an https or http URL leads; None when it is none, or has a user, a fragment, or signs that no URL has."""
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    written = f"[{host}]" if ":" in host else host
    if parts.scheme not in ("https", "http") or "@" in parts.netloc or "#" in url or not _HOST.fullmatch(written):
        return None
    return Place(parts.scheme, host, port)


def may_be_asked(where: Place, private: Collection[str]) -> bool:
    """Whether a person may name it: https, unless it is one of those that the node's operator has named."""
    return where.scheme == "https" or where.named in private


def may_be_reached(address: str) -> bool:
    """Whether an IP address is one of the public internet: what a name stands for can be anything."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped or ip in _TRANSLATED:
            return may_be_reached(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in _UNICAST or any(ip in tunnel for tunnel in _TUNNELS):
            return False
    return ip.is_global and not ip.is_multicast


def is_private(where: Place, private: Collection[str]) -> bool:
    """Whether a URL names an address outright that is not of the public internet, and that no operator has named."""
    try:
        ipaddress.ip_address(where.host)
    except ValueError:
        return where.host == "localhost" and where.named not in private
    return where.named not in private and not may_be_reached(where.host)


#: IPv4 behind a translator.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
#: What the registry gives to the public internet. Not in it: site-local addresses and every other way to write IPv4.
_UNICAST = ipaddress.ip_network("2000::/3")
#: In it, but IPv4 once more, by gateways that are no more: Teredo and 6to4.
_TUNNELS = (ipaddress.ip_network("2001::/32"), ipaddress.ip_network("2002::/16"))


def email(text: str) -> str | None:
    """An e-mail address as it is kept; None when it is none."""
    return text if len(text) <= 254 and _EMAIL.fullmatch(text) else None
