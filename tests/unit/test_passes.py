"""A pass says what its receiver signed and nothing else gets in; a code is spoken, and not guessed."""

from __future__ import annotations

import base64
import json
import os
import random
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import Any
from uuid import UUID

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from contracts.border.v1 import HandoffConfirmed
from contracts.community.v1 import KeyView
from contracts.passes import base45, codec, showing
from contracts.passes.codec import Claims, Days, Draft
from contracts.refusals import No, Refused
from contracts.values import MAX_PARTY, Party, Window
from services.chassis.trust import passes, sealing, signing
from services.client import passes as client_passes
from services.client.presenting import asked_about
from services.referral.domain.handoff import acts
from services.referral.domain.handoff.record import Moment, Transition
from services.referral.domain.passes import issuing, presenting
from services.referral.domain.passes.presenting import Kept
from tests.support.referral import DAY, HOLD, NOW, record
from tests.vectors import make_passes

VECTORS = json.loads(make_passes.FILE.read_text("utf-8"))
SEED = make_passes.SEED
AT = datetime.fromisoformat(VECTORS["at"])
#: How many mutated passes are tried; HANDOFF_MUTANTS=1000000 tries more.
MUTANTS = int(os.environ.get("HANDOFF_MUTANTS", "100000"))
LONGEST = "a" * 64
#: What every sentence about something that is no pass says.
NO_PASS = "pass|COSE_Sign1|Base45"


def key_of(seed: bytes, community: str = "bo-taen", **given: Any) -> KeyView:
    text = sealing.written(make_passes.public(seed))
    usual = {
        "community": community, "public_key": text, "keyid": signing.keyid_of(text),
        "fingerprint": signing.fingerprint(text), "used_from": NOW - timedelta(days=1), "used_until": None,
    }  # fmt: skip
    return KeyView.model_validate(usual | given)


def signed(claims: Claims, seed: bytes = SEED, kid: bytes | None = None) -> str:
    draft = Draft(claims=claims, keyid=base64.urlsafe_b64encode(kid or make_passes.kid(seed)).decode())
    return draft.token(make_passes.key(seed).sign(draft.text))


def usual(**changes: Any) -> Claims:
    return replace(issuing.claims_of(record(state="confirmed")), **changes)


# what a pass is


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_a_vector_is_read_as_it_was_made_and_made_as_it_was_read(vector: dict[str, Any]) -> None:
    shown = codec.read(vector["token"])
    assert shown.draft.text.hex() == vector["sig_structure"]
    assert base45.read(vector["token"]).hex() == vector["cose"]
    claims, said = shown.claims, vector["claims"]
    assert (claims.issuer, claims.sender) == tuple(codec.in_pass(said[name]) for name in ("iss", "sender"))
    assert [int(moment.timestamp()) for moment in claims.days] == [said["nbf"], said["exp"]]
    assert list(claims.party.model_dump().values()) == list(said["party"])
    assert claims.referral_id.replace("-", "") == said["cti"]
    assert signed(claims) == vector["token"], "Ed25519 makes one signature only"
    assert client_passes.verified(vector["token"], [key_of(SEED, said["iss"])], AT).reason == "valid"


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_an_invalid_vector_is_refused_for_its_reason(vector: dict[str, str]) -> None:
    assert client_passes.verified(vector["token"], [key_of(SEED)], AT).reason == vector["reason"]


def test_the_key_of_the_vectors_is_written_as_keys_are() -> None:
    key = KeyView.read(VECTORS["key"])
    assert (key.keyid, key.fingerprint) == (signing.keyid_of(key.public_key), signing.fingerprint(key.public_key))


def test_the_vectors_are_those_that_are_made_without_the_code_they_judge() -> None:
    assert make_passes.FILE.read_text("utf-8") == make_passes.written()


