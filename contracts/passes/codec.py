"""The pass: a COSE_Sign1 (RFC 9052) around claims of a CWT (RFC 8392), in Base45 (RFC 9285). And the short code.

It says which handoff may arrive where, on which days and how many; never who. Reading is strict: there is exactly one
way to write a pass, and any other is refused before a key is looked for. Nothing here holds a key: `draft` gives what
is to be signed, `signed_by` is told how to verify.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import cbor2

from contracts.passes import base45
from contracts.values import FIRST_YEAR, LAST_YEAR, ZONES, CommunityId, Party, Zone

#: What can be told apart when spoken or written by hand: no 0, O, 1, I.
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
#: As many signs as a QR code of version 12 takes at level Q, in its alphanumeric mode.
LONGEST = 296
#: Ids up to this length stand in a pass as they are, longer ones as a digest of the same length.
PLAIN = 17
#: COSE: tag and header labels; EdDSA.
SIGN1, ALG, KID, EDDSA = 18, 1, 4, -8
#: CWT: registered claims, and one for private use: [the sending community, adults, children, infants].
ISS, AUD, EXP, NBF, CTI, PARTY = 1, 3, 4, 5, 7, -65537
KEYID_BYTES, SIGNATURE_BYTES = 12, 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (FIRST_YEAR, LAST_YEAR + 1))

#: (key, signature, text) → whether the key made the signature over the text.
Verify = Callable[[bytes, bytes, bytes], bool]


class Issued(NamedTuple):
    """What the receiver hands out with the confirmation."""

    short_code: str
    pass_token: str


class Days(NamedTuple):
    """When a pass may be used: from `opens` until before `closes`."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a pass says. Communities as `in_pass` writes them; `days` in whole seconds."""

    issuer: str
    audience: str
    sender: str
    referral_id: str
    days: Days
    party: Party

    @property
    def is_of_booking(self) -> bool:
        """Whether it is of an agency's booking, whose hold `referral_id` then is: nobody hands a party to oneself."""
        return self.sender == self.issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A pass that lacks its signature: `text` is what is to be signed, the Sig_structure of RFC 9052, section 4.4."""

    claims: Claims
    keyid: str

    @property
    def text(self) -> bytes:
        """What the signature covers: header and claims, after a word that no other signature of ours begins with."""
        return _written(["Signature1", _header(self.keyid), b"", _payload(self.claims)])

    def token(self, signature: bytes) -> str:
        """The whole pass. Raises ValueError when it would be longer than a pass may be."""
        body = [_header(self.keyid), {}, _payload(self.claims), signature]
        token = base45.written(_written(cbor2.CBORTag(SIGN1, body)))
        if len(signature) != SIGNATURE_BYTES or len(token) > LONGEST:
            raise ValueError(f"a pass has {SIGNATURE_BYTES} bytes of signature and at most {LONGEST} signs")
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A pass as it was read: well formed, and not yet believed."""

    draft: Draft
    signature: bytes

    @property
    def claims(self) -> Claims:
        """What it says."""
        return self.draft.claims

    @property
    def keyid(self) -> str:
        """The key it says it is signed with, as `KeyView` writes it."""
        return self.draft.keyid

    def signed_by(self, key: bytes, verify: Verify) -> bool:
        """Whether that key signed it."""
        return verify(key, self.signature, self.draft.text)


def days_of(arrival: date, zone: Zone) -> Days:
    """From the start of the eve of the arrival day to the end of the day after it, in the receiver's zone."""
    midnight = datetime.combine(arrival, time(), ZONES[zone]).astimezone(UTC)
    return Days(midnight - timedelta(days=1), midnight + timedelta(days=2))


def in_pass(community: CommunityId) -> str:
    """How a pass names a community: its id, or for a long one a digest (96 bits) that no id can be mistaken for."""
    if len(community) <= PLAIN:
        return community
    digest = hashlib.sha256(community.encode()).digest()[:KEYID_BYTES]
    return "~" + base64.urlsafe_b64encode(digest).decode()


def read(token: str) -> Pass:
    """Read a pass, strictly. Raises ValueError, which quotes nothing of it, unless it is written as `Draft` writes."""
    if len(token) > LONGEST:
        raise ValueError(f"a pass has at most {LONGEST} signs")
    raw = base45.read(token)
    if raw[:1] != b"\xd2":
        raise ValueError("a pass is a COSE_Sign1 with its tag")
    header, _, payload, signature = _four(_parsed(raw, tag=True))
    found = Pass(draft=Draft(claims=_claims(payload), keyid=_keyid(header)), signature=_signature(signature))
    if found.draft.token(found.signature) != token:
        raise ValueError("a pass is written in one way only, and this is another")
    return found


