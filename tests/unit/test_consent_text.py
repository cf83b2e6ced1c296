"""What a lead traveller reads before yes or no: complete, in their language, and what the receipt proves."""

from __future__ import annotations

import itertools
import re
import unicodedata
from datetime import date
from typing import get_args

import pytest

from contracts.community.v1 import CarryingLimits, CommunityProfile, Place
from contracts.personal.v1 import ConsentPrepared, PersonalField
from contracts.values import Names
from services.referral.domain.personal.consent import consent_text, digest
from services.referral.domain.personal.consent_words import WORDS

LANGUAGES = ("th", "lo", "en")
FIELDS: tuple[PersonalField, ...] = get_args(PersonalField)
LISTS = tuple(chosen for n in range(1, 7) for chosen in itertools.combinations(FIELDS, n))
DELETE_BY = date(2027, 2, 14)


def community(name: str, country: str = "TH", **names: str) -> CommunityProfile:
    lies = (17.6, 101.5, "TH-42", "Asia/Bangkok") if country == "TH" else (17.9, 101.2, "LA-XA", "Asia/Vientiane")
    return CommunityProfile(
        id=name,
        names=Names(**(names or {"th": f"ชุมชน {name}", "lo": f"ຊຸມຊົນ {name}", "en": f"Community {name}"})),
        place=Place(lat=lies[0], lon=lies[1], accuracy_m=100, country=country, subdivision=lies[2]),
        zone=lies[3],
        currency="THB" if country == "TH" else "LAK",
        languages=("th",),
        limits=CarryingLimits(visitors_per_day=10, guests_per_night=10),
    )


THA_LI, BO_TAEN = community("tha-li"), community("bo-taen", "LA")


