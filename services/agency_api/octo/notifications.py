"""Subscriptions of an agency: to be told of bookings, products and availability that have changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import Field

from services.agency_api.domain import notifying
from services.agency_api.domain.notifying import Delivery, Kind, Subscription
from services.agency_api.handlers import notifying as telling
from services.agency_api.octo import problems
from services.agency_api.octo.asked import Asked
from services.agency_api.octo.objects import Octo, Utc
from services.agency_api.site.asking import Asking
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.client import reaching, webhooks

#: So many deliveries are listed, the newest.
MOST_LISTED = 200
#: Stands for a header's value, which is not told again: it may be a secret. No value can be this.
HIDDEN = "…"
Types = Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=10)]


class AskedSubscription(Asked):
    """Where to be told of what; `headers` come with each notification. In a PATCH, what is left out stays.

    `headers` of a PATCH are all there are from then on; the value `…`, as it is answered, keeps the one before, as long
    as notifications go to the same host: a new host gets those headers alone that are given anew.
    """

    url: Annotated[str, Field(max_length=reaching.LONGEST_ADDRESS)] | None = None
    notification_types: Types | None = None
    headers: dict[str, str] | None = Field(default=None, repr=False)
    active: bool | None = None


class SubscriptionView(Octo):
    """A subscription; only the POST that makes it tells `secret`. `problem` says why it is not active any more.

    Of `headers` the names are told; each value is `…`.
    """

    id: str
    url: str
    notification_types: tuple[Kind, ...]
    headers: dict[str, str]
    active: bool
    utc_created_at: Utc
    utc_disabled_at: Utc | None
    problem: str | None
    secret: str | None = None


class DeliveryView(Octo):
    """A notification and what came of it; its id is the header `webhook-id`, the same at every try."""

    id: str
    type: Kind
    data: dict[str, str]
    status: str
    attempts: int
    problem: str | None
    utc_created_at: Utc
    utc_last_attempt_at: Utc | None
    utc_next_attempt_at: Utc | None


async def subscribe(asking: Asking, asked: AskedSubscription) -> dict[str, Any]:
    """Add a subscription; what comes back says only its id."""
    if not asked.url:
        raise problems.bad_request("url: say where you want to be told, such as https://agency.example/octo")
    if not asked.notification_types:
        raise problems.bad_request(f"notificationTypes: name some of {', '.join(get_args(Kind))}")
    blank = Subscription(
        id=new_id(), agency=asking.agency, community=asking.community, url="", receiver="", types=(),
        made_at=datetime.now(UTC), secret=secrets.token_bytes(webhooks.SECRET_BYTES),
    )  # fmt: skip
    new = changed(asking, blank, asked)
    async with asking.store.work(EVERYONE) as work:
        if not await telling.subscribe(work, new):
            raise problems.unprocessable(f"You have {notifying.MOST_SUBSCRIPTIONS} subscriptions: delete one first")
    return {"id": new.id}


def changed(asking: Asking, one: Subscription, asked: AskedSubscription) -> Subscription:
    """With what is asked for. Raises OctoProblem naming the field."""
    if asked.url is not None:
        one = _elsewhere(one, asked.url, _receiver(asking, asked.url))
    if asked.notification_types is not None:
        one = replace(one, types=_types(asked.notification_types))
    if asked.headers is not None:
        one = replace(one, headers=_headers(one, asked.headers))
    return one if asked.active is None else replace(one, active=asked.active)


def _elsewhere(one: Subscription, url: str, receiver: str) -> Subscription:
    """At another address; another host is not told what the one before was trusted with."""
    headers = one.headers if receiver == one.receiver else {}
    return replace(one, url=url, receiver=receiver, headers=headers)


def _receiver(asking: Asking, url: str) -> str:
    where, private = reaching.place(url), asking.parts.settings.private_receivers
    if where is None or not reaching.may_be_asked(where, private) or reaching.is_private(where, private):
        raise problems.bad_request("url: give an https address on the public internet, without a user or a fragment")
    return where.named


def _headers(one: Subscription, given: Mapping[str, str]) -> Mapping[str, str]:
    before = {name.lower(): value for name, value in one.headers.items()}
    if lost := [name for name, value in given.items() if value == HIDDEN and name.lower() not in before]:
        raise problems.bad_request(f"headers: {len(lost)} of them have no value here any more: give it")
    kept = {name: before[name.lower()] if value == HIDDEN else value for name, value in given.items()}
    wrong = notifying.unfit_header(kept)
    if wrong:
        raise problems.bad_request(wrong)
    return kept


def _types(given: Sequence[str]) -> tuple[Kind, ...]:
    named = {each.upper() for each in given}
    kinds = tuple(kind for kind in get_args(Kind) if kind in named)
    if not kinds or len(kinds) < len(named):
        raise problems.bad_request(f"notificationTypes: there are {', '.join(get_args(Kind))}")
    return kinds


async def listed(asking: Asking) -> list[dict[str, Any]]:
    """All of the agency's under this base URL."""
    async with asking.store.work(EVERYONE, readonly=True) as work:
        found: Sequence[Subscription] = await work.subscriptions(asking.agency, asking.community)
    return [shown(one) for one in found]


