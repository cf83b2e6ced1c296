"""Agency API, v1: the keys with which agencies sign in to it.

A key reads `prefix.secret`. Whoever makes one keeps the secret; the node is told its digest alone.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.agencies.v1 import AgencyId
from contracts.messages import Command, Query, Several
from contracts.values import Instant, Value

#: The public half of a key, under which it is listed and revoked; also the account that the audit names.
KeyPrefix = Annotated[str, Field(pattern=r"^[a-z2-7]{10}$")]
#: SHA-256 of a key's secret, in hexadecimal.
SecretDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: `read`: whatever changes nothing. `book`: bookings, subscriptions and agreements, too. `hand-over`: parties, for
#: communities that agreed to it; what became of them is read with it alone.
KeyScope = Literal["read", "book", "hand-over"]
KeyScopes = Annotated[tuple[KeyScope, ...], Field(min_length=1, max_length=3)]


class KeyView(Value):
    """A key, without its secret. `last_used` is kept to within a minute."""

    prefix: KeyPrefix
    agency: AgencyId
    scopes: KeyScopes
    made_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used: Instant | None


class AddKey(Command[KeyView]):
    """Give an agency a key; at most two of it are live, so that one can replace the other."""

    type: ClassVar[str] = "agency_api.add_key.v1"
    agency: AgencyId
    prefix: KeyPrefix
    digest: SecretDigest
    scopes: KeyScopes = ("read", "book")
    expires_at: Instant | None = None


class RevokeKey(Command[KeyView]):
    """The key opens nothing any more, within a second, in every process."""

    type: ClassVar[str] = "agency_api.revoke_key.v1"
    prefix: KeyPrefix


class ListKeys(Query[Several[KeyView]]):
    """An agency's keys, newest first, or those of all."""

    type: ClassVar[str] = "agency_api.list_keys.v1"
    agency: AgencyId | None = None


class LastUse(Value):
    """When an agency's software was last here, to within a minute; nothing of its keys."""

    agency: AgencyId
    last_used: Instant | None


class AskLastUse(Query[LastUse]):
    """Of an agency that has an agreement in force with the acting community."""

    type: ClassVar[str] = "agency_api.ask_last_use.v1"
    agency: AgencyId
