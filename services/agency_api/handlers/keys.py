"""Keys: made by an operator of the system, replaced one by the other, revoked."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.agency_api import v1
from contracts.node.v1 import OF_THE_NODE
from contracts.refusals import No, Refused
from services.agency_api.domain.keys import MOST_LIVE
from services.agency_api.ports import Keys


async def add_key(command: v1.AddKey, work: Keys) -> v1.KeyView:
    """Give an agency a key, unless it has two that open."""
    now = await work.machine_now()
    if not await work.has_agency(command.agency):
        raise Refused(No.UNKNOWN, "no_such_agency", "agency", agency=command.agency)
    if command.expires_at is not None and command.expires_at <= now:
        raise Refused(No.INVALID, "key_would_be_over", "expires_at")
    if await work.live_keys(command.agency, now) >= MOST_LIVE:
        raise Refused(No.WRONG_STATE, "two_keys_are_live", "agency", agency=command.agency)
    if not await work.add_key(command, now):
        raise Refused(No.CONFLICT, "prefix_is_taken", "prefix")
    work.audit(OF_THE_NODE, "agency_key_made", f"{command.agency} {command.prefix}")
    return await _made(command, work)


async def _made(command: v1.AddKey, work: Keys) -> v1.KeyView:
    return next(key for key in await work.keys(command.agency) if key.prefix == command.prefix)


async def revoke_key(command: v1.RevokeKey, work: Keys) -> v1.KeyView:
    """It opens nothing any more."""
    now = await work.machine_now()
    found = await work.revoke_key(command.prefix, now)
    if found is None:
        raise Refused(No.UNKNOWN, "no_such_key", "prefix")
    if found.revoked_at == now:  # and not before
        work.audit(OF_THE_NODE, "agency_key_revoked", f"{found.agency} {found.prefix}")
    return found


async def list_keys(query: v1.ListKeys, work: Keys) -> Sequence[v1.KeyView]:
    """An agency's, or all."""
    return await work.keys(query.agency)


async def ask_last_use(query: v1.AskLastUse, work: Keys) -> v1.LastUse:
    """Of an agency that may book of the acting community; of others nothing is known."""
    found = await work.last_use(query.agency, work.acting)
    if found is None:
        raise Refused(No.UNKNOWN, "no_agreement", "agency")
    return found
