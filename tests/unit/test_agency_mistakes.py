"""What OCTO's operations say of a body that cannot be read: the field, with the limit or an example."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, Field

from services.agency_api.octo.asked import AskedContact, Minutes
from services.agency_api.site import answering


class Body(BaseModel):
    """Of each kind one."""

    minutes: Minutes = 30
    contact: AskedContact | None = None
    names: list[str] = Field(default=[], max_length=2)


def said(body: str) -> str:
    app = FastAPI()
    answering.answers_problems(app)

    @app.post("/")
    async def ask(_: Body) -> None:
        """Nothing is done."""

    async def asked() -> Any:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
            return (await client.post("/", content=body, headers={"Content-Type": "application/json"})).json()

    return str(asyncio.run(asked())["errorMessage"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"a": nothing}', "The body is not JSON, at sign 6"),
        ({"minutes": 0}, "minutes: has to be 1 or more"),
        ({"minutes": 10**9}, "minutes: has to be 527040 or less"),
        ({"contact": {"emailAddress": "anna"}}, "contact.emailAddress: has to be an e-mail address, such as anna@"),
        ({"contact": {"fullName": "x" * 999}}, "contact.fullName: has at most 200 signs"),
        ({"names": ["a", "b", "c"]}, "names: has at most 2 entries"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_would_do(body: Any, says: str) -> None:
    assert said(body if isinstance(body, str) else json.dumps(body)).startswith(says)
