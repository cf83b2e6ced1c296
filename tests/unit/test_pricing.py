"""What an offering costs: every price that may be stated leaves room for every sum that can be made of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts import pricing
from contracts.community.v1 import Experience, Offering
from contracts.values import EXPONENTS, MAX_ITEMS, MAX_PARTY, Item, Money, Party, Quote
from services.referral.domain.handoff.money import amounts
from tests.support.booking import HOMESTAY, offering

MOST_NIGHTS = 30


def priced(minor: int, currency: str = "LAK") -> Offering:
    """Bo Taen's homestay, with this price for every unit."""
    usual = offering()
    (stay,) = (one for one in usual.experiences if one.id == HOMESTAY)
    prices = [{"unit": unit, "price": Money.of_minor(minor, currency).wire()} for unit in ("adult", "child", "item")]
    community = usual.community.model_copy(update={"currency": currency})
    return Offering(community=community, experiences=(Experience.read(stay.wire() | {"prices": prices}),))


def quoted(offer: Offering, party: Party, items: int, nights: int) -> Quote:
    return pricing.quote(offer, party, [Item(experience_id=HOMESTAY, day=date(2027, 1, 14), nights=nights)] * items)


@given(
    st.integers(0, pricing.MAX_PRICE),
    st.sampled_from(sorted(EXPONENTS)),
    st.integers(1, MAX_PARTY),
    st.integers(1, MAX_ITEMS),
    st.integers(1, MOST_NIGHTS),
    st.integers(0, 9999),
)
def test_every_sum_of_allowed_prices_is_an_amount(
    minor: int, currency: str, adults: int, items: int, nights: int, fee: int
) -> None:
    party = Party(adult=adults, child=MAX_PARTY - adults)
    quote = quoted(priced(minor, currency), party, items, nights)
    assert Quote.read(quote.wire()) == quote
    assert amounts(quote, f"{fee / 100:.2f}").total == quote.total


def test_the_largest_sum_of_all_is_an_amount() -> None:
    quote = quoted(priced(pricing.MAX_PRICE), Party(adult=MAX_PARTY), MAX_ITEMS, MOST_NIGHTS)
    assert quote.total.minor == pricing.MAX_PRICE * 2 * MAX_PARTY * MOST_NIGHTS * MAX_ITEMS
    assert pricing.reckonable(priced(pricing.MAX_PRICE).experiences[0])


def test_control_a_price_that_the_contract_alone_allows_overflows() -> None:
    beyond = priced(99_999_999_999_999_900)
    assert not pricing.reckonable(beyond.experiences[0])
    with pytest.raises(ValidationError):
        quoted(beyond, Party(adult=MAX_PARTY), MAX_ITEMS, MOST_NIGHTS)
