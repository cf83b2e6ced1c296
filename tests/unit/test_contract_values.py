"""What every message is made of: exact money, parties led by an adult, names in any script, moments with their zone."""

import json
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.capacity.pools import Host
from contracts.community.v1 import Offering
from contracts.described import entries
from contracts.messages import MAX_BODY, Envelope, decode_json
from contracts.personal.v1 import Channel, PersonalPart
from contracts.tools.catalogue import ROOT
from contracts.values import (
    EXPONENTS,
    MAX_PARTY,
    DisplayName,
    Instant,
    Money,
    Note,
    Party,
    Quote,
    StartTime,
    Window,
    days,
    search_key,
)

NAME: TypeAdapter[str] = TypeAdapter(DisplayName)
NOTE: TypeAdapter[str] = TypeAdapter(Note)
MOMENT: TypeAdapter[datetime] = TypeAdapter(Instant)
START: TypeAdapter[time] = TypeAdapter(StartTime)
MINOR = st.integers(-(10**14), 10**14)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))
#: The two countries of the first border, then zones of agencies: with summer time, half hours, and a day apart.
ZONES = [
    *("Asia/Bangkok", "Asia/Vientiane", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
    *("Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati", "America/St_Johns", "UTC"),
]
#: Letters of several scripts, as people write names.
SCRIPTS = {
    "Thai": "กขคงจฉชซดตถทนบปผพฟมยรลวสหอะาำเแโใไ",
    "Lao": "ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອະາຳເແໂໃໄ",
    "Latin": "abcxyzABCXYZéñüß",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "Devanagari": "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह",
    "Han": "王李張刘陈杨黄赵吴周",
    "emoji": "🙂🐘🌾👨🏽",
}
LOCAL = st.datetimes(datetime(2000, 1, 3), datetime(2099, 12, 31))  # noqa: DTZ001 - its zone is given where it is used


# money


@given(MINOR, CURRENCIES)
def test_money_comes_back_exactly_whatever_way_it_travels(minor: int, currency: str) -> None:
    money = Money.of_minor(minor, currency)
    assert money.minor == minor
    assert Money.model_validate(money.wire()) == money
    assert Money.model_validate_json(money.model_dump_json()) == money
    assert len(money.amount.partition(".")[2]) == EXPONENTS[currency]


@given(st.integers(0, 10**14), CURRENCIES, st.integers(0, 4))
def test_money_with_other_decimals_than_its_currency_is_refused(whole: int, currency: str, digits: int) -> None:
    assume(digits != EXPONENTS[currency])
    amount = f"{whole}.{'0' * digits}" if digits else str(whole)
    with pytest.raises(ValidationError, match="exactly 2 decimals"):
        Money.model_validate({"amount": amount, "currency": currency})


@pytest.mark.parametrize(
    "amount", ["1e3", "NaN", "Infinity", "1,000.00", "+1.00", ".50", "1.", "๑๐.๐๐", "1.00\n", " 1.00", ""]
)
def test_money_is_plain_decimal_text(amount: str) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": "LAK"})


@pytest.mark.parametrize("amount", [1, 1.0, None, True, ["1.00"]])
def test_money_is_never_a_number(amount: Any) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": "THB"})


def test_money_of_a_currency_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": "1.00", "currency": "EUR"})


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10**8)), max_size=8), CURRENCIES)
def test_a_quote_adds_up_to_the_last_att_or_is_none(lines: list[tuple[int, int]], currency: str) -> None:
    def built(off: int) -> Quote:
        total = sum(quantity * price for quantity, price in lines)
        written = [
            {
                "experience_id": "bo-taen.baci",
                "unit": "adult",
                "quantity": quantity,
                "unit_price": Money.of_minor(price, currency).wire(),
                "total": Money.of_minor(quantity * price, currency).wire(),
            }
            for quantity, price in lines
        ]
        return Quote.model_validate({"lines": written, "total": Money.of_minor(total + off, currency).wire()})

    assert built(0).total.minor == sum(quantity * price for quantity, price in lines)
    for off in (-1, 1):
        with pytest.raises(ValidationError, match="do not add up"):
            built(off)


