"""What people write: phone numbers and addresses are seen however they are written, dates and prices are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.free_text import MOST_MARKS, names_somebody, plain_text
from contracts.values import RECEIVED, DisplayName, Note

NOTE: TypeAdapter[str] = TypeAdapter(Note)
NAME: TypeAdapter[str] = TypeAdapter(DisplayName)
THAI, LAO = (str.maketrans("0123456789", "".join(chr(first + n) for n in range(10))) for first in (0x0E50, 0x0ED0))
SEPARATORS = [
    "",
    " ",
    "-",
    "\u2010",
    "\u2011",
    "\u2013",
    "\u2014",
    "\u00a0",
    "\u200b",
    "/",
    ",",
    "·",
    ".",
    "_",
    " - ",
    ") ",
]


@given(
    st.sampled_from(SEPARATORS),
    st.sampled_from(["0205551234", "0812345678", "85620555123"]),
    st.integers(2, 4),
    st.sampled_from([{}, THAI, LAO]),
    st.sampled_from(["", "call ", "โทร "]),
)
def test_a_phone_number_is_seen_however_it_is_written(
    between: str, number: str, group: int, digits: dict[int, int], before: str
) -> None:
    grouped = between.join(number[n : n + group] for n in range(0, len(number), group))
    assert names_somebody((before + grouped).translate(digits))


@pytest.mark.parametrize(
    "text",
    [
        "malee\uff20example.org",
        "malee@example.org",
        "20.55.51.23.44",
        "20 55 51 23",
        "020  555   1234",
        "(020) 5551-234",
        "020/555/1234",
        "AB 1234567",
        "https://example.org/malee",
        "write to www.example.org",
        "from 2027-01-14 call 0205551234",
        "1,200,000 LAK or 020-555-1234",
        "๐๘๑ ๒๓๔ ๕๖๗๘",
        "໐໒໐ ໕໕໕ ໑໒໓໔",
        "０２０５５５１２３４",
    ],
)
def test_what_leads_to_a_person_is_refused_in_a_note(text: str) -> None:
    with pytest.raises(ValidationError, match="phone number, address or document number"):
        NOTE.validate_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "closed on 01-03-2027",
        "closed 2027-01-14 to 2027-01-20",
        "ปิด 03/01/2570",
        "1 200 000 LAK for the boat",
        "₭1,200,000 in all",
        "costs 250,000.00 LAK",
        "1200000 kip",
        "at 09:30",
        "open 08:00-12:00 and 13:00-17:00",
        "open 8.30-16.30",
        "starts 09:30, 11:00, 14:00",
        "groups of 10, 12, 15, 20, 25",
        "1,450 m up, 35 km by road",
        "road 2113 is closed",
        "เรือออก 06:00",
        "7 guests, 3 rooms",
    ],
)
def test_days_hours_amounts_and_distances_are_no_phone_numbers(text: str) -> None:
    assert NOTE.validate_python(text) == text


@pytest.mark.parametrize(
    "name",
    ["ท่าลี่", "นาข่าว", "บ้านกล้วยน้ำว้า", "ບໍ່ແຕນ", "ບ້ານນ້ຳຕົກ", "Nguyễn Thị Ếch", "Ban Na Kha 2", "Café", "O’Brien", "李"],
)
def test_names_of_the_region_are_names(name: str) -> None:
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    ["\u200b", "\u00a0\u200d", "\u0e48", "Bo\u202eneaT", "Bo\u2066Taen", "Bo\u00adTaen", "Bo\x1b[2JTaen", "Bo\x9bTaen",
     "Z" + "\u0300" * (MOST_MARKS + 1), "Bo\u20dd", "\ufeffBo Taen", "Bo\U000e0041"],
    ids=ascii,
)  # fmt: skip
def test_what_hides_stacks_up_or_redraws_a_terminal_is_no_name(name: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(name)


def test_what_an_older_version_let_pass_is_still_read_and_printed_as_it_reads() -> None:
    assert NAME.validate_python("Bo\u202eneaT", context=RECEIVED) == "BoneaT"
    assert NAME.validate_python("\u200e", context=RECEIVED) == "\ufffd"
    assert NOTE.validate_python("20.55.51.23.44", context=RECEIVED) == "20.55.51.23.44"
    with pytest.raises(ValidationError):
        NOTE.validate_python("0205551234", context=RECEIVED)


HIDING = st.text(alphabet="\u202e\u200e\u00ad \u0301a\u0958\U0001d160\u0e19\u0e49", max_size=40)


@given(st.text(max_size=40) | HIDING)
def test_what_was_received_once_can_be_read_for_ever(text: str) -> None:
    """It is kept as it was read, so it must be readable, and no longer, when it is read from there."""
    try:
        once = plain_text(text, received=True)
    except ValueError:
        return
    assert plain_text(once, received=True) == once
    assert len(once) <= max(len(text), 1)


@given(st.text(max_size=40) | HIDING)
def test_what_is_taken_is_taken_again(text: str) -> None:
    try:
        once = plain_text(text)
    except ValueError:
        return
    assert plain_text(once) == plain_text(once, received=True) == once
    assert len(once) <= len(text)
