"""Secrets that a node makes for itself and keeps in files that only their owner reads."""

import contextlib
import os
import secrets
from pathlib import Path


def kept(path: Path) -> str:
    """Return the secret in the file; the first call makes both."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    write(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def write(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all, and not lost in a power cut."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - mode at birth
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # else a power cut may bring the old file back
    finally:
        os.close(folder)
