"""The form of a community's profile and of what it bears, and what it makes of the standing offering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contracts.community.v1 import CommunityProfile, Offering, Weekdays
from contracts.values import StartTime
from services.client.phrases.catalogue import Phrases
from services.portal.site import forms, standing
from services.portal.site.forms import Form
from services.portal.site.numbers import Digits, digits
from services.portal.site.standing import Stopped

#: Field of a profile → the field of the form at which it is said; of limits the same name.
PLACES: Mapping[str, str] = {
    "names": "name_th",
    "names.th": "name_th",
    "names.lo": "name_lo",
    "names.en": "name_en",
    "office.website": "website",
    "office.address": "address",
    "office.email": "email",
    "office.telephone": "telephone",
}
OFFICE = ("website", "address", "email", "telephone")
LIMITS = ("visitors_per_day", "guests_per_night", "min_party", "max_party", "cutoff_hours")
TIMES = ("arrive_from", "arrive_until", "answers_from", "answers_until")


class ProfileForm(Form):
    """A community as somebody describes it; `shown` are the marks of what the form showed."""

    name_th: str = ""
    name_lo: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    languages: tuple[str, ...]
    contacts: tuple[str, ...] = ()
    #: Empty: of a form that does not ask for the office; it stays as it was.
    office: Literal["", "asked"] = ""
    website: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    visitors_per_day: Annotated[int, Digits, Field(ge=0, le=10_000)]
    guests_per_night: Annotated[int, Digits, Field(ge=0, le=10_000)]
    min_party: Annotated[int, Digits, Field(ge=1, le=200)]
    max_party: Annotated[int, Digits, Field(ge=1, le=200)]
    cutoff_hours: Annotated[int, Digits, Field(ge=0, le=24 * 60)]
    weekdays: Weekdays
    arrive_from: StartTime | None = None
    arrive_until: StartTime | None = None
    answers_from: StartTime
    answers_until: StartTime
    retention_days: Annotated[int, Digits, Field(ge=1, le=365)]
    shown: str = ""


def typed_of(profile: CommunityProfile) -> dict[str, Any]:
    """What the form shows of a profile before anybody has typed."""
    wire = profile.wire()
    limits = wire["limits"]
    names = {f"name_{language}": name for language, name in wire["names"].items() if name}
    kept = {name: wire[name] for name in ("aliases", "languages", "contacts", "retention_days")}
    weekdays = [str(day) for day in limits["weekdays"]]
    bounds = {name: limits[name] for name in (*LIMITS, *TIMES) if limits[name] is not None}
    office = {name: value for name, value in (wire.get("office") or {}).items() if value}
    return names | kept | bounds | office | {"office": "asked", "weekdays": weekdays, "shown": standing.marks(profile)}


def with_profile(phrases: Phrases, offering: Offering, form: ProfileForm) -> Offering:
    """The offering with this profile. Raises Stopped, which says what is wrong, or what somebody else has changed."""
    before = offering.community
    made = _made(phrases, offering, form)
    if made == before:
        return offering
    if changed := standing.changed_since(form.shown, before):
        raise Stopped(offering, {}, changed)
    after = offering.model_copy(update={"community": made})
    if wrong := standing.faults(phrases, after, ""):
        raise Stopped(offering, {placed(path): said for path, said in wrong.items()})
    return after


def placed(path: str) -> str:
    """The field of the form for a field of a profile; of an experience none, for it is not on this form."""
    if path.startswith("experiences"):
        return ""
    return PLACES.get(path) or path.removeprefix("limits.").partition(".")[0]


def _made(phrases: Phrases, offering: Offering, form: ProfileForm) -> CommunityProfile:
    limits = form.model_dump(include={*LIMITS, *TIMES}) | {"weekdays": tuple(sorted(form.weekdays))}
    names = {language: getattr(form, f"name_{language}") or None for language in ("th", "lo", "en")}
    kept = form.model_dump(include={"aliases", "languages", "contacts", "retention_days"})
    fields = offering.community.wire() | kept | {"names": names, "limits": limits} | _office(form)
    try:
        return CommunityProfile.model_validate(fields)
    except ValidationError as problem:
        raise Stopped(offering, forms.wrong_at(problem, phrases, placed)) from None


def _office(form: ProfileForm) -> dict[str, Any]:
    """How the office is reached, as people write it: an address without https, a number with spaces."""
    if not form.office:
        return {}
    website = form.website if not form.website or "://" in form.website else f"https://{form.website}"
    telephone = "".join(sign for sign in digits(form.telephone) if sign not in " -().")
    given = {"website": website, "address": form.address, "email": form.email, "telephone": telephone}
    return {"office": {name: value for name, value in given.items() if value} or None}
