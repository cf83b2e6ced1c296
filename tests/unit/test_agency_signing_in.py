"""How long a process remembers a key: not after it was revoked, and rather one that is in use."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from services.agency_api.domain.keys import Key
from services.agency_api.site import signing_in
from services.agency_api.site.signing_in import REMEMBERED, SigningIn

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
SECRET = "a-secret-of-an-agency-that-nobody-guesses"
FIRST, SECOND, THIRD = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"


class Machine:
    """Its clock, and the table of keys; `slow`: so long lasts what follows the reading of a key, until the commit."""

    def __init__(self) -> None:
        self.clock, self.slow, self.is_revoked = 100.0, 0.0, False
        self.read: list[str] = []

    def monotonic(self) -> float:
        return self.clock

    @asynccontextmanager
    async def work(self, _where: object) -> AsyncIterator[Any]:
        yield self
        self.clock += self.slow

    async def key(self, prefix: str) -> Key:
        self.read.append(prefix)
        digest = hashlib.sha256(SECRET.encode()).digest()
        revoked_at = NOW if self.is_revoked else None
        return Key(
            prefix=prefix, agency="mekong", digest=digest, scopes=frozenset({"read"}), last_used=NOW,
            revoked_at=revoked_at,
        )  # fmt: skip

    async def machine_now(self) -> datetime:
        return NOW


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()
    monkeypatch.setattr(signing_in, "time", found)
    return found


def opens(door: SigningIn, prefix: str) -> bool:
    return asyncio.run(door.agency_of(f"Bearer {prefix}.{SECRET}")) is not None


def test_a_key_is_remembered_from_before_it_was_read(machine: Machine) -> None:
    rows: Any = machine
    door = SigningIn(rows)
    machine.slow = 0.5  # it is revoked while the commit lasts
    assert opens(door, FIRST)
    machine.is_revoked = True
    machine.clock += REMEMBERED - 0.5 - 0.01
    assert opens(door, FIRST), "control: it is remembered until then"
    machine.clock += 0.02
    assert not opens(door, FIRST)


def test_a_key_that_is_in_use_is_not_forgotten_for_others(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "MOST_REMEMBERED", 2)
    rows: Any = machine
    door = SigningIn(rows)
    for prefix in (FIRST, SECOND, FIRST, THIRD, FIRST):
        assert opens(door, prefix)
    assert machine.read == [FIRST, SECOND, THIRD]
    machine.clock += 1.0
    for prefix in (FIRST, SECOND, FIRST):  # what is read anew is in use as well
        assert opens(door, prefix)
    assert machine.read == [FIRST, SECOND, THIRD, FIRST, SECOND]
