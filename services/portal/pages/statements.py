"""Monthly statements: what the visits of one month come to with one partner, confirmed by both; nothing is set off."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from starlette.responses import Response

from contracts.community.v1 import CommunityProfile
from contracts.statements.v1 import (
    MOST_LINES,
    ConfirmStatement,
    ListStatements,
    ShowStatement,
    StatementLine,
    StatementRef,
    StatementTotal,
    StatementView,
)
from services.client import formatting
from services.client.answers import OpenEnd, Refused
from services.client.refusals import told
from services.portal.site import belongings, columns, partnerships, tables
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute

AT_ONCE = 24
_MONTH = re.compile(r"2[01]\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Table:
    """One direction in one currency, and its lines on this page."""

    total: StatementTotal
    lines: tuple[StatementLine, ...]

    @property
    def rate(self) -> str | None:
        """The percentage of the fee, when all lines have the same."""
        rates = {line.fee_percent for line in self.lines}
        return rates.pop() if len(rates) == 1 else None


async def show_months(page: PageContext) -> Response:
    """Months with visits, newest first."""
    before = _ref(page.request.query_params.get("before", ""))
    listed = await page.list(ListStatements(before=before, limit=AT_ONCE))
    profiles = await partnerships.known_profiles(page, sorted({one.partner for one in listed}))
    older = listed[-1] if len(listed) == AT_ONCE else None
    return page.render("statements.html", listed=listed, names_of=_names(page, profiles), older=older, month=first_of)


async def show(page: PageContext) -> Response:
    """One month with one partner, line by line."""
    return await _shown(page)


async def confirm(page: PageContext) -> Response:
    """The figures that were looked at are right."""
    partner, month = _address(page)
    try:
        await page.ask(ConfirmStatement(partner=partner, month=month, digest=str(page.data.get("digest", ""))[:64]))
    except OpenEnd:
        raise
    except Refused as refused:
        return await _shown(page, why=told(page.phrases, refused.refusal))
    return page.redirect(f"/statements/{partner}/{month}")


async def wrong(page: PageContext) -> Response:
    """Whom to call, and what to have at hand."""
    view, profiles = await _view(page)
    profile = profiles.get(view.partner)
    names_of = _names(page, profiles)
    return page.render("statement_wrong.html", view=view, profile=profile, names_of=names_of, month=first_of)


async def as_csv(page: PageContext) -> Response:
    """Its lines as a table that spreadsheets open."""
    views = await _whole(page)
    text = tables.csv_text(columns.STATEMENT, (row for view in views for row in columns.statement_lines(view.wire())))
    return _file(text.encode("utf-8-sig"), "text/csv; charset=utf-8", "csv")


async def as_json(page: PageContext) -> Response:
    """All of it, as other programs read it."""
    views = await _whole(page)
    whole = views[0].wire() | {"community": page.community, "lines": [w for v in views for w in v.wire()["lines"]]}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/json", "json")


def sorted_by_table(view: StatementView) -> tuple[Table, ...]:
    """Each direction and currency by itself."""

    def of(one: StatementLine | StatementTotal) -> tuple[str, str, str]:
        return one.owed_by, one.price.currency, one.fee.currency

    return tuple(Table(total, tuple(line for line in view.lines if of(line) == of(total))) for total in view.totals)


def first_of(month: str) -> date:
    """The first day of `2026-12`."""
    return date.fromisoformat(f"{month}-01")


async def _shown(page: PageContext, why: str | None = None) -> Response:
    view, profiles = await _view(page)
    return page.render(
        "statement.html",
        status=HTTPStatus.CONFLICT if why else HTTPStatus.OK,
        view=view,
        tables=sorted_by_table(view),
        names_of=_names(page, profiles),
        month=first_of,
        skip=_skip(page),
        most=MOST_LINES,
        why=why,
        may_confirm=page.may(ConfirmStatement),
    )


async def _view(page: PageContext) -> tuple[StatementView, Mapping[str, CommunityProfile]]:
    partner, month = _address(page)
    return await asyncio.gather(
        page.ask(ShowStatement(partner=partner, month=month, skip=_skip(page))),
        partnerships.known_profiles(page, [partner, page.community]),
    )


async def _whole(page: PageContext) -> Sequence[StatementView]:
    return [piece async for piece in belongings.whole_statement(page, *_address(page))]


def _file(content: bytes, kind: str, ending: str) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="statement.{ending}"'}
    return Response(content, media_type=kind, headers=headers)


def _names(page: PageContext, profiles: Mapping[str, CommunityProfile]) -> Mapping[str, str]:
    return {id_: formatting.picked(page.phrases, one.names.model_dump()) for id_, one in profiles.items()}


def _address(page: PageContext) -> tuple[str, str]:
    return page.request.path_params["partner"], page.request.path_params["month"]


def _skip(page: PageContext) -> int:
    given = page.request.query_params.get("skip", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0


def _ref(text: str) -> StatementRef | None:
    """`tha-li/2026-12`, behind which a list goes on; anything else is the beginning."""
    partner, _, month = text.partition("/")
    return StatementRef(partner=partner, month=month) if _MONTH.fullmatch(month) and partner else None


_ONE = "/statements/{partner}/{month}"
PAGES = (
    PageRoute("GET", "/statements", show_months, asks=ListStatements),
    PageRoute("GET", _ONE, show, asks=ShowStatement),
    PageRoute("POST", _ONE, confirm, asks=ConfirmStatement),
    PageRoute("GET", _ONE + "/wrong", wrong, asks=ShowStatement),
    PageRoute("GET", _ONE + "/statement.csv", as_csv, asks=ShowStatement),
    PageRoute("GET", _ONE + "/statement.json", as_json, asks=ShowStatement),
)
