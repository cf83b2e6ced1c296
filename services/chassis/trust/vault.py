"""Wraps the keys that a service stores, with keys of the node that are never in the database.

The file holds one key a line, `keyid base64`, the newest first: the newest wraps, any of them unwraps. The database
alone, or a backup of it, opens nothing. The file is read again when it has changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.chassis.trust import sealing
from services.chassis.trust.record_keys import RecordKeys

_LINE = re.compile(r"([a-z0-9-]{1,40}) ([A-Za-z0-9+/]{43}=)")
_NONCE = 12


class Unopened(ValueError):
    """The key is held, and what is wrapped does not open with it."""


class Vault:
    """The node's keys. What is wrapped is text, `keyid.base64url`: which key it needs can be read from it."""

    def __init__(self, path: Path, records: Path | None = None) -> None:
        """Read the file. Raises ValueError that names the file and says what to do.

        `records` is the folder of the record keys; without one, `records` wraps as the node does.
        """
        self.path = path
        self._changed: tuple[int, ...] = ()
        self._keys: dict[str, bytes] = {}
        self._refresh()
        self.record_keys = RecordKeys(records) if records else None
        #: Wraps what an erasure destroys.
        self.records: Vault | RecordVault = RecordVault(self, self.record_keys) if self.record_keys else self

    @property
    def keys(self) -> dict[str, bytes]:
        """Every key that is held by its id, the newest first."""
        self._refresh()
        return self._keys

    @property
    def newest(self) -> str:
        """The id of the key that wraps."""
        return next(iter(self.keys))

    @property
    def older(self) -> Sequence[str]:
        """The ids of the other keys: what they wrap opens, and is to be wrapped anew."""
        return [*self.keys][1:]

    def fingerprint(self, keyid: str) -> str:
        """Identifies a key without revealing it."""
        return hashlib.sha256(b"handoff node key v1|" + self.keys[keyid]).hexdigest()

    def wrap(self, secret: bytes, *, about: str) -> str:
        """Wrap a key or another short secret; `about` says what it is and whose, and is needed again."""
        keyid = self.newest
        return f"{keyid}.{_locked(self._keys[keyid], secret, about)}"

    def unwrap(self, wrapped: str, *, about: str) -> bytes:
        """What was wrapped. Raises ValueError, which quotes nothing, when the key is gone or it is about another."""
        keyid, _, text = wrapped.partition(".")
        if keyid not in self.keys:
            raise ValueError(f"{self.path} does not hold the node key {keyid}: put it back from a backup")
        return _opened(self._keys[keyid], text, about)

    def marks(self, text: bytes, *, about: str) -> Sequence[bytes]:
        """What stands for a text, by each key, the newest first; whoever has no key cannot try out what it was."""
        keys = (_derived(key, about) for key in self.keys.values())
        return [hmac.digest(key, text, "sha256") for key in keys]

    def _refresh(self) -> None:
        try:
            state = self.path.stat()
            if (seen := (state.st_mtime_ns, state.st_ino, state.st_size)) == self._changed:
                return
            text = self.path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(f"{self.path}: the node's keys cannot be read: {type(problem).__name__}") from problem
        if stat.S_IMODE(state.st_mode) & 0o077:
            raise ValueError(f"{self.path}: others may read the node's keys: chmod 600 it")
        self._keys, self._changed = _keys(self.path, text), seen


class RecordVault:
    """Wraps the keys of records with a key of the node and a record key together; neither opens anything alone.

    The id of such a pair is `node key~record key`. What was wrapped by the node's alone, before there were record
    keys, opens too.
    """

    def __init__(self, node: Vault, records: RecordKeys) -> None:
        self._node = node
        self._records = records

    @property
    def newest(self) -> str:
        """The id of the pair that wraps."""
        return f"{self._node.newest}~{self._records.newest}"

    @property
    def older(self) -> Sequence[str]:
        """Every other id whose wrapping opens: what they wrap is to be wrapped anew."""
        pairs = [f"{node}~{record}" for node in self._node.keys for record in self._records.held()]
        return [*self._node.keys, *(pair for pair in pairs if pair != self.newest)]

    def wrap(self, secret: bytes, *, about: str) -> str:
        """As `Vault.wrap`. The transaction that keeps it holds the record keys, see `UnitOfWork.hold_record_keys`."""
        pair = self.newest
        return f"{pair}.{_locked(self._key(pair), secret, about)}"

    def unwrap(self, wrapped: str, *, about: str) -> bytes:
        """As `Vault.unwrap`."""
        pair, _, text = wrapped.partition(".")
        return _opened(self._key(pair), text, about) if "~" in pair else self._node.unwrap(wrapped, about=about)

    def _key(self, pair: str) -> bytes:
        node, _, record = pair.partition("~")
        if node not in self._node.keys:
            raise ValueError(f"{self._node.path} does not hold the node key {node}: put it back from a backup")
        if record not in (held := self._records.held()):
            raise ValueError(f"the record key {record} is destroyed or lost: nothing under it opens any more")
        secret = self._node.keys[node] + held[record]
        return HKDF(SHA256(), 32, salt=None, info=b"handoff record key v1").derive(secret)


def new_line() -> str:
    """A fresh node key as a line of the file, without its end."""
    return f"{os.urandom(4).hex()} {base64.b64encode(os.urandom(32)).decode()}"


def _derived(key: bytes, about: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"handoff mark v1|" + about.encode()).derive(key)


def _locked(key: bytes, secret: bytes, about: str) -> str:
    nonce = os.urandom(_NONCE)
    return sealing.written(nonce + AESGCM(key).encrypt(nonce, secret, about.encode()))


def _opened(key: bytes, text: str, about: str) -> bytes:
    try:
        raw = sealing.read(text)
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], about.encode())
    except (InvalidTag, ValueError) as problem:
        raise Unopened("what is wrapped does not open: it was changed, or is about something else") from problem


def _keys(path: Path, text: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = _LINE.fullmatch(line)
        if parts is None or parts[1] in found:
            raise ValueError(f"{path}: line {number} is not `keyid base64` with an id of its own and 32 bytes")
        try:
            found[parts[1]] = base64.b64decode(parts[2], validate=True)
        except (binascii.Error, ValueError) as problem:
            raise ValueError(f"{path}: line {number} holds no key of 32 bytes") from problem
    if not found:
        raise ValueError(f"{path}: there is no node key in it: put it back from a backup")
    return found
