"""The communities of a file with their experiences, as offerings that keep the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.community.faults import offering_faults
from contracts.community.v1 import CommunityProfile, Experience, Offering
from services.cli.input.reading import Entry, Fields, Problems, dig, faulty, gather, in_file, read
from services.client.phrases.spoken import _

#: The file's word → ours, where they differ.
PROGRAMMES = {"full_day": "day"}
#: What makes of an entry in the category "food" a meal and not a lesson or a walk.
MEAL_WORDS = ("lunch", "dinner", "meal")

PROFILE: Fields = {
    "id": "id",
    "names": "name",
    "aliases": ("name_in_source_th",),
    "place.lat": "location.lat",
    "place.lon": "location.lon",
    "place.accuracy_m": "location.accuracy_m",
    "place.country": "country",
    "place.subdivision": "admin.iso_3166_2",
    "zone": "timezone",
    "currency": "currency",
    "languages": "languages",
    "contacts": ("contact.email",),
    "limits.visitors_per_day": "operations.daily_visitor_capacity",
    "limits.guests_per_night": "operations.overnight_guest_capacity",
    "limits.min_party": "operations.min_group",
    "limits.max_party": "operations.max_group",
    "limits.cutoff_hours": "operations.cutoff_hours",
    "limits.weekdays": "operations.open_weekdays",
    "limits.arrive_from": "operations.handoff_arrival_window.0",
    "limits.arrive_until": "operations.handoff_arrival_window.1",
}
EXPERIENCE: Fields = {
    "id": "id",
    "names": "name",
    "kind": "category",
    "programme": "programme",
    "duration_minutes": "duration_minutes",
    "starts": "start_times",
    "weekdays": "weekdays",
    "months": "season_months",
    "min_party": "min_pax",
    "seats": "max_pax",
    "cutoff_hours": "cutoff_hours",
    "prices": "prices",
}
#: What may be left out: the contract has a usual value.
ANSWERS: Fields = {
    "limits.answers_from": "operations.answer_hours.0",
    "limits.answers_until": "operations.answer_hours.1",
}
OFFICE: Fields = {
    "office.website": "contact.website",
    "office.address": "contact.address",
    "office.email": "contact.email",
    "office.telephone": "contact.phone",
}
#: Of an experience, the same.
FOR_AGENCIES: Fields = {
    "descriptions": "description",
    "reference": "reference",
    "instant_confirmation": "instant_confirmation",
    "cancellation.steps": "cancellation",
}
#: Fields that are named as a whole when what is in them does not fit together.
WHOLES: Fields = {
    **PROFILE,
    **ANSWERS,
    **OFFICE,
    "place": "location",
    "limits": "operations",
    "office": "contact",
}
PARTS: Fields = {**EXPERIENCE, **FOR_AGENCIES}


def offerings(communities: Sequence[Entry], experiences: Sequence[Entry], problems: Problems) -> list[Offering]:
    """Each community with the experiences that name it, in the order of the file; what has problems is left out."""
    listed: dict[str, list[tuple[int, Experience]]] = {str(entry.get("id")): [] for entry in communities}
    for n, entry in enumerate(experiences):
        owner = str(entry.get("community_id"))
        if owner not in listed:
            problems.add(
                f"experiences[{n}].community_id", _("{community} is no community of this file", community=owner)
            )
        elif (experience := _experience(f"experiences[{n}]", entry, problems)) is not None:
            listed[owner].append((n, experience))
    _check_repeated("communities", communities, problems)
    _check_repeated("experiences", experiences, problems)
    made = [_offering(f"communities[{n}]", e, listed[str(e.get("id"))], problems) for n, e in enumerate(communities)]
    return [offering for offering in made if offering is not None]


def _check_repeated(section: str, entries: Sequence[Entry], problems: Problems) -> None:
    names = [str(entry.get("id")) for entry in entries]
    for n, name in enumerate(names):
        if name in names[:n]:
            problems.add(f"{section}[{n}].id", _("{id} is given twice: give each id once", id=name))


def _offering(path: str, entry: Entry, listed: Sequence[tuple[int, Experience]], problems: Problems) -> Offering | None:
    given = gather(path, entry, {**PROFILE, **_there(entry, OFFICE)}, problems)
    given["demo"] = dig(entry, "operations.demo") is True
    given.setdefault("limits", {}).update(_answer_hours(path, entry, problems))
    profile = read(CommunityProfile, path, given, WHOLES, problems)
    if profile is None or not _of_this_community(profile, listed, problems):
        return None
    offering = Offering(community=profile, experiences=tuple(experience for _, experience in listed))
    for fault in offering_faults(offering):
        problems.add(_fault_path(path, fault.field, [n for n, _ in listed]), faulty(fault))
    return offering


def _there(entry: Entry, fields: Fields) -> Fields:
    """Those of the fields that an entry has."""
    return {wanted: origin for wanted, origin in fields.items() if dig(entry, str(origin)) is not None}


def _answer_hours(path: str, entry: Entry, problems: Problems) -> dict[str, Any]:
    """When the community answers, if the file says so."""
    hours = dig(entry, "operations.answer_hours")
    if hours is None:
        return {}
    if not isinstance(hours, list) or len(hours) != 2:
        problems.add(f"{path}.operations.answer_hours", _('must be two times, such as ["07:00", "20:00"]'))
        return {}
    return {"answers_from": hours[0], "answers_until": hours[1]}


def _of_this_community(profile: CommunityProfile, listed: Sequence[tuple[int, Experience]], problems: Problems) -> bool:
    """What makes an offering one: ids given once that begin with the community, prices in its currency."""
    before = len(problems.found)
    for n, experience in listed:
        if experience.community_id != profile.id:
            no = _("must begin with {community} and a dot, as community_id says", community=profile.id)
            problems.add(f"experiences[{n}].id", no)
        for k, unit in enumerate(experience.prices):
            if unit.price.currency != profile.currency:
                named = {"community": profile.id, "currency": profile.currency}
                no = _("{community} has its prices in {currency}", **named)
                problems.add(f"experiences[{n}].prices[{k}].currency", no)
    ids = [experience.id for _, experience in listed]
    return len(problems.found) == before and len(set(ids)) == len(ids)


def _fault_path(path: str, field: str, places: Sequence[int]) -> str:
    """Where in the file the field of a fault in an offering is; `places` are its experiences' places in the file."""
    inside = re.fullmatch(r"experiences\[(\d+)\]\.(.+)", field)
    if inside is None:
        return in_file(path, field, WHOLES)
    dotted = re.sub(r"\[(\d+)\]", r".\1", inside[2])
    return in_file(f"experiences[{places[int(inside[1])]}]", dotted, PARTS)


def _experience(path: str, entry: Entry, problems: Problems) -> Experience | None:
    given = gather(path, entry, {**EXPERIENCE, **_there(entry, FOR_AGENCIES)}, problems)
    given["kind"] = _kind(entry)
    if "programme" in given:
        given["programme"] = PROGRAMMES.get(str(given["programme"]), given["programme"])
    if "prices" in given:
        given["prices"] = _prices(given["prices"])
    given["demo"] = bool(entry.get("demo_fields"))
    return read(Experience, path, given, PARTS, problems)


def _kind(entry: Entry) -> str:
    category = entry.get("category")
    if category in ("homestay", "product"):
        return str(category)
    called = f"{entry.get('id')} {dig(entry, 'name.en') or ''}".casefold()
    return "meal" if category == "food" and any(word in called for word in MEAL_WORDS) else "activity"


def _prices(given: Any) -> Any:
    """Unit prices with their money as one value; what has another shape is left for the contract to name."""
    if not isinstance(given, list) or not all(isinstance(price, Mapping) for price in given):
        return given
    return [
        {"unit": price.get("unit"), "price": {"amount": price.get("amount"), "currency": price.get("currency")}}
        for price in given
    ]
