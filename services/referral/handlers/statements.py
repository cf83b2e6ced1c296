"""Monthly statements: what the visits of a month come to with a partner, and that both sides confirm the same."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.border import v1 as border
from contracts.refusals import No, Refused
from contracts.statements import v1
from contracts.values import CommunityId
from services.referral.domain.handoff import deadlines
from services.referral.domain.statements import standing
from services.referral.domain.statements.figures import Figures, by_month, days_of
from services.referral.domain.statements.standing import Standing
from services.referral.handlers.transition import addressed
from services.referral.ports import Records, Statements


async def show(query: v1.ShowStatement, work: Statements) -> v1.StatementView:
    """One month with one partner, line by line."""
    return standing.view(await _one(query.partner, query.month, work), deadlines.today(work.now), query.skip)


async def list_statements(query: v1.ListStatements, work: Statements) -> Sequence[v1.StatementSummary]:
    """Months with visits, or with something confirmed."""
    named = await work.statement_months(query.partner, query.before, query.limit)
    if not named:
        return []
    today = deadlines.today(work.now)
    return [standing.summary(one, today) for one in await _standing(query.partner, named, work)]


async def confirm(command: v1.ConfirmStatement, work: Statements) -> v1.StatementSummary:
    """The acting community says that the figures are right; the partner hears it, also of what was confirmed before."""
    before = await _one(command.partner, command.month, work)
    today = deadlines.today(work.now)
    ours = standing.confirm(before, command.digest, today, work.now)
    if ours != before.ours:
        await work.keep_confirmed(work.acting, ours)
        work.audit(work.acting, "statement_confirmed", f"{command.partner} {command.month}")
    message = border.StatementConfirmed(at=ours.at, month=ours.month, digest=ours.digest, totals=ours.totals)
    pair = standing.pair(work.acting, command.partner)
    work.send(message, sender=work.acting, to=command.partner, subject=f"{pair}/{command.month}")
    return standing.summary(before._replace(ours=ours), today)


async def statement_confirmed(message: border.StatementConfirmed, work: Records) -> None:
    """A partner has confirmed its figures; whether ours are the same is seen when somebody looks."""
    ours, partner, subject = addressed(work)
    confirmed = standing.heard(message, ours=ours, partner=partner, subject=subject)
    if not await work.knows(ours, partner):
        raise ValueError("no partnership with the speaker is known here")
    await work.keep_confirmed(ours, confirmed)


async def _one(partner: CommunityId, month: str, work: Statements) -> Standing:
    """Raises Refused for whoever is no partner and never was."""
    if not await work.knows(work.acting, partner):
        raise Refused(No.UNKNOWN, "no_partnership", "partner")
    (found,) = await _standing(partner, [v1.StatementRef(partner=partner, month=month)], work)
    return found


async def _standing(
    partner: CommunityId | None, named: Sequence[v1.StatementRef], work: Statements
) -> Sequence[Standing]:
    """The figures of these months, with what was confirmed of them."""
    months = sorted({one.month for one in named})
    records = await work.visits(partner, days_of(months[0])[0], days_of(months[-1])[1])
    found = by_month(records)
    words = await work.confirmed(partner, months[0], months[-1])
    confirmed = {(one.whose, one.partner, one.month): one for one in words}
    return [
        Standing(
            partner=one.partner,
            month=one.month,
            figures=found.get((one.partner, one.month), Figures()),
            ours=confirmed.get(("ours", one.partner, one.month)),
            theirs=confirmed.get(("theirs", one.partner, one.month)),
        )
        for one in named
    ]
