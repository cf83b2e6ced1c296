"""Operations of our own under `/v1`, one line of work each; the door has let in whoever asks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response
from starlette.routing import Route

from contracts.values import Slug
from services.agency_api.own import agreements, asked, objects, reading
from services.agency_api.own.answering import PROBLEM, NoSuchPath, OwnRoute, page, place_of, read, told
from services.agency_api.own.problems import OwnProblem
from services.agency_api.site.asking import Asking


async def asking_of(request: Request) -> Asking:
    """Who asks, as the door has found."""
    asking: Asking = request.state.asking
    return asking


async def heeded(
    accept_language: Annotated[str | None, Header(description="th, lo or en: of names and of what went wrong")] = None,
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
_PROBLEM: dict[str, Any] = {
    "description": "A problem (RFC 9457): `type` says which, `detail` what to do, `field` where",
    "content": {PROBLEM: {"schema": OwnProblem.model_json_schema()}},
}
_READ: dict[str, Any] = {
    "responses": {304: {"description": "You have it as it is: If-None-Match named its ETag"}},
    "dependencies": [Depends(tagged)],
}
_READ_ONE = {**_READ, "dependencies": [*_READ["dependencies"], Depends(without_query)]}
_ONCE = [Depends(once), Depends(without_query)]
router = APIRouter(
    prefix="/v1",
    route_class=OwnRoute,
    responses={"default": _PROBLEM},
    dependencies=[Depends(HTTPBearer(auto_error=False, description="prefix.secret")), Depends(heeded)],
)


@router.get("/communities", response_model=objects.CommunityPage, tags=["Communities"], **_READ)
async def get_communities(
    asking: Who, request: Request, query: Annotated[asked.AskedCommunities, Query()]
) -> Response:  # fmt: skip
    """Where you may sell, with the terms; with `agreement=none` to whom you could propose some."""
    after = place_of(request, query, reading.COMMUNITY_PLACE)
    return page(request, asking, query, await reading.communities(asking, query, after))


@router.get("/search", response_model=objects.FoundPage, tags=["Search"], **_READ)
async def get_search(asking: Who, request: Request, query: Annotated[asked.AskedSearch, Query()]) -> Response:
    """What your guests can take on some days, over all your communities."""
    after = place_of(request, query, reading.PRODUCT_PLACE)
    return page(request, asking, query, await reading.search(asking, query, after))


@router.post("/calendars", response_model=objects.CalendarsView, tags=["Search"], dependencies=[Depends(without_query)])
async def post_calendars(asking: Who, body: asked.AskedCalendars) -> Response:
    """Calendars of many products in one call; it changes nothing."""
    return told(asking, (await reading.calendars(asking, body)).wire())


@router.get("/agreements", response_model=objects.AgreementPage, tags=["Agreements"], **_READ)
async def get_agreements(asking: Who, request: Request, query: Annotated[asked.AskedAgreements, Query()]) -> Response:
    """Your agreements with communities, proposed, agreed and ended."""
    after = place_of(request, query, agreements.PLACE)
    return page(request, asking, query, await agreements.listed(asking, query, after))


@router.get("/agreements/{community}", response_model=objects.AgreementView, tags=["Agreements"], **_READ_ONE)
async def get_agreement(asking: Who, request: Request, community: Community) -> Response:
    """Your agreement with one community."""
    return read(request, asking, (await agreements.show(asking, community)).wire())


@router.post("/agreements", response_model=objects.AgreementView, tags=["Agreements"], dependencies=_ONCE)
async def post_agreement(asking: Who, request: Request, body: asked.Proposal) -> Response:
    """Propose terms to a community; those in force stay until it agrees."""
    return told(asking, await agreements.propose(asking, request, body))


@router.post(
    "/agreements/{community}/agree",
    response_model=objects.AgreementView,
    tags=["Agreements"],
    dependencies=_ONCE,
)
async def post_agree(
    asking: Who, request: Request, community: Community, body: asked.Agreeing | None = None
) -> Response:  # fmt: skip
    """Agree to what the community proposes."""
    return told(asking, await agreements.agree(asking, request, community, body or asked.Agreeing()))


@router.post(
    "/agreements/{community}/end",
    response_model=objects.AgreementView,
    tags=["Agreements"],
    dependencies=_ONCE,
)
async def post_end(
    asking: Who, request: Request, community: Community, body: asked.Ending | None = None
) -> Response:  # fmt: skip
    """End it, or with `proposal_only` what is proposed alone. What was booked under it goes on."""
    return told(asking, await agreements.end(asking, request, community, body or asked.Ending()))


#: After all of them, so that it answers what they do not.
no_such_path = Route("/v1{rest:path}", NoSuchPath(lambda: router.routes), include_in_schema=False)
