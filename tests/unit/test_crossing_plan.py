"""What the rows of today come to for parties at each crossing. Nothing is promised; what no row says is unknown."""

from __future__ import annotations

from datetime import date, time, timedelta
from string import Formatter
from typing import Any

import pytest

from contracts.crossing.rows import Limits
from contracts.crossing.v1 import MOST_NIGHTS, CrossingBook, Plan, PlanLine
from contracts.refusals import Refused
from contracts.values import Party
from services.client import crossings
from services.client.phrases.catalogue import LANGUAGES, Phrases
from services.client.phrases.crossings import RESULTS, SENTENCES, VALUES
from services.referral.domain.crossing.book import revise, versions
from services.referral.domain.crossing.plan import for_receiver
from services.referral.domain.crossing.reminders import Reminder, reminders
from services.referral.domain.crossing.rows import Journey
from tests.support.crossing import BOOK, DAY, at, line, lines, planned, travel

GERMAN = travel("third_country", "passport")
THAI_PASS = travel("thai", "border_pass", border_resident="yes")
LAO = travel("lao", "passport")
#: When the rows of the tests are kept and planned by, where it matters.
TODAY = date(2026, 12, 1)


def words(found: PlanLine, language: str = "en") -> str:
    return crossings.verdict(Phrases.of(language), found)


def with_rule(rule: str, **changes: Any) -> CrossingBook:
    """The rows, with one rule changed."""
    rules = [r.model_copy(update=changes) if r.id == rule else r for r in BOOK.rules]
    return BOOK.model_copy(update={"rules": tuple(rules)})


def with_crossing(crossing: str, **changes: Any) -> CrossingBook:
    found = [c.model_copy(update=changes) if c.id == crossing else c for c in BOOK.crossings]
    return BOOK.model_copy(update={"crossings": tuple(found)})


def beside(rule: str, **changes: Any) -> CrossingBook:
    """The rows, with another that is like one of them but for these fields."""
    like = next(r for r in BOOK.rules if r.id == rule)
    return BOOK.model_copy(update={"rules": (*BOOK.rules, like.model_copy(update={"id": f"{rule}-too"} | changes))})


# crossing by crossing


def test_a_german_with_a_passport_at_na_kraseng_needs_the_lao_visa_before_arriving() -> None:
    made = planned(GERMAN)
    assert made.crossings[0].crossing == "na-kraseng"
    visa = line(made, "na-kraseng", "visa")
    assert (visa.result, visa.code, visa.basis and visa.basis.id) == (
        "missing",
        "visa_before_arrival",
        "voa-la-na-kraseng",
    )
    assert words(visa).startswith("missing: a visa for the Lao PDR, held before arrival")
    assert words(line(made, "na-kraseng", "document")).startswith("unknown - ask officials: ")
    assert crossings.reservation(Phrases.of("en")) == "not confirmed by officials"
    assert made.confirmed_by_officials is False


def test_a_visa_that_is_held_or_said_not_to_be_needed_is_for_officials_to_judge() -> None:
    for claimed in ("yes", "not_needed"):
        held = travel("third_country", "passport", visa=claimed)
        assert line(planned(held), "na-kraseng", "visa").result == "unknown"


def test_at_the_first_friendship_bridge_a_visa_may_be_had_on_arrival_and_the_form_is_enforced() -> None:
    made = planned(GERMAN)
    assert line(made, "nong-khai-1", "visa").code == "visa_here_or_before"
    form = line(made, "nong-khai-1", "form")
    assert (form.result, form.named["what"], form.named["opens"]) == ("missing", "ldif", "2027-01-11")
    assert line(made, "na-kraseng", "form").code == "form_elsewhere"


def test_a_thai_border_pass_is_good_for_three_days_and_two_nights_and_for_no_more() -> None:
    within, beyond = planned(THAI_PASS, nights=2), planned(THAI_PASS, nights=4)
    assert line(within, "na-kraseng", "document").result == "looks_fine"
    assert line(within, "na-kraseng", "stay").result == "looks_fine"
    stay = line(beyond, "na-kraseng", "stay")
    assert words(stay) == "not possible here: 4 nights, at most 2 are allowed"
    assert stay.basis is not None
    assert (stay.basis.id, str(stay.basis.checked_on)) == ("bp-th-la", "2026-11-20")


