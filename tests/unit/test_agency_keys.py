"""A new key: what is shown of it, and what the node is told."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime

import pytest

from contracts.agency_api.v1 import KeyView
from services.client.agency_keys import SCOPES, end_of, is_live, new_key

NOW = datetime(2027, 1, 4, 3, tzinfo=UTC)


def test_the_node_is_told_a_digest_and_nothing_that_opens() -> None:
    key = new_key()
    assert re.fullmatch(r"[a-z2-7]{10}\.[A-Za-z0-9_-]{43}", key.whole)
    wanted = key.wanted("mekong-tours", scopes=SCOPES["book"], last=date(2027, 12, 31))
    assert wanted.digest == hashlib.sha256(key.secret.encode()).hexdigest()
    assert wanted.scopes == ("read", "book")
    assert key.secret not in repr(wanted) + repr(key)
    assert key.wanted("mekong-tours", scopes=SCOPES["read"], last=None).scopes == ("read",)
    assert new_key().whole != key.whole


def test_the_last_day_ends_at_midnight_where_the_communities_are() -> None:
    assert end_of(date(2027, 12, 31)).astimezone(UTC) == datetime(2027, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expires", "revoked", "live"),
    [
        (None, None, True),
        (NOW, None, False),
        (datetime(2027, 1, 4, 4, tzinfo=UTC), None, True),
        (None, NOW, False),
    ],
)
def test_a_key_opens_until_it_is_over_or_revoked(
    expires: datetime | None, revoked: datetime | None, live: bool
) -> None:
    key = KeyView(
        prefix="abcdefgh23", agency="mekong-tours", scopes=("read",), made_at=NOW, expires_at=expires,
        revoked_at=revoked, last_used=None,
    )  # fmt: skip
    assert is_live(key, NOW) is live
