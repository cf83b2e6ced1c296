"""Names of communities and experiences in the reader's language, where the node knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from services.cli.input import inputs
from services.cli.views import dates
from services.client.answers import Refused
from services.client.local_api import LocalApi


@dataclass(frozen=True)
class Names:
    """Ids → names; an id without a name stands for itself."""

    known: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = inputs.HERE
    #: What communities offer, as far as it is known here: id → profile and experiences.
    offers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """The name, or the id."""
        return self.known.get(name, name)


def pick(names: Mapping[str, str | None]) -> str:
    """One of the names in Thai, Lao and English: the reader's, else English, else any."""
    return names.get(dates.language()) or names.get("en") or next((name for name in names.values() if name), "")


def around(client: LocalApi, acting: str, partner: str | None = None) -> Names:
    """Names that the acting community can know: its own, this node's, and what a partner has shared."""
    shared = _items(client, "referral.ask_partner_catalogue", {"partner": partner} if partner else {}, acting)
    ours = _items(client, "community.find_communities", {"text": acting, "limit": 200})
    own = _items(client, "community.find_experiences", {"community": acting, "limit": 500})
    named = [*ours, *own]
    for catalogue in shared:
        named += [catalogue["offering"]["community"], *catalogue["offering"]["experiences"]]
    profile = next((found for found in ours if found["id"] == acting), None)
    offers = {one["offering"]["community"]["id"]: one["offering"] for one in shared}
    if profile:
        offers[acting] = {"community": profile, "experiences": own}
    zone = dates.zone_of(profile["zone"] if profile else None)
    return Names({one["id"]: pick(one["names"]) for one in named}, zone, offers)


def _items(client: LocalApi, asks: str, fields: dict[str, Any], acting: str | None = None) -> list[dict[str, Any]]:
    """Names are not worth a failure: without an answer, ids are shown."""
    try:
        return list(client.ask(asks, fields, acting=acting, patience=0)["items"])
    except Refused:
        return []