# parties


@given(st.integers(-1, 250), st.integers(-1, 250), st.integers(-1, 250))
def test_a_party_has_an_adult_and_at_most_two_hundred_people(adult: int, child: int, infant: int) -> None:
    fits = adult >= 1 and min(child, infant) >= 0 and adult + child + infant <= MAX_PARTY
    given = {"adult": adult, "child": child, "infant": infant}
    if fits:
        party = Party.model_validate(given)
        assert party.heads == adult + child + infant
        assert Party.model_validate(party.wire()) == party
    else:
        with pytest.raises(ValidationError):
            Party.model_validate(given)


# names


@pytest.mark.parametrize("script", SCRIPTS)
@given(data=st.data())
def test_a_name_is_taken_as_its_owner_writes_it(script: str, data: st.DataObject) -> None:
    name = data.draw(st.text(SCRIPTS[script], min_size=1, max_size=80))
    taken = NAME.validate_python(name)
    assert taken == unicodedata.normalize("NFC", name)
    assert NAME.validate_json(NAME.dump_json(taken)) == taken
    assert len(name) > 76 or NAME.validate_python(f"  {name}\u00a0 ") == taken


@given(st.text(max_size=90))
def test_any_name_is_taken_whole_or_refused(text: str) -> None:
    try:
        taken = NAME.validate_python(text)
    except ValidationError:
        return
    assert taken == unicodedata.normalize("NFC", text).strip()
    assert NAME.validate_python(taken) == taken
    assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} for sign in taken)


@given(st.sampled_from(["\x00", "\x1b", "\n", "\r", "\t", "\x7f", "\x85", "\u2028", "\u2029", "\ue000", "\uffff"]))
def test_control_characters_inside_a_name_or_a_note_are_refused(sign: str) -> None:
    for adapter in (NAME, NOTE):
        with pytest.raises(ValidationError, match="control characters"):
            adapter.validate_python(f"ບຸນ{sign}ມີ")


@pytest.mark.parametrize("name", ["", " ", "\u00a0", "\u3000 \t"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(name)


@pytest.mark.parametrize(("adapter", "most"), [(NAME, 80), (NOTE, 500)])
def test_a_text_has_its_limit(adapter: TypeAdapter[str], most: int) -> None:
    assert len(adapter.validate_python("ก" * most)) == most
    with pytest.raises(ValidationError):
        adapter.validate_python("ก" * (most + 1))


def test_joiners_that_scripts_and_emoji_need_stay() -> None:
    family, persian = "👨\u200d👩\u200d👧", "می\u200cخواهم"
    assert NAME.validate_python(family) == family
    assert NAME.validate_python(persian) == persian


@given(st.text("กขคabcດຕຖ", min_size=1, max_size=40))
def test_a_personal_part_never_prints_itself(name: str) -> None:
    part = PersonalPart(name=name, channel=Channel(kind="phone", address="+856 20 000"))
    assert f"{part!r}{part}" == "PersonalPart(…)PersonalPart(…)"
    assert repr([part]) == "[PersonalPart(…)]"


# moments


@pytest.mark.parametrize("zone", ZONES)
@given(local=LOCAL, fold=st.integers(0, 1))
def test_f16_a_moment_keeps_its_instant_whatever_zone_it_is_given_in(zone: str, local: datetime, fold: int) -> None:
    given = local.replace(tzinfo=ZoneInfo(zone), fold=fold)
    kept = MOMENT.validate_python(given)
    assert kept.tzinfo is UTC
    assert kept.timestamp() == given.timestamp()  # two moments of one zone compare by the clock on the wall
    assert MOMENT.validate_json(MOMENT.dump_json(kept)) == kept
    assert MOMENT.validate_python(given.astimezone(UTC).isoformat()) == kept


@given(LOCAL)
def test_f16_a_moment_without_a_zone_is_refused(local: datetime) -> None:
    for naive in (local, local.isoformat(), local.isoformat(sep=" ")):
        with pytest.raises(ValidationError, match="timezone"):
            MOMENT.validate_python(naive)


@given(LOCAL, st.integers(-14 * 60, 14 * 60))
def test_f16_an_offset_is_as_good_as_a_zone(local: datetime, minutes: int) -> None:
    given = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert MOMENT.validate_python(given.isoformat()) == given


@pytest.mark.parametrize("zone", ["Asia/Bangkok", "Asia/Vientiane"])
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_f16_midnight_in_the_two_countries_is_five_in_the_afternoon_of_the_day_before(zone: str, day: date) -> None:
    kept = MOMENT.validate_python(datetime.combine(day, time(), ZoneInfo(zone)))
    assert (kept.date(), kept.time()) == (day - timedelta(days=1), time(17))
    assert kept.astimezone(ZoneInfo(zone)).date() == day


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)), start=st.times())
def test_f16_a_start_lies_on_its_local_day_also_at_midnight(day: date, start: time) -> None:
    for offering in ("border.catalogue_shared.v1", "community.offering_published.v1"):
        text = (ROOT / "examples" / f"{offering}.json").read_text(encoding="utf-8")
        host = Host.of(Offering.read(json.loads(text)["offering"]))
        for at in (start, time(), time(23, 59, 59, 999_999)):
            assert host.moment(day, at).tzinfo is UTC
            assert host.today(host.moment(day, at)) == day


