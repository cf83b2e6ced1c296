"""A module that a page names is there, and the chassis' README names every module of the chassis."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sources import ROOMS, ROOT, plant

PAGES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "services/*/README.md", "deploy/README.md", "tests/README.md")
#: `chassis/bridge.py`, `services/<x>/service.py`, `relay.py`; a word in angle brackets stands for any.
MODULE = re.compile(r"(?<![\w./<>*-])[\w./<>*-]*\w\.py\b")


def pages(root: Path) -> Iterator[Path]:
    """What people read."""
    for pattern in PAGES:
        yield from sorted(root.glob(pattern))


def missing(root: Path) -> Iterator[str]:
    """Modules that a page names and that are not there, by line."""
    for page in pages(root):
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            unknown = (name for name in MODULE.findall(line) if not _stands(root, page, name))
            yield from (f"{page.relative_to(root).as_posix()}:{number}: there is no {name}" for name in unknown)


def unlisted(root: Path) -> Iterator[str]:
    """Modules of the chassis that its README leaves out, and lines of its table that are no module."""
    folder = root / "services" / "chassis"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    cells = " ".join(re.findall(r"^\|((?:[^|]*\|){2})", readme, re.MULTILINE))
    listed = {name.strip("/") for name in re.findall(r"`([\w/]+)`", cells)}
    rooms = [folder, *(path.parent for path in folder.glob("*/__init__.py"))]
    modules = {path.stem for room in rooms for path in room.glob("*.py")}
    modules |= {path.parent.name for room in rooms for path in room.glob("*/__init__.py")}
    named = listed | {Path(name).stem for name in MODULE.findall(readme)}
    yield from (f"{name} is not in the README" for name in sorted(modules - {"__init__"} - named))
    yield from (f"{name} is no module of the chassis" for name in sorted(listed - modules))


def test_every_module_that_a_page_names_is_there() -> None:
    assert list(missing(ROOT)) == []
    named = [name for page in pages(ROOT) for name in MODULE.findall(page.read_text(encoding="utf-8"))]
    assert len(named) > 30, "the pages are not read"


def test_the_chassis_readme_names_every_module_of_it() -> None:
    assert list(unlisted(ROOT)) == []


@pytest.mark.parametrize(
    ("page", "text", "said"),
    [
        ("docs/architecture.md", "in `services/booking/domain/hold.py`, `booking/domain/hold.py`, `hold.py`", None),
        ("docs/adr/0001.md", "`services/<x>/domain/hold.py` and `hold.py`'s rules", None),
        ("services/booking/README.md", "*Plan* (pure, `domain/hold.py`)", None),
        ("docs/adr/0001.md", "as\n`chassis/store.py` does", "docs/adr/0001.md:2: there is no chassis/store.py"),
        ("docs/architecture.md", "`booking/handlers.py`", "docs/architecture.md:1: there is no booking/handlers.py"),
        ("README.md", "    pytest tests/unit/test_hold.py -x", "README.md:1: there is no tests/unit/test_hold.py"),
        ("CONTRIBUTING.md", "a line in `service.py`", "CONTRIBUTING.md:1: there is no service.py"),
        ("CONTRIBUTING.md", "`services/<x>/service.py`", "CONTRIBUTING.md:1: there is no services/<x>/service.py"),
        ("services/referral/README.md", "`hold.py`", "services/referral/README.md:1: there is no hold.py"),
    ],
)
def test_a_page_that_names_a_missing_module_is_reported(tmp_path: Path, page: str, text: str, said: str | None) -> None:
    plant(tmp_path, "services/booking/domain/hold.py", "")
    plant(tmp_path, page, text)
    assert list(missing(tmp_path)) == ([said] if said else [])


def test_a_module_missing_from_the_readme_and_an_unknown_one_are_reported(tmp_path: Path) -> None:
    for name in ("__init__", "relay", "site", "bus/__init__", "bus/work", "bus/inproc/__init__"):
        plant(tmp_path, f"services/chassis/{name}.py", "")
    plant(
        tmp_path,
        "services/chassis/README.md",
        "See `site.py`.\n\n| room | module | what |\n| `bus` | `relay`, `store` | `x` |\n",
    )
    assert list(unlisted(tmp_path)) == [
        "inproc is not in the README",
        "work is not in the README",
        "store is no module of the chassis",
    ]


def _stands(root: Path, page: Path, name: str) -> bool:
    """By its path from the root, from `services` or from the page's folder; a bare name, anywhere in its rooms."""
    pattern = re.sub(r"<\w+>", "*", name)
    if "/" in pattern:
        return any(any(base.glob(pattern)) for base in (root, root / "services", page.parent))
    rooms = [page.parent] if page.name == "README.md" and page.parent != root else [root / name for name in ROOMS]
    return any(any(room.rglob(pattern)) for room in rooms)
