"""The traveller decides what may be known of them: their language, nothing ticked, yes and no alike.

What they say is sealed here, where it arrived, and kept nowhere on its way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator
from starlette.responses import Response

from contracts.messages import Asked
from contracts.personal.v1 import (
    Channel,
    ConsentPrepared,
    DocumentClass,
    GiveConsent,
    PersonalField,
    PersonalPart,
    PrepareConsent,
    RefuseConsent,
    Said,
    WithdrawConsent,
)
from contracts.referral.v1 import HandoffView, ShowHandoff
from contracts.refusals import No
from contracts.sentences import Unfit
from contracts.values import Uuid
from services.client import formatting, personal
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrases
from services.portal.pages.acting import overtaken
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.forms import Filled, Form
from services.portal.site.portal_site import PageRoute

#: The icon of each field that may be consented to; the order is that of the page.
FIELDS = {
    "name": "user",
    "channel": "call",
    "food": "bowl",
    "mobility": "stairs",
    "nationality": "lang",
    "document_class": "file",
}
#: Fewer digits are no number that somebody can be called at.
FEWEST_DIGITS = 6


class Decision(Form):
    """Yes to some of what is asked, or no to all of it."""

    choice: Literal["yes", "no"]
    language: Literal["th", "lo", "en"]
    fields: tuple[PersonalField, ...] = ()

    @model_validator(mode="after")
    def _to_something(self) -> Decision:
        if self.choice == "yes" and not self.fields:
            raise Unfit("needs_an_entry")
        return self


class Telling(Form):
    """What they say of themselves, and how they agreed."""

    prepared: Uuid
    language: Literal["th", "lo", "en"]
    fields: Annotated[tuple[PersonalField, ...], Field(min_length=1)]
    said: Said | None = None
    witnessed: bool = False
    guardian: bool = False
    name: Annotated[str, Field(max_length=80)] = ""
    kind: Literal["phone", "line", "whatsapp", "email"] = "phone"
    address: Annotated[str, Field(max_length=120)] = ""
    nationality: Annotated[str, Field(max_length=60)] = ""
    document_class: DocumentClass | None = None
    food: Annotated[str, Field(max_length=200)] = ""
    mobility: Annotated[str, Field(max_length=200)] = ""


async def ask(page: PageContext) -> Response:
    """The question, in the traveller's language unless another is chosen."""
    view = await _view(page)
    if not {"consent", "refuse_consent"} & {each.act for each in view.next_acts}:
        return await overtaken(page, 200)
    return await _question(page, view, page.request.query_params.get("language", view.language))


async def decide(page: PageContext) -> Response:
    """No: noted, they are thanked, and the visit goes on. Yes: the whole text of what was chosen, to be said."""
    view = await _view(page)
    filled = page.read(Decision)
    if filled.value is None:
        return await _question(page, view, str(filled.typed.get("language", "")), filled)
    if filled.value.choice == "no":
        await page.ask(RefuseConsent(referral=view.referral_id))
        return _thanked(page, view)
    prepared = await _prepared(page, view, filled.value.language, filled.value.fields, page.form_id)
    return await _telling(page, prepared, page.form_id)


async def tell(page: PageContext) -> Response:
    """Seal what they said and pass it on; say what is missing otherwise, with what was typed."""
    view = await _view(page)
    filled = page.read(Telling, _theirs(page))
    given = filled.value
    if given is None:
        return await _told_again(page, view, filled, filled.wrong)
    prepared = await _prepared(page, view, given.language, given.fields, given.prepared)
    part, wrong = part_of(given, Phrases.of(given.language))
    if part is None or given.said is None:
        return await _telling(page, prepared, given.prepared, filled.typed, wrong)
    flags = {"witnessed": given.witnessed, "guardian": given.guardian}
    await _once(page, personal.said_back(prepared, part, acting=page.community, said=given.said, **flags))
    return _thanked(page, view, prepared.delete_by)


async def ask_back(page: PageContext) -> Response:
    """What follows when consent is taken back, before it is."""
    return page.render("consent_back.html", view=await _view(page), known=await page.known())


async def take_back(page: PageContext) -> Response:
    """Both sides erase."""
    await page.ask(WithdrawConsent(referral=page.request.path_params["id"]))
    return page.redirect(f"/handoffs/{page.request.path_params['id']}")


def part_of(given: Telling, phrases: Phrases) -> tuple[PersonalPart | None, dict[str, str]]:
    """What they said of each field that they agreed to; or the sentence for each that is missing or cannot be."""
    asked = ["address" if field == "channel" else field for field in given.fields] + ["said", "witnessed"]
    wrong = {place: why for place in asked if (why := _unfit(place, given, phrases))}
    if wrong:
        return None, wrong
    said: dict[str, Any] = {field: getattr(given, field) for field in given.fields if field != "channel"}
    if "channel" in given.fields:
        said["channel"] = Channel(kind=given.kind, address=given.address)
    if "nationality" in said:
        said["nationality"] = formatting.country_code(given.nationality)
    return PersonalPart(**said), {}


