"""Products as they are sent: those of a community are written once, and sent one community after the other.

A network of thousands has tens of thousands of products: no process should write or hold them all for one answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response

from services.agency_api.domain.supply import Supply
from services.agency_api.octo import reading, selling
from services.agency_api.site import answering
from services.agency_api.site.asking import Asking
from services.chassis.runtime import trace


async def products(asking: Asking) -> Response:
    """Everything that the agency may sell here."""
    with trace.span("agency_api products"):
        return answering.in_pieces(asking, pieces(await reading.supplies(asking), asking))


async def pieces(supplies: Sequence[Supply], asking: Asking) -> AsyncIterator[bytes]:
    """One list, a community at a time."""
    before = b"["
    for supply in supplies:
        if found := text(supply, asking):
            yield before + found
            before = b","
        await asyncio.sleep(0)  # whoever else asks is not held up by a long list
    yield b"]" if before == b"," else b"[]"


def text(supply: Supply, asking: Asking) -> bytes:
    """A community's products, separated by commas; the same for all agencies that agreed on the same."""

    def write() -> bytes:
        found = selling.products(supply, asking)
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()

    host, how = supply.situation.host, (asking.language, asking.capabilities)
    about = (host.offering.community.id, host.version, supply.terms, *how)
    return asking.memory.products.text(about, write)
