"""Makes passes.json, byte by byte and without the code that it is to judge: `python -m tests.vectors.make_passes`.

From RFC 9052, 8392, 8949 and 9285 alone: a COSE_Sign1 is put together from bytes, its Sig_structure too, and Base45 is
done by long division. Ed25519 is that of `cryptography`, which makes one signature only for a seed and a text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = Path(__file__).parent / "passes.json"
SEED, OTHER_SEED = bytes(range(32)), bytes(range(100, 132))
REFERRAL = bytes.fromhex("0190aaaa000070008000000000000001")
OPENS, CLOSES = (int(datetime(2027, 1, day, 17, tzinfo=UTC).timestamp()) for day in (12, 15))
#: A moment within the days.
AT = datetime(2027, 1, 14, 3, tzinfo=UTC)
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def key(seed: bytes) -> Ed25519PrivateKey:
    """The private key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public(seed: bytes) -> bytes:
    """The raw public key of a seed."""
    return key(seed).public_key().public_bytes_raw()


def kid(seed: bytes) -> bytes:
    """The first 96 bits of the SHA-256 of the public key."""
    return hashlib.sha256(public(seed)).digest()[:12]


def vectors_keyid() -> str:
    """The key id of the vectors, as `KeyView` writes it."""
    return base64.urlsafe_b64encode(kid(SEED)).decode()


def written_key() -> dict[str, Any]:
    """The key of the vectors, as `handoff keys show --json` writes it."""
    read_out = hashlib.sha256(public(SEED)).hexdigest()
    return {
        "community": "bo-taen",
        "keyid": vectors_keyid(),
        "public_key": base64.urlsafe_b64encode(public(SEED)).decode().rstrip("="),
        "fingerprint": " ".join(read_out[n : n + 4] for n in range(0, 20, 4)),
        "used_from": "2026-01-01T00:00:00Z",
        "used_until": None,
    }


def uint(value: int, major: int = 0) -> bytes:
    """The head of a CBOR item, as short as it can be."""
    if value < 24:
        return bytes([major << 5 | value])
    size = next(size for size in (1, 2, 4, 8) if value < 256**size)
    return bytes([major << 5 | 23 + size.bit_length()]) + value.to_bytes(size, "big")


def text(value: str) -> bytes:
    """A CBOR text string."""
    return uint(len(value.encode()), 3) + value.encode()


def octets(value: bytes) -> bytes:
    """A CBOR byte string."""
    return uint(len(value), 2) + value


