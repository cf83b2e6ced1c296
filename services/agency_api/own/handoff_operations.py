"""Operations under `/v1` by which an agency hands parties over for a community that agreed to it."""

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from contracts.values import Slug, Uuid
from services.agency_api.own import handoff_asked as asked
from services.agency_api.own import handoff_objects as objects
from services.agency_api.own import handoffs, partners
from services.agency_api.own.answering import page, place_of, read, told
from services.agency_api.own.dependencies import ONCE, READ, READ_ONE, Community, Who, own_router

Partner = Annotated[Slug, Path(description="The id of a partner of that community")]
Own = Annotated[Uuid, Path(description="Your own id of the handoff")]
router = own_router("Handing over")


@router.get("/communities/{community}/partners", response_model=objects.PartnerPage, **READ)
async def get_partners(
    asking: Who, request: Request, community: Community, query: Annotated[asked.AskedPartners, Query()]
) -> Response:
    """To whom you may hand parties over for this community, and what they offer."""
    after = place_of(request, query, partners.PLACE)
    return page(request, asking, query, await partners.listed(asking, community, query, after))


@router.get("/communities/{community}/partners/{partner}", response_model=objects.PartnerView, **READ_ONE)
async def get_partner(asking: Who, request: Request, community: Community, partner: Partner) -> Response:
    """One of them."""
    return read(request, asking, (await partners.show(asking, community, partner)).wire())


@router.get("/communities/{community}/partners/{partner}/availability", response_model=objects.PartnerDaysView, **READ)
async def get_partner_availability(
    asking: Who,
    request: Request,
    community: Community,
    partner: Partner,
    query: Annotated[asked.AskedPartnerDays, Query()],
) -> Response:
    """What it has shared of its days; an offer may still be declined."""
    return read(request, asking, (await partners.days(asking, community, partner, query)).wire())


@router.get("/handoffs", response_model=objects.HandoffPage, **READ)
async def get_handoffs(
    asking: Who, request: Request, query: Annotated[asked.AskedHandoffs, Query()]
) -> Response:  # fmt: skip
    """What you have handed over, newest first."""
    after = place_of(request, query, handoffs.PLACE)
    return page(request, asking, query, await handoffs.listed(asking, query, after))


@router.post("/handoffs", response_model=objects.HandoffView, dependencies=ONCE)
async def post_handoff(asking: Who, request: Request, body: asked.HandoffOffer) -> Response:
    """Offer a party to a partner for a community; the same `uuid` is one handoff, however often it is sent."""
    return told(asking, await handoffs.offer(asking, request, body))


@router.get("/handoffs/{uuid}", response_model=objects.HandoffView, **READ_ONE)
async def get_handoff(asking: Who, request: Request, uuid: Own) -> Response:
    """How one of them stands, and who can do what next."""
    return read(request, asking, (await handoffs.show(asking, uuid)).wire())


@router.post("/handoffs/{uuid}/withdraw", response_model=objects.HandoffView, dependencies=ONCE)
async def post_withdraw(
    asking: Who, request: Request, uuid: Own, body: asked.Withdrawing | None = None
) -> Response:  # fmt: skip
    """Take it back, until the party leaves."""
    return told(asking, await handoffs.act(asking, request, uuid, body or asked.Withdrawing()))


@router.post("/handoffs/{uuid}/take-counter", response_model=objects.HandoffView, dependencies=ONCE)
async def post_take_counter(asking: Who, request: Request, uuid: Own, body: asked.CounterTaken) -> Response:
    """Take what the partner offers instead."""
    return told(asking, await handoffs.act(asking, request, uuid, body))


@router.post("/handoffs/{uuid}/delay", response_model=objects.HandoffView, dependencies=ONCE)
async def post_delay(asking: Who, request: Request, uuid: Own, body: asked.Delaying) -> Response:
    """Tell that the party will be late."""
    return told(asking, await handoffs.act(asking, request, uuid, body))
