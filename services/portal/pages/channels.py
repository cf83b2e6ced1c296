"""How somebody wants to be told: their channels, their quiet hours, a trial, and what they were told lately."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.personal.v1 import ReadPersonalPart
from contracts.referral.v1 import AcceptHandoff
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.client import reaching, webhooks
from services.client.phrases.catalogue import N_, NC_, Phrases
from services.client.phrases.vocabulary import word
from services.portal.adapters import pushing
from services.portal.domain.telling import Channel, Notice, QuietHours
from services.portal.handlers import channels
from services.portal.ports.telling import Told
from services.portal.site import notices, telling
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute
from services.portal.site.sessions import device

HOME = "/account/channels"
LAST = 20
CODE_DIGITS = 6
WHAT = {
    "asked": N_("A request waits"),
    "reminder": N_("Reminder"),
    "question": N_("A question on your public page"),
    "code": N_("Code"),
    "try": N_("Trial"),
}
STANDINGS = {
    "waits": NC_("being told", "not yet sent"),
    "sent": NC_("being told", "sent"),
    "over": NC_("being told", "no longer needed"),
    "expired": NC_("being told", "given up: the time to answer was over"),
    "refused": NC_("being told", "did not go"),
    "gone": NC_("being told", "nobody there any more"),
}
PROBLEMS = {
    "timeout": N_("no answer in time"),
    "unreachable": N_("not reached"),
    "no_such_name": N_("no such name on the internet"),
    "not_public": N_("not an address of the public internet"),
    "smtp_login": N_("the mail server does not let this node in"),
    "no_mail_server": N_("this node sends no e-mail"),
    "node_busy": N_("a part of the system did not answer"),
    "ours": N_("the mistake is ours"),
}


class AddChannel(Form):
    """An address to be told at."""

    kind: Literal["email", "webhook"]
    address: Annotated[str, Field(min_length=1, max_length=reaching.LONGEST_ADDRESS)]


class AddPush(Form):
    """What a browser says when it subscribes."""

    endpoint: Annotated[str, Field(min_length=1, max_length=reaching.LONGEST_ADDRESS)]
    public: Annotated[str, Field(max_length=100)]
    shared: Annotated[str, Field(max_length=40)]


class TypeCode(Form):
    """The code that was sent there."""

    code: Annotated[str, Field(min_length=1, max_length=20)]


class ChooseQuiet(Form):
    """From when to when somebody wants peace, if at all."""

    quiet: bool = False
    starts: time = QuietHours.starts
    ends: time = QuietHours.ends


@dataclass(frozen=True)
class Line:
    """One line of what somebody was told, in words."""

    told: Told
    what: str
    #: How it stands.
    standing: str
    why: str


async def show(page: PageContext) -> Response:
    """All of it."""
    return await _shown(page)


async def _shown(page: PageContext, status: int = 200, **values: Any) -> Response:
    account = page.signed_in.account
    known = await page.known()
    async with page.site.store.work(EVERYONE) as work:
        mine, quiet, told = (
            await work.channels(account), await work.quiet_hours(account), await work.last_tellings(account, LAST)
        )  # fmt: skip
        public, _ = await work.push_key()
    lines = [line(page.phrases, each) for each in told]
    return page.render(
        "channels.html", status=status, here="/account", known=known, mine=mine, quiet=quiet, lines=lines,
        reads=page.may(ReadPersonalPart), has_mail=page.site.settings.mail is not None,
        push_key=pushing.written(public), **values,
    )  # fmt: skip


def line(phrases: Phrases, told: Told) -> Line:
    """What was told, how that stands, and why it did not go."""
    standing = word(phrases, STANDINGS, told.standing)
    return Line(told, word(phrases, WHAT, told.what), standing, why(phrases, told.problem))


def why(phrases: Phrases, problem: str) -> str:
    """What went wrong, in words; empty when nothing did."""
    kind, _, answer = problem.partition("_")
    if kind in ("http", "smtp") and answer.isdigit():
        return phrases.gettext("the receiver answered {code}", code=answer)
    return word(phrases, PROBLEMS, problem) if problem else ""


async def add(page: PageContext) -> Response:
    """Add an address, and send a code to it: only whoever gets that is told there."""
    filled = page.read(AddChannel)
    if filled.value is None:
        return await _shown(page, 422, typed=filled.typed, wrong=filled.wrong)
    channel = _named(page, filled.value)
    if channel is None:
        return await _shown(page, 422, typed=filled.typed, wrong={"address": _unfit(page.phrases, filled.value)})
    secret = secrets.token_bytes(webhooks.SECRET_BYTES) if channel.kind == "webhook" else b""
    async with page.site.store.work(EVERYONE) as work:
        added = await channels.add(work, channel, secret)
    if not added:
        return page.redirect(HOME)
    refused = await _send_code(page, channel.id)
    if refused is not None:
        return refused
    if not secret:
        return page.redirect(f"{HOME}/{channel.id}")
    return await _code_page(page, channel, webhooks.written(secret))


def _named(page: PageContext, wanted: AddChannel) -> Channel | None:
    settings, account = page.site.settings, page.signed_in.account
    id_ = page.form_id or new_id()
    if wanted.kind == "email":
        address = reaching.email(wanted.address) if settings.mail else None
        receiver = settings.mail.host if settings.mail else ""
    else:
        where = reaching.place(wanted.address)
        fits = where is not None and reaching.may_be_asked(where, settings.private_receivers)
        address, receiver = (wanted.address, where.named) if where and fits else (None, "")
    if address is None:
        return None
    return Channel(
        id=id_, account=account, kind=wanted.kind, address=address, receiver=receiver, label=address, confirmed=False
    )


def _unfit(phrases: Phrases, wanted: AddChannel) -> str:
    if wanted.kind == "email":
        return phrases.gettext("This is no e-mail address.")
    return phrases.gettext("Give an address that begins with https.")


async def add_push(page: PageContext) -> Response:
    """This browser has subscribed."""
    filled = page.read(AddPush)
    channel = _browser(page, filled.value) if filled.value else None
    if channel is None:
        return await _shown(page, 422, push_failed=True)
    async with page.site.store.work(EVERYONE) as work:
        await channels.add(work, channel)
    return page.redirect(HOME)


def _browser(page: PageContext, wanted: AddPush) -> Channel | None:
    where = reaching.place(wanted.endpoint)
    public, shared = _bytes(wanted.public), _bytes(wanted.shared)
    if where is None or not reaching.may_be_asked(where, page.site.settings.private_receivers):
        return None
    if not pushing.is_key(public, shared):
        return None
    return Channel(
        id=page.form_id or new_id(), account=page.signed_in.account, kind="push", address=wanted.endpoint,
        receiver=where.named, label=device(page.request), public=public, shared=shared,
    )  # fmt: skip


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


async def show_one(page: PageContext) -> Response:
    """One channel that waits for its code."""
    channel = await _own(page)
    if channel.confirmed:
        return page.redirect(HOME)
    return await _code_page(page, channel)


async def _code_page(page: PageContext, channel: Channel, secret: str = "") -> Response:
    """Where the code is typed, with what came of sending it; `secret` is shown once."""
    async with page.site.store.work(EVERYONE) as work:
        told = await work.last_tellings(page.signed_in.account, 1)
    last = line(page.phrases, told[0]) if told and told[0].what == "code" else None
    return page.render("channel.html", channel=channel, secret=secret, last=last)


async def confirm(page: PageContext) -> Response:
    """The code that was sent there."""
    channel, filled = await _own(page), page.read(TypeCode)
    code = "".join(sign for sign in filled.value.code if sign.isdecimal()) if filled.value else ""
    async with page.site.store.work(EVERYONE) as work:
        fits = await channels.confirm(work, page.signed_in.account, channel.id, code)
    if fits or channel.confirmed:
        return page.redirect(HOME)
    wrong = {"code": page.phrases.gettext("This is not the code, or it is too old. Send a new one.")}
    return page.render("channel.html", status=422, channel=channel, secret="", last=None, wrong=wrong)


async def send_code(page: PageContext) -> Response:
    """A new code."""
    channel = await _own(page)
    refused = None if channel.confirmed else await _send_code(page, channel.id)
    return refused or page.redirect(f"{HOME}/{channel.id}")


async def _send_code(page: PageContext, channel: str) -> Response | None:
    """Send a code; the answer when that is too much."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    return await _sent(page, channel, lambda id_: notices.of_code(id_, page.phrases, code), code)


