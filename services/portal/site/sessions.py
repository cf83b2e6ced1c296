"""The session of a request: a cookie opens it, and it is looked up for every page, so that it ends at once."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from contracts.principal import Operator
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.accounts import KNOWN, LONGEST, Account, Membership, Session
from services.portal.handlers import sessions
from services.portal.site import phone as marks
from services.portal.site import security

#: The longest that somebody may leave a form of a signed-out page open.
FORM_OPEN = timedelta(hours=24)
#: How a phone calls itself, in two words, so that its owner recognises it in a list.
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_BROWSERS = ("SamsungBrowser", "Edg", "Firefox", "Chrome", "Safari")


class Sessions:
    """Finds, starts and ends sessions, on the portal's own tables."""

    def __init__(self, store: Store[PortalUnitOfWork], settings: Settings) -> None:
        self._store = store
        #: Whether phones reach the portal by https; then no cookie goes any other way, and no other site sets one.
        self.is_safe = settings.edge_urls.get("portal", "").startswith("https:")
        prefix = "__Host-" if self.is_safe else ""
        self.cookie, self.form_cookie = f"{prefix}handoff", f"{prefix}handoff-form"
        self.phone_cookie, self.step_cookie = f"{prefix}handoff-phone", f"{prefix}handoff-step"
        self.code_cookie = f"{prefix}handoff-code"

    def secret(self, request: Request) -> bytes | None:
        """What this phone holds of its session."""
        return _secret(request, self.cookie)

    def phone(self, request: Request) -> bytes | None:
        """By what this phone is known, if somebody has signed in on it before."""
        held = _secret(request, self.phone_cookie)
        return security.digest(held) if held else None

    async def start(self, request: Request, account: Account, member: Membership | None, response: Response) -> Session:
        """Sign this phone in, with secrets that nobody has seen before; the session before ends, if there was one.

        Without a membership as an operator of the system.
        """
        before, secret = self.secret(request), security.new_secret()
        phone = _secret(request, self.phone_cookie) or security.new_secret()
        principal = member.principal if member else Operator(account=account.id)
        async with self._store.acted_by(principal).work(EVERYONE) as work:
            if before is not None and (ending := await work.session_of(security.digest(before))):
                await work.end_session(ending.id)
            session = await sessions.start_session(
                work,
                account,
                member,
                digest=security.digest(secret),
                forms=security.new_secret(),
                device=device(request),
                phone=security.digest(phone),
            )
        self.keep(response, self.cookie, security.written(secret), LONGEST)
        self.keep(response, self.phone_cookie, security.written(phone), KNOWN)
        self.drop(response, self.step_cookie)
        marks.mark(response, session)
        return session

    async def end(self, session: Session, response: Response) -> None:
        """Sign this phone out."""
        async with self._store.work(EVERYONE) as work:
            await work.end_session(session.id)
        self.drop(response, self.cookie)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        marks.mark(response, None)

    async def ask_second_step(self, account: Account, response: Response) -> None:
        """The password was right: for a while this phone may show the second step."""
        secret = security.new_secret()
        async with self._store.work(EVERYONE) as work:
            ends_at = await work.machine_now() + sessions.BETWEEN
            await work.begin_second_step(account.id, security.digest(secret), ends_at)
        self.keep(response, self.step_cookie, security.written(secret), sessions.BETWEEN)

    async def at_second_step(self, request: Request) -> Account | None:
        """Whose password was right on this phone a moment ago."""
        secret = _secret(request, self.step_cookie)
        if secret is None:
            return None
        async with self._store.work(EVERYONE) as work:
            return await work.account_at_second_step(security.digest(secret), await work.machine_now())

    async def took_second_step(self, request: Request) -> None:
        """It was taken, once."""
        if secret := _secret(request, self.step_cookie):
            async with self._store.work(EVERYONE) as work:
                await work.end_second_step(security.digest(secret))

    def form_secret(self, request: Request) -> bytes | None:
        """The secret of a signed-out phone's forms."""
        return _secret(request, self.form_cookie)

    def keep_form_secret(self, response: Response, secret: bytes) -> None:
        """Let the phone hold it."""
        self.keep(response, self.form_cookie, security.written(secret), FORM_OPEN)

    def keep(self, response: Response, name: str, value: str, how_long: timedelta) -> None:
        """Let the phone hold something that only this site reads."""
        seconds = int(how_long.total_seconds())
        response.set_cookie(name, value, max_age=seconds, secure=self.is_safe, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Let the phone forget it."""
        response.delete_cookie(name, secure=self.is_safe, httponly=True, samesite="lax")


def _secret(request: Request, name: str) -> bytes | None:
    secret = security.read(request.cookies.get(name, ""))
    return secret if secret and len(secret) == security.SECRET_BYTES else None


def device(request: Request) -> str:
    """`Android, Chrome`: enough to tell one's phones apart."""
    said = request.headers.get("user-agent", "")
    named = [next((name for name in names if name in said), "") for names in (_SYSTEMS, _BROWSERS)]
    return ", ".join(filter(None, named)) or "?"
