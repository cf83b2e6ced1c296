"""Statements, v1: what the completed visits of one month come to between two partners. Referral answers.

A visit belongs to the month of its last day: the day of its last item, of a stay its last night. Both records have the
same items, so both sides have the same months. Who received owes the referral fee to who handed over, in the currency
of the price; each currency and each direction stands by itself, nothing is set off.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.messages import Command, Query, Several
from contracts.personal.v1 import Digest
from contracts.referral.recorded import State
from contracts.values import CommunityId, Day, Instant, Money, Party, Uuid, Value

#: A calendar month, the same in both countries.
Month = Annotated[str, Field(pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$")]
#: Lines that one answer has at most.
MOST_LINES = 200


class Sum(Money):
    """An exact sum of amounts: each of them may be the largest that there is."""

    amount: Annotated[str, Field(pattern=r"^-?[0-9]{1,24}\.[0-9]{2}$")]


# what is answered


class StatementLine(Value):
    """One completed visit: `owed_by` received the party, and the price, and owes the fee to `owed_to`."""

    referral_id: Uuid
    owed_by: CommunityId
    owed_to: CommunityId
    first_day: Day
    last_day: Day
    party: Party
    state: State
    price: Money
    fee_percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}\.[0-9]{2}$")]
    fee: Money


class StatementTotal(Value):
    """What the visits of one direction come to in one currency."""

    owed_by: CommunityId
    owed_to: CommunityId
    visits: Annotated[int, Field(ge=1)]
    price: Sum
    fee: Sum


Totals = Annotated[tuple[StatementTotal, ...], Field(max_length=18)]


class FiguresConfirmed(Value):
    """What one side has confirmed, and when; `same` when its figures are those of our records as they are now."""

    at: Instant
    same: bool
    totals: Totals


class StatementSummary(Value):
    """A month with one partner; `digest` stands for all its lines, and is equal where both sides have the same.

    `over` from the first day of the next month on. `under_way` visits of it are not completed: they may add lines.
    """

    partner: CommunityId
    month: Month
    over: bool
    under_way: Annotated[int, Field(ge=0)]
    totals: Totals
    digest: Digest
    ours: FiguresConfirmed | None = None
    theirs: FiguresConfirmed | None = None


class StatementView(StatementSummary):
    """A month with one partner, line by line, by their last day; `count` is of all lines, also of those left out."""

    count: Annotated[int, Field(ge=0)]
    lines: Annotated[tuple[StatementLine, ...], Field(max_length=MOST_LINES)]


class StatementRef(Value):
    """Which statement of the acting community."""

    partner: CommunityId
    month: Month


# commands


class ConfirmStatement(Command[StatementSummary]):
    """The figures that were looked at are right; refused when our records have others by now, or the month runs on.

    Confirming the same again says so again to the partner, and changes nothing.
    """

    type: ClassVar[str] = "referral.confirm_statement.v1"
    partner: CommunityId
    month: Month
    digest: Digest


# queries


class ShowStatement(Query[StatementView]):
    """A month with one partner, as the acting community's own records have it; `skip` so many lines."""

    type: ClassVar[str] = "referral.show_statement.v1"
    partner: CommunityId
    month: Month
    skip: Annotated[int, Field(ge=0)] = 0


class ListStatements(Query[Several[StatementSummary]]):
    """Months in which there were visits, newest first: with all partners, or with one; behind `before`."""

    type: ClassVar[str] = "referral.list_statements.v1"
    partner: CommunityId | None = None
    before: StatementRef | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 24
