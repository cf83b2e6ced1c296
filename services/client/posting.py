"""Sends over HTTP to addresses that people name, and only to those of the public internet.

The name is looked up once, what it stands for is judged, and exactly that is connected to: a name that changes its
mind in between reaches nothing else. No redirect is followed, no proxy asked, and of the answer only the status read.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import certifi
import httpx

from services.chassis.runtime.resolving import addresses
from services.client import reaching

#: These write down every address that is sent to, which is a person's.
for _talkative in ("httpx", "httpcore"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)
#: For all of it; for the name; for one address of it.
SECONDS, NAME_SECONDS, CONNECT_SECONDS = 10.0, 4.0, 4.0
#: So many addresses of one name are tried.
MOST_ADDRESSES = 3
#: A receiver that asks for a longer pause is asked again after this.
LONGEST_PAUSE = timedelta(hours=6)


class Unreached(Exception):
    """Nothing was answered. Its text is a code, and never an address."""


@dataclass(frozen=True)
class Reply:
    """What somebody answered."""

    status: int
    after: timedelta

    @property
    def problem(self) -> str:
        """As a code."""
        return f"http_{self.status}"


class Poster:
    """Posts. `private` are the receivers, `host:port`, that the node's operator allows although they are not public."""

    def __init__(self, private: Collection[str] = ()) -> None:
        self._private = private

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post it once, within SECONDS. Raises Unreached."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._posted(url, headers, body)
        except TimeoutError as problem:
            raise Unreached("timeout") from problem

    async def _posted(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        where = reaching.place(url)
        if where is None or not reaching.may_be_asked(where, self._private):
            raise Unreached("not_public")
        problem = "unreachable"
        for address in (await self._found(where))[:MOST_ADDRESSES]:
            try:
                return await _sent(url, where.host, address, headers, body)
            except httpx.ConnectTimeout:
                problem = "timeout"
            except httpx.ConnectError:
                problem = "unreachable"
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as failed:
                raise Unreached("unreachable") from failed
        raise Unreached(problem)

    async def _found(self, where: reaching.Place) -> Sequence[str]:
        """What the name stands for now; refused as a whole if any of it is not public."""
        try:
            found = await addresses(where.host, where.port, seconds=NAME_SECONDS)
        except OSError as problem:  # TimeoutError is one as well
            raise Unreached("no_such_name") from problem
        if where.named not in self._private and not all(map(reaching.may_be_reached, found)):
            raise Unreached("not_public")
        return found


async def _sent(url: str, host: str, address: str, headers: Mapping[str, str], body: bytes) -> Reply:
    # `close`: the look at whether an idle connection is still alive is one that must not be taken on this loop.
    whole = {"Host": httpx.URL(url).netloc.decode(), "Connection": "close", "User-Agent": "handoff", **headers}
    timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(verify=tls(), trust_env=False, follow_redirects=False, timeout=timeout) as client:
        to = httpx.URL(url).copy_with(host=address)
        extensions = {"sni_hostname": host}
        async with client.stream("POST", to, content=body, headers=whole, extensions=extensions) as response:
            return Reply(response.status_code, _pause(response.headers.get("retry-after", "")))


@cache
def tls() -> ssl.SSLContext:
    """Trusts whom the system trusts, and the usual authorities where it names none."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _pause(said: str) -> timedelta:
    seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
    return min(timedelta(seconds=seconds), LONGEST_PAUSE)
