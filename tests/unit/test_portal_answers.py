"""Where a request is answered and until when, what stands in the way of an answer, and what is sent by hand."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import pytest

from contracts.border.v1 import DeclineReason
from contracts.referral.v1 import HandoffSummary, HandoffView, ListHandoffs, StoryLine
from services.client.phrases.vocabulary import WHY_NOT
from services.portal.pages.answered import why
from services.portal.pages.requests import ENDED, ended_before, under_way
from services.portal.site import sharing
from services.portal.site.handoffs import last_answer
from services.portal.site.listing import our_turn, page_of, until

EXAMPLES = Path(__file__).resolve().parents[2] / "contracts" / "examples"
AT = datetime(2026, 12, 8, 6, 52, tzinfo=UTC)


def _example(name: str) -> dict[str, Any]:
    return dict(json.loads((EXAMPLES / f"referral.answer.{name}.v1.json").read_text(encoding="utf-8")))


def line(**more: Any) -> HandoffSummary:
    return HandoffSummary.model_validate(_example("handoff_summary") | more)


def view(**more: Any) -> HandoffView:
    return HandoffView.model_validate(_example("handoff_view") | more)


def told(act: str, by: str = "bo-taen", state: str = "held", **more: Any) -> StoryLine:
    return StoryLine.model_validate({"at": AT, "act": act, "by": by, "state": state, **more})


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({}, "/answer"),
        ({"state": "offered"}, "/answer"),
        ({"side": "sender", "whose_move": "sender", "state": "countered"}, ""),
        ({"state": "countered", "whose_move": "sender"}, ""),
        ({"state": "departed"}, ""),
    ],
)
def test_only_what_waits_for_our_answer_leads_to_where_it_is_given(more: dict[str, Any], where: str) -> None:
    one = line(**more)
    assert page_of(one) == f"/handoffs/{one.referral_id}{where}"


def test_a_party_that_is_on_its_way_waits_for_its_welcome_and_not_for_an_answer() -> None:
    asked, coming = line(), line(state="departed")
    assert our_turn([coming, asked]) == (asked,)
    assert list(under_way([coming, asked])) == [coming]


def test_a_chance_ends_when_the_rules_say_so_and_else_with_the_deadline() -> None:
    acts = [act | {"until": "2026-12-08T13:50:00Z"} for act in _example("handoff_summary")["next_acts"]]
    assert until(line(next_acts=acts)) == datetime(2026, 12, 8, 13, 50, tzinfo=UTC)
    assert until(line(next_acts=[])) == datetime(2026, 12, 8, 14, tzinfo=UTC)


class _Listed:
    """A page whose community has these handoffs, newest first."""

    def __init__(self, count: int) -> None:
        self.lines = [line(referral_id=f"019aa1f0-2b10-7c3e-9d41-{n:012x}") for n in range(count, 0, -1)]

    async def list(self, asked: ListHandoffs) -> list[HandoffSummary]:
        behind = [each for each in self.lines if asked.before is None or each.referral_id < asked.before]
        return behind[: asked.limit]


@pytest.mark.parametrize(("count", "still_open"), [(0, 0), (10, 0), (11, 0), (75, 60), (130, 7)])
def test_every_handoff_that_has_ended_is_on_one_of_the_pages_once(count: int, still_open: int) -> None:
    page: Any = _Listed(count)
    before: str | None = None
    found: list[HandoffSummary] = []
    open_ones = {each.referral_id for each in page.lines[:still_open]}
    for _ in range(20):
        shown = asyncio.run(ended_before(page, "receiver", open_ones, before))
        assert len(shown.lines) <= ENDED
        found += shown.lines
        before = shown.older
        if before is None:
            break
    assert found == page.lines[still_open:]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"state": "countered"}, "answered"),
        ({"state": "accepted"}, "answered"),
        ({"state": "held", "wish": "extend"}, "answered"),
        ({"state": "declined", "reason": "closed", "story": (told("decline"),)}, "answered"),
        ({"state": "declined", "reason": "cut_off", "story": (told("hold_refused"),)}, "by_rule"),
        ({"state": "withdrawn", "reason": "no_answer"}, "withdrawn"),
        ({"state": "expired"}, "expired"),
        ({"state": "confirmed"}, ""),
        ({"state": "held"}, ""),
    ],
)
def test_what_stands_in_the_way_of_an_answer_is_told(more: dict[str, Any], kind: str) -> None:
    assert why(view(**more)) == kind


def test_the_newest_answer_of_our_side_counts_and_one_that_crossed_does_not() -> None:
    story = (
        told("handoff_offered", by="tha-li"), told("counter", account="sida"), told("counter_taken", by="tha-li"),
        told("decline", crossed=True, account="noi"),
    )  # fmt: skip
    found = last_answer(view(story=story))
    assert found is not None
    assert (found.act, found.account) == ("counter", "sida")
    assert last_answer(view(story=story[:1])) is None


def test_every_reason_to_choose_from_is_one_of_the_contract() -> None:
    assert set(WHY_NOT) - set(get_args(DeclineReason)) == set()


def test_a_text_goes_whole_into_the_links_that_send_it() -> None:
    text = "Handoff 7f3a21: ชุมชนบ่อแตน · 2 adults & 1 child #1"
    assert all(unquote(link).endswith(f"text={text}") for link in sharing.links(text).values())
    assert all("&" not in link and "#" not in link for link in sharing.links(text).values())