def short_code(drawn: int) -> str:
    """The code for a drawn number of 30 bits: every number has a code of its own."""
    return "".join(SIGNS[drawn >> 5 * place & 31] for place in range(CODE_LENGTH))


def _header(keyid: str) -> bytes:
    return _written({ALG: EDDSA, KID: base64.urlsafe_b64decode(keyid)})


def _payload(claims: Claims) -> bytes:
    opens, closes = (int(moment.timestamp()) for moment in claims.days)
    party = claims.party
    return _written(
        {
            ISS: claims.issuer,
            AUD: claims.audience,
            EXP: closes,
            NBF: opens,
            CTI: bytes.fromhex(claims.referral_id.replace("-", "")),
            PARTY: [claims.sender, party.adult, party.child, party.infant],
        }
    )


def _written(value: Any) -> bytes:
    return bytes(cbor2.dumps(value, canonical=True))


def _parsed(raw: bytes, *, tag: bool = False) -> Any:
    """One CBOR value; that nothing follows it is seen when the pass is written again."""
    try:
        value = cbor2.loads(raw)
    except (cbor2.CBORError, ValueError, TypeError, ArithmeticError, LookupError, RecursionError) as problem:
        raise ValueError("a pass is CBOR inside") from problem
    if not tag:
        return value
    if not isinstance(value, cbor2.CBORTag) or value.tag != SIGN1:
        raise ValueError("a pass is a COSE_Sign1 with its tag")
    return value.value


def _four(body: Any) -> tuple[Any, Any, Any, Any]:
    if not isinstance(body, list | tuple) or len(body) != 4:
        raise ValueError("a COSE_Sign1 has four parts")
    return body[0], body[1], body[2], body[3]


def _keyid(header: Any) -> str:
    """Raises ValueError unless the header says EdDSA and a key id, and nothing else."""
    held = _map(header, {ALG, KID})
    kid = held[KID]
    if held[ALG] != EDDSA or not isinstance(kid, bytes) or len(kid) != KEYID_BYTES:
        raise ValueError("the header of a pass says EdDSA and the id of a key")
    return base64.urlsafe_b64encode(kid).decode()


def _claims(payload: Any) -> Claims:
    held = _map(payload, {ISS, AUD, EXP, NBF, CTI, PARTY})
    closes, opens, cti, counted = held[EXP], held[NBF], held[CTI], held[PARTY]
    if not (type(opens) is int and type(closes) is int and _FIRST <= opens < closes < _LAST):
        raise ValueError("the days of a pass are two moments, one after the other")
    if not isinstance(cti, bytes) or len(cti) != 16 or not isinstance(counted, list | tuple) or len(counted) != 4:
        raise ValueError("a pass names its handoff and counts its party")
    names = (held[ISS], held[AUD], counted[0])
    if not all(isinstance(name, str) and 0 < len(name) <= PLAIN for name in names):
        raise ValueError("a pass names three communities")
    if not all(type(count) is int for count in counted[1:]):
        raise ValueError("a pass counts its party by band")
    return Claims(
        issuer=names[0],
        audience=names[1],
        sender=names[2],
        referral_id="-".join(cti[at:to].hex() for at, to in pairwise((0, 4, 6, 8, 10, 16))),
        days=Days(_EPOCH + timedelta(seconds=opens), _EPOCH + timedelta(seconds=closes)),
        party=_party(*counted[1:]),
    )


def _party(adult: int, child: int, infant: int) -> Party:
    try:
        return Party(adult=adult, child=child, infant=infant)
    except ValueError:
        raise ValueError("a pass counts its party by band") from None  # the other one quotes what was counted


def _map(raw: Any, keys: set[int]) -> dict[int, Any]:
    """The map in a byte string, with exactly these keys."""
    held = _parsed(raw) if isinstance(raw, bytes) else None
    if not isinstance(held, dict) or set(held) != keys:
        raise ValueError("the parts of a pass hold exactly what belongs there")
    return held


def _signature(signature: Any) -> bytes:
    if not isinstance(signature, bytes) or len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"the signature of a pass has {SIGNATURE_BYTES} bytes")
    return signature
