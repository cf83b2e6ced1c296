"""Codes that are given to somebody once, on paper or by word of mouth; what is kept and sent of them is a digest."""

from __future__ import annotations

import hashlib
import secrets

#: Signs of a code that is read out and typed: none that looks like another. Ten of them are 49 bits.
SIGNS, LENGTH = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 10


def new_code() -> str:
    """A code that nobody has seen."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def spelled(code: str) -> str:
    """As it is read."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def bare(code: str) -> str:
    """As it is meant, however it is typed."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def digest(code: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(bare(code).encode()).digest()
