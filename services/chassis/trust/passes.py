"""Passes signed with the key of a community of this node, whichever service issues them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from contracts.passes.codec import Claims, Draft
from contracts.values import CommunityId
from services.chassis.trust import sealing, signing

#: (community, text) → the id of its key in force and the signature, such as `UnitOfWork.sign`.
Sign = Callable[[CommunityId, bytes], Awaitable[tuple[str, bytes]]]


async def signed(claims: Claims, community: CommunityId, sign: Sign) -> tuple[Draft, str]:
    """A pass, as draft and whole. Raises LookupError when the community has no key.

    The key's id stands in what is signed, so it is asked for first; another key may be in force by then.
    """
    keyid, _ = await sign(community, b"")
    while True:
        draft = Draft(claims=claims, keyid=keyid)
        keyid, signature = await sign(community, draft.text)
        if keyid == draft.keyid:
            return draft, draft.token(signature)


def verified(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether this Ed25519 key made the signature over the text."""
    return signing.holds(sealing.written(key), sealing.written(signature), text)
