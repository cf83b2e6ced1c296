"""The form of one experience, and what it makes of the standing offering."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contracts.community.v1 import Experience, Kind, Months, Offering, Programme, Weekdays
from contracts.values import StartTime
from services.client.phrases.catalogue import Phrases
from services.portal.site import forms, standing
from services.portal.site.forms import Form
from services.portal.site.numbers import Amount, Digits, plain
from services.portal.site.standing import Stopped

UNITS = ("adult", "child", "item")
#: Field of an experience → the field of the form at which it is said.
PLACES: Mapping[str, str] = {
    "names": "name_th",
    "names.th": "name_th",
    "names.lo": "name_lo",
    "names.en": "name_en",
    "duration_minutes": "hours",
    "prices": "price_adult",
    "id": "name_en",
    "descriptions.th": "description_th",
    "descriptions.lo": "description_lo",
    "descriptions.en": "description_en",
    "cancellation": "refund_hours",
}
_LONGEST_SLUG = 40
LANGUAGES = ("th", "lo", "en")
#: As many steps as a cancellation rule has.
MOST_STEPS = 5
StepHours = Annotated[int, Digits, Field(ge=0, le=24 * 365)]
StepPercent = Annotated[int, Digits, Field(ge=1, le=100)]
Starts = Annotated[tuple[StartTime, ...], Field(max_length=24)]


class OfferForm(Form):
    """One experience as somebody writes it down; `shown` are the marks of what the form showed."""

    name_th: str = ""
    name_lo: str = ""
    name_en: str = ""
    kind: Kind
    programme: Programme
    hours: Annotated[int, Digits, Field(ge=0, le=168)] = 0
    minutes: Annotated[int, Digits, Field(ge=0, le=59)] = 0
    starts: Starts
    weekdays: Weekdays
    months: Months
    seats: Annotated[int, Digits, Field(ge=1, le=10_000)]
    min_party: Annotated[int, Digits, Field(ge=1, le=200)]
    cutoff_hours: Annotated[int, Digits, Field(ge=0, le=24 * 60)]
    price_adult: Amount | None = None
    price_child: Amount | None = None
    price_item: Amount | None = None
    description_th: str = ""
    description_lo: str = ""
    description_en: str = ""
    #: None: of a form that does not ask for texts and money back; they stay as they were.
    refund: Literal["usual", "steps", "none"] | None = None
    refund_hours: Annotated[tuple[StepHours, ...], Field(max_length=MOST_STEPS)] = ()
    refund_percent: Annotated[tuple[StepPercent, ...], Field(max_length=MOST_STEPS)] = ()
    #: The community's own number for it; and that what agencies book waits for the community.
    reference: str = ""
    waits: bool = False
    shown: str = ""


def typed_of(experience: Experience) -> dict[str, Any]:
    """What the form shows of an experience before anybody has typed."""
    prices = {f"price_{unit.unit}": plain(unit.price.amount) for unit in experience.prices}
    names = {f"name_{language}": name for language, name in experience.names.model_dump().items() if name}
    hours, minutes = divmod(experience.duration_minutes, 60)
    wire = experience.wire()
    kept = ("kind", "programme", "starts", "seats", "min_party", "cutoff_hours")
    several = {name: [str(each) for each in wire[name]] for name in ("weekdays", "months")}
    shown = {"hours": hours, "minutes": minutes, "shown": standing.marks(experience)}
    return {name: wire[name] for name in kept} | names | prices | several | shown | _read_by_agencies(experience)


def _read_by_agencies(experience: Experience) -> dict[str, Any]:
    texts = experience.descriptions.model_dump() if experience.descriptions else {}
    rule = experience.cancellation
    steps = rule.steps if rule else ()
    return {f"description_{language}": text for language, text in texts.items() if text} | {
        "reference": experience.reference or "",
        "waits": not experience.instant_confirmation,
        "refund": "usual" if rule is None else "steps" if steps else "none",
        "refund_hours": [str(step.hours) for step in steps],
        "refund_percent": [str(step.refund_percent) for step in steps],
    }


def blank() -> dict[str, Any]:
    """What the form shows for something new."""
    every = {"weekdays": [str(n) for n in range(1, 8)], "months": [str(n) for n in range(1, 13)]}
    return {
        "hours": 2,
        "minutes": 0,
        "seats": 8,
        "min_party": 1,
        "cutoff_hours": 24,
        "starts": [],
        "refund": "usual",
        **every,
    }


def with_experience(phrases: Phrases, offering: Offering, form: OfferForm, id_: str | None) -> Offering:
    """The offering with this experience changed, or added when `id_` is None. Raises Stopped, which says what is wrong.

    What somebody else has changed since the form was shown is not written over unseen.
    """
    before = next((each for each in offering.experiences if each.id == id_), None)
    made = _made(phrases, offering, form, before.wire() if before else {"id": new_id(offering, form)})
    if before == made:
        return offering
    if before is not None and (changed := standing.changed_since(form.shown, before)):
        raise Stopped(offering, {}, changed)
    kept = offering.experiences if before else (*offering.experiences, made)
    after = offering.model_copy(update={"experiences": tuple(made if each.id == made.id else each for each in kept)})
    place = next(n for n, each in enumerate(after.experiences) if each.id == made.id)
    if wrong := standing.faults(phrases, after, f"experiences[{place}]."):
        raise Stopped(offering, {placed(path, made): said for path, said in wrong.items()})
    return after


def without(offering: Offering, id_: str, shown: str) -> Offering:
    """The offering without this experience. Raises Stopped when it is another than was shown."""
    gone = next((each for each in offering.experiences if each.id == id_), None)
    if gone is not None and (changed := standing.changed_since(shown, gone)):
        raise Stopped(offering, {}, changed)
    left = tuple(each for each in offering.experiences if each.id != id_)
    return offering.model_copy(update={"experiences": left})


def new_id(offering: Offering, form: OfferForm) -> str:
    """An id for something new: of its English name, else of its kind; one that is not taken."""
    taken = {each.id for each in offering.experiences}
    plain_name = unicodedata.normalize("NFKD", form.name_en).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain_name)[:_LONGEST_SLUG].strip("-") or form.kind
    ids = (f"{offering.community.id}.{slug}{f'-{n}' if n > 1 else ''}" for n in range(1, len(taken) + 2))
    return next(id_ for id_ in ids if id_ not in taken)


def placed(path: str, experience: Experience | None = None) -> str:
    """The field of the form for a field of an experience."""
    if experience and (found := re.match(r"prices\[(\d+)\]", path)):
        return f"price_{experience.prices[int(found[1])].unit}"
    return PLACES.get(path) or path.partition("[")[0].partition(".")[0]


def _made(phrases: Phrases, offering: Offering, form: OfferForm, before: Mapping[str, Any]) -> Experience:
    """What the form makes of an experience; what it does not show stays as it was."""
    currency = offering.community.currency
    amounts = {unit: getattr(form, f"price_{unit}") for unit in UNITS}
    fields = form.model_dump(include={"kind", "programme", "starts", "seats", "min_party", "cutoff_hours"})
    names = {language: getattr(form, f"name_{language}") or None for language in LANGUAGES}
    given = {
        "names": names,
        "duration_minutes": form.hours * 60 + form.minutes,
        "prices": [{"unit": u, "price": {"amount": a, "currency": currency}} for u, a in amounts.items() if a],
        "weekdays": tuple(sorted(form.weekdays)),
        "months": tuple(sorted(form.months)),
    }
    try:
        return Experience.model_validate({**before, **fields, **given, **_for_agencies(phrases, offering, form)})
    except ValidationError as problem:
        raise Stopped(offering, forms.wrong_at(problem, phrases, placed)) from None


def _for_agencies(phrases: Phrases, offering: Offering, form: OfferForm) -> dict[str, Any]:
    """What agencies read: texts of one line each, a reference, whether they wait, and what is given back.

    Raises Stopped for half a step.
    """
    if form.refund is None:
        return {}
    written = {language: " ".join(getattr(form, f"description_{language}").split()) for language in LANGUAGES}
    texts = {language: text for language, text in written.items() if text}
    return {
        "descriptions": texts or None,
        "reference": form.reference or None,
        "instant_confirmation": not form.waits,
        "cancellation": None if form.refund == "usual" else {"steps": _steps(phrases, offering, form)},
    }


def _steps(phrases: Phrases, offering: Offering, form: OfferForm) -> list[dict[str, int]]:
    if form.refund != "steps":
        return []
    if len(form.refund_hours) != len(form.refund_percent) or not form.refund_hours:
        raise Stopped(offering, {"refund_hours": phrases.gettext("Each step needs its hours and its percent.")})
    pairs = zip(form.refund_hours, form.refund_percent, strict=True)
    return [{"hours": hours, "refund_percent": percent} for hours, percent in pairs]
