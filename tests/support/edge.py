"""Consent and reading as an edge does them, through any way to a node: its local API, or the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.personal.v1 import PersonalPart
from services.client import personal

MALEE: Mapping[str, Any] = {"name": "Malee", "channel": {"kind": "email", "address": "malee@example.org"}}


def give_consent(
    client: personal.Sends, referral: str, *, acting: str, part: Mapping[str, Any] = MALEE, language: str = "en"
) -> dict[str, Any]:
    """The text is prepared, and consented to with this part, sealed; returns what was recorded."""
    given = PersonalPart.model_validate(dict(part))
    shown = personal.prepared(client, referral, acting=acting, language=language, fields=given.given)
    return client.send(personal.said_back(shown, given, acting=acting), acting=acting).wire()


def read_part(client: personal.Sends, referral: str, *, acting: str) -> dict[str, Any] | None:
    """What a community holds of the lead traveller, as it was said; None when it holds nothing."""
    _, part = personal.read(client, referral, acting=acting)
    return part.model_dump(mode="json", exclude_none=True) if part else None
