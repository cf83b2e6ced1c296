"""Agreements with agencies as a page shows them, and the form of terms that are proposed to one."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contracts.agencies.v1 import AgencyView, AgreementTerms, AgreementView, ListAgencies, ListAgreements
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


def typed_of(terms: AgreementTerms | None, today: date) -> dict[str, Any]:
    """What the form shows before anybody has typed: the terms there are, or the usual, from today on."""
    shown = (terms or AgreementTerms(valid_from=today)).wire()
    begins = max(shown["valid_from"], today.isoformat())
    fixed = {"percent": plain(shown["percent"]), "valid_from": begins, "valid_to": shown["valid_to"] or ""}
    return shown | fixed | {"on_request": shown["confirmation"] == "on_request"}


def made(phrases: Phrases, form: AgencyTermsForm) -> tuple[AgreementTerms | None, dict[str, str]]:
    """The terms, or what is wrong by field."""
    given = form.model_dump(exclude={"on_request"})
    try:
        return AgreementTerms(**given, confirmation="on_request" if form.on_request else "instant"), {}
    except ValidationError as problem:
        return None, {field or "valid_to": said for field, said in forms.wrong(problem, phrases).items()}
