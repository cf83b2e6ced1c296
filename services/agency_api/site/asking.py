"""One request: who asks, of which communities, with which of OCTO's capabilities, in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from contracts.principal import Agency
from services.agency_api.site.remembering import Memory
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.messaging.store import Store
from services.client.bus import BusClient
from services.client.phrases.catalogue import Phrases

EDGE = "agency_api"
#: What may be asked for, by its short name; both this and `octo/<name>` are understood.
CAPABILITIES = ("pricing", "content")
#: Heeded as well, though the standard's list of ids, which is closed, has it not.
UNLISTED = ("notifications",)
LANGUAGES = ("en", "th", "lo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What every operation is given; `community` is that of the base URL, None for the network."""

    parts: EdgeParts
    signed_in: SignedIn
    url: str
    community: str | None = None
    capabilities: frozenset[str] = frozenset()
    language: str = "en"
    is_test: bool = False
    #: What this process has answered before; one of its own: nothing.
    memory: Memory = field(default_factory=Memory)
    #: Its Idempotency-Key.
    repeat_key: str | None = None

    @property
    def agency(self) -> str:
        """Whose key it is."""
        return self.signed_in.agency

    @property
    def store(self) -> Store[Any]:
        """The agency API's own tables."""
        if self.parts.store is None:
            raise ValueError("the agency API has no tables of its own here")
        return self.parts.store

    @property
    def phrases(self) -> Phrases:
        """What people read, in the language asked for."""
        return Phrases.of(self.language)

    def has(self, capability: str) -> bool:
        """Whether the answer is to have this capability's fields."""
        return capability in self.capabilities

    def bus(self, community: str | None) -> BusClient:
        """What the agency may ask of a community, or of the node."""
        principal = Agency(account=self.signed_in.prefix, agency=self.agency)
        return BusClient(self.parts.rpc, EDGE, principal, community)


async def asking_of(request: Request) -> Asking:
    """Who asks, as the door has found."""
    asking: Asking = request.state.asking
    return asking


def capabilities_of(header: str) -> frozenset[str]:
    """Those of a list that there are; the others are left aside, as the standard says."""
    named = {each.strip().lower().removeprefix("octo/") for each in header.split(",")}
    return frozenset(named & {*CAPABILITIES, *UNLISTED})


def language_of(header: str) -> str:
    """The first language of a header `Accept-Language` that there is, by weight; else English."""
    ranked = sorted((_weighed(each) for each in header.split(",")), key=lambda one: -one[0])
    return next((tag for weight, tag in ranked if weight > 0 and tag in LANGUAGES), "en")


def _weighed(text: str) -> tuple[float, str]:
    tag, _, weight = text.strip().partition(";q=")
    try:
        return (float(weight) if weight else 1.0), tag.partition("-")[0].lower()
    except ValueError:
        return 0.0, tag


def echoed(asking: Asking) -> Mapping[str, str]:
    """The headers that say what of the request was heeded."""
    said = {"Octo-Capabilities": ", ".join(sorted(f"octo/{each}" for each in asking.capabilities))}
    if asking.has("content"):
        said |= {"Content-Language": asking.language, "Available-Languages": ", ".join(LANGUAGES)}
    return said
