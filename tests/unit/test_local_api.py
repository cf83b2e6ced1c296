"""What comes in at the local API is read strictly: nothing counts for something else, and nothing wins silently."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from starlette.requests import Request

from contracts.messages import Answer
from contracts.principal import Operator
from services.chassis.edge.rpc_client import RpcClient
from services.local_api.routes import _LocalApi  # the handler itself, without a listener

TOKEN = "a-token-of-this-test"


class Nobody:
    """Whoever passes a call on; here none may come so far."""

    async def ask(self, *_: Any, **__: Any) -> None:
        raise AssertionError("it was passed on")


def refused(type_: str, body: str) -> dict[str, Any]:
    """The refusal that a body gets."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    scope = {
        "type": "http", "method": "POST", "path": f"/ask/{type_}", "query_string": b"", "path_params": {"type": type_},
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
    }  # fmt: skip
    client = _LocalApi(cast("RpcClient", Nobody()), TOKEN)
    response = asyncio.run(client.handle(Request(scope, receive)))
    assert response.status_code == 400
    return dict(json.loads(bytes(response.body))["refusal"])


CAPACITY = '{"day": "2027-01-14", "kind": "capacity", "pool": "guests", "reason": "r", "capacity": %s}'


@pytest.mark.parametrize(
    ("type_", "body", "said"),
    [
        ("booking.set_exception.v1", CAPACITY % "true", "capacity: must be a whole number"),
        ("booking.set_exception.v1", CAPACITY % '"4"', "capacity: must be a whole number"),
        ("booking.ask_pools.v1", '{"first": "2027-01-14T00:00:00", "last": "2027-01-15"}', "first: must be a day"),
        ("booking.ask_pools.v1", '{"first": "2027-01-14", "first": "2027-01-15"}', "gives first twice"),
        ("booking.ask_pools.v1", "[" * 100_000, "nested more than"),
        ("booking.ask_pools.v1", "\ufeff{}", "byte order mark"),
        ("booking.ask_pools.v1", '{"first": "2027-01-14", "last": "2027-01-15", "more": 1}', "more: is not known here"),
    ],
    ids=range(7),
)
def test_a_body_that_others_would_read_otherwise_is_refused_by_its_field(type_: str, body: str, said: str) -> None:
    assert said in refused(type_, body)["message"]


class Listener:
    """Whoever passes a call on; remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    async def ask(self, *_: Any, **given: Any) -> Answer:
        self.given.append(given)
        return Answer(result={"items": []})


def knocked(*heads: tuple[str, str]) -> tuple[int, list[dict[str, Any]]]:
    """The status of a request with these heads, and what was passed on."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    given = (("authorization", f"Bearer {TOKEN}"), *heads)
    scope = {
        "type": "http", "method": "POST", "path": "/ask/referral.list_handoffs.v1", "query_string": b"",
        "path_params": {"type": "referral.list_handoffs.v1"},
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given],
    }  # fmt: skip
    listener = Listener()

    response = asyncio.run(_LocalApi(cast("RpcClient", listener), TOKEN).handle(Request(scope, receive)))
    return response.status_code, listener.given


def test_whoever_has_the_token_is_an_operator_of_the_system_and_says_which_account() -> None:
    status, given = knocked()
    assert status == 200
    assert given == [{
        "caller": "local_api", "principal": Operator(account="local"), "acting": None, "command_id": None,
        "seconds": 5.0,
    }]  # fmt: skip
    _, (named,) = knocked(("handoff-account", "noi"), ("handoff-as", "tha-li"))
    assert (named["principal"], named["acting"]) == (Operator(account="noi"), "tha-li")


@pytest.mark.parametrize("name", ["handoff-account", "handoff-as"])
@pytest.mark.parametrize("value", ["", "Noi", "noi@example.org", "noi:x", "*", "noi somsak", "-noi", "x" * 65, "\xe9"])
def test_a_head_that_names_nobody_is_refused_and_not_taken_for_absent(name: str, value: str) -> None:
    assert knocked((name, value)) == (400, [])


@pytest.mark.parametrize("name", ["handoff-account", "handoff-as"])
def test_a_head_that_is_given_twice_is_refused(name: str) -> None:
    assert knocked((name, "noi"), (name, "somsak")) == (400, [])
