"""Agencies of this node, and the agreements under which they book. One function per use case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.agencies import v1
from contracts.community.v1 import Offering
from contracts.node.v1 import OF_THE_NODE
from contracts.principal import Agency as AgencyPrincipal
from contracts.principal import Operator
from contracts.refusals import No, Refused
from services.community.domain import kept_places
from services.community.domain.agreement import Act, Agency, Agreement
from services.community.handlers.shared import hosted
from services.community.ports import EVERYONE, Communities

#: What the audit says of an act.
AUDITED: Mapping[Act, str] = {
    "propose": "agreement_proposed",
    "agree": "agreement_agreed",
    "turn_down": "agreement_turned_down",
    "end": "agreement_ended",
}


async def add_agency(command: v1.AddAgency, work: Communities) -> v1.AgencyView:
    """Let an agency take part, or give it another name; the same name again changes nothing."""
    before = await work.agency(command.agency)
    after = Agency(id=command.agency, name=command.name, since=before.since if before else work.now)
    if after != before:
        await work.save_agency(after)
        work.audit(OF_THE_NODE, "agency_renamed" if before else "agency_added", after.id)
        state_agency(work, after)
    return _agency_view(after)


async def list_agencies(query: v1.ListAgencies, work: Communities) -> Sequence[v1.AgencyView]:  # noqa: ARG001 - it has no fields
    """The agencies of this node, by name."""
    return [_agency_view(one) for one in await work.agencies()]


async def propose_agreement(command: v1.ProposeAgreement, work: Communities) -> v1.AgreementView:
    """Propose terms; those in force stay until the other side agrees to these."""
    return await _take(command, work, "propose", command.terms)


async def agree_agreement(command: v1.AgreeAgreement, work: Communities) -> v1.AgreementView:
    """Agree to the terms that the other side proposed."""
    return await _take(command, work, "agree", command.terms)


async def end_agreement(command: v1.EndAgreement, work: Communities) -> v1.AgreementView:
    """End all that is between the two, or what is proposed alone."""
    return await _take(command, work, "turn_down" if command.proposal_only else "end")


async def list_agreements(query: v1.ListAgreements, work: Communities) -> Sequence[v1.AgreementView]:  # noqa: ARG001 - it has no fields
    """The acting community's, or all of the node; an agency sees of either its own alone."""
    agency = work.principal.agency if isinstance(work.principal, AgencyPrincipal) else None
    community = None if work.acting == EVERYONE else work.acting
    return [_view(one, name) for one, name in await work.agreements(community, agency)]


async def restate_agreements(work: Communities, page: int) -> tuple[int, int]:
    """State all agencies and agreements again; returns how many of each."""
    agencies = await work.agencies()
    for agency in agencies:
        state_agency(work, agency)
    agreements = 0
    place = ("", "")
    while records := await work.agreements_after(place, page):
        place = (records[-1].agency, records[-1].community)
        agreements += len(records)
        for agreement in records:
            state_agreement(work, agreement)
    return len(agencies), agreements


async def _take(
    command: v1.ProposeAgreement | v1.AgreeAgreement | v1.EndAgreement,
    work: Communities,
    act: Act,
    terms: v1.AgreementTerms | None = None,
) -> v1.AgreementView:
    side = _side(work, command.agency, command.side)
    agency = await work.agency(command.agency)
    if agency is None:
        raise Refused(No.UNKNOWN, "no_such_agency", "agency", agency=command.agency)
    offering = await hosted(work)  # locks its row: acts of both sides come one after another
    before = await work.agreement(command.agency, work.acting)
    if before is None and terms is not None and act == "propose":
        before = Agreement(agency=command.agency, community=work.acting, terms=terms, proposed_by=side, since=work.now)
    if before is None:
        raise Refused(No.UNKNOWN, "no_agreement", "agency")
    after = before.act(side, act, work.now, terms)
    if after != before:
        await _check(act, after.terms, offering, work)
        await work.save_agreement(after)
        work.audit(after.community, AUDITED[act], after.agency, result=f"for_{side}")
        state_agreement(work, after)
    return _view(after, agency.name)


async def _check(act: Act, terms: v1.AgreementTerms, offering: Offering, work: Communities) -> None:
    """Raise Refused for terms of what is not there; also when agreed to: it may be gone by then."""
    if act in ("propose", "agree"):
        partners = await work.agreed_partners((work.acting,))
        kept_places.check(terms, offering, partners.get(work.acting, ()))


def _side(work: Communities, agency: v1.AgencyId, wanted: v1.Side | None) -> v1.Side:
    """Which side speaks. Raises Refused: another agency than its own is none that an agency would know of."""
    speaks: v1.Side = "community"
    if isinstance(work.principal, AgencyPrincipal):
        if work.principal.agency != agency:
            raise Refused(No.UNKNOWN, "no_such_agency", "agency", agency=agency)
        speaks = "agency"
    if wanted in (None, speaks):
        return speaks
    if not isinstance(work.principal, Operator):
        raise Refused(No.NOT_ALLOWED, "not_your_side", "side")
    return "agency"


def state_agency(work: Communities, agency: Agency) -> None:
    """Tell this node of an agency."""
    work.announce(v1.AgencyStated(agency=agency.id, name=agency.name), agency.id)


def state_agreement(work: Communities, agreement: Agreement) -> None:
    """Tell this node where an agreement stands."""
    stated = v1.AgreementStated(
        agency=agreement.agency,
        community=agreement.community,
        state="agreed" if agreement.in_force else agreement.state,
        terms=agreement.in_force,
        since=agreement.since,
    )
    work.announce(stated, f"{agreement.agency}--{agreement.community}")


def _agency_view(agency: Agency) -> v1.AgencyView:
    return v1.AgencyView(agency=agency.id, name=agency.name, since=agency.since)


def _view(agreement: Agreement, name: str) -> v1.AgreementView:
    return v1.AgreementView(
        agency=agreement.agency,
        agency_name=name,
        community=agreement.community,
        state=agreement.state,
        proposed_by=agreement.proposed_by,
        terms=agreement.terms,
        in_force=agreement.in_force,
        since=agreement.since,
    )
