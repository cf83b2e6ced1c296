"""Wraps the keys that a service writes down, with keys of the node that never enter the database.

The file holds one key a line, `keyid base64`, the newest first: the newest wraps, any of them unwraps. Whoever has
the database alone, or a backup of it, opens nothing. The file is read again when it has changed.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis import sealing

_LINE = re.compile(r"([a-z0-9-]{1,40}) ([A-Za-z0-9+/]{43}=)")
_NONCE = 12


class Vault:
    """The node's keys. What is wrapped is text, `keyid.base64url`: which key it needs can be read from it."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises ValueError that names the file and says what to do."""
        self._path = path
        self._changed = -1
        self._keys: dict[str, AESGCM] = {}
        self._refresh()

    @property
    def newest(self) -> str:
        """The id of the key that wraps."""
        self._refresh()
        return next(iter(self._keys))

    def wrap(self, secret: bytes, *, about: str) -> str:
        """Wrap a key or another short secret; `about` says what it is and whose, and is needed again."""
        keyid, nonce = self.newest, os.urandom(_NONCE)
        return f"{keyid}.{sealing.written(nonce + self._keys[keyid].encrypt(nonce, secret, about.encode()))}"

    def unwrap(self, wrapped: str, *, about: str) -> bytes:
        """What was wrapped. Raises ValueError, which quotes nothing, when the key is gone or it is about another."""
        keyid, _, text = wrapped.partition(".")
        self._refresh()
        if keyid not in self._keys:
            raise ValueError(f"{self._path} does not hold the node key {keyid}: put it back from a backup")
        raw = sealing.read(text)
        try:
            return self._keys[keyid].decrypt(raw[:_NONCE], raw[_NONCE:], about.encode())
        except InvalidTag as problem:
            raise ValueError("what is wrapped does not open: it was changed, or is about something else") from problem

    def _refresh(self) -> None:
        try:
            state = self._path.stat()
            if state.st_mtime_ns == self._changed:
                return
            text = self._path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(f"{self._path}: the node's keys cannot be read: {type(problem).__name__}") from problem
        if stat.S_IMODE(state.st_mode) & 0o077:
            raise ValueError(f"{self._path}: others may read the node's keys: chmod 600 it")
        self._keys, self._changed = _keys(self._path, text), state.st_mtime_ns


def new_line() -> str:
    """A fresh node key as a line of the file, without its end."""
    return f"{os.urandom(4).hex()} {base64.b64encode(os.urandom(32)).decode()}"


def _keys(path: Path, text: str) -> dict[str, AESGCM]:
    found: dict[str, AESGCM] = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = _LINE.fullmatch(line)
        if parts is None or parts[1] in found:
            raise ValueError(f"{path}: line {number} is not `keyid base64` with an id of its own and 32 bytes")
        try:
            found[parts[1]] = AESGCM(base64.b64decode(parts[2], validate=True))
        except (binascii.Error, ValueError) as problem:
            raise ValueError(f"{path}: line {number} holds no key of 32 bytes") from problem
    if not found:
        raise ValueError(f"{path}: there is no node key in it: put it back from a backup")
    return found
