"""A handoff as a story, for the side that looks: whose turn it is, what happened, what is to come, what may change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.crossing.v1 import AskCrossings
from contracts.messages import Asked
from contracts.personal.v1 import (
    ErasePersonalPart,
    ExportHandoff,
    GiveConsent,
    ReadPersonalPart,
    RefuseConsent,
    WithdrawConsent,
)
from contracts.referral import v1
from contracts.referral.v1 import HandoffView, OfferHandoff, ShowHandoff, StoryLine
from contracts.values import Names
from services.client import formatting
from services.client.answers import Refused
from services.client.phrases import vocabulary
from services.client.phrases.catalogue import N_, NC_, Phrase
from services.client.phrases.vocabulary import Table, code_of
from services.portal.site import pending
from services.portal.site.context import PageContext
from services.portal.site.members import who_did_it
from services.portal.site.portal_site import PageRoute

#: Act → what is asked when it is done: whoever may not ask it is not shown it.
ASKED: Mapping[str, type[Asked[Any]]] = {
    "accept": v1.AcceptHandoff,
    "counter": v1.CounterHandoff,
    "decline": v1.DeclineHandoff,
    "take_counter": v1.TakeCounter,
    "consent": GiveConsent,
    "refuse_consent": RefuseConsent,
    "withdraw_consent": WithdrawConsent,
    "withdraw": v1.WithdrawHandoff,
    "depart": v1.DepartParty,
    "delay": v1.DelayParty,
    "turn_back": v1.TurnPartyBack,
    "arrive": v1.ArriveParty,
    "no_show": v1.MarkNoShow,
    "complete": v1.CompleteVisit,
    "cancel": v1.CancelHandoff,
    "read_personal_part": ReadPersonalPart,
    "erase": ErasePersonalPart,
}
#: Act → where it is done, below the handoff; what the personal part needs is a form of its own.
PATHS: Mapping[str, str] = {
    "accept": "answer",
    "counter": "answer",
    "decline": "answer",
    "take_counter": "take",
    "consent": "consent",
    "refuse_consent": "consent",
    "withdraw_consent": "consent/back",
    "withdraw": "withdraw",
    "depart": "depart",
    "delay": "late",
    "turn_back": "turned-back",
    "arrive": "arrive",
    "no_show": "no-show",
    "complete": "complete",
    "cancel": "cancel",
    "erase": "erase",
}
#: What our turn is about; `partner` is a name.
TURNS: Table = {
    "answer": N_("{partner} asks whether you can take them."),
    "take": N_("{partner} cannot take them as you asked, and holds something else for you."),
    "consent": N_("{partner} said yes. Now ask the traveller whether the name may be passed on."),
    "depart": N_("It is booked. Say so when they leave."),
    "arrive": N_("They may come from now on. Receive them when they are here."),
    "complete": N_("They are with you. Close the visit when they leave."),
}
#: In place of the words of an act where the story can say it more shortly.
SAID: Table = {
    **vocabulary.ACTS,
    "offer": NC_("a story", "asked whether they can come"),
    "handoff_offered": NC_("a story", "asked whether they can come"),
    "accept": NC_("a story", "said yes"),
    "handoff_accepted": NC_("a story", "said yes"),
    "party_released": NC_("a story", "passed on the traveller's answer"),
    "hold_placed": NC_("a story", "held the places, price fixed"),
    "handoff_held": NC_("a story", "held the places, price fixed"),
}
#: What happens between the services of a node and tells people nothing; `hold_extended` follows a yes.
_UNTOLD = frozenset({"hold_released", "give_places_back", "record_stated"})
#: Act → icon, where the state that it leads to does not show it.
_ICONS = {
    "accept": "check",
    "party_released": "user",
    "delay": "clock",
    "party_delayed": "clock",
    "consent": "user",
    "refuse_consent": "lock",
    "erase": "x",
}
#: A party on a long way leaves the day before it arrives; until then nobody can have left, or been turned back.
ON_THE_EVE = timedelta(days=1)
ON_THE_WAY = frozenset({"depart", "turn_back"})
#: What is still to come, by state, the next one first.
TO_COME: Mapping[str, tuple[str, ...]] = {
    "offered": ("answer", "agrees", "booked", "leave", "arrive"),
    "held": ("answer", "agrees", "booked", "leave", "arrive"),
    "countered": ("take", "agrees", "booked", "leave", "arrive"),
    "accepted": ("agrees", "booked", "leave", "arrive"),
    "confirmed": ("leave", "arrive"),
    "departed": ("arrive",),
    "arrived": ("close",),
}
#: What stands below the story when it can be done.
MENU = frozenset(
    {"delay", "depart", "turn_back", "no_show", "withdraw_consent", "erase", "withdraw", "cancel", "arrive", "complete"}
)
#: Something else can be asked again once it has come to this.
ENDED_EARLY = frozenset({"declined", "expired", "withdrawn", "cancelled"})


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of the story as a page tells it."""

    is_ours: bool
    words: Phrase | str
    at: datetime
    state: str
    #: In place of that of the state.
    icon: str = ""
    by: str = ""
    crossed: bool = False


@dataclass(frozen=True)
class Turn:
    """What is ours to do now, where, and until when."""

    kind: str
    path: str
    until: datetime | None

    @property
    def words(self) -> Phrase:
        """What it is about."""
        return TURNS[self.kind]


async def handoff(page: PageContext) -> HandoffView:
    """The record of the address. Raises Refused, or HTTPException for what is no id."""
    try:
        asked = ShowHandoff(referral=str(page.request.path_params["id"]))
    except ValidationError:
        raise HTTPException(404) from None
    return await page.ask(asked)


