"""What is wrong with a value is said in words that need no knowledge of this program's inside."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

import contracts.described  # noqa: F401 - registers every type
from contracts.community.v1 import Offering
from contracts.messages import Command, Message, Query, message_types
from contracts.mistakes import KINDS, PATTERNS, UNNAMED, sentence
from contracts.sentences import SENTENCES
from tests.support.booking import offering

ASKED = [kind for kind in message_types().values() if issubclass(kind, (Command, Query))]
INSIDE = re.compile(r"function-|Value error|[Tt]uple|regex|pattern|\\|\^|dict|instance|Input|should|[{}]")


def patterns(node: Any) -> Iterator[str]:
    """Every pattern of a schema."""
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for below in node.values():
            yield from patterns(below)
    elif isinstance(node, list):
        for below in node:
            yield from patterns(below)


@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.type)
def test_every_pattern_of_what_is_asked_has_words(kind: type[Message]) -> None:
    # of the schema alone: a time is parsed
    times = {r"^([01]\d|2[0-3]):[0-5]\d$", r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}
    assert set(patterns(kind.model_json_schema())) - times <= set(PATTERNS)


def spoiled(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of a document with what does not belong there."""
    for wrong in ("", "!", -1, 10**9, 1.5, True, [], {}, ["x"] * 200, {"x": 1}, "2569-01-01", "x" * 600):
        yield path, wrong
    for step, below in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from spoiled(below, (*path, step))


def put(node: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    """The document with this put in its place."""
    if not path:
        return wrong
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = put(node[path[0]], path[1:], wrong)
    return copy


def test_whatever_is_wrong_with_an_offering_is_said_plainly() -> None:
    whole, said = offering().wire(), set[str]()
    for path, wrong in spoiled(whole):
        try:
            Offering.model_validate(put(whole, path, wrong))
        except ValidationError as found:
            said |= {sentence(error) for error in found.errors()}
    assert len(said) > 20
    assert [text for text in said if INSIDE.search(text)] == []
    assert SENTENCES[UNNAMED] not in said


def test_a_sentence_that_is_made_of_limits_names_them() -> None:
    made = {kind for kind, text in KINDS.items() if callable(text)}
    assert {"greater_than_equal", "too_long", "literal_error", "string_pattern_mismatch"} <= made
