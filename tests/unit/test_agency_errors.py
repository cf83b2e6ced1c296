"""Whatever raises behind an operation or a page, its answer says nothing of it: no text, no version, no stack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from importlib.metadata import version
from inspect import iscoroutine, iscoroutinefunction
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from contracts.agency_api.v1 import KeyScope
from services.agency_api.developer import page
from services.agency_api.octo import operations as octo
from services.agency_api.octo import subscriptions
from services.agency_api.octo.doing import Done
from services.agency_api.own import agreements, handoff_operations, handoffs, partners, reading
from services.agency_api.own import operations as own
from services.agency_api.routes import application, refuse
from services.agency_api.site.door import Door
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings

CANARY = "canary: /srv/secret.py line 7, password=hunter2"
#: What tells of what is inside; versions of what serves are added.
INSIDE = (
    "canary", "hunter2", "secret.py", "Traceback", "RuntimeError", 'File "', "line 7", "site-packages", "asyncpg",
    *(f"{name}/{version(name)}" for name in ("uvicorn", "fastapi", "starlette")),
    *(version(name) for name in ("uvicorn", "fastapi", "starlette", "pydantic")),
)  # fmt: skip
UUID = "019aa1f0-2b17-7c3e-9d41-0b1c2d3e4f50"
DAYS = {"productId": "p.q", "optionId": "visit", "localDateStart": "2027-01-14", "localDateEnd": "2027-01-14"}
TERMS = {"valid_from": "2027-01-01", "percent": "15.00"}
#: What a request has to say to reach its operation.
BODIES: dict[str, Any] = {
    "post_calendar": DAYS,
    "post_availability": DAYS,
    "post_booking": {
        "productId": "p.q",
        "optionId": "visit",
        "availabilityId": "x",
        "unitItems": [{"unitId": "adult"}],
    },
    "post_extend": {"expirationMinutes": 31},
    "post_calendars": {"product_ids": ["p.q"], "first": "2027-01-14", "last": "2027-01-14"},
    "post_agreement": {"community": "bo-taen", "terms": TERMS},
    "post_handoff": {
        "uuid": UUID,
        "community": "tha-li",
        "partner": "bo-taen",
        "party": {"adults": 2},
        "language": "th",
        "items": [{"product_id": "bo-taen.homestay", "day": "2027-01-14"}],
    },
    "post_take_counter": {"round": 1},
    "post_delay": {"arrival": {"day": "2027-01-14", "earliest": "11:30", "latest": "13:00"}},
}
QUERIES = {
    "get_search": "first=2027-01-14&last=2027-01-14&adults=2",
    "get_partner_availability": "first=2027-01-14&last=2027-01-14",
}
ROUTERS = (octo.router, subscriptions.router, own.router, handoff_operations.router)
ROUTES = [route for router in ROUTERS for route in router.routes]


class Keys:
    async def agency_of(self, _: str) -> SignedIn:
        scopes: frozenset[KeyScope] = frozenset({"read", "book", "hand-over"})
        return SignedIn("mekong-trails", "aaaaaaaaaa", scopes)


def raising(*_: Any, **__: Any) -> Any:
    raise RuntimeError(CANARY)


async def failing(*given: Any, **_: Any) -> Any:
    """In the place of what an operation does; what was to be done is not begun."""
    for each in given:
        work = each.work if isinstance(each, Done) else each
        if iscoroutine(work):
            work.close()
    raise RuntimeError(CANARY)


def break_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an operation calls raises."""
    for module, names in ((octo, ("read", "done")), (subscriptions, ("read", "once"))):
        for name in names:
            monkeypatch.setattr(module, name, failing)
    for module in (reading, agreements, handoffs, partners):
        for name, each in vars(module).items():
            if iscoroutinefunction(each):
                monkeypatch.setattr(module, name, failing)


def told(app: ASGIApp, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, str]:
    """The status of an answer, and all that it says, headers and body."""
    said: list[Any] = []
    sent = [{"type": "http.request", "body": json.dumps(body).encode() if body is not None else b""}]

    async def receive() -> Any:
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "root_path": "", "query_string": query.encode(), "scheme": "http", "client": ("192.0.2.1", 1),
        "server": ("node", 80),
        "headers": [(b"host", b"node"), (b"authorization", b"Bearer x"), (b"content-type", b"application/json")],
    }  # fmt: skip

    async def whole() -> None:
        try:
            await app(scope, receive, send)
        except RuntimeError:  # Starlette answers, and raises for its server's log
            assert said, "it was answered before"

    asyncio.run(asyncio.wait_for(whole(), 10))
    return said[0]["status"], repr(said)


def behind_the_door() -> ASGIApp:
    nothing: Any = None
    parts = EdgeParts(rpc=nothing, settings=Settings(database_url="", agency_limit=0))
    keys: Any = Keys()
    return Door(application(), parts, keys, refuse)


def leaks(said: str) -> list[str]:
    return [each for each in INSIDE if each in said]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_an_operation_that_raises_is_answered_without_a_word_of_it(route: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    break_all(monkeypatch)
    path = route.path
    for name in ("{id}", "{delivery}", "{community}", "{partner}", "{subscription}"):
        path = path.replace(name, "x")
    path = path.replace("{uuid}", UUID)
    (method,) = route.methods
    query = QUERIES.get(route.name, "")
    status, said = told(behind_the_door(), method, path, BODIES.get(route.name, {} if method != "GET" else None), query)
    assert status == 500, said
    assert leaks(said) == []
    assert "b'server'" not in said


PAGES: list[tuple[str, Callable[[pytest.MonkeyPatch], None]]] = [
    ("/", lambda patch: patch.setattr(page, "rendered", raising)),
    ("/th", lambda patch: patch.setattr(page, "rendered", raising)),
    ("/changelog", lambda patch: patch.setattr(page, "_read", raising)),
    ("/page.css", lambda patch: patch.setattr(page, "_read", raising)),
]


@pytest.mark.parametrize(("path", "breaks"), PAGES, ids=[path for path, _ in PAGES])
def test_a_page_for_developers_that_raises_says_no_more(
    path: str, breaks: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch)
    nothing: Any = None
    parts = EdgeParts(rpc=nothing, settings=Settings(database_url=""))
    status, said = told(Starlette(routes=page.routes(parts, "1.0.0")), "GET", path)
    assert status == 500
    assert leaks(said) == []


def test_control_an_answer_for_whoever_looks_for_mistakes_would_tell_it() -> None:
    async def shown(_: Any) -> Any:
        raise RuntimeError(CANARY)

    app = Starlette(debug=True)
    app.add_route("/", shown)
    status, said = told(app, "GET", "/")
    assert status == 500
    assert {"canary", "hunter2", "RuntimeError"} <= set(leaks(said))
