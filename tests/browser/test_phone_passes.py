"""Passes on the phone: this repository's vectors in a real browser, by WebCrypto and without it."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page

from contracts.community.v1 import KeyView
from contracts.passes import base45
from services.client import passes
from tests.browser.phone import phone
from tests.browser.phone_site import reached
from tests.vectors import make_passes

VECTORS = json.loads(make_passes.FILE.read_text("utf-8"))
AT = datetime.fromisoformat(VECTORS["at"])
KEYS = [VECTORS["key"]]
JUDGE = (
    "([tokens, keys, now]) => Promise.all(tokens.map(async (token) => (await pass.verified(token, keys, now)).reason))"
)
#: As on a phone that has no Ed25519 of its own.
WITHOUT = """const real = crypto.subtle.importKey.bind(crypto.subtle); self.refused = 0;
crypto.subtle.importKey = (...a) => a[2] === 'Ed25519'
  ? (self.refused += 1, Promise.reject(new DOMException('no', 'NotSupportedError'))) : real(...a);"""
SIGNED = (
    (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
)
#: Section 7.1 of RFC 8032: public key, text, signature.
RFC8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        SIGNED[0],
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        SIGNED[1],
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """A page with what the browser has, and one without Ed25519."""
    with reached() as site, phone(browser) as context:
        with_it, without = context.new_page(), context.new_page()
        without.add_init_script(WITHOUT)
        for page in (with_it, without):
            page.goto(f"{site.address}/passes")
        yield with_it, without


def judged(page: Page, tokens: list[str], keys: Any = KEYS, now: datetime = AT) -> list[str]:
    """What the phone says of some passes."""
    found: list[str] = page.evaluate(JUDGE, [tokens, keys, now.timestamp() * 1000])
    return found


@pytest.mark.parametrize("way", [0, 1], ids=["by WebCrypto", "by the fallback"])
def test_every_vector_is_judged_as_the_node_judges_it(blank: tuple[Page, Page], way: int) -> None:
    page, vectors = blank[way], VECTORS["invalid"]
    said = judged(page, [vector["token"] for vector in vectors])
    assert dict(zip([v["name"] for v in vectors], said, strict=True)) == {v["name"]: v["reason"] for v in vectors}
    named = [{**VECTORS["key"], "community": vector["claims"]["iss"]} for vector in VECTORS["valid"]]
    assert judged(page, [vector["token"] for vector in VECTORS["valid"]], named) == ["valid"] * len(named)
    assert (page.evaluate("self.refused || 0") > 0) is bool(way), "the other way was judged"


def test_what_a_pass_says_is_read_from_it(blank: tuple[Page, Page]) -> None:
    claims = blank[0].evaluate("([token]) => pass.read(token).claims", [VECTORS["valid"][0]["token"]])
    assert claims["referral_id"] == "0190aaaa-0000-7000-8000-000000000001"
    assert claims["party"] == {"adult": 2, "child": 1, "infant": 0}
    assert (claims["opens"], claims["closes"]) == (make_passes.OPENS * 1000, make_passes.CLOSES * 1000)


@pytest.mark.parametrize("change", ["an altered sign", "an altered byte"])
def test_altered_passes_are_judged_as_the_node_judges_them(blank: tuple[Page, Page], change: str) -> None:
    drawn, token = random.Random(45), VECTORS["valid"][0]["token"]
    raw, tokens = base45.read(token), []
    for _ in range(300):
        if change == "an altered sign":
            at = drawn.randrange(len(token))
            tokens.append(token[:at] + drawn.choice(base45.SIGNS + "aé") + token[at + 1 :])
        else:
            at = drawn.randrange(len(raw))
            tokens.append(base45.written(raw[:at] + bytes([drawn.randrange(256)]) + raw[at + 1 :]))
    keys = [KeyView.read(VECTORS["key"])]
    expected = [passes.verified(token, keys, AT).reason for token in tokens]
    assert judged(blank[0], tokens) == expected
    assert len(set(expected)) > 2, "all were altered in one way"


def test_a_key_that_is_over_or_of_another_community_counts_no_more(blank: tuple[Page, Page]) -> None:
    token = [VECTORS["valid"][0]["token"]]
    assert judged(blank[0], token, [{**VECTORS["key"], "used_until": VECTORS["at"]}]) == ["key_over"]
    assert judged(blank[0], token, [{**VECTORS["key"], "community": "tha-li"}]) == ["unknown_key"]
    assert judged(blank[0], token, []) == ["unknown_key"]


def test_the_fallback_holds_what_the_standard_and_the_node_hold(blank: tuple[Page, Page]) -> None:
    drawn = random.Random(25519)
    cases = [(bytes.fromhex(key), bytes.fromhex(text), bytes.fromhex(sign)) for key, text, sign in RFC8032]
    for size in (0, 1, 63, 200):
        private = Ed25519PrivateKey.from_private_bytes(drawn.randbytes(32))
        drawn_text = drawn.randbytes(size)
        cases.append((private.public_key().public_bytes_raw(), drawn_text, private.sign(drawn_text)))
    assert held(blank[1], cases) == [True] * len(cases)
    key, text, sign = cases[-1]
    greater = int.from_bytes(sign[32:], "little") + ORDER
    wrong = [
        (key, text + b"x", sign),
        (key, text, sign[:32] + greater.to_bytes(32, "little")),
        (cases[0][0], text, sign),
        (b"\xff" * 32, text, sign),
        (key, text, b"\xff" * 32 + sign[32:]),
        (key, text, sign[:-1]),
        (key[:-1], text, sign),
    ]
    assert held(blank[1], wrong) == [False] * len(wrong)


def held(page: Page, cases: list[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """Whether the fallback holds each signature."""
    script = """(cases) => Promise.all(cases.map(([key, text, sign]) => {
      const [k, t, s] = [key, text, sign].map((x) => Uint8Array.from(atob(x), (c) => c.charCodeAt(0)));
      return ed25519(k, s, t); }))"""
    found: list[bool] = page.evaluate(script, [[base64.b64encode(part).decode() for part in case] for case in cases])
    return found
