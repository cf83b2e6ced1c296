"""The keys that sign for a community: made with its first offering, replaced, listed; and those of its partners."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.border import v1 as border
from contracts.community import v1
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.community.domain import keys
from services.community.domain.partnership import Partnership
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
    """Make a new key and tell every partner in the name of the last one, which alone may name another."""
    await hosted(work)
    counting = keys.counting(await work.own_keys(work.acting), work.now)
    if not command.at_once and any(key.used_from > work.now for key in counting):
        raise Refused(No.WRONG_STATE, "new_key_waits")
    last, when = keys.last(counting), keys.rotation(work.now, at_once=command.at_once)
    if last is None:
        raise LookupError(f"{work.acting} has no key that another could replace")
    fresh = await work.add_key(work.acting, when.used_from)
    for old in counting if command.at_once else [last]:
        await work.end_key(work.acting, old.keyid, when.old_until)
    pinned = await _pinned(work)
    for one in await work.partnerships(work.acting):
        if _is_known_to(one, pinned):
            _tell(work, one, last.keyid, fresh, when)
    work.audit(work.acting, "key_rotated", fresh.keyid, result="at_once" if command.at_once else "with_notice")
    return keys.counting(await work.own_keys(work.acting), work.now)


async def tell_coming(work: Communities, before: Partnership, brought: v1.KeyView) -> None:
    """Tell a partner that just got a key which is being replaced about its successor."""
    last = keys.last(await work.own_keys(work.acting))
    if last is None or brought.used_until is None or _is_known_to(before, await _pinned(work)):
        return
    _tell(work, before, brought.keyid, last, keys.Rotation(last.used_from, brought.used_until))


async def _pinned(work: Communities) -> set[CommunityId]:
    return {key.view.community for key in await work.partner_keys(work.acting) if key.pinned}


def _is_known_to(ours: Partnership, pinned: set[CommunityId]) -> bool:
    """Whether the partner has a key of ours: from this round, or from an earlier agreement."""
    return ours.ours.word != "none" or ours.partner in pinned


def _tell(work: Communities, ours: Partnership, replaced: str, fresh: v1.KeyView, when: keys.Rotation) -> None:
    message = border.KeyRotated(public_key=fresh.public_key, used_from=when.used_from, old_until=when.old_until)
    subject = keys.subject(fresh.public_key, when)
    work.send(message, sender=ours.community, to=ours.partner, subject=subject, keyid=replaced)


async def key_rotated(message: border.KeyRotated, work: Communities) -> None:
    """The partner replaces its key; believed because the one before says so, and no other was named by it.

    Raises ValueError, which parks it, when another was: people compare by phone whose key is whose.
    """
    rotated = keys.Rotation(message.used_from, message.old_until)
    community, partner = between(work, keys.subject(message.public_key, rotated))
    if work.signer is None or await work.offering(community) is None:
        raise ValueError("a partnership message for a community that is not hosted here, or that nobody has signed")
    known = [key for key in await work.partner_keys(community) if key.view.community == partner]
    repeated, when = keys.has_named(known, work.signer.keyid, message.public_key), keys.limited(rotated, work.now)
    await work.end_partner_key(community, partner, when.old_until)
    if repeated:
        return
    fresh = await work.replace_partner_key(community, partner, message.public_key, when.used_from)
    if when.at_once:
        await work.end_other_keys(community, partner, fresh.keyid, when.old_until)
    result = "at_once" if when.at_once else "with_notice"
    work.audit(community, "partner_key_rotated", f"{partner} {fresh.keyid}", result=result)


async def list_keys(query: v1.ListKeys, work: Communities) -> Sequence[v1.KeyView]:  # noqa: ARG001 - it has no fields
    """Our keys and our partners', as far as they count or will."""
    pinned = [key.view for key in await work.partner_keys(work.acting) if key.pinned]
    return keys.counting([*await work.own_keys(work.acting), *pinned], work.now)
