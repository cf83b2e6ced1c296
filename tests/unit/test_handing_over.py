"""Whether an agency may hand over today, by the day of the community that it acts for, and how a page says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from contracts.agencies.v1 import AgreementTerms, HandingOver
from contracts.referral.codes import OwnAct
from contracts.referral.next_acts import NextAct
from contracts.referral.v1 import StoryLine
from contracts.refusals import Refused
from services.agency_api.own.handoff_asked import CounterTaken, Delaying, HandoffOffer, Withdrawing
from services.portal.pages.handoff import story
from services.referral.domain.handoff import handing_over, viewing
from services.referral.domain.handoff.handing_over import AGENCY_ACTS, Authority
from services.referral.domain.handoff.states import ACTS
from tests.support.handing_over import MEKONG, offer
from tests.support.referral import NOW, RECEIVER, SENDER, record

FIRST = date(2027, 1, 4)


def authority(**terms: Any) -> Authority:
    return Authority(AgreementTerms(valid_from=FIRST, **({"hand_over": HandingOver()} | terms)), "Asia/Bangkok")


@pytest.mark.parametrize(
    ("hour", "may"), [(datetime(2027, 1, 3, 16, 59, tzinfo=UTC), False), (datetime(2027, 1, 3, 17, tzinfo=UTC), True)]
)
def test_the_day_begins_where_the_community_is(hour: datetime, may: bool) -> None:
    assert handing_over.covers(authority(), RECEIVER, hour) is may


def test_the_last_day_counts_and_the_next_does_not() -> None:
    agreed = authority(valid_to=FIRST)
    assert handing_over.covers(agreed, RECEIVER, datetime(2027, 1, 4, 16, 59, tzinfo=UTC))
    assert not handing_over.covers(agreed, RECEIVER, datetime(2027, 1, 4, 17, tzinfo=UTC))


def test_so_many_may_be_open_and_not_one_more() -> None:
    agreed = HandingOver(most_open=2)
    handing_over.may_offer(agreed, SENDER, 1)
    with pytest.raises(Refused) as no:
        handing_over.may_offer(agreed, SENDER, 2)
    assert no.value.refusal.params == {"most": 2, "community": SENDER}


def test_an_agency_does_nothing_but_a_senders_acts_before_arrival_and_no_consent() -> None:
    assert {act for act, rule in ACTS.items() if rule.side == "sender"} - AGENCY_ACTS == {
        "consent", "refuse_consent", "withdraw_consent", "depart", "turn_back",
    }  # fmt: skip
    assert {ACTS[act].side for act in ACTS if act in AGENCY_ACTS} == {"sender"}


def test_what_waits_for_the_community_is_shown_and_what_else_it_can_do_is_not() -> None:
    acts: tuple[tuple[OwnAct, bool], ...] = (("consent", True), ("withdraw", False), ("withdraw_consent", False))
    shown = handing_over.next_acts((NextAct(act=act, is_move=move) for act, move in acts), authorised=True)
    assert [(one.act, one.by_agency) for one in shown] == [("consent", False), ("withdraw", True)]


def test_the_same_request_has_the_same_digest_and_another_has_another() -> None:
    one = offer()
    assert handing_over.asked(one) == handing_over.asked(one.model_copy())
    assert handing_over.asked(one) != handing_over.asked(one.model_copy(update={"language": "lo"}))


@pytest.mark.parametrize("body", [HandoffOffer, Withdrawing, CounterTaken, Delaying])
def test_nothing_that_an_agency_sends_can_be_written_freely(body: type[BaseModel]) -> None:
    """So no traveller can be named in it, and none stands in a log, a table or a message."""
    texts = [node for node in nodes(body.model_json_schema()) if node.get("type") == "string"]
    assert [node for node in texts if not node.keys() & {"pattern", "enum", "const", "format"}] == []


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema, however deep."""
    if isinstance(schema, dict):
        yield schema
    if isinstance(schema, dict | list):
        for part in schema.values() if isinstance(schema, dict) else schema:
            yield from nodes(part)


def test_a_story_names_the_agency_as_its_community_calls_it() -> None:
    lines = [
        StoryLine(at=NOW, act="offer", by=SENDER, state="offered", agency=MEKONG.agency),
        StoryLine(at=NOW + timedelta(minutes=1), act="withdraw", by=SENDER, state="withdrawn", account="noi"),
    ]
    view = viewing.view(record("sender", "withdrawn"), None, NOW, story=lines, sent=2, seen=0, partner_seen=2)
    told = story(view, {"noi": "Noi"}, {MEKONG.agency: "Mekong Tours"})
    assert [line.by for line in told] == ["Mekong Tours", "Noi"]
    assert story(view, {}, {})[0].by == MEKONG.agency
