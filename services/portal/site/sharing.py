"""A text that somebody sends by hand: plain, to copy, and as links of other services that they may tap."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote


def links(text: str) -> Mapping[str, str]:
    """Where the text is sent by a tap; nothing is asked of these hosts before."""
    told = quote(text, safe="")
    return {"LINE": f"https://line.me/R/share?text={told}", "WhatsApp": f"https://wa.me/?text={told}"}
