"""Who may ask what is judged by the service that is asked, from the call alone, before any use case runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

import contracts.described  # noqa: F401 - registers every type
from contracts.booking.v1 import AskBooking, BookingView, ReleaseHold, Reserve
from contracts.messages import Answer, Asked, Call, message_types
from contracts.permissions import forbids
from contracts.principal import Principal, Role
from contracts.refusals import No, Refused
from services.booking.adapters.unit_of_work import BookingUnitOfWork
from services.chassis.messaging.store import Delivery, Store
from services.chassis.runtime.ids import new_id
from tests.support.principals import OPERATOR, agency, member

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "contracts" / "examples"
RENAMES = ROOT / "services/chassis/storage/service_schema/0006_callers.sql"
ASKED: dict[str, type[Asked[Any]]] = {
    name: contract
    for name, contract in message_types().items()
    if issubclass(contract, Asked) and contract.__module__.startswith("contracts.")
}
OURS, THEIRS = "tha-li", "bo-taen"
PRINCIPALS: tuple[Principal | None, ...] = (
    None, OPERATOR, agency(), *(member(OURS, role) for role in get_args(Role)),
)  # fmt: skip
BOOKED = BookingView(
    hold_id=new_id(), referral_id=None, state="CONFIRMED", party={"adult": 2},
    items=({"experience_id": "tha-li.homestay", "day": "2027-01-14"},), quote=None, expires_at=None,
)  # fmt: skip


def called(contract: type[Asked[Any]], principal: Principal | None, acting: str | None, **more: Any) -> Call:
    """A call with the contract's own example."""
    data = json.loads((EXAMPLES / f"{contract.type}.json").read_text(encoding="utf-8"))
    deadline = datetime.now(UTC) + timedelta(seconds=60)
    given = {"id": new_id(), "caller": "test", "deadline": deadline, "data": data} | more
    return Call(type=contract.type, principal=principal, acting=acting, **given)


def scene(url: str, act: Callable[[Store[BookingUnitOfWork]], Awaitable[None]]) -> None:
    async def play() -> None:
        store = Store(url, BookingUnitOfWork)
        try:
            await act(store)
        finally:
            await store.close()

    asyncio.run(play())


async def reached(_wanted: Any, *_: Any) -> None:
    """A use case that says only that it was reached."""
    raise Refused(No.TOO_EARLY, "took_too_long", quote="reached")


def was_reached(answer: Answer) -> bool:
    """Whether the use case ran."""
    return answer.refusal is not None and answer.refusal.code is No.TOO_EARLY


def test_a_service_allows_each_principal_exactly_what_the_table_says(booking_database: str) -> None:
    async def act(store: Store[BookingUnitOfWork]) -> None:
        for contract in ASKED.values():
            for principal in PRINCIPALS:
                for acting in (OURS, THEIRS, None):
                    answer = await store.requests.operate(called(contract, principal, acting), contract, reached)
                    refusal = forbids(principal, acting, contract.type)
                    assert was_reached(answer) is (refusal is None), (contract.type, principal, acting)
                    assert refusal is None or answer == Answer(refusal=refusal)

    scene(booking_database, act)


