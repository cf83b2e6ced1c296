"""What booking refuses, as OCTO says it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from contracts.refusals import No, refusal
from services.agency_api.domain.bookings import Wish
from services.agency_api.octo import problems
from services.agency_api.octo.starting import Looking
from services.agency_api.site.answering import away
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.client.answers import OpenEnd, Refused, refused
from services.client.refusals import told

R = TypeVar("R")


async def or_problem(asked: Awaitable[R], asking: Asking, uuid: str) -> R:
    """What was asked. Raises OctoProblem for a refusal, in the language asked for."""
    try:
        return await asked
    except OpenEnd:
        raise away() from None
    except Refused as no:
        raise problem_of(no, asking, uuid) from None


def problem_of(no: Refused, asking: Asking, uuid: str) -> OctoProblem:
    """A refusal as an error of OCTO."""
    sentence = told(asking.phrases, no.refusal)
    if no.code is No.UNKNOWN and no.refusal.reason == "no_such_booking":
        return problems.unknown_booking(uuid)
    if no.code is No.TOO_LATE and no.refusal.reason == "hold_has_run_out":
        return problems.unknown_booking(uuid, sentence)
    return problems.bad_request(sentence) if no.code is No.INVALID else problems.unprocessable(sentence)


def judge(looking: Looking, wish: Wish, asking: Asking) -> None:
    """For trying out: whether booking would hold it. Raises OctoProblem as booking would refuse it."""
    units = tuple(guest.unit for guest in wish.guests)
    found = Looking(supply=looking.supply, choice=looking.choice, now=looking.now, units=units)
    reason = found.at(wish.day, wish.start).reason
    if reason is not None:
        about = {"why": reason, "experience_id": wish.product, "day": wish.day.isoformat()}
        raise problem_of(refused(refusal(No.NO_ROOM, "no_place", "items", **about)), asking, "")
