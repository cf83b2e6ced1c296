"""Agreements with agencies as a page shows them, and the form of terms that are proposed to one."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from contracts.agencies.v1 import (
    AgencyView,
    AgreeAgreement,
    AgreementTerms,
    AgreementView,
    Allotment,
    HandingOver,
    ListAgencies,
    ListAgreements,
)
from contracts.values import Day
from services.client.phrases.catalogue import Phrases
from services.portal.site import forms
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.numbers import Digits, Percentage, plain

#: The order in which they are listed: what waits for us, what works, what rests, with whom there is nothing.
GROUPS = ("to_us", "active", "by_us", "ended", "none")


@dataclass(frozen=True)
class WithAgency:
    """One agency of this node, with what is between it and the community, if anything."""

    agency: AgencyView
    view: AgreementView | None

    @property
    def id(self) -> str:
        """The agency's."""
        return self.agency.agency

    @property
    def group(self) -> str:
        """How it stands, in one of the groups of a list."""
        if self.view is None:
            return "none"
        if self.view.state == "proposed":
            return "to_us" if self.view.proposed_by == "agency" else "by_us"
        return "active" if self.view.state == "agreed" else "ended"

    @property
    def looked_at(self) -> str:
        """Stands for the terms on the table: what was read is what is agreed to."""
        terms = self.view.terms.wire() if self.view else None
        return hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()[:16]


async def agencies(page: PageContext) -> tuple[WithAgency, ...]:
    """All of this node, by group and name."""
    known, agreed = await asyncio.gather(page.list(ListAgencies()), page.list(ListAgreements()))
    views = {view.agency: view for view in agreed}
    found = [WithAgency(one, views.get(one.agency)) for one in known]
    return tuple(sorted(found, key=lambda one: (GROUPS.index(one.group), one.agency.name, one.id)))


async def proposing(page: PageContext) -> tuple[str, ...]:
    """The names of agencies whose terms wait for the community's word; none for whoever does not decide."""
    if not page.may(AgreeAgreement):
        return ()
    views = await page.list(ListAgreements())
    return tuple(sorted(one.agency_name for one in views if one.state == "proposed" and one.proposed_by == "agency"))


async def agency(page: PageContext) -> WithAgency | None:
    """The one that the address names."""
    return next((one for one in await agencies(page) if one.id == page.request.path_params["agency"]), None)


class AgencyTermsForm(Form):
    """What somebody proposes to an agency."""

    rate: Literal["commission", "net"]
    percent: Percentage = "0.00"
    cutoff_hours: Annotated[int, Digits, Field(ge=0, le=24 * 60)]
    on_request: bool = False
    answer_hours: Annotated[int, Digits, Field(ge=1, le=240)]
    valid_from: Day
    valid_to: Day | None = None
    #: By experience: how many places of each departure or night are kept, and until how many days before.
    allot: dict[str, Annotated[int, Digits, Field(ge=0, le=10_000)]] = Field(default_factory=dict)
    days: dict[str, Annotated[int, Digits, Field(ge=0, le=365)]] = Field(default_factory=dict)
    hand_over: bool = False
    most_open: Annotated[int, Digits, Field(ge=1, le=1_000)] = 10
    partners: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, typed: dict[str, Any]) -> dict[str, Any]:
        """One field for each experience, such as `allot:bo-taen.homestay`."""
        found = {name: value for name, value in typed.items() if ":" not in name}
        for field in ("allot", "days"):
            mark = f"{field}:"
            found[field] = {name.removeprefix(mark): typed[name] for name in typed if name.startswith(mark)}
        return found

    @property
    def allotments(self) -> tuple[Allotment, ...]:
        """What is kept; of the others nothing."""
        usual = Allotment.model_fields["release_days"].default
        return tuple(
            Allotment(experience_id=id_, places=places, release_days=self.days.get(id_, usual))
            for id_, places in self.allot.items()
            if places
        )

    @property
    def handing_over(self) -> HandingOver | None:
        """Whether it may hand parties over, to whom and how many at a time."""
        return HandingOver(partners=self.partners, most_open=self.most_open) if self.hand_over else None


def typed_of(terms: AgreementTerms | None, today: date) -> dict[str, Any]:
    """What the form shows before anybody has typed: the terms there are, or the usual, from today on."""
    shown = (terms or AgreementTerms(valid_from=today)).wire()
    begins = max(shown["valid_from"], today.isoformat())
    fixed = {"percent": plain(shown["percent"]), "valid_from": begins, "valid_to": shown["valid_to"] or ""}
    kept = {f"allot:{one['experience_id']}": one["places"] for one in shown["allotments"]}
    released = {f"days:{one['experience_id']}": one["release_days"] for one in shown["allotments"]}
    hands = shown["hand_over"] or HandingOver().wire()
    may = {"hand_over": shown["hand_over"] is not None, "most_open": hands["most_open"], "partners": hands["partners"]}
    return shown | fixed | kept | released | may | {"on_request": shown["confirmation"] == "on_request"}


def placed(field: str) -> str | None:
    """Which field of the form shows that terms are refused for this one of theirs; None for what it does not ask."""
    kept = {"terms.allotments": "allot", "terms.hand_over": "partners"}
    return kept.get(".".join(field.split(".")[:2]))


def made(phrases: Phrases, form: AgencyTermsForm) -> tuple[AgreementTerms | None, dict[str, str]]:
    """The terms, or what is wrong by field."""
    if form.valid_to is not None and form.valid_to < form.valid_from:
        return None, {"valid_to": phrases.gettext("is before the first day")}
    given = form.model_dump(include={*AgreementTerms.model_fields} - {"hand_over"})
    given["confirmation"] = "on_request" if form.on_request else "instant"
    try:
        return AgreementTerms(**given, allotments=form.allotments, hand_over=form.handing_over), {}
    except ValidationError as problem:
        return None, {field or "valid_to": said for field, said in forms.wrong(problem, phrases).items()}
