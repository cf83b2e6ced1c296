"""What a published offering costs a party: one rule, so that an expected total and a binding quote can only agree."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.community.v1 import Experience, Offering, UnitPrice
from contracts.values import Item, Money, Party, Quote, QuoteLine

#: The largest price, in minor units: 1,000,000,000.00. The largest party, in the longest stay, in the most items, and
#: every unit priced, comes to 144,000 times as much, which is an amount that Money still holds.
MAX_PRICE = 100_000_000_000


def reckonable(experience: Experience) -> bool:
    """Whether every sum that can be made of its prices is an amount."""
    return all(0 <= unit.price.minor <= MAX_PRICE for unit in experience.prices)


def quote(offering: Offering, party: Party, items: Iterable[Item]) -> Quote:
    """Lines for bands with people and a price, and their exact sum. Infants are free: they have no line.

    A homestay's quantity is people times nights. Raises KeyError for an experience that is not offered.
    """
    experiences = {experience.id: experience for experience in offering.experiences}
    lines = tuple(
        line
        for item in items
        for price in experiences[item.experience_id].prices
        if (line := _line(experiences[item.experience_id], price, party, item)) is not None
    )
    total = sum(line.total.minor for line in lines)
    return Quote(lines=lines, total=Money.of_minor(total, offering.community.currency))


def _line(experience: Experience, price: UnitPrice, party: Party, item: Item) -> QuoteLine | None:
    heads = {"adult": party.adult, "child": party.child, "item": party.adult + party.child}[price.unit]
    quantity = heads * (item.nights if experience.kind == "homestay" else 1)
    if quantity == 0:
        return None
    total = Money.of_minor(price.price.minor * quantity, price.price.currency)
    return QuoteLine(
        experience_id=experience.id, unit=price.unit, quantity=quantity, unit_price=price.price, total=total
    )
