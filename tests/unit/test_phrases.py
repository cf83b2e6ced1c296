"""Phrases are said in three languages from one catalogue, and a language that is not there is an error."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import pytest

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.contacts import v1 as contacts
from contracts.personal import v1 as personal
from contracts.referral import v1 as referral
from contracts.referral.codes import Attention
from contracts.refusals import No
from services.client.phrases import spoken, vocabulary
from services.client.phrases.catalogue import LANGUAGES, N_, NP_, Phrases, UnknownLanguage, language_of
from services.client.phrases.vocabulary import Table, attention, code_of, state, word
from services.referral.domain.handoff.states import ACTS, BROUGHT, SAID_BY
from tests.contract.sources import ROOT, sources

NAMES = {"sender": "Tha Li", "receiver": "Bo Taen"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Bo Taen has been asked and has not answered."),
        ("th", "ส่งคำขอถึงBo Taenแล้ว ยังไม่ตอบ"),
        ("lo", "ສົ່ງຄຳຂໍຫາBo Taenແລ້ວ ຍັງບໍ່ຕອບ"),
    ],
)
def test_what_holds_is_said_in_three_languages(language: str, said: str) -> None:
    assert word(Phrases.of(language), vocabulary.HOLDS, "offered", **NAMES) == said


def test_several_languages_are_spoken_at_once() -> None:
    def name(language: str) -> str:
        return state(Phrases.of(language), "arrived")

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(name, LANGUAGES * 50))
    assert told == ["arrived", "มาถึงแล้ว", "ມາຮອດແລ້ວ"] * 50


def test_english_has_a_plural_and_the_others_one_form() -> None:
    rooms = NP_("{count} adult", "{count} adults")
    told = {language: [Phrases.of(language).say(rooms, count=n) for n in (0, 1, 2)] for language in LANGUAGES}
    assert told["en"] == ["0 adults", "1 adult", "2 adults"]
    assert told["th"] == ["ผู้ใหญ่ 0 คน", "ผู้ใหญ่ 1 คน", "ผู้ใหญ่ 2 คน"]
    assert told["lo"] == ["ຜູ້ໃຫຍ່ 0 ຄົນ", "ຜູ້ໃຫຍ່ 1 ຄົນ", "ຜູ້ໃຫຍ່ 2 ຄົນ"]


def test_one_english_word_means_two_things() -> None:
    thai = Phrases.of("th")
    assert thai.pgettext("state", "Declined") == "รับไม่ได้"
    assert thai.pgettext("a reason", "unknown") == "ไม่ทราบ"
    assert thai.pgettext("a crossing", "unknown") == "unknown"


def test_a_placeholder_is_filled_and_its_value_not_interpreted() -> None:
    assert Phrases.of("en").gettext("in {length}", length="{length.real}") == "in {length.real}"
    assert Phrases.of("th").say(N_("total {money}"), money="{0}") == "รวม {0}"


def test_braces_without_a_placeholder_stay() -> None:
    assert Phrases.of("en").gettext("{ as it is }") == "{ as it is }"


def test_a_phrase_without_a_translation_is_said_in_english() -> None:
    assert Phrases("th", {}).gettext("in {length}", length="3 h") == "in 3 h"


@pytest.mark.parametrize("name", ["fr", "TH", "", "th_TH", "../th"])
def test_an_unknown_language_is_an_error(name: str) -> None:
    with pytest.raises(UnknownLanguage, match="write th, lo or en"):
        Phrases.of(name)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"HANDOFF_LANG": "lo"}, "lo"),
        ({"HANDOFF_LANG": "en", "LANG": "th_TH.UTF-8"}, "en"),
        ({"HANDOFF_LANG": "", "LANG": "th_TH.UTF-8"}, "th"),
        ({"HANDOFF_LANG": "TH"}, "th"),
        ({"HANDOFF_LANG": "lo_LA.UTF-8", "LANG": "C"}, "lo"),
        ({"LANG": "lo_LA.UTF-8"}, "lo"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_environment_chooses_a_language(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


def test_a_language_that_was_chosen_and_is_not_there_is_no_guess() -> None:
    with pytest.raises(UnknownLanguage, match="HANDOFF_LANG: there is no language 'thai' here: write th, lo or en"):
        language_of({"HANDOFF_LANG": "thai", "LANG": "th_TH.UTF-8"})


def test_a_process_speaks_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for language in LANGUAGES:
        monkeypatch.setenv("HANDOFF_LANG", language)
        told.append((spoken._("in {length}", length=3), spoken.ngettext("{count} night", "{count} nights", 2)))
    assert told == [("in 3", "2 nights"), ("อีก 3", "2 คืน"), ("ອີກ 3", "2 ຄືນ")]
    assert spoken.pgettext("state", "Arrived") == "ມາຮອດແລ້ວ"
    assert spoken.say(N_("weather")) == "ສະພາບອາກາດ"


def test_english_starts_without_reading_a_catalogue() -> None:
    script = (
        "import sys; from services.client import formatting; from services.client.phrases import spoken, vocabulary\n"
        "spoken._('in {length}', length=3); print('babel' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(ROOT), "HANDOFF_LANG": "en"}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


# the vocabulary


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (vocabulary.STATES, border.State),
        (vocabulary.STATE_WORDS, border.State),
        (vocabulary.HOLDS, border.State),
        (vocabulary.NEEDS, border.Need),
        (vocabulary.FIELDS, personal.PersonalField),
        (vocabulary.SAID, personal.Said),
        (vocabulary.CONTACT_FIELDS, contacts.ContactField),
        (vocabulary.DRIVES, border.HandoffOffered.model_fields["who_drives"].annotation),
        (vocabulary.VERDICTS, referral.PassJudged.model_fields["verdict"].annotation),
    ],
)
def test_a_table_has_the_codes_of_its_contract(table: Table, codes: Any) -> None:
    assert sorted(table) == sorted(get_args(codes))


def test_every_reason_and_every_refusal_has_its_words() -> None:
    reasons = {*get_args(border.DeclineReason), *get_args(border.EndReason)}
    reasons |= set(get_args(booking.HoldRefused.model_fields["reason"].annotation))
    assert reasons - set(vocabulary.REASONS) == set()
    assert vocabulary.BY_RULE - set(vocabulary.REASONS) == set()
    assert vocabulary.TAKEN_BACK - set(vocabulary.ACTS) == set()
    assert set(vocabulary.REFUSALS) == {no.value for no in No}
    assert {no.value for no in No} - {*vocabulary.REASONS, *vocabulary.REFUSED} == set()


def test_every_act_of_the_story_has_its_words() -> None:
    heard = {message.type.split(".")[1] for message in (*BROUGHT, *SAID_BY)}
    assert ({code_of(act) for act in ACTS} | heard) - set(vocabulary.ACTS) == set()
    noted = {code_of(act) for act in noted_acts()}
    assert "hold_placed" in noted
    assert noted - set(vocabulary.ACTS) == set()


def noted_acts() -> Iterator[str]:
    """What the referral service writes into a story by name."""
    for source in sources(ROOT, "services/referral"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.keyword) and node.arg == "act" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)


def test_every_act_of_a_side_has_a_button() -> None:
    assert {code_of(act) for act in ACTS} - set(vocabulary.NEXT_ACTS) == set()


@pytest.mark.parametrize("code", ["hold placed, accepted by itself", "hold_placed_accepted_by_itself"])
def test_a_code_is_found_as_it_was_written_before(code: str) -> None:
    assert word(Phrases.of("lo"), vocabulary.ACTS, code) == "ກັນບ່ອນໄວ້ ແລະ ຕອບຮັບເອງຕາມຂໍ້ຕົກລົງ"


def test_a_code_of_a_newer_partner_is_said_as_it_is_written() -> None:
    assert word(Phrases.of("th"), vocabulary.ACTS, "party_rerouted") == "party rerouted"


@pytest.mark.parametrize(
    ("code", "about", "english", "thai"),
    [
        ("no_room", {}, "no places left", "ที่เต็ม"),
        ("counter_refused", {"reason": "no_room"}, "counter refused: no places left", "เสนอวันอื่นไม่ได้: ที่เต็ม"),
        (
            "deadline_refused",
            {"reason": "too_late"},
            "deadline refused: too late",
            "ถึงกำหนดแล้วแต่ทำไม่ได้: เลยเวลาแล้ว",
        ),
        ("records_differ", {"theirs": "held"}, "their record says held", "ทางเขาบันทึกไว้ว่า กันที่ไว้แล้ว"),
        ("rain_of_frogs", {}, "rain of frogs", "rain of frogs"),
    ],
)
def test_why_a_person_is_needed_is_said_with_what_it_is_about(
    code: str, about: dict[str, str], english: str, thai: str
) -> None:
    needed = Attention(code=code, about=about)
    assert [attention(Phrases.of(language), needed) for language in ("en", "th")] == [english, thai]


def test_a_counter_offer_is_told_with_its_round() -> None:
    told = [state(Phrases.of(language), "countered", 2) for language in LANGUAGES]
    assert told == ["countered (round 2)", "เสนอวันอื่น (รอบที่ 2)", "ສະເໜີວັນອື່ນ (ຮອບທີ 2)"]
