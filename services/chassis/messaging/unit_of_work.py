"""The unit of work: one transaction, bound to who is acting, with its messages written in the same commit."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, ClassVar

import asyncpg

from contracts.described import parties
from contracts.messages import BorderMessage, Envelope, Message
from contracts.principal import Principal
from contracts.values import CommunityId
from services.chassis.runtime import trace
from services.chassis.runtime.ids import new_id
from services.chassis.storage.sql import CHASSIS, Queries
from services.chassis.trust import keyring
from services.chassis.trust.keyring import Keyring
from services.chassis.trust.signing import KnownKey, Signer
from services.chassis.trust.vault import Vault

__all__ = ["CHASSIS", "UnitOfWork"]


#: Who has asked, under which id, and what it is answered with.
KeptAnswer = tuple[str, str, dict[str, Any]]


class UnitOfWork:
    """The base of repositories; lives as long as its transaction and is never kept."""

    #: The service whose schema this is; also the `source` of what it announces.
    service: ClassVar[str]
    queries: ClassVar[Queries]
    #: Whether it wraps with the record keys, `vault.records`: then its service renews them, see `renewing`.
    keeps_records: ClassVar[bool] = False

    def __init__(
        self,
        connection: asyncpg.Connection,
        *,
        acting: str,
        now: datetime,
        principal: Principal | None = None,
        cause: Envelope | None = None,
        signer: Signer | None = None,
        vault: Vault | None = None,
    ) -> None:
        self.connection = connection
        self.acting = acting
        #: Who acts; None: the service itself, in a sweep or because of a message.
        self.principal = principal
        self.now = now
        self.cause = cause
        #: Who has signed the border message being handled.
        self.signer = signer
        #: Streams that are renamed from this transaction on.
        self.moved: dict[str, str] = {}
        self._vault = vault
        self._leaving: list[tuple[str, str, str, str, str, str, dict[str, Any], str]] = []
        self._audited: list[tuple[str, str, str, str, str]] = []

    def new_id(self) -> str:
        """A new UUIDv7."""
        return new_id()

    @property
    def vault(self) -> Vault:
        """What wraps keys with the node's own. Raises RuntimeError in a store that was opened without one."""
        if self._vault is None:
            raise RuntimeError("this store has no vault: name the file of the node's keys in HANDOFF_NODE_KEYS")
        return self._vault

    async def hold_record_keys(self) -> None:
        """Before `vault.records.wrap`: until this transaction ends, no record key is destroyed."""
        await self.connection.execute(CHASSIS["hold_record_keys"])

    async def rewrap(self, limit: int) -> int:  # noqa: ARG002 - a service that wraps nothing has nothing to do
        """Wrap at most `limit` keys anew, and say how many that were.

        A service that stores wrapped keys overrides it: select and lock all whose text before the dot is not
        `vault.newest`, or is one of `vault.older`, with what they are wrapped as (`about`); for each write back
        `vault.wrap(vault.unwrap(wrapped, about=about), about=about)`. It is called until it returns 0.
        """
        return 0

    async def sign(self, community: CommunityId, text: bytes) -> tuple[str, bytes]:
        """The key id and the Ed25519 signature of a community of this node. Raises LookupError when it has no key."""
        return await keyring.sign(Keyring(self.vault), self.connection, community, text)

    async def public_key(self, community: CommunityId, keyid: str) -> bytes | None:
        """The raw key of a community of this node that still counts, or None."""
        return await keyring.public_key(self.connection, community, keyid)

    async def known_keys(self, community: CommunityId, partner: CommunityId) -> list[KnownKey]:
        """The keys by which a community of this node knows a partner, locked against messages between the two."""
        return await keyring.known_keys(self.connection, community, partner)

    async def move_stream(self, stream: str, to: str) -> None:
        """Continue the stream of a key as the partner's own, now that the key is pinned."""
        await self.connection.execute(CHASSIS["move_stream"], stream, to)
        self.moved[stream] = to

    @property
    def has_to_say(self) -> bool:
        """Whether something is to be announced, sent or audited at the commit."""
        return bool(self._leaving or self._audited)

    def audit(self, community: CommunityId, what: str, about: str, *, result: str = "done") -> None:
        """Add a line to the community's audit, by the principal, when this transaction commits."""
        itself = self.cause.source if self.cause else "node"
        who = self.principal.who if self.principal else itself
        self._audited.append((community, who, what, about, result))

    def announce(self, message: Message, subject: str) -> None:
        """Publish to the other services of this node, when this transaction commits."""
        if isinstance(message, BorderMessage):
            raise TypeError(f"{message.type} is a border message: send it")
        self._leave("internal", message, source=self.service, to=None, subject=subject)

    def send(
        self, message: BorderMessage, *, sender: CommunityId, to: CommunityId, subject: str, keyid: str | None = None
    ) -> None:
        """Send over the border, when this transaction commits; signed as it leaves, by the key in force or `keyid`."""
        if not isinstance(message, BorderMessage):
            raise TypeError(f"{message.type} is not on the border list")
        self._leave("border", message, source=sender, to=to, subject=subject, keyid=keyid)

    def _leave(
        self, lane: str, message: Message, *, source: str, to: str | None, subject: str, keyid: str | None = None
    ) -> None:
        envelope = Envelope(
            id=new_id(),
            source=source,
            type=message.type,
            subject=subject,
            time=self.now,
            seq=1,  # the number is given at commit, by the stream
            correlationid=(self.cause.correlationid if self.cause else None) or subject,
            causationid=self.cause.id if self.cause else None,
            traceparent=trace.current(),
            to=to,
            keyid=keyid,
            data=message.wire(),
        )
        reverse = f"{to}>{source}|{subject}" if to else ""
        # A statement has a stream of its own beside the contiguous one of the same subject.
        stream = envelope.stream if message.ordering == "contiguous" else f"{envelope.stream}|{message.type}"
        key = f"{to}.{message.type}" if to else message.type
        wire = envelope.model_dump(mode="json", exclude_none=True)
        self._leaving.append((envelope.id, lane, stream, reverse, message.type, key, wire, readers_of(message.type)))

    async def finish(self, stream: str | None = None, seq: int | None = None, answer: KeptAnswer | None = None) -> bool:
        """Write audit, messages and a command's answer, and advance the stream of the cause; once, before the commit.

        Returns whether the next message of that stream waits.
        """
        audited, self._audited = self._audited, []
        if audited:
            lines = map(list, zip(*audited, strict=True))
            await self.connection.execute(CHASSIS["audit"], *lines, trace.current_id())
        leaving, self._leaving = self._leaving, []
        if leaving:
            *columns, readers = map(list, zip(*leaving, strict=True))
            kept = answer or (None, None, None)
            return bool(await self.connection.fetchval(CHASSIS["publish"], *columns, stream, seq, readers, *kept))
        if answer is not None:
            await self.connection.execute(CHASSIS["answer"], *answer)
        return stream is not None and bool(await self.connection.fetchval(CHASSIS["advance"], stream, seq))

    async def fetch(self, name: str, *arguments: Any) -> list[Any]:
        """All rows of a named query."""
        return list(await self.connection.fetch(self.queries[name], *arguments))

    async def fetchrow(self, name: str, *arguments: Any) -> Any | None:
        """The first row of a named query, or None."""
        return await self.connection.fetchrow(self.queries[name], *arguments)

    async def fetchval(self, name: str, *arguments: Any) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.fetchval(self.queries[name], *arguments)

    async def execute(self, name: str, *arguments: Any) -> str:
        """Run a named query; returns PostgreSQL's command tag."""
        return str(await self.connection.execute(self.queries[name], *arguments))


@cache
def readers_of(type_: str) -> str:
    """The services that a message is owed to, joined by commas; none for a type without a line in WAYS."""
    try:
        return ",".join(parties(type_)[1])
    except KeyError:
        return ""