async def show(asking: Asking, subscription: str, *, with_secret: bool = False) -> dict[str, Any]:
    """One of them."""
    async with asking.store.work(EVERYONE, readonly=True) as work:
        return shown(await _own(asking, subscription, work), with_secret=with_secret)


async def change(asking: Asking, subscription: str, asked: AskedSubscription) -> dict[str, Any]:
    """Change what is given and nothing else."""
    async with asking.store.work(EVERYONE) as work:
        await work.change_subscription(changed(asking, await _own(asking, subscription, work), asked))
        return shown(await _own(asking, subscription, work))


async def drop(asking: Asking, subscription: str) -> dict[str, Any]:
    """Be told nothing more."""
    async with asking.store.work(EVERYONE) as work:
        one = await _own(asking, subscription, work)
        await work.drop_subscription(one)
    return shown(replace(one, active=False))


async def deliveries(asking: Asking, subscription: str) -> list[dict[str, Any]]:
    """What it was told, and what came of it, newest first."""
    async with asking.store.work(EVERYONE, readonly=True) as work:
        one = await _own(asking, subscription, work)
        found: Sequence[Delivery] = await work.deliveries(one.id, MOST_LISTED)
    return [delivery_shown(each) for each in found]


async def replay(asking: Asking, subscription: str, delivery: str) -> dict[str, Any]:
    """Tell it once more, under the same id."""
    async with asking.store.work(EVERYONE) as work:
        one = await _own(asking, subscription, work)
        if not one.active:
            raise problems.unprocessable("The subscription is not active: PATCH it with active true first")
        found = await work.deliveries(one.id, 1, delivery) if _is_id(delivery) else ()
        if not found:
            raise problems.bad_request("The subscription has no delivery with this id")
        await telling.tell_again(work, found[0])
        (again,) = await work.deliveries(one.id, 1, delivery)
    return delivery_shown(again)


async def _own(asking: Asking, subscription: str, work: Any) -> Subscription:
    """One of the agency's under this base URL. Raises OctoProblem for any other, alike."""
    found: Sequence[Subscription] = ()
    if _is_id(subscription):
        found = await work.subscriptions(asking.agency, asking.community, subscription)
    if not found:
        raise problems.bad_request("You have no subscription with this id")
    return found[0]


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def shown(one: Subscription, *, with_secret: bool = False) -> dict[str, Any]:
    """As it is answered."""
    secret = {"secret": webhooks.written(one.secret)} if with_secret else {}
    return SubscriptionView(
        id=one.id, url=one.url, notification_types=one.types, active=one.active,
        headers=dict.fromkeys(one.headers, HIDDEN), utc_created_at=_utc(one.made_at),
        utc_disabled_at=one.disabled_at and _utc(one.disabled_at), problem=one.problem or None, **secret,
    ).wire()  # fmt: skip


def delivery_shown(one: Delivery) -> dict[str, Any]:
    """As it is answered."""
    return DeliveryView(
        id=one.id, type=one.news.type, data=dict(one.news.data), status=one.standing.upper(), attempts=one.tries,
        problem=one.problem or None, utc_created_at=_utc(one.made_at),
        utc_last_attempt_at=one.tried_at and _utc(one.tried_at),
        utc_next_attempt_at=_utc(one.due_at) if one.standing == "waits" else None,
    ).wire()  # fmt: skip


def _utc(moment: datetime) -> Utc:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
