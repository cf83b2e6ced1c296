"""Somebody who has the files of a database and the key files of today, and opens what keys of records they can."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from services.chassis.trust.vault import Vault
from services.referral.adapters.personal import Side, about_key

#: What is wrapped, as it stands in a row, live or dead, and in the write-ahead log: 32 bytes, a nonce and a tag.
_WRAPPED = re.compile(rb"(?<![a-z0-9-])([a-z0-9-]{1,40}(?:~[0-9a-f]{8}-[0-9]{8})?\.[A-Za-z0-9_-]{80})(?![A-Za-z0-9_-])")


def copied(cluster: Path, to: Path) -> Path:
    """A base backup: the files of the server, without any of the node's keys. What goes meanwhile is left out."""
    shutil.copytree(cluster, to, ignore=shutil.ignore_patterns("postmaster.*"))
    return to


def wrapped_in(folder: Path) -> set[str]:
    """Everything in these files that looks like a wrapped key."""
    found: set[bytes] = set()
    for path in folder.rglob("*"):
        if path.is_file():
            found.update(_WRAPPED.findall(path.read_bytes()))
    return {one.decode() for one in found}


def opened(folder: Path, keys: Vault, sides: Iterable[Side]) -> set[Side]:
    """Whose keys open, of these, with those keys; the side of a contact is its hold."""
    tokens = wrapped_in(folder)
    return {side for side in sides if any(_opens(keys, token, side) for token in tokens)}


def _opens(keys: Vault, token: str, side: Side) -> bool:
    for kind in ("part", "one-time", "contact", "contact-one-time"):
        try:
            keys.records.unwrap(token, about=about_key(kind, side))
        except ValueError:
            continue
        return True
    return False
