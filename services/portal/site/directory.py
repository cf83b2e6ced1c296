"""Names and offers that a community knows: its own and its partners'. Kept half a minute, for every page says names."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.community.v1 import CommunityProfile, Experience, FindCommunities, FindExperiences, Offering
from contracts.referral.v1 import AskPartnerCatalogue
from services.client import formatting
from services.client.bus import BusClient
from services.client.phrases.catalogue import Phrases

KEPT_SECONDS = 30.0
_ID = re.compile(r"\b[a-z0-9]+(?:[.-][a-z0-9]+)+\b")
#: So many communities are remembered at once.
MOST = 512


@dataclass(frozen=True)
class Known:
    """What a community knows: its own offer and those of its partners, by the id of the community."""

    community: str
    offers: Mapping[str, Offering] = field(default_factory=dict)

    @property
    def own(self) -> Offering | None:
        """What it offers itself."""
        return self.offers.get(self.community)

    def profile(self, community: str) -> CommunityProfile | None:
        """A community, if it is known."""
        offer = self.offers.get(community)
        return offer.community if offer else None

    def experience(self, experience_id: str) -> Experience | None:
        """An experience, if it is known."""
        offer = self.offers.get(experience_id.partition(".")[0])
        return next((each for each in offer.experiences if each.id == experience_id), None) if offer else None

    def name(self, phrases: Phrases, id_: str) -> str:
        """The name of a community or an experience in the reader's language; an unknown id stands for itself."""
        found = self.experience(id_) if "." in id_ else self.profile(id_)
        return formatting.picked(phrases, found.names.model_dump()) if found else id_

    def said(self, phrases: Phrases, text: str) -> str:
        """Text of a service with names in place of the ids that are known."""
        return _ID.sub(lambda found: self.name(phrases, found[0]), text)

    def names(self, phrases: Phrases) -> list[str]:
        """The names of all communities, for text in which they stay whole."""
        return [formatting.picked(phrases, offer.community.names.model_dump()) for offer in self.offers.values()]


class Directory:
    """One for the portal; asks on behalf of whoever looks."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Known]] = {}

    async def known(self, client: BusClient) -> Known:
        """What the client's community knows. Raises Refused."""
        community = client.acting or ""
        kept = self._kept.get(community)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        known = await _asked(client, community)
        self._kept.pop(community, None)
        self._kept[community] = time.monotonic() + KEPT_SECONDS, known
        while len(self._kept) > MOST:
            self._kept.pop(next(iter(self._kept)))
        return known

    def forget(self, community: str) -> None:
        """What it offers has changed: ask anew."""
        self._kept.pop(community, None)


async def _asked(client: BusClient, community: str) -> Known:
    profiles, own, shared = await asyncio.gather(
        client.send(FindCommunities(ids=(community,))),
        client.send(FindExperiences(community=community, limit=500)),
        client.send(AskPartnerCatalogue()),
    )
    offers = {each.offering.community.id: each.offering for each in shared.items}
    for profile in profiles.items:
        offers[profile.id] = Offering(community=profile, experiences=own.items)
    return Known(community, offers)
