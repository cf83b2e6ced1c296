"""What is wrong with a value, in a sentence for somebody who has never seen this program from inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

#: Pattern of a contract → what it asks for.
PATTERNS: Mapping[str, str] = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "must be small letters a to z, digits and single hyphens, such as bo-taen",
    r"^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$": (
        "must be the community's id, a dot and a name of its own, such as bo-taen.homestay"
    ),
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": "must be a whole id of 36 signs",
    r"^[a-z][a-z0-9_]*$": "must be small letters, digits and underscores, such as step_free",
    r"^[a-z]{2,3}$": "must be a language code of two or three small letters, such as th",
    r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$": "must be an amount such as 800000.00, without spaces or commas",
    r"^[0-9]{1,2}\.[0-9]{2}$": "must be a percentage with two decimals, such as 5.00",
    r"^[0-9a-f-]{4,36}$": "must be an id, or at least its last four signs",
    r"^[0-9a-f]{64}$": "must be a digest of 64 signs",
    r"^[A-Za-z0-9_-]{43}$": "must be a public key of 43 signs",
    r"^[A-Za-z0-9_-]+$": "must be sealed text, as the program that seals writes it",
    r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?$": "must be a year, a month or a day, such as 2026-11",
    r"^P[0-9]{1,3}[YMD]$": "must be a length of time such as P6M (six months), P30D or P1Y",
    r"^[0-9A-Z $%*+./:-]+$": "must be a pass, whole, as its picture says it",
    r"^[A-HJ-NP-Z2-9]{6}$": "must be a code of six signs, without 0, O, 1 and I",
    r"^(TH|LA)-[0-9A-Z]{1,3}$": "must be the code of a province, such as TH-42 or LA-XA",
}
_DATE = "must be a day such as 2027-01-14"
_TIME = "must be a time such as 09:30"
_MOMENT = "must be a moment with its zone, such as 2027-01-14T09:30:00+07:00"
_NUMBER, _WHOLE = "must be a number", "must be a whole number"
_TEXT, _LIST, _OBJECT = "must be text", "must be a list", "must have fields of its own"
_YES_NO = "must be true or false"
#: Type of pydantic's error → the sentence, filled with what the error says of its limits.
SENTENCES: Mapping[str, str | Callable[[Mapping[str, Any]], str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here: remove it",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _YES_NO),
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), _TEXT),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DATE),
    **dict.fromkeys(("time_type", "time_parsing"), _TIME),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _MOMENT),
    **dict.fromkeys(("timezone_aware", "timezone_naive", "datetime_object_invalid"), _MOMENT),
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "iterable_type"), _LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"), _OBJECT),
    "greater_than_equal": lambda about: f"must be {about['ge']} or more",
    "greater_than": lambda about: f"must be more than {about['gt']}",
    "less_than_equal": lambda about: f"must be {about['le']} or less",
    "less_than": lambda about: f"must be less than {about['lt']}",
    "string_too_short": lambda about: _at_least(about["min_length"], "sign", "must not be empty"),
    "string_too_long": lambda about: f"has at most {about['max_length']} signs",
    "too_short": lambda about: _at_least(about["min_length"], "entry", "needs at least one entry"),
    "too_long": lambda about: f"has at most {about['max_length']} entries",
    "literal_error": lambda about: f"must be {about['expected']}",
    "enum": lambda about: f"must be {about['expected']}",
    "string_pattern_mismatch": lambda about: PATTERNS.get(about["pattern"], "is not written as it must be"),
    "value_error": lambda about: str(about["error"]),
    "assertion_error": lambda about: str(about["error"]),
    "union_tag_invalid": lambda about: f"must be one of {about['expected_tags']}",
    "union_tag_not_found": "does not say which kind it is",
    "json_invalid": "is not JSON",
}
UNNAMED = "is not what is expected here"


def sentence(error: ErrorDetails) -> str:
    """What is wrong, without the field and without the value."""
    found = SENTENCES.get(error["type"], UNNAMED)
    return found if isinstance(found, str) else found(error.get("ctx", {}))


def _at_least(count: int, what: str, one: str) -> str:
    return one if count == 1 else f"needs at least {count} {what}s" if what != "entry" else f"needs {count} entries"
