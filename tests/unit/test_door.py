"""What comes in at the node's door is read strictly: nothing counts for something else, and nothing wins silently."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from starlette.requests import Request

from services.chassis.edge.rpc_client import RpcClient
from services.local_api.routes import _Door  # the handler itself, without a listener

TOKEN = "a-token-of-this-test"


class Nobody:
    """Whoever passes a call on; here none may come so far."""

    def call(self, *_: Any, **__: Any) -> None:
        raise AssertionError("it was passed on")


def refused(type_: str, body: str) -> dict[str, Any]:
    """The refusal that a body gets."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    scope = {
        "type": "http", "method": "POST", "path": f"/door/{type_}", "query_string": b"", "path_params": {"type": type_},
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
    }  # fmt: skip
    door = _Door(cast("RpcClient", Nobody()), TOKEN)
    response = asyncio.run(door.handle(Request(scope, receive)))
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
