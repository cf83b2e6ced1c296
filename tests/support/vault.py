"""A vault for tests: always the same node keys, in a file of this process's own."""

import functools
import tempfile
from pathlib import Path

from services.chassis.trust.vault import Vault

#: The newest first.
LINES = (
    "test-new AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "test-old //79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
)


def write(path: Path, *lines: str) -> Path:
    """A file of node keys as a node would keep it."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{line}\n" for line in lines or LINES))
    return path


@functools.cache
def node_keys() -> Path:
    """The file; it ends with the machine's temporary folder."""
    return write(Path(tempfile.mkdtemp(prefix="handoff-test-keys-")) / "node.keys")


@functools.cache
def vault() -> Vault:
    """The test's vault, to be given to `Store(url, work, vault=vault())`."""
    return Vault(node_keys())
