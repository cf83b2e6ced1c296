"""Whoever asks knows what comes back: a contract says it, a type checker reads it, and a service is held to it."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar, assert_type

import pytest

import contracts.described  # noqa: F401 - registers every type
from contracts.booking.v1 import AskPools, PoolView, RestateAvailability, Violation
from contracts.messages import Asked, Nothing, Query, Several, message_types
from contracts.referral.v1 import AcceptHandoff, HandoffSummary, ListHandoffs, Recorded
from contracts.values import Value
from services.chassis.messaging.requests import _wire  # what stands between a use case and its answer

R = TypeVar("R", bound=Value)
ASKED: dict[str, type[Asked[Any]]] = {
    name: contract
    for name, contract in message_types().items()
    if issubclass(contract, Asked) and contract.__module__.startswith("contracts.")
}
REFERRAL = "019aa1f0-2b14-7c3e-9d41-000000000061"
RECORDED = Recorded(referral_id=REFERRAL, state="held", intent="accept")
VIOLATION = Violation(rule="capacity", subject="bo-taen", found="9 of 8")


def sent(asked: Asked[R], result: dict[str, Any]) -> R:
    """What a client does with an answer."""
    return asked.answer().read(result)


def test_a_type_checker_knows_the_answer() -> None:
    accepted = sent(AcceptHandoff(referral="0061"), RECORDED.wire())
    assert_type(accepted, Recorded)
    assert accepted == RECORDED
    handoffs = sent(ListHandoffs(), {"items": []})
    assert_type(handoffs, Several[HandoffSummary])
    assert_type(handoffs.items, tuple[HandoffSummary, ...])
    assert_type(sent(RestateAvailability(), {}), Nothing)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_every_command_and_query_says_what_it_is_answered_with(name: str) -> None:
    answer = ASKED[name].answer()
    assert issubclass(answer, Value)
    assert not issubclass(answer, Several) or issubclass(answer.each(), Value)


def test_what_does_not_say_its_answer_is_not_registered() -> None:
    with pytest.raises(TypeError, match="Mute: say what it is answered with"):

        class Mute(Query):  # type: ignore[type-arg]  # this is the mistake
            type: ClassVar[str] = "booking.mute.v1"

    assert "booking.mute.v1" not in message_types()


def test_unknown_fields_of_a_newer_service_are_ignored_also_in_lists() -> None:
    answer = Several[Violation].read({"items": [VIOLATION.wire() | {"more": 1}], "next": "x"})
    assert answer.items == (VIOLATION,)


@pytest.mark.parametrize(
    ("contract", "result", "wire"),
    [
        (RestateAvailability, None, {}),
        (AcceptHandoff, RECORDED, RECORDED.wire()),
        (AskPools, [], {"items": []}),
        (ListHandoffs, (), {"items": []}),
    ],
)
def test_an_answer_travels_as_it_always_did(contract: type[Asked[Any]], result: Any, wire: dict[str, Any]) -> None:
    assert _wire(result, contract) == wire
    assert contract.answer().read(wire).wire() == wire


@pytest.mark.parametrize(
    ("contract", "result", "said"),
    [
        (RestateAvailability, RECORDED, "RestateAvailability is answered with Nothing, not Recorded"),
        (AcceptHandoff, None, "AcceptHandoff is answered with Recorded, not NoneType"),
        (AcceptHandoff, VIOLATION, "AcceptHandoff is answered with Recorded, not Violation"),
        (AcceptHandoff, [RECORDED], "AcceptHandoff is answered with Recorded, not a list of Recorded"),
        (AskPools, RECORDED, "not Recorded"),
        (AskPools, [VIOLATION], "not a list of Violation"),
        (AskPools, "pools", "not str"),
    ],
)
def test_an_answer_of_another_class_is_a_fault_of_the_service(
    contract: type[Asked[Any]], result: Any, said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        _wire(result, contract)


def test_the_items_of_an_answer_are_of_the_class_that_is_named() -> None:
    assert AskPools.answer().each() is PoolView
