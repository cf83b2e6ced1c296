"""Instants as agencies read them, in OCTO and in our own words."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """An instant in whole seconds, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_or_none(moment: datetime | None) -> str | None:
    """The same of one that may not have come."""
    return None if moment is None else utc(moment)
