"""Who is told: a gateway, a push service with a browser behind it, and a mail server, all real, on this loop.

They run on whatever loop the test has, so that they serve tests with the engine and without it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import http_ece
from aiosmtpd.smtp import SMTP, Envelope
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listening:
    """An HTTP server that keeps what it gets."""

    port: int
    got: list[Got] = field(default_factory=list)
    status: int = 200
    #: It takes the request and is silent for so long.
    silent: float = 0.0
    more: str = ""
    connections: int = 0

    @property
    def named(self) -> str:
        """As a node's operator names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        """Where it is."""
        return f"http://{self.named}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.got.append(Got(first.split()[1], headers, body))
            if self.silent:
                await asyncio.sleep(self.silent)
            writer.write(f"HTTP/1.1 {self.status} x\r\n{self.more}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(ssl: Any = None) -> AsyncIterator[Listening]:
    """One of them."""
    one = Listening(0)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0, ssl=ssl)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()


def hook_says(got: Got, secret: str) -> dict[str, Any]:
    """What a gateway reads, once it has verified who speaks. Fails when that is not so."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    signature = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    assert f"v1,{signature}" in got.headers["webhook-signature"].split()
    return dict(json.loads(got.body))


class Browser:
    """Has subscribed, and opens what its push service brings."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._shared = os.urandom(16)

    @property
    def public(self) -> str:
        """Its key, as it says it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).decode().rstrip("=")

    @property
    def shared(self) -> str:
        """What it shares with whoever may send."""
        return base64.urlsafe_b64encode(self._shared).decode().rstrip("=")

    def says(self, got: Got, origin: str, key: str) -> dict[str, Any]:
        """What it shows, once its push service has verified who sends, by the key that it subscribed with."""
        verify_vapid(got, origin, key)
        assert got.headers["content-encoding"] == "aes128gcm"
        assert int(got.headers["ttl"]) > 0
        opened = http_ece.decrypt(got.body, private_key=self._key, auth_secret=self._shared, version="aes128gcm")
        return dict(json.loads(opened))


def verify_vapid(got: Got, origin: str, key: str) -> None:
    """As a push service does. Fails when somebody else sends, or when it was said to another service."""
    scheme, _, rest = got.headers["authorization"].partition(" ")
    parts = dict(each.strip().split("=", 1) for each in rest.split(","))
    assert scheme == "vapid"
    assert parts["k"] == key
    head, claims, signature = parts["t"].split(".")
    raw = _bytes(signature)
    numbers = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(key))
    try:
        public.verify(numbers, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise AssertionError("signed by somebody else") from None
    said = json.loads(_bytes(claims))
    assert json.loads(_bytes(head)) == {"typ": "JWT", "alg": "ES256"}
    assert said["aud"] == origin
    assert said["sub"].startswith(("mailto:", "https:"))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Mailbox:
    """A mail server, and everything that it has taken."""

    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    #: What it says to the next recipients.
    answer: str = ""

    @property
    def mails(self) -> list[EmailMessage]:
        """As a mail program shows them."""
        return [message_from_bytes(each, policy=policy.default) for each in self.raw]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take a recipient, or say why not."""
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        return "250 OK"


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server on this loop."""
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
