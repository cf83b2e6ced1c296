"""The operations of OCTO's notifications, with a log of deliveries beside them; the door has let in whoever asks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response

from services.agency_api.octo import notifications
from services.agency_api.octo.doing import once, read
from services.agency_api.octo.notifications import AskedSubscription, DeliveryView, SubscriptionView
from services.agency_api.octo.operations import ERRORS, ONCE, Who, heeded
from services.agency_api.site import answering

router = APIRouter(
    prefix="/octo/notifications/subscriptions",
    responses=ERRORS,
    dependencies=[Depends(HTTPBearer(auto_error=False, description="prefix.secret")), Depends(heeded)],
    tags=["Notifications"],
)
SubscriptionId = Annotated[str, Path(alias="id", description="The id of one of your subscriptions")]
DeliveryId = Annotated[str, Path(description="The webhook-id of what you were told")]


@router.post("", response_model=SubscriptionView, **ONCE)
async def post_subscription(asking: Who, request: Request, body: AskedSubscription) -> Response:
    """Be told of what changes. Keep the secret that signs: only this answer has it, repeated or not."""
    made = await once(asking, request, notifications.subscribe(asking, body))
    return await read(asking, notifications.show(asking, made["id"], with_secret=True))


@router.get("", response_model=list[SubscriptionView])
async def get_subscriptions(asking: Who) -> Response:
    """Your subscriptions under this base URL."""
    return await read(asking, notifications.listed(asking))


@router.get("/{id}", response_model=SubscriptionView)
async def get_subscription(asking: Who, subscription: SubscriptionId) -> Response:
    """One of your subscriptions."""
    return await read(asking, notifications.show(asking, subscription))


@router.patch("/{id}", response_model=SubscriptionView)
async def patch_subscription(asking: Who, subscription: SubscriptionId, body: AskedSubscription) -> Response:
    """Change what you give and nothing else; `active` true begins again after it was disabled."""
    return await read(asking, notifications.change(asking, subscription, body))


@router.delete("/{id}", response_model=SubscriptionView)
async def delete_subscription(asking: Who, subscription: SubscriptionId) -> Response:
    """Be told nothing more; its log goes with it."""
    return await read(asking, notifications.drop(asking, subscription))


@router.get("/{id}/deliveries", response_model=list[DeliveryView])
async def get_deliveries(asking: Who, subscription: SubscriptionId) -> Response:
    """What you were told within 30 days, and what came of it; the newest 200."""
    return await read(asking, notifications.deliveries(asking, subscription))


@router.post("/{id}/deliveries/{delivery}/replay", response_model=DeliveryView, **ONCE)
async def post_replay(asking: Who, request: Request, subscription: SubscriptionId, delivery: DeliveryId) -> Response:
    """Be told once more, under the same webhook-id."""
    again = await once(asking, request, notifications.replay(asking, subscription, delivery))
    return answering.answer(asking, again)