def _unfit(place: str, given: Telling, phrases: Phrases) -> str | None:
    value = getattr(given, place)
    if place == "said":
        return None if value else phrases.gettext("Choose one.")
    if place == "witnessed":
        alone = given.said == "spoken" and not value
        return phrases.gettext("What is read aloud counts when somebody else hears it.") if alone else None
    return _unfit_words(place, value, given.kind, phrases)


def _unfit_words(place: str, value: str | None, kind: str, phrases: Phrases) -> str | None:
    """What they wrote themselves."""
    if not value:
        return phrases.gettext("Say something here, or leave it out.")
    if place == "nationality" and formatting.country_code(value) is None:
        return phrases.gettext("Write the country in Thai, Lao or English, or its two letters.")
    if place != "address":
        return None
    if kind in ("phone", "whatsapp") and sum(sign.isdecimal() for sign in value) < FEWEST_DIGITS:
        return phrases.gettext("A number has at least {count} digits.", count=FEWEST_DIGITS)
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        return phrases.gettext("An address for mail has an @ between two words.")
    return None


async def _view(page: PageContext) -> HandoffView:
    return await page.ask(ShowHandoff(referral=page.request.path_params["id"]))


def _thanked(page: PageContext, view: HandoffView, until: date | None = None) -> Response:
    """The end in their language, before they give the phone back; without a day they allowed nothing."""
    return page.render("consent_done.html", phrases=_theirs(page), hand=_handed(page), view=view, until=until)


async def _once(page: PageContext, command: Asked[Any]) -> None:
    """The same form sent twice seals differently each time: that it was done already is no mistake."""
    try:
        await page.ask(command)
    except Refused as refused:
        if refused.code is not No.CONFLICT:
            raise


async def _prepared(
    page: PageContext, view: HandoffView, language: str, fields: tuple[str, ...], command_id: str | None
) -> ConsentPrepared:
    """The text as it is shown, kept under one id: it is the same when it is asked for again, in whatever order."""
    listed = tuple(field for field in get_args(PersonalField) if field in fields)
    asked = PrepareConsent.model_validate({"referral": view.referral_id, "language": language, "fields": listed})
    return await page.client.send(asked, command_id=command_id)


async def _question(
    page: PageContext, view: HandoffView, language: str, filled: Filled[Decision] | None = None
) -> Response:
    chosen = language if language in personal.LANGUAGES else "en"
    known = await page.known()
    wrong = {"fields": Phrases.of(chosen).gettext("Choose at least one thing, or say no.")} if filled else {}
    return page.render(
        "consent.html",
        status=422 if filled else 200,
        phrases=Phrases.of(chosen),
        hand=_handed(page),
        view=view,
        known=known,
        abroad=_abroad(known, view, Phrases.of(chosen)),
        fields=FIELDS,
        wrong=wrong,
    )


def _handed(page: PageContext) -> Mapping[str, str]:
    """What stands in the operator's language on a page for the traveller."""
    line = page.phrases.gettext("Hand the phone to the traveller, or read it aloud")
    back, done = page.phrases.gettext("Back"), page.phrases.gettext("I have the phone back")
    return {"language": page.phrases.language, "line": line, "back": back, "done": done}


def _theirs(page: PageContext) -> Phrases:
    """The language that the form was shown in."""
    given = str(page.data.get("language", ""))
    return Phrases.of(given if given in personal.LANGUAGES else "en")


def _abroad(known: Known, view: HandoffView, phrases: Phrases) -> str | None:
    """The country that it goes to, when that is another."""
    ours, theirs = known.profile(view.community), known.profile(view.partner)
    if ours is None or theirs is None or ours.place.country == theirs.place.country:
        return None
    return {"TH": phrases.gettext("Thailand"), "LA": phrases.gettext("Laos")}[theirs.place.country]


async def _telling(
    page: PageContext,
    prepared: ConsentPrepared,
    command_id: str | None,
    typed: Mapping[str, Any] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    reader = Phrases.of(prepared.language)
    return page.render(
        "consent_tell.html",
        status=422 if wrong else 200,
        phrases=reader,
        names=(await page.known()).names(reader),
        hand=_handed(page),
        shown=prepared,
        prepared=command_id,
        typed=typed or {},
        wrong=wrong or {},
    )


async def _told_again(
    page: PageContext, view: HandoffView, filled: Filled[Telling], wrong: Mapping[str, str]
) -> Response:
    """Without what says which text was shown, it is shown from the start."""
    try:
        decision = Decision.model_validate({"choice": "yes", **filled.typed})
        prepared = await _prepared(page, view, decision.language, decision.fields, str(filled.typed["prepared"]))
    except (ValueError, KeyError):
        return page.redirect(f"/handoffs/{view.referral_id}/consent")
    return await _telling(page, prepared, str(filled.typed["prepared"]), filled.typed, wrong)


PAGES = (
    PageRoute("GET", "/handoffs/{id}/consent", ask, asks=GiveConsent),
    PageRoute("POST", "/handoffs/{id}/consent", decide, asks=GiveConsent),
    PageRoute("POST", "/handoffs/{id}/consent/tell", tell, asks=GiveConsent),
    PageRoute("GET", "/handoffs/{id}/consent/back", ask_back, asks=WithdrawConsent),
    PageRoute("POST", "/handoffs/{id}/consent/back", take_back, asks=WithdrawConsent),
)
