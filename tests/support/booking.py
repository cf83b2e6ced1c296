"""Mothers of booking: Bo Taen with its homestay and its market, Tha Li on Saturdays, and the requests parties make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from contracts.booking import v1
from contracts.community.v1 import (
    CarryingLimits,
    CommunityProfile,
    Experience,
    Offering,
    Place,
    UnitPrice,
)
from contracts.values import Item, Money, Names, Party
from services.chassis.runtime.ids import new_id

HOMESTAY, MARKET, RAFT, SALT = "bo-taen.homestay", "bo-taen.morning-market", "bo-taen.raft", "bo-taen.salt"
FAMILY = Party(adult=2, child=1)
COUPLE = Party(adult=2)
ONE = Party(adult=1)


def price(unit: str, amount: str, currency: str = "LAK") -> UnitPrice:
    return UnitPrice.model_validate({"unit": unit, "price": Money(amount=amount, currency=currency)})


def experience(name: str, **given: Any) -> Experience:
    """An activity of Bo Taen at six in the morning with 20 seats, unless told otherwise."""
    usual: dict[str, Any] = {
        "id": name,
        "names": Names(en=name),
        "kind": "activity",
        "programme": "half_day",
        "duration_minutes": 120,
        "starts": (time(6),),
        "seats": 20,
        "cutoff_hours": 24,
        "prices": (price("adult", "60000.00"), price("child", "30000.00")),
    }
    return Experience(**(usual | given))


def offering(*experiences: Experience, **limits: Any) -> Offering:
    """Bo Taen, in Laos, unless told otherwise: open daily for 40 visitors and 15 guests, answering at every hour."""
    usual: dict[str, Any] = {"visitors_per_day": 40, "guests_per_night": 15, "cutoff_hours": 24}
    usual |= {"answers_from": time(0), "answers_until": time(0)}
    return Offering(
        community=CommunityProfile(
            id="bo-taen",
            names=Names(en="Bo Taen", lo="ບໍ່ແຕນ"),
            place=Place(lat=17.7, lon=101.3, accuracy_m=3000, country="LA", subdivision="LA-XA"),
            zone="Asia/Vientiane",
            currency="LAK",
            languages=("lo",),
            limits=CarryingLimits(**(usual | limits)),
        ),
        experiences=experiences or usual_experiences(),
    )


def usual_experiences() -> tuple[Experience, ...]:
    """A homestay, a morning market, a raft with three starts, and salt to take home."""
    nights = (price("adult", "250000.00"), price("child", "150000.00"))
    return (
        experience(HOMESTAY, kind="homestay", programme="overnight", starts=(time(15),), seats=15, prices=nights),
        experience(MARKET),
        experience(RAFT, starts=(time(8), time(10), time(13)), seats=4),
        experience(SALT, kind="product", starts=(time(9), time(16)), seats=10, prices=(price("item", "15000.00"),)),
    )


def in_days(count: int, now: datetime | None = None) -> date:
    """The local date so many days from now."""
    return ((now or datetime.now(UTC)) + timedelta(hours=7)).date() + timedelta(days=count)


def item_of(name: str, day: date, *, start: time | None = None, nights: int = 1) -> Item:
    return Item(experience_id=name, day=day, start=start, nights=nights)


def place(*items: Item, party: Party = FAMILY, now: datetime | None = None, **given: Any) -> v1.PlaceHold:
    """A partner's request, held for half an hour unless told otherwise."""
    moment = now or datetime.now(UTC)
    usual: Mapping[str, Any] = {
        "hold_id": new_id(),
        "referral_id": new_id(),
        "community": "bo-taen",
        "partner": "tha-li",
        "asked_at": moment,
        "expires_at": moment + timedelta(minutes=30),
    }
    return v1.PlaceHold(party=party, items=items, **{**usual, **given})
