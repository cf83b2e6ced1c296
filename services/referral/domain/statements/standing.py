"""Where a statement stands: our figures, what each side has confirmed, and whether that is the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from contracts.border.v1 import StatementConfirmed
from contracts.refusals import No, Refused
from contracts.statements.v1 import (
    MOST_LINES,
    FiguresConfirmed,
    StatementSummary,
    StatementView,
    Totals,
)
from contracts.values import CommunityId
from services.referral.domain.statements.figures import Figures, days_of

Whose = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What one side has confirmed of a month, last."""

    whose: Whose
    partner: CommunityId
    month: str
    digest: str
    totals: Totals
    at: datetime


class Standing(NamedTuple):
    """A month with one partner: our records' figures, and what each side has confirmed."""

    partner: CommunityId
    month: str
    figures: Figures
    ours: Confirmed | None = None
    theirs: Confirmed | None = None


def pair(one: CommunityId, other: CommunityId) -> str:
    """How a partnership is called in a subject: the same on both sides."""
    return "--".join(sorted((one, other)))


def is_over(month: str, today: date) -> bool:
    """Whether the last day of the month is past."""
    return today > days_of(month)[1]


def summary(standing: Standing, today: date) -> StatementSummary:
    """One line of a list."""
    figures = standing.figures
    digest = figures.digest
    return StatementSummary(
        partner=standing.partner,
        month=standing.month,
        over=is_over(standing.month, today),
        under_way=figures.under_way,
        totals=figures.totals,
        digest=digest,
        ours=_told(standing.ours, digest),
        theirs=_told(standing.theirs, digest),
    )


def view(standing: Standing, today: date, skip: int) -> StatementView:
    """The whole of it, from a line on."""
    lines = standing.figures.lines
    above = summary(standing, today)
    told = {name: getattr(above, name) for name in StatementSummary.model_fields}
    return StatementView(**told, count=len(lines), lines=lines[skip : skip + MOST_LINES])


def confirm(standing: Standing, digest: str, today: date, now: datetime) -> Confirmed:
    """What is now confirmed; the same again stays as it was. Raises Refused for what was not looked at, or runs on."""
    figures, (_, last) = standing.figures, days_of(standing.month)
    if not is_over(standing.month, today):
        raise Refused(No.TOO_EARLY, "month_runs_on", "month", day=last + timedelta(days=1))
    if not figures.lines:
        raise Refused(No.UNKNOWN, "no_visits_in_month", "month", partner=standing.partner)
    if figures.digest != digest:
        raise Refused(No.CONFLICT, "figures_have_changed", "digest")
    if standing.ours is not None and standing.ours.digest == digest:
        return standing.ours
    return Confirmed(
        whose="ours", partner=standing.partner, month=standing.month, digest=digest, totals=figures.totals, at=now
    )


def heard(message: StatementConfirmed, *, ours: CommunityId, partner: CommunityId, subject: str) -> Confirmed:
    """What the partner has confirmed. Raises ValueError, which parks it, when it is not about us two."""
    if subject != f"{pair(ours, partner)}/{message.month}":
        raise ValueError("the subject of a confirmed statement is the partnership and the month")
    if any({total.owed_by, total.owed_to} != {ours, partner} for total in message.totals):
        raise ValueError("a statement is between two partners, and names nobody else")
    return Confirmed(
        whose="theirs",
        partner=partner,
        month=message.month,
        digest=message.digest,
        totals=message.totals,
        at=message.at,
    )


def _told(confirmed: Confirmed | None, digest: str) -> FiguresConfirmed | None:
    if confirmed is None:
        return None
    return FiguresConfirmed(at=confirmed.at, same=confirmed.digest == digest, totals=confirmed.totals)