def test_a_border_pass_leads_back_by_the_same_point_and_not_beyond_its_area() -> None:
    assert line(planned(THAI_PASS), "na-kraseng", "return").result == "missing"
    assert line(planned(THAI_PASS, return_by="na-kraseng"), "na-kraseng", "return").result == "looks_fine"
    assert line(planned(THAI_PASS, return_by="nong-khai-1"), "na-kraseng", "return").result == "not_possible_here"
    assert line(planned(THAI_PASS), "na-kraseng", "area").result == "unknown"


def test_a_border_pass_of_somebody_who_may_not_be_a_resident_is_unknown() -> None:
    unsure = travel("thai", "border_pass")
    assert line(planned(unsure), "na-kraseng", "document").code == "may_not_hold"
    elsewhere = travel("thai", "border_pass", border_resident="no")
    assert line(planned(elsewhere), "na-kraseng", "document").code == "no_rule"
    temporary = travel("thai", "temporary_border_pass", border_resident="no")
    assert line(planned(temporary), "na-kraseng", "document").result == "looks_fine"


def test_the_relaxation_of_2024_holds_in_2024_only() -> None:
    relaxed = planned(THAI_PASS, day=date(2024, 8, 1), nights=6, today=TODAY)
    assert line(relaxed, "na-kraseng", "conflict").named["rows"] == "bp-2024-relax, bp-th-la"
    assert line(relaxed, "na-kraseng", "stay").result == "unknown"
    assert not lines(planned(THAI_PASS, nights=6), "na-kraseng", "conflict")


def test_a_lao_passport_into_thailand_needs_the_arrival_card_from_three_days_before() -> None:
    made = planned(LAO, "bo-taen", "tha-li")
    tdac = next(one for one in lines(made, "na-kraseng", "form") if one.named["what"] == "tdac")
    assert (tdac.result, tdac.named["opens"]) == ("missing", "2027-01-11")
    assert not lines(made, "na-kraseng", "paper"), "the form is named once"
    document = line(made, "na-kraseng", "document")
    assert words(document) == "looks fine (low): passport of Lao travellers"


def test_a_border_pass_is_exempt_from_the_arrival_card_and_a_temporary_one_is_a_question() -> None:
    for document, result in (("border_pass", "looks_fine"), ("temporary_border_pass", "unknown")):
        made = planned(travel("lao", document, border_resident="yes"), "bo-taen", "tha-li")
        (tdac,) = [one for one in lines(made, "na-kraseng", "form") if one.named["what"] == "tdac"]
        assert tdac.result == result


def test_a_german_into_thailand_is_told_that_the_exemption_may_have_ended() -> None:
    document = line(planned(GERMAN, "bo-taen", "tha-li"), "na-kraseng", "document")
    assert (document.result, document.basis and document.basis.id) == ("unknown", "th-60d")


def test_nobody_gets_through_when_it_is_closed_or_about_to_close() -> None:
    for hour, result in ((7, "not_possible_here"), (8, "looks_fine"), (17, "missing"), (18, "not_possible_here")):
        assert line(planned(GERMAN, hour=time(hour)), "na-kraseng", "hours").result == result, hour
    assert line(planned(GERMAN, hour=time(16, 30)), "na-kraseng", "hours").result == "looks_fine"
    assert line(planned(GERMAN, hour=time(16, 31)), "na-kraseng", "hours").named["latest"] == "16:30"
    assert line(planned(GERMAN, hour=None), "na-kraseng", "hours").result == "unknown"
    assert words(line(planned(GERMAN), "na-kraseng", "hours")).startswith("looks fine (low): open 08:00-18:00")


def test_a_crossing_that_is_open_on_saturdays_only_is_closed_on_a_thursday() -> None:
    hours = next(c for c in BOOK.crossings if c.id == "na-kraseng").hours[0].model_copy(update={"days": (6,)})
    rows = with_crossing("na-kraseng", hours=(hours,))
    assert line(planned(GERMAN, rows=rows), "na-kraseng", "hours").code == "closed_weekday"
    assert line(planned(GERMAN, rows=rows, day=DAY + timedelta(days=2)), "na-kraseng", "hours").result == "looks_fine"


