"""What a request's headers say, which key opens what, and what an answer keeps of people: nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from contracts.holding import LONGEST
from services.agency_api.domain import repeats
from services.agency_api.domain.bookings import held_until
from services.agency_api.domain.keys import Key
from services.agency_api.octo.asked import AskedContact
from services.agency_api.octo.objects import Contact
from services.agency_api.octo.showing import Echo, contact, echoed
from services.agency_api.own import once
from services.agency_api.site.asking import capabilities_of, language_of
from services.agency_api.site.door import kind_of, needed
from services.agency_api.site.repeating import without_people

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
SECRET = "a-secret-of-an-agency-that-nobody-guesses"


def key(**given: datetime | None) -> Key:
    digest = hashlib.sha256(SECRET.encode()).digest()
    return Key(prefix="abcdefghij", agency="mekong-tours", digest=digest, scopes=frozenset({"read"}), **given)


def test_a_key_opens_with_its_own_secret_while_it_is_live() -> None:
    assert key().opens(SECRET, NOW)
    assert not key().opens(SECRET + "x", NOW)
    assert not key(revoked_at=NOW).opens(SECRET, NOW)
    assert not key(expires_at=NOW).opens(SECRET, NOW)
    assert key(expires_at=NOW + timedelta(seconds=1)).opens(SECRET, NOW)


def test_the_last_use_is_written_down_once_a_minute() -> None:
    assert key().is_unnoted(NOW)
    assert not key(last_used=NOW - timedelta(seconds=59)).is_unnoted(NOW)
    assert key(last_used=NOW - timedelta(seconds=60)).is_unnoted(NOW)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", set()),
        ("octo/pricing", {"pricing"}),
        ("pricing, octo/content", {"pricing", "content"}),
        ("octo/cart,webhooks", set()),
        (" OCTO/Pricing ,", {"pricing"}),
    ],
)
def test_capabilities_are_known_by_both_names_and_unknown_ones_are_left_aside(header: str, found: set[str]) -> None:
    assert capabilities_of(header) >= found
    assert capabilities_of(header) <= found | {"notifications"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("th", "th"),
        ("lo-LA,lo;q=0.9,en;q=0.5", "lo"),
        ("fr, th;q=0.3", "th"),
        ("th;q=x", "en"),
        ("de", "en"),
    ],
)
def test_the_language_is_the_first_that_there_is(header: str, language: str) -> None:
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/octo/bookings", "read"),
        ("POST", "/octo/availability", "read"),
        ("POST", "/octo/availability/calendar", "read"),
        ("POST", "/octo/bookings", "book"),
        ("POST", "/octo/availabilityx", "book"),
        ("PATCH", "/octo/bookings/x", "book"),
        ("DELETE", "/octo/notifications/subscriptions/x", "book"),
        ("GET", "/v1/communities/bo-taen", "read"),
        ("GET", "/v1/communities/bo-taen/partnersx", "read"),
        ("GET", "/v1/handoffs", "hand-over"),
        ("GET", "/v1/handoffs/x", "hand-over"),
        ("HEAD", "/v1/handoffs/x", "hand-over"),
        ("GET", "/v1/communities/bo-taen/partners", "hand-over"),
        ("GET", "/v1/communities/bo-taen/partners/tha-li/availability", "hand-over"),
        ("POST", "/v1/handoffs", "hand-over"),
        ("POST", "/v1/handoffs/x/withdraw", "hand-over"),
        ("POST", "/v1/handoffsx", "book"),
    ],
)
def test_a_key_for_reading_opens_what_changes_nothing_and_tells_of_no_party(method: str, path: str, scope: str) -> None:
    assert needed(method, path) == scope


def test_what_is_read_of_parties_counts_as_reading() -> None:
    assert kind_of("GET", "/v1/handoffs/x") == "read"
    assert kind_of("POST", "/v1/handoffs") == "book"


def test_a_hold_lives_half_an_hour_or_as_said_but_never_longer_than_a_day() -> None:
    assert held_until(NOW, None) - NOW == timedelta(minutes=30)
    assert held_until(NOW, 31) - NOW == timedelta(minutes=31)
    assert held_until(NOW, 60 * 24 * 7) - NOW == LONGEST


def test_an_answer_that_is_kept_tells_nothing_of_people_however_deep() -> None:
    told = {"contact": {"fullName": "Anna", "locales": ["th"]}, "notes": "late", "cancellation": {"reason": "ill"}}
    body = {**told, "unitItems": [{"uuid": "x", "contact": {"fullName": "Kenji", "locales": []}}], "id": "1"}
    kept = without_people(body)
    assert "Anna" not in str(kept)
    assert "Kenji" not in str(kept)
    assert kept["contact"] == {"fullName": None, "locales": []}
    assert (kept["notes"], kept["cancellation"]["reason"], kept["id"]) == (None, None, "1")


def test_a_reason_under_v1_is_a_code_and_is_kept_and_notes_are_not() -> None:
    body = {"reason": "weather", "story": [{"reason": "road"}], "notes": "late", "contact": {"fullName": "Anna"}}
    kept = without_people(body, once.WORDS)
    assert kept == {"reason": "weather", "story": [{"reason": "road"}], "notes": None, "contact": {"fullName": None}}


def test_what_is_kept_gets_its_people_back_from_the_repeated_request() -> None:
    anna, kenji = AskedContact(full_name="Anna", locales=("th",)), AskedContact(full_name="Kenji")
    body = {"contact": None, "notes": None, "unitItems": [{"uuid": "x", "contact": None}], "cancellation": None}
    whole = echoed(body, Echo(contact=anna, notes="late", guests=(kenji,)))
    assert (whole["contact"]["fullName"], whole["contact"]["locales"], whole["notes"]) == ("Anna", ["th"], "late")
    assert whole["unitItems"][0]["contact"]["fullName"] == "Kenji"


def test_a_contact_never_prints_itself() -> None:
    anna = AskedContact(full_name="Anna")
    assert "Anna" not in f"{anna!r} {anna} {contact(anna)!r} {contact(anna)}"
    assert isinstance(contact(None), Contact)


def test_a_request_is_its_method_path_and_body() -> None:
    said = repeats.said("POST", "/octo/bookings", b"{}")
    assert said == repeats.said("POST", "/octo/bookings", b"{}")
    assert said not in {repeats.said("PATCH", "/octo/bookings", b"{}"), repeats.said("POST", "/octo/bookings", b"[]")}