def test_a_pass_of_the_longest_names_and_the_largest_party_is_a_qr_code_of_version_12_at_level_q() -> None:
    largest = Party(adult=60, child=70, infant=70)
    for year in (2027, 2199):
        arrival = record().arrival.model_copy(update={"day": date(year, 12, 30)})
        long = record(community=LONGEST, partner="b" * 64, party=largest, arrival=arrival)
        token = signed(issuing.claims_of(long))
        assert len(token) <= codec.LONGEST == 296
        code = segno.make(token, error="q", boost_error=False, micro=False)
        assert (int(code.version), code.error, code.mode) == (12, "Q", "alphanumeric")
        HandoffConfirmed(at=NOW, short_code=codec.short_code(0), pass_token=token)


def test_a_pass_of_a_booking_is_told_from_a_handoffs_by_its_sender() -> None:
    handoffs = usual()
    bookings = replace(handoffs, sender=handoffs.issuer)
    assert [codec.read(signed(one)).claims.is_of_booking for one in (handoffs, bookings)] == [False, True]
    asked = [asked_about(signed(one), look=True) for one in (handoffs, bookings)]
    assert [[one.type for one in each] for each in asked] == [
        ["referral.present_pass.v1"],
        ["booking.present_voucher.v1"],
    ]


@pytest.mark.parametrize(
    ("said", "asked"),
    [("k7m-p2x", ["K7MP2X"]), ("0b 0c 1d", ["0b0c1d"]), ("abcdef", ["abcdef", "ABCDEF"])],
)
def test_six_signs_are_asked_of_whoever_may_know_them(said: str, asked: list[str]) -> None:
    found = asked_about(said, look=True)
    assert [getattr(one, "reference", None) or getattr(one, "short_code", None) for one in found] == asked
    for neither in ("k7mp0x", "abc", ""):
        with pytest.raises(ValueError, match=r"pass|code|pattern"):
            asked_about(neither)


def test_a_pass_says_nothing_of_a_person() -> None:
    raw = base45.read(VECTORS["valid"][0]["token"])
    known = [b"bo-taen", b"bo-taen", b"tha-li"]
    for one in known:
        raw = raw.replace(one, b"", 1)
    words = "".join(chr(byte) if chr(byte) in string.printable else "\n" for byte in raw[14:-64])
    assert [word for word in words.split("\n") if len(word) > 4] == []


def test_a_pass_is_good_from_the_eve_of_the_arrival_to_the_day_after_by_the_receivers_day() -> None:
    assert codec.days_of(DAY, "Asia/Vientiane") == (
        datetime(2027, 1, 12, 17, tzinfo=UTC),
        datetime(2027, 1, 15, 17, tzinfo=UTC),
    )


def test_long_names_that_differ_at_their_end_differ_in_a_pass() -> None:
    names = {codec.in_pass(f"{LONGEST[:-1]}{end}") for end in "abc"}
    assert len(names) == 3
    assert all(name.startswith("~") and len(name) == codec.PLAIN for name in names)


MOMENTS = st.integers(min_value=946_684_800, max_value=7_258_118_399)
SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,4}", fullmatch=True).map(lambda text: text[:64].strip("-"))


@given(
    slugs=st.tuples(SLUGS, SLUGS, SLUGS),
    moments=st.sets(MOMENTS, min_size=2, max_size=2).map(sorted),
    adult=st.integers(1, 100),
    child=st.integers(0, 50),
    infant=st.integers(0, MAX_PARTY - 150),
    referral=st.uuids(),
    seed=st.binary(min_size=32, max_size=32),
)
def test_whatever_is_written_is_read_again(
    slugs: tuple[str, str, str], moments: list[int], adult: int, child: int, infant: int, referral: Any, seed: bytes
) -> None:
    issuer, audience, sender = map(codec.in_pass, slugs)
    claims = Claims(
        issuer=issuer, audience=audience, sender=sender, referral_id=str(referral),
        days=Days(*(datetime.fromtimestamp(moment, UTC) for moment in moments)),
        party=Party(adult=adult, child=child, infant=infant),
    )  # fmt: skip
    shown = codec.read(signed(claims, seed))
    assert shown.claims == claims
    assert shown.signed_by(make_passes.public(seed), passes.verified)