@pytest.mark.parametrize(
    ("crossing", "code"),
    [
        ("nakha", "local_people_only"),
        ("mueang-phrae", "local_people_only"),
        ("pak-huai", "closed"),
        ("chiang-khan", "not_open_to"),
        ("khok-phai", "not_open_to"),
        ("phu-du", "not_open_to"),
    ],
)
def test_where_a_german_is_not_let_through_the_plan_says_why_and_nothing_else(crossing: str, code: str) -> None:
    (only,) = at(planned(GERMAN), crossing).lines
    assert (only.result, only.code) == ("not_possible_here", code)


@pytest.mark.parametrize(
    ("crossing", "result"),
    [
        ("nong-khai-1", "looks_fine"),
        ("chiang-khan", "unknown"),
        ("khok-phai", "unknown"),
        ("phu-du", "unknown"),
        ("huai-kon", "unknown"),
        ("nakha", "not_possible_here"),
    ],
)
def test_thai_travellers_are_let_through_where_rows_say_so(crossing: str, result: str) -> None:
    within_a_year = date(2026, 9, 1)
    made = planned(travel("thai", "passport"), day=within_a_year, today=TODAY)
    assert line(made, crossing, "admission").result == result


def test_from_kok_sathon_the_way_leads_by_na_kraseng_although_ban_nakha_is_nearer() -> None:
    for facts in (GERMAN, THAI_PASS, travel("thai", "passport")):
        made = planned(facts, "kok-sathon")
        order = [way.crossing for way in made.crossings]
        assert order[0] == "na-kraseng"
        assert (at(made, "nakha").km or 0) < (at(made, "na-kraseng").km or 0)
        assert order.index("nakha") > max(order.index("nong-khai-1"), order.index("huai-kon"))


def test_kilometres_are_by_road_where_both_roads_are_known_and_none_where_no_bank_is() -> None:
    made = planned(GERMAN)
    assert (at(made, "na-kraseng").km, at(made, "na-kraseng").km_by) == (45, "road")
    assert at(made, "nong-khai-1").km_by == "straight_line"
    assert at(made, "pak-huai").km is None


# what they bring along


def test_a_car_needs_its_papers_and_a_motorbike_is_a_question() -> None:
    car = lines(planned(travel("thai", "passport", vehicle="car")), "na-kraseng", "vehicle")
    assert {one.result for one in car} == {"missing"}
    assert "lao_vehicle_insurance" in {one.named["what"] for one in car}
    bike = line(planned(travel("thai", "passport", vehicle="motorbike")), "na-kraseng", "vehicle")
    assert (bike.result, bike.basis and bike.basis.confidence) == ("unknown", "low")
    assert line(planned(travel("thai", "passport", vehicle="unknown")), "na-kraseng", "vehicle").result == "unknown"
    assert not lines(planned(travel("thai", "passport", vehicle="public")), "na-kraseng", "vehicle")


def test_children_need_papers_and_a_letter_when_no_parent_is_with_them() -> None:
    family = Party(adult=2, child=1)
    for escort, letter in (("parent", False), ("guardian", True)):
        made = planned(travel("thai", "passport", children_with=escort), party=family)
        asked = {one.named["what"] for one in lines(made, "na-kraseng", "children")}
        assert ("guardian_letter" in asked) is letter
        assert "birth_certificate" in asked
    nobody_said = planned(travel("thai", "passport"), party=family)
    assert line(nobody_said, "na-kraseng", "children").code == "escort_not_said"
    assert not lines(planned(travel("thai", "passport")), "na-kraseng", "children")


def test_the_receiving_host_reports_guests_from_abroad_and_nobody_else() -> None:
    def duty(made: Plan) -> list[tuple[str, str]]:
        return [(one.result, words(one)) for one in made.lines if one.about == "lodging"]

    assert "within 24 h of arrival" in duty(planned(LAO, "bo-taen", "tha-li"))[0][1]
    assert "the same day" in duty(planned(GERMAN))[0][1]
    assert duty(planned(travel("lao", "passport"), "tha-li", "bo-taen")) == []


