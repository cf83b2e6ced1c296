"""Who may ask what: judged once, from the contract, before any use case runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

import pytest

import contracts.booking.v1
import contracts.community.v1
import contracts.node.v1
import contracts.referral.v1  # noqa: F401 - importing a contract registers its types
from contracts.messages import Answer, Asked, Call, Nothing, message_types
from contracts.refusals import No
from services.booking.adapters.postgres import BookingWork
from services.chassis.ids import new_id
from services.chassis.store import Store

ASKED = {name: cls for name, cls in message_types().items() if issubclass(cls, Asked)}
OPERATORS = {name for name, cls in ASKED.items() if cls.asked_by == "operator"}
COMMUNITIES = {name for name, cls in ASKED.items() if cls.asked_by == "community"}


def asked(contract: type[Asked[Any]], acting: str | None, url: str) -> Answer:
    """What a call is answered with when its use case would say yes to everybody."""

    async def scene() -> Answer:
        store = Store(url, BookingWork)

        async def yes(_wanted: Any, _work: Any) -> None:
            return None

        deadline = datetime.now(UTC) + timedelta(seconds=20)
        kind = getattr(contract, "type", "test.any.v1")
        call = Call(id=new_id(), type=kind, caller="test", acting=acting, deadline=deadline, data={})
        try:
            return await store.ask(call, contract, yes)
        finally:
            await store.close()

    return asyncio.run(scene())


class _Any(Asked[Nothing]):
    """A question that everybody may ask: the control. It has no type, so no catalogue will miss it."""

    asked_by: ClassVar[Literal["community", "operator", "both"]] = "both"


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_a_community_is_refused_what_only_operators_of_the_system_may_ask(name: str, booking_database: str) -> None:
    refusal = asked(ASKED[name], "tha-li", booking_database).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == (No.NOT_ALLOWED, "acting")


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_whoever_asks_as_a_community_says_which(name: str, booking_database: str) -> None:
    refusal = asked(ASKED[name], None, booking_database).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == (No.INVALID, "acting")


def test_control_what_both_may_ask_is_answered(booking_database: str) -> None:
    assert asked(_Any, "tha-li", booking_database).refusal is None
    assert asked(_Any, None, booking_database).refusal is None


def test_what_looks_over_the_whole_node_is_for_operators_of_the_system() -> None:
    assert {"booking.check_invariants.v1", "referral.check_records.v1", "community.restate.v1"} <= OPERATORS
    assert {name for name in ASKED if name.startswith("node.")} - OPERATORS == {"node.list_audit.v1"}
