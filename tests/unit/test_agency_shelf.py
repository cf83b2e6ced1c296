"""Products are written once for each community, and never told to whom they do not fit."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, cast

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.pools import Host, Situation
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import selling
from services.agency_api.octo.shelf import Shelf, pieces
from services.agency_api.site.asking import Asking
from services.client.phrases.catalogue import Phrases
from tests.support.booking import offering, usual_experiences


@dataclass(frozen=True)
class Way:
    """What of a request counts here."""

    language: str = "en"
    capabilities: frozenset[str] = frozenset()

    @property
    def phrases(self) -> Phrases:
        """In its language."""
        return Phrases.of(self.language)

    def has(self, capability: str) -> bool:
        """Whether it is asked for."""
        return capability in self.capabilities


def supply(version: str = "first", experiences: int = 9, **terms: str) -> Supply:
    offered = offering(*usual_experiences())
    host = Host.of(offered.model_copy(update={"experiences": offered.experiences[:experiences]}), version)
    agreed = AgreementTerms.model_validate({"valid_from": "2026-01-01", **terms})
    return Supply(situation=Situation(host=host), terms=agreed)


def asked(language: str = "en", *capabilities: str) -> Asking:
    return cast("Asking", Way(language, frozenset(capabilities)))


def built(one: Supply, asking: Asking) -> list[dict[str, Any]]:
    return selling.products(one, asking)


def test_what_is_kept_is_what_would_be_written_whoever_asks_in_whichever_way() -> None:
    supplies = [
        supply(),
        supply("second", 1),
        supply(percent="15.00"),
        supply(confirmation="on_request"),
        supply(cutoff_hours="99"),
    ]
    ways = [asked(), asked("th"), asked("en", "pricing"), asked("en", "content"), asked("lo", "content", "pricing")]
    for shelf in (Shelf(), Shelf(most=1)):
        for _ in range(2):
            for one in supplies:
                for way in ways:
                    assert json.loads(b"[%b]" % shelf.text(one, way)) == built(one, way)
    told = {json.dumps(built(one, way)) for one in supplies for way in ways}
    assert len(told) > len(supplies) + len(ways), "a shelf that left one of them out of account would have told others'"


def test_pieces_make_one_list_also_where_there_is_nothing() -> None:
    async def whole(*supplies: Supply) -> Any:
        return json.loads(b"".join([piece async for piece in pieces(supplies, asked())]))

    empty = supply("none", 0)
    assert asyncio.run(whole()) == asyncio.run(whole(empty, empty)) == []
    one = built(supply(), asked())
    assert asyncio.run(whole(empty, supply(), empty, supply())) == one + one
