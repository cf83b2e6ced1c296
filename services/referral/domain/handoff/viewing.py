"""A record as its own community sees it: what is stored, and what follows from it at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.referral import v1
from services.referral.domain.handoff import deadlines
from services.referral.domain.handoff.next_acts import Choices, choices
from services.referral.domain.handoff.record import Record


def view(
    record: Record, change: Record | None, now: datetime, *, story: Sequence[v1.StoryLine], **standing: int
) -> v1.HandoffView:
    """The whole of it; `standing` is how far each side has applied the other's messages, `change` its replacement."""
    can = choices(record, now, change)
    shown = {
        "wish": record.pending_request,
        "story": story,
        "countered_items": record.countered_items if record.state == "countered" else None,
        "arrival": record.arrives,
        "their_acts": can.theirs,
    }
    return v1.HandoffView.read(record.model_dump() | standing | shown | _beside(record, can, now))


def summary(record: Record, change: Record | None, now: datetime) -> v1.HandoffSummary:
    """One line of a list."""
    shown = {
        "arrival_day": record.arrives.day,
        "arrival": record.arrives,
        "items": record.on_offer,
    }
    return v1.HandoffSummary.read(record.model_dump() | shown | _beside(record, choices(record, now, change), now))


def expected(record: Record, now: datetime) -> v1.Expected:
    """What its receiver needs at the door."""
    shown = {
        "arrival": record.arrives,
        "late": deadlines.is_late(record, now),
        "total": record.quote.total if record.quote else None,
    }
    return v1.Expected.read(record.model_dump() | shown)


def _beside(record: Record, can: Choices, now: datetime) -> dict[str, Any]:
    marked = record.attention and record.attention.code
    times = {"last_day": deadlines.last_day(record), "late": deadlines.is_late(record, now)}
    return {"marked": marked, "next_acts": can.ours, "whose_move": can.move} | times
