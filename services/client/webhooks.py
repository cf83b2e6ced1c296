"""Standard Webhooks: how what a node sends is signed, so that whoever gets it knows who sends."""

from __future__ import annotations

import base64
import hashlib
import hmac

SECRET_BYTES = 32


def signed(secret: bytes, id_: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows who sends, and what it has had already."""
    digest = hmac.new(secret, f"{id_}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id_, "webhook-timestamp": str(at), "webhook-signature": signature}


def written(secret: bytes) -> str:
    """The secret as receivers take it."""
    return f"whsec_{base64.b64encode(secret).decode()}"
