"""Dates, lengths of time, money and parties as each language writes them."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.community.v1 import CarryingLimits, Offering
from contracts.values import Alternative, Item, Money, Quote, Window
from services.client import formatting
from services.client.phrases.catalogue import LANGUAGES, Phrases
from tests.contract.sources import ROOT

EN, TH, LO = (Phrases.of(language) for language in ("en", "th", "lo"))
DAY = date(2027, 1, 14)
NOW = datetime(2027, 1, 13, tzinfo=UTC)


def lak(amount: str) -> Money:
    return Money(amount=amount, currency="LAK")


def test_a_date_can_be_typed_back_in_every_language() -> None:
    told = [formatting.day(phrases, DAY) for phrases in (EN, TH, LO)]
    assert told == ["2027-01-14", "2027-01-14 (พ.ศ. 2570)", "2027-01-14"]


def test_a_weekday_stands_before_its_date() -> None:
    told = [formatting.day(phrases, DAY, weekday=True) for phrases in (EN, TH, LO)]
    assert told == ["Thu 2027-01-14", "พฤหัส 2027-01-14 (พ.ศ. 2570)", "ພະຫັດ 2027-01-14"]


def test_a_date_with_a_name_has_the_year_of_its_readers() -> None:
    assert [formatting.named_day(each, DAY) for each in (EN, TH, LO)] == ["14 Jan 2027", "14 ม.ค. 2570", "14 ມ.ກ. 2027"]
    assert formatting.named_day(EN, DAY, weekday=True) == "Thu 14 Jan 2027"
    assert [formatting.long_day(each, DAY) for each in (EN, TH, LO)] == [
        "Thursday, 14 January 2027",
        "วันพฤหัสบดีที่ 14 มกราคม พ.ศ. 2570",
        "ວັນພະຫັດ ທີ 14 ມັງກອນ 2027",
    ]
    assert [formatting.month(each, DAY) for each in (EN, TH, LO)] == ["January 2027", "มกราคม 2570", "ມັງກອນ 2027"]


def test_the_buddhist_year_turns_with_the_gregorian_one() -> None:
    assert formatting.named_day(TH, date(2026, 12, 31)) == "31 ธ.ค. 2569"
    assert formatting.named_day(TH, date(2027, 1, 1)) == "1 ม.ค. 2570"
    assert formatting.named_day(TH, date(2028, 2, 29)) == "29 ก.พ. 2571"


def test_weekdays_are_those_of_the_calendar() -> None:
    week = [date(2027, 1, 11) + timedelta(days=n) for n in range(7)]
    assert [formatting.weekday_name(EN, one) for one in week] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    thai = ["จันทร์", "อังคาร", "พุธ", "พฤหัส", "ศุกร์", "เสาร์", "อาทิตย์"]
    assert [formatting.weekday_name(TH, one) for one in week] == thai
    assert [formatting.weekday_name(LO, one) for one in week] == ["ຈັນ", "ອັງຄານ", "ພຸດ", "ພະຫັດ", "ສຸກ", "ເສົາ", "ອາທິດ"]


def test_a_moment_is_told_on_the_wall_clock_with_its_distance() -> None:
    ahead, ago = datetime(2027, 1, 14, 1, 30, tzinfo=UTC), datetime(2027, 1, 12, 23, tzinfo=UTC)
    assert formatting.moment(EN, ahead) == "2027-01-14 08:30"
    assert [formatting.moment(each, ahead, now=NOW) for each in (EN, TH, LO)] == [
        "2027-01-14 08:30 (in 1 d 1 h)",
        "2027-01-14 (พ.ศ. 2570) 08:30 (อีก 1 วัน 1 ชม.)",
        "2027-01-14 08:30 (ອີກ 1 ມື້ 1 ຊມ)",
    ]
    assert [formatting.moment(each, ago, now=NOW) for each in (EN, TH, LO)] == [
        "2027-01-13 06:00 (1 h ago)",
        "2027-01-13 (พ.ศ. 2570) 06:00 (1 ชม. ที่แล้ว)",
        "2027-01-13 06:00 (1 ຊມ ກ່ອນ)",
    ]


def test_the_time_left_to_a_deadline_is_written() -> None:
    until = NOW + timedelta(hours=11, minutes=59)
    told = [formatting.left(each, until, NOW) for each in (EN, TH, LO)]
    assert told == ["11 h 59 min left", "เหลือ 11 ชม. 59 นาที", "ເຫຼືອ 11 ຊມ 59 ນາທີ"]
    assert [formatting.left(each, NOW, NOW) for each in (EN, TH, LO)] == ["over", "หมดเวลาแล้ว", "ໝົດເວລາແລ້ວ"]


@pytest.mark.parametrize(
    ("span", "english", "thai"),
    [
        (timedelta(0), "0 s", "0 วินาที"),
        (timedelta(seconds=59.4), "59 s", "59 วินาที"),
        (timedelta(seconds=59.5), "1 min", "1 นาที"),
        (timedelta(hours=24), "1 d", "1 วัน"),
        (timedelta(days=2, hours=3, minutes=50), "2 d 3 h", "2 วัน 3 ชม."),
        (timedelta(days=2, minutes=50), "2 d", "2 วัน"),
    ],
)
def test_a_length_has_its_two_greatest_units(span: timedelta, english: str, thai: str) -> None:
    assert (formatting.length(EN, span), formatting.length(TH, span)) == (english, thai)


def test_how_long_a_message_took() -> None:
    assert [formatting.hop(EN, ms) for ms in (12, 3400, 660_000)] == ["12 ms", "3.4 s", "11 min"]
    assert formatting.hop(LO, 3400) == "3,4 ວິນາທີ"


def test_a_clock_that_was_moved_is_told() -> None:
    moved = NOW + timedelta(days=37, hours=3)
    assert formatting.off_from_machine(EN, moved, NOW) == "37 d 3 h ahead of the machine's"
    assert formatting.off_from_machine(EN, NOW, moved) == "37 d 3 h behind the machine's"
    assert formatting.off_from_machine(TH, NOW, moved) == "ช้ากว่านาฬิกาเครื่อง 37 วัน 3 ชม."
    assert formatting.off_from_machine(EN, NOW + timedelta(seconds=5), NOW) == ""


def test_a_time_of_day_in_a_sentence() -> None:
    assert [formatting.clock(each, time(18)) for each in (EN, TH, LO)] == ["18:00", "18:00 น.", "18:00 ໂມງ"]


def test_a_window_past_midnight_says_so() -> None:
    late = Window(day=DAY, earliest=time(22), latest=time(1))
    assert [formatting.window(each, late) for each in (EN, TH, LO)] == [
        "2027-01-14 22:00-01:00 the next day",
        "2027-01-14 (พ.ศ. 2570) 22:00-01:00 วันถัดไป",
        "2027-01-14 22:00-01:00 ມື້ຖັດໄປ",
    ]
    assert formatting.window(EN, Window(day=DAY, earliest=time(14), latest=time(17))) == "2027-01-14 14:00-17:00"


def test_money_is_exact_and_grouped_as_its_readers_group() -> None:
    told = [formatting.money(each, lak("800000.00")) for each in (EN, TH, LO)]
    assert told == ["800,000.00 LAK", "800,000.00 LAK", "800.000,00 LAK"]
    baht = Money(amount="-1234567.05", currency="THB")
    assert [formatting.money(each, baht) for each in (EN, LO)] == ["-1,234,567.05 THB", "-1.234.567,05 THB"]


def test_zeroes_are_left_out_on_request_and_nothing_else() -> None:
    assert formatting.money(LO, lak("800000.00"), whole=True) == "800.000 LAK"
    assert formatting.money(EN, Money(amount="0.50", currency="THB"), whole=True) == "0.50 THB"
    assert formatting.money(EN, Money(amount="1000000000.00", currency="THB"), whole=True) == "1,000,000,000 THB"


@pytest.mark.parametrize(
    ("value", "english", "lao"), [("5.00", "5", "5"), ("7.50", "7.5", "7,5"), ("0.00", "0", "0"), ("10.00", "10", "10")]
)
def test_a_percentage_says_no_more_than_it_knows(value: str, english: str, lao: str) -> None:
    assert [formatting.percentage(each, value) for each in (EN, LO)] == [english, lao]


@given(st.integers(min_value=-(10**16), max_value=10**16), st.sampled_from(LANGUAGES), st.booleans())
def test_money_reads_back_as_it_was(minor: int, language: str, whole: bool) -> None:
    exact = Money.of_minor(minor, "LAK")
    text = formatting.money(Phrases.of(language), exact, whole=whole).removesuffix(" LAK")
    plain = text.replace(".", "").replace(",", ".") if language == "lo" else text.replace(",", "")
    assert Money.of_minor(_minor(plain), "LAK") == exact


def _minor(plain: str) -> int:
    units, _, cents = plain.partition(".")
    return int(f"{units}{cents.ljust(2, '0')}")


def test_a_party_is_told_by_band() -> None:
    bands = {"adult": 2, "child": 1, "infant": 0}
    assert [formatting.party(each, bands) for each in (EN, TH, LO)] == [
        "2 adults, 1 child",
        "ผู้ใหญ่ 2 คน, เด็ก 1 คน",
        "ຜູ້ໃຫຍ່ 2 ຄົນ, ເດັກນ້ອຍ 1 ຄົນ",
    ]


def test_a_list_ends_with_its_last_thing() -> None:
    assert formatting.listed(EN, []) == ""
    assert formatting.listed(EN, ["a"], "and") == "a"
    assert formatting.listed(EN, ["a", "b", "c"]) == "a, b, c"
    assert formatting.listed(EN, ["a", "b", "c"], "or") == "a, b or c"
    assert formatting.listed(LO, ["a", "b"], "and") == "a ແລະ b"


def test_a_column_is_as_wide_as_it_looks() -> None:
    assert [formatting.width(text) for text in ("due", "ที่นี่", "ຢູ່ນີ້")] == [3, 2, 2]
    assert formatting.padded("ที่นี่", 5) == "ที่นี่   "
    assert formatting.padded("due", 2) == "due"


def test_languages_have_their_names() -> None:
    assert [formatting.language_name(each, "lo") for each in (EN, TH, LO)] == ["Lao", "ภาษาลาว", "ພາສາລາວ"]
    assert formatting.language_name(TH, "qqq") == "qqq"


@pytest.mark.parametrize("said", ["ไทย", "ประเทศไทย", "ໄທ", " thailand ", "th"])
def test_a_country_is_taken_as_people_write_it(said: str) -> None:
    assert formatting.country_code(said) == "TH"


def test_what_is_no_country_has_no_code() -> None:
    assert [formatting.country_code(said) for said in ("Atlantis", "", "zz", "eu")] == [None] * 4
    assert [formatting.country_name(each, "LA") for each in (EN, TH, LO)] == ["Laos", "ลาว", "ລາວ"]


def test_a_name_is_picked_for_its_reader() -> None:
    assert formatting.picked(LO, {"th": "ท่าลี่", "lo": None, "en": "Tha Li"}) == "Tha Li"
    assert formatting.picked(TH, {"th": "ท่าลี่", "lo": None, "en": "Tha Li"}) == "ท่าลี่"
    assert formatting.picked(EN, {"th": None, "lo": "ບໍ່ແຕນ", "en": None}) == "ບໍ່ແຕນ"


def test_an_item_has_its_start_and_its_nights() -> None:
    names = {"bo-taen.home": "Homestay"}
    stay = Item(experience_id="bo-taen.home", day=DAY, start=time(18), nights=2)
    assert formatting.item(EN, stay, names.__getitem__) == "2027-01-14 18:00, 2 nights  Homestay"
    assert formatting.item(LO, stay, names.__getitem__) == "2027-01-14 18:00, 2 ຄືນ  Homestay"
    other = Alternative(experience_id="bo-taen.home", day=DAY)
    assert formatting.item(TH, other, names.__getitem__) == "2027-01-14 (พ.ศ. 2570)  Homestay"


def test_a_quote_is_told_line_by_line_with_its_sum() -> None:
    line = {"experience_id": "bo-taen.home", "unit": "adult", "quantity": 2}
    lines = [line | {"unit_price": lak("400000.00").wire(), "total": lak("800000.00").wire()}]
    quoted = Quote.model_validate({"lines": lines, "total": lak("800000.00").wire()})
    assert formatting.quote(EN, quoted, lambda one: one) == [
        "bo-taen.home",
        "  2 adult x 400,000.00 = 800,000.00",
        "total 800,000.00 LAK",
    ]
    assert formatting.quote(TH, quoted, lambda one: one)[1:] == [
        "  ผู้ใหญ่ 2 x 400,000.00 = 800,000.00",
        "รวม 800,000.00 LAK",
    ]


def test_limits_are_told_in_a_line() -> None:
    bounds = CarryingLimits(visitors_per_day=40, guests_per_night=15, min_party=2, max_party=20)
    assert formatting.limits(EN, bounds) == (
        "2 to 20 people, 40 visitors a day, 15 guests a night, ask 24 h before, answers 07:00-20:00"
    )
    always = bounds.model_copy(update={"answers_until": time(7)})
    assert formatting.limits(EN, always).endswith("answers at any hour")
    assert formatting.limits(TH, bounds) == (
        "2 ถึง 20 คน, รับได้วันละ 40 คน, พักได้คืนละ 15 คน, ขอล่วงหน้า 24 ชม., ตอบระหว่าง 07:00-20:00 น."
    )


@pytest.mark.parametrize(
    ("reason", "english", "lao"),
    [
        ("party_too_large", "8 at most", "ບໍ່ເກີນ 8"),
        ("party_too_small", "3 at least", "ຢ່າງໜ້ອຍ 3"),
        ("cut_off", "48 h before", "ລ່ວງໜ້າ 48 ຊມ"),
        ("no_such_start", "starts: 06:00, 15:30", "ຮອບ: 06:00, 15:30"),
        ("no_room", "", ""),
    ],
)
def test_the_number_behind_a_rule_is_told(reason: str, english: str, lao: str) -> None:
    made = json.loads((ROOT / "contracts/examples/community.publish_offering.v1.json").read_text(encoding="utf-8"))
    offer = Offering.model_validate(made["offering"])
    limits = offer.community.limits.model_copy(update={"min_party": 2, "max_party": 20, "cutoff_hours": 24})
    walk = {"id": "here.walk", "seats": 8, "min_party": 3, "cutoff_hours": 48, "starts": (time(15, 30), time(6))}
    other = {"id": "here.other", "seats": 1, "min_party": 9, "cutoff_hours": 99, "starts": (time(9),)}
    offer = offer.model_copy(
        update={
            "community": offer.community.model_copy(update={"limits": limits}),
            "experiences": tuple(offer.experiences[0].model_copy(update=one) for one in (walk, other)),
        }
    )
    assert [formatting.bounds(each, reason, offer, ["here.walk"]) for each in (EN, LO)] == [english, lao]
    assert formatting.bounds(EN, reason, None, ["here.walk"]) == ""
