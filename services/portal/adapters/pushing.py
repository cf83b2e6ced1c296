"""Web push: a notice, encrypted for one browser (RFC 8291), sent to its push service by a node that it knows (8292)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Mapping

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from services.client import reaching
from services.client.posting import Poster, Unreached
from services.portal.domain.telling import Attempt, Channel, Notice

#: Push services refuse what says that it counts for more than a day.
COUNTS_SECONDS = 12 * 3600
TAKEN, GONE = frozenset({200, 201, 202, 204}), frozenset({404, 410})


class Push:
    """Sends to browsers. `contact` is whom a push service may ask about this node, a URL or `mailto:`."""

    def __init__(self, poster: Poster, key: tuple[bytes, bytes], contact: str) -> None:
        """`key` is the node's public and private one."""
        self._poster, self._public, self._contact = poster, key[0], contact
        private = load_der_private_key(key[1], None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        self._private = private

    async def send(self, channel: Channel, _secret: bytes, notice: Notice) -> Attempt:
        """Send it. A browser that has taken its permission back is gone."""
        try:
            body = encrypted(json.dumps(payload(notice), ensure_ascii=False).encode(), channel)
        except ValueError:
            return Attempt(result="gone", problem="no_key")
        try:
            reply = await self._poster.post(channel.address, self._headers(channel, notice), body)
        except Unreached as problem:
            return Attempt(result="later", problem=str(problem))
        if reply.status in TAKEN:
            return Attempt(result="sent")
        if reply.status in GONE:
            return Attempt(result="gone", problem=reply.problem)
        if reply.status == 429 or reply.status >= 500:
            return Attempt(result="later", problem=reply.problem, after=reply.after)
        return Attempt(result="refused", problem=reply.problem)

    def _headers(self, channel: Channel, notice: Notice) -> Mapping[str, str]:
        return {
            "Authorization": f"vapid t={self._token(channel.address)}, k={written(self._public)}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(notice.seconds, 0)),
            "Urgency": "high",
            "Topic": topic(notice.id),
        }

    def _token(self, endpoint: str) -> str:
        """Says to this push service alone who sends, and for how long that counts."""
        where = reaching.place(endpoint)
        assert where is not None
        usual = where.port == (443 if where.scheme == "https" else 80)
        host = f"[{where.host}]" if ":" in where.host else where.host
        origin = f"{where.scheme}://{host}" + ("" if usual else f":{where.port}")
        claims = {"aud": origin, "exp": int(time.time()) + COUNTS_SECONDS, "sub": self._contact}
        said = ".".join(written(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
        r, s = decode_dss_signature(self._private.sign(said.encode(), ec.ECDSA(SHA256())))
        return f"{said}.{written(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def payload(notice: Notice) -> Mapping[str, str]:
    """What the browser shows; with the same tag it replaces what it showed before."""
    return {
        "title": notice.title,
        "body": notice.text,
        "path": notice.path,
        "tag": topic(notice.id),
        "lang": notice.language,
    }


def encrypted(text: bytes, channel: Channel) -> bytes:
    """For this browser alone. Raises ValueError when its key is none."""
    ours = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(
        text, salt=os.urandom(16), private_key=ours, dh=channel.public, auth_secret=channel.shared, version="aes128gcm"
    )
    return body


def is_key(public: bytes, shared: bytes) -> bool:
    """Whether a browser's key and secret are such."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        return False
    return len(public) == 65 and len(shared) == 16


def topic(notice: str) -> str:
    """By this a push service replaces the same notice that it has not delivered yet."""
    return written(hashlib.sha256(notice.encode()).digest())[:32]


def written(raw: bytes) -> str:
    """As the web writes keys."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
