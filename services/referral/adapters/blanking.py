"""Removes the personal part from waiting messages. A partner wrote them: no content may stop an erasure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contracts.messages import Envelope, decode_json
from services.chassis.messaging.unit_of_work import UnitOfWork


async def blank_waiting(work: UnitOfWork, streams: Sequence[str]) -> None:
    """Blank what may be a part in these streams."""
    for row in await work.fetch("waiting_parts", streams):
        await work.execute("blank_waiting", row["stream"], row["seq"], blanked(row["body"]))


def blanked(body: bytes) -> bytes:
    """The message without its part; one that cannot be read is blanked whole, and parked in its turn."""
    try:
        envelope = Envelope.read(decode_json(body))
    except ValueError:
        return b"{}"
    data = {name: value for name, value in envelope.data.items() if name not in ("sealed", "consent")}
    return json.dumps(envelope.model_copy(update={"data": data}).model_dump(mode="json", exclude_none=True)).encode()