async def try_it(page: PageContext) -> Response:
    """Send something to a channel, to see that it comes."""
    channel = await _own(page)
    if not channel.confirmed:
        return page.redirect(f"{HOME}/{channel.id}")
    site = telling.site_of(page.site.settings)
    refused = await _sent(page, channel.id, lambda id_: notices.of_trial(id_, page.phrases, site))
    return refused or page.redirect(f"{HOME}#told")


async def _sent(page: PageContext, channel: str, written: Callable[[str], Notice], code: str = "") -> Response | None:
    store, what = page.site.store, "code" if code else "try"
    async with store.work(EVERYONE) as work:
        trial = await channels.begin(work, page.signed_in.account, channel, page.community, what, code)
    if trial is None:
        raise HTTPException(404)
    if not trial.id:
        return await _shown(page, 429, wait=channels.WITHIN)
    ways = await telling.ways(store, page.site.settings)
    attempt = await telling.send(store, ways, trial.channel, written(trial.id))
    async with store.work(EVERYONE) as work:
        await channels.end(work, trial, attempt)
    return None


async def remove(page: PageContext) -> Response:
    """No longer there."""
    channel = await _own(page)
    async with page.site.store.work(EVERYONE) as work:
        await work.remove_channel(page.signed_in.account, channel.id)
    return page.redirect(HOME)


