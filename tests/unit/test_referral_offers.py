"""Making an offer: what is filled in for the sender, and which field is named when it cannot be made."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from contracts.border import v1 as border
from contracts.community.v1 import Offering, Terms
from contracts.refusals import No, Refused
from contracts.values import Money, Window
from services.referral.domain.handoff import offers
from services.referral.domain.handoff.record import Record
from tests.support.booking import FAMILY, HOMESTAY, MARKET, RAFT, item_of, offering
from tests.support.referral import DAY, NOW, RECEIVER, SENDER, TERMS, WISHED, record, wanted

BORDER = TERMS.model_copy(update={"border": True, "crossings": ("na-kraseng", "nong-khai")})
NIGHT = item_of(HOMESTAY, DAY)


def made(
    *items: Any, terms: Terms | None = TERMS, catalogue: Offering | None = None, now: datetime = NOW, **given: Any
) -> tuple[Record, border.HandoffOffered]:
    return offers.make(
        wanted(*(items or (NIGHT,)), **given),
        community=SENDER,
        terms=terms,
        catalogue=catalogue or offering(),
        referral_id=WISHED,
        now=now,
    )


REFUSED: dict[str, tuple[dict[str, Any], No, str]] = {
    "to oneself": ({"to": SENDER}, No.INVALID, "to"),
    "without a partnership": ({"terms": None}, No.NOT_PARTNERS, "to"),
    "before the terms begin": (
        {"terms": TERMS.model_copy(update={"valid_from": date(2027, 1, 5)})},
        No.NOT_PARTNERS,
        "to",
    ),
    "after the terms have ended": (
        {"terms": TERMS.model_copy(update={"valid_to": date(2027, 1, 3)})},
        No.NOT_PARTNERS,
        "to",
    ),
    "an answer that is due already": ({"answer_by": NOW}, No.INVALID, "answer_by"),
    "an answer in more than 14 days": (
        {"answer_by": NOW + timedelta(days=14, microseconds=1)},
        No.INVALID,
        "answer_by",
    ),
    "a border without a crossing": ({"terms": BORDER}, No.INVALID, "crossing"),
    "a crossing that is not agreed": ({"terms": BORDER, "crossing": "chong-mek"}, No.INVALID, "crossing"),
    "a total in another currency": (
        {"expected_total": Money(amount="800.00", currency="THB")},
        No.INVALID,
        "expected_total",
    ),
    "a total below zero": (
        {"expected_total": Money(amount="-1.00", currency="LAK")},
        No.INVALID,
        "expected_total",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_offer_that_cannot_be_made_names_its_field(name: str) -> None:
    given, code, field = REFUSED[name]
    with pytest.raises(Refused) as no:
        made(**given)
    assert (no.value.refusal.code, no.value.refusal.field) == (code, field)


def test_the_item_that_is_not_offered_is_named() -> None:
    with pytest.raises(Refused) as no:
        made(NIGHT, item_of("bo-taen.nothing", DAY))
    assert (no.value.refusal.code, no.value.refusal.field) == (No.UNKNOWN, "items.1.experience_id")


def test_without_a_shared_catalogue_there_is_nothing_to_choose_from() -> None:
    with pytest.raises(Refused) as no:
        offers.make(wanted(NIGHT), community=SENDER, terms=TERMS, catalogue=None, referral_id=WISHED, now=NOW)
    assert (no.value.refusal.code, no.value.refusal.field) == (No.UNKNOWN, "to")


def test_what_the_sender_leaves_out_is_filled_in() -> None:
    ours, told = made(item_of(MARKET, DAY + timedelta(days=1)), NIGHT, party=FAMILY)
    assert told.answer_by == NOW + timedelta(hours=TERMS.response_hours)
    assert told.expected_total == Money(amount="800000.00", currency="LAK")
    assert told.arrival == Window(day=DAY, earliest=time(8), latest=time(18))
    assert (ours.state, ours.side, ours.partner, ours.expected_total) == (
        "offered",
        "sender",
        RECEIVER,
        told.expected_total,
    )


@pytest.mark.parametrize(
    ("limits", "earliest", "latest"),
    [
        ({"arrive_from": time(19)}, time(19), time(19)),
        ({"arrive_until": time(7)}, time(7), time(7)),
        ({"arrive_from": time(9), "arrive_until": time(16, 30)}, time(9), time(16, 30)),
    ],
)
def test_the_arrival_is_when_the_receiver_lets_parties_in(limits: dict[str, Any], earliest: time, latest: time) -> None:
    _, told = made(catalogue=offering(**limits))
    assert told.arrival == Window(day=DAY, earliest=earliest, latest=latest)


@pytest.mark.parametrize(
    ("crossings", "given", "told"),
    [
        (("na-kraseng",), None, "na-kraseng"),
        (("na-kraseng", "nong-khai"), "nong-khai", "nong-khai"),
        ((), None, None),
        ((), "unheard-of", "unheard-of"),
    ],
)
def test_the_only_agreed_crossing_is_taken_and_where_none_is_agreed_it_may_be_unknown(
    crossings: tuple[str, ...], given: str | None, told: str | None
) -> None:
    terms = TERMS.model_copy(update={"border": True, "crossings": crossings})
    assert made(terms=terms, crossing=given)[1].crossing == told


def test_terms_hold_from_midnight_where_the_receiver_lives() -> None:
    terms = TERMS.model_copy(update={"valid_from": date(2027, 1, 4), "valid_to": date(2027, 1, 4)})
    midnight = datetime(2027, 1, 3, 17, tzinfo=UTC)
    day, just = timedelta(days=1), timedelta(microseconds=1)
    holds = [offers.in_force(terms, at, "Asia/Vientiane") for at in (midnight - just, midnight, midnight + day - just)]
    assert holds == [False, True, True]
    assert not offers.in_force(terms, midnight + day, "Asia/Vientiane")


def test_the_receivers_record_keeps_the_terms_of_its_own_side() -> None:
    _, told = made()
    terms = TERMS.model_copy(update={"auto_accept": True})
    theirs = offers.received(told, host=offering(), partner=SENDER, referral_id=WISHED, terms=terms)
    assert (theirs.side, theirs.community, theirs.auto_accept, theirs.fee_percent) == (
        "receiver",
        RECEIVER,
        True,
        "5.00",
    )
    strangers = offers.received(told, host=offering(), partner=SENDER, referral_id=WISHED, terms=None)
    assert (strangers.auto_accept, strangers.fee_percent) == (False, "0.00")


@pytest.mark.parametrize(
    ("old", "code"),
    [
        (None, No.UNKNOWN),
        (record("receiver", "confirmed"), No.UNKNOWN),
        (record("sender", "confirmed", partner="sam-ngao"), No.UNKNOWN),
        (record("sender", "departed"), No.WRONG_STATE),
        (record("sender", "completed"), No.WRONG_STATE),
    ],
)
def test_only_ones_own_handoff_that_is_not_under_way_may_be_replaced(old: Record | None, code: No) -> None:
    with pytest.raises(Refused) as no:
        offers.may_replace(old, RECEIVER, None)
    assert (no.value.refusal.code, no.value.refusal.field) == (code, "replaces")
    offers.may_replace(record("sender", "confirmed"), RECEIVER, None)


def test_a_single_start_may_be_left_out_and_is_told_and_one_of_several_must_be_named() -> None:
    mine, told = made(NIGHT, item_of(RAFT, DAY, start=time(13)))
    assert [item.start for item in told.items] == [time(15), time(13)]
    assert mine.items == told.items
    with pytest.raises(Refused) as no:
        made(NIGHT, item_of(RAFT, DAY))
    refusal = no.value.refusal
    assert (refusal.code, refusal.field) == (No.INVALID, "items.1.start")
    assert "08:00 or 10:00 or 13:00" in refusal.message


def test_only_a_stay_has_nights() -> None:
    with pytest.raises(Refused) as no:
        made(NIGHT, item_of(MARKET, DAY, nights=3))
    assert (no.value.refusal.code, no.value.refusal.field) == (No.INVALID, "items.1.nights")
    assert made(item_of(HOMESTAY, DAY, nights=3))[0].items[0].nights == 3


@pytest.mark.parametrize(
    ("item", "earliest", "latest"),
    [
        (item_of(MARKET, DAY), time(5, 30), time(6)),
        (item_of(RAFT, DAY, start=time(10)), time(8), time(10)),
        (NIGHT, time(8), time(18)),
    ],
)
def test_the_arrival_is_in_time_for_what_starts_on_its_day(item: Any, earliest: time, latest: time) -> None:
    _, told = made(item)
    assert told.arrival == Window(day=DAY, earliest=earliest, latest=latest)


@pytest.mark.parametrize(
    ("item", "days", "earliest", "fits"),
    [
        (item_of(RAFT, DAY, start=time(10)), 0, time(10), True),
        (item_of(RAFT, DAY, start=time(10)), 0, time(10, 1), False),
        (item_of(RAFT, DAY, start=time(10)), 1, time(6), False),
        (item_of(RAFT, DAY, start=time(10)), -1, time(20), True),
        (NIGHT, 0, time(20), True),
    ],
)
def test_a_window_that_misses_the_first_start_is_refused(item: Any, days: int, earliest: time, fits: bool) -> None:
    window = Window(day=DAY + timedelta(days=days), earliest=earliest, latest=time(21))
    if fits:
        assert made(item, arrival=window)[1].arrival == window
        return
    with pytest.raises(Refused) as no:
        made(item, arrival=window)
    assert no.value.refusal.field == "arrival"
    assert "10:00" in no.value.refusal.message


@pytest.mark.parametrize(
    ("offered", "due", "why"),
    [
        ((6, 0), (18, 0), "in the hours"),
        ((8, 0), (20, 0), "at their end"),
        ((14, 20), (32, 0), "at 02:20 nobody answers"),
        ((8, 1), (32, 0), "just after their end"),
        ((18, 59), (32, 0), "just before their beginning"),
        ((19, 0), (31, 0), "at their beginning"),
    ],
)
def test_an_answer_is_due_in_the_hours_in_which_the_receiver_answers_by_its_own_clock(
    offered: tuple[int, int], due: tuple[int, int], why: str
) -> None:
    midnight = datetime(2027, 1, 3, 17, tzinfo=UTC)  # in Laos
    at, until = (midnight + timedelta(hours=hours, minutes=minutes) for hours, minutes in (offered, due))
    receiver = offering(answers_from=time(7), answers_until=time(20))
    assert made(catalogue=receiver, now=at)[1].answer_by == until, why


def test_an_answer_may_be_asked_for_in_the_night() -> None:
    receiver = offering(answers_from=time(7), answers_until=time(20))
    night = NOW.replace(hour=20)
    assert made(catalogue=receiver, answer_by=night)[1].answer_by == night


def test_with_half_an_hour_of_answering_a_day_the_deadline_is_its_end() -> None:
    receiver = offering(answers_from=time(7), answers_until=time(7, 30))
    assert made(catalogue=receiver, now=NOW)[1].answer_by == datetime(2027, 1, 5, 0, 30, tzinfo=UTC)
