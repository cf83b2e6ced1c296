"""Which agency a request comes from: its key, looked up at most once a second in each process."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from contracts.agency_api.v1 import KeyScope
from services.agency_api.domain.keys import Key
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE

#: A key that was revoked opens for so long at most, in any process.
REMEMBERED = 0.8
MOST_REMEMBERED = 10_000
_BEARER = re.compile(r"[Bb]earer ([a-z2-7]{10})\.([A-Za-z0-9_-]{20,100})")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An agency, by one of its keys, and what that key is for."""

    agency: str
    prefix: str
    scopes: frozenset[KeyScope]


class SigningIn:
    """Looks keys up and remembers them for a moment."""

    def __init__(self, store: Store[Any]) -> None:
        self._store = store
        self._keys: OrderedDict[str, tuple[float, Key]] = OrderedDict()

    async def agency_of(self, header: str) -> SignedIn | None:
        """Who has sent this header `Authorization`; None for a key that opens nothing."""
        said = _BEARER.fullmatch(header)
        if said is None:
            return None
        prefix, secret = said.groups()
        held = self._keys.get(prefix)
        key = held[1] if held and time.monotonic() - held[0] < REMEMBERED else None
        if key is None:
            key = await self._read(prefix, secret)
        if key is None:
            return None
        if prefix in self._keys:
            self._keys.move_to_end(prefix)  # one that is in use goes last
        return SignedIn(key.agency, key.prefix, key.scopes) if key.is_of(secret) else None

    async def _read(self, prefix: str, secret: str) -> Key | None:
        """The key as it is now, if it opens; its use is noted at most once a minute."""
        read_at = time.monotonic()  # before it is read: what is revoked meanwhile is not remembered for longer
        async with self._store.work(EVERYONE) as work:
            key: Key | None = await work.key(prefix)
            now = await work.machine_now()
            if key is None or not key.opens(secret, now):
                self._keys.pop(prefix, None)
                return None
            if key.is_unnoted(now):
                await work.note_use(prefix, now)
        self._keys[prefix] = read_at, key
        self._keys.move_to_end(prefix)
        if len(self._keys) > MOST_REMEMBERED:
            self._keys.popitem(last=False)
        return key