@given(st.text(max_size=400) | st.text(base45.SIGNS, max_size=300) | st.binary(max_size=200).map(base45.written))
def test_what_is_no_pass_is_refused_with_a_value_error_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=NO_PASS):
        codec.read(text)


@given(st.binary(max_size=190))
def test_what_stands_after_the_beginning_of_a_pass_is_refused_as_well(rest: bytes) -> None:
    with pytest.raises(ValueError, match=NO_PASS):
        codec.read(base45.written(b"\xd2\x84" + rest))
    with pytest.raises(ValueError, match=NO_PASS):
        codec.read(base45.written(make_passes.sign1(make_passes.header(), rest)))
    with pytest.raises(ValueError, match=NO_PASS):
        codec.read(base45.written(make_passes.sign1(rest, make_passes.payload())))


@given(st.binary(max_size=300))
def test_base45_brings_back_what_it_was_given(raw: bytes) -> None:
    assert base45.read(base45.written(raw)) == raw
    assert base45.written(raw) == make_passes.base45(raw)


@pytest.mark.parametrize(
    ("raw", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")]
)
def test_the_examples_of_rfc_9285(raw: bytes, text: str) -> None:
    assert (base45.written(raw), base45.read(text)) == (text, raw)


@pytest.mark.parametrize("text", ["GGW", "GG", "A", "AAAA", ":::", "ab8", "BB8\n", "BB٨"])
def test_base45_that_no_bytes_are_written_with_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not Base45"):
        base45.read(text)


# no other gets in

KEYID, KEYS = make_passes.vectors_keyid(), [KeyView.read(VECTORS["key"])]


def accepted(token: str) -> bool:
    """Whether whoever has Bo Taen's one key lets this in."""
    return client_passes.verified(token, KEYS, NOW).reason == "valid"


class Forger:
    """Makes passes that nobody has issued: a good one with something changed, or signed by whoever should not."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.good = [self._good(heads) for heads in range(1, 100)]
        self.changing = (
            *(self.bit, self.bit, self.bit, self.sign, self.sign, self.cut, self.longer),
            *(self.claims, self.receiver, self.issuer, self.algorithm),
        )
        self.signing = (self.expired, self.by_another, self.unknown_key)
        self.pick()

    def _good(self, heads: int) -> Claims:
        days = Days(NOW - timedelta(days=1), NOW + timedelta(hours=heads))
        return usual(days=days, party=Party(adult=heads), referral_id=self.uuid())

    def uuid(self) -> str:
        return str(UUID(bytes=self.chance.randbytes(16)))

    def pick(self) -> None:
        """Another good pass to begin with."""
        self.told = self.chance.choice(self.good)
        self.token = signed(self.told)
        self.raw = base45.read(self.token)

    def mutants(self) -> Iterator[str]:
        for n in count():
            if n % 50 == 0:
                self.pick()
            yield self.chance.choice(self.changing if n % 20 else self.signing)()

    def bit(self) -> str:
        at = self.chance.randrange(len(self.raw))
        return base45.written(
            self.raw[:at] + bytes([self.raw[at] ^ 1 << self.chance.randrange(8)]) + self.raw[at + 1 :]
        )

    def sign(self) -> str:
        at = self.chance.randrange(len(self.token))
        other = self.chance.choice(base45.SIGNS.replace(self.token[at], ""))
        return self.token[:at] + other + self.token[at + 1 :]

    def cut(self) -> str:
        return self.token[: self.chance.randrange(len(self.token))]

    def longer(self) -> str:
        return base45.written(self.raw + self.chance.randbytes(self.chance.randrange(1, 12)))

    def _saying(self, **changes: Any) -> str:
        """Other claims under the signature of the good pass."""
        return Draft(claims=replace(self.told, **changes), keyid=KEYID).token(self.raw[-64:])

    def claims(self) -> str:
        later = self.told.days.closes + timedelta(days=self.chance.randrange(1, 99))
        changes: tuple[dict[str, Any], ...] = (
            {"sender": "lao-na"}, {"party": Party(adult=200 - self.told.party.adult // 2)},
            {"referral_id": self.uuid()}, {"days": Days(self.told.days.opens, later)},
        )  # fmt: skip
        return self._saying(**self.chance.choice(changes))

    def receiver(self) -> str:
        return self._saying(audience="lao-na")

    def issuer(self) -> str:
        return self._saying(issuer="lao-na")

    def algorithm(self) -> str:
        other = bytes([self.chance.choice((0x00, 0x26, 0x28, 0xF6))])
        return base45.written(self.raw.replace(b"\xa2\x01\x27", b"\xa2\x01" + other, 1))

    def expired(self) -> str:
        away = timedelta(days=self.chance.choice((-1, 1)) * self.chance.randrange(8, 999))
        return signed(replace(self.told, days=Days(self.told.days.opens + away, self.told.days.closes + away)))

    def by_another(self) -> str:
        draft = Draft(claims=self.told, keyid=KEYID)
        return draft.token(make_passes.key(make_passes.OTHER_SEED).sign(draft.text))

    def unknown_key(self) -> str:
        return signed(self.told, kid=self.chance.randbytes(12))


def test_of_100000_mutated_passes_none_is_accepted() -> None:
    forger = Forger(20_270_114)
    assert accepted(forger.token)
    got_in = [token for token in islice(forger.mutants(), MUTANTS) if accepted(token)]
    assert got_in == []


def test_control_without_the_signature_mutated_passes_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "verified", lambda *_: True)
    forger = Forger(20_270_114)
    got_in = sum(accepted(token) for token in islice(forger.mutants(), 2_000))
    assert got_in > 200


@pytest.mark.parametrize(
    "kind", ["bit", "sign", "claims", "receiver", "issuer", "expired", "by_another", "unknown_key"]
)
def test_what_a_forger_makes_is_no_good_pass(kind: str) -> None:
    forger = Forger(1)
    assert getattr(forger, kind)() != forger.token


# the code


def test_a_code_has_six_signs_that_can_be_told_apart() -> None:
    codes = {codec.short_code(drawn) for drawn in (0, 1, 31, 32, 2**29, 2**30 - 1)}
    assert len(codes) == 6
    assert not set("".join(codes)) & set("01OI")
    assert (len(codec.SIGNS), set(codec.SIGNS) & set("01OI")) == (32, set())
    for code in codes:
        HandoffConfirmed(at=NOW, short_code=code, pass_token=VECTORS["valid"][0]["token"])


@given(st.sets(st.integers(0, 2**30 - 1), min_size=2, max_size=2))
def test_two_draws_are_two_codes(drawn: set[int]) -> None:
    assert len({codec.short_code(one) for one in drawn}) == 2


def test_after_ten_wrong_codes_in_five_minutes_every_code_waits() -> None:
    tried: tuple[datetime, ...] = ()
    for second in range(10):
        now = NOW + timedelta(seconds=second)
        assert showing.wait_seconds(tried, now) == 0
        tried = showing.tried_now(tried, now)
    assert showing.wait_seconds(tried, NOW + timedelta(seconds=10)) == 290
    assert showing.wait_seconds(tried, NOW + timedelta(minutes=5)) == 0
    assert len(showing.tried_now(tried, NOW)) == showing.TRIES


# what it is worth


def kept(**given: Any) -> Kept:
    days = codec.days_of(DAY, "Asia/Vientiane")
    usual = {"referral_id": record().referral_id, "short_code": "ABCDEF", "pass_token": "", "days": days}
    return Kept(**(usual | {"issued_at": NOW} | given))


ARRIVAL = datetime(2027, 1, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "at", "worth"),
    [
        ("confirmed", ARRIVAL, "good"),
        ("departed", ARRIVAL, "good"),
        ("confirmed", ARRIVAL - timedelta(days=2), "early"),
        ("departed", ARRIVAL + timedelta(days=2), "late"),
        ("arrived", ARRIVAL, "used"),
        ("completed", ARRIVAL + timedelta(days=9), "used"),
        ("cancelled", ARRIVAL, "over"),
        ("withdrawn", ARRIVAL, "over"),
        ("turned_back", ARRIVAL, "over"),
    ],
)
def test_each_state_and_day_gives_its_verdict(state: Any, at: datetime, worth: str) -> None:
    assert presenting.worth(record(state=state), kept(), at) == worth


def test_nobody_has_shown_a_pass_before_it_was_issued() -> None:
    expected, noon = record(state="confirmed"), ARRIVAL + timedelta(hours=2)
    assert presenting.worth(expected, kept(issued_at=noon), ARRIVAL) == "early"
    assert presenting.worth(expected, kept(issued_at=noon), noon - showing.SKEW) == "good", "two clocks"


def test_a_no_show_is_put_right_by_the_pass_while_its_places_are_kept() -> None:
    missed = record(state="no_show", no_show_at=ARRIVAL)
    assert presenting.worth(missed, kept(), ARRIVAL + timedelta(hours=30)) == "good"
    assert presenting.worth(missed.replace(hold_id=None), kept(), ARRIVAL + timedelta(hours=30)) == "late"


def test_a_delayed_party_is_welcome_on_its_new_days_and_still_on_those_it_was_promised() -> None:
    later = Window(day=DAY + timedelta(days=3), earliest=record().arrival.earliest, latest=record().arrival.latest)
    delayed = record(state="departed", arrival=later)
    for hours in (0, 48, 80):
        assert presenting.worth(delayed, kept(), ARRIVAL + timedelta(hours=hours)) == "good"
    assert presenting.worth(record(state="departed"), kept(), ARRIVAL + timedelta(hours=80)) == "late", "undelayed"
    assert presenting.worth(delayed, kept(), ARRIVAL + timedelta(days=5)) == "late"


def test_a_delayed_party_that_comes_when_it_was_promised_arrives_and_by_face_it_is_too_early() -> None:
    later = Window(day=DAY + timedelta(days=2), earliest=record().arrival.earliest, latest=record().arrival.latest)
    delayed = record(state="departed", arrival=later)
    for days in (-1, 0, 2):
        at = Moment(now=ARRIVAL + timedelta(days=days), ids=(HOLD,))
        verdict, step = presenting.judged(delayed, kept(), None, at)
        assert (verdict, step and step.record.state) == ("good", "arrived")
    with pytest.raises(Refused):
        acts.arrive(delayed, None, Moment(now=ARRIVAL, ids=(HOLD,)))


@pytest.mark.parametrize(
    ("no", "worth"),
    [(No.TOO_EARLY, "early"), (No.TOO_LATE, "late"), (No.WRONG_STATE, "over"), (No.NOT_ALLOWED, "over")],
)
def test_what_the_rules_of_an_arrival_refuse_is_a_verdict(no: No, worth: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Transition:
        raise Refused(no, "no_quote", "referral")

    monkeypatch.setattr(acts, "arrive", refuse)
    at = Moment(now=ARRIVAL, ids=(HOLD,))
    assert presenting.judged(record(state="confirmed"), kept(), None, at) == (worth, None)


def test_a_key_that_was_given_up_no_longer_counts_where_there_is_no_node() -> None:
    over = key_of(SEED, used_until=AT - timedelta(seconds=1))
    assert client_passes.verified(VECTORS["valid"][0]["token"], [over], AT).reason == "key_over"
    other = key_of(SEED, community="lao-na")
    assert client_passes.verified(VECTORS["valid"][0]["token"], [other], AT).reason == "unknown_key"
