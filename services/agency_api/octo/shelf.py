"""Products as they are sent: those of a community are written once, and sent one community after the other.

A network of thousands has tens of thousands of products: no process should write or hold them all for one answer.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Sequence

from starlette.responses import Response

from services.agency_api.domain.supply import Supply
from services.agency_api.octo import reading, selling
from services.agency_api.site import answering
from services.agency_api.site.asking import Asking
from services.chassis.runtime import trace

#: So many communities' products are kept, each in each way of asking: compressed, some 3 KB of twenty.
MOST_KEPT = 10_000


class Shelf:
    """What was written and still holds; the same for all agencies that agreed on the same."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()

    def text(self, supply: Supply, asking: Asking) -> bytes:
        """A community's products, separated by commas."""
        host = supply.situation.host
        how = (asking.language, asking.capabilities)
        about = (host.offering.community.id, host.version, supply.terms, *how)
        kept = self._kept.get(about)
        if kept is None:
            products = selling.products(supply, asking)
            text = json.dumps(products, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
            kept = self._kept[about] = zlib.compress(text, 1)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(about)
        return zlib.decompress(kept)


_SHELF = Shelf()


async def products(asking: Asking) -> Response:
    """Everything that the agency may sell here."""
    with trace.span("agency_api products"):
        return answering.in_pieces(asking, pieces(await reading.supplies(asking), asking))


async def pieces(supplies: Sequence[Supply], asking: Asking) -> AsyncIterator[bytes]:
    """One list, a community at a time."""
    before = b"["
    for supply in supplies:
        if text := _SHELF.text(supply, asking):
            yield before + text
            before = b","
        await asyncio.sleep(0)  # whoever else asks is not held up by a long list
    yield b"]" if before == b"," else b"[]"
