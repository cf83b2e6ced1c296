"""The definitions judge: a whole body passes both, and each of them finds what is missing, wrong or unknown."""

import pytest

from tests.support.octo.examples import ANSWERS, BOOKING, DAY, PRICING, PRODUCT, SUPPLIER, changed
from tests.support.octo.official import OPERATIONS, Official

#: What each error says beside its code and its message.
ERRORS = {
    "INVALID_PRODUCT_ID": "productId",
    "INVALID_OPTION_ID": "optionId",
    "INVALID_UNIT_ID": "unitId",
    "INVALID_AVAILABILITY_ID": "availabilityId",
    "INVALID_BOOKING_UUID": "uuid",
    "BAD_REQUEST": "",
    "UNPROCESSABLE_ENTITY": "",
    "UNAUTHORIZED": "",
    "FORBIDDEN": "",
    "INTERNAL_SERVER_ERROR": "",
}
PRICED = PRODUCT | {"defaultCurrency": "THB", "availableCurrencies": ["THB"], "pricingPer": "UNIT"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_whole_answer_passes_and_one_that_lacks_a_field_does_not(official: Official, operation: str) -> None:
    body = ANSWERS[operation]
    official.check(operation, body)
    first = "0." if isinstance(body, list) else ""
    for field in body[0] if first else body:
        if field in ("product", "option", "timeZone"):  # the only ones that may be missing
            continue
        with pytest.raises(AssertionError) as refused:
            official.check(operation, changed(body, f"{first}{field}"))
        assert f"zod: {first}{field}: Required" in str(refused.value)
        assert f'"{field}" is a required property' in str(refused.value)


@pytest.mark.parametrize(
    ("path", "value", "by"),
    [
        ("utcCreatedAt", "2027-01-04T02:00:00+00:00", "zod"),
        ("utcCreatedAt", "yesterday", "openapi"),
        ("uuid", "no-uuid", "openapi"),
        ("contact.emailAddress", "", "openapi"),
        ("contact.locales", None, "openapi"),
        ("status", "HELD", "openapi"),
        ("unitItems.0.unit.restrictions.maxAge", None, "openapi"),
        ("option.availabilityLocalStartTimes", [], "openapi"),
        ("option.requiredContactFields", ["fullName"], "openapi"),
        ("availability.vacancies", "6", "zod"),
        ("voucher.deliveryOptions.0.colour", "red", "zod"),
        ("held_by", "thali", "zod"),
    ],
)
def test_a_value_that_is_wrong_or_unknown_is_named_by_its_path(
    official: Official, path: str, value: object, by: str
) -> None:
    with pytest.raises(AssertionError) as refused:
        official.check("booking", changed(BOOKING, path, value))
    assert f"{by}: {path}" in str(refused.value)


def test_what_may_be_null_may_be_null_and_nothing_else(official: Official) -> None:
    for path in ("availability", "voucher", "notes", "supplierReference", "utcExpiresAt"):
        official.check("booking", changed(BOOKING, path, None))
    with pytest.raises(AssertionError, match="openapi: endpoint"):
        official.check("supplier", changed(SUPPLIER, "endpoint", None))


def test_a_capability_brings_its_fields_when_it_is_on_and_only_then(official: Official) -> None:
    with pytest.raises(AssertionError, match="pricingPer"):
        official.check("product", PRICED)
    with pytest.raises(AssertionError, match=r'options\.0\.units\.0: "pricingFrom" is a required property'):
        official.check("product", PRICED, ["octo/pricing"])
    day = DAY | {"pricingFrom": PRICING, "unitPricingFrom": [PRICING | {"unitId": "adult"}]}
    official.check("calendar", [day], ["octo/pricing"])
    with pytest.raises(AssertionError, match="unitPricingFrom"):
        official.check("calendar", [changed(day, "unitPricingFrom")], ["octo/pricing"])


@pytest.mark.parametrize(("code", "field"), ERRORS.items())
def test_an_error_has_the_field_that_its_code_demands(official: Official, code: str, field: str) -> None:
    body = {"error": code, "errorMessage": "what to do"} | ({field: "x"} if field else {})
    official.check_error(body)
    with pytest.raises(AssertionError):
        official.check_error(changed(body, field or "errorMessage"))


def test_a_code_that_octo_does_not_have_is_no_error_of_it(official: Official) -> None:
    with pytest.raises(AssertionError, match="no schema zErrorNotFound"):
        official.check_error({"error": "NOT_FOUND", "errorMessage": "what to do"})
