"""Make the virtual environment when it is missing or out of date, then become the command line.

Runs before anything is installed: the standard library only. A set-up is complete once its stamp is written,
which is its last step; one that was interrupted has no stamp and is repeated. Two starts at once take turns.
"""

import configparser
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TextIO

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
# For a Python without ensurepip and a machine without pip: Debian and Ubuntu cut both out of their python3.
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
OUT_OF_REACH = (
    "Failed to establish a new connection|Max retries exceeded|[Nn]ame resolution|Name or service not known|timed out|"
    "Network is unreachable|Connection refused|dns error|error sending request|nodename nor servname|ProxyError"
)
TROUBLES = {
    "No space left on device|Disk quota exceeded": "the disk is full: free about 300 MB and try again",
    "DO NOT MATCH THE HASHES|[Hh]ash mismatch": "a downloaded package is not the one this version was tested with: "
    "try again, or ask whoever runs the package index",
    "CERTIFICATE_VERIFY_FAILED|certificate verify failed|UnknownIssuer": "the certificate of the "
    "package index is not trusted here: name its authority with SSL_CERT_FILE and PIP_CERT",
    OUT_OF_REACH: "the package index is out of reach, and the first start needs it: connect this machine "
    "to the network, or set PIP_INDEX_URL to an index of your own",
    "Permission denied|Read-only file system": "a file cannot be written: see above which",
}
#: How the lines begin by which uv and pip say what they are at.
STEPS = ("Collecting", "Installing", "Resolved", "Prepared", "Installed")
#: Seconds between two lines of progress where a line cannot be written anew.
NOW_AND_THEN = 15.0


class SetupFailed(Exception):
    """Its text is one sentence for the person at the keyboard."""


class Progress:
    """What a step is at: on a terminal one line that is written anew, elsewhere a line now and then."""

    def __init__(self, to: TextIO) -> None:
        self._to, self._count, self._told = to, 0, float("-inf")

    def tell(self, step: str, now: float) -> None:
        """Show a step; `now` is in seconds of any clock that does not go back."""
        self._count += 1
        line = f"  {self._count}: {step}"[:76]
        if self._to.isatty():
            print(f"\r\x1b[K{line}", end="", file=self._to, flush=True)
        elif now - self._told >= NOW_AND_THEN:
            self._told = now
            print(line, file=self._to, flush=True)

    def end(self) -> None:
        """Clear the line, for what is said next."""
        if self._count and self._to.isatty():
            print("\r\x1b[K", end="", file=self._to, flush=True)


def main() -> NoReturn:
    """Called by `handoff` with a Python that is new enough."""
    try:
        venv = _ready_venv()
    except SetupFailed as problem:
        _fail(str(problem))
    except OSError as error:
        _fail(_sentence(str(error)) or f"the set-up stopped: {error}")
    except KeyboardInterrupt:
        _fail("the set-up was interrupted; the next start does it again", 130)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    os.environ["PYTHONPATH"] = path
    python = str(venv / "bin" / "python")
    os.execv(python, [python, "-P", "-m", "deploy", *sys.argv[1:]])


def _ready_venv() -> Path:
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    here = ROOT / ".venv"
    if _is_current(here, digest):
        return here
    venv = here if _is_writable(here) else _cache() / f"venv-{digest[:16]}"
    if _is_current(venv, digest):
        return venv
    with _turn(venv):
        if not _is_current(venv, digest):  # another start may have made it while this one waited
            _make(venv, digest)
    return venv


def _is_current(venv: Path, digest: str) -> bool:
    """True when set up from this lock and its Python is still the one it was made with."""
    try:
        stamp = (venv / "stamp").read_text()
    except OSError:
        return False
    python = venv / "bin" / "python"
    return stamp == _stamp(python, digest) and os.access(python, os.X_OK)


def _stamp(python: Path, digest: str) -> str:
    return f"{digest}\n{python.resolve()}\n"


def _is_writable(venv: Path) -> bool:
    return os.access(ROOT, os.W_OK) and (not venv.exists() or os.access(venv, os.W_OK))


def _cache() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "handoff"  # noqa: PTH111 - no home, no error
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupFailed(
            f"neither {ROOT} nor {cache} can be written: set XDG_CACHE_HOME to a folder that you may write to"
        ) from error
    return cache


