"""What a phone is told beside a page: whose it is, and until when a copy may be read where there is no signal.

`static/README.md` says what the scripts of the phone do with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from starlette.responses import Response

from contracts.refusals import No
from contracts.values import Value
from services.client import formatting
from services.client.answers import Refused
from services.portal.domain.accounts import Session

C = TypeVar("C", bound=Value)
R = TypeVar("R", bound=Value)
SESSION = "Handoff-Session"
KEEP = "Handoff-Keep"
#: When somebody tapped on what could not be sent at once.
MADE_AT = "Handoff-Made-At"
#: Of nobody: what the phone keeps is removed.
NOBODY = "none"
_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
_FORM_ID = re.compile(r'name="id" value="[0-9a-f-]{36}"')


def opaque(session: Session) -> str:
    """Tells sessions apart, and opens none."""
    return hashlib.sha256(f"phone:{session.id}".encode()).hexdigest()[:20]


def mark(response: Response, session: Session | None) -> None:
    """Say whose the answer is, unless it says so already: signing in and out change it."""
    response.headers.setdefault(SESSION, opaque(session) if session else NOBODY)


def kept_through(day: date | None) -> Mapping[str, str]:
    """The header with which a page may be read offline through a day of both villages; without a day, it may not."""
    if day is None:
        return {}
    ends = datetime.combine(day + timedelta(days=1), time(), formatting.HERE)
    return {KEEP: f"until={ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def made_at(said: str | None, ahead: timedelta = timedelta()) -> datetime | None:
    """When what is sent later was done; None when it is sent at once, or says no moment.

    `ahead` is how far the node's clock is before the machine's and the phone's, where somebody has set it.
    """
    try:
        moment = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    whole = timedelta(minutes=round(ahead / timedelta(minutes=1)))  # the same each time that it is sent
    return moment.astimezone(UTC) + whole if moment.tzinfo else None


async def told_then(ask: Callable[[C], Awaitable[R]], command: C, moment: datetime | None, now: datetime) -> R:
    """Ask a command as of a moment, its `seen_at`; of none, and of one that a wrong clock says is to come, as of now.

    The same is asked again under the same id until its answer is heard, and not always with the same moment: the first
    time it may have been asked at once. It is done once; as of when, the first that was heard has said.
    """
    if moment is None:
        return await ask(command)
    then = command.model_copy(update={"seen_at": moment})
    first, other = (then, command) if moment <= now else (command, then)
    try:
        return await ask(first)
    except Refused as no:
        if no.code is not No.CONFLICT:
            raise
        return await ask(other)


def tag(text: str) -> str:
    """The same for the same words on a page: what differs at every look is left out by the caller, ids here."""
    found = _MAIN.search(text)
    said = _FORM_ID.sub("", found.group() if found else text)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:20]}"'
