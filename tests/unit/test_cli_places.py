"""Places are told in the reader's language; English stays as it is, and so does JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from contracts.booking.v1 import BookingView, Departure, ExceptionView, HoldState, PoolView
from contracts.referral.v1 import PartnerAvailability
from contracts.refusals import No, refusal
from deploy import command_line as cli
from services.cli import context, outcome
from services.cli.views import places
from services.cli.views.naming import Names
from services.client.answers import refused
from services.client.phrases.catalogue import Phrases
from tests.support.answers import example
from tests.support.fake_node import FakeNode

EN, TH, LO = (Phrases.of(language) for language in ("en", "th", "lo"))
FULL = PoolView.read(example("booking.answer.pool_view.v1", pool="guests", oversold=2))
BOOKED = BookingView.read(example("booking.answer.booking_view.v1"))
DAYS = date(2027, 1, 14), date(2027, 1, 15)


def one_line(text: str) -> str:
    return " ".join(text.split())


def departure(**changed: Any) -> Departure:
    return Departure.read(example("booking.answer.departure.v1", **changed))


def test_a_pool_is_told_with_what_it_is_of() -> None:
    day = FULL.day.isoformat()
    counts = (FULL.taken, FULL.capacity, FULL.held, FULL.booked)
    taken, capacity, held, booked = counts
    assert one_line(places.pools(EN, [FULL])) == (
        f"{day} guests: {taken} of {capacity} taken (held {held}, booked {booked}, 2 too many)"
    )
    assert "ที่พักค้างคืน: ใช้ไป" in one_line(places.pools(TH, [FULL]))
    assert "เกิน 2" in one_line(places.pools(TH, [FULL]))
    assert "ບ່ອນພັກຄ້າງຄືນ: ໃຊ້ໄປ" in one_line(places.pools(LO, [FULL]))
    assert places.pools(LO, []) == "ບໍ່ມີບ່ອນຖືກໃຊ້ໃນມື້ເຫຼົ່ານີ້"


def test_a_departure_is_free_or_says_why_not() -> None:
    free = departure(available=True, left=3, capacity=8, reason=None)
    closed = departure(available=False, left=0, capacity=8, reason="closed_weekday")
    assert "3 of 8 left" in places.departures(EN, [free])
    assert "เหลือ 3 จาก 8" in places.departures(TH, [free])
    assert "no: closed on that weekday" in one_line(places.departures(EN, [closed]))
    assert "ບໍ່ມີ: " in places.departures(LO, [closed])
    assert "closed" not in places.departures(LO, [closed])
    assert "no: no places left" in one_line(places.departures(EN, [departure(available=False, reason=None)]))
    assert places.departures(EN, [departure(available=True, left=None, capacity=None)]).endswith("  free")


def test_a_picture_says_when_it_was_shared_and_that_it_is_no_promise() -> None:
    shared = PartnerAvailability.read(example("referral.answer.partner_availability.v1"))
    assert "a picture, not a promise" in one_line(places.picture(EN, shared, None, DAYS))
    assert "ไม่ใช่คำสัญญา" in places.picture(TH, shared, None, DAYS)
    assert "ບໍ່ໄດ້ບອກເຖິງວັນທີ 2027-01-14" in places.picture(LO, shared, "none.of-these", DAYS)
    never = shared.model_copy(update={"as_of": None})
    assert places.picture(EN, never, None, DAYS) == f"{shared.partner} has shared no availability with you."


def test_every_state_of_a_hold_has_its_words() -> None:
    assert {state.lower() for state in HoldState.__args__} == set(places.HOLD_STATES)  # type: ignore[attr-defined] # a Literal's words


def test_an_exception_and_what_it_hits_are_told() -> None:
    one = ExceptionView.read(
        example("booking.answer.exception_view.v1", kind="stop_sell", lifted=True, experience_id=None, capacity=None)
    )
    assert "stop sell: everything" in one_line("\n".join(places.exception(EN, one)))
    assert "no longer in force" in one_line("\n".join(places.exception(EN, one)))
    assert "หยุดขาย: ทุกอย่าง" in "\n".join(places.exception(TH, one))
    assert "ຢຸດຂາຍ: ທຸກຢ່າງ" in "\n".join(places.exception(LO, one))


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Booking "), ("th", "การจอง "), ("lo", "ການຈອງ ")], ids=["en", "th", "lo"]
)
def test_a_booking_is_told_in_the_language_of_the_reader_and_to_machines_as_it_came(
    language: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Node(FakeNode):
        def ask(self, name: str, *_: Any, **__: Any) -> dict[str, Any]:
            return BOOKED.wire() if name == "booking.ask_booking" else {"items": []}

    monkeypatch.setattr(context, "client", lambda _: Node(8000, "token"))
    monkeypatch.setenv("HANDOFF_LANG", language)
    line = ["booking", BOOKED.hold_id, "--as", "bo-taen"]
    assert cli.main(line) == 0
    assert capsys.readouterr().out.startswith(says + BOOKED.hold_id)
    assert cli.main([*line, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == BOOKED.wire()


@pytest.mark.parametrize(
    ("language", "says"), [("en", "ID: it is REDEEMED"), ("th", "ID: ตอนนี้เป็น ใช้แล้ว"), ("lo", "ID: ຕອນນີ້ເປັນ ")]
)
def test_a_booking_that_is_in_another_state_is_called_as_it_is_shown(
    language: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Node(FakeNode):
        def ask(self, *_: Any, **__: Any) -> dict[str, Any]:
            raise refused(refusal(No.WRONG_STATE, "booking_is_in_state", "act", state="REDEEMED"))

    monkeypatch.setattr(context, "client", lambda _: Node(8000, "token"))
    monkeypatch.setenv("HANDOFF_LANG", language)
    assert cli.main(["booking", BOOKED.hold_id, "approve", "--as", "bo-taen"]) == outcome.REFUSED
    told = capsys.readouterr().err
    assert says in told
    assert ("REDEEMED" in told) is (language == "en")


def test_a_booking_of_a_handoff_says_so() -> None:
    held = BOOKED.model_copy(update={"referral_id": BOOKED.hold_id, "state": "ON_HOLD"})
    assert f"of handoff {held.hold_id}" in places.booking(EN, held, Names())
    assert "ON_HOLD, " in places.booking(EN, held, Names())
    assert "กันที่ไว้, " in places.booking(TH, held, Names())


def test_what_was_typed_and_no_contract_takes_is_refused_by_its_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(context, "client", lambda _: FakeNode(8000, "token"))
    monkeypatch.setenv("HANDOFF_LANG", "en")
    line = "exception 2027-01-14 capacity --as bo-taen --capacity 99999 --pool guests --reason road"
    assert cli.main(line.split()) == 1
    assert capsys.readouterr().err == "handoff: --capacity: must be 10000 or less\n"
