"""Publishes the outbox: one active relay per service and lane, elected by a session advisory lock.

The connection that holds the lock also claims and marks, so a relay that lost its election can do neither. It is
woken by NOTIFY, with polling behind it. A message whose publishing has an unknown outcome is sent again, and readers
de-duplicate.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import eventlet
from eventlet.event import Event
from opentelemetry.trace import SpanKind

from services.chassis.bus.publisher import Outgoing, Publisher, PublishOutcome
from services.chassis.messaging.transactions import describe
from services.chassis.messaging.unit_of_work import CHASSIS
from services.chassis.runtime import bridge, faults, trace
from services.chassis.storage.database import ConnectionPool
from services.chassis.trust.keyring import Keyring, sign_envelopes
from services.chassis.trust.vault import Vault

log = logging.getLogger(__name__)
BATCH = 100
POLL_SECONDS = 1.0
PUBLISH_SECONDS = 5.0
SAFE = PublishOutcome.CONFIRMED


class Relay:
    """One lane of one service."""

    def __init__(self, database: ConnectionPool, lane: str, url: str, *, vault: Vault | None = None) -> None:
        self._database = database
        self._keyring = Keyring(vault) if vault else None
        self._lane = lane
        self._name = f"{database.service}.{lane}"
        self._publisher = Publisher(url, timeout=PUBLISH_SECONDS)
        self._connection: asyncpg.Connection | None = None
        self._wake = Event()
        self._stopping = False
        self._thread: Any = None
        self.active = False

    def start(self) -> None:
        """Start trying to become the active relay."""
        self._thread = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Finish the batch, publish what is left if the bus takes it, resign."""
        self._stopping = True
        self._ring()
        if self._thread is not None:
            with eventlet.Timeout(PUBLISH_SECONDS + 2, False):
                self._thread.wait()
            self._thread.kill()
        self._publisher.close()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.active = bridge.run(self._elect(), seconds=5)
                if not self.active:
                    self._rest(POLL_SECONDS)
                    continue
                self._work()
            except Exception as problem:  # noqa: BLE001 - whatever broke, the rows are still there: try again
                if not self._stopping:
                    log.warning(
                        "a relay was interrupted and tries again",
                        extra={"service": self._database.service, "error": describe(problem)},
                    )
                    self._rest(POLL_SECONDS, always=True)
            finally:
                self.active = False
                with suppress(Exception):
                    bridge.run(self._resign())

    def _work(self) -> None:
        """Publish until stopped, and then what the last transactions left."""
        safe: list[Any] = []
        while True:
            self._wake = Event()  # rows notified before this are seen by the next query
            rows = bridge.run(self._next(safe), seconds=5)
            safe = self._publish(rows) if rows else []
            if self._stopping and not safe:
                return
            if not rows:
                self._rest(POLL_SECONDS)

    def _publish(self, rows: list[asyncpg.Record]) -> list[Any]:
        """Publish one batch; returns the ids that were confirmed. The others are delayed."""
        texts = bridge.run(self._texts(rows), seconds=5)
        ready = [(row, text) for row, text in zip(rows, texts, strict=True) if text is not None]
        with trace.span(
            f"send {self._lane}",
            SpanKind.CLIENT,
            messaging__destination__name=self._lane,
            messaging__batch__message_count=len(ready),
        ):
            outcomes = self._publisher.publish([_outgoing(self._lane, row, text) for row, text in ready])
        faults.point("after_publish_before_mark", self._name)
        failed = [(row["id"], "unsigned") for row, text in zip(rows, texts, strict=True) if text is None]
        published = [(row["id"], outcome) for (row, _), outcome in zip(ready, outcomes, strict=True)]
        failed += [(id_, outcome.value) for id_, outcome in published if outcome is not SAFE]
        if failed:
            bridge.run(self._put_off(failed), seconds=5)
        return [id_ for id_, outcome in published if outcome is SAFE]

    async def _texts(self, rows: list[asyncpg.Record]) -> Sequence[str | None]:
        """Each envelope as it leaves; on the border signed anew every time, None where its source has no key."""
        if self._lane != "border":
            return [row["envelope"] for row in rows]
        if self._keyring is None:
            raise RuntimeError("nothing is signed without the node's keys: name their file in HANDOFF_NODE_KEYS")
        assert self._connection is not None
        texts = await sign_envelopes(self._keyring, self._connection, [row["envelope"] for row in rows])
        if None in texts:
            log.error("a message has nobody to sign it", extra={"service": self._database.service})
        return texts

    async def _next(self, safe: list[Any]) -> list[asyncpg.Record]:
        assert self._connection is not None
        return list(await self._connection.fetch(CHASSIS["next_batch"], self._lane, BATCH, safe))

    async def _put_off(self, failed: list[tuple[Any, str]]) -> None:
        assert self._connection is not None
        await self._connection.execute(CHASSIS["put_off"], *map(list, zip(*failed, strict=True)))

    async def _elect(self) -> bool:
        # What it repeats is planned once; and a mark that is lost in a crash of the server sends a message once more.
        self._connection = await self._database.connect(plan_cache_mode="force_generic_plan", synchronous_commit="off")
        await self._connection.set_type_codec(
            "jsonb", encoder=json.dumps, decoder=lambda text: text, schema="pg_catalog"
        )
        if not await self._connection.fetchval(CHASSIS["elect"], f"relay {self._name}"):
            return False
        await self._connection.add_listener("outbox", self._heard)
        return True

    async def _resign(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await asyncio.wait_for(connection.close(), 1)
            except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, which: str) -> None:
        if which == self._name:
            self._ring()

    def _ring(self) -> None:
        if not self._wake.ready():
            self._wake.send(None)

    def _rest(self, seconds: float, *, always: bool = False) -> None:
        if always:
            eventlet.sleep(seconds)
            return
        with eventlet.Timeout(seconds, False):
            self._wake.wait()


def _outgoing(lane: str, row: asyncpg.Record, text: str) -> Outgoing:
    return Outgoing(
        message_id=str(row["id"]),
        exchange=lane,
        routing_key=row["routing_key"],
        body=text.encode(),
        headers={"type": row["type"]},
    )