@pytest.mark.parametrize("name", [entry.name for entry in entries()])
def test_f16_no_message_takes_a_moment_without_a_zone(name: str) -> None:
    contract = next(entry.contract for entry in entries() if entry.name == name)
    text = (ROOT / "examples" / f"{name}.json").read_text(encoding="utf-8")
    contract.read(json.loads(text))
    places = set(_moments(json.loads(text)))
    for place in places:
        if contract is Envelope and place[0] == "data":
            continue  # what an envelope carries is judged by its own type
        with pytest.raises(ValidationError, match="timezone"):
            contract.read(_zoneless(json.loads(text), place))


@pytest.mark.parametrize("wrong", ["24:00", "9:5", "09:30:15", "09:30+07:00", "09:30Z", ""])
def test_a_start_is_hours_and_minutes_on_the_wall(wrong: str) -> None:
    with pytest.raises(ValidationError):
        START.validate_python(wrong)


@given(st.times())
def test_a_start_travels_as_hours_and_minutes(at: time) -> None:
    start = START.validate_python(at.replace(second=0, microsecond=0, fold=0))
    assert START.dump_python(start, mode="json") == f"{at:%H:%M}"
    assert START.validate_json(START.dump_json(start)) == start


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)), st.times(), st.times())
def test_a_window_that_ends_before_it_begins_ends_on_the_next_day(day: date, one: time, other: time) -> None:
    first, last = (at.replace(second=0, microsecond=0, fold=0) for at in (one, other))
    assume(first != last)
    earliest, latest = sorted((first, last))
    within, over = Window(day=day, earliest=earliest, latest=latest), Window(day=day, earliest=latest, latest=earliest)
    assert (within.last_day, over.last_day) == (day, day + timedelta(days=1))
    assert over.is_later_than(within)
    assert not within.is_later_than(over)
    assert not within.is_later_than(within)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2569-01-14", "2569 looks like a Buddhist year, write 2026"),
        ("0001-01-01", "between the years 2000 and 2199"),
        ("9999-12-31", "between the years 2000 and 2199"),
    ],
)
def test_a_day_of_another_time_is_refused_and_a_buddhist_year_is_told(day: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Window.model_validate({"day": day, "earliest": "08:00", "latest": "18:00"})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
def test_a_moment_at_the_edge_of_time_is_refused_not_overflown(moment: str) -> None:
    with pytest.raises(ValidationError, match="between the years"):
        MOMENT.validate_python(moment)


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(0, 400))
def test_days_follow_one_another(first: date, count: int) -> None:
    counted = days(first, count)
    assert len(counted) == count
    assert all(day == first + timedelta(days=n) for n, day in enumerate(counted))


