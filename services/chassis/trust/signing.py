"""Signatures of border messages: over what, by whom, and whether the signer is the counterpart.

Ed25519 over the whole envelope but `keyid` and `signature`, as JSON with sorted keys, without spaces, in UTF-8, after
a line that says what is signed. A message is proven by a key pinned for (to, source). Two communities that have not
agreed yet have pinned nothing: there the five partnership messages count by the key that a proposal brought.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.border import v1 as border
from contracts.messages import Envelope
from services.chassis.trust import sealing

DOMAIN = b"handoff border message v1\n"
_ABOUT_THE_SIGNATURE = ("keyid", "signature")
#: These bring the key they are signed with.
INTRODUCING = frozenset({border.PartnershipProposed.type, border.PartnershipAgreed.type})
#: These are accepted before a key is pinned, each only if signed with one and the same key.
BETWEEN = INTRODUCING | {border.PartnershipSuspended.type, border.PartnershipEnded.type, border.KeyRotated.type}


class Doubt(ValueError):
    """The message is not verified to come from its source; says why, and quotes nothing of it."""


class NotTheCounterpart(Doubt):
    """It is not signed by the source as `to` knows it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the signer is not the counterpart: {why}")


class NotTheSpeaker(Doubt):
    """It was sent by another service than its speaker, or by nobody that the broker knows."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not said by who may say it: {why}")


class KeyNotKnown(Doubt):
    """It may be verified once the message that brings its key has arrived."""

    def __init__(self) -> None:
        super().__init__("the signer is not the counterpart: its key has not become known")


@dataclass(frozen=True, slots=True)
class Signer:
    """The key by which a message is verified; `pinned` when a person's act has made it the partner's."""

    keyid: str
    public_key: str
    pinned: bool
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key that `to` knows of `source`: `over` once it no longer counts, `root` is the first that it replaces."""

    keyid: str
    public_key: str
    pinned: bool
    root: str
    over: bool

    @property
    def signer(self) -> Signer:
        """The signer that uses it."""
        return Signer(self.keyid, self.public_key, self.pinned, self.root)


def known_keys(rows: Sequence[Mapping[str, Any]] | None) -> list[KnownKey]:
    """The keys as the node's tables tell them."""
    return [KnownKey(**row) for row in rows or ()]


def keyid_of(public_key: str) -> str:
    """The first 96 bits of the SHA-256 of a public key. Raises ValueError when it is no base64url."""
    return sealing.written(hashlib.sha256(sealing.read(public_key)).digest()[:12])


def fingerprint(public_key: str) -> str:
    """The key as people read it to one another."""
    text = hashlib.sha256(sealing.read(public_key)).hexdigest()
    return " ".join(text[n : n + 4] for n in range(0, 20, 4))


def new_signing_key() -> tuple[bytes, str]:
    """A fresh pair: the private key, 32 bytes, and the public one as it is written in messages."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), sealing.written(private.public_key().public_bytes_raw())


def signed_text(content: dict[str, Any]) -> bytes:
    """What the signature of an envelope covers."""
    covered = {name: value for name, value in content.items() if name not in _ABOUT_THE_SIGNATURE}
    return DOMAIN + json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(content: dict[str, Any], keyid: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The envelope with the signature of this key in place of any other."""
    return content | {"keyid": keyid, "signature": sealing.written(key.sign(signed_text(content)))}


def digest(envelope: Envelope, body: bytes) -> bytes:
    """Tells a copy from another message with the same id; a copy that was signed again counts as a copy."""
    return hashlib.sha256(signed_text(json.loads(body)) if envelope.to else body).digest()


def holds(public_key: str, signature: str, text: bytes) -> bool:
    """Whether this key has signed this text."""
    try:
        Ed25519PublicKey.from_public_bytes(sealing.read(public_key)).verify(sealing.read(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def judged(envelope: Envelope, body: bytes, known: Iterable[KnownKey]) -> Signer:
    """Who has signed a border message. Raises NotTheCounterpart, or KeyNotKnown when that may still change."""
    if envelope.keyid is None or envelope.signature is None:
        raise NotTheCounterpart("it is not signed")
    key = _counting(envelope, known).get(envelope.keyid)
    if key is None:
        raise KeyNotKnown
    if not holds(key.public_key, envelope.signature, signed_text(json.loads(body))):
        raise NotTheCounterpart("the signature does not fit")
    if key.over:
        raise NotTheCounterpart("its key counts no more")
    return key.signer


def stream_of_key(stream: str, root: str) -> str:
    """The stream of a key that is not pinned yet, beside the partner's own."""
    return f"{stream}#{root}"


def check_still_counts(envelope: Envelope, known: Iterable[KnownKey]) -> None:
    """Verify again a message that was verified on arrival and has waited since. Raises NotTheCounterpart."""
    if any(key.keyid == envelope.keyid and key.over for key in known):
        raise NotTheCounterpart("its key counts no more")


def signer_of(envelope: Envelope, known: Iterable[KnownKey]) -> Signer | None:
    """Who signed a message that was verified on arrival and has waited since; None where that is not needed."""
    if envelope.type not in BETWEEN:
        return None
    key = next((key for key in known if key.keyid == envelope.keyid), None) or _brought(envelope)
    return key.signer if key else None


def _counting(envelope: Envelope, known: Iterable[KnownKey]) -> dict[str, KnownKey]:
    """The keys that count for this message: those pinned, or before any is, for a word between the two, any."""
    brought, keys = _brought(envelope), {key.keyid: key for key in known}
    pinned = {keyid: key for keyid, key in keys.items() if key.pinned}
    if pinned:
        if brought is not None and (brought.keyid not in pinned or pinned[brought.keyid].over):
            raise NotTheCounterpart("it comes with another key than the one it is known by")
        return pinned
    if envelope.type not in BETWEEN:
        return {}
    return ({brought.keyid: brought} if brought else {}) | keys


def _brought(envelope: Envelope) -> KnownKey | None:
    """The key that an introduction brings; whether its bringer has it is judged with the rest of it."""
    if envelope.type not in INTRODUCING:
        return None
    text = str(envelope.data.get("public_key"))
    try:
        keyid = keyid_of(text)
    except ValueError:
        raise NotTheCounterpart("it brings no key") from None
    return KnownKey(keyid=keyid, public_key=text, pinned=False, root=keyid, over=False)