def test_the_receiver_sees_the_crossing_that_was_named_and_its_own_duty_but_not_what_they_carry() -> None:
    journey = Journey(direction="TH->LA", day=DAY, party=Party(adult=2), chosen="na-kraseng")
    made = for_receiver(journey, BOOK)
    assert [way.crossing for way in made.crossings] == ["na-kraseng"]
    assert {one.about for one in made.crossings[0].lines} == {"admission", "hours"}
    assert [one.code for one in made.lines] == ["travel_not_known", "lodging_if_foreign"]


def test_two_villages_of_one_country_have_no_border_between_them() -> None:
    with pytest.raises(Refused) as no:
        planned(GERMAN, "tha-li", "pla-ba")
    assert no.value.refusal.field == "destination"


# rows that contradict one another, or are no longer to be trusted


def test_of_rows_that_contradict_one_another_the_newest_check_wins_and_both_are_shown() -> None:
    later = date(2026, 12, 1)
    made = planned(travel("thai", "passport"), rows=beside("pp-th-la", allowed="no", checked_on=later))
    assert line(made, "na-kraseng", "document").result == "not_possible_here"
    assert line(made, "na-kraseng", "conflict").named["rows"] == "pp-th-la, pp-th-la-too"


def test_checked_on_the_same_day_neither_of_them_holds() -> None:
    made = planned(travel("thai", "passport"), rows=beside("pp-th-la", allowed="no"))
    assert line(made, "na-kraseng", "document").result == "unknown"
    assert lines(made, "na-kraseng", "conflict")


@pytest.mark.parametrize("changes", [{"valid_to": "unknown"}, {"checked_on": date(2025, 6, 1)}, {"allowed": "unknown"}])
def test_a_row_whose_end_is_unknown_or_that_nobody_has_looked_at_for_a_year_is_no_yes(changes: dict[str, Any]) -> None:
    made = planned(travel("thai", "passport"), rows=with_rule("pp-th-la", **changes))
    assert line(made, "na-kraseng", "document").result == "unknown"


def test_a_crossing_that_nobody_has_looked_at_for_a_year_is_unknown() -> None:
    made = planned(GERMAN, day=date(2028, 1, 13))
    assert {line(made, "na-kraseng", about).result for about in ("admission", "hours", "document")} == {"unknown"}


# words


def test_every_sentence_of_a_plan_can_be_said_in_three_languages_and_shows_its_row() -> None:
    for language in ("th", "lo", "en"):
        for facts in (GERMAN, THAI_PASS, LAO, travel("thai", "passport", vehicle="car", children_with="other")):
            for one in [each for way in planned(facts, party=Party(adult=1, child=1)).crossings for each in way.lines]:
                said = words(one, language)
                assert "?" not in said, (language, one)
                assert "{" not in said
                grounds = crossings.grounds(Phrases.of(language), one)
                assert (grounds is None) == (one.basis is None)
                if one.basis:
                    assert one.basis.source in str(grounds)
                    assert ("2569" in str(grounds)) is (language == "th"), "the Buddhist year is for Thai readers"


def test_a_plan_has_exactly_four_verdicts() -> None:
    english = {code: said.text for code, said in RESULTS.items()}
    assert english == {
        "looks_fine": "looks fine",
        "missing": "missing",
        "not_possible_here": "not possible here",
        "unknown": "unknown - ask officials",
    }


def test_nothing_is_promised_in_any_language() -> None:
    every = [phrase for table in (SENTENCES, VALUES, RESULTS) for phrase in table.values()]
    unfilled = {name: name for phrase in every for _, name, _, _ in Formatter().parse(phrase.text) if name}
    said = " ".join(Phrases.of(language).say(one, **unfilled) for language in LANGUAGES for one in every).lower()
    for promise in ("guarantee", "granted", "รับรองว่า", "ຮັບປະກັນ"):
        assert promise not in said


# reminders and keeping


def test_the_sender_is_reminded_of_the_form_the_visa_and_the_day_before() -> None:
    made = planned(GERMAN, chosen="nong-khai-1")
    assert reminders(made, "sender", date(2027, 1, 2)) == (
        Reminder(date(2027, 1, 2), "visa_before_arrival"),
        Reminder(date(2027, 1, 11), "form_window", "ldif"),
        Reminder(date(2027, 1, 13), "papers_and_hours"),
    )
    assert {one.due for one in reminders(made, "sender", date(2027, 1, 14))} == {date(2027, 1, 14)}
    assert reminders(made, "sender", date(2027, 1, 15)) == ()