# sizes


@pytest.mark.parametrize(("size", "fits"), [(MAX_BODY, True), (MAX_BODY + 1, False)])
def test_a_body_has_at_most_256_kibibytes(size: int, fits: bool) -> None:
    body = b'"' + b"a" * (size - 2) + b'"'
    if fits:
        assert len(decode_json(body)) == size - 2
    else:
        with pytest.raises(ValueError, match="larger than 262144 bytes"):
            decode_json(body)


@given(st.binary(max_size=400))
def test_a_body_that_is_no_json_is_refused_without_being_quoted(body: bytes) -> None:
    assume(not _is_json(body))
    with pytest.raises(ValueError, match=r"\Abody (is not|holds|begins with|is nested)") as refused:
        decode_json(body)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "body", [b'{"a":NaN}', b"[-Infinity]", b"\xef\xbb\xbf{}", '{"a":"ก"}'.encode("utf-16"), b'"\xff"']
)
def test_what_only_some_readers_take_for_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"no number in JSON|byte order mark|not UTF-8"):
        decode_json(body)


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 40_000])
def test_a_body_that_nests_without_end_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="nested more than 60 deep"):
        decode_json(body)


def test_the_largest_border_message_fits_into_a_body() -> None:
    """Availability as booking shares it, at most 700 lines, with the longest ids there are."""
    line = {
        "experience_id": f"{'a' * 64}.{'b' * 64}",
        "day": "2026-12-12",
        "available": False,
        "left": 10_000,
        "reason": "party_too_large",
    }
    assert len(json.dumps(line)) * 700 < MAX_BODY


# searching


@given(st.text(max_size=60) | st.text(SCRIPTS["Thai"] + SCRIPTS["Lao"] + "่้๊๋์ຼ່້໊໋໌๑໑ເເ", max_size=20))
def test_a_search_key_is_found_by_itself_and_has_no_case_or_space(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key
    assert not any(sign.isspace() for sign in key)
    assert search_key(f" {text} ") == key


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ทาลี", "ท่าลี่"),
        ("เเม่", "แม่"),
        ("ບໍແຕນ", "ບໍ່ແຕນ"),
        ("ຫຼວງພະບາງ", "ຫລວງພະບາງ"),
        ("ຣາວ", "ລາວ"),
        ("BO TAEN", "bo taen"),
        ("cafe", "Café"),
        ("น้ำ", "นํ้า"),
        ("2569", "๒๕๖๙"),
        ("2569", "໒໕໖໙"),
    ],
)
def test_a_name_is_found_however_it_is_typed(typed: str, written: str) -> None:
    assert search_key(typed) in search_key(written)


@pytest.mark.parametrize(("one", "other"), [("นา", "นี"), ("ບີ", "ບູ"), ("กา", "ขา")])
def test_other_vowels_and_consonants_are_other_names(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


def _moments(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where moments stand in an example."""
    if isinstance(part, dict | list):
        inside = part.items() if isinstance(part, dict) else enumerate(part)
        return [found for step, each in inside for found in _moments(each, (*path, step))]
    return [path] if isinstance(part, str) and part.endswith("Z") and part[10:11] == "T" else []


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _zoneless(document: Any, place: tuple[Any, ...]) -> Any:
    inside = document
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = inside[place[-1]].removesuffix("Z")
    return document


@pytest.mark.parametrize(
    "remark", ["call +856 20 5555 0100", "passport AA1234567", "malee@example.org", "โทร ๐๘๑-๒๓๔-๕๖๗๘", "020.5555.0100"]
)
def test_a_remark_holds_no_number_or_address_of_a_person(remark: str) -> None:
    with pytest.raises(ValidationError, match="phone number"):
        NOTE.validate_python(remark)


@pytest.mark.parametrize(
    "remark", ["road flooded until 2027-01-15", "open 08:00 to 17:30, 20 guests", "ปิดถึง 2027-01-15"]
)
def test_a_remark_may_hold_days_times_and_counts(remark: str) -> None:
    assert NOTE.validate_python(remark) == remark
