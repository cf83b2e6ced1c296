"""One reader for all JSON from outside: strict, and it says where the mistake is."""

import json
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.booking.v1 import AskPools, SetException
from contracts.json_reader import DEEPEST, BadJson, read_json
from contracts.values import ClosingTime
from services.cli.verbs import importing
from services.client.problems import Problem

ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=12,
)


@given(ANY)
def test_what_others_write_is_read_as_they_wrote_it(document: object) -> None:
    assert read_json(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"a": 1, "a": 2}', "gives a twice"),
        (b'{"rows": [{"id": 1}, {"id": 1, "id": 2}]}', "gives rows.1.id twice"),
        ('{"ແກ້ວ": 1, "ແກ້ວ": 2}'.encode(), "gives (a field) twice"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too large"),
        (b'{"a": NaN}', "NaN, which is no number"),
        (b'{"a": 1,}', "line 1, column 9"),
        (b"[" * 100_000, f"more than {DEEPEST} deep"),
        (b"[" * 70 + b"]" * 70, f"more than {DEEPEST} deep"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_readers_take_differently_is_refused_with_its_place(body: bytes, sentence: str) -> None:
    with pytest.raises(BadJson) as bad:
        read_json(body)
    assert sentence in str(bad.value)


def test_a_file_may_begin_with_a_mark() -> None:
    assert read_json(b"\xef\xbb\xbf{}", may_have_mark=True) == {}


def test_a_file_that_nests_without_end_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_bytes(b"[" * 100_000)
    with pytest.raises(Problem, match="nested more than 60 deep"):
        importing.read(tmp_path / "deep.json")


@pytest.mark.parametrize(
    ("contract", "body"),
    [
        (SetException, '{"day": "2027-01-14", "kind": "capacity", "pool": "guests", "capacity": true, "reason": "r"}'),
        (SetException, '{"day": "2027-01-14", "kind": "capacity", "pool": "guests", "capacity": "4", "reason": "r"}'),
        (AskPools, '{"first": "2027-01-14T00:00:00", "last": "2027-01-15"}'),
        (AskPools, '{"first": 1799884800, "last": "2027-01-15"}'),
    ],
    ids=["true is no number", "text is no number", "a moment is no day", "a number is no day"],
)
def test_the_strict_reader_converts_no_value_of_another_type(contract: type, body: str) -> None:
    with pytest.raises(ValueError, match=r"must|should"):
        contract.model_validate_json(body, strict=True)  # type: ignore[attr-defined] # a contract, of either kind


@pytest.mark.parametrize(("text", "read"), [("24:00", time()), ("18:30", time(18, 30))])
def test_an_end_is_read_strictly_too(text: str, read: time) -> None:
    closes: TypeAdapter[time] = TypeAdapter(ClosingTime)
    assert closes.validate_json(json.dumps(text), strict=True) == closes.validate_python(text) == read
