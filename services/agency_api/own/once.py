"""What changes something is asked once for each Idempotency-Key, and never only to try it out."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from uuid import uuid4

from starlette.requests import Request

from services.agency_api.domain.ids import command_id
from services.agency_api.domain.repeats import said
from services.agency_api.own.problems import NO_TRIAL, Failed, invalid
from services.agency_api.site import repeating
from services.agency_api.site.asking import Asking

Answer = dict[str, object]
#: Under /v1 nothing is written freely but notes: a `reason` is a code there, and is kept.
WORDS = repeating.WORDS - {"reason"}


async def once(asking: Asking, request: Request, ask: Callable[[str], Awaitable[Answer]], no_trial: str) -> Answer:
    """Ask it under a command's id: the same for the same request with the same key, else a new one."""
    if asking.is_test:
        raise Failed(NO_TRIAL, f"leave it out: {no_trial}", "Octo-Env")
    key = request.headers.get("idempotency-key")
    if key is None:
        return await ask(str(uuid4()))
    if not repeating.KEY.fullmatch(key):
        raise invalid("Idempotency-Key", "give 1 to 255 visible ASCII characters")
    whole = said(request.method, asking.url + request.url.path, await request.body())
    command = command_id("v1", asking.agency, asking.signed_in.prefix, key, hashlib.sha256(whole).hexdigest())
    kept: Answer = await repeating.once(asking, key, whole, lambda: ask(command), WORDS)
    return kept
