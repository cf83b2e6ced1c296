"""The keys that sign for a community: made with its first offering, replaced, listed; and those of its partners."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.border import v1 as border
from contracts.community import v1
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.community.domain import keys
from services.community.domain.partnership import Partnership, pair
from services.community.handlers.shared import between, hosted
from services.community.ports import Communities


async def ensure_key(work: Communities, community: CommunityId) -> None:
    """A community signs from its first offering on."""
    if not await work.own_keys(community):
        key = await work.add_key(community, work.now)
        work.audit(community, "key_made", key.keyid)


async def our_key(work: Communities) -> v1.KeyView:
    """What the acting community signs with now."""
    key = keys.signing(await work.own_keys(work.acting), work.now)
    if key is None:
        raise LookupError(f"{work.acting} has no key that signs now")
    return key


async def rotate_key(command: v1.RotateKey, work: Communities) -> Sequence[v1.KeyView]:
    """Make a new key and tell every partner, each time in the name of the key that it replaces."""
    await hosted(work)
    counting = keys.counting(await work.own_keys(work.acting), work.now)
    if not command.at_once and any(key.used_from > work.now for key in counting):
        raise Refused(No.WRONG_STATE, "a new key waits for its day already: wait for it, or replace all at once")
    when = keys.rotation(work.now, at_once=command.at_once)
    fresh = await work.add_key(work.acting, when.used_from)
    replaced = counting if command.at_once else [await our_key(work)]
    told = border.KeyRotated(public_key=fresh.public_key, used_from=when.used_from, old_until=when.old_until)
    partners = [one for one in await work.partnerships(work.acting) if _is_known_to(one)]
    for old in replaced:
        await work.end_key(work.acting, old.keyid, when.old_until)
        for one in partners:
            subject = pair(one.community, one.partner)
            work.send(told, sender=one.community, to=one.partner, subject=subject, keyid=old.keyid)
    work.audit(work.acting, "key_rotated", fresh.keyid, result="at_once" if command.at_once else "with_notice")
    return keys.counting(await work.own_keys(work.acting), work.now)


def _is_known_to(ours: Partnership) -> bool:
    """Whether the partner has heard of a key of ours: we have proposed, or they have a pinned one of ours."""
    return ours.ours.word != "none" or ours.partner_key is not None


async def key_rotated(message: border.KeyRotated, work: Communities) -> None:
    """The partner replaces its key; believed because the one before says so."""
    community, partner = between(work)
    if await work.offering(community) is None:
        raise ValueError("a partnership message for a community that is not hosted here")
    when = (message.used_from, message.old_until)
    fresh = await work.replace_partner_key(community, partner, message.public_key, *when)
    work.audit(community, "partner_key_rotated", f"{partner} {fresh.keyid}")


async def list_keys(query: v1.ListKeys, work: Communities) -> Sequence[v1.KeyView]:  # noqa: ARG001 - it has no fields
    """Our keys and our partners', as far as they count or will."""
    pinned = [key.view for key in await work.partner_keys(work.acting) if key.pinned]
    return keys.counting([*await work.own_keys(work.acting), *pinned], work.now)