async def show(page: PageContext) -> Response:
    """The whole of it; a phone asks now and then whether it has changed."""
    known, view, people = await asyncio.gather(page.known(), handoff(page), who_did_it(page))
    acts, today = allowed(page, view), formatting.local(page.now).date()
    agencies = await pending.names(page, [view.agency])
    return page.render(
        "handoff.html", live=True, keep=view.last_day or view.arrival.day, here="/requests",
        view=view, known=known, names=known.names(page.phrases), partner=known.name(page.phrases, view.partner),
        acts=acts, turn=turn(view, acts, today), story=story(view, people, agencies), coming=coming(view),
        crossing=await crossing_of(page, view), holds=holds(view), sides=sides(view),
        may_change=may_change(page, view), may_ask_again=may_ask_again(page, view), has_menu=bool(acts & MENU),
        attention=partial(vocabulary.attention, page.phrases), drives=vocabulary.DRIVES,
        may_export=page.may(ExportHandoff), agency=agencies.get(view.agency or "", view.agency),
    )  # fmt: skip


def sides(view: HandoffView) -> tuple[str, str]:
    """(sender, receiver), by id."""
    pair = (view.community, view.partner)
    return pair if view.side == "sender" else (pair[1], pair[0])


def allowed(page: PageContext, view: HandoffView) -> frozenset[str]:
    """What can be done now, and may be by whoever looks; nobody is asked again for what was said."""
    now = in_time(view, formatting.local(page.now).date())
    return frozenset(act for act in now if act in ASKED and page.may(ASKED[act]))


def in_time(view: HandoffView, today: date) -> frozenset[str]:
    """The acts of which it is not too early to speak: people tap on what stands there."""
    acts = frozenset(one.act for one in view.next_acts if not one.again)
    return acts - ON_THE_WAY if view.arrival.day - today > ON_THE_EVE else acts


def turn(view: HandoffView, acts: frozenset[str], today: date) -> Turn | None:
    """What waits for our side, if whoever looks may do it; that they have left, or go, only when that can be."""
    base = f"/handoffs/{view.referral_id}/"
    if view.state == "confirmed" and "depart" in acts:
        return Turn("depart", base + "depart", None)
    if view.whose_move != view.side or (view.state == "arrived" and not is_last_day(view, today)):
        return None
    for one in view.next_acts:
        if one.is_move and one.act in acts and PATHS.get(one.act) in TURNS:
            return Turn(PATHS[one.act], base + PATHS[one.act], one.until)
    return None


def is_last_day(view: HandoffView, today: date) -> bool:
    """Whether the party goes today, or should have gone."""
    return (view.last_day or view.arrival.day) <= today


def holds(view: HandoffView) -> Phrase:
    """What holds now; a rule that says no is not a person."""
    return vocabulary.DECLINED_BY_RULE if _by_rule(view) else vocabulary.HOLDS[view.state]


def story(view: HandoffView, people: Mapping[str, str], agencies: Mapping[str, str] | None = None) -> list[Told]:
    """What happened, as people tell it; of those who did it one's own members, as `people` calls them, and agencies."""
    codes = [code_of(line.act) for line in view.story]
    found = []
    for line, code in zip(view.story, codes, strict=True):
        if code in _UNTOLD or (code == "hold_extended" and "accept" in codes):
            continue
        found.append(
            Told(
                is_ours=line.by == view.community,
                words=_words(line, code, view),
                at=line.at,
                state=line.state,
                icon=_ICONS.get(code, "info" if line.crossed else ""),
                by=_by(line, people, agencies or {}) if line.by == view.community else "",
                crossed=line.crossed,
            )
        )
    return found


def _by(line: StoryLine, people: Mapping[str, str], agencies: Mapping[str, str]) -> str:
    if line.agency is not None:
        return agencies.get(line.agency, line.agency)
    return people.get(line.account or "", "")


def _words(line: StoryLine, code: str, view: HandoffView) -> Phrase | str:
    if line.state == "declined" and _by_rule(view):
        return vocabulary.DECLINED_WITHOUT_ASKING
    if code == "personal_data_erased" and (view.personal == "none" or view.consent_refused):
        return vocabulary.KNOWS_NOTHING
    return SAID.get(code, line.act.replace("_", " "))


def _by_rule(view: HandoffView) -> bool:
    return view.state == "declined" and view.reason in vocabulary.BY_RULE


def coming(view: HandoffView) -> Sequence[str]:
    """What is still to come; for what the traveller has decided already nobody waits."""
    decided = view.consent is not None or view.consent_refused
    return [one for one in TO_COME.get(view.state, ()) if not (one == "agrees" and decided)]


def may_change(page: PageContext, view: HandoffView) -> bool:
    """Whether another party or day may be asked for in its place: as long as it could be taken back."""
    can = {one.act for one in view.next_acts}
    return view.side == "sender" and "withdraw" in can and page.may(OfferHandoff)


def may_ask_again(page: PageContext, view: HandoffView) -> bool:
    """Whether the same party may be offered anew, on another day."""
    return view.side == "sender" and view.state in ENDED_EARLY and page.may(OfferHandoff)


async def crossing_of(page: PageContext, view: HandoffView) -> Names | None:
    """The name of the crossing; it is not worth a failure."""
    if view.crossing is None:
        return None
    try:
        book = await page.ask(AskCrossings(id=view.crossing))
    except Refused:
        return None
    return book.crossings[0].names if book.crossings else None


PAGES = (PageRoute("GET", "/handoffs/{id}", show, asks=ShowHandoff),)
