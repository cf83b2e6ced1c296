"""What the operations under `/v1` are given and refuse alike, as FastAPI is told of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.security import HTTPBearer

from contracts.values import Slug
from services.agency_api.own import asked
from services.agency_api.own.answering import PROBLEM, OwnRoute
from services.agency_api.own.problems import OwnProblem
from services.agency_api.site.asking import Asking, asking_of


async def heeded(
    accept_language: Annotated[
        str | None, Header(description="th, lo or en: of names, and of what the node refuses; all else is English")
    ] = None,
) -> None:
    """The header that every operation heeds; the door reads it."""


async def tagged(
    if_none_match: Annotated[
        str | None, Header(description="The ETag of what you have: 304 if it still stands")
    ] = None,
) -> None:
    """The header that reading heeds."""


async def once(
    idempotency_key: Annotated[str | None, Header(description="Makes it safe to repeat for 48 hours")] = None,
) -> None:
    """The header that makes a POST safe to repeat."""


async def without_query(nothing: Annotated[asked.Nothing, Query()]) -> None:
    """Refuses whatever is asked behind a question mark."""


Who = Annotated[Asking, Depends(asking_of)]
Community = Annotated[Slug, Path(description="The id of a community")]
A_PROBLEM: dict[str, Any] = {
    "description": "A problem (RFC 9457): `type` says which, `detail` what to do, `field` where",
    "content": {PROBLEM: {"schema": OwnProblem.model_json_schema()}},
}
READ: dict[str, Any] = {
    "responses": {304: {"description": "You have it as it is: If-None-Match named its ETag"}},
    "dependencies": [Depends(tagged)],
}
READ_ONE = {**READ, "dependencies": [*READ["dependencies"], Depends(without_query)]}
ONCE = [Depends(once), Depends(without_query)]


def own_router(*tags: str) -> APIRouter:
    """A part of `/v1`: its operations are let in, told and refused alike."""
    return APIRouter(
        prefix="/v1",
        route_class=OwnRoute,
        responses={"default": A_PROBLEM},
        dependencies=[Depends(HTTPBearer(auto_error=False, description="prefix.secret")), Depends(heeded)],
        tags=[*tags] or None,
    )
