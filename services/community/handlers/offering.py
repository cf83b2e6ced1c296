"""The standing offer: publishing it, finding it, stating it again. One function per use case, one transaction each."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.community import v1
from contracts.community.faults import offering_faults
from contracts.node.v1 import OF_THE_NODE
from contracts.refusals import No, Refused
from contracts.values import search_key
from services.community.handlers.agreement import restate_agreements
from services.community.handlers.keys import ensure_key
from services.community.handlers.partnership import state_partnership
from services.community.handlers.shared import refuse_faults, share
from services.community.ports import EVERYONE, Communities

#: How many aggregates a restatement reads at once.
PAGE = 200


async def publish_offering(command: v1.PublishOffering, work: Communities) -> v1.OfferingRecorded:
    """Record what a community offers and publish it to this node and its partners, unless nothing changed."""
    offering = command.offering
    if work.acting not in (EVERYONE, offering.community.id):
        raise Refused(No.NOT_ALLOWED, "not_your_offering", "community.id", community=offering.community.id)
    if offering.community.id == OF_THE_NODE:
        raise Refused(No.INVALID, "id_is_the_nodes", "community.id", community=OF_THE_NODE)
    refuse_faults(offering_faults(offering))
    before = await work.offering(offering.community.id)
    if command.instead_of is not None and (before is None or before.digest != command.instead_of):
        raise Refused(No.CONFLICT, "offering_changed", "instead_of")
    changed = before != offering
    if changed:
        await work.save_offering(offering)
        await ensure_key(work, offering.community.id)
        _state_offering(work, offering)
        partners = await work.agreed_partners([offering.community.id])
        share(work, offering, partners.get(offering.community.id, ()))
    return v1.OfferingRecorded(community=offering.community.id, experiences=len(offering.experiences), changed=changed)


async def restate(command: v1.Restate, work: Communities) -> v1.Restated:  # noqa: ARG001 - it has no fields
    """State everything again and share all catalogues, for readers without data."""
    communities = partnerships = 0
    last = ""
    while page := await work.offerings_after(last, PAGE):
        last = page[-1].community.id
        communities += len(page)
        partners = await work.agreed_partners([offering.community.id for offering in page])
        for offering in page:
            _state_offering(work, offering)
            share(work, offering, partners.get(offering.community.id, ()))
    place = ("", "")
    while records := await work.partnerships_after(place, PAGE):
        place = (records[-1].community, records[-1].partner)
        partnerships += len(records)
        for partnership in records:
            state_partnership(work, partnership)
    agencies, agreements = await restate_agreements(work, PAGE)
    return v1.Restated(communities=communities, partnerships=partnerships, agencies=agencies, agreements=agreements)


def _state_offering(work: Communities, offering: v1.Offering) -> None:
    work.announce(v1.OfferingPublished(offering=offering), offering.community.id)


async def find_communities(query: v1.FindCommunities, work: Communities) -> Sequence[v1.CommunityProfile]:
    """Communities by part of a name in any script, or by id; text of nothing but signs finds none."""
    key = search_key(query.text)
    return await work.find_communities(key, query.ids, query.limit) if key or not query.text.strip() else ()


async def find_experiences(query: v1.FindExperiences, work: Communities) -> Sequence[v1.Experience]:
    """Experiences by part of their own or their community's name."""
    key = search_key(query.text)
    if not key and query.text.strip():
        return ()
    of = (query.community,) if query.community else query.communities
    return await work.find_experiences(key, of, query.kind, query.after, query.limit)
