"""What booking refuses, as OCTO says it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import TypeVar

from contracts.holding import MOST_HOLDS
from contracts.refusals import No, refusal
from services.agency_api.domain.bookings import Tried, Wish
from services.agency_api.octo import problems
from services.agency_api.octo.starting import Looking
from services.agency_api.site.answering import away
from services.agency_api.site.asking import Asking
from services.agency_api.site.problem import OctoProblem
from services.client.answers import OpenEnd, Refused, refused
from services.client.refusals import told

R = TypeVar("R")
#: So many holds an agency tries out at a time, at all communities together.
MOST_TRIED = 100


class ChangedMeanwhile(OctoProblem):
    """The booking goes on under another hold than the one that was acted on."""


#: Why there is no place, and what to do, for who reads English; others are told by the sentences of the node.
WHY: Mapping[str, str] = {
    "no_room": "There are not enough places left: POST /availability shows how many",
    "closed": "The community is closed then: POST /availability shows other starts",
    "stop_sell": "The community sells nothing more then: POST /availability shows other starts",
    "closed_weekday": "There is no start on that day of the week: POST /availability shows those there are",
    "out_of_season": "It is not offered in that month: POST /availability shows the starts there are",
    "cut_off": "It is too late to book that start: see utcCutoffAt of its availability",
    "past": "That start is over: POST /availability shows later ones",
    "party_too_small": "They are fewer than it is offered for: see restrictions.minUnits of the option",
    "party_too_large": "They are more than it is offered for: see restrictions.maxUnits of the option",
    "not_offered": "It is not offered any more: GET /products lists what is",
}


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
    why = (no.refusal.params or {}).get("why")
    sentence = WHY.get(str(why)) if asking.language == "en" else None
    sentence = sentence or told(asking.phrases, no.refusal)
    if no.refusal.reason == "changed_meanwhile":
        return ChangedMeanwhile("UNPROCESSABLE_ENTITY", sentence)
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


def judge_room(tried: Tried, asking: Asking) -> None:
    """For trying out: whether one may hold another beside so many. Raises OctoProblem as booking would."""
    for count, most in ((tried.there, MOST_HOLDS), (tried.everywhere, MOST_TRIED)):
        if count >= most:
            raise problem_of(refused(refusal(No.TOO_MANY_OPEN, "too_many_holds_open", most=most)), asking, "")
