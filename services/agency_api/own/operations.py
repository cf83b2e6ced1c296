"""Operations of our own under `/v1`, one line of work each; the door has let in whoever asks."""

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response
from starlette.routing import Route

from services.agency_api.own import agreements, asked, handoff_operations, objects, reading
from services.agency_api.own.answering import NoSuchPath, page, place_of, read, told
from services.agency_api.own.dependencies import ONCE, READ, READ_ONE, Community, Who, own_router, without_query

router = own_router()


@router.get("/communities", response_model=objects.CommunityPage, tags=["Communities"], **READ)
async def get_communities(
    asking: Who, request: Request, query: Annotated[asked.AskedCommunities, Query()]
) -> Response:  # fmt: skip
    """Where you may sell, with the terms; with `agreement=none` to whom you could propose some."""
    after = place_of(request, query, reading.COMMUNITY_PLACE)
    return page(request, asking, query, await reading.communities(asking, query, after))


@router.get("/search", response_model=objects.FoundPage, tags=["Search"], **READ)
async def get_search(asking: Who, request: Request, query: Annotated[asked.AskedSearch, Query()]) -> Response:
    """What your guests can take on some days, over all your communities."""
    after = place_of(request, query, reading.PRODUCT_PLACE)
    return page(request, asking, query, await reading.search(asking, query, after))


@router.post("/calendars", response_model=objects.CalendarsView, tags=["Search"], dependencies=[Depends(without_query)])
async def post_calendars(asking: Who, body: asked.AskedCalendars) -> Response:
    """Calendars of many products in one call; it changes nothing."""
    return told(asking, (await reading.calendars(asking, body)).wire())


@router.get("/agreements", response_model=objects.AgreementPage, tags=["Agreements"], **READ)
async def get_agreements(asking: Who, request: Request, query: Annotated[asked.AskedAgreements, Query()]) -> Response:
    """Your agreements with communities, proposed, agreed and ended."""
    after = place_of(request, query, agreements.PLACE)
    return page(request, asking, query, await agreements.listed(asking, query, after))


@router.get("/agreements/{community}", response_model=objects.AgreementView, tags=["Agreements"], **READ_ONE)
async def get_agreement(asking: Who, request: Request, community: Community) -> Response:
    """Your agreement with one community."""
    return read(request, asking, (await agreements.show(asking, community)).wire())


@router.post("/agreements", response_model=objects.AgreementView, tags=["Agreements"], dependencies=ONCE)
async def post_agreement(asking: Who, request: Request, body: asked.Proposal) -> Response:
    """Propose terms to a community; those in force stay until it agrees."""
    return told(asking, await agreements.propose(asking, request, body))


@router.post(
    "/agreements/{community}/agree",
    response_model=objects.AgreementView,
    tags=["Agreements"],
    dependencies=ONCE,
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
    dependencies=ONCE,
)
async def post_end(
    asking: Who, request: Request, community: Community, body: asked.Ending | None = None
) -> Response:  # fmt: skip
    """End it, or with `proposal_only` what is proposed alone. What was booked under it goes on."""
    return told(asking, await agreements.end(asking, request, community, body or asked.Ending()))


#: After all of them, so that it answers what they do not.
no_such_path = Route(
    "/v1{rest:path}", NoSuchPath(lambda: [*router.routes, *handoff_operations.router.routes]), include_in_schema=False
)
