"""What is sent to the portal, read within limits whatever its headers promise, and kept in memory while it is read.

Files are not spooled to a disk: that would be done in threads of the standard library, which have no place here.
"""

from __future__ import annotations

from contextlib import aclosing

from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

#: A form of words; one with photos says in its route how much it takes.
WORDS, PHOTOS = 128 * 1024, 8 * 1024 * 1024
MOST_FIELDS, MOST_FILES = 200, 12


class TooLarge(Exception):
    """More is sent than this page takes."""


class Unreadable(Exception):
    """It is no form."""


class InMemory(MultiPartParser):
    """A parser that writes no file, as large as they may be."""

    spool_max_size = PHOTOS + 1


def limited(request: Request, most: int) -> Request:
    """The same request, whose body raises TooLarge at the first byte too many."""
    return Request(request.scope, _counting(request.receive, most))


async def form(request: Request, most: int) -> FormData:
    """The form that was sent; an empty one for anything else. Raises TooLarge or Unreadable."""
    promised = request.headers.get("content-length", "0")
    if not promised.isdecimal() or int(promised) > most:
        raise TooLarge
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return FormData()
    try:
        async with aclosing(request.stream()) as stream:
            limits = {"max_fields": MOST_FIELDS, "max_part_size": most}
            if kind == "multipart/form-data":
                return await InMemory(request.headers, stream, max_files=MOST_FILES, **limits).parse()
            return await FormParser(request.headers, stream, **limits).parse()
    except (MultiPartException, KeyError, UnicodeError) as problem:
        raise Unreadable from problem


def _counting(receive: Receive, most: int) -> Receive:
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge
        return message

    return counted
