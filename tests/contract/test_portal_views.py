"""Every page of the portal is in the table of views, so that it is looked at and judged like the others."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from tests.contract.sources import ROOT, dotted, plant, sources
from tests.support.portal.views import VIEWS

#: Answer with another page.
ONLY_LEAD_ON = frozenset({"/"})


def unseen(root: Path, paths: Collection[str]) -> Iterator[str]:
    """Pages below services/portal/pages that none of these paths shows."""
    for source in sources(root, "services/portal/pages"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and dotted(node.func).endswith("PageRoute"):
                method, path = (getattr(argument, "value", None) for argument in node.args[:2])
                if method == "GET" and path not in ONLY_LEAD_ON and not any(_shows(str(path), each) for each in paths):
                    yield f"{source.name}:{node.lineno}: {path} has no view in tests/support/portal/views.py"


def _shows(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route)), path.partition("?")[0]) is not None


def test_every_page_has_a_view() -> None:
    assert list(unseen(ROOT, [view.path for view in VIEWS])) == []


def test_views_have_names_of_their_own() -> None:
    names = [view.name for view in VIEWS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("route", "path", "is_seen"),
    [
        ('"GET", "/today"', "/today", True),
        ('"GET", "/today"', "/today?from=menu", True),
        ('"GET", "/handoffs/{referral}/accept"', "/handoffs/{held}/accept", True),
        ('"GET", "/handoffs/{referral}/accept"', "/handoffs/{held}", False),
        ('"GET", "/today"', "/todays", False),
        ('"POST", "/today"', "/", True),
        ('"GET", "/"', "/signin", True),
    ],
)
def test_a_page_without_a_view_is_found(tmp_path: Path, route: str, path: str, is_seen: bool) -> None:
    plant(tmp_path, "services/portal/pages/a.py", f"PAGES = (PageRoute({route}, show),)\n")
    assert (list(unseen(tmp_path, [path])) == []) is is_seen
