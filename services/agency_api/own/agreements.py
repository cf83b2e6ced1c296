"""Agreements: listed, proposed, agreed to and ended, as the community service keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from uuid import uuid4

from starlette.requests import Request

from contracts.agencies.v1 import AgreeAgreement, EndAgreement, ListAgreements, ProposeAgreement
from contracts.agencies.v1 import AgreementView as Agreement
from services.agency_api.domain.ids import command_id
from services.agency_api.domain.repeats import said
from services.agency_api.own.asked import Agreeing, AskedAgreements, Ending, Proposal
from services.agency_api.own.objects import AgreementView
from services.agency_api.own.paging import Page, Place
from services.agency_api.own.problems import NO_TRIAL, NOT_FOUND, Failed, invalid
from services.agency_api.site import repeating
from services.agency_api.site.asking import Asking

#: Where a page of the list may begin.
PLACE: Place = ("",)
Wanted = ProposeAgreement | AgreeAgreement | EndAgreement


async def listed(asking: Asking, asked: AskedAgreements, after: Place | None) -> Page:
    """The agency's agreements, by community."""
    said = await asking.bus(None).send(ListAgreements())
    found = sorted(said.items, key=lambda one: one.community)
    rest = [
        one
        for one in found
        if (after is None or (one.community,) > after) and asked.state in (None, one.state)
    ]  # fmt: skip
    shown = rest[: asked.limit]
    return Page([_view(one) for one in shown], (shown[-1].community,) if len(rest) > len(shown) else None)


async def show(asking: Asking, community: str) -> AgreementView:
    """One of them."""
    said = await asking.bus(None).send(ListAgreements())
    found = next((one for one in said.items if one.community == community), None)
    if found is None:
        raise Failed(NOT_FOUND, "You have no agreement with this community, and none is proposed")
    return _view(found)


async def propose(asking: Asking, request: Request, asked: Proposal) -> dict[str, object]:
    """Terms for a community, which has to agree to them."""
    wanted = ProposeAgreement(agency=asking.agency, terms=asked.terms)
    return await _done(asking, request, asked.community, wanted)


async def agree(asking: Asking, request: Request, community: str, asked: Agreeing) -> dict[str, object]:
    """Yes to what the community proposes."""
    return await _done(asking, request, community, AgreeAgreement(agency=asking.agency, terms=asked.terms))


async def end(asking: Asking, request: Request, community: str, asked: Ending) -> dict[str, object]:
    """No more of it; what was booked under it goes on."""
    wanted = EndAgreement(agency=asking.agency, proposal_only=asked.proposal_only)
    return await _done(asking, request, community, wanted)


async def _done(asking: Asking, request: Request, community: str, wanted: Wanted) -> dict[str, object]:
    """Ask it of the community, once for each Idempotency-Key."""
    if asking.is_test:
        raise Failed(NO_TRIAL, "leave it out: agreements are between people, and what is proposed is read", "Octo-Env")
    key = request.headers.get("idempotency-key")
    if key is None:
        return await _asked(asking, community, wanted, str(uuid4()))()
    if not repeating.KEY.fullmatch(key):
        raise invalid("Idempotency-Key", "give 1 to 255 visible ASCII characters")
    whole = said(request.method, asking.url + request.url.path, await request.body())
    command = command_id("v1", asking.agency, asking.signed_in.prefix, key, hashlib.sha256(whole).hexdigest())
    kept: dict[str, object] = await repeating.once(asking, key, whole, _asked(asking, community, wanted, command))
    return kept


def _asked(
    asking: Asking, community: str, wanted: Wanted, command: str
) -> Callable[[], Awaitable[dict[str, object]]]:  # fmt: skip
    async def ask() -> dict[str, object]:
        answer: Agreement = await asking.bus(community).send(wanted, command_id=command)
        return _view(answer).wire()

    return ask


def _view(found: Agreement) -> AgreementView:
    other = "agency" if found.proposed_by == "community" else "community"
    return AgreementView(
        community=found.community,
        state=found.state,
        proposed_by=found.proposed_by,
        waits_for=other if found.state == "proposed" else None,
        terms=found.terms,
        in_force=found.in_force,
        since=found.since.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
