"""After an answer: what was sent and how to tell it by hand, or who answered before, so that a tap changed nothing."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus

from starlette.responses import Response

from contracts.portal.v1 import ListMembers
from contracts.referral.v1 import HandoffView, ShowHandoff, StoryLine
from contracts.refusals import No
from contracts.values import Items
from services.client import formatting
from services.client.answers import Refused
from services.client.phrases import vocabulary
from services.client.phrases.vocabulary import BY_RULE, word
from services.portal.site import sharing
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.handoffs import OPEN, answers, asked_of_us, last_answer, settled, who
from services.portal.site.places import first_day, last_day
from services.portal.site.portal_site import PageRoute
from services.portal.site.writing import NO_BREAK

#: What came of an answer, by the state that the record has now; later ones are told by the story.
OUTCOMES = {"accepted": "accepted", "countered": "countered", "declined": "declined", "expired": "expired"}
#: What stands in the way of an answer that was possible when its page was opened.
_OVERTAKEN = frozenset({No.WRONG_STATE, No.TOO_LATE})
#: An offer is held so long, even when the answer is due before.
LEAST_HELD = timedelta(minutes=15)


async def sent(page: PageContext) -> Response:
    """What became of the answer, and a text to send by hand where the partner may not look for long."""
    view = await asked_of_us(page)
    known = await page.known()
    outcome = "pending" if view.wish else OUTCOMES.get(view.state, "")
    if view.attention and view.attention.code == "counter_refused":
        outcome = "refused"
    elif view.state in OPEN and not view.wish:
        return page.redirect(f"/handoffs/{view.referral_id}/answer")
    if not outcome:
        return page.redirect(f"/handoffs/{view.referral_id}")
    text = by_hand(page, view, known)
    names = known.names(page.phrases)
    return page.render(
        "sent.html", live=True, here="/requests", view=view, known=known, outcome=outcome, text=text, names=names,
        heard=view.partner_seen >= view.sent, links=sharing.links(text), last=last_day(view.items),
    )  # fmt: skip


async def tapped_in_vain(page: PageContext, refused: Refused) -> Response:
    """The answer to a tap that changed nothing: what is so now. Raises the refusal where nobody was before us."""
    if refused.code not in _OVERTAKEN:
        raise refused
    view = await settled(page)
    if view.state in OPEN and not view.wish:
        raise refused
    return await standing(page, view, is_tapped=True)


async def standing(page: PageContext, view: HandoffView, *, is_tapped: bool = False) -> Response:
    """Why there is nothing to answer now: who answered and when, or what else has happened."""
    kind = why(view)
    if not kind and not is_tapped:
        return page.redirect(f"/handoffs/{view.referral_id}")
    line = last_answer(view) if kind in ("answered", "") else _that_ended(view)
    known = await page.known()
    is_me = line is not None and line.account == page.signed_in.account
    offered = view.countered_items
    return page.render(
        "raced.html", here="/requests", status=HTTPStatus.CONFLICT if is_tapped else HTTPStatus.OK, view=view,
        known=known, kind=kind or "answered", line=line, by=await who(page, line) if line else "", is_me=is_me,
        by_name=page.may(ListMembers),
        is_tapped=is_tapped, again="counter" in answers(page, view), asked=_days(view.items),
        offered=_days(offered) if offered else None,
    )  # fmt: skip


def _days(items: Items) -> tuple[date, date]:
    return first_day(items), last_day(items)


def why(view: HandoffView) -> str:
    """What stands in the way: an answer, a rule, the sender, the deadline; empty for what only the story tells."""
    if view.state == "declined":
        return "by_rule" if last_answer(view) is None and (view.reason or "") in BY_RULE else "answered"
    if view.state in ("withdrawn", "expired"):
        return view.state
    return "answered" if view.state in ("countered", "accepted") or view.wish else ""


def by_hand(
    page: PageContext, view: HandoffView, known: Known, *, state: str = "", instead: Items | None = None
) -> str:
    """`Handoff 7f3a21: Bo Taen community · Accepted · 2 adults · Thu 14 Jan`: no name and no code of anybody.

    `state` is what an answer makes of it that is not sent yet, `instead` what that offers.
    """
    p, items = page.phrases, instead or view.countered_items or view.items
    ref, community = formatting.reference(view.referral_id), known.name(p, view.community)
    parts = [
        p.gettext("Handoff {ref}: {community}", ref=ref, community=community),
        word(p, vocabulary.STATES, state or view.state),
        formatting.party(p, view.party.model_dump()),
        when(page, items),
    ]
    return f"{NO_BREAK}· ".join(parts)


def when(page: PageContext, items: Items) -> str:
    """The first and the last day, as text."""
    days = dict.fromkeys((first_day(items), last_day(items)))
    return " – ".join(formatting.named_day(page.phrases, day, weekday=True).replace(" ", NO_BREAK) for day in days)


def _that_ended(view: HandoffView) -> StoryLine | None:
    return next((each for each in view.story if each.state == view.state), None)


PAGES = (PageRoute("GET", "/handoffs/{id:uuid}/sent", sent, asks=ShowHandoff),)
