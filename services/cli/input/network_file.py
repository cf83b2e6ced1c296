"""Turn a file of communities into the commands that build its network: no IO, no clock.

A file is taken whole or not at all: every problem is named by its path (`experiences[3].prices[0].amount: ...`) and
nothing is converted as long as one is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from contracts.community.faults import terms_faults
from contracts.community.v1 import PublishOffering, Terms
from contracts.values import EXPONENTS, CommunityId
from services.cli.input.offerings import offerings
from services.cli.input.reading import Entry, Fields, Problems, buddhist_dates, dig, faulty, gather, in_file, read
from services.client.formatting import BUDDHIST_AHEAD
from services.client.phrases.spoken import _

#: Sections that become commands, or that those are checked against.
USED = ("currencies", "communities", "experiences", "partnerships")
#: The section that is passed on as it is, for whoever plays the scenarios.
PASSED_ON = ("demo_scenarios",)
#: Sections that are known and that nothing uses yet.
NOT_USED_YET = (
    "special_areas",
    "ticket_types",
    "homestay_households",
    "crossings",
    "crossing_rules",
    "exchange_rates",
    "calendar",
    "policies",
    "emergency_contacts",
    "source_metrics",
    "demo_tourists",
)
KNOWN = ("meta", *USED, *PASSED_ON, *NOT_USED_YET)
#: From when partnerships are valid whose entry does not say.
VALID_FROM = date(2026, 1, 1)
TERMS: Fields = {
    "response_hours": "response_time_hours",
    "max_open_handoffs": "max_open_handoffs",
    "referral_fee_percent": "referral_fee_percent",
    "crossings": "crossing_ids",
    "border": "cross_border",
}


class BadNetwork(Exception):
    """The file cannot be used; `problems` are sentences, each after the path of its field."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Members(NamedTuple):
    """One partnership to make: the first proposes, the second agrees."""

    proposer: CommunityId
    partner: CommunityId
    terms: Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """What a file comes to; scenarios are passed on as they are."""

    offerings: list[PublishOffering]
    partnerships: list[Members]
    scenarios: list[Entry]
    counts: Mapping[str, int]
    not_used_yet: tuple[str, ...]

    def report(self) -> str:
        """What was read and what was left aside, for the person who loads it."""
        counted = ", ".join(f"{count} {section}" for section, count in self.counts.items())
        unused = ", ".join(self.not_used_yet) or _("nothing")
        return _("read {sections}; known and not used yet: {unused}", sections=counted, unused=unused)


def network(document: Any) -> Network:
    """Check and convert a parsed file. Raises BadNetwork with every problem found."""
    problems = Problems()
    sections = _sections(document, problems)
    _check_currencies(sections["currencies"], problems)
    converted = offerings(sections["communities"], sections["experiences"], problems)
    partnerships = _partnerships(sections["partnerships"], document, problems)
    for path, year in buddhist_dates(document):
        if not any(found.startswith(f"{path}:") for found in problems.found):
            problems.add(path, _("{year} is a Buddhist year: write {meant}", year=year, meant=year - BUDDHIST_AHEAD))
    if problems.found:
        raise BadNetwork(problems.found)
    return Network(
        offerings=[PublishOffering(offering=offering) for offering in converted],
        partnerships=partnerships,
        scenarios=list(document.get("demo_scenarios", [])),
        counts={section: len(sections[section]) for section in USED if section != "currencies"},
        not_used_yet=tuple(name for name in NOT_USED_YET if name in document),
    )


def _sections(document: Any, problems: Problems) -> Mapping[str, list[Entry]]:
    """The used sections. Raises BadNetwork at once when the file has another shape altogether."""
    if not isinstance(document, dict):
        raise BadNetwork([_("file: must be one JSON object with sections")])
    for name in document:
        if name not in KNOWN:
            known = ", ".join(KNOWN)
            problems.add(name, _("is no section of such a file: remove it, or use one of {known}", known=known))
    for name in (*USED, *(n for n in PASSED_ON if n in document)):
        entries = document.get(name)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            problems.add(name, _("must be a list of objects"))
    if problems.found:
        raise BadNetwork(problems.found)
    return {name: document[name] for name in USED}


def _check_currencies(entries: Sequence[Entry], problems: Problems) -> None:
    for n, entry in enumerate(entries):
        digits = EXPONENTS.get(str(entry.get("code")))
        if digits is None:
            known = ", ".join(EXPONENTS)
            problems.add(f"currencies[{n}].code", _("must be one of {known}", known=known))
        elif entry.get("iso_digits") != digits:
            no = _("{currency} has {digits} minor digits", currency=entry["code"], digits=digits)
            problems.add(f"currencies[{n}].iso_digits", no)


# partnerships


def _partnerships(entries: Sequence[Entry], document: Entry, problems: Problems) -> list[Members]:
    countries = {str(entry.get("id")): entry.get("country") for entry in document["communities"]}
    listed = document.get("crossings") or []
    if not isinstance(listed, list):
        problems.add("crossings", _("must be a list of objects"))
        listed = []
    crossings = {str(dig(entry, "id")) for entry in listed}
    made: dict[frozenset[str], Members] = {}
    for n, entry in enumerate(entries):
        path = f"partnerships[{n}]"
        terms = _terms(path, entry, crossings, problems)
        members = _members(path, entry, countries, problems)
        if members and frozenset(members) in made:
            first, second = members
            no = _("{first} and {second} are partners already: give each pair once", first=first, second=second)
            problems.add(f"{path}.members", no)
        elif members and terms:
            made[frozenset(members)] = Members(*members, terms)
    return list(made.values())


def _members(
    path: str, entry: Entry, countries: Mapping[Any, Any], problems: Problems
) -> tuple[CommunityId, CommunityId] | None:
    members = entry.get("members")
    if not isinstance(members, list) or len(members) != 2 or members[0] == members[1]:
        problems.add(f"{path}.members", _("must name two different communities"))
        return None
    unknown = [n for n, member in enumerate(members) if not isinstance(member, str) or member not in countries]
    for n in unknown:
        problems.add(f"{path}.members[{n}]", _("{community} is no community of this file", community=members[n]))
    if entry.get("direction", "both") != "both":
        problems.add(f"{path}.direction", _("must be both: either partner may hand over to the other"))
    if not unknown and entry.get("cross_border") is not (countries[members[0]] != countries[members[1]]):
        no = _("must be true when the two lie in different countries, and false otherwise")
        problems.add(f"{path}.cross_border", no)
    return None if unknown else (members[0], members[1])


def _terms(path: str, entry: Entry, crossings: AbstractSet[Any], problems: Problems) -> Terms | None:
    given = gather(path, entry, TERMS, problems)
    dates = {name: entry[name] for name in ("valid_from", "valid_to") if name in entry}
    terms = read(Terms, path, {"valid_from": VALID_FROM, **given, **dates}, TERMS, problems)
    if terms is None:
        return None
    for n, crossing in enumerate(terms.crossings):
        if crossing not in crossings:
            no = _("{crossing} is no crossing of this file", crossing=crossing)
            problems.add(f"{path}.crossing_ids[{n}]", no)
    for fault in terms_faults(terms):
        problems.add(in_file(path, fault.field, TERMS), faulty(fault))
    return terms
