"""Base45 (RFC 9285): bytes in the signs that a QR code packs most tightly."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_WORTH: Mapping[str, int] = {sign: worth for worth, sign in enumerate(SIGNS)}


def written(raw: bytes) -> str:
    """Two bytes in three signs, a last single one in two."""
    pairs = struct.unpack(f">{len(raw) // 2}H", raw[: len(raw) // 2 * 2])
    signs = [SIGNS[pair % 45] + SIGNS[pair // 45 % 45] + SIGNS[pair // 2025] for pair in pairs]
    if len(raw) % 2:
        signs.append(SIGNS[raw[-1] % 45] + SIGNS[raw[-1] // 45])
    return "".join(signs)


def read(text: str) -> bytes:
    """The bytes. Raises ValueError for other signs, for a length and for a number that no bytes are written with."""
    try:
        worths = [_WORTH[sign] for sign in text]
        whole = len(worths) // 3 * 3
        pairs = [a + 45 * b + 2025 * c for a, b, c in zip(*(worths[n:whole:3] for n in range(3)), strict=True)]
        rest = worths[whole:]
        last = bytes([rest[0] + 45 * rest[1]]) if rest else b""
        return struct.pack(f">{len(pairs)}H", *pairs) + last
    except (LookupError, ValueError, struct.error):
        raise ValueError("this is not Base45") from None