def base45(raw: bytes) -> str:
    """RFC 9285."""
    done = ""
    for n in range(0, len(raw) - 1, 2):
        high, rest = divmod(raw[n] * 256 + raw[n + 1], 2025)
        done += BASE45[rest % 45] + BASE45[rest // 45] + BASE45[high]
    return done + (BASE45[raw[-1] % 45] + BASE45[raw[-1] // 45] if len(raw) % 2 else "")


def named(community: str) -> str:
    """An id of at most 17 signs, or `~` and 96 bits of its SHA-256."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(community.encode()).digest()[:12]).decode()
    return community if len(community) <= 17 else f"~{digest}"


def header(seed: bytes = SEED) -> bytes:
    """{1: -8, 4: kid}."""
    return b"\xa2\x01\x27\x04" + octets(kid(seed))


def payload(**given: Any) -> bytes:
    """{1: issuer, 3: audience, 4: exp, 5: nbf, 7: cti, -65537: [sender, adults, children, infants]}."""
    said: dict[str, Any] = {"iss": "bo-taen", "aud": "bo-taen", "sender": "tha-li", "exp": CLOSES, "nbf": OPENS}
    said |= given
    party = said.get("party", (2, 1, 0))
    counted = b"\x84" + text(named(said["sender"])) + b"".join(uint(count) for count in party)
    parts = [b"\x01" + text(named(said["iss"])), b"\x03" + text(named(said["aud"])), b"\x04" + uint(said["exp"])]
    parts += [
        b"\x05" + uint(said["nbf"]),
        b"\x07" + octets(said.get("cti", REFERRAL)),
        b"\x3a\x00\x01\x00\x00" + counted,
    ]
    return b"\xa6" + b"".join(parts)


def sig_structure(protected: bytes, claims: bytes) -> bytes:
    """["Signature1", protected, external_aad = '', payload]."""
    return b"\x84" + text("Signature1") + octets(protected) + b"\x40" + octets(claims)


def sign1(
    protected: bytes, claims: bytes, *, seed: bytes = SEED, tag: bytes = b"\xd2", loose: bytes = b"\xa0"
) -> bytes:
    """18([protected, {}, payload, signature])."""
    signature = key(seed).sign(sig_structure(protected, claims))
    return tag + b"\x84" + octets(protected) + loose + octets(claims) + octets(signature)


def valid() -> list[dict[str, Any]]:
    """Passes to be read, with everything on the way to them."""
    long = "nakhon-" + "a" * 57
    cases: list[tuple[str, dict[str, Any]]] = [
        ("short ids", {}),
        ("the longest ids that stand as they are", {"iss": "a" * 17, "aud": "a" * 17, "sender": "b" * 17}),
        ("the longest ids there are", {"iss": long, "aud": long, "sender": "b" * 64, "party": (60, 70, 70)}),
    ]
    return [_valid(name, given) for name, given in cases]


def _valid(name: str, given: dict[str, Any]) -> dict[str, Any]:
    claims = payload(**given)
    cose = sign1(header(), claims)
    said = {"iss": "bo-taen", "aud": "bo-taen", "sender": "tha-li", "exp": CLOSES, "nbf": OPENS, "party": [2, 1, 0]}
    said |= given | {"cti": REFERRAL.hex()}
    structure = sig_structure(header(), claims)
    return {"name": name, "claims": said, "sig_structure": structure.hex(), "cose": cose.hex(), "token": base45(cose)}


def invalid() -> list[dict[str, str]]:
    """Passes to be refused, each by `reason` as `handoff pass verify` gives it."""
    good, claims = sign1(header(), payload()), payload()
    late, early = payload(exp=CLOSES - 2 * 86_400, nbf=OPENS - 2 * 86_400), payload(exp=CLOSES + 86_400, nbf=CLOSES)
    flipped = good[:-1] + bytes([good[-1] ^ 1])
    unsorted = b"\xa6" + claims[1 + 9 : 1 + 18] + claims[1 : 1 + 9] + claims[1 + 18 :]
    made: list[tuple[str, str, bytes]] = [
        ("one bit of the signature flipped", "forged", flipped),
        ("one more infant, signature kept", "forged", good.replace(b"tha-li\x02\x01\x00", b"tha-li\x02\x01\x01")),
        ("another community's key under the kid of this one", "forged", sign1(header(), claims, seed=OTHER_SEED)),
        ("a key that nobody has heard of", "unknown_key", sign1(header(OTHER_SEED), claims, seed=OTHER_SEED)),
        ("signed by this community in the name of another", "unknown_key", sign1(header(), payload(iss="lao-na"))),
        ("for another community", "unknown_key", sign1(header(), payload(aud="lao-na"))),
        ("its days are over", "late", sign1(header(), late)),
        ("its days have not begun", "early", sign1(header(), early)),
        ("no tag", "malformed", sign1(header(), claims, tag=b"")),
        ("the tag of a COSE_Mac0", "malformed", sign1(header(), claims, tag=b"\xd1")),
        ("a tag in two bytes", "malformed", sign1(header(), claims, tag=b"\xd8\x12")),
        ("ES256", "malformed", sign1(b"\xa2\x01\x26\x04" + octets(kid(SEED)), claims)),
        (
            "EdDSA as a floating point number",
            "malformed",
            sign1(b"\xa2\x01\xf9\xc8\x00\x04" + octets(kid(SEED)), claims),
        ),
        ("no algorithm", "malformed", sign1(b"\xa1\x04" + octets(kid(SEED)), claims)),
        ("no key", "malformed", sign1(b"\xa1\x01\x27", claims)),
        ("header in another order", "malformed", sign1(b"\xa2\x04" + octets(kid(SEED)) + b"\x01\x27", claims)),
        ("a key id cut short", "malformed", sign1(b"\xa2\x01\x27\x04" + octets(kid(SEED)[:8]), claims)),
        ("something in the unprotected header", "malformed", sign1(header(), claims, loose=b"\xa1\x01\x27")),
        ("claims in another order", "malformed", sign1(header(), unsorted)),
        ("a claim too many", "malformed", sign1(header(), b"\xa7" + claims[1:] + b"\x08\x00")),
        ("a number longer than need be", "malformed", sign1(header(), claims[:-1] + b"\x18\x00")),
        ("a map without an end of its own", "malformed", sign1(header(), b"\xbf" + claims[1:] + b"\xff")),
        ("nobody in the party", "malformed", sign1(header(), payload(party=(0, 1, 0)))),
        ("more people than a party has", "malformed", sign1(header(), payload(party=(200, 1, 0)))),
        ("days that end before they begin", "malformed", sign1(header(), payload(exp=OPENS, nbf=CLOSES))),
        ("half of a handoff's id", "malformed", sign1(header(), payload(cti=REFERRAL[:8]))),
        ("a byte after the end", "malformed", good + b"\x00"),
        ("a byte missing", "malformed", good[:-1]),
        ("nothing", "malformed", b""),
    ]
    written = [{"name": name, "reason": reason, "token": base45(cose)} for name, reason, cose in made]
    for name, token in (
        ("small letters", base45(good).lower()),
        ("a sign after the end", base45(good) + "0"),
        ("three signs for more than two bytes", ":::" + base45(good)[3:]),
    ):
        written.append({"name": name, "reason": "malformed", "token": token})
    return written


def vectors() -> dict[str, Any]:
    """Everything that stands in the file."""
    return {
        "made_by": "python -m tests.vectors.make_passes",
        "seed": SEED.hex(),
        "key": written_key(),
        "at": AT.isoformat(),
        "valid": valid(),
        "invalid": invalid(),
    }


def written() -> str:
    """The file's text."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
