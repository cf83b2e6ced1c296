"""The session of a request: a cookie opens it, and it is looked up for every page, so that it ends at once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.accounts import LONGEST, Account, Membership, Session
from services.portal.handlers import sessions
from services.portal.site import phone, security

#: The longest that somebody may leave a form of a signed-out page open.
FORM_SECONDS = 24 * 3600
#: How a phone calls itself, in two words, so that its owner recognises it in a list.
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_BROWSERS = ("SamsungBrowser", "Edg", "Firefox", "Chrome", "Safari")


class Sessions:
    """Finds, starts and ends sessions, on the portal's own tables."""

    def __init__(self, store: Store[PortalUnitOfWork], settings: Settings) -> None:
        self._store = store
        self._is_safe = settings.edge_urls.get("portal", "").startswith("https:")
        prefix = "__Host-" if self._is_safe else ""
        self.cookie, self.form_cookie = f"{prefix}handoff", f"{prefix}handoff-form"

    async def of(self, request: Request) -> Session | None:
        """Whose request it is; None when nobody is signed in. Raises DatabaseUnavailable."""
        secret = security.read(request.cookies.get(self.cookie, ""))
        if not secret:
            return None
        async with self._store.work(EVERYONE) as work:
            return await work.session_of(security.digest(secret))

    async def start(self, request: Request, account: Account, member: Membership, response: Response) -> Session:
        """Sign this phone in; the session before, if there was one, ends."""
        before, secret = await self.of(request), security.new_secret()
        async with self._store.work(EVERYONE) as work:
            if before is not None:
                await work.end_session(before.id)
            session = await sessions.start_session(
                work,
                account,
                member,
                digest=security.digest(secret),
                forms=security.new_secret(),
                device=device(request),
            )
        self._set(response, self.cookie, security.written(secret), int(LONGEST.total_seconds()))
        phone.mark(response, session)
        return session

    async def end(self, session: Session, response: Response) -> None:
        """Sign this phone out."""
        async with self._store.work(EVERYONE) as work:
            await work.end_session(session.id)
        response.delete_cookie(self.cookie, secure=self._is_safe, httponly=True, samesite="lax")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        phone.mark(response, None)

    def form_secret(self, request: Request) -> bytes | None:
        """The secret of a signed-out phone's forms."""
        secret = security.read(request.cookies.get(self.form_cookie, ""))
        return secret if secret and len(secret) == security.SECRET_BYTES else None

    def keep_form_secret(self, response: Response, secret: bytes) -> None:
        """Let the phone hold it."""
        self._set(response, self.form_cookie, security.written(secret), FORM_SECONDS)

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, secure=self._is_safe, httponly=True, samesite="lax")


def device(request: Request) -> str:
    """`Android, Chrome`: enough to tell one's phones apart."""
    said = request.headers.get("user-agent", "")
    named = [next((name for name in names if name in said), "") for names in (_SYSTEMS, _BROWSERS)]
    return ", ".join(filter(None, named)) or "?"
