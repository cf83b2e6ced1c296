"""Webhooks: a notice as JSON for a gateway to LINE, WhatsApp or another service, signed as Standard Webhooks says."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.client.posting import Poster, Unreached
from services.client.webhooks import signed
from services.portal.domain.telling import Attempt, Channel, Notice

GONE = 410
TYPES = {
    "asked": "handoff.asked",
    "reminder": "handoff.reminder",
    "question": "enquiry.asked",
    "code": "channel.code",
    "try": "channel.try",
}


class Webhook:
    """Sends to gateways."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def send(self, channel: Channel, secret: bytes, notice: Notice) -> Attempt:
        """Send it. Whatever else than thanks is answered is tried again, for a gateway may be in repair."""
        at = int(time.time())
        body = json.dumps(payload(notice, at), ensure_ascii=False).encode()
        headers = signed(secret, notice.id, at, body) | {"Content-Type": "application/json"}
        try:
            reply = await self._poster.post(channel.address, headers, body)
        except Unreached as problem:
            return Attempt(result="later", problem=str(problem))
        if 200 <= reply.status < 300:
            return Attempt(result="sent")
        if reply.status == GONE:
            return Attempt(result="gone", problem=reply.problem)
        return Attempt(result="later", problem=reply.problem, after=reply.after)


def payload(notice: Notice, at: int) -> Mapping[str, Any]:
    """What a gateway passes on: `message` is a whole text to show."""
    lines = [notice.title, notice.text, notice.url]
    data = {
        "message": "\n".join(filter(None, lines)),
        "title": notice.title,
        "text": notice.text,
        "language": notice.language,
        **({"url": notice.url} if notice.url else {}),
        **({"code": notice.code} if notice.code else {}),
    }
    return {"type": TYPES[notice.what], "timestamp": datetime.fromtimestamp(at, UTC).isoformat(), "data": data}
