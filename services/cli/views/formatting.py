"""Small pieces of text that several verbs show: parties, items, money."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.cli.views import dates
from services.cli.views.naming import Names

_BANDS = (("adult", "adult", "adults"), ("child", "child", "children"), ("infant", "infant", "infants"))


def party(bands: Mapping[str, int]) -> str:
    """`2 adults, 1 child`."""
    named = ((bands.get(band) or 0, one, many) for band, one, many in _BANDS)
    return ", ".join(counted(*band) for band in named if band[0])


def counted(count: int, one: str, many: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} {one if count == 1 else many}"


def limits(bounds: Mapping[str, Any]) -> str:
    """`2 to 20 people, 40 visitors a day, 15 guests a night, ask 24 h before, answers 07:00-20:00`."""
    people = f"{bounds['min_party']} to {bounds['max_party']} people"
    opens, closes = bounds["answers_from"], bounds["answers_until"]
    answers = "answers at any hour" if opens == closes else f"answers {opens}-{closes}"
    return (
        f"{people}, {bounds['visitors_per_day']} visitors a day, {bounds['guests_per_night']} guests a night, "
        f"ask {bounds['cutoff_hours']} h before, {answers}"
    )


def item(wished: Mapping[str, Any], names: Names) -> str:
    """An experience with its date, start and nights."""
    start = f" {wished['start']}" if wished.get("start") else ""
    nights = wished.get("nights") or 1
    stay = f", {nights} nights" if nights > 1 else ""
    return f"{dates.shown_day(wished['day'])}{start}{stay}  {names.of(wished['experience_id'])}"


def window(arrival: Mapping[str, str]) -> str:
    """When a party is expected; says so when that goes past midnight."""
    over = " the next day" if arrival["latest"] < arrival["earliest"] else ""
    return f"{dates.shown_day(arrival['day'])} {arrival['earliest']}-{arrival['latest']}{over}"


def money(amount: Mapping[str, str]) -> str:
    """`800,000.00 LAK`: exact, with commas between thousands."""
    return f"{Decimal(amount['amount']):,} {amount['currency']}"


def quote(quoted: Mapping[str, Any], names: Names) -> list[str]:
    """The lines of a price under their experience, and their sum."""
    told, before = [], None
    for line in quoted["lines"]:
        if line["experience_id"] != before:
            before = line["experience_id"]
            told.append(names.of(before))
        price, total = (f"{Decimal(line[amount]['amount']):,}" for amount in ("unit_price", "total"))
        told.append(f"  {line['quantity']} {line['unit']} x {price} = {total}")
    return [*told, f"total {money(quoted['total'])}"]