def text(language: str = "en", fields: tuple[PersonalField, ...] = ("name", "channel"), **changed: object) -> str:
    given = {"sender": THA_LI, "receiver": BO_TAEN, "fields": fields, "delete_by": DELETE_BY} | changed
    return consent_text(language, **given)  # type: ignore[arg-type] # each test changes one of the four


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_who_sends_who_receives_in_which_country_and_why(language: str) -> None:
    words, shown = WORDS[language], text(language)
    for community_ in (THA_LI, BO_TAEN):
        assert community_.names.model_dump()[language] in shown
    assert words.countries["LA"] in shown
    greet, feed, reach = {
        "en": ("greet you", "feed you", "reach you"),
        "th": ("ต้อนรับคุณ", "เตรียมอาหารให้คุณ", "ติดต่อคุณ"),
        "lo": ("ຕ້ອນຮັບທ່ານ", "ກຽມອາຫານໃຫ້ທ່ານ", "ຕິດຕໍ່ທ່ານ"),
    }[language]  # fmt: skip
    assert greet in shown
    assert feed in shown
    assert reach in shown
    assert {"en": "never for advertising", "th": "ไม่ใช้เพื่อการโฆษณา", "lo": "ບໍ່ໃຊ້ເພື່ອການໂຄສະນາ"}[language] in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_how_to_withdraw_that_no_costs_nothing_and_who_decides_for_a_minor(language: str) -> None:
    shown = text(language)
    for sentence in {
        "en": ("as easily as you give it", "receipt", "costs you nothing", "visit still takes place", "guardian",
               "never a date of birth"),
        "th": ("ง่ายเท่ากับตอนที่ให้", "หลักฐานการลบ", "ไม่เสียค่าใช้จ่าย", "การเยือนยังคงมีตามเดิม", "ผู้ปกครอง", "ไม่ส่งวันเกิด"),
        "lo": ("ງ່າຍເທົ່າກັບຕອນທີ່ໃຫ້", "ຫຼັກຖານການລຶບ", "ບໍ່ເສຍຄ່າໃຊ້ຈ່າຍ", "ການຢ້ຽມຢາມຍັງມີຄືເກົ່າ", "ຜູ້ປົກຄອງ", "ບໍ່ສົ່ງວັນເກີດ"),
    }[language]:  # fmt: skip
        assert sentence in shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "14 February 2027"), ("th", "14 กุมภาพันธ์ พ.ศ. 2570 (ค.ศ. 2027)"), ("lo", "14 ກຸມພາ 2027")],
)
def test_it_says_until_when_and_to_thai_readers_in_both_eras(language: str, shown: str) -> None:
    assert shown in text(language)


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "Within a day after it is deleted"), ("th", "ภายในหนึ่งวันหลังจากลบ"), ("lo", "ພາຍໃນໜຶ່ງວັນຫຼັງຈາກລຶບ")],
)
def test_it_says_when_what_was_deleted_cannot_be_restored_any_more(language: str, shown: str) -> None:
    assert shown in text(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_warns_of_another_country_s_law_only_when_the_border_is_crossed(language: str) -> None:
    warning = {"en": "less well", "th": "น้อยกว่า", "lo": "ໜ້ອຍກວ່າ"}[language]
    stays = WORDS[language].at_home.format(home=WORDS[language].countries["TH"])
    assert warning in text(language)
    assert stays not in text(language)
    at_home = text(language, receiver=community("na-kraseng"))
    assert warning not in at_home
    assert stays in at_home


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_of_fields_is_named_whole_and_nothing_else(language: str) -> None:
    words = WORDS[language]
    for fields in LISTS:
        shown = text(language, fields)
        assert {field for field in FIELDS if f"- {words.fields[field]}" in shown} == set(fields)
        delicate = words.delicate.format(receiver=BO_TAEN.names.model_dump()[language])
        assert (delicate in shown) == bool({"food", "mobility"} & set(fields))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_and_no_word_of_another_language_is_left_in_it(language: str) -> None:
    shown = text(language, FIELDS)
    assert not re.search(r"[{}_]|\b(TH|LA|document_class|channel|bo_taen)\b", shown)
    for named in ("tha-li", "bo-taen"):  # the ids stand in the names of this test
        shown = shown.replace(named, "")
    if language != "en":
        assert set(re.findall(r"[A-Za-z]+", shown)) == {"LINE", "WhatsApp"}
    other = {"en": "THAI|LAO", "th": "LAO", "lo": "THAI"}[language]
    assert not [sign for sign in shown if re.match(other, unicodedata.name(sign, ""))]


def test_a_community_without_a_name_in_the_language_is_named_as_it_is_known() -> None:
    assert "Bo Taen" in text("th", receiver=community("bo-taen", "LA", en="Bo Taen", lo="ບໍ່ແຕນ"))
    assert "ບໍ່ແຕນ" in text("th", receiver=community("bo-taen", "LA", lo="ບໍ່ແຕນ"))


def test_a_name_with_braces_stays_a_name() -> None:
    assert "{sender} x" in text(receiver=community("bo-taen", "LA", en="{sender} x"))


def test_another_list_another_receiver_another_day_or_another_language_is_another_text() -> None:
    texts = [
        text(), text(fields=("name",)), text(receiver=community("bo-mai", "LA")), text(sender=community("bo-mai")),
        text(delete_by=date(2027, 2, 15)), text("th"), text("lo"),
    ]  # fmt: skip
    assert len({digest(one) for one in texts}) == len(texts)
    for language in LANGUAGES:
        assert len({digest(text(language, fields)) for fields in LISTS}) == len(LISTS)


def test_the_order_in_which_fields_are_given_makes_no_other_text() -> None:
    assert text(fields=("channel", "name", "name")) == text(fields=("name", "channel"))


def test_the_digest_does_not_ask_how_letters_were_put_together() -> None:
    assert digest("cafe\u0301") == digest("caf\u00e9")
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_text_fits_its_message(language: str) -> None:
    longest = dict.fromkeys(LANGUAGES, "ก" * 80)
    shown = text(language, FIELDS, sender=community("a", **longest), receiver=community("b", "LA", **longest))
    limit = next(m.max_length for m in ConsentPrepared.model_fields["text"].metadata if hasattr(m, "max_length"))
    assert len(shown) < limit
