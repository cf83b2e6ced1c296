"""What the forms of a community make of its offering, and of terms; nothing of somebody else is lost."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from contracts.community.v1 import Experience, Offering, PublishOffering, Terms
from services.client.phrases.catalogue import Phrases
from services.portal.site import forms, numbers, offer_form, profile_form, standing, terms_form
from services.portal.site.offer_form import OfferForm
from services.portal.site.profile_form import ProfileForm
from services.portal.site.standing import Stopped
from services.portal.site.terms_form import TermsForm

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = json.loads((ROOT / "contracts/examples/community.publish_offering.v1.json").read_text(encoding="utf-8"))
OFFERING = PublishOffering.read(EXAMPLE).offering
FIRST = OFFERING.experiences[0]
EN, TH = Phrases.of("en"), Phrases.of("th")
TODAY = date(2027, 1, 4)


def sent(typed: dict[str, Any], **changes: Any) -> FormData:
    """What a browser sends of a form that shows this, with some of it typed over; None is left empty."""
    pairs: list[tuple[str, str | UploadFile]] = []
    for name, value in (typed | changes).items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, str(each)) for each in values if each is not None]
    return FormData(pairs)


def offer(changes: dict[str, Any], offering: Offering = OFFERING, phrases: Phrases = EN) -> Offering:
    """The offering after the form of its first experience was sent with these changes."""
    filled = forms.filled(OfferForm, sent(offer_form.typed_of(FIRST), **changes), phrases)
    assert filled.value is not None, filled.wrong
    return offer_form.with_experience(phrases, offering, filled.value, FIRST.id)


def profile(changes: dict[str, Any], offering: Offering = OFFERING) -> Offering:
    """The offering after the form of the profile was sent with these changes."""
    filled = forms.filled(ProfileForm, sent(profile_form.typed_of(OFFERING.community), **changes), EN)
    assert filled.value is not None, filled.wrong
    return profile_form.with_profile(EN, offering, filled.value)


def stopped(changes: dict[str, Any], offering: Offering = OFFERING) -> Stopped:
    """Why it was not published."""
    with pytest.raises(Stopped) as why:
        offer(changes, offering)
    return why.value


def repriced(amount: str) -> Offering:
    """What somebody else has published meanwhile."""
    first = offer({"price_adult": amount}).experiences[0]
    return OFFERING.model_copy(update={"experiences": (first, *OFFERING.experiences[1:])})


def test_a_form_that_is_sent_as_it_was_shown_changes_nothing() -> None:
    assert offer({}) == OFFERING
    assert profile({}) == OFFERING


def test_the_office_is_taken_as_people_write_it_and_can_be_emptied() -> None:
    said = {
        "website": "www.example.org",
        "telephone": "+66 (42) 123-456",
        "email": "office@example.org",
        "address": "1",
    }
    office = profile(said).community.office
    assert office is not None
    assert office.website == "https://www.example.org"
    assert (office.telephone, office.email, office.address) == ("+6642123456", "office@example.org", "1")
    shown = standing.marks(profile(said).community)
    emptied = profile(dict.fromkeys(said) | {"shown": shown}, profile(said))
    assert emptied.community.office is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("telephone", "042 123456", "must be a number with its country"),
        ("email", "office", "must be an e-mail address"),
        ("website", "no address", "must be an address such as https"),
    ],
)
def test_what_no_office_has_is_said_at_its_field(field: str, value: str, said: str) -> None:
    with pytest.raises(Stopped) as why:
        profile({field: value})
    assert said in why.value.wrong[field]


def test_a_form_of_before_that_knows_no_office_and_no_reference_leaves_them() -> None:
    with_office = profile({"website": "https://example.org"})
    shown = standing.marks(with_office.community)
    older = profile({"office": None, "visitors_per_day": "61", "shown": shown}, with_office).community
    assert (older.office, older.limits.visitors_per_day) == (with_office.community.office, 61)
    numbered = offer({"reference": "BT-1", "waits": "true"})
    shown = standing.marks(numbered.experiences[0])
    again = offer({"refund": None, "reference": None, "seats": "3", "shown": shown}, numbered).experiences[0]
    assert (again.reference, again.instant_confirmation, again.seats) == ("BT-1", False, 3)


def test_a_number_of_our_own_and_that_agencies_wait() -> None:
    first = offer({"reference": "BT/2027-1", "waits": "true"}).experiences[0]
    assert (first.reference, first.instant_confirmation) == ("BT/2027-1", False)
    numbered = offer({"reference": "BT-1", "waits": "true"})
    emptied = {"reference": None, "waits": None, "shown": standing.marks(numbered.experiences[0])}
    back = offer(emptied, numbered).experiences[0]
    assert (back.reference, back.instant_confirmation) == (None, True)
    assert "letters, digits" in stopped({"reference": "no spaces"}).wrong["reference"]


def test_one_field_is_changed_and_everything_else_stays() -> None:
    after = offer({"price_adult": "75,000", "name_th": "ตลาดเช้า", "months": ["11", "12"], "hours": "๓"})
    first = after.experiences[0]
    assert {unit.unit: unit.price.amount for unit in first.prices}["adult"] == "75000.00"
    assert (first.names.th, first.months, first.duration_minutes) == (
        "ตลาดเช้า",
        (11, 12),
        180 + FIRST.duration_minutes % 60,
    )
    assert (after.experiences[1:], after.community) == (OFFERING.experiences[1:], OFFERING.community)
    limits = profile({"visitors_per_day": "60", "contacts": ["+856 20 5550 0000", ""]}).community
    assert (limits.limits.visitors_per_day, limits.contacts) == (60, ("+856 20 5550 0000",))
    assert limits.limits.answers_until == OFFERING.community.limits.answers_until


def test_what_the_forms_do_not_show_is_published_again_as_it_was() -> None:
    office, first = OFFERING.community.office, FIRST
    assert all((office, first.descriptions, first.reference, first.cancellation, not first.instant_confirmation))
    after = offer({"seats": "9"}, profile({"visitors_per_day": "60"}))
    assert after.community.office == office
    assert after.experiences[0] == first.model_copy(update={"seats": 9})
    older = offer({"seats": "9", "refund": None, "refund_hours": None, "description_lo": None})
    assert older.experiences[0] == first.model_copy(update={"seats": 9}), "a form of an older page"


@pytest.mark.parametrize(
    ("typed", "steps"),
    [
        ({"refund": "usual"}, None),
        ({"refund": "none"}, []),
        (
            {"refund": "steps", "refund_hours": ["๔๘", "", "24"], "refund_percent": ["100", "", "50"]},
            [(48, 100), (24, 50)],
        ),
    ],
)
def test_money_back_is_as_somebody_writes_it_down(typed: dict[str, Any], steps: list[tuple[int, int]] | None) -> None:
    rule = offer(typed).experiences[0].cancellation
    assert (rule and [(step.hours, step.refund_percent) for step in rule.steps]) == steps


@pytest.mark.parametrize(
    "typed",
    [
        {"refund_hours": ["48", "24"], "refund_percent": ["100"]},
        {"refund_hours": [], "refund_percent": []},
        {"refund_hours": ["24", "48"], "refund_percent": ["50", "100"]},
    ],
)
def test_steps_that_nobody_can_follow_are_said_at_their_field(typed: dict[str, Any]) -> None:
    assert list(stopped({"refund": "steps", **typed}).wrong) == ["refund_hours"]


def test_a_description_is_one_paragraph_in_each_language() -> None:
    texts = offer({"description_en": "Two\r\n lines", "description_th": None}).experiences[0].descriptions
    assert texts is not None
    assert (texts.en, texts.th, texts.lo is not None) == ("Two lines", None, True)


def test_a_form_that_began_from_nothing_would_lose_what_it_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = forms.filled(OfferForm, sent(offer_form.typed_of(FIRST)), EN)
    assert filled.value is not None
    monkeypatch.setattr(Experience, "wire", lambda one: {"id": one.id})
    after = offer_form.with_experience(EN, OFFERING, filled.value, FIRST.id)
    assert FIRST.demo
    assert not after.experiences[0].demo


def test_an_amount_is_in_the_currency_of_the_community_whatever_is_sent() -> None:
    after = offer({"price_adult": "5", "currency": "THB", "id": "tha-li.homestay"})
    assert after.experiences[0].id == FIRST.id
    assert {unit.price.currency for one in after.experiences for unit in one.prices} == {"LAK"}


def test_something_new_is_added_under_an_id_of_its_own() -> None:
    new = offer_form.blank() | {"kind": "meal", "programme": "half_day", "starts": ["11:00"], "price_adult": "50000"}
    for names, id_ in (
        ({"name_en": "Sticky rice & fish!"}, "bo-taen.sticky-rice-fish"),
        ({"name_lo": "ເຂົ້າ"}, "bo-taen.meal"),
    ):
        filled = forms.filled(OfferForm, sent(new | names), EN)
        assert filled.value is not None
        after = offer_form.with_experience(EN, OFFERING, filled.value, None)
        assert (after.experiences[:-1], after.experiences[-1].id) == (OFFERING.experiences, id_)
        again = offer_form.with_experience(EN, after, filled.value, None)
        assert again.experiences[-1].id == f"{id_}-2"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_th": None, "name_lo": None, "name_en": None}, "name_th"),
        ({"name_en": "x" * 81}, "name_en"),
        ({"price_adult": None, "price_child": None, "price_item": None}, "price_adult"),
        ({"hours": "0", "minutes": "1"}, "hours"),
        ({"seats": "3", "min_party": "4"}, "min_party"),
        ({"kind": "homestay", "programme": "day"}, "programme"),
        ({"starts": ["08:00", "08:00"]}, "starts"),
        ({"price_child": "2000000000"}, "price_child"),
    ],
)
def test_what_the_rules_find_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    why = stopped(changes)
    assert list(why.wrong) == [field]
    assert why.wrong[field]
    assert why.changed == ()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"price_adult": "much", "seats": "many", "weekdays": []}, {"price_adult", "seats", "weekdays"}),
        ({"starts": ["25:00"], "minutes": "60", "kind": "party"}, {"starts", "minutes", "kind"}),
    ],
)
def test_all_that_cannot_be_read_is_said_at_once(changes: dict[str, Any], fields: set[str]) -> None:
    filled = forms.filled(OfferForm, sent(offer_form.typed_of(FIRST), **changes), TH)
    assert set(filled.wrong) == fields
    assert filled.typed.get("price_adult") == changes.get("price_adult", filled.typed.get("price_adult"))


def test_what_is_wrong_with_another_part_is_said_of_no_field() -> None:
    with pytest.raises(Stopped) as why:
        profile({"guests_per_night": "0"})
    assert list(why.value.wrong) == [""]


def test_what_somebody_else_has_changed_is_told_and_not_written_over() -> None:
    why = stopped({"seats": "9"}, repriced("61000"))
    assert (why.changed, why.wrong) == (("prices",), {})
    shown = standing.marks(why.offering.experiences[0])
    after = offer({"seats": "9", "price_adult": "61000", "shown": shown}, why.offering)
    assert after.experiences[0].seats == 9


def test_the_same_form_twice_and_another_part_changed_meanwhile_stop_nobody() -> None:
    once = repriced("61000")
    assert offer({"price_adult": "61000"}, once) == once, "what is wanted stands there already"
    other = OFFERING.model_copy(update={"experiences": (FIRST, *OFFERING.experiences[1:][::-1])})
    assert offer({"seats": "9"}, other).experiences[1:] == other.experiences[1:]
    assert profile({"retention_days": "7"}, once).experiences == once.experiences


def test_taking_off_stops_for_what_was_not_looked_at() -> None:
    shown = standing.marks(FIRST)
    assert offer_form.without(OFFERING, FIRST.id, shown).experiences == OFFERING.experiences[1:]
    with pytest.raises(Stopped):
        offer_form.without(repriced("61000"), FIRST.id, shown)
    assert offer_form.without(OFFERING, "bo-taen.none", shown) == OFFERING, "it is gone already"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1800", "1800.00"), ("1,800", "1800.00"), ("1.800", "1800.00"), ("1 800,50", "1800.50"), ("๖๐๐", "600.00"),
     ("0.5", "0.50"), ("1,800,000", "1800000.00"), ("2.000.000", "2000000.00")],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(typed: str, amount: str) -> None:
    assert numbers.amount(typed) == amount


@pytest.mark.parametrize("typed", ["", "-5", "1,80,0", "1.2345", "5 THB", "=1+1", "1e5"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="must be an amount"):
        numbers.amount(typed)


def test_terms_are_made_of_a_form() -> None:
    shown = terms_form.typed_of(None, TODAY)
    filled = forms.filled(TermsForm, sent(shown, referral_fee_percent="7,5 %", crossings=["na-kraseng"]), EN)
    assert filled.value is not None
    terms, wrong = terms_form.made(EN, filled.value, border=False)
    expected = Terms(valid_from=TODAY, referral_fee_percent="7.50", crossings=("na-kraseng",), border=True)
    assert (terms, wrong) == (expected, {})


def test_terms_that_end_before_they_begin_are_refused_at_their_field() -> None:
    filled = forms.filled(TermsForm, sent(terms_form.typed_of(None, TODAY), valid_to="2026-12-31"), EN)
    assert filled.value is not None
    terms, wrong = terms_form.made(EN, filled.value, border=True)
    assert (terms, list(wrong)) == (None, ["valid_to"])
