"""Checks the sender of a message on the node's own lanes by the login that the broker vouches for.

Each service has a login of its own, with its name, and writes it on what it publishes (`user-id`); the broker accepts
no message that carries another login. Where one login serves all, the broker cannot tell them apart: then only that
login is believed, whatever `source` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from kombu.utils.url import url_to_parts

from contracts.described import EDGES, said_by
from contracts.messages import Envelope
from contracts.principal import Principal
from services.chassis.trust.signing import NotTheSpeaker

#: How RabbitMQ knows whoever gives no login.
NO_LOGIN = "guest"


@dataclass(frozen=True, slots=True)
class Logins:
    """The login of each service: `shared`, or when that is None its own name."""

    shared: str | None = None

    @classmethod
    def at(cls, url: str, service: str) -> Logins:
        """As `service` must take it, by the login in its own URL."""
        login = login_of(url)
        return cls(None if login == service else login)

    def is_of(self, login: str, *services: str) -> bool:
        """Whether this login speaks for one of them."""
        return bool(login) and login in ((self.shared,) if self.shared is not None else services)

    def check_speaker(self, login: str, envelope: Envelope) -> None:
        """Raises NotTheSpeaker when another than the contract's speaker has sent it."""
        speaker = said_by(envelope.type, envelope.source)
        if envelope.source != speaker:
            raise NotTheSpeaker("`source` is not the service that may say this type")
        if not self.is_of(login, speaker):
            raise NotTheSpeaker("the broker knows the sender by another login than that of `source`")

    def may_call(self, login: str) -> bool:
        """Whether this login is an edge's: no other may ask."""
        return self.is_of(login, *EDGES)

    def may_speak_for(self, login: str, principal: Principal | None) -> bool:
        """Whether this login belongs to an edge that may speak for such principals."""
        kind = principal.kind if principal else None
        return kind is None or any(self.is_of(login, edge) for edge, kinds in EDGES.items() if kind in kinds)


def login_of(url: str) -> str:
    """The login in a broker's address."""
    return url_to_parts(url).username or ("" if url.startswith("inproc:") else NO_LOGIN)


def url_of(url: str, service: str) -> str:
    """The address by which a service connects; inside the process each has a login of its own."""
    parts = urlsplit(url)
    if parts.scheme != "inproc" or "@" in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=f"{service}@{parts.netloc}"))
