"""What a community sells as it was written before, kept for whoever asks the same of the same."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable

#: So many communities' products are kept, each in each way of asking: compressed, some 3 KB of twenty.
MOST_KEPT = 10_000


class KeptProducts:
    """Texts by all that they were written from, so none is ever wrong; what was not asked for longest goes first."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()

    def text(self, about: Hashable, write: Callable[[], bytes]) -> bytes:
        """The text about it, written now if it is not kept."""
        kept = self._kept.get(about)
        if kept is None:
            kept = self._kept[about] = zlib.compress(write(), 1)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(about)
        return zlib.decompress(kept)
