"""How they cross the border: the right way, the nearer wrong one with why, and what to have ready."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response

from contracts.community.v1 import ListPartnerships
from contracts.crossing.v1 import CrossingPlan, Plan, PlanCrossing, PlanLine
from contracts.referral.v1 import OfferHandoff
from contracts.refusals import No
from contracts.values import CrossingId, Names
from services.client import crossings, formatting
from services.client.answers import Refused
from services.client.phrases.catalogue import NC_, Phrases
from services.client.phrases.crossings import RESULTS
from services.client.phrases.vocabulary import Table, word
from services.portal.pages.sending_flow import Writing, crossing_names, go_on, opened, render
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute
from services.portal.site.writing import NO_BREAK, picked, whole

#: Ways that are offered, and wrong ones that are shown because people will ask.
MOST_WAYS, MOST_WRONG = 3, 2
#: A day as it is read, and hours: never broken.
_WHOLE = re.compile(rf"(\d{{1,2}}{NO_BREAK}[^ ]+{NO_BREAK}\d{{4}}|\d{{2}}:\d{{2}}(?:–\d{{2}}:\d{{2}})?)")
_HOURS = re.compile(r"(?<=\d{2}:\d{2})-(?=\d{2}:\d{2})")
#: The four words as they stand below a line.
SAID: Table = {
    **RESULTS,
    "missing": NC_("a crossing", "still to do"),
    "unknown": NC_("a crossing", "not known, ask officials"),
}


class Cross(Form):
    """The way that is taken; nothing where none is known."""

    crossing: CrossingId | None = None


@dataclass(frozen=True)
class Ways:
    """What can be chosen, the nearer ones that cannot, and what to have ready."""

    open: Sequence[CrossingPlan]
    wrong: Sequence[CrossingPlan]
    lines: Sequence[PlanLine]
    #: What nobody knows for sure, and what is not the party's to have ready.
    to_ask: Sequence[PlanLine] = ()
    reminders: Sequence[date] = ()
    #: What was agreed on, where nothing can be planned yet.
    agreed: Mapping[CrossingId, Names] = field(default_factory=dict)


async def show(page: PageContext) -> Response:
    """The plan."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    if not found.border or found.draft.party is None or not found.draft.items:
        return page.redirect(found.path("check" if found.draft.party else "who"))
    return await _shown(page, found)


async def choose(page: PageContext) -> Response:
    """Keep the way that is taken."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    filled = page.read(Cross)
    if filled.value is None:
        return await _shown(page, found, status=422, wrong=filled.wrong)
    return await go_on(page, found, found.draft.changed(crossing=filled.value.crossing, crossed=True))


async def planned(page: PageContext, writing: Writing) -> Plan | None:
    """What is known of their way; None when a place is not known."""
    draft = writing.draft
    if draft.travel is None or draft.party is None or draft.arrival is None:
        return None
    asked = PlanCrossing(
        travel=draft.travel, party=draft.party, origin=page.community, destination=draft.to,
        day=draft.arrival.day, hour=draft.arrival.earliest, nights=_nights(writing),
    )  # fmt: skip
    try:
        return await page.ask(asked)
    except Refused as refused:
        if refused.code in (No.UNKNOWN, No.INVALID):
            return None
        raise


def _nights(writing: Writing) -> int:
    """From the arrival to the morning after the last night."""
    first = min(item.day for item in writing.draft.items)
    known = {one.id: one for one in writing.offering.experiences}
    ends = [first]
    for item in writing.draft.items:
        if one := known.get(item.experience_id):
            last = one.last_day(item.day, item.start, item.nights)
            ends.append(last + timedelta(days=1) if one.kind == "homestay" else last)
    return (max(ends) - first).days


def sorted_out(plan: Plan | None, agreed: Sequence[CrossingId], chosen: CrossingId | None, today: date) -> Ways:
    """The first ways that may be taken, of those that were agreed on; and what is nearer and may not."""
    ways = list(plan.crossings) if plan else []
    allowed = [
        way for way in ways if way.lines[0].result != "not_possible_here" and (not agreed or way.crossing in agreed)
    ]
    allowed.sort(key=lambda way: way.crossing != chosen)
    taken = allowed[:MOST_WAYS]
    if not taken:
        return Ways((), (), plan.lines if plan else ())
    best = min((way.km for way in taken if way.km is not None), default=None)
    wrong = [
        way for way in ways
        if way.lines[0].result == "not_possible_here" and way.km is not None and (best is None or way.km < best)
    ]  # fmt: skip
    lines = [line for line in taken[0].lines if line.about != "admission"]
    lines += plan.lines if plan else ()
    opens = [line.named["opens"] for line in lines if line.about == "form" and line.named.get("opens")]
    reminders = [max(date.fromisoformat(day), today) for day in opens]
    ready = [line for line in lines if line.result != "unknown" and line.about != "lodging"]
    ready.sort(key=lambda line: line.result == "looks_fine")
    return Ways(taken, wrong[:MOST_WRONG], ready, [line for line in lines if line not in ready], reminders)


def plainly(phrases: Phrases, line: PlanLine, names: Mapping[CrossingId, Names]) -> Markup:
    """A line as a page says it: crossings, days and hours as everywhere else, and no ids of rows."""
    code, named = line.code, line.named | {"about": line.about}
    if code == "rows_conflict":
        code, named["about"] = "rows_disagree", named.get("subject", line.about)
    if called := names.get(named.get("crossing", "")):
        named["crossing"] = picked(phrases, called)
    named = {name: _HOURS.sub("–", value) for name, value in named.items()}
    return unbroken(crossings.sentence(phrases, code, named, day=_named_day))


def _named_day(phrases: Phrases, day: date) -> str:
    return formatting.named_day(phrases, day).replace(" ", NO_BREAK)


def unbroken(text: str) -> Markup:
    """Days and times in it stay whole."""
    parts = _WHOLE.split(text)
    return Markup().join(whole(part) if place % 2 else escape(part) for place, part in enumerate(parts))


async def _shown(page: PageContext, writing: Writing, status: int = 200, **form: Any) -> Response:
    plan, partnerships = await planned(page, writing), await page.list(ListPartnerships())
    terms = next((one.terms for one in partnerships if one.partner == writing.draft.to), None)
    agreed = terms.crossings if terms and terms.border else ()
    ways = sorted_out(plan, agreed, writing.draft.crossing, page.now.date())
    if plan is None:
        ways = replace(ways, agreed=await crossing_names(page, agreed))
    phrases, names = page.phrases, {way.crossing: way.names for way in plan.crossings} if plan else {}
    return render(
        page, writing, "send_cross.html", step="cross", status=status, ways=ways,
        verdict=lambda line: plainly(phrases, line, names),
        subject=lambda line: crossings.subject(phrases, line), reservation=crossings.reservation(phrases),
        result=lambda code: word(phrases, SAID, code), **form,
    )  # fmt: skip


PAGES = (
    PageRoute("GET", "/send/{draft:uuid}/cross", show, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/cross", choose, asks=OfferHandoff),
)
