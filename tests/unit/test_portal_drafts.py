"""A draft of an offer: what is still to be said, what a changed answer opens again, and what it becomes."""

from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.crossing.v1 import Travel
from contracts.values import Item, Party, Window
from services.portal.domain import drafts
from services.portal.domain.drafts import Draft

STAY = Item(experience_id="bo-taen.homestay", day=date(2027, 1, 14), start=time(15))
WINDOW = Window(day=date(2027, 1, 14), earliest=time(11), latest=time(13))
TRAVEL = Travel(nationality="thai", document="border_pass")
DONE: dict[str, Any] = {
    "to": "bo-taen",
    "wanted": ("bo-taen.homestay",),
    "items": (STAY,),
    "party": Party(adult=2, child=1),
    "language": "th",
    "arrival": WINDOW,
    "travel": TRAVEL,
    "crossing": "na-kraseng",
    "crossed": True,
    "driver": "sender",
    "needs": ("vegetarian",),
}


@pytest.mark.parametrize(
    ("lacks", "border", "step"),
    [
        ((), True, "check"),
        (("crossed",), True, "cross"),
        (("crossed",), False, "check"),
        (("travel",), True, "check"),  # it need not be said
        (("travel", "crossed"), True, "cross"),
        (("language",), True, "who"),
        (("arrival",), False, "who"),
        (("party", "items"), True, "what"),
    ],
)
def test_a_draft_is_taken_up_where_the_first_answer_is_missing(lacks: tuple[str, ...], border: bool, step: str) -> None:
    known = {name: value for name, value in DONE.items() if name not in lacks}
    assert drafts.open_step(Draft(**known), border=border) == step


def test_where_no_border_lies_between_nobody_is_asked_how_they_cross() -> None:
    assert drafts.steps(border=False) == tuple(step for step in drafts.steps(border=True) if step != "cross")


@pytest.mark.parametrize(
    "changes",
    [
        {"party": Party(adult=3)},
        {"travel": TRAVEL.model_copy(update={"document": "passport"})},
        {"items": (STAY.model_copy(update={"nights": 2}),)},
    ],
)
def test_what_the_crossing_depends_on_opens_it_again(changes: dict[str, object]) -> None:
    assert not Draft(**DONE).changed(**changes).crossed
    assert Draft(**DONE).changed(**changes).crossing == "na-kraseng", "the way is kept as the one to begin with"


def test_what_it_does_not_depend_on_leaves_it_as_it_is() -> None:
    assert Draft(**DONE).changed(needs=("halal",), language="lo", driver="party").crossed


def test_on_another_day_the_hours_of_arrival_are_asked_for_again() -> None:
    moved = Draft(**DONE).changed(items=(STAY.model_copy(update={"day": date(2027, 1, 15)}),))
    assert moved.arrival is None
    assert drafts.open_step(moved, border=True) == "who"


def test_a_finished_draft_is_the_offer_that_was_written() -> None:
    offer = drafts.offer(Draft(**DONE))
    assert (offer.to, offer.party, offer.items, offer.needs) == ("bo-taen", DONE["party"], (STAY,), ("vegetarian",))
    assert (offer.arrival, offer.crossing, offer.travel, offer.who_drives) == (WINDOW, "na-kraseng", TRAVEL, "sender")


def test_a_draft_of_nobody_is_no_offer() -> None:
    with pytest.raises(ValueError, match="nobody"):
        drafts.offer(Draft(to="bo-taen", items=(STAY,)))


@pytest.mark.parametrize("field", ["name", "phone", "note"])
def test_a_draft_has_no_place_for_a_person(field: str) -> None:
    with pytest.raises(ValidationError):
        Draft.model_validate({"to": "bo-taen", field: "Somebody"})


def test_what_is_kept_reads_back_the_same() -> None:
    draft = Draft(**DONE)
    assert Draft.model_validate_json(draft.model_dump_json()) == draft
