"""A client of the local API for load: asyncio, connections kept open, so that the load itself costs little."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any


class FastClient:
    """At most `width` requests at once, each on a connection of its own."""

    def __init__(self, port: int, token: str, width: int = 32) -> None:
        self._port = port
        self._head = f"Host: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._idle: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None] = asyncio.LifoQueue()
        for _ in range(width):
            self._idle.put_nowait(None)

    async def ask(self, name: str, fields: dict[str, Any], acting: str | None = None, service: str = "") -> Any:
        """The result; raises RuntimeError with the refusal."""
        link = await self._idle.get()
        if link is None or link[0].at_eof():  # a node closes what has been idle for some seconds
            link = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            answer = await self._exchange(link, name, fields, acting, service)
        except BaseException:
            link[1].close()
            self._idle.put_nowait(None)
            raise
        self._idle.put_nowait(link)
        if answer.get("refusal"):
            raise RuntimeError(f"{name}: {answer['refusal']}")
        return answer["result"]

    async def _exchange(
        self,
        link: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        name: str,
        fields: dict[str, Any],
        acting: str | None,
        service: str,
    ) -> Any:
        reader, writer = link
        body = json.dumps(fields).encode()
        head = f"POST /ask/{name}.v1{f'?service={service}' if service else ''} HTTP/1.1\r\n{self._head}"
        head += f"Handoff-Id: {uuid.uuid4()}\r\nHandoff-Deadline: 20\r\nContent-Length: {len(body)}\r\n"
        head += f"Handoff-As: {acting}\r\n" if acting else ""
        writer.write(head.encode() + b"\r\n" + body)
        length = 0
        while (line := await reader.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(await reader.readexactly(length))

    async def close(self) -> None:
        """Close what is idle."""
        while not self._idle.empty():
            if link := self._idle.get_nowait():
                link[1].close()