def test_control_without_the_rule_a_call_without_a_principal_may_do_everything(
    booking_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.messaging.requests.forbids", lambda *_: None)

    async def act(store: Store[BookingUnitOfWork]) -> None:
        for contract in ASKED.values():
            assert was_reached(await store.requests.operate(called(contract, None, None), contract, reached))

    scene(booking_database, act)


@pytest.mark.parametrize("way", ["answer", "ask", "operate"])
def test_each_way_into_a_service_is_judged(booking_database: str, way: str) -> None:
    async def act(store: Store[BookingUnitOfWork]) -> None:
        allowed = await getattr(store.requests, way)(called(Reserve, member(OURS, "helper"), OURS), Reserve, reached)
        assert was_reached(allowed)
        for principal, acting in ((None, OURS), (member(OURS, "observer"), OURS), (member(THEIRS), OURS)):
            refused = await getattr(store.requests, way)(called(Reserve, principal, acting), Reserve, reached)
            assert not was_reached(refused)

    scene(booking_database, act)


def test_a_use_case_knows_who_acts(booking_database: str) -> None:
    seen: list[tuple[str, Principal | None]] = []

    async def look(_: Any, work: BookingUnitOfWork) -> BookingView:
        seen.append((work.acting, work.principal))
        return BOOKED

    async def act(store: Store[BookingUnitOfWork]) -> None:
        who = member(OURS, "helper")
        assert (await store.requests.answer(called(Reserve, who, OURS), Reserve, look)).refusal is None
        assert (await store.requests.ask(called(AskBooking, who, OURS), AskBooking, look)).refusal is None
        async with store.work("*") as work:
            seen.append((work.acting, work.principal))
        assert seen == [(OURS, who), (OURS, who), ("*", None)]

    scene(booking_database, act)


def test_a_message_has_no_principal_even_when_an_operator_replays_it(booking_database: str) -> None:
    seen: list[Principal | None] = []

    async def hear(_: Any, work: BookingUnitOfWork) -> None:
        seen.append(work.principal)

    async def act(store: Store[BookingUnitOfWork]) -> None:
        store.readers[ReleaseHold.type] = (ReleaseHold, hear)
        envelope = json.loads((EXAMPLES / "envelope.json").read_text(encoding="utf-8"))
        envelope = {name: value for name, value in envelope.items() if name not in ("to", "seen", "keyid", "signature")}
        data = json.loads((EXAMPLES / f"{ReleaseHold.type}.json").read_text(encoding="utf-8"))
        body = json.dumps(envelope | {"type": ReleaseHold.type, "source": "referral", "seq": 1, "data": data}).encode()
        delivery = Delivery(body=body, queue="booking.internal", headers={}, content_type="application/json")
        await store.acted_by(OPERATOR).inbox.receive(delivery)
        assert seen == [None]

    scene(booking_database, act)


def test_an_answer_is_kept_for_whoever_asked_and_repeated_to_nobody_else(booking_database: str) -> None:
    done: list[str] = []

    async def reserve(_: Any, work: BookingUnitOfWork) -> BookingView:
        done.append(work.principal.who if work.principal else "")
        return BOOKED

    async def act(store: Store[BookingUnitOfWork]) -> None:
        about = {"id": new_id(), "caller": "portal"}
        first = await store.requests.answer(called(Reserve, member(OURS, "helper"), OURS, **about), Reserve, reserve)
        assert first.result == BOOKED.wire()
        risen = await store.requests.answer(
            called(Reserve, member(OURS, "coordinator"), OURS, **about), Reserve, reserve
        )
        assert risen == first  # the same person, in another role that may
        fallen = await store.requests.answer(called(Reserve, member(OURS, "observer"), OURS, **about), Reserve, reserve)
        assert fallen.refusal is not None
        assert fallen.refusal.code is No.NOT_ALLOWED  # in one that may not: not even what was answered before
        for other in (member(OURS, account="somsak"), OPERATOR):
            answer = await store.requests.answer(called(Reserve, other, OURS, **about), Reserve, reserve)
            assert answer.refusal is not None
            assert answer.refusal.code is No.CONFLICT
        assert done == ["member:noi"]

    scene(booking_database, act)


def test_what_the_local_api_asked_under_its_name_of_before_is_not_done_again(booking_database: str) -> None:
    done: list[str] = []

    async def reserve(_: Any, work: BookingUnitOfWork) -> BookingView:
        done.append(work.acting)
        return BOOKED

    async def act(store: Store[BookingUnitOfWork]) -> None:
        asked = {"id": new_id()}
        first = await store.requests.answer(called(Reserve, OPERATOR, OURS, **asked, caller="door"), Reserve, reserve)
        async with store.work("*") as work:
            await work.connection.execute(RENAMES.read_text(encoding="utf-8"))
        again = called(Reserve, OPERATOR, OURS, **asked, caller="local_api")
        assert await store.requests.answer(again, Reserve, reserve) == first
        assert done == [OURS]

    scene(booking_database, act)
