"""Checks that a message comes from its source, and finds its place in a stream, before it is applied.

A border message takes its id and its number in the stream only once its signature is verified, so a forged one cannot
block the genuine one. Ids are unique per pair of communities. Before two communities have agreed, each key that signs
for a partner has ids and a stream of its own, so that a stranger uses up no number of the partner's. When one of these
keys is pinned, its stream goes on as the partner's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from contracts.messages import Envelope, Message, decode_json
from services.chassis.messaging.transactions import writable
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.storage.database import ConnectionPool
from services.chassis.trust import keyring, signing
from services.chassis.trust.signing import Doubt, KnownKey, NotTheCounterpart, Signer
from services.chassis.trust.speakers import Logins

#: How long a message waits for its key to become known, in seconds.
UNPROVEN_SECONDS = 900.0
#: How many wait for one key, for one of a partner whose key is pinned, and in all.
MOST_OF_ONE_KEY, MOST_OF_A_PARTNERS_KEY, MOST_UNPROVEN = 50, 500, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as the bus gave it to us."""

    body: bytes
    queue: str
    headers: Mapping[str, str]
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Under which id and in which stream a message counts; without an id when the inbox has it already."""

    message_id: str | None
    stream: str


class Authentication:
    """Verifies border messages by the keys that are pinned for their two communities."""

    def __init__(self, database: ConnectionPool) -> None:
        self._database = database
        #: The logins of this node's services at its broker; None where there is no broker.
        self.logins: Logins | None = None

    async def place(self, connection: asyncpg.Connection, envelope: Envelope, kind: type[Message]) -> StreamPlace:
        """Under which id and in which stream it counts."""
        stream = stream_of(envelope, kind)
        if envelope.to is None:
            return StreamPlace(envelope.id, stream)
        spoken = StreamPlace(str(uuid5(UUID(envelope.id), f"{envelope.source}>{envelope.to}")), stream)
        if envelope.type not in signing.BETWEEN:
            return spoken
        known = await self.known(connection, envelope)
        if any(key.pinned for key in known):
            return spoken
        root = next((key.root for key in known if key.keyid == envelope.keyid), envelope.keyid or "")
        return StreamPlace(str(uuid5(UUID(envelope.id), root)), signing.stream_of_key(stream, root))

    async def known(self, connection: asyncpg.Connection, envelope: Envelope) -> list[KnownKey]:
        """The keys by which `to` knows `source`, locked against other messages between these two."""
        return await keyring.known_keys(connection, envelope.to or "", envelope.source)

    def judged(self, envelope: Envelope, body: bytes, known: Sequence[Mapping[str, Any]] | None) -> Signer | None:
        """Who has signed it; None for a message of this node's own services. Raises Doubt."""
        return signing.judged(envelope, body, signing.known_keys(known)) if envelope.to else None

    async def counted(
        self,
        connection: asyncpg.Connection,
        delivery: Delivery,
        envelope: Envelope,
        kind: type[Message],
        problem: Exception,
    ) -> StreamPlace | None:
        """The place that a parked message takes all the same; None when it is not verified or came by another lane."""
        if isinstance(problem, Doubt):
            return None
        try:
            self.check_way(delivery, envelope)
            if envelope.to:
                signing.judged(envelope, delivery.body, await self.known(connection, envelope))
        except ValueError:
            return None
        return await self.place(connection, envelope, kind)

    async def pinned(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """The keys of all partners of this node. Raises DatabaseUnavailable."""
        async with self._database.connection() as connection:
            return await keyring.pinned_keys(connection)

    def check_way(self, delivery: Delivery, envelope: Envelope) -> None:
        """It came by the lane of its kind and, inside the node, from its speaker's login. Raises Doubt."""
        check_lane(delivery.queue, envelope)
        if envelope.to is None and self.logins:
            self.logins.check_speaker(delivery.headers.get("user-id", ""), envelope)

    async def keep_unproven(self, delivery: Delivery, envelope: Envelope) -> bool:
        """Keep a message until its key is known; False when too many wait already."""
        about = (envelope.to, envelope.source, envelope.keyid, delivery.queue)
        headers = {writable(name): writable(value) for name, value in delivery.headers.items()}
        mark = hashlib.sha256(delivery.body).digest()
        async with self._database.connection() as connection:
            limits = (MOST_OF_ONE_KEY, MOST_OF_A_PARTNERS_KEY, MOST_UNPROVEN)
            row = (mark, *about, delivery.body, headers, *limits)
            return bool(await connection.fetchval(CHASSIS["keep_unproven"], *row))


def opened(delivery: Delivery) -> Envelope:
    """The envelope. Raises ValueError when it cannot be read."""
    if delivery.content_type != "application/json":
        raise ValueError("the content type is not application/json")
    return Envelope.read(decode_json(delivery.body))


def check_lane(queue: str, envelope: Envelope) -> None:
    """Border messages, and no others, are addressed and come by the border. Raises NotTheCounterpart."""
    border = envelope.type.startswith("border.")
    if border != (envelope.to is not None):
        raise NotTheCounterpart("border messages, and only they, are addressed to a community")
    if not border and queue.endswith(".dead"):
        raise NotTheCounterpart("by which lane it came is not known any more")
    if queue.endswith(".internal" if border else ".border"):
        raise NotTheCounterpart("it came by the lane of other messages")


def stream_of(envelope: Envelope, kind: type[Message]) -> str:
    """The stream whose number the message takes; statements have one of their own beside it."""
    return envelope.stream if kind.ordering == "contiguous" else f"{envelope.stream}|{envelope.type}"
