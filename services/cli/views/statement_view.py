"""Shows monthly statements: each direction and each currency by itself, and who has confirmed what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from contracts.statements.v1 import FiguresConfirmed, StatementLine, StatementSummary, StatementTotal, StatementView
from services.cli.views.layout import fill
from services.cli.views.naming import Names
from services.client import formatting
from services.client.phrases.catalogue import Phrases

Direction = tuple[str, str, str]


def summary(p: Phrases, one: StatementSummary, acting: str, names: Names) -> list[str]:
    """A month in a list."""
    owed = [fill(_owed(p, total, acting, names), 4, first=2) for total in one.totals]
    words = [fill(word, 4, first=2) for word in _words(p, one, names)]
    return [f"{one.month}  {one.partner}", *owed, *words]


def statement(p: Phrases, view: StatementView, acting: str, names: Names) -> list[str]:
    """A month, line by line."""
    between = f"{names.of(acting)} – {names.of(view.partner)}"
    head = f"{between}, {formatting.month(p, date.fromisoformat(f'{view.month}-01'))}"
    lines = [fill(head)]
    for total in view.totals:
        lines += ["", fill(_owed(p, total, acting, names))]
        for line in view.lines:
            lines += _line(p, line) if _direction(line) == _direction(total) else []
        lines.append(fill(_sum(p, total), 4, first=2))
    if view.totals:
        lines += ["", fill(p._("Each currency by itself. Nothing is set off."))]
    else:
        lines.append(fill(p._("No visit with {partner} was completed in this month.", partner=names.of(view.partner))))
    for word in _words(p, view, names):
        lines.append(fill(word))
    for whose in (view.ours, view.theirs):
        lines += _others(p, whose, acting, names)
    return lines


def _direction(one: StatementLine | StatementTotal) -> Direction:
    return one.owed_by, one.price.currency, one.fee.currency


def _owed(p: Phrases, total: StatementTotal, acting: str, names: Names) -> str:
    money = formatting.money(p, total.fee)
    if total.owed_by == acting:
        return p._("You owe {partner} {money}", partner=names.of(total.owed_to), money=money)
    return p._("{partner} owes you {money}", partner=names.of(total.owed_by), money=money)


def _line(p: Phrases, line: StatementLine) -> list[str]:
    days = formatting.day(p, line.first_day)
    if line.last_day != line.first_day:
        days = f"{days} – {formatting.day(p, line.last_day)}"
    fee = p._(
        "{price}; fee {percent} %: {fee}",
        price=formatting.money(p, line.price),
        percent=formatting.percentage(p, line.fee_percent),
        fee=formatting.money(p, line.fee),
    )
    party = formatting.party(p, line.party.model_dump())
    return [fill(f"{days}  {party}  …{line.referral_id[-6:]}", 4, first=2), fill(fee, 6, first=4)]


def _sum(p: Phrases, total: StatementTotal) -> str:
    price = formatting.money(p, total.price)
    return p.ngettext("{count} visit: {price}", "{count} visits: {price}", total.visits, price=price)


def _words(p: Phrases, one: StatementSummary, names: Names) -> Iterator[str]:
    """What may still change, and who has confirmed."""
    if one.under_way:
        yield p.ngettext(
            "{count} visit of this month is not completed yet: the figures may change.",
            "{count} visits of this month are not completed yet: the figures may change.",
            one.under_way,
        )
    ours, theirs, partner = one.ours, one.theirs, names.of(one.partner)
    if ours is None:
        yield p._("You have not confirmed it yet.") if one.over else p._("The month is not over yet.")
    elif ours.same:
        yield p._("You confirmed it on {day}.", day=_day(p, ours, names))
    else:
        yield p._("You confirmed other figures on {day}: they have changed since.", day=_day(p, ours, names))
    if theirs is None:
        yield p._("{partner} has not confirmed it yet.", partner=partner)
    elif theirs.same:
        yield p._("{partner} confirmed the same figures on {day}.", partner=partner, day=_day(p, theirs, names))
    else:
        yield p._("{partner} confirmed other figures on {day}: call them.", partner=partner, day=_day(p, theirs, names))


def _others(p: Phrases, confirmed: FiguresConfirmed | None, acting: str, names: Names) -> Iterator[str]:
    """Totals that were confirmed and are not those of now."""
    if confirmed is None or confirmed.same:
        return
    yield p._("Confirmed on {day}:", day=_day(p, confirmed, names))
    for total in confirmed.totals:
        yield fill(f"{_owed(p, total, acting, names)} ({_sum(p, total)})", 4, first=2)


def _day(p: Phrases, confirmed: FiguresConfirmed, names: Names) -> str:
    return formatting.day(p, formatting.local(confirmed.at, names.zone).date())
