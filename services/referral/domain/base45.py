"""Base45 (RFC 9285): bytes in the signs that a QR code packs most tightly."""

from __future__ import annotations

from collections.abc import Mapping

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_WORTH: Mapping[str, int] = {sign: worth for worth, sign in enumerate(SIGNS)}


def written(raw: bytes) -> str:
    """Two bytes in three signs, a last single one in two."""
    signs = []
    for start in range(0, len(raw), 2):
        pair = raw[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, worth = divmod(value, 45)
            signs.append(SIGNS[worth])
    return "".join(signs)


def read(text: str) -> bytes:
    """The bytes. Raises ValueError for other signs, for a length and for a number that no bytes are written with."""
    if len(text) % 3 == 1 or not all(sign in _WORTH for sign in text):
        raise ValueError("this is not Base45")
    raw = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        value = sum(_WORTH[sign] * 45**place for place, sign in enumerate(group))
        if value >= 256 ** (len(group) - 1):
            raise ValueError("this is not Base45")
        raw += value.to_bytes(len(group) - 1, "big")
    return bytes(raw)
