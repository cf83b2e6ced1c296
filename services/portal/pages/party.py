"""What is known of a party: reading it, which is noted, forgetting it, and everything about one handoff in a file."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from contracts.crossing.v1 import Plan, PlanOfHandoff
from contracts.messages import Asked
from contracts.node.v1 import AuditEntry, ListAudit
from contracts.personal.v1 import ErasePersonalPart, ExportHandoff, PersonalPartRead, ReadPersonalPart
from contracts.referral.v1 import HandoffView, ShowHandoff
from services.client import personal
from services.client.answers import OpenEnd, Refused
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute

AUDIT_AT_ONCE = 200


async def read(page: PageContext) -> Response:
    """Whom to greet; shown once, for this answer, and noted in the audit."""
    view = await _view(page)
    reader = personal.Reader(page.community)
    asked = ReadPersonalPart(referral=view.referral_id, reply_key=reader.reply_key)
    answer: PersonalPartRead = await page.client.send(asked)
    return page.render(
        "party.html",
        view=view,
        known=await page.known(),
        part=reader.open(answer),
        holding=answer.holding,
        code=str(page.data.get("code", "")),
        receiving=view.side == "receiver" and "arrive" in {each.act for each in view.next_acts},
    )


async def ask_erase(page: PageContext) -> Response:
    """What is deleted, before it is."""
    return page.render("erase.html", view=await _view(page), known=await page.known())


async def erase(page: PageContext) -> Response:
    """Delete the own copy; the partner is told to do so."""
    await page.ask(ErasePersonalPart(referral=page.request.path_params["id"]))
    return page.redirect(f"/handoffs/{page.request.path_params['id']}")


async def export(page: PageContext) -> Response:
    """Everything that is kept about one handoff, for whom it concerns."""
    view = await _view(page)
    reader = personal.Reader(page.community)
    kept = await page.client.send(ExportHandoff(referral=view.referral_id, reply_key=reader.reply_key))
    audit, crossing = await _audit(page, view.referral_id), await _plan(page, view)
    part = reader.open(kept.personal)
    everything = personal.whole(view, kept, part, acting=page.community, audit=audit, crossing=crossing)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="handoff.json"'}
    return Response(
        json.dumps(everything, ensure_ascii=False, indent=1), media_type="application/json", headers=headers
    )


async def _view(page: PageContext) -> HandoffView:
    return await page.ask(ShowHandoff(referral=page.request.path_params["id"]))


async def _audit(page: PageContext, referral: str) -> list[AuditEntry]:
    lines: list[AuditEntry] = []
    while True:
        wanted = ListAudit(about=referral, after=lines[-1].n if lines else 0, limit=AUDIT_AT_ONCE)
        more = (await page.client.send(wanted, service="referral")).items
        lines += more
        if len(more) < AUDIT_AT_ONCE:
            return lines


async def _plan(page: PageContext, view: HandoffView) -> Plan | None:
    """The crossing plan, where there is one to make."""
    if view.crossing is None:
        return None
    try:
        return await page.ask(PlanOfHandoff(referral=view.referral_id))
    except OpenEnd:
        raise
    except Refused:
        return None


def _page(method: Any, path: str, show: Any, asks: type[Asked[Any]]) -> PageRoute:
    return PageRoute(method, f"/handoffs/{{id}}/{path}", show, asks=asks)


PAGES = (
    _page("POST", "party", read, ReadPersonalPart),
    _page("GET", "erase", ask_erase, ErasePersonalPart),
    _page("POST", "erase", erase, ErasePersonalPart),
    _page("POST", "export", export, ExportHandoff),
)
