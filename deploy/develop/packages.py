"""What the tests need of the operating system: installed by root on Debian, named with its package anywhere else."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.client.problems import Problem

#: Names another Chromium, where the system's is called otherwise.
CHROMIUM_VARIABLE = "HANDOFF_TEST_CHROMIUM"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
#: Debian asks this file whether a package's service may be started.
START_POLICY = Path("/usr/sbin/policy-rc.d")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "~/Library/Fonts")


@dataclass(frozen=True)
class Need:
    """Programs of the system that tests start; `left_out` is the option that does without."""

    called: str
    packages: tuple[str, ...]
    is_here: Callable[[], bool]
    left_out: str
    #: What serves where there are no such packages.
    otherwise: str = ""

    @property
    def hint(self) -> str:
        """What to do about it."""
        names = " and ".join(self.packages)
        install = f"install Debian's {names} (apt-get install {' '.join(self.packages)})"
        return f"{install}{self.otherwise}, or run with {self.left_out}"


def has_rabbitmq() -> bool:
    """Whether the broker's program is here."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/rabbitmq/bin"
    return shutil.which("rabbitmq-server", path=path) is not None


def chromium() -> str | None:
    """The program that browser tests start, if it is here."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    return next(filter(None, map(shutil.which, [named] if named else CHROMIUMS)), None)


def has_roboto() -> bool:
    """Whether the font is here that phones write Latin letters in: the portal sends none of its own for these."""
    return any(True for folder in FONT_FOLDERS for _file in Path(folder).expanduser().rglob("Roboto-Regular.*"))


def has_browser() -> bool:
    """Whether pages can be looked at as a phone shows them."""
    return chromium() is not None and has_roboto()


def has_npm() -> bool:
    """Whether JavaScript can be installed and run."""
    return all(map(shutil.which, ("node", "npm")))


RABBITMQ = Need("RabbitMQ", ("rabbitmq-server",), has_rabbitmq, "--without-rabbitmq")
BROWSER = Need(
    "a browser",
    ("chromium", "fonts-roboto-unhinted"),
    has_browser,
    "--without-browser",
    f" or elsewhere Chromium and the font Roboto ({CHROMIUM_VARIABLE} names the program)",
)
#: Debian's 12 has the oldest Node that reads the package.
NPM = Need("npm", ("nodejs", "npm"), has_npm, "--without-octo")


def provide(need: Need, policy: Path = START_POLICY) -> None:
    """Make sure that it is here. The packages' services are not started. Raises Problem with what to install."""
    if need.is_here():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Problem(f"The tests need {need.called}, and it is not here: {need.hint}.")
    print(f"handoff: installing {' and '.join(need.packages)} for the tests", file=sys.stderr, flush=True)
    with _no_service_starts(policy):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "--yes", "--no-install-recommends", *need.packages]):
            if subprocess.run(["apt-get", "-q", *step], env=environment, stdout=sys.stderr, check=False).returncode:
                raise Problem(f"apt-get {step[0]} failed, and the tests need {need.called}: {need.hint}.")
    if not need.is_here():
        raise Problem(f"The packages are installed, and {need.called} is still not here: {need.hint}.")


@contextlib.contextmanager
def _no_service_starts(rule: Path) -> Iterator[None]:
    """Tell Debian, while packages are installed, that nothing may be started; an administrator's own rule stays."""
    if rule.exists():
        yield
        return
    rule.write_text("#!/bin/sh\nexit 101\n")
    rule.chmod(0o755)
    try:
        yield
    finally:
        rule.unlink()
