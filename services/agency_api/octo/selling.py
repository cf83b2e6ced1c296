"""Products, options and units as OCTO has them, of what a community offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.cancelling import rule_of
from contracts.community.v1 import Experience
from contracts.values import EXPONENTS
from services.agency_api.domain.products import AGES, Choice, UnitId, choices, described, picked, sold
from services.agency_api.domain.supply import Supply, net
from services.agency_api.octo.objects import (
    Option,
    OptionRestrictions,
    Pricing,
    Product,
    Unit,
    UnitPricing,
    UnitRestrictions,
)
from services.agency_api.site.asking import Asking
from services.client.phrases.catalogue import N_, Phrase, Phrases

TYPES: Mapping[UnitId, str] = {"adult": "ADULT", "child": "CHILD", "infant": "INFANT", "item": "OTHER"}
TITLES: Mapping[UnitId, Phrase] = {
    "adult": N_("Adult"), "child": N_("Child"), "infant": N_("Infant"), "item": N_("Person"),
}  # fmt: skip
#: A booking is shown on arrival by its code; tickets of one guest each are not needed.
FORMATS, METHODS = ("QRCODE",), ("VOUCHER",)


def products(supply: Supply, asking: Asking) -> list[dict[str, Any]]:
    """Everything that a community sells."""
    return [product(supply, experience, asking) for experience in sold(supply.offering)]


def product(supply: Supply, experience: Experience, asking: Asking) -> dict[str, Any]:
    """One experience with all its options, as it is written."""
    return whole_product(supply, experience, asking).wire()


def whole_product(supply: Supply, experience: Experience, asking: Asking) -> Product:
    """One experience with all its options."""
    community = supply.offering.community
    given: dict[str, Any] = {}
    if asking.has("pricing"):
        given = {"default_currency": community.currency, "available_currencies": (community.currency,)}
        given["pricing_per"] = "UNIT"
    if asking.has("content"):
        given |= content(experience, asking, picked(experience.names, asking.language))
    return Product(
        id=experience.id,
        internal_name=experience.names.any,
        reference=experience.reference,
        locale=asking.language,
        time_zone=community.zone,
        allow_freesale=False,
        instant_confirmation=supply.confirms_at_once(experience),
        instant_delivery=supply.confirms_at_once(experience),
        availability_required=True,
        availability_type="START_TIME",
        delivery_formats=FORMATS,
        delivery_methods=METHODS,
        redemption_method="DIGITAL",
        options=tuple(whole_option(supply, each, asking) for each in choices(supply.offering, experience)),
        **given,
    )


def whole_option(supply: Supply, choice: Choice, asking: Asking) -> Option:
    """One option with its units."""
    experience, limits = choice.experience, supply.offering.community.limits
    hours = full_refund_hours(supply, experience)
    return Option(
        id=choice.id,
        default=choice.nights == 1,
        internal_name=option_title(choice, Phrases.of("en")),
        reference=None,
        availability_local_start_times=tuple(f"{start:%H:%M}" for start in sorted(experience.starts)),
        cancellation_cutoff=f"{hours} hours before the start" if hours else "up to the start",
        cancellation_cutoff_amount=hours,
        cancellation_cutoff_unit="hour",
        required_contact_fields=(),
        restrictions=OptionRestrictions(
            min_units=max(limits.min_party, experience.min_party), max_units=min(limits.max_party, experience.seats)
        ),
        units=tuple(whole_unit(supply, choice, unit, asking) for unit in choice.units),
        **_of_option(supply, choice, asking),
    )


def _of_option(supply: Supply, choice: Choice, asking: Asking) -> dict[str, Any]:
    """What capabilities add to an option; where prices are per unit, it starts from the first."""
    given: dict[str, Any] = {}
    if asking.has("pricing"):
        first = total(supply, choice.price(choice.units[0]))
        given = {"pricing_from": (first,), "pricing": (first,)}
    if asking.has("content"):
        given |= content(choice.experience, asking, option_title(choice, asking.phrases))
    return given


def option_title(choice: Choice, phrases: Phrases) -> str:
    """What an option is called."""
    if choice.is_stay:
        return phrases.ngettext("{count} night", "{count} nights", choice.nights)
    return picked(choice.experience.names, phrases.language)


def full_refund_hours(supply: Supply, experience: Experience) -> int:
    """Up to so many hours before the start all is given back; of a rule that never gives all, the first step's."""
    steps = rule_of(experience, supply.notice_hours(experience)).steps
    return steps[0].hours if steps else 0


def whole_unit(supply: Supply, choice: Choice, unit: UnitId, asking: Asking) -> Unit:
    """One unit."""
    youngest, oldest = AGES[unit]
    grown = () if unit in ("adult", "item") else tuple(each for each in choice.units if each in ("adult", "item"))
    return Unit(
        id=unit,
        internal_name=Phrases.of("en").say(TITLES[unit]),
        reference=None,
        type=TYPES[unit],
        required_contact_fields=(),
        restrictions=UnitRestrictions(
            min_age=youngest,
            max_age=oldest,
            id_required=False,
            min_quantity=None,
            max_quantity=None,
            pax_count=1,
            accompanied_by=grown,
        ),
        **_of_unit(supply, choice, unit, asking),
    )


def _of_unit(supply: Supply, choice: Choice, unit: UnitId, asking: Asking) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if asking.has("pricing"):
        price = total(supply, choice.price(unit))
        given = {"pricing_from": (price,), "pricing": (price,)}
    if asking.has("content"):
        given |= {"title": asking.phrases.say(TITLES[unit]), "short_description": "", "features": ()}
    return given


def unit_pricing(supply: Supply, choice: Choice, unit: UnitId) -> UnitPricing:
    """What one of a unit costs."""
    return UnitPricing(unit_id=unit, **_amounts(supply, choice.price(unit)))


def total(supply: Supply, minor: int, percent: str | None = None) -> Pricing:
    """A sum in minor units of the community's currency; `percent`: what the agency keeps, if not as agreed now."""
    return Pricing(**_amounts(supply, minor, percent))


def _amounts(supply: Supply, minor: int, percent: str | None = None) -> dict[str, Any]:
    currency = supply.offering.community.currency
    kept = supply.percent if percent is None else percent
    return {
        "original": minor,
        "retail": minor,
        "net": net(minor, kept),
        "currency": currency,
        "currency_precision": EXPONENTS[currency],
        "included_taxes": (),
    }


def content(experience: Experience, asking: Asking, title: str) -> dict[str, Any]:
    """What travellers read, in the language asked for; where a text is missing, in one that there is."""
    text = described(experience, asking.language)
    nothing = ("features", "faqs", "media", "locations", "category_labels", "commentary")
    return {
        "title": title,
        "short_description": text,
        "description": text,
        "duration_minutes_from": experience.duration_minutes,
        "duration_minutes_to": None,
        **dict.fromkeys(nothing, ()),
    }
