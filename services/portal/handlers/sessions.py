"""Signing in and out. Whether a password fits is judged by the caller, between two of these."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.portal.domain import accounts
from services.portal.domain.accounts import TRIES_FROM_ADDRESS, TRIES_OF_NAME, Account, Membership, Session
from services.portal.ports import Accounts


@dataclass(frozen=True, kw_only=True)
class Try:
    """Somebody who wants to sign in: the account, if there is one, or how long they have to wait."""

    account: Account | None
    wait: timedelta
    left: int


async def try_to_sign_in(work: Accounts, name: str, address: str) -> Try:
    """Count the try first, so that many at once are no way around the limit, then say whose account it is."""
    key, phone, now = accounts.sign_in_name(name), accounts.phone_number(name), await work.machine_now()
    of_name = await work.add_try(_about("name", key), now)
    from_address = await work.add_try(_about("address", address), now)
    wait = max(
        accounts.wait(of_name, TRIES_OF_NAME, now), accounts.wait(from_address, TRIES_FROM_ADDRESS, now), timedelta()
    )
    account = None if wait else await work.account_named(key, phone)
    return Try(account=account, wait=wait, left=max(TRIES_OF_NAME - 1 - len(of_name), 0))


async def memberships_of(work: Accounts, account: Account, name: str) -> Sequence[Membership]:
    """For which communities somebody acts whose password was right; their tries are forgotten."""
    await work.forget_tries(_about("name", accounts.sign_in_name(name)))
    return await work.memberships(account.id)


async def start_session(
    work: Accounts, account: Account, member: Membership, *, digest: bytes, forms: bytes, device: str
) -> Session:
    """Sign a phone in for one community."""
    now = await work.machine_now()
    session = Session(
        id=work.new_id(), account=account.id, name=account.name, community=member.community, role=member.role,
        language=account.language, forms=forms, ends_at=accounts.ends_at(now, now),
    )  # fmt: skip
    await work.start_session(session, digest, device, now)
    work.audit(member.community, "sign_in", account.id)
    return session


async def sweep(work: Accounts) -> int:
    """Remove what is over."""
    await work.sweep(await work.machine_now())
    return 0


def _about(what: str, value: str) -> bytes:
    return hashlib.sha256(f"{what}:{value}".encode()).digest()
