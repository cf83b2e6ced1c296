"""A generated network, for the real one is too small to load: pairs of communities with room for everybody."""

from __future__ import annotations

from typing import Any

FEE = {"valid_from": "2026-01-01", "referral_fee_percent": "5.00", "response_hours": 12, "max_open_handoffs": 10_000}


def offering(name: str, country: str) -> dict[str, Any]:
    """A community with a homestay and a walk, in the middle of its country, as PublishOffering takes it."""
    thai = country == "TH"
    currency = "THB" if thai else "LAK"
    place = {"lat": 17.5, "lon": 101.7} if thai else {"lat": 19.2, "lon": 101.7}
    return {
        "community": {
            "id": name,
            "names": {"en": f"Bench {name}"},
            "place": {**place, "accuracy_m": 1000, "country": country, "subdivision": "TH-42" if thai else "LA-XA"},
            "zone": "Asia/Bangkok" if thai else "Asia/Vientiane",
            "currency": currency,
            "languages": ["th" if thai else "lo"],
            "limits": {"visitors_per_day": 10_000, "guests_per_night": 10_000, "cutoff_hours": 1},
        },
        "experiences": [
            _experience(f"{name}.homestay", "homestay", "overnight", "15:00", currency),
            _experience(f"{name}.walk", "activity", "half_day", "08:00", currency),
        ],
    }


def _experience(name: str, kind: str, programme: str, start: str, currency: str) -> dict[str, Any]:
    return {
        "id": name,
        "names": {"en": name},
        "kind": kind,
        "programme": programme,
        "duration_minutes": 120,
        "starts": [start],
        "seats": 10_000,
        "cutoff_hours": 1,
        "prices": [{"unit": "adult", "price": {"amount": "250.00", "currency": currency}}],
    }


def terms(*, auto_accept: bool) -> dict[str, Any]:
    """Terms under which an offer at the listed price is accepted by itself, or waits for somebody."""
    return {**FEE, "auto_accept": auto_accept}
