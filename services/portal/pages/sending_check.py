"""Check the answers, then ask the partner: once, however often it is sent."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from starlette.responses import Response

from contracts import answering, pricing
from contracts.community.v1 import ListPartnerships
from contracts.referral.v1 import OfferHandoff
from contracts.values import Quote
from services.client.answers import OpenEnd, Refused
from services.client.refusals import told
from services.portal.domain import drafts
from services.portal.handlers import drafts as keeping
from services.portal.pages.sending_flow import Writing, crossing_names, opened, render
from services.portal.site.context import PageContext
from services.portal.site.portal_site import PageRoute

#: Namespace of the command ids of offers: a draft is offered once, by whatever form and from whatever phone.
_OF_DRAFT = uuid.UUID("0d9a8f0c-6f0e-4b38-9df0-3f6f0c6f1a77")


async def show(page: PageContext) -> Response:
    """All answers, each with a way to change it."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    step = drafts.open_step(found.draft, border=found.border)
    return await _shown(page, found) if step == "check" else page.redirect(found.path(step))


async def ask(page: PageContext) -> Response:
    """Offer the party. What the node refuses is said on this page, and nothing is lost."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    step = drafts.open_step(found.draft, border=found.border)
    if step != "check":
        return page.redirect(found.path(step))
    try:
        command_id = str(uuid.uuid5(_OF_DRAFT, found.id))
        recorded = await page.client.send(drafts.offer(found.draft), command_id=command_id)
    except OpenEnd:
        raise
    except Refused as refused:
        no = found.known.said(page.phrases, told(page.phrases, refused.refusal))
        return await _shown(page, found, status=HTTPStatus.CONFLICT, no=no)
    async with page.site.store.work(page.community) as work:
        await keeping.offered(work, found.id, page.signed_in.account, recorded.referral_id)
    return page.redirect(f"/handoffs/{recorded.referral_id}")


async def _shown(page: PageContext, writing: Writing, status: int = 200, no: str = "") -> Response:
    draft, partnerships = writing.draft, await page.list(ListPartnerships())
    terms = next((one.terms for one in partnerships if one.partner == draft.to), None)
    names = await crossing_names(page, [draft.crossing] if draft.crossing else [])
    until = answering.answer_by(terms, writing.offering.community, page.now) if terms else None
    return render(
        page, writing, "send_check.html", step="check", status=status, no=no, until=until,
        quote=_quote(writing), crossing=names.get(draft.crossing or ""),
    )  # fmt: skip


def _quote(writing: Writing) -> Quote | None:
    """What the partner's offer comes to; nothing when something is no longer on offer."""
    if writing.draft.party is None:
        return None
    try:
        return pricing.quote(writing.offering, writing.draft.party, writing.draft.items)
    except KeyError:
        return None


PAGES = (
    PageRoute("GET", "/send/{draft:uuid}/check", show, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/check", ask, asks=OfferHandoff),
)
