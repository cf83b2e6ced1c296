"""Drafts of offers: begun, taken up again on another phone, removed when they are offered or forgotten."""

from __future__ import annotations

from services.portal.domain.drafts import KEPT, MOST_DRAFTS, Draft, KeptDraft
from services.portal.ports.drafts import Drafts


async def start_draft(work: Drafts, id_: str, account: str, content: Draft) -> None:
    """Keep a new one. The same form sent again changes nothing; somebody with very many loses the oldest."""
    await work.start_draft(KeptDraft(id=id_, content=content, offered_as=None, kept_at=work.now), account, MOST_DRAFTS)


async def keep_draft(work: Drafts, id_: str, account: str, content: Draft) -> bool:
    """Keep what it says now; False when it is no longer there, or was offered meanwhile."""
    return await work.keep_draft(KeptDraft(id=id_, content=content, offered_as=None, kept_at=work.now), account)


async def offered(work: Drafts, id_: str, account: str, referral_id: str) -> None:
    """It became a handoff: nothing else is kept of it."""
    await work.draft_offered(id_, account, referral_id, work.now)


async def sweep(work: Drafts) -> int:
    """Remove what nobody has touched for long."""
    await work.sweep_drafts(work.now - KEPT)
    return 0
