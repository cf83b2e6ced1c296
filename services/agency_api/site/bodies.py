"""A request's body, read whole before anything is decided: within a limit, and once for whoever asks for it later."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Message, Receive

#: Two hundred guests with all that OCTO lets an agency tell of each.
MOST_BYTES = 256 * 1024


#: How an e-mail address is written.
EMAIL = r"^[A-Za-z0-9._%+'-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}$"
#: What whoever sends a body as something else is told.
SEND_JSON = "send the body as application/json"


def is_untyped(headers: Headers) -> bool:
    """Whether the body is not said to be JSON, so that nobody reads it as such."""
    named = headers.get("content-type", "").partition(";")[0].strip().lower()
    return named != "application/json" and not (named.startswith("application/") and named.endswith("+json"))


class TooLarge(Exception):
    """More is sent than any operation takes."""


async def whole(headers: Headers, receive: Receive) -> Receive:
    """What to receive instead: the body in one piece. Raises TooLarge as soon as it is clear."""
    promised = headers.get("content-length", "0")
    if not promised.isdecimal() or int(promised) > MOST_BYTES:
        raise TooLarge
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise TooLarge
        if not message.get("more_body"):
            return _once(body, receive)
    return _first(message, receive)


def _once(body: bytes, receive: Receive) -> Receive:
    return _first({"type": "http.request", "body": body, "more_body": False}, receive)


def _first(message: Message, receive: Receive) -> Receive:
    left = [message]

    async def received() -> Message:
        return left.pop() if left else await receive()

    return received
