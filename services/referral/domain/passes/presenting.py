"""What a pass or a code of a handoff is worth when it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.passes import codec
from contracts.passes.codec import Days
from contracts.passes.showing import SKEW
from contracts.refusals import No, Refused
from contracts.values import Party
from services.referral.domain.handoff import acts, deadlines
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import ACTS, ENDED

Worth = Literal["good", "used", "early", "late", "over"]
#: What a pass is worth when the rules refuse an arrival that its days allow; over, for any other reason.
REFUSED: Mapping[No, Worth] = {No.TOO_EARLY: "early", No.TOO_LATE: "late"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A pass as its receiver keeps it: when it was issued and first used, and the days it was issued for."""

    referral_id: str
    short_code: str
    pass_token: str
    days: Days
    issued_at: datetime
    used_at: datetime | None = None


def is_over(record: Record) -> bool:
    """Whether nobody can arrive any more: a no-show still can while its places are kept."""
    return record.state in ENDED and not (record.state == "no_show" and record.hold_id is not None)


def worth(record: Record, kept: Kept, at: datetime) -> Worth:
    """What a genuine pass of this record is worth at a moment. Good: its party may arrive."""
    if record.state in ("arrived", "completed"):
        return "used"
    if record.state not in ACTS["arrive"].when:
        return "over"
    days = days_for(record, kept)
    if at < max(days.opens, kept.issued_at - SKEW):
        return "early"
    lost = record.hold_id is None or deadlines.no_show_is_final(record, at)
    return "late" if lost or at >= days.closes else "good"


def judged(
    record: Record, kept: Kept, party: Party | None, moment: Moment, *, change: Record | None = None
) -> tuple[Worth, Transition | None]:
    """What a genuine pass is worth at a moment, and when it is good the transition by which its party arrives.

    Refuses nothing, also when the rules of an arrival do: a refusal would undo the line that says it was shown. Only
    of a good pass, raises Refused when more have come than were booked: it stays unused until that is put right.
    `change` is the live handoff that changes this one: once it stands, the party arrives by that one's pass.
    """
    found = worth(record, kept, moment.now)
    if found == "good" and acts.is_taken_over(change):
        return "over", None
    if found != "good":
        return found, None
    acts.fits(record, party)
    try:
        return found, acts.arrive(record, party, moment, since=days_for(record, kept).opens)
    except Refused as no:
        return REFUSED.get(no.refusal.code, "over"), None


def days_for(record: Record, kept: Kept) -> Days:
    """The days of the arrival as it is expected now, and those that were promised when the pass was issued."""
    now = codec.days_of(record.arrival.day, record.zone)
    return Days(min(now.opens, kept.days.opens), max(now.closes, kept.days.closes))
