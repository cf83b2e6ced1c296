"""Names of communities and experiences in the reader's language, where the node knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TypeVar

from contracts.community.v1 import CommunityProfile, Experience, FindCommunities, FindExperiences, Offering
from contracts.messages import Asked, Several
from contracts.referral.v1 import AskPartnerCatalogue
from contracts.values import Value
from services.client import formatting
from services.client.answers import Refused
from services.client.formatting import HERE
from services.client.local_api import LocalApi
from services.client.phrases.spoken import spoken

V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class Names:
    """Ids → names; an id without a name stands for itself."""

    known: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = HERE
    #: What communities offer, by their id, as far as it is known here.
    offers: Mapping[str, Offering] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """The name, or the id."""
        return self.known.get(name, name)


def around(client: LocalApi, acting: str, partner: str | None = None) -> Names:
    """Names that the acting community can know: its own, this node's, and what a partner has shared."""
    shared = _items(client, AskPartnerCatalogue(partner=partner), acting)
    ours = _items(client, FindCommunities(ids=(acting,)))
    own = _items(client, FindExperiences(community=acting, limit=500))
    offers = {one.offering.community.id: one.offering for one in shared}
    profile = next((found for found in ours if found.id == acting), None)
    if profile:
        offers[acting] = Offering(community=profile, experiences=own)
    named: list[CommunityProfile | Experience] = [*ours, *own]
    for one in shared:
        named += [one.offering.community, *one.offering.experiences]
    known = {one.id: formatting.picked(spoken(), one.names.model_dump()) for one in named}
    return Names(known, formatting.zone_of(profile.zone if profile else None), offers)


def _items(client: LocalApi, asked: Asked[Several[V]], acting: str | None = None) -> tuple[V, ...]:
    """Names are not worth a failure: without an answer, ids are shown."""
    try:
        return client.send(asked, acting=acting, patience=0).items
    except Refused:
        return ()
