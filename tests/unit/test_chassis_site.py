"""Connections that send no whole request keep nobody out; with real sockets, on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.chassis.edge import site
from services.chassis.edge.site import ListenerLimits, Site

HALF_HEAD = b"POST /late HTTP/1.1\r\nHost: x\r\nX-Half: "
HALF_BODY = b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
HALVES = pytest.mark.parametrize("half", [b"", HALF_HEAD, HALF_BODY], ids=["nothing", "half a head", "half a body"])
FLOOD = 500


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


@contextmanager
def flooded(port: int, half: bytes, count: int = FLOOD) -> Iterator[list[socket.socket]]:
    """So many connections that begin a request and do not end it."""
    with ExitStack() as held:
        made = [held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5)) for _ in range(count)]
        for one in made:
            one.sendall(half)
        yield made


async def asked(port: int) -> str:
    """The status line that somebody who asks in earnest is answered with."""
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        line = (await reader.readline()).decode().strip()
        writer.close()
        return line


async def closed(one: socket.socket) -> bool:
    """Whether the other side has ended it, within some seconds."""
    one.setblocking(False)
    try:
        async with asyncio.timeout(10):
            while await asyncio.get_running_loop().sock_recv(one, 4096):
                continue
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def served(story: Callable[[int], Awaitable[None]], **limits: float) -> None:
    """Tell the story with a site on a free port."""

    async def told() -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        routes = [Route("/", answer), Route("/refused", answer, methods=["POST"])]
        served = Site(Starlette(routes=routes), port, limits=ListenerLimits(**limits))  # type: ignore[arg-type] # by name
        await served.start()
        try:
            await story(port)
        finally:
            await served.stop()

    asyncio.run(told())


async def flood(port: int, half: bytes) -> str:
    """What is answered in the midst of the flood."""
    with flooded(port, half):
        return await asked(port)


@HALVES
def test_a_complete_request_is_answered_during_a_flood_of_incomplete_ones(half: bytes) -> None:
    async def story(port: int) -> None:
        assert await flood(port, half) == "HTTP/1.1 200 OK"

    served(story)


@HALVES
def test_control_if_waiting_connections_counted_as_requests_nobody_would_be_answered(
    half: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a listener that counts every connection and lets none give way."""

    def counts_all(connection: H11Protocol) -> None:
        connection.limit_concurrency = FLOOD
        H11Protocol.handle_events(connection)

    monkeypatch.setattr(site._Timely, "handle_events", counts_all)  # noqa: SLF001 - the part that is taken out

    async def story(port: int) -> None:
        assert await flood(port, half) == "HTTP/1.1 503 Service Unavailable"

    served(story, most_waiting=10**6)


def test_of_too_many_waiting_connections_the_oldest_are_closed() -> None:
    async def story(port: int) -> None:
        with flooded(port, HALF_HEAD) as made:
            assert all([await closed(one) for one in made[: FLOOD - ListenerLimits().most_waiting]])
            assert await asked(port) == "HTTP/1.1 200 OK"

    served(story)


@HALVES
def test_a_request_that_does_not_end_is_closed_in_time(half: bytes) -> None:
    async def story(port: int) -> None:
        with flooded(port, half, 3) as made:
            assert [await closed(one) for one in made] == [True] * 3

    served(story, read_seconds=0.3)


@pytest.mark.parametrize("half", [HALF_HEAD, HALF_BODY], ids=["a head", "a body"])
def test_a_request_that_arrives_byte_by_byte_gets_no_extra_time(half: bytes) -> None:
    async def story(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(half)

        async def trickle() -> None:
            while not writer.is_closing():
                writer.write(b"x")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(trickle())
        try:
            async with asyncio.timeout(10):
                await reader.read()
        except ConnectionError:
            pass
        finally:
            dripping.cancel()
            writer.close()

    served(story, read_seconds=0.5)


def test_requests_one_after_the_other_on_one_connection_each_have_their_time() -> None:
    async def story(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(10):
                assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200 OK")
        writer.close()

    served(story, most_waiting=1)


def test_a_request_that_comes_in_the_midst_of_the_flood_is_read_before_anybody_gives_way() -> None:
    async def story(port: int) -> None:
        with flooded(port, HALF_HEAD, 50), socket.create_connection(("127.0.0.1", port)) as earnest:
            earnest.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            with flooded(port, HALF_HEAD, 400):  # the site has accepted none of all these yet
                reader, writer = await asyncio.open_connection(sock=earnest.dup())
                async with asyncio.timeout(10):
                    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
                writer.close()

    served(story)
