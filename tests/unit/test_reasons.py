"""Reasons are said in a language; in English they are what the contracts say."""

from __future__ import annotations

from datetime import time

import pytest
from pydantic import ValidationError

from contracts import sentences
from contracts.booking.v1 import SetException
from contracts.sentences import Param
from services.client import reasons
from services.client.phrases.catalogue import Phrases

EN, TH, LO = (Phrases.of(language) for language in ("en", "th", "lo"))


@pytest.mark.parametrize(
    ("reason", "params"),
    [
        ("must_be_one_of", {"choices": ("a", "b", "c")}),
        ("must_be_one_of", {"choices": ("a",)}),
        ("say_which_start", {"experience_id": "x.y", "starts": ("06:00", "08:00")}),
        ("given_twice", {"more": 2}),
        ("at_most", {"most": 10_000}),
        ("delay_is_not_later", {"day": "2027-01-14", "time": time(10)}),
        ("not_in_this_state", {"state": "held", "act": "turn_back", "allowed": ("confirmed", "departed")}),
    ],
)
def test_a_reason_is_said_in_english_as_the_contracts_do(reason: str, params: dict[str, Param]) -> None:
    english = reasons.said(EN, reason, params)
    assert english == sentences.said(reason, params)
    assert len({english, reasons.said(TH, reason, params), reasons.said(LO, reason, params)}) == 3


def test_what_a_contract_does_not_take_is_said() -> None:
    with pytest.raises(ValidationError) as found:
        SetException.model_validate({"day": "2027-01-14", "kind": "closed", "reason": "road", "capacity": 99_999})
    (error,) = found.value.errors()
    assert reasons.of_mistake(EN, error) == "must be 10000 or less"
    assert "10000" in reasons.of_mistake(TH, error)
    assert "must" not in reasons.of_mistake(LO, error)
