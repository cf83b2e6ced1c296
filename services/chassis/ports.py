"""What a use case may ask of the transaction it runs in: Protocols only, so that rules never see the machinery."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from contracts.messages import BorderMessage, Envelope, Message
from contracts.principal import Principal
from contracts.values import CommunityId

#: Acts for the node itself: sweeps, facts between services, the checker. No community can have this name.
EVERYONE = "*"


class Transaction(Protocol):
    """One transaction, bound to who is acting. What is announced or sent leaves with its commit, or not at all."""

    @property
    def now(self) -> datetime:
        """The node's clock, read inside the transaction, aware, UTC."""

    @property
    def acting(self) -> CommunityId:
        """The community on whose behalf, or EVERYONE."""

    @property
    def principal(self) -> Principal | None:
        """Who acts; None in a sweep and for a message: there it is the service itself."""

    @property
    def cause(self) -> Envelope | None:
        """The message being handled; None in a command, query or sweep."""

    def new_id(self) -> str:
        """A new UUIDv7."""

    def audit(self, community: CommunityId, what: str, about: str, *, result: str = "done") -> None:
        """Add a line to the community's audit, by the principal, when this transaction commits."""

    async def sign(self, community: CommunityId, text: bytes) -> tuple[str, bytes]:
        """The key id and the Ed25519 signature of a community of this node. Raises LookupError when it has no key."""

    async def public_key(self, community: CommunityId, keyid: str) -> bytes | None:
        """The raw key of a community of this node that still counts, or None."""

    def announce(self, message: Message, subject: str) -> None:
        """Publish to the other services of this node, on the stream (this service, subject)."""

    def send(self, message: BorderMessage, *, sender: CommunityId, to: CommunityId, subject: str) -> None:
        """Send over the border, on the stream (sender, to, subject)."""
