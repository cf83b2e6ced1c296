"""How an agency and a community come to terms, change them and part.

Both are of this node, so there is one record of the two, and every move is a line of one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Literal

from contracts.agencies.v1 import AgencyId, AgreementState, AgreementTerms, Side
from contracts.refusals import No, Refused
from contracts.values import CommunityId

#: `turn_down` ends a proposal alone, of whoever made it; `end` ends everything between the two.
Act = Literal["propose", "agree", "turn_down", "end"]


class Phase(Enum):
    """How an agreement stands."""

    NOTHING = "nothing between them"
    BY_AGENCY = "the agency’s terms wait"
    BY_COMMUNITY = "the community’s terms wait"
    AGREED = "agreed"
    NEW_BY_AGENCY = "agreed, the agency’s new terms wait"
    NEW_BY_COMMUNITY = "agreed, the community’s new terms wait"


def _waiting(waits: Phase, theirs: Phase, answers: Side, back: Phase) -> dict[tuple[Phase, Side, Act], Phase]:
    """The lines of terms that wait for `answers`: `theirs` is where other terms of it lead, `back` a no."""
    asks: Side = "community" if answers == "agency" else "agency"
    return {
        (waits, asks, "propose"): waits,
        (waits, answers, "propose"): theirs,
        (waits, answers, "agree"): Phase.AGREED,
        (waits, asks, "turn_down"): back,
        (waits, answers, "turn_down"): back,
        (waits, asks, "end"): Phase.NOTHING,
        (waits, answers, "end"): Phase.NOTHING,
    }


#: (phase, side, act) → the phase after it. What has no line is refused: so nobody agrees to his own terms.
MOVES: Mapping[tuple[Phase, Side, Act], Phase] = {
    (Phase.NOTHING, "agency", "propose"): Phase.BY_AGENCY,
    (Phase.NOTHING, "community", "propose"): Phase.BY_COMMUNITY,
    **_waiting(Phase.BY_AGENCY, Phase.BY_COMMUNITY, "community", Phase.NOTHING),
    **_waiting(Phase.BY_COMMUNITY, Phase.BY_AGENCY, "agency", Phase.NOTHING),
    (Phase.AGREED, "agency", "propose"): Phase.NEW_BY_AGENCY,
    (Phase.AGREED, "community", "propose"): Phase.NEW_BY_COMMUNITY,
    (Phase.AGREED, "agency", "end"): Phase.NOTHING,
    (Phase.AGREED, "community", "end"): Phase.NOTHING,
    **_waiting(Phase.NEW_BY_AGENCY, Phase.NEW_BY_COMMUNITY, "community", Phase.AGREED),
    **_waiting(Phase.NEW_BY_COMMUNITY, Phase.NEW_BY_AGENCY, "agency", Phase.AGREED),
}
#: Phase → the word for it in contracts, and the reason to refuse what has no line.
STATES: Mapping[Phase, tuple[AgreementState, str]] = {
    Phase.NOTHING: ("ended", "no_agreement"),
    Phase.BY_AGENCY: ("proposed", "own_terms_wait"),
    Phase.BY_COMMUNITY: ("proposed", "own_terms_wait"),
    Phase.AGREED: ("agreed", "nothing_is_proposed"),
    Phase.NEW_BY_AGENCY: ("proposed", "own_terms_wait"),
    Phase.NEW_BY_COMMUNITY: ("proposed", "own_terms_wait"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Agency:
    """An agency of this node."""

    id: AgencyId
    name: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What is between an agency and a community.

    `terms` are those that wait for a word, else those in force, else the last there were; `proposed_by` proposed last.
    """

    agency: AgencyId
    community: CommunityId
    phase: Phase = Phase.NOTHING
    terms: AgreementTerms
    proposed_by: Side
    in_force: AgreementTerms | None = None
    since: datetime

    @property
    def state(self) -> AgreementState:
        """The phase in the word of contracts: what waits for somebody's word comes first."""
        return STATES[self.phase][0]

    def act(self, side: Side, act: Act, now: datetime, terms: AgreementTerms | None = None) -> Agreement:
        """The record after this side's act; the same one when that changes nothing. Raises Refused.

        Proposing needs terms; agreeing to some takes only those.
        """
        becomes = MOVES.get((self.phase, side, act))
        if becomes is None:
            raise Refused(No.WRONG_STATE, STATES[self.phase][1], "agency")
        if act == "agree" and terms not in (None, self.terms):
            raise Refused(No.CONFLICT, "other_terms_wait", "terms")
        after = replace(self._said(side, act, terms), phase=becomes)
        return self if after == self else replace(after, since=now)

    def _said(self, side: Side, act: Act, terms: AgreementTerms | None) -> Agreement:
        match act:
            case "propose":
                return replace(self, terms=terms or self.terms, proposed_by=side)
            case "agree":
                return replace(self, in_force=self.terms)
            case "turn_down":
                return replace(self, terms=self.in_force or self.terms)
            case "end":
                return replace(self, in_force=None)
