"""An act that meets another change of its booking is done on what the booking is then, once more and no oftener."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.refusals import No, refusal
from services.agency_api.octo import refusing
from services.agency_api.octo.bookings import opened_anew
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings
from services.client.answers import refused


def asking() -> Asking:
    nothing: Any = None
    parts = EdgeParts(rpc=nothing, settings=Settings(database_url=""))
    return Asking(parts=parts, signed_in=SignedIn("mekong-trails", "aaaaaaaaaa", frozenset()), url="http://x/octo")


def acted(reasons: list[str]) -> tuple[list[str], dict[str, Any] | str]:
    """What booking refuses, one try after the other, until it does it; how often it was asked, and what came of it."""
    tries: list[str] = []

    async def act(who: Asking, uuid: str, _: None) -> dict[str, Any]:
        tries.append(uuid)
        if len(tries) <= len(reasons):
            raise refusing.problem_of(refused(refusal(No.WRONG_STATE, reasons[len(tries) - 1], "hold_id")), who, uuid)
        return {"uuid": uuid}

    try:
        return tries, asyncio.run(opened_anew(act)(asking(), "u", None))
    except OctoProblem as problem:
        return tries, problem.problem.error


@pytest.mark.parametrize(
    ("reasons", "times", "end"),
    [
        ([], 1, {"uuid": "u"}),
        (["changed_meanwhile"], 2, {"uuid": "u"}),
        (["changed_meanwhile", "changed_meanwhile"], 2, "UNPROCESSABLE_ENTITY"),
        (["booking_is_over"], 1, "UNPROCESSABLE_ENTITY"),
    ],
    ids=["nothing", "once", "always", "control: any other refusal"],
)
def test_a_booking_that_has_changed_meanwhile_is_opened_once_more(reasons: list[str], times: int, end: Any) -> None:
    assert acted(reasons) == (["u"] * times, end)
