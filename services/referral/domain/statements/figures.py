"""The figures of a month: the same on both sides, from what each has in its own records.

A visit belongs to the month of its last day. That follows from its items, on which both sides have agreed; when
somebody wrote down that it was over, and when that was heard, differs from one side to the other.
"""

from __future__ import annotations

import hashlib
import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.border.v1 import Amounts
from contracts.statements.v1 import StatementLine, StatementTotal, Sum, Totals
from contracts.values import Items
from services.referral.domain.handoff.record import Record

#: What a digest begins with: digests of other things, or made in another way, are never equal to it.
MADE_AS = "statement 1"
#: By whom and to whom a fee is owed, and the currencies of price and fee.
Direction = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """The completed visits of one month with one partner, and how many of that month are not completed yet."""

    lines: tuple[StatementLine, ...] = ()
    under_way: int = 0

    @property
    def totals(self) -> Totals:
        """Each currency and each direction by itself: nothing is added up over them, and nothing set off."""
        apart: dict[Direction, list[StatementLine]] = {}
        for line in self.lines:
            apart.setdefault((line.owed_by, line.owed_to, line.price.currency, line.fee.currency), []).append(line)
        return tuple(_total(direction, apart[direction]) for direction in sorted(apart))

    @property
    def digest(self) -> str:
        """What stands for the lines: both sides write them in the same way, so equal lines have equal digests."""
        written = [MADE_AS, *map(_written, self.lines)]
        return hashlib.sha256(json.dumps(written, separators=(",", ":")).encode()).hexdigest()


def figures(records: Iterable[Record]) -> Figures:
    """What the records of one month with one partner come to, in an order that both sides have."""
    kept = list(records)
    done = [record for record in kept if record.state == "completed"]
    lines = [_line(record, record.amounts) for record in done if record.amounts]
    order = sorted(lines, key=lambda line: (line.last_day, line.referral_id))
    return Figures(tuple(order), under_way=len(kept) - len(done))


def last_day(items: Items) -> date:
    """The last day of a visit: the day of its last item, of a stay its last night."""
    return max(item.day + timedelta(days=item.nights - 1) for item in items)


def month_of(day: date) -> str:
    """The month that a day is in."""
    return f"{day:%Y-%m}"


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of a month."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def by_month(records: Iterable[Record]) -> Mapping[tuple[str, str], Figures]:
    """The figures of each partner and month that these records are of."""
    apart: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        apart.setdefault((record.partner, month_of(last_day(record.items))), []).append(record)
    return {about: figures(kept) for about, kept in apart.items()}


def _line(record: Record, amounts: Amounts) -> StatementLine:
    """Who received owes to who handed over."""
    ours, theirs = record.community, record.partner
    owed_by, owed_to = (theirs, ours) if record.side == "sender" else (ours, theirs)
    return StatementLine(
        owed_by=owed_by,
        owed_to=owed_to,
        referral_id=record.referral_id,
        first_day=min(item.day for item in record.items),
        last_day=last_day(record.items),
        party=record.party,
        state=record.state,
        price=amounts.total,
        fee_percent=amounts.fee_percent,
        fee=amounts.referral_fee,
    )


def _written(line: StatementLine) -> list[str | int]:
    """Field by field: a field that a later version adds does not change what an earlier one has confirmed."""
    party, price, fee = line.party, line.price, line.fee
    who = [line.referral_id, line.owed_by, line.owed_to]
    when = [line.first_day.isoformat(), line.last_day.isoformat(), line.state]
    many = [party.adult, party.child, party.infant]
    return [*who, *when, *many, price.minor, price.currency, line.fee_percent, fee.minor, fee.currency]


def _total(direction: Direction, lines: list[StatementLine]) -> StatementTotal:
    owed_by, owed_to, price, fee = direction
    return StatementTotal(
        owed_by=owed_by,
        owed_to=owed_to,
        visits=len(lines),
        price=Sum.of_minor(sum(line.price.minor for line in lines), price),
        fee=Sum.of_minor(sum(line.fee.minor for line in lines), fee),
    )
