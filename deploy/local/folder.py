"""The node's data folder: where it lies, that it is ours, and that one node at a time uses it."""

import fcntl
import os
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

from services.client.phrases.catalogue import N_
from services.client.problems import Problem

FORMAT = "1"
_UNUSABLE = N_("The data folder {folder} cannot be used: {reason}. Choose another with --data DIR.")
_IN_USE = N_(
    "A node runs on the data folder {folder} already: it is in use by the node with process number {holder}. Work with "
    "that one, stop it first, or choose another folder with --data DIR."
)
_NO_NODES_FOLDER = N_(
    "The folder {folder} is not empty and is not a node's data folder. Choose another with --data DIR."
)
_OTHER_FORMAT = N_(
    "The data folder {folder} has format {found}, and this version reads format {known}. Run the version that wrote "
    "it, or choose another folder with --data DIR."
)


@dataclass(frozen=True)
class DataFolder:
    """A claimed data folder: while it is claimed, no other node can start on it. The claim ends with the process."""

    path: Path
    _claim: TextIOWrapper

    def release(self) -> None:
        """Let another node have the folder; call it after everything that lives in the folder has stopped."""
        self._claim.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def claim(path: Path) -> DataFolder:
    """Make the folder when it is missing, refuse what is not ours or is in use, and hold it."""
    path = path.absolute()
    try:
        _make(path)
        path = path.resolve()
        lock = _locked(path)
        try:
            _check_format(path)
        except BaseException:
            lock.close()
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Problem(_UNUSABLE, folder=path, reason=reason) from error
    return DataFolder(path, lock)


def _make(path: Path) -> None:
    """Make it and its missing parents; whatever the umask, root's stay open to the account of PostgreSQL."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)


def _locked(path: Path) -> TextIOWrapper:
    lock = (path / "node.lock").open("a+")
    os.fchmod(lock.fileno(), 0o600)  # whoever can open it can hold it
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise Problem(_IN_USE, folder=path, holder=holder) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _check_format(path: Path) -> None:
    mark = path / "format"
    try:
        found = mark.read_text().strip()
    except FileNotFoundError:
        if any(entry.name not in {"node.lock", "format.new", "lost+found"} for entry in path.iterdir()):
            raise Problem(_NO_NODES_FOLDER, folder=path) from None
        fresh = path / "format.new"
        fresh.write_text(f"{FORMAT}\n")
        fresh.rename(mark)
        return
    if found != FORMAT:
        raise Problem(_OTHER_FORMAT, folder=path, found=found, known=FORMAT)
