"""Every page of the portal is in the table of views, so that it is looked at and judged like the others."""

import re
from collections.abc import Collection, Iterable, Iterator

import pytest

from services.portal.routes import PAGES
from tests.support.portal.views import VIEWS

#: Answer with another page.
ONLY_LEAD_ON = frozenset({"/", "/send/{draft:uuid}", "/join/{code}", "/guests/{hold:uuid}/contact"})
#: Follows the password of somebody who has set a second step, which nobody of the scene has.
NOT_IN_THE_SCENE = frozenset({"/signin/code"})


def unseen(routes: Iterable[tuple[str, str]], paths: Collection[str]) -> Iterator[str]:
    """Pages, by method and path, that none of these paths shows; a file such as a picture is no page."""
    for method, route in routes:
        is_page = (
            method == "GET" and route not in ONLY_LEAD_ON | NOT_IN_THE_SCENE and "." not in route.rpartition("/")[2]
        )
        if is_page and not any(_shows(route, path) for path in paths):
            yield f"{route} has no view in tests/support/portal/views.py"


def _shows(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route)), path.partition("?")[0]) is not None


def test_every_page_has_a_view() -> None:
    assert list(unseen([(page.method, page.path) for page in PAGES], [view.shows or view.path for view in VIEWS])) == []


def test_views_have_names_of_their_own() -> None:
    names = [view.name for view in VIEWS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("method", "route", "path", "is_seen"),
    [
        ("GET", "/today", "/today", True),
        ("GET", "/today", "/today?from=menu", True),
        ("GET", "/handoffs/{id}/accept", "/handoffs/{held}/accept", True),
        ("GET", "/handoffs/{id}/accept", "/handoffs/{held}", False),
        ("GET", "/handoffs/{id}/pass.png", "/", True),
        ("GET", "/today", "/todays", False),
        ("POST", "/today", "/", True),
        ("GET", "/", "/signin", True),
    ],
)
def test_a_page_without_a_view_is_found(method: str, route: str, path: str, is_seen: bool) -> None:
    assert (list(unseen([(method, route)], [path])) == []) is is_seen
