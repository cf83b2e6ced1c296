"""What search engines read on a public page, in the words of schema.org: the same that people read, nothing more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from contracts.community.v1 import CommunityProfile, Experience
from contracts.values import Money, Names

#: Signs that would end the element, or begin a comment in it.
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def written(data: Mapping[str, Any]) -> Markup:
    """As it stands within a page: data in an element of its own, which no browser runs."""
    text = json.dumps({"@context": "https://schema.org"} | dict(data), ensure_ascii=False, separators=(",", ":"))
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text.translate(_ESCAPED)))


def community(
    profile: CommunityProfile, offers: Sequence[tuple[Experience, str]], *, name: str, text: str, url: str,
    photos: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """A host community with what it offers; `offers` with the address of each."""
    place = profile.place
    return _given(
        {
            "@type": "LocalBusiness",
            "@id": url,
            "url": url,
            "name": name,
            "alternateName": _others(profile.names, name),
            "description": text,
            "image": list(photos),
            "address": {"@type": "PostalAddress", "addressCountry": place.country, "addressRegion": place.subdivision},
            "geo": {"@type": "GeoCoordinates", "latitude": round(place.lat, 3), "longitude": round(place.lon, 3)},
            "currenciesAccepted": profile.currency,
            "knowsLanguage": list(profile.languages),
            "makesOffer": [_offer(each, address) for each, address in offers],
        }
    )


def experience(
    offered: Experience, *, name: str, text: str, url: str, photos: Sequence[str], by: tuple[str, str]
) -> dict[str, Any]:
    """One thing that a community offers; `by` is the community's name and address."""
    return _given(
        {
            "@type": "Product" if offered.kind == "product" else "TouristTrip",
            "@id": url,
            "url": url,
            "name": name,
            "alternateName": _others(offered.names, name),
            "description": text,
            "image": list(photos),
            "offers": [_price(price.price, url) for price in offered.prices if price.unit in ("adult", "item")],
            "provider": {"@type": "LocalBusiness", "@id": by[1], "url": by[1], "name": by[0]},
        }
    )


def _offer(offered: Experience, url: str) -> dict[str, Any]:
    of_adult = [price.price for price in offered.prices if price.unit in ("adult", "item")]
    offer = _price(of_adult[0], url) if of_adult else {"@type": "Offer", "url": url}
    return offer | {"itemOffered": {"@type": "Service", "name": offered.names.any, "url": url}}


def _price(money: Money, url: str) -> dict[str, Any]:
    return {"@type": "Offer", "price": money.amount, "priceCurrency": money.currency, "url": url}


def _others(names: Names, but: str) -> list[str]:
    return [name for name in names.model_dump(exclude_none=True).values() if name != but]


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", [], None)}
