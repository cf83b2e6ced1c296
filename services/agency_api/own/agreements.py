"""Agreements: listed, proposed, agreed to and ended, as the community service keeps them."""

from __future__ import annotations

from starlette.requests import Request

from contracts.agencies.v1 import AgreeAgreement, EndAgreement, ListAgreements, ProposeAgreement
from contracts.agencies.v1 import AgreementView as Agreement
from services.agency_api.own.asked import Agreeing, AskedAgreements, Ending, Proposal
from services.agency_api.own.objects import AgreementView
from services.agency_api.own.once import Answer, once
from services.agency_api.own.paging import Page, Place
from services.agency_api.own.problems import NOT_FOUND, Failed
from services.agency_api.site.asking import Asking
from services.agency_api.site.instants import utc

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


async def propose(asking: Asking, request: Request, asked: Proposal) -> Answer:
    """Terms for a community, which has to agree to them."""
    wanted = ProposeAgreement(agency=asking.agency, terms=asked.terms)
    return await _done(asking, request, asked.community, wanted)


async def agree(asking: Asking, request: Request, community: str, asked: Agreeing) -> Answer:
    """Yes to what the community proposes."""
    return await _done(asking, request, community, AgreeAgreement(agency=asking.agency, terms=asked.terms))


async def end(asking: Asking, request: Request, community: str, asked: Ending) -> Answer:
    """No more of it; what was booked under it goes on."""
    wanted = EndAgreement(agency=asking.agency, proposal_only=asked.proposal_only)
    return await _done(asking, request, community, wanted)


async def _done(asking: Asking, request: Request, community: str, wanted: Wanted) -> Answer:
    """Ask it of the community, once for each Idempotency-Key."""

    async def ask(command: str) -> Answer:
        answer: Agreement = await asking.bus(community).send(wanted, command_id=command)
        return _view(answer).wire()

    return await once(asking, request, ask, "agreements are between people, and what is proposed is read")


def _view(found: Agreement) -> AgreementView:
    other = "agency" if found.proposed_by == "community" else "community"
    return AgreementView(
        community=found.community,
        state=found.state,
        proposed_by=found.proposed_by,
        waits_for=other if found.state == "proposed" else None,
        terms=found.terms,
        in_force=found.in_force,
        since=utc(found.since),
    )
