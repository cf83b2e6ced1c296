"""What a notice says: which community asks, and by when to answer. Nothing about travellers, not even how many."""

from __future__ import annotations

from datetime import datetime

from services.client import formatting
from services.client.phrases.catalogue import Phrases
from services.portal.domain.telling import Claimed, Notice
from services.portal.site.directory import Known

#: Nobody needs a code, or a trial, after this.
TRIAL_SECONDS = 600


def of_telling(claimed: Claimed, phrases: Phrases, known: Known, now: datetime, site: str) -> Notice:
    """That a handoff waits for an answer, or waits still; or that a stranger asks."""
    telling = claimed.telling
    if telling.what == "question":
        return _of_question(claimed, phrases, known, now, site)
    name, time = known.name(phrases, telling.partner), by(phrases, telling.until, now)
    return Notice(
        id=telling.id,
        what=telling.what,
        title=_title(phrases, claimed, name),
        text=phrases.gettext("Answer by {time}", time=time),
        path=f"/handoffs/{telling.referral_id}",
        site=site,
        language=phrases.language,
        seconds=int((telling.until - now).total_seconds()),
    )


def _of_question(claimed: Claimed, phrases: Phrases, known: Known, now: datetime, site: str) -> Notice:
    telling = claimed.telling
    return Notice(
        id=telling.id,
        what=telling.what,
        title=phrases.gettext("A question on your public page"),
        text=phrases.gettext("Somebody asks {community}", community=known.name(phrases, telling.community)),
        path="/enquiries",
        site=site,
        language=phrases.language,
        seconds=int((telling.until - now).total_seconds()),
    )


def _title(phrases: Phrases, claimed: Claimed, name: str) -> str:
    telling = claimed.telling
    if telling.what == "reminder":
        return phrases.gettext("{name} still waits for your answer", name=name)
    if telling.side == "receiver":
        return phrases.gettext("{name} asks", name=name)
    if telling.state == "accepted":
        return phrases.gettext("{name} has accepted: ask the guests", name=name)
    return phrases.gettext("{name} offers something else", name=name)


def of_trial(id_: str, phrases: Phrases, site: str) -> Notice:
    """A trial: so it looks when something waits."""
    return Notice(
        id=id_,
        what="try",
        title=phrases.gettext("It works"),
        text=phrases.gettext("Requests that wait for your answer will reach you here."),
        path="/today",
        site=site,
        language=phrases.language,
        seconds=TRIAL_SECONDS,
    )


def of_code(id_: str, phrases: Phrases, code: str) -> Notice:
    """The code by which somebody shows that what is sent there reaches them."""
    return Notice(
        id=id_,
        what="code",
        title=phrases.gettext("Your code: {code}", code=code),
        text=phrases.gettext("Type it into the portal. If you have not asked for it, do nothing."),
        path="/account/channels",
        site="",
        language=phrases.language,
        seconds=TRIAL_SECONDS,
        code=code,
    )


def by(phrases: Phrases, until: datetime, now: datetime) -> str:
    """`21:00` today, `Thu 14 Jan 21:00` on another day."""
    there, here = formatting.local(until), formatting.local(now)
    if there.date() == here.date():
        return f"{there:%H:%M}"
    full = formatting.named_day(phrases, there.date(), weekday=True)
    return f"{full.removesuffix(str(formatting.year(phrases, there.year))).strip()} {there:%H:%M}"
