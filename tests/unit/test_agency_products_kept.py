"""Products are written once for each community, and never told to whom they do not fit."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from contracts.agencies.v1 import AgreementTerms
from contracts.capacity.pools import Host, Situation
from services.agency_api.domain.products_kept import KeptProducts
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import selling
from services.agency_api.octo.product_list import pieces, text
from services.agency_api.site.asking import Asking
from services.agency_api.site.remembering import Memory
from services.client.phrases.catalogue import Phrases
from tests.support.booking import offering, usual_experiences


@dataclass(frozen=True)
class Way:
    """What of a request counts here."""

    language: str = "en"
    capabilities: frozenset[str] = frozenset()
    memory: Memory = field(default_factory=Memory)

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


def keeping(memory: Memory, way: Asking) -> Asking:
    """The same asked of a process that keeps what it has written."""
    return cast("Asking", Way(way.language, way.capabilities, memory))


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
    for kept in (KeptProducts(), KeptProducts(most=1)):
        memory = Memory()
        memory.products = kept
        for _ in range(2):
            for one in supplies:
                for way in ways:
                    assert json.loads(b"[%b]" % text(one, keeping(memory, way))) == built(one, way)
    told = {json.dumps(built(one, way)) for one in supplies for way in ways}
    assert len(told) > len(supplies) + len(ways), "a memory that left one out of account would have told others'"


def test_it_is_written_once_and_by_another_process_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, one = Memory(), supply()
    written = text(one, keeping(memory, asked()))

    def unwritten(*_: object) -> list[Any]:
        raise AssertionError("it is kept")

    monkeypatch.setattr(selling, "products", unwritten)
    assert text(one, keeping(memory, asked())) == written
    with pytest.raises(AssertionError):
        text(one, keeping(Memory(), asked()))


def test_pieces_make_one_list_also_where_there_is_nothing() -> None:
    async def whole(*supplies: Supply) -> Any:
        return json.loads(b"".join([piece async for piece in pieces(supplies, asked())]))

    empty = supply("none", 0)
    assert asyncio.run(whole()) == asyncio.run(whole(empty, empty)) == []
    one = built(supply(), asked())
    assert asyncio.run(whole(empty, supply(), empty, supply())) == one + one
