"""Everything that is a community's, asked of the services page by page. Nothing of a traveller, and no pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from contracts.booking.v1 import AskExceptions, BookingSummary, ListBookings
from contracts.community.v1 import ListPartnerships, Offering
from contracts.messages import Asked, Several
from contracts.node.v1 import AuditEntry, ListAudit
from contracts.portal.v1 import ListMembers
from contracts.referral.v1 import HandoffSummary, ListHandoffs, ShowHandoff
from contracts.statements.v1 import ListStatements, ShowStatement, StatementRef, StatementView
from contracts.values import Value
from services.client import formatting
from services.client.answers import OpenEnd
from services.portal.site.archive import Part
from services.portal.site.columns import Row
from services.portal.site.context import PageContext

V = TypeVar("V", bound=Value)
AT_ONCE, BOOKINGS_AT_ONCE, STATEMENTS_AT_ONCE, HANDOFFS_BESIDE = 200, 500, 50, 8
#: Bookings and exceptions are asked for by days: from the first day that this product could know to far ahead.
FIRST_DAY, YEARS_AHEAD, DAYS_AT_ONCE = date(2024, 1, 1), 3, 365
#: A question that stays without an answer is asked again, so often.
TRIES = 3
#: What is asked for → the tables that it becomes; a profile is none.
TABLES_OF = {"profile": (), "handoffs": ("handoffs", "stories")}
#: Not for a file: whoever has one of these is taken for the party.
OF_THE_PARTY = frozenset({"pass_token", "short_code"})


def parts(page: PageContext, offering: Offering) -> tuple[Part, ...]:
    """All of it, each with the tables that it becomes."""
    answers = {
        "profile": _one_page([offering.community.wire()]),
        "experiences": _one_page([each.wire() for each in offering.experiences]),
        "partnerships": _partnerships(page),
        "members": _members(page),
        "handoffs": _handoffs(page),
        "bookings": _bookings(page),
        "exceptions": _exceptions(page),
        "statements": _statements(page),
        "audit": _audit(page),
    }
    return tuple(Part(name, pages, TABLES_OF.get(name, (name,))) for name, pages in answers.items())


async def _asked(page: PageContext, asked: Asked[Several[V]], service: str | None = None) -> tuple[V, ...]:
    """The entries of an answer; a question changes nothing, so it can be asked again."""
    for turn in range(TRIES):
        try:
            return (await page.client.send(asked, service=service)).items
        except OpenEnd:
            if turn + 1 == TRIES:
                raise
    raise AssertionError("the last try returns or raises")


async def _one_page(rows: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    yield rows


async def _partnerships(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    yield [one.wire() for one in await _asked(page, ListPartnerships())]


async def _members(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    yield [one.wire() for one in await page.list(ListMembers())]


async def _handoffs(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    last: str | None = None
    while True:
        listed: tuple[HandoffSummary, ...] = await _asked(page, ListHandoffs(limit=AT_ONCE, before=last))
        for n in range(0, len(listed), HANDOFFS_BESIDE):
            yield await asyncio.gather(*(_handoff(page, line) for line in listed[n : n + HANDOFFS_BESIDE]))
        if len(listed) < AT_ONCE:
            return
        last = listed[-1].referral_id


async def _handoff(page: PageContext, line: HandoffSummary) -> Row:
    view = await page.ask(ShowHandoff(referral=line.referral_id))
    return {name: value for name, value in view.wire().items() if name not in OF_THE_PARTY}


async def _bookings(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    seen: set[str] = set()
    for first, last in _years(page):
        found = [one for one in await _booked(page, first, last) if one.hold_id not in seen]
        seen.update(one.hold_id for one in found)
        yield [one.wire() for one in found]


async def _booked(page: PageContext, first: date, last: date) -> Sequence[BookingSummary]:
    """All of these days: where there are more than one answer holds, half of the days at a time."""
    listed = await _asked(page, ListBookings(first=first, last=last, limit=BOOKINGS_AT_ONCE))
    if len(listed) < BOOKINGS_AT_ONCE or first == last:
        return listed
    middle = first + (last - first) // 2
    return [*await _booked(page, first, middle), *await _booked(page, middle + timedelta(days=1), last)]


async def _exceptions(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    seen: set[str] = set()
    for first, last in _years(page):
        listed = await _asked(page, AskExceptions(first=first, last=last))
        found = {one.model_dump_json(exclude={"lifted"}): one for one in listed}
        yield [one.wire() for key, one in found.items() if key not in seen]
        seen.update(found)


async def _statements(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    before: StatementRef | None = None
    while True:
        listed = await _asked(page, ListStatements(before=before, limit=STATEMENTS_AT_ONCE))
        for one in listed:
            async for piece in whole_statement(page, one.partner, one.month):
                yield [piece.wire()]
        if len(listed) < STATEMENTS_AT_ONCE:
            return
        before = StatementRef(partner=listed[-1].partner, month=listed[-1].month)


async def whole_statement(page: PageContext, partner: str, month: str) -> AsyncIterator[StatementView]:
    """A statement with all its lines, in pieces."""
    got = 0
    while True:
        piece = await page.ask(ShowStatement(partner=partner, month=month, skip=got))
        yield piece
        got += len(piece.lines)
        if got >= piece.count or not piece.lines:
            return


async def _audit(page: PageContext) -> AsyncIterator[Sequence[Row]]:
    after = 0
    while True:
        wanted = ListAudit(after=after, limit=AT_ONCE)
        lines: tuple[AuditEntry, ...] = await _asked(page, wanted, service="referral")
        yield [line.wire() for line in lines]
        if len(lines) < AT_ONCE:
            return
        after = lines[-1].n


def _years(page: PageContext) -> Iterable[tuple[date, date]]:
    first, until = FIRST_DAY, formatting.local(page.now).date() + timedelta(days=365 * YEARS_AHEAD)
    while first <= until:
        yield first, first + timedelta(days=DAYS_AT_ONCE - 1)
        first += timedelta(days=DAYS_AT_ONCE)