@contextlib.contextmanager
def _turn(venv: Path) -> Iterator[None]:
    with (venv.parent / f"{venv.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is setting up; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(venv: Path, digest: str) -> None:
    _say(f"setting up {venv} (once; about 500 MB on disk)")
    (venv / "stamp").unlink(missing_ok=True)
    if venv.exists():
        shutil.rmtree(venv)
    if not (_installed_by_uv(venv) or _installed_by_pip(venv)):
        raise SetupFailed("the packages could not be installed: the lines above say why")
    fresh = venv / "stamp.new"
    fresh.write_text(_stamp(venv / "bin" / "python", digest))
    fresh.rename(venv / "stamp")
    _say("set up")


def _installed_by_uv(venv: Path) -> bool:
    uv = shutil.which("uv")
    if uv is None:
        return False
    python = str(venv / "bin" / "python")
    failed = _run([uv, "venv", "--no-project", "--python", sys.executable, str(venv)])
    failed = failed or _run([uv, "pip", "install", "--python", python, "--require-hashes", "-r", str(LOCK)])
    if failed:
        _say("uv could not do it; trying pip, which may be set up differently")
    return not failed


def _installed_by_pip(venv: Path) -> bool:
    failed = _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)])
    if failed:
        raise SetupFailed(_sentence(failed) or f"{sys.executable} cannot make a virtual environment")
    with tempfile.TemporaryDirectory(prefix="handoff-pip-") as scratch:
        pip = _pip(venv, Path(scratch))
        options = ["--require-hashes", "--no-input", "--disable-pip-version-check", "--retries", "2"]
        failed = _run([*pip, "install", *options, "-r", str(LOCK)])
    if failed:
        raise SetupFailed(_sentence(failed) or "pip could not install the packages: its last lines stand above")
    return True


def _pip(venv: Path, scratch: Path) -> list[str]:
    """Find a pip for the new environment: Python's own, else the machine's, else one fetched by hash."""
    python = str(venv / "bin" / "python")
    if importlib.util.find_spec("ensurepip") and not _run([python, "-m", "ensurepip"], quiet=True):
        return [python, "-m", "pip"]
    if not _run([sys.executable, "-m", "pip", "--python", python, "--version"], quiet=True):
        return [sys.executable, "-m", "pip", "--python", python]
    return [python, str(_fetched_pip(scratch) / "pip")]


def _fetched_pip(scratch: Path) -> Path:
    index = _index().rstrip("/") + "/pip/"
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    _say(f"fetching pip from {urllib.parse.urlsplit(index).hostname}")
    try:
        with urllib.request.urlopen(index, timeout=60, context=trust) as page:  # a mirror may have moved it
            base, links = page.url, page.read().decode()
        link = re.search(rf'href="([^"]*{re.escape(PIP_WHEEL)})["#]', links)
        if link is None:
            raise SetupFailed(f"the package index {index} has no {PIP_WHEEL}: install python3-venv and try again")
        with urllib.request.urlopen(urllib.parse.urljoin(base, link[1]), timeout=60, context=trust) as wheel:
            body = wheel.read()
    except OSError as error:
        raise SetupFailed(
            _sentence(str(error)) or f"pip could not be fetched: {error}; install python3-venv"
        ) from error
    if hashlib.sha256(body).hexdigest() != PIP_SHA256:
        raise SetupFailed("the pip that was fetched is not the one this version was tested with: install python3-venv")
    path = scratch / PIP_WHEEL
    path.write_bytes(body)
    return path


def _index() -> str:
    """Take the package index that pip itself would take."""
    settings = configparser.ConfigParser(interpolation=None)
    files = ["/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf", os.environ.get("PIP_CONFIG_FILE", "")]
    settings.read(os.path.expanduser(name) for name in files if name)  # noqa: PTH111 - stays text when there is no home
    configured = settings.get("global", "index-url", fallback="https://pypi.org/simple")
    return os.environ.get("PIP_INDEX_URL") or configured


def _run(command: list[str], quiet: bool = False) -> str:
    """Run one step, show its progress, and return its last lines when it failed, else nothing."""
    last: deque[str] = deque(maxlen=30)
    progress = Progress(sys.stderr)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment(),
    ) as step:
        assert step.stdout is not None
        for line in step.stdout:
            last.append(line)
            if not quiet and line.startswith(STEPS):
                progress.tell(line.split(" (from ")[0].rstrip(), time.monotonic())
    progress.end()
    if step.returncode and not quiet:
        print("".join(last), file=sys.stderr)
    return ("".join(last) or "failed") if step.returncode else ""


def _environment() -> Mapping[str, str]:
    """Give a step the caller's settings, but nothing that would lead it to another environment."""
    misleading = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_PYTHON")
    return {name: value for name, value in os.environ.items() if name not in misleading}


def _sentence(text: str) -> str | None:
    return next((sentence for pattern, sentence in TROUBLES.items() if re.search(pattern, text)), None)


def _say(text: str) -> None:
    print(f"handoff: {text}", file=sys.stderr, flush=True)


def _fail(sentence: str, code: int = 2) -> NoReturn:
    _say(sentence)
    sys.exit(code)


if __name__ == "__main__":
    main()
