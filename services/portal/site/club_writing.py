"""How a community's own affairs stand on a page: its names, weekdays, months, prices and sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from markupsafe import Markup

from contracts.agencies.v1 import AgreementTerms
from contracts.community.v1 import Experience
from contracts.values import Currency, Money, Names
from services.client import formatting
from services.client.phrases.catalogue import Phrases
from services.portal.site.writing import NO_BREAK, money, villages, whole, with_names


def iso_weekday(phrases: Phrases, number: int) -> str:
    """`Mon` for 1, as contracts number them."""
    return formatting.weekday_name(phrases, date(2024, 1, number))  # which began on a Monday


def name_of(phrases: Phrases, value: Names, kept: Iterable[str] = ()) -> Markup:
    """A name, marked with its language where that is not the reader's; the names in it that are `kept` stay whole."""
    given = value.model_dump(exclude_none=True)
    text = with_names(name := formatting.picked(phrases, given), [*kept, *villages([name])])
    if phrases.language in given:
        return text
    return Markup('<span lang="{}">{}</span>').format("en" if "en" in given else next(iter(given)), text)


def weekday_options(phrases: Phrases) -> list[tuple[str, str]]:
    """The days of the week as a form chooses of them."""
    return [(str(number), iso_weekday(phrases, number)) for number in range(1, 8)]


def month_options(phrases: Phrases) -> list[tuple[str, str]]:
    """The months of every year as a form chooses of them."""
    return [(str(number), formatting.short_month(phrases, number)) for number in range(1, 13)]


def language_options(phrases: Phrases, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Languages as a form chooses of them."""
    return [(code, formatting.language_name(phrases, code)) for code in codes]


def bare_money(phrases: Phrases, value: Money) -> Markup:
    """The amount where its currency stands above it."""
    return whole(formatting.money(phrases, value, whole=True).removesuffix(value.currency).strip())


def crossings_options(phrases: Phrases, crossings: Mapping[str, Names]) -> list[tuple[str, Markup]]:
    """Crossings as a form chooses of them."""
    return [(id_, name_of(phrases, value)) for id_, value in crossings.items()]


def percent(phrases: Phrases, value: str) -> Markup:
    """`5 %`, `7.5 %`, never broken."""
    return whole(f"{formatting.percentage(phrases, value)}{NO_BREAK}%")


#: A price to reckon an example of, round and as people know one.
EXAMPLES: Mapping[str, str] = {"THB": "1000.00", "LAK": "100000.00", "USD": "100.00"}


def shared(terms: AgreementTerms, currency: Currency) -> tuple[Money, Money, Money]:
    """A price, what the agency has of it under these terms, and what the community gets; of these prices exactly."""
    price = Money(amount=EXAMPLES[currency], currency=currency)
    part = int(price.minor * Decimal(terms.percent) / 100)
    return price, Money.of_minor(part, currency), Money.of_minor(price.minor - part, currency)


def local_day(at: datetime) -> date:
    """The day on the wall clock of both villages."""
    return formatting.local(at).date()


def price_of(phrases: Phrases, experience: Experience) -> Markup:
    """What it costs, by the unit that most people are: `60,000 LAK per adult`."""
    first = experience.prices[0]
    per = {"adult": phrases.gettext("per adult"), "child": phrases.gettext("per child")}
    words = per.get(first.unit) or phrases.gettext("per person, adult or child")
    return Markup("{} {}").format(money(phrases, first.price), words)


def written(phrases: Phrases) -> Mapping[str, Callable[..., Any]]:
    """What templates call, bound to the reader's language."""
    bound: Mapping[str, Callable[..., Any]] = {
        "iso_weekday": iso_weekday,
        "short_month": formatting.short_month,
        "name_of": name_of,
        "weekday_options": weekday_options,
        "month_options": month_options,
        "language_options": language_options,
        "crossings_options": crossings_options,
        "bare_money": bare_money,
        "percent": percent,
        "named_day": formatting.named_day,
        "price_of": price_of,
    }
    in_any_language: Mapping[str, Callable[..., Any]] = {"local_day": local_day, "shared": shared}
    return {**in_any_language} | {name: partial(function, phrases) for name, function in bound.items()}
