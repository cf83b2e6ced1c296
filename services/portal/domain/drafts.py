"""An offer that somebody writes, step by step: what it says, what is still to be said, and what it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from contracts.border.v1 import Need
from contracts.community.v1 import Offering
from contracts.crossing.v1 import Travel
from contracts.referral.v1 import HandoffView, OfferHandoff
from contracts.values import (
    MAX_ITEMS,
    MAX_PARTY,
    CommunityId,
    CrossingId,
    ExperienceId,
    Item,
    Language,
    Party,
    Uuid,
    Value,
    Window,
)

#: A draft that nobody has touched for so long is removed.
KEPT = timedelta(days=30)
#: So many drafts somebody may have for one community; beyond that the oldest go.
MOST_DRAFTS = 20
Step = Literal["what", "who", "cross", "check"]
Driver = Literal["sender", "receiver", "party", "public", "unknown"]


class Draft(Value):
    """What is known of an offer so far: the same fields as it will have, and of nobody a name."""

    to: CommunityId
    people: Annotated[int, Field(ge=1, le=MAX_PARTY)] = 2
    #: What they want, before there is a day on which it is possible.
    wanted: Annotated[tuple[ExperienceId, ...], Field(max_length=MAX_ITEMS)] = ()
    nights: Annotated[int, Field(ge=1, le=30)] = 1
    items: Annotated[tuple[Item, ...], Field(max_length=MAX_ITEMS)] = ()
    party: Party | None = None
    needs: Annotated[tuple[Need, ...], Field(max_length=10)] = ()
    language: Language | None = None
    arrival: Window | None = None
    driver: Driver = "unknown"
    travel: Travel | None = None
    crossing: CrossingId | None = None
    #: Whether the way over the border has been looked at.
    crossed: bool = False
    replaces: Uuid | None = None

    @property
    def heads(self) -> int:
        """How many places it takes."""
        return self.party.heads if self.party else self.people

    def changed(self, **changes: object) -> Draft:
        """With these answers. The way over the border is looked at again when what it depends on has changed."""
        after = self.model_validate({**dict(self), **changes})
        if after.arrival and after.items and after.arrival.day != min(item.day for item in after.items):
            after = after.model_copy(update={"arrival": None})
        crosses = "items", "party", "travel", "arrival"
        if "crossed" not in changes and any(getattr(after, name) != getattr(self, name) for name in crosses):
            after = after.model_copy(update={"crossed": False})
        return after


@dataclass(frozen=True, kw_only=True)
class KeptDraft:
    """A draft as it is kept; `offered_as` is the handoff that it became, and then nothing else is left of it."""

    id: str
    content: Draft | None
    offered_as: str | None
    kept_at: datetime


def open_step(draft: Draft, *, border: bool) -> Step:
    """The first step that is not answered yet."""
    if not draft.items:
        return "what"
    if draft.party is None or draft.language is None or draft.arrival is None:
        return "who"
    return "cross" if border and not draft.crossed else "check"


def steps(*, border: bool) -> tuple[str, ...]:
    """All steps in order, the choice of a partner first; where no border lies between, none is planned."""
    return ("partner", "what", "who", "cross", "check") if border else ("partner", "what", "who", "check")


def offer(draft: Draft) -> OfferHandoff:
    """The offer that a finished draft is. Raises ValueError for one that is not finished."""
    if draft.party is None or draft.language is None:
        raise ValueError("a draft of nobody")
    return OfferHandoff(
        to=draft.to,
        party=draft.party,
        items=draft.items,
        needs=draft.needs,
        language=draft.language,
        arrival=draft.arrival,
        crossing=draft.crossing,
        travel=draft.travel,
        who_drives=draft.driver,
        replaces=draft.replaces,
    )


def of_handoff(view: HandoffView) -> Draft:
    """A draft of the offer that changes this handoff: all that is known of it, to be corrected."""
    items = view.items
    return Draft.model_validate(
        {
            "to": view.partner,
            "people": view.party.heads,
            "wanted": tuple(dict.fromkeys(item.experience_id for item in items)),
            "nights": max(item.nights for item in items),
            "items": items,
            "party": view.party,
            "needs": view.needs,
            "language": view.language,
            "arrival": view.arrival,
            "driver": view.who_drives,
            "travel": view.travel,
            "crossing": view.crossing,
            "replaces": view.referral_id,
        }
    ).changed()


def known_items(items: Iterable[Item], offering: Offering) -> tuple[Item, ...]:
    """Those that are still on offer."""
    offered = {experience.id for experience in offering.experiences}
    return tuple(item for item in items if item.experience_id in offered)
