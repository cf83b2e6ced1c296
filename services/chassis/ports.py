"""What a use case may ask of the transaction it runs in: Protocols only, so that rules never see the machinery."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from contracts.messages import BorderMessage, Envelope, Message
from contracts.values import CommunityId

#: Acts for the node itself: sweeps, facts between services, the checker. A community never gets to say this word.
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
    def cause(self) -> Envelope | None:
        """The message being handled; None in a command, query or sweep."""

    def new_id(self) -> str:
        """A new UUIDv7."""

    def announce(self, message: Message, subject: str) -> None:
        """Tell the other services of this node, on the stream (this service, subject)."""

    def send(self, message: BorderMessage, *, sender: CommunityId, to: CommunityId, subject: str) -> None:
        """Send over the border, on the stream (sender, to, subject)."""
