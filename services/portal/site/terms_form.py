"""The form of terms that are proposed to a partner."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, ValidationError

from contracts.community.faults import terms_faults
from contracts.community.v1 import Terms
from contracts.values import Day
from services.client.phrases.catalogue import Phrases
from services.portal.site import forms, standing
from services.portal.site.forms import Form
from services.portal.site.numbers import Digits, Percentage, plain


class TermsForm(Form):
    """What somebody proposes."""

    referral_fee_percent: Percentage = "0.00"
    response_hours: Annotated[int, Digits, Field(ge=1, le=240)]
    max_open_handoffs: Annotated[int, Digits, Field(ge=0, le=10_000)]
    pool_share_percent: Annotated[int, Digits, Field(ge=1, le=100)]
    auto_accept: bool = False
    crossings: tuple[str, ...] = ()
    valid_from: Day
    valid_to: Day | None = None


def typed_of(terms: Terms | None, today: date) -> dict[str, Any]:
    """What the form shows before anybody has typed: what was agreed before, from today on, or the usual."""
    shown = (terms or Terms(valid_from=today)).wire()
    fee = plain(shown["referral_fee_percent"])
    return shown | {"referral_fee_percent": fee, "valid_from": today.isoformat(), "valid_to": ""}


def made(phrases: Phrases, form: TermsForm, *, border: bool) -> tuple[Terms | None, dict[str, str]]:
    """The terms, or what is wrong by field. Crossings mean that a border lies between."""
    try:
        terms = Terms.model_validate(form.model_dump() | {"border": border or bool(form.crossings)})
    except ValidationError as problem:
        return None, forms.wrong(problem, phrases)
    wrong = {fault.field: standing.told(phrases, fault) for fault in terms_faults(terms)}
    return (None, wrong) if wrong else (terms, {})
