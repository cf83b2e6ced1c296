"""What pages make of agencies: the form of terms, the groups of a list, what waits for the community's word."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from starlette.datastructures import FormData

from contracts.agencies.v1 import AgencyView, AgreementTerms, AgreementView
from contracts.booking.v1 import BookingSummary, BookingView
from services.client.phrases.catalogue import Phrases
from services.portal.pages import guests
from services.portal.site import agreements, club_writing, forms, pending
from services.portal.site.agreements import AgencyTermsForm, WithAgency
from tests.support.answers import example

EN, TODAY = Phrases.of("en"), date(2027, 1, 4)
AGENCY = AgencyView.read(example("agencies.answer.agency_view.v1"))
VIEW = example("agencies.answer.agreement_view.v1")


def with_agency(**changes: Any) -> WithAgency:
    return WithAgency(AGENCY, AgreementView.read(VIEW | changes))


def terms_of(**typed: Any) -> tuple[AgreementTerms | None, dict[str, str]]:
    """What is proposed when the usual form is sent with these changes."""
    shown = agreements.typed_of(None, TODAY) | typed
    given = {name: value for name, value in shown.items() if value not in ("", None) and value is not False}
    sent = FormData([(name, str(value)) for name, value in given.items()])
    filled = forms.filled(AgencyTermsForm, sent, EN)
    return agreements.made(EN, filled.value) if filled.value else (None, dict(filled.wrong))


@pytest.mark.parametrize(
    ("percent", "currency", "wanted"),
    [
        ("15.00", "LAK", ("100000.00", "15000.00", "85000.00")),
        ("7.25", "THB", ("1000.00", "72.50", "927.50")),
        ("0.01", "THB", ("1000.00", "0.10", "999.90")),
        ("0.00", "LAK", ("100000.00", "0.00", "100000.00")),
    ],
)
def test_what_terms_mean_is_reckoned_of_a_round_price(percent: str, currency: Any, wanted: tuple[str, ...]) -> None:
    terms = AgreementTerms(valid_from=TODAY, percent=percent)
    assert tuple(one.amount for one in club_writing.shared(terms, currency)) == wanted
    assert {one.currency for one in club_writing.shared(terms, currency)} == {currency}


def test_the_usual_terms_are_proposed_from_today_on() -> None:
    assert terms_of() == (AgreementTerms(valid_from=TODAY), {})


def test_every_term_that_is_typed_is_proposed() -> None:
    typed = {
        "rate": "net", "percent": "๑๒,๕ %", "cutoff_hours": "48", "on_request": "true", "answer_hours": "6",
        "valid_from": "2027-02-01", "valid_to": "2027-12-31",
    }  # fmt: skip
    wanted = AgreementTerms(
        rate="net", percent="12.50", cutoff_hours=48, confirmation="on_request", answer_hours=6,
        valid_from=date(2027, 2, 1), valid_to=date(2027, 12, 31),
    )  # fmt: skip
    assert terms_of(**typed) == (wanted, {})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"percent": "100"}, "percent"),
        ({"cutoff_hours": "9999"}, "cutoff_hours"),
        ({"rate": "free"}, "rate"),
        ({"valid_from": "2027-02-01", "valid_to": "2027-01-01"}, "valid_to"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed: dict[str, str], field: str) -> None:
    terms, wrong = terms_of(**typed)
    assert terms is None
    assert list(wrong) == [field]


def test_wrong_terms_are_told_as_the_form_takes_them() -> None:
    assert terms_of(percent="100")[1] == {"percent": "must be a percentage below 100, such as 5 or 7.50"}
    days = {"valid_from": "2027-02-01", "valid_to": "2027-01-01"}
    assert terms_of(**days)[1] == {"valid_to": "is before the first day"}


def test_the_form_shows_the_terms_there_are_and_no_day_that_is_over() -> None:
    shown = agreements.typed_of(AgreementTerms.model_validate(VIEW["terms"]), TODAY)
    assert (shown["rate"], shown["percent"], shown["on_request"]) == ("net", "20", True)
    assert shown["valid_from"] == "2027-01-04"


@pytest.mark.parametrize(
    ("changes", "group"),
    [
        ({"state": "proposed", "proposed_by": "agency"}, "to_us"),
        ({"state": "proposed", "proposed_by": "community"}, "by_us"),
        ({"state": "agreed"}, "active"),
        ({"state": "ended"}, "ended"),
    ],
)
def test_each_agreement_stands_in_its_group(changes: dict[str, str], group: str) -> None:
    assert with_agency(**changes).group == group
    assert WithAgency(AGENCY, None).group == "none"


def test_other_terms_are_not_what_was_looked_at() -> None:
    dearer = VIEW["terms"] | {"percent": "30.00"}
    assert with_agency().looked_at == with_agency(since="2027-01-01T00:00:00Z").looked_at
    assert with_agency().looked_at != with_agency(terms=dearer).looked_at


# what waits


def summary(**changes: Any) -> BookingSummary:
    return BookingSummary.read(example("booking.answer.booking_summary.v1") | {"agency": "mekong-tours"} | changes)


def test_only_agencies_bookings_that_wait_are_asked_about_the_nearest_deadline_first() -> None:
    later = summary(state="PENDING", expires_at="2027-01-06T02:00:00Z")
    sooner = summary(state="PENDING", expires_at="2027-01-05T02:00:00Z")
    others = [summary(state="PENDING", agency=None), summary(state="ON_HOLD"), summary(state="CONFIRMED")]
    assert pending.waiting([later, *others, sooner]) == [sooner, later]


@pytest.mark.parametrize(
    ("state", "agency", "acts"),
    [
        ("PENDING", "mekong-tours", ("approve", "reject")),
        ("ON_HOLD", "mekong-tours", ("cancel",)),
        ("ON_HOLD", None, ("confirm", "extend", "cancel")),
        ("CONFIRMED", "mekong-tours", ("cancel",)),
    ],
)
def test_what_an_agency_does_itself_is_not_done_for_it(state: str, agency: str | None, acts: tuple[str, ...]) -> None:
    told = example("booking.answer.booking_view.v1") | {"state": state, "agency": agency}
    assert guests.acts_of(BookingView.read(told), date(2026, 12, 1)) == acts
