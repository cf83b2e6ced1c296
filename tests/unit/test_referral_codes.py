"""What a record says is codes: enumerated in one place, each of them used, and what was kept before is still read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from contracts.border import v1 as border
from contracts.messages import BorderMessage
from contracts.referral.codes import (
    ABOUT,
    AttentionCode,
    BookingAct,
    OtherAct,
    OwnAct,
    PartnerAct,
    Request,
    StoryAct,
)
from services import referral
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import ACTS, SAID_BY, PendingRequest
from services.referral.domain.handoff.transitions import PARTNER_ACTS
from tests.support.booking import MARKET, item_of
from tests.support.referral import DAY, FRESH, record

SOURCES = [path for path in Path(referral.__file__).parent.rglob("*.py") if "migrations" not in path.parts]


def literals() -> Iterator[str]:
    """Every text in the sources of the service."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_acts_of_the_tables_are_the_acts_of_the_contract() -> None:
    assert ACTS.keys() == set(get_args(OwnAct))
    assert set(get_args(PendingRequest)) == {"", *get_args(Request)}


def test_whatever_a_counterpart_says_is_an_act() -> None:
    told: set[type[BorderMessage]] = {*SAID_BY, border.HandoffOffered, border.RecordStated}
    assert {kind.type.split(".")[1] for kind in told} == set(get_args(PartnerAct)) == PARTNER_ACTS.keys()


def test_each_code_of_an_act_and_of_trouble_is_used_somewhere() -> None:
    said = set(literals())
    assert {*get_args(BookingAct), *get_args(OtherAct), *get_args(OwnAct)} <= said
    assert set(get_args(AttentionCode)) <= said
    assert ABOUT.keys() <= set(get_args(AttentionCode))


def test_an_act_has_one_kind() -> None:
    every = [act for kind in get_args(StoryAct) for act in get_args(kind)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("no_room", needed("no_room")),
        ("late", needed("late")),
        ("counter refused: closed_weekday", needed("counter_refused", reason="closed_weekday")),
        ("accepted on other terms", needed("accepted_on_other_terms")),
        ("more arrived than were booked", needed("more_arrived_than_were_booked")),
        ("their record says no_show", needed("records_differ", theirs="no_show")),
        ("deadline refused: wrong_state", needed("deadline_refused", reason="wrong_state")),
        ("pass used twice", needed("pass_used_twice")),
        (None, None),
    ],
)
def test_a_record_that_was_kept_before_there_were_codes_is_read(sentence: str | None, read: Any) -> None:
    asked = record(
        state="held", pending_request="counter", pending_hold_id=FRESH, pending_items=(item_of(MARKET, DAY),)
    )
    before = asked.stored()
    del before["attention"]
    assert Record.read(before | {"marked": sentence}) == asked.replace(attention=read)


def test_a_record_is_kept_under_the_names_it_was_always_kept_under() -> None:
    kept = record(state="held", pending_request="extend", attention=needed("no_room")).stored()
    assert kept["wish"] == "extend"
    assert {"wished_hold_id", "wished_items"} <= kept.keys()
    assert not {"pending_request", "marked"} & kept.keys()
    assert Record.read(kept).attention == needed("no_room")


def test_a_sentence_that_no_version_wrote_is_no_record() -> None:
    with pytest.raises(ValueError, match="no version has written"):
        Record.read(record().stored() | {"marked": "something else"})
