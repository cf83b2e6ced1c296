"""The record keys: what the keys of personal parts are wrapped with, in a folder outside of the database.

A file holds one key; its name is `lineage-number`, and the highest number wraps. A renewal makes the next one,
wraps everything that is still stored anew, and destroys the others: dead rows, the write-ahead log and copies of the
database then hold only data under keys that no longer exist.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{8}-[0-9]{8}")
_BYTES = 32
#: An empty file of this name says that the keys are lost for good, and that the node is to go on without them.
LOST = "lost"


class RecordKeys:
    """The folder. Every process of a node sees the same one, without delay."""

    def __init__(self, folder: Path) -> None:
        """Touches nothing yet."""
        self.folder = folder
        self._names: frozenset[str] = frozenset()
        self._held: dict[str, bytes] = {}

    def held(self) -> dict[str, bytes]:
        """Every key by its id, the newest first. Raises ValueError that names the folder."""
        try:
            names = frozenset(name for name in os.listdir(self.folder) if _NAME.fullmatch(name))  # noqa: PTH208 - names only, at each use
            if names != self._names:
                if stat.S_IMODE(self.folder.stat().st_mode) & 0o077:
                    raise ValueError(f"{self.folder}: others may read the record keys: chmod 700 it")
                self._held, self._names = self._read(names), names
        except FileNotFoundError:
            self._held, self._names = {}, frozenset()
        except OSError as problem:
            raise ValueError(f"{self.folder}: the record keys cannot be read: {type(problem).__name__}") from problem
        return self._held

    @property
    def newest(self) -> str:
        """The id of the key that wraps. Raises ValueError when there is none."""
        if not (held := self.held()):
            raise ValueError(f"{self.folder} holds no record key: put the folder back as it was")
        return next(iter(held))

    def renew(self) -> str:
        """Make the next key, or the first; it is on the disk when this returns. Raises OSError."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync(self.folder.parent)
        self.folder.chmod(0o700)  # somebody may have made it by hand
        held = self.held()
        lineage, _, number = next(iter(held), f"{os.urandom(4).hex()}-00000000").partition("-")
        name = f"{lineage}-{int(number) + 1:08}"
        fresh = self.folder / f"{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.folder / name)
        sync(self.folder)
        return name

    def destroy_before(self, keyid: str) -> int:
        """Overwrite and remove every key that is older than this one; returns how many are gone. Raises OSError."""
        made = [path for path in self.folder.iterdir() if _NAME.fullmatch(path.stem)]
        older = [path for path in made if _age(path.stem) < _age(keyid)]
        for path in older:
            shred(path)
        sync(self.folder)
        return len(older)

    def given_up(self) -> bool:
        """Whether somebody has declared the keys lost for good; the mark is removed once it has been read."""
        with suppress(FileNotFoundError):
            (self.folder / LOST).unlink()
            return True
        return False

    def _read(self, names: frozenset[str]) -> dict[str, bytes]:
        newest_first = sorted(names, key=_age, reverse=True)
        held: dict[str, bytes] = {}
        for name in newest_first:
            with suppress(FileNotFoundError):  # another process destroys it just now; the others are there
                held[name] = (self.folder / name).read_bytes()
        # One that was overwritten and not yet removed is gone.
        return {name: key for name, key in held.items() if len(key) == _BYTES and any(key)}


def number_of(keyid: str) -> int:
    """How many keys of its lineage there have been with it."""
    return int(keyid.partition("-")[2])


def _age(keyid: str) -> tuple[int, str]:
    return number_of(keyid), keyid


def lineage_of(keyid: str) -> str:
    """What is the same in every key of one folder."""
    return keyid.partition("-")[0]


def sync(folder: Path) -> None:
    """Sync a folder: files made, renamed or removed in it are so on the disk when this returns. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def shred(path: Path) -> None:
    """Overwrite a small file in its place, and remove it. Raises OSError."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
