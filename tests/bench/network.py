"""A generated network, for the real one is too small to load: pairs of communities with room for everybody."""

from __future__ import annotations

from typing import Any

FEE = {"valid_from": "2026-01-01", "referral_fee_percent": "5.00", "response_hours": 12, "max_open_handoffs": 10_000}
CURRENCY = {"TH": "THB", "LA": "LAK"}
EXPERIENCES, HOMESTAYS = 20, 5


def offering(name: str, country: str) -> dict[str, Any]:
    """A community with a homestay and a walk, in the middle of its country, as PublishOffering takes it."""
    return {
        "community": _community(name, country),
        "experiences": [
            _experience(f"{name}.homestay", "homestay", "overnight", ["15:00"], CURRENCY[country]),
            _experience(f"{name}.walk", "activity", "half_day", ["08:00"], CURRENCY[country]),
        ],
    }


def large_offering(name: str, country: str) -> dict[str, Any]:
    """A community with twenty experiences: five homestays, and fifteen walks in the morning and after noon."""
    homes = [f"{name}.homestay-{n}" for n in range(HOMESTAYS)]
    walks = [f"{name}.walk-{n}" for n in range(EXPERIENCES - HOMESTAYS)]
    return {
        "community": _community(name, country),
        "experiences": [
            *(_experience(one, "homestay", "overnight", ["15:00"], CURRENCY[country]) for one in homes),
            *(_experience(one, "activity", "half_day", ["08:00", "13:00"], CURRENCY[country]) for one in walks),
        ],
    }


def _community(name: str, country: str) -> dict[str, Any]:
    thai = country == "TH"
    place = {"lat": 17.5, "lon": 101.7} if thai else {"lat": 19.2, "lon": 101.7}
    return {
        "id": name,
        "names": {"en": f"Bench {name}"},
        "place": {**place, "accuracy_m": 1000, "country": country, "subdivision": "TH-42" if thai else "LA-XA"},
        "zone": "Asia/Bangkok" if thai else "Asia/Vientiane",
        "currency": CURRENCY[country],
        "languages": ["th" if thai else "lo"],
        "limits": {"visitors_per_day": 10_000, "guests_per_night": 10_000, "cutoff_hours": 1},
    }


def _experience(name: str, kind: str, programme: str, starts: list[str], currency: str) -> dict[str, Any]:
    return {
        "id": name,
        "names": {"en": name},
        "kind": kind,
        "programme": programme,
        "duration_minutes": 120,
        "starts": starts,
        "seats": 10_000,
        "cutoff_hours": 1,
        "prices": [{"unit": "adult", "price": {"amount": "250.00", "currency": currency}}],
    }


def terms(*, auto_accept: bool) -> dict[str, Any]:
    """Terms under which an offer at the listed price is accepted by itself, or waits for somebody."""
    return {**FEE, "auto_accept": auto_accept}