def test_the_receiver_is_reminded_of_the_report_on_the_day_of_arrival() -> None:
    assert reminders(planned(None), "receiver", date(2027, 1, 2)) == (
        Reminder(date(2027, 1, 14), "lodging_report", "guest_register"),
    )


def test_a_later_check_supersedes_and_the_same_file_changes_nothing() -> None:
    assert revise((), BOOK, TODAY).kept.added == len([*BOOK.crossings, *BOOK.rules, *BOOK.margins])
    assert revise(versions(BOOK), BOOK, TODAY).keep == ()
    later = with_rule("ldif", checked_on=date(2026, 12, 1), enforced_at=("nong-khai-1", "na-kraseng"))
    kept = revise(versions(BOOK), later, TODAY).kept
    assert (kept.added, kept.superseded, kept.unchanged) == (0, 1, 24)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"confidence": "high"}, "book.rules.3.checked_on"),
        ({"confidence": "high", "checked_on": date(2026, 1, 1)}, "book.rules.3.checked_on"),
        ({"crossing": "boten"}, "book.rules.3.crossing"),
        ({"enforced_at": ("boten",)}, "book.rules.3.enforced_at"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "book.rules.3.valid_to"),
    ],
)
def test_a_correction_that_cannot_be_told_from_what_it_corrects_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as no:
        revise(versions(BOOK), with_rule("pp-th-la", **changes), TODAY)
    assert no.value.refusal.field == field


def test_a_row_given_twice_for_one_day_is_refused() -> None:
    twice = BOOK.model_copy(update={"rules": (*BOOK.rules, BOOK.rules[0].model_copy(update={"confidence": "low"}))})
    with pytest.raises(Refused, match="invalid"):
        revise((), twice, TODAY)


def test_more_rows_than_can_be_read_together_are_refused() -> None:
    many = [BOOK.margins[0].model_copy(update={"id": f"margins-{n}"}) for n in range(51)]
    full = versions(CrossingBook(margins=tuple(many[:50])))
    assert revise(full, CrossingBook(margins=tuple(many[1:50])), TODAY).kept.unchanged == 49
    with pytest.raises(Refused) as no:
        revise(full, CrossingBook(margins=tuple(many[50:])), TODAY)
    assert no.value.refusal.field == "book.margins"


# as long as files may be


def test_a_host_is_told_of_a_long_list_of_papers_as_far_as_it_fits() -> None:
    papers = tuple(f"paper_{n}_{'x' * 30}" for n in range(10))
    rules = tuple(r.model_copy(update={"requires": papers}) if r.about == "lodging" else r for r in BOOK.rules)
    made = planned(GERMAN, rows=BOOK.model_copy(update={"rules": rules}))
    told = next(one for one in made.lines if one.about == "lodging").named["what"]
    assert told.endswith(", …")
    assert set(told.split(", ")) < {*papers, "…"}
    assert Reminder(DAY, "lodging_report", papers[0]) in reminders(made, "receiver", DAY)


def test_a_contradiction_of_many_rows_names_as_many_as_fit() -> None:
    like = next(r for r in BOOK.rules if r.id == "voa-la-na-kraseng")
    ids = [f"{n}-{'x' * 62}" for n in range(5)]
    more = [like.model_copy(update={"id": one, "allowed": ("yes", "no")[n % 2]}) for n, one in enumerate(ids)]
    made = planned(GERMAN, rows=BOOK.model_copy(update={"rules": (*BOOK.rules, *more)}))
    named = line(made, "na-kraseng", "conflict").named["rows"].split(", ")
    assert named == [*ids[:4], "…"]


def test_a_stay_longer_than_any_rule_allows_is_too_long() -> None:
    rows = with_rule("bp-th-la", limits=Limits(max_nights=365))
    stay = line(planned(THAI_PASS, rows=rows, nights=MOST_NIGHTS), "na-kraseng", "stay")
    assert (stay.result, stay.code) == ("not_possible_here", "stay_too_long")
