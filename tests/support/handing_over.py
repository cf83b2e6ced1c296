"""Agencies hand over for Tha Li: what is agreed, and who asks."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.agencies.v1 import AgreementStated, AgreementTerms, HandingOver
from contracts.principal import Agency, Principal
from contracts.referral import v1
from contracts.refusals import Refusal, Refused
from services.chassis.ports import EVERYONE
from services.referral.handlers.handoff import acts, agencies
from tests.support.booking import in_days
from tests.support.principals import agency
from tests.support.referral import NOW, SENDER, Network, wanted

MEKONG, LANNA = agency("k2mekongaa2"), agency("k2lannaaaa2", "lanna-trails")
ANY = HandingOver()


async def authorised(
    net: Network, who: Agency = MEKONG, agreed: HandingOver | None = ANY, state: str = "agreed", **terms: Any
) -> None:
    """Referral learns what an agency and Tha Li have agreed."""
    said = AgreementTerms(**({"valid_from": in_days(-1), "hand_over": agreed} | terms)) if state == "agreed" else None
    stated: dict[str, Any] = {"agency": who.agency, "community": SENDER, "state": state, "since": NOW}
    await net.present()
    async with net.at[SENDER].referral.work(EVERYONE) as work:
        await agencies.keep_agreement(AgreementStated(**stated, terms=said), work)


async def by(
    net: Network,
    who: Principal,
    handler: Callable[[Any, Any], Awaitable[Any]],
    command: Any,
    acting: str = SENDER,
) -> Any:
    """What somebody asks for Tha Li, unless told otherwise; nothing is carried."""
    async with net.at[SENDER].referral.work(acting) as work:
        work.principal = who
        return await handler(command, work)


def offer(*items: Any, **given: Any) -> v1.OfferHandoff:
    """The usual offer, under an id of the agency's own."""
    return wanted(*items, **({"agency_ref": str(uuid.uuid4())} | given))


async def handed_over(net: Network, *items: Any, who: Agency = MEKONG, **given: Any) -> str:
    """An offer of an agency that Bo Taen has heard of; returns the agency's own id of it."""
    command = offer(*items, **given)
    await by(net, who, acts.offer, command)
    await net.carry()
    assert command.agency_ref is not None
    return command.agency_ref


async def refusal(asked: Awaitable[Any]) -> Refusal:
    """The no that something is answered with."""
    with pytest.raises(Refused) as no:
        await asked
    return no.value.refusal
