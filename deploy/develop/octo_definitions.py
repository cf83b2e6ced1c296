"""OCTO's own definitions for the tests: the npm package that a lock names, in a folder of the cache, never in here."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from services.client.problems import Problem

#: What is installed, with the digest of every package: `npm install --package-lock-only` there makes the lock anew.
NAMED = Path(__file__).resolve().parents[2] / "tests" / "support" / "octo"
FILES = ("package.json", "package-lock.json")
#: Long for 8 MB, short enough to be told before anybody gives up.
LONGEST_SECONDS = 300.0


def provide(named: Path = NAMED) -> Path:
    """Return the folder that has the packages, installed once for each lock. Raises Problem with npm's own words."""
    digest = hashlib.sha256(b"".join((named / name).read_bytes() for name in FILES)).hexdigest()
    folder = _cache() / f"octo-{digest[:16]}"
    if (folder / "stamp").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two runs at once take turns
        if not (folder / "stamp").exists():
            _install(named, folder)
    return folder


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "handoff"


def _install(named: Path, folder: Path) -> None:
    """Packages run nothing of their own while they are installed."""
    print(f"handoff: installing OCTO's definitions into {folder} (once; about 25 MB)", file=sys.stderr, flush=True)
    for name in FILES:
        shutil.copy(named / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        ended = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
        said = ended.stderr.strip() if ended.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if said:
        raise Problem(
            f"npm could not install OCTO's definitions, and the tests of tests/octo need them: {said[-600:]}\n"
            "Connect this machine to npm's registry (npm_config_registry names another), or run with --without-octo."
        )
    (folder / "stamp").touch()
