"""What is wrong with a value, as a code and as a sentence for users."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import ErrorDetails

from contracts.sentences import Param, Unfit, said

#: Pattern of a contract → the reason to give where it is not met.
PATTERNS: Mapping[str, str] = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "must_be_slug",
    r"^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$": "must_be_experience_id",
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": "must_be_whole_id",
    r"^[a-z][a-z0-9_]*$": "must_be_code",
    r"^[a-z]{2,3}$": "must_be_language",
    r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$": "must_be_amount",
    r"^-?[0-9]{1,24}\.[0-9]{2}$": "must_be_amount",
    r"^[0-9]{1,2}\.[0-9]{2}$": "must_be_percentage",
    r"^[0-9a-f-]{4,36}$": "must_be_id_or_end",
    r"^[0-9a-f]{64}$": "must_be_digest",
    r"^\$argon2id\$[!-~]{20,240}$": "must_be_password_hash",
    r"^[A-Za-z0-9_-]{43}$": "must_be_public_key",
    r"^[A-Za-z0-9_-]+$": "must_be_sealed",
    r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?$": "must_be_date_part",
    r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$": "must_be_month",
    r"^P[0-9]{1,3}[YMD]$": "must_be_length_of_time",
    r"^[0-9A-Z $%*+./:-]+$": "must_be_pass",
    r"^[A-HJ-NP-Z2-9]{6}$": "must_be_short_code",
    r"^[0-9a-f]{6}$": "must_be_booking_reference",
    r"^(TH|LA)-[0-9A-Z]{1,3}$": "must_be_province",
    r"^[a-z2-7]{10}$": "must_be_key_prefix",
    r"^https?://[!-~]{3,200}$": "must_be_web_address",
    r"^[^@\s]{1,64}@[A-Za-z0-9.-]{3,120}$": "must_be_mail_address",
    r"^\+[1-9][0-9]{6,14}$": "must_be_telephone",
    r"^[A-Za-z0-9._/-]{1,40}$": "must_be_reference",
}


class Mistake(NamedTuple):
    """Why a value is not taken; `quote` when a rule of its own says it in its own words."""

    reason: str
    params: Mapping[str, Param] = {}
    quote: str | None = None

    @property
    def sentence(self) -> str:
        """What is wrong, without the field and without the value."""
        return said(self.reason, self.params) if self.quote is None else self.quote


About = Mapping[str, Any]
#: Type of pydantic's error → the reason, or how to make the mistake of what the error says of its limits.
KINDS: Mapping[str, str | Callable[[About], Mistake]] = {
    "missing": "missing",
    "extra_forbidden": "extra_forbidden",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "must_be_whole"),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"), "must_be_number"
    ),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must_be_yes_or_no"),
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), "must_be_text"),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), "must_be_day"
    ),
    **dict.fromkeys(("time_type", "time_parsing"), "must_be_time"),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), "must_be_moment"),
    **dict.fromkeys(("timezone_aware", "timezone_naive", "datetime_object_invalid"), "must_be_moment"),
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "iterable_type"), "must_be_list"),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"), "must_have_fields"
    ),
    "greater_than_equal": lambda about: Mistake("at_least", {"least": _limit(about["ge"])}),
    "greater_than": lambda about: Mistake("more_than", {"bound": _limit(about["gt"])}),
    "less_than_equal": lambda about: Mistake("at_most", {"most": _limit(about["le"])}),
    "less_than": lambda about: Mistake("less_than", {"bound": _limit(about["lt"])}),
    "string_too_short": lambda about: _too_few(about["min_length"], "too_few_signs", "must_not_be_empty"),
    "string_too_long": lambda about: Mistake("too_many_signs", {"most": about["max_length"]}),
    "too_short": lambda about: _too_few(about["min_length"], "too_few_entries", "needs_an_entry"),
    "too_long": lambda about: Mistake("too_many_entries", {"most": about["max_length"]}),
    **dict.fromkeys(("literal_error", "enum"), lambda about: _one_of(about["expected"])),
    "string_pattern_mismatch": lambda about: Mistake(PATTERNS.get(about["pattern"], "not_written_so")),
    **dict.fromkeys(("value_error", "assertion_error"), lambda about: _unfit(about["error"])),
    "union_tag_invalid": lambda about: Mistake("must_be_of_kind", {"kinds": _words(about["expected_tags"])}),
    "union_tag_not_found": "kind_not_said",
    "json_invalid": "not_json",
}
UNNAMED = "not_expected"


def mistake(error: ErrorDetails) -> Mistake:
    """What is wrong, without the field and without the value."""
    found = KINDS.get(error["type"], UNNAMED)
    return Mistake(found) if isinstance(found, str) else found(error.get("ctx", {}))


def sentence(error: ErrorDetails) -> str:
    """The same in English."""
    return mistake(error).sentence


def _too_few(count: int, reason: str, one: str) -> Mistake:
    return Mistake(one) if count == 1 else Mistake(reason, {"least": count})


def _unfit(problem: Exception) -> Mistake:
    """What a rule beside the shape has said."""
    if isinstance(problem, Unfit):
        return Mistake(problem.reason, problem.params)
    return Mistake("not_valid", quote=str(problem))


def _one_of(expected: str) -> Mistake:
    """Numbers stand there without quotation marks, and are said as they stand."""
    words = _words(expected)
    quote = None if words else f"must be {expected}"
    return Mistake("must_be_one_of", {"choices": words or (expected,)}, quote)


def _limit(bound: Any) -> Param:
    return bound if isinstance(bound, int) else str(bound)


def _words(expected: str) -> tuple[str, ...]:
    """The words of a list that pydantic has written: each between quotation marks."""
    return tuple(re.findall(r"'([^']*)'", expected))
