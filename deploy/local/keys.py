"""`python -m deploy.local.keys FILE`: make the file of the node's keys where there is none; what is there stays."""

import sys
from pathlib import Path

from deploy.local import secret
from services.chassis.trust.record_keys import shred
from services.chassis.trust.vault import new_line
from services.client.phrases.catalogue import N_
from services.client.problems import Problem

NAME = "node.keys"
_MISSING = N_(
    "The file {file} is missing, and without it what is wrapped in the database cannot be opened: restore it from a "
    "backup."
)


def made(path: Path) -> Path:
    """The file; the first call makes it."""
    if not path.exists():
        secret.write(path, new_line())
    return path


def replace(path: Path, text: str) -> None:
    """Replace the file; its old content is overwritten on the disk."""
    before = path.with_name(f"{path.name}.before")
    if before.exists():  # a replacement was cut: before it was written, or before what it replaced was overwritten
        before.unlink() if before.samefile(path) else shred(before)
    before.hardlink_to(path)
    secret.write(path, text)
    shred(before)


def of_folder(base: Path) -> Path:
    """The keys of a data folder; refused when its database is older than they would be."""
    path = base / NAME
    if (base / "pg").exists() and not path.exists():
        raise Problem(_MISSING, file=path)
    return made(path)


if __name__ == "__main__":
    made(Path(sys.argv[1]))