async def choose_quiet(page: PageContext) -> Response:
    """When to be left in peace."""
    filled = page.read(ChooseQuiet)
    if filled.value is None:
        return await _shown(page, 422, typed=filled.typed, wrong=filled.wrong)
    given = filled.value if filled.value.quiet else _none(filled.value)
    async with page.site.store.work(EVERYONE) as work:
        await channels.choose_quiet(work, page.signed_in.account, given.starts, given.ends)
    return page.redirect(HOME)


def _none(given: ChooseQuiet) -> ChooseQuiet:
    return given.model_copy(update={"starts": time(), "ends": time()})


async def _own(page: PageContext) -> Channel:
    """The channel of the address. Raises HTTPException when it is not theirs."""
    id_ = str(page.request.path_params["channel"])
    async with page.site.store.work(EVERYONE) as work:
        found: Channel | None = await work.channel(page.signed_in.account, id_)
    if found is None:
        raise HTTPException(404)
    return found


PAGES = (
    PageRoute("GET", HOME, show, asks=AcceptHandoff),
    PageRoute("POST", HOME, add, asks=AcceptHandoff),
    PageRoute("POST", f"{HOME}/push", add_push, asks=AcceptHandoff),
    PageRoute("POST", f"{HOME}/quiet", choose_quiet, asks=AcceptHandoff),
    PageRoute("GET", f"{HOME}/{{channel:uuid}}", show_one, asks=AcceptHandoff),
    PageRoute("POST", f"{HOME}/{{channel:uuid}}", confirm, asks=AcceptHandoff),
    PageRoute("POST", f"{HOME}/{{channel:uuid}}/code", send_code, asks=AcceptHandoff),
    PageRoute("POST", f"{HOME}/{{channel:uuid}}/try", try_it, asks=AcceptHandoff),
    PageRoute("POST", f"{HOME}/{{channel:uuid}}/remove", remove, asks=AcceptHandoff),
)
