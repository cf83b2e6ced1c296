"""Who reads what is spoken on a stream, by the services' own tables of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from tests.contract.sources import ROOT, services
from tests.contract.test_readmes import CONTRACTS, entrypoints

#: Statements have streams of their own beside the one of their subject.
LATEST = {e.name for e in CONTRACTS.values() if getattr(e.contract, "ordering", "") == "latest"}
Stream = tuple[str | None, ...]


@cache
def listeners() -> Mapping[str, frozenset[str]]:
    """Each service that listens, and to which types."""
    return {name: frozenset(entrypoints(ROOT, name, "message")) for name in services(ROOT)}


def torn(spoken: Iterable[tuple[Stream, str]]) -> list[str]:
    """Streams of which a reader takes only some types, and so waits for ever for one that it is never given."""
    streams: dict[Stream, dict[str, set[str]]] = {}
    for stream, type_ in spoken:
        if type_ not in LATEST:
            reading = {name for name, types in listeners().items() if type_ in types}
            streams.setdefault(stream, {})[type_] = reading
    return [
        f"{stream} is not read whole: {types}"
        for stream, types in streams.items()
        if any(one != other for one in types.values() for other in types.values())
    ]
