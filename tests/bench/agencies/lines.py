"""HTTP for load that costs little: requests are made before, answers are cut from the stream and not looked at."""

from __future__ import annotations

import asyncio
import json
from typing import Any

IN_PIECES, END = -1, b"\r\n0\r\n\r\n"


class Line(asyncio.Protocol):
    """One connection that stays open, with one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._got = bytearray()
        self._whole = self._head = 0
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be asked on."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Some of an answer."""
        self._got += data
        if not self._whole and not self._measured():
            return
        if self._is_whole() and self._answer is not None and not self._answer.done():
            self._answer.set_result((int(self._got[9:12]), bytes(self._got[self._head :])))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits learns of it."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(str(exc or "the node closed the connection")))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. Raises ConnectionError."""
        assert self._transport is not None
        self._got.clear()
        self._whole = 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _measured(self) -> bool:
        """Whether the head is there, which says how long the whole is."""
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._got[:end]).lower()
        self._head = end + 4
        _, _, length = head.partition(b"\r\ncontent-length:")
        self._whole = self._head + int(length.partition(b"\r\n")[0]) if length else IN_PIECES
        return True

    def _is_whole(self) -> bool:
        """Pieces end with an empty one; JSON has no line ends that could look like it."""
        return self._got.endswith(END) if self._whole == IN_PIECES else len(self._got) >= self._whole


class Lines:
    """At most `most` requests at once to one port of this machine; a connection is used again as soon as it is free."""

    def __init__(self, port: int, most: int = 128) -> None:
        self._port = port
        self._turn = asyncio.Semaphore(most)
        self._idle: list[Line] = []

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        async with self._turn:
            line = self._idle.pop() if self._idle else None
            if line is None or not line.is_open:  # a node closes what has been idle for some seconds
                _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", self._port)
            answer = await line.ask(request)
            self._idle.append(line)
            return answer

    def close(self) -> None:
        """Hang up everywhere."""
        while self._idle:
            self._idle.pop().close()


def request(method: str, path: str, key: str, body: Any = None, capabilities: str = "") -> bytes:
    """A request as an agency's software sends it."""
    sent = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Octo-Capabilities: {capabilities}\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent
