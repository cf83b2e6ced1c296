"""Each refusal is raised by a reason of the table, with what its sentence has places for; each reason is raised."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

from contracts.marking import N_
from contracts.mistakes import KINDS, PATTERNS, UNNAMED
from contracts.refusals import No, Refusal, Refused
from contracts.sentences import MORE, SENTENCES, said
from services.community.domain import agreement
from services.community.domain.partnership import STATES

ROOT = Path(__file__).parents[2]
#: What makes a refusal or a part of one, and where its reason and its first param stand.
MAKES = {"Refused": 1, "refusal": 1, "Fault": 1, "Mistake": 0, "Unfit": 0}
#: Where a reason comes from a table, and not from the line that raises it: module → what the table says.
BY_TABLE = {
    "services/community/domain/partnership.py": {advice for _, _, advice in STATES.values()},
    "services/community/domain/agreement.py": {advice for _, advice in agreement.STATES.values()},
    "services/community/handlers/shared.py": set[str](),  # a fault's own
    "services/chassis/messaging/requests.py": set[str](),  # a mistake's own
    "contracts/community/faults.py": set[str](),  # the same fault within a field
    "contracts/mistakes.py": {
        *PATTERNS.values(),
        *(kind for kind in KINDS.values() if isinstance(kind, str)),
        *("too_few_signs", "must_not_be_empty", "too_few_entries", "needs_an_entry", "not_written_so"),
        UNNAMED,
    },
    "services/referral/handlers/personal/consent.py": set[str](),  # a rule's own
    "services/referral/handlers/personal/contacts.py": set[str](),  # a rule's own
    "contracts/refusals.py": set[str](),  # the exception hands on what it was given
    "services/cli/input/mistyped.py": set[str](),  # a mistake's own
}
#: Words that a maker takes beside the params.
NO_PARAMS = {"field", "quote"}


class Raised(NamedTuple):
    """One place where a refusal is made."""

    where: str
    reason: str | None
    params: frozenset[str]
    open_params: bool


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("contracts", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module, names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node.func.id, node


def raised() -> Iterator[Raised]:
    for module, tree in sources():
        for name, call in calls(tree, set(MAKES)):
            if len(call.args) <= MAKES[name]:
                continue  # another function of that name
            reason = call.args[MAKES[name]]
            words = {keyword.arg for keyword in call.keywords if keyword.arg} - NO_PARAMS
            if name == "Mistake" and len(call.args) > 1 and isinstance(call.args[1], ast.Dict):
                words |= {text for key in call.args[1].keys if (text := _text(key)) is not None}
            text = _text(reason)
            unpacked = any(keyword.arg is None for keyword in call.keywords)
            yield Raised(f"{module}:{call.lineno}", text, frozenset(words), unpacked)


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


RAISED = list(raised())


def placeholders(reason: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(SENTENCES[reason]) if name}


def test_a_reason_that_is_written_out_stands_in_the_table_with_exactly_what_it_is_given() -> None:
    written = [(one, one.reason) for one in RAISED if one.reason is not None]
    assert len(written) > 90
    assert [one for one, reason in written if reason not in SENTENCES] == []
    for one, reason in written:
        places = placeholders(reason)
        assert one.params <= places if one.open_params else one.params == places, one


def test_a_reason_that_is_not_written_out_comes_from_a_table() -> None:
    assert {one.where.partition(":")[0] for one in RAISED if one.reason is None} <= BY_TABLE.keys()
    for module, reasons in BY_TABLE.items():
        assert reasons <= SENTENCES.keys(), module


def test_every_reason_of_the_table_is_raised_somewhere() -> None:
    used = {one.reason for one in RAISED} | set().union(*BY_TABLE.values())
    assert sorted(SENTENCES.keys() - used) == []


def test_no_sentence_of_a_refusal_is_written_by_hand() -> None:
    by_hand = [
        f"{module}:{call.lineno}"
        for module, tree in sources()
        if module != "contracts/refusals.py"
        for _, call in calls(tree, {"Refusal"})
    ]
    assert by_hand == []


def test_what_is_quoted_is_another_programs_sentence() -> None:
    """A quote passes on what something else has said: nobody writes one."""
    quoted = [
        ast.unparse(keyword.value)
        for _, tree in sources()
        for _, call in calls(tree, set(MAKES))
        for keyword in call.keywords
        if keyword.arg == "quote" and ast.unparse(keyword.value) not in ("None", "quote")
    ]
    assert sorted(quoted) == [
        "describe(problem)",
        "f'{field}: {wrong.sentence}'",
        "str(problem)",
        "str(problem)",
        "str(problem)",
        "str(problem.args[0])",
    ]


@pytest.mark.parametrize("reason", SENTENCES)
def test_a_reasons_sentence_is_trimmed_and_without_a_full_stop(reason: str) -> None:
    assert SENTENCES[reason] == SENTENCES[reason].strip()
    assert not SENTENCES[reason].endswith(".")
    assert N_(SENTENCES[reason]) is SENTENCES[reason]


def test_no_two_reasons_say_the_same() -> None:
    same = [reason for reason in SENTENCES if list(SENTENCES.values()).count(SENTENCES[reason]) > 1]
    assert same == []


def test_params_are_written_in_english_and_sent_as_values() -> None:
    day, at = date(2027, 1, 14), time(10)
    late = Refused(No.INVALID, "delay_is_not_later", "arrival", day=day, time=at).refusal
    assert late.message.startswith("they are expected on 2027-01-14 from 10:00, a delay is later")
    assert late.params == {"day": "2027-01-14", "time": "10:00"}
    assert Refusal.model_validate_json(late.model_dump_json()) == late
    wrong = Refused(
        No.WRONG_STATE, "not_in_this_state", state="held", act="turn_back", allowed=("confirmed", "departed")
    )
    assert wrong.refusal.message == "it is held; to turn back it must be confirmed, departed"
    assert wrong.refusal.params == {"state": "held", "act": "turn_back", "allowed": ("confirmed", "departed")}
    assert Refusal.model_validate_json(wrong.refusal.model_dump_json()) == wrong.refusal


def test_a_refusal_of_an_older_node_has_no_reason() -> None:
    assert Refusal.read({"code": "no_room", "message": "no"}).reason is None


def test_alternatives_are_joined_with_or() -> None:
    assert said("must_be_one_of", {"choices": ("a",)}) == "must be 'a'"
    assert said("must_be_one_of", {"choices": ("a", "b", "c")}) == "must be 'a', 'b' or 'c'"
    assert said("say_which_start", {"experience_id": "x.y", "starts": ("06:00", "08:00")}).endswith(
        "06:00 or 08:00: say which"
    )
    assert said("given_twice", {MORE: 2}) == "an entry is given twice: give each once (2 more to correct)"


@pytest.mark.parametrize("reason", SENTENCES)
def test_every_reason_fits_into_a_refusal(reason: str) -> None:
    assert Refusal(code=No.INVALID, message="…", reason=reason).reason == reason
