"""Seals bytes to one X25519 key, for one purpose: HPKE, RFC 9180, base mode, HKDF-SHA256, AES-256-GCM.

The sealing side keeps nothing that opens it again. `about` says what it is sealed for and to whom; it is not sent, and
what was sealed about something else does not open.
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
#: Padding, so that lengths do not reveal names: spaces up to a multiple of this.
BLOCK = 512


def new_key() -> tuple[bytes, str]:
    """A fresh pair: the private key, 32 bytes, and the public one as it is written in messages."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), written(private.public_key().public_bytes_raw())


def seal(text: bytes, *, to: str, about: str) -> str:
    """Seal JSON to a public key. Raises ValueError when it is no key."""
    filled = text + b" " * (-len(text) % BLOCK)
    return written(SUITE.encrypt(filled, X25519PublicKey.from_public_bytes(read(to)), info=about.encode()))


def opened(sealed: str, *, private: bytes, about: str) -> bytes:
    """What was sealed. Raises ValueError, which quotes nothing, when it is not for this key or about something else."""
    try:
        key = X25519PrivateKey.from_private_bytes(private)
        return SUITE.decrypt(read(sealed), key, info=about.encode()).rstrip(b" ")
    except (InvalidTag, ValueError) as problem:
        raise ValueError("what is sealed does not open: it is for another key, or about something else") from problem


def for_room(referral_id: str, community: str) -> str:
    """What the personal part of a handoff is sealed for: that community's personal room."""
    return f"handoff personal part v1|{referral_id}|{community}"


def for_contacts(hold_id: str, community: str) -> str:
    """What the contact of an agency's hold is sealed for: that community's personal room."""
    return f"handoff contact v1|{hold_id}|{community}"


def for_contact_reader(hold_id: str, community: str) -> str:
    """What an answer with a contact is sealed for: the edge at which somebody of that community reads."""
    return f"handoff contact read v1|{hold_id}|{community}"


def for_reader(referral_id: str, community: str) -> str:
    """What an answer is sealed for: the edge at which somebody of that community reads."""
    return f"handoff reading v1|{referral_id}|{community}"


def written(raw: bytes) -> str:
    """base64url without padding, as in every contract."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """The bytes of base64url without padding. Raises ValueError when it is not that."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
