"""Every use case of every service is declared to return what its contract says it is answered with."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

import contracts.described  # noqa: F401 - registers every type
from contracts.messages import Asked, Nothing, Several, message_types
from services.agency_api.service import AgencyApi
from services.booking.service import Booking
from services.chassis.messaging.store import Handler
from services.community.service import Community
from services.portal.service import Portal
from services.referral.service import Referral

SERVICES: tuple[type[Any], ...] = (AgencyApi, Booking, Community, Portal, Referral)


def asked(service: type[Any]) -> Iterator[tuple[type[Asked[Any]], Handler]]:
    """What a service answers, and with which use case: what its entrypoints were made of."""
    for _, method in inspect.getmembers(service, inspect.isfunction):
        made_of = inspect.getclosurevars(method).nonlocals
        contract = made_of.get("contract")
        if contract is not None and issubclass(contract, Asked):
            yield contract, made_of["handler"]


CASES = {f"{service.__name__}.{c.__name__}": (c, handler) for service in SERVICES for c, handler in asked(service)}


def fits(contract: type[Asked[Any]], returned: Any) -> bool:
    """Whether what a use case returns becomes the contract's answer."""
    answer = contract.answer()
    if issubclass(answer, Several):
        return get_args(returned)[:1] == (answer.each(),)
    return bool(returned == (type(None) if answer is Nothing else answer))


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_use_case_returns_what_its_contract_is_answered_with(name: str) -> None:
    contract, handler = CASES[name]
    assert fits(contract, get_type_hints(handler)["return"])


def test_every_command_and_query_has_a_use_case() -> None:
    ours = {n for n, c in message_types().items() if issubclass(c, Asked) and c.__module__.startswith("contracts.")}
    assert {contract.type for contract, _ in CASES.values()} == ours


def test_control_a_wrong_return_type_is_found() -> None:
    contract, handler = CASES["Referral.ListHandoffs"]
    assert fits(contract, get_type_hints(handler)["return"])
    assert not any(fits(contract, other) for other in (type(None), dict, list[Nothing], Nothing))
