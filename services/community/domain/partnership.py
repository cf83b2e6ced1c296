"""How two communities become partners, pause and part.

A partnership runs in rounds. In a round each side sends words, the last of which counts, and both judge the same pair
of words by the same table: so when all messages have arrived, both rows are the same, whatever crossed. Ending closes
the round; the other side answers an ending with its own, once, so each side knows which of the partner's words were
still meant for a closed round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Literal

from contracts.community.v1 import PartnershipState, Terms
from contracts.refusals import No, Refused
from contracts.values import CommunityId

#: Limit for proposals of strangers that wait for a community's answer.
MOST_STRANGERS = 100

Act = Literal["propose", "agree", "suspend", "resume", "end"]
Word = Literal["none", "proposed", "agreed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stance:
    """What one side has said last in this round; `terms` are those it proposes or agrees to."""

    word: Word = "none"
    terms: Terms | None = None
    suspended: bool = False

    def after(self, act: Act, terms: Terms | None) -> Stance:
        """What this side says once it has done `act`."""
        match act:
            case "propose":
                return Stance(word="proposed", terms=terms)
            case "agree":
                return Stance(word="agreed", terms=terms)
            case "suspend" | "resume":
                return replace(self, suspended=act == "suspend")
            case "end":
                return SILENT


SILENT = Stance()


class Phase(Enum):
    """How a partnership stands, seen from one side."""

    OURS = "our proposal waits for them"
    THEIRS = "their proposal waits for us"
    AGREED = "agreed"
    PAUSED_BY_US = "suspended, at least by us"
    PAUSED_BY_THEM = "suspended by them alone"
    ENDED = "nothing between us"


#: (our word, their word) → whose proposal is on the table; "lower": that of the lower community id, when both crossed.
#: A pair that is not here has an answer without a proposal: nothing is on the table.
TABLE: Mapping[tuple[Word, Word], Literal["ours", "theirs", "lower"]] = {
    ("proposed", "none"): "ours",
    ("proposed", "agreed"): "ours",
    ("none", "proposed"): "theirs",
    ("agreed", "proposed"): "theirs",
    ("proposed", "proposed"): "lower",
}
#: Phase → the word for it in contracts, the acts it allows us, and the reason to refuse any other act with.
STATES: Mapping[Phase, tuple[PartnershipState, frozenset[Act], str]] = {
    Phase.OURS: ("proposed", frozenset({"propose", "end"}), "our_proposal_waits"),
    Phase.THEIRS: ("proposed", frozenset({"agree", "end"}), "their_proposal_waits"),
    Phase.AGREED: ("agreed", frozenset({"suspend", "end"}), "partnership_is_agreed"),
    Phase.PAUSED_BY_US: ("suspended", frozenset({"resume", "end"}), "suspended_by_us"),
    Phase.PAUSED_BY_THEM: (
        "suspended",
        frozenset({"suspend", "end"}),
        "suspended_by_them",
    ),
    Phase.ENDED: ("ended", frozenset({"propose"}), "no_partnership"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Partnership:
    """One side's record; `behind` counts our endings that the partner has not answered yet.

    `partner_key` is the id of the key by which the partner speaks, as it was first heard of.
    """

    id: str
    community: CommunityId
    partner: CommunityId
    terms: Terms
    since: datetime
    ours: Stance = SILENT
    theirs: Stance = SILENT
    behind: int = 0
    partner_key: str | None = None

    @property
    def standing(self) -> Phase:
        """The phase that follows from both sides' last words."""
        whose = self._proposer
        if whose is None:
            return Phase.ENDED
        proposal, answer = (self.ours, self.theirs) if whose == "ours" else (self.theirs, self.ours)
        if answer.word != "agreed" or answer.terms != proposal.terms:
            return Phase.OURS if whose == "ours" else Phase.THEIRS
        if self.ours.suspended:
            return Phase.PAUSED_BY_US
        return Phase.PAUSED_BY_THEM if self.theirs.suspended else Phase.AGREED

    @property
    def state(self) -> PartnershipState:
        """The standing, in the word that contracts use."""
        return STATES[self.standing][0]

    @property
    def _proposer(self) -> Literal["ours", "theirs"] | None:
        whose = TABLE.get((self.ours.word, self.theirs.word))
        if whose == "lower":
            return "ours" if self.community < self.partner else "theirs"
        return whose

    def act(self, act: Act, now: datetime, *, terms: Terms | None = None) -> Partnership:
        """Our own act; agreeing takes the terms on the table. Raises Refused when the standing does not allow it."""
        _, allowed, advice = STATES[self.standing]
        if act not in allowed:
            raise Refused(No.WRONG_STATE, advice, "partner")
        said = replace(self, ours=self.ours.after(act, terms or self.terms))
        return self._settled(replace(said, theirs=SILENT, behind=self.behind + 1) if act == "end" else said, now)

    def apply(self, act: Act, now: datetime, *, terms: Terms | None = None) -> tuple[Partnership, bool]:
        """Apply the partner's act; also returns whether we must answer their ending with ours."""
        if self.behind:
            return replace(self, behind=self.behind - (act == "end")), False
        if act == "end":
            return self._settled(replace(self, ours=SILENT, theirs=SILENT), now), True
        return self._settled(replace(self, theirs=self.theirs.after(act, terms)), now), False

    def spoken_by(self, key: str, act: Act) -> Partnership | None:
        """The record for a word signed with a key that is not pinned; None when the word is ignored.

        Raises ValueError when the proposal that waits for our word came with another key: a person looks at that one.
        """
        known = self.partner_key in (None, key)
        if act == "agree" and self.ours.word != "proposed" and not (known and self.behind):
            return None  # to nothing that we have proposed
        if known:
            return replace(self, partner_key=key)
        if act not in ("propose", "agree"):
            return None
        if self.standing is Phase.THEIRS:
            raise ValueError(
                "another key stands behind the proposal on the table: compare, end it or agree, then replay"
            )
        return replace(self, partner_key=key, theirs=SILENT, behind=0)

    def _settled(self, after: Partnership, now: datetime) -> Partnership:
        """Bring `terms` and `since` up to date with what was just said."""
        whose = after._proposer
        proposal = after.ours if whose == "ours" else after.theirs
        terms = (proposal.terms if whose else None) or after.terms
        moved = (after.standing, terms) != (self.standing, self.terms)
        return replace(after, terms=terms, since=now if moved else self.since)


def pair(one: CommunityId, other: CommunityId) -> str:
    """The subject under which two communities speak about their partnership: the same on both sides."""
    return "--".join(sorted((one, other)))
