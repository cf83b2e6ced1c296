"""Whatever ends an operation of `/v1` is a problem of RFC 9457 that says what to do, and nothing of what was sent."""

import logging
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from contracts.refusals import No, Refusal, refusal
from services.agency_api.own import problems
from services.agency_api.own.asked import AskedCalendars, Proposal
from services.agency_api.own.paging import BadCursor
from services.agency_api.site.repeating import InFlight, OtherRequest
from services.chassis.storage.failures import DatabaseUnavailable
from services.client.answers import refused
from services.client.phrases.catalogue import Phrases

ENGLISH = Phrases.of("en")


def failure(found: Exception) -> problems.Failed:
    return problems.failure(found, ENGLISH)


@pytest.mark.parametrize(
    ("found", "kind", "retry"),
    [
        (DatabaseUnavailable("away"), problems.AWAY, "2"),
        (InFlight(), problems.IN_FLIGHT, "1"),
        (OtherRequest(), problems.REUSED, None),
        (BadCursor(), problems.BAD_CURSOR, None),
        (HTTPException(400), problems.INVALID, None),
        (refused(refusal(No.WRONG_STATE, "own_terms_wait", "agency")), problems.WRONG_STATE, None),
        (refused(refusal(No.CONFLICT, "own_id_used_for_other", "agency_ref")), problems.UUID_USED, None),
        (refused(refusal(No.CONFLICT, "other_terms_wait", "terms")), problems.CONFLICT, None),
        (refused(refusal(No.UNKNOWN, "no_agreement", "agency")), problems.NOT_FOUND, None),
        (refused(refusal(No.NOT_ALLOWED, "not_your_side", "side")), problems.FORBIDDEN, None),
    ],
)
def test_everything_that_can_happen_has_its_type_and_says_when_to_ask_again(
    found: Exception, kind: problems.Kind, retry: str | None
) -> None:
    said = failure(found)
    assert said.problem.type == f"urn:handoff:problem:{kind.name}"
    assert (said.problem.status, said.problem.title) == (kind.status, kind.title)
    assert said.headers.get("Retry-After") == retry


@pytest.mark.parametrize("code", [No.UNAVAILABLE, No.NOT_KNOWN_YET])
def test_what_is_open_is_to_be_asked_again(code: No) -> None:
    said = failure(refused(refusal(code, "no_agreement", "agency")))
    assert (said.problem.status, said.headers["Retry-After"]) == (503, "2")


def test_types_are_told_apart() -> None:
    assert len({kind.name for kind in problems.KINDS}) == len(problems.KINDS)


def test_what_nobody_expected_is_noted_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        said = failure(KeyError("Anna Example"))
    assert said.problem.status == 500
    assert "Anna" not in said.problem.model_dump_json()
    assert [record.message for record in caplog.records] == ["an operation failed"]


def unreadable(model: Any, **given: Any) -> RequestValidationError:
    try:
        model.model_validate(given)
    except ValidationError as wrong:
        return RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in wrong.errors()])
    raise AssertionError("it can be read")


DAYS = {"first": "2027-02-01", "last": "2027-02-02"}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("product_ids", {**DAYS, "product_ids": []}),
        ("first", {**DAYS, "product_ids": ["a.b"], "first": 946684800}),
        ("first", {**DAYS, "product_ids": ["a.b"], "first": "946684800"}),
        ("nights", {**DAYS, "product_ids": ["a.b"], "nights": True}),
        ("nights", {**DAYS, "product_ids": ["a.b"], "nights": "2"}),
        ("party.infants", {**DAYS, "product_ids": ["a.b"], "party": {"adults": 1, "infants": False}}),
        ("colour", {**DAYS, "colour": "red", "product_ids": []}),
        ("?", {**DAYS, "product_ids": ["a.b"], "<script>": 1}),
    ],
)
def test_a_body_that_does_not_fit_names_the_field_and_quotes_nothing_else(field: str, given: dict[str, Any]) -> None:
    said = failure(unreadable(AskedCalendars, **given))
    assert said.problem.field == field
    assert said.problem.detail.startswith(f"{field}: ")
    assert not any(value in said.problem.detail for value in ("script", "red", "946684800"))


def test_a_rule_beside_the_shape_is_said_in_the_readers_language() -> None:
    wrong = unreadable(Proposal, community="bo-taen", terms={"valid_from": "2027-02-02", "valid_to": "2027-02-01"})
    details = [problems.failure(wrong, Phrases.of(language)).problem.detail for language in ("en", "th", "lo")]
    assert len(set(details)) == 3
    assert all(each.startswith("terms: ") for each in details)


@pytest.mark.parametrize(
    ("no", "says"),
    [
        (refusal(No.NOT_PARTNERS, "no_agreed_partnership", "to", partner="wat-phu"), "/partners lists them"),
        (
            refusal(No.INVALID, "not_offered_by_partner", "items", partner="bo-taen", experience_id="bo-taen.no"),
            "bo-taen offers no bo-taen.no: GET /v1/communities/{community}/partners lists",
        ),
    ],
)
def test_what_is_asked_for_in_vain_says_where_it_is_listed(no: Refusal, says: str) -> None:
    assert says in failure(refused(no)).problem.detail


def test_terms_that_are_refused_are_named_down_to_the_line() -> None:
    field = "terms.hand_over.partners.0"
    no = refusal(No.INVALID, "hands_to_no_partner", field, community="bo-taen", partner="wat-phu")
    assert failure(refused(no)).problem.field == field
