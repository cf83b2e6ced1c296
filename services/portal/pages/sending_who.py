"""Who travels: how many of each age, their language, what they need, when they arrive, who drives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from starlette.responses import Response

from contracts.border.v1 import Need
from contracts.crossing.rows import Document, Group, Vehicle
from contracts.crossing.v1 import Travel
from contracts.referral.v1 import OfferHandoff
from contracts.values import Language, Party, Window
from services.client.phrases import vocabulary
from services.portal.domain import windows
from services.portal.domain.drafts import Draft, Driver
from services.portal.pages.sending_flow import Writing, go_on, opened, possible, render
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute

#: Languages that are offered first; that of a handoff which is changed is added.
LANGUAGES = ("th", "lo", "en", "zh", "vi", "fr")
#: How they come to the border, by who drives.
VEHICLES: dict[Driver, Vehicle] = {
    "sender": "none",
    "receiver": "none",
    "party": "car",
    "public": "public",
    "unknown": "unknown",
}
Count = Annotated[int, Field(ge=0, le=200)]


class Heads(Form):
    """How many of each age; read by itself, so that all that is wrong on the page is told at once."""

    adult: Count = 0
    child: Count = 0
    infant: Count = 0

    @model_validator(mode="after")
    def _a_party(self) -> Heads:
        Party(adult=self.adult, child=self.child, infant=self.infant)
        return self


class Who(Form):
    """What else is asked. `window` is one of the list that was shown; where papers are from need not be said yet."""

    language: Language
    needs: tuple[Need, ...] = ()
    window: Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")]
    driver: Driver = "unknown"
    nationality: Group | Literal["unknown"] = "unknown"
    document: Document = "unknown"


async def show(page: PageContext) -> Response:
    """The questions, answered as far as they are."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    return _shown(page, found) if found.draft.items else page.redirect(found.path("what"))


async def answer(page: PageContext) -> Response:
    """Keep the answers; a party that is larger now may find no room on its day any more."""
    found = await opened(page)
    if isinstance(found, Response):
        return found
    if not found.draft.items:
        return page.redirect(found.path("what"))
    heads, who = page.read(Heads), page.read(Who)
    if heads.value is None or who.value is None:
        wrong = {name or "adult": said for name, said in (*heads.wrong.items(), *who.wrong.items())}
        return _shown(page, found, status=422, typed=who.typed, wrong=wrong)
    draft = _answered(found, heads.value, who.value)
    fits = draft.heads <= found.draft.heads or await possible(page, found, draft, draft.items)
    return await go_on(page, found, draft, to="" if fits else "full")


def _answered(writing: Writing, heads: Heads, who: Who) -> Draft:
    party = Party(adult=heads.adult, child=heads.child, infant=heads.infant)
    earliest, _, latest = who.window.partition("-")
    travel = None
    if writing.border and who.nationality != "unknown":
        about = {"nationality": who.nationality, "document": who.document, "vehicle": VEHICLES[who.driver]}
        before = writing.draft.travel
        travel = before.model_copy(update=about) if before else Travel.model_validate(about)
    day = min(item.day for item in writing.draft.items)
    return writing.draft.changed(
        party=party, people=party.heads, language=who.language, needs=who.needs, driver=who.driver, travel=travel,
        arrival=Window.model_validate({"day": day, "earliest": earliest, "latest": latest}),
    )  # fmt: skip


def _shown(page: PageContext, writing: Writing, status: int = 200, **form: Any) -> Response:
    draft = writing.draft
    party = draft.party or Party(adult=draft.people)
    spoken = dict.fromkeys((*LANGUAGES, *((draft.language,) if draft.language else ())))
    return render(
        page, writing, "send_who.html", step="who", status=status, party_now=party, spoken=list(spoken),
        wanted_needs=list(vocabulary.NEEDS), windows=windows.choices(writing.offering, draft.items, draft.arrival),
        receives=windows.receives(writing.offering), **form,
    )  # fmt: skip


PAGES = (
    PageRoute("GET", "/send/{draft:uuid}/who", show, asks=OfferHandoff),
    PageRoute("POST", "/send/{draft:uuid}/who", answer, asks=OfferHandoff),
)
