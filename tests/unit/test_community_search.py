"""A name is found however it is typed: three scripts, tones left out, either spelling."""

import unicodedata
from typing import Literal

import pytest

from contracts.values import search_key


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ຫລວງນ້ຳທາ", "ຫຼວງນ້ຳທາ"),  # HO with LO, or with the sign below it
        ("ຫນອງເຕົ່າ", "ໜອງເຕົ່າ"),  # HO and NO, or their ligature
        ("ລາຊະບູລີ", "ຣາຊະບູຣີ"),  # Lao R, written L since 1975
        ("ນໍ້າຊ່ຽວ", "ນ້ຳຊ່ຽວ"),  # AM in one sign or in two, tone in between
        ("ທ່າລີ", "ທ່າລີ່"),  # a tone left out
        ("ບໍແຕນ", "ບໍ່ແຕນ"),
        ("ບໍ່ເເຕນ", "ບໍ່ແຕນ"),  # two E for one EI
        ("ท่าลี", "ท่าลี่"),
        ("บ่อเเตน", "บ่อแตน"),
        ("นํ้าเชี่ยว", "น้ำเชี่ยว"),
        ("สารจิตร ( บ้านคุกพัฒนา )", "สารจิตร(บ้านคุกพัฒนา)"),
        ("tha li", "Tha-Li"),
        ("CAFE", "Café"),
        ("หมู่ ๕", "หมู่ 5"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(typed: str, written: str) -> None:
    assert search_key(typed) == search_key(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ບໍ່ແຕນ", "ບໍ່ເຕັນ"),  # Bo Taen in Xaignabouli, Boten at the Chinese border
        ("ປີ", "ປູ"),  # a year, a crab: only the vowel mark differs
        ("ปี", "ปู"),
        ("ท่าลี่", "ท่าลา"),
    ],
)
def test_two_names_that_differ_in_a_vowel_have_two_keys(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("name", ["ชุมชนบ้านน้ำเชี่ยว", "ນ້ຳຊ່ຽວ", "ຫ້ວຍໃຫຍ່", "Café"])
def test_the_key_does_not_depend_on_the_unicode_form(name: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    assert search_key(unicodedata.normalize(form, name)) == search_key(name)


def test_part_of_a_name_is_found_in_it() -> None:
    assert search_key("น้ำเชี่ยว") in search_key("ชุมชนบ้านน้ำเชี่ยว")
    assert search_key("สารจิต") in search_key("ชุมชนตำบลสารจิตร (บ้านคุกพัฒนา)")


def test_signs_that_are_no_letters_leave_nothing() -> None:
    assert search_key(" –(!)\u200b ") == ""
