"""Drafts on PostgreSQL: a part of the portal's unit of work."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

import asyncpg
from pydantic import ValidationError

from contracts.values import RECEIVED
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.portal.domain.drafts import Draft, KeptDraft

log = logging.getLogger(__name__)


class DraftRows(UnitOfWork):
    """`services.portal.ports.Drafts`. Everything is asked for one account and for the acting community."""

    async def start_draft(self, draft: KeptDraft, account: str, most: int) -> None:
        await self.execute("start_draft", draft.id, account, self.acting, _text(draft), draft.kept_at, most)

    async def keep_draft(self, draft: KeptDraft, account: str) -> bool:
        kept = await self.fetchval("keep_draft", draft.id, account, self.acting, _text(draft), draft.kept_at)
        return kept is not None

    async def draft(self, id_: str, account: str) -> KeptDraft | None:
        row = await self.fetchrow("draft", id_, account, self.acting)
        return _draft(row) if row else None

    async def drafts(self, account: str) -> Sequence[KeptDraft]:
        found = [_draft(row) for row in await self.fetch("drafts", account, self.acting)]
        return [one for one in found if one is not None]

    async def draft_offered(self, id_: str, account: str, referral_id: str, at: datetime) -> None:
        await self.execute("draft_offered", id_, account, self.acting, referral_id, at)

    async def discard_draft(self, id_: str, account: str) -> None:
        await self.execute("discard_draft", id_, account, self.acting)

    async def sweep_drafts(self, at: datetime) -> int:
        gone: int = await self.fetchval("sweep_drafts", at)
        return gone


def _text(draft: KeptDraft) -> str | None:
    return draft.content.model_dump_json() if draft.content else None


def _draft(row: asyncpg.Record) -> KeptDraft | None:
    """One of another version that cannot be read any more counts as forgotten."""
    text = row["content"]
    try:
        content = Draft.model_validate_json(text, extra="ignore", context=RECEIVED) if text else None
    except ValidationError:
        log.warning("a draft cannot be read any more", extra={"draft": row["id"]})
        return None
    return KeptDraft(id=row["id"], content=content, offered_as=row["offered_as"], kept_at=row["kept_at"])
