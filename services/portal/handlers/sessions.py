"""Signing in and out. Whether a password fits is judged by the caller, between two of these."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.node.v1 import OF_THE_NODE
from services.client import codes
from services.portal.domain import accounts, second_step, tries
from services.portal.domain.accounts import KNOWN, Account, Membership, Session
from services.portal.ports.accounts import Accounts, AllOfIt, SecondSteps

#: So long after the password the second step may follow.
BETWEEN = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Try:
    """Somebody who wants in: the account, if there is one, or how long they have to wait."""

    account: Account | None = None
    wait: timedelta = timedelta()
    left: int = 0
    #: What the try was counted under, and when.
    counted: tuple[tuple[str, bytes], ...] = ()
    at: datetime | None = None


async def try_to_sign_in(work: AllOfIt, name: str, address: str, phone: bytes | None) -> Try:
    """Count the try first, so that many at once are no way around the limit, then say whose account it is.

    On a phone that knows the account only that phone's tries count: a stranger's do not keep its owner out.
    """
    account = await work.account_named(accounts.sign_in_name(name), accounts.phone_number(name))
    whose, held = account.id if account else "", phone or b""
    if await work.is_known_phone(whose, held):
        under = [(tries.PHONE, f"{whose}:{held.hex()}")]
    else:
        under = [(tries.NAME, _key(name)), (tries.ADDRESS, address)]
    counted = await count(work, *under)
    return replace(counted, account=None if counted.wait else account)


async def count(work: Accounts, *under: tuple[str, str]) -> Try:
    """Count a try under each of these, unless one of them has to wait: then it counts for nothing."""
    now, before = await work.machine_now(), dict[tuple[str, bytes], Sequence[datetime]]()
    for what, value in under:
        about = what, _about(what, value)
        before[about] = await work.tries_locked(about[1], now)
    wait = max((tries.wait(what, found, now) for (what, _), found in before.items()), default=timedelta())
    if wait:
        return Try(wait=wait)
    for _, about_what in before:
        await work.add_try(about_what, now)
    return Try(left=min(tries.left(what, found, now) for (what, _), found in before.items()), at=now,
               counted=tuple(before))  # fmt: skip


async def succeeded(work: Accounts, tried: Try) -> None:
    """It was no wrong try: the name starts anew, the address is as it was, and who asked for names."""
    for what, about in tried.counted:
        if what in (tries.ADDRESS, tries.CODE, tries.TAKEN) and tried.at is not None:
            await work.forget_try(about, tried.at)
        else:
            await work.forget_tries(about)


async def take_second_step(work: SecondSteps, account: str, code: str) -> bool:
    """Whether a code is the phone's, or one of the spare ones; each counts once."""
    secret, _, last = await work.second_step(account)
    step = second_step.step_of(secret, code, await work.machine_now(), last) if secret else None
    if step is not None:
        await work.take_step(account, step)
        return True
    return await work.use_spare_code(account, spare_digest(account, code))


async def start_second_step(work: SecondSteps, account: str, code: str, spare: Sequence[str]) -> bool:
    """From now on it is asked for, once its owner has shown to have it; with these spare codes."""
    _, wanted, _ = await work.second_step(account)
    step = second_step.step_of(wanted, code, await work.machine_now(), 0) if wanted else None
    if step is None:
        return False
    await work.set_second_step(account, step)
    await work.keep_spare_codes(account, [spare_digest(account, each) for each in spare])
    return True


async def start_session(
    work: AllOfIt, account: Account, member: Membership | None, *, digest: bytes, forms: bytes, device: str,
    phone: bytes | None = None,
) -> Session:  # fmt: skip
    """Sign a phone in, and know it from now on: for one community, or without a membership as an operator's."""
    now = await work.machine_now()
    community, role = (member.community, member.role) if member else (None, None)
    session = Session(
        id=work.new_id(), account=account.id, name=account.name, community=community, role=role,
        language=account.language, second=account.second, forms=forms, ends_at=accounts.ends_at(now, now),
    )  # fmt: skip
    await work.start_session(session, digest, device, now)
    if phone is not None:
        await work.know_phone(account.id, phone, now)
    work.audit(community or OF_THE_NODE, "sign_in", account.id)
    return session


async def sweep(work: AllOfIt) -> int:
    """Remove what is over."""
    now = await work.machine_now()
    await work.sweep(now)
    await work.sweep_members(now)
    await work.sweep_steps(now, now - KNOWN)
    return 0


def spare_digest(account: str, code: str) -> bytes:
    """What is kept of a spare code."""
    return hashlib.sha256(f"{account}:{codes.bare(code)}".encode()).digest()


def _key(name: str) -> str:
    """A name and a number are two ways to one account, counted as they are typed: whether it exists shows not."""
    return accounts.phone_number(name) or accounts.sign_in_name(name)


def _about(what: str, value: str) -> bytes:
    return hashlib.sha256(f"{what}:{value}".encode()).digest()
