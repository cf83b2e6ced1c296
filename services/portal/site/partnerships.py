"""Partnerships as a page shows them: whom with, how they stand, and by what they are told from somebody else's."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.community.v1 import CommunityProfile, FindCommunities, ListPartnerships, PartnershipView
from contracts.crossing.v1 import AskCrossings
from contracts.values import Names
from services.client import formatting
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrases
from services.portal.site.context import PageContext

#: The order in which they are listed: what waits for us, what works, what rests.
GROUPS = ("to_us", "active", "by_us", "paused", "ended")
#: So many ids one question may name.
AT_ONCE = 200


@dataclass(frozen=True)
class Partner:
    """One partnership, with what this node knows of the other community."""

    view: PartnershipView
    profile: CommunityProfile | None

    @property
    def id(self) -> str:
        """The partner's."""
        return self.view.partner

    @property
    def group(self) -> str:
        """How it stands, in one of the groups of a list."""
        if self.view.state == "proposed":
            return "to_us" if self.view.awaits_us else "by_us"
        return {"agreed": "active", "suspended": "paused", "ended": "ended"}[self.view.state]

    @property
    def looked_at(self) -> str:
        """Stands for the terms and the key on the table: what was read is what is agreed to."""
        seen = [self.view.terms.wire(), self.view.their_fingerprint, self.view.partnership_id]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]

    def name(self, phrases: Phrases) -> str:
        """As the reader calls it; the id of one that this node does not know."""
        return formatting.picked(phrases, self.profile.names.model_dump()) if self.profile else self.id


async def partners(page: PageContext) -> tuple[Partner, ...]:
    """All of them, by group and id."""
    views = await page.list(ListPartnerships())
    profiles = await known_profiles(page, [view.partner for view in views])
    found = [Partner(view, profiles.get(view.partner)) for view in views]
    return tuple(sorted(found, key=lambda one: (GROUPS.index(one.group), one.id)))


async def partner(page: PageContext) -> Partner | None:
    """The one that the address names."""
    return next((one for one in await partners(page) if one.id == page.request.path_params["partner"]), None)


async def known_profiles(page: PageContext, ids: list[str]) -> Mapping[str, CommunityProfile]:
    """Who they are: of this node, or as they have told us themselves."""
    parts = [tuple(ids[n : n + AT_ONCE]) for n in range(0, len(ids), AT_ONCE)]
    here_now = asyncio.gather(*(page.list(FindCommunities(ids=part, limit=AT_ONCE)) for part in parts))
    known, answers = await asyncio.gather(page.known(), here_now)
    here = {profile.id: profile for profiles in answers for profile in profiles}
    told = {id_: offer.community for id_, offer in known.offers.items()}
    return told | here


async def crossings(page: PageContext) -> Mapping[str, Names]:
    """The names of crossings; a page is shown without them if they cannot be had."""
    try:
        book = await page.ask(AskCrossings())
    except Refused:
        return {}
    return {crossing.id: crossing.names for crossing in book.crossings}
