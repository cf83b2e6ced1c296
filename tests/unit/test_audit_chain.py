"""Whatever is done to an audit behind its back, its chain and the checkpoints kept elsewhere tell."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.trust import sealing, signing
from services.chassis.trust.audit_chain import (
    START,
    AuditLine,
    Checkpoint,
    Found,
    Keys,
    Walk,
    digest_of,
    signed_text,
    text_of,
)

START_AT = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
COMMUNITIES = ("bo-taen", "tha-li")
LINES = 40
#: A checkpoint lies on every seventh line and on the last one.
EVERY = 7
SEEDS = 1_000
Chain = list[AuditLine]
by_community = attrgetter("community")


def verify(entries: Iterable[AuditLine], checkpoints: Iterable[Checkpoint], keys: Keys) -> list[Found]:
    """Where the chains of these lines, each in stored order, are broken or differ from these checkpoints."""
    marks: dict[str, list[Checkpoint]] = {}
    for checkpoint in checkpoints:
        marks.setdefault(checkpoint.community, []).append(checkpoint)
    chains = {name: list(lines) for name, lines in groupby(sorted(entries, key=by_community), key=by_community)}
    faults: list[Found] = []
    for community in sorted(chains.keys() | marks.keys()):
        walk, lines, own = Walk(community, keys), chains.get(community, []), marks.get(community, [])
        last = max((line.n for line in lines), default=0)
        walk.follow(lines, [c for c in own if c.n <= last])
        walk.end(c for c in own if c.n > last)
        faults += walk.faults
    return faults


@cache
def signer(community: str) -> tuple[str, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(community.encode()).digest())
    return sealing.written(private.public_key().public_bytes_raw()), private


KEYS = {(name, signing.keyid_of(signer(name)[0])): signer(name)[0] for name in COMMUNITIES}


def chained(lines: Sequence[AuditLine]) -> Chain:
    """The same lines as a chain of their own: numbers and digests as an honest writer gives them."""
    chain: Chain = []
    for n, one in enumerate(lines, 1):
        linked = one._replace(n=n, previous=chain[-1].digest if chain else START)
        chain.append(linked._replace(digest=digest_of(linked)))
    return chain


def line(community: str, n: int, **about: Any) -> AuditLine:
    at = START_AT + timedelta(minutes=n, microseconds=n)
    fresh = AuditLine(community, n, at, community, "personal_part_read", f"handoff-{n}", "done", None, START, START)
    return fresh._replace(**about)


def audit() -> Chain:
    """Two communities' audits."""
    return [one for name in COMMUNITIES for one in chained([line(name, n) for n in range(1, LINES + 1)])]


def checkpoint(of: AuditLine, key: Ed25519PrivateKey | None = None) -> Checkpoint:
    public, own = signer(of.community)
    text = signed_text(of.community, of.n, of.digest, of.at)
    signature = sealing.written((key or own).sign(text))
    return Checkpoint(of.community, of.n, of.digest, of.at, signing.keyid_of(public), signature)


KEPT = [checkpoint(one) for one in audit() if one.n % EVERY == 0 or one.n == LINES]


def edited(lines: Chain, chance: random.Random) -> Chain:
    at = chance.randrange(len(lines))
    name = chance.choice(["who", "what", "about", "result", "trace", "at", "previous", "digest"])
    before = getattr(lines[at], name)
    other: Any = (
        before + timedelta(microseconds=1) if name == "at" else hashlib.sha256(str(before).encode()).hexdigest()
    )
    return [*lines[:at], lines[at]._replace(**{name: other}), *lines[at + 1 :]]


def edited_with_its_digest(lines: Chain, chance: random.Random) -> Chain:
    at = chance.randrange(len(lines))
    other = lines[at]._replace(who="nobody")
    return [*lines[:at], other._replace(digest=digest_of(other)), *lines[at + 1 :]]


def with_one_taken_away(lines: Chain, chance: random.Random) -> Chain:
    at = chance.randrange(len(lines))
    return lines[:at] + lines[at + 1 :]


def with_one_slipped_in(lines: Chain, chance: random.Random) -> Chain:
    at = chance.choice([at for at, one in enumerate(lines) if one.n < LINES])
    after = lines[at]
    other = line(after.community, after.n + chance.randint(0, 1), who="nobody")._replace(previous=after.digest)
    return [*lines[: at + 1], other._replace(digest=digest_of(other)), *lines[at + 1 :]]


def with_two_changing_places(lines: Chain, chance: random.Random) -> Chain:
    community = chance.choice(COMMUNITIES)
    first, second = chance.sample([at for at, one in enumerate(lines) if one.community == community], 2)
    other = list(lines)
    other[first], other[second] = lines[second], lines[first]
    return other


def without_its_end(lines: Chain, chance: random.Random) -> Chain:
    community, kept = chance.choice(COMMUNITIES), chance.randrange(LINES)
    return [one for one in lines if one.community != community or one.n <= kept]


def rewritten(lines: Chain, chance: random.Random) -> Chain:
    """A whole chain anew, with every digest as it ought to be: nothing in itself tells."""
    community, at = chance.choice(COMMUNITIES), chance.randint(1, LINES)
    own = [one._replace(who="nobody") if one.n == at else one for one in lines if one.community == community]
    if chance.random() < 0.5 and at < LINES:
        own = [one for one in own if one.n != at] + [line(community, LINES)]
    return [one for one in lines if one.community != community] + chained(own)


TAMPERINGS: tuple[Callable[[Chain, random.Random], Chain], ...] = (
    edited,
    edited_with_its_digest,
    with_one_taken_away,
    with_one_slipped_in,
    with_two_changing_places,
    without_its_end,
    rewritten,
)


def test_a_chain_that_nobody_touched_holds() -> None:
    assert verify(audit(), KEPT, KEYS) == []


def test_each_of_a_thousand_changes_to_a_chain_is_found() -> None:
    untouched, unseen, seen = audit(), [], dict.fromkeys((act.__name__ for act in TAMPERINGS), 0)
    for seed in range(SEEDS):
        act = TAMPERINGS[seed % len(TAMPERINGS)]
        touched = act(untouched, random.Random(seed))
        assert touched != untouched, (act.__name__, seed)
        if verify(touched, KEPT, KEYS):
            seen[act.__name__] += 1
        else:
            unseen.append((act.__name__, seed))
    assert unseen == []
    assert sum(seen.values()) == SEEDS
    assert all(seen.values())


@pytest.mark.parametrize("act", [rewritten, without_its_end])
def test_control_without_checkpoints_a_chain_that_is_whole_in_itself_is_believed(
    act: Callable[[Chain, random.Random], Chain],
) -> None:
    touched = [act(audit(), random.Random(seed)) for seed in range(50)]
    assert all(verify(lines, [], KEYS) == [] for lines in touched)
    assert all(verify(lines, KEPT, KEYS) for lines in touched)


def test_each_kind_of_fault_is_reported_as_such() -> None:
    chain = [one for one in audit() if one.community == "tha-li"]
    kept = [one for one in KEPT if one.community == "tha-li"]
    swapped = [*chain[:3], chain[4], chain[3], *chain[5:]]
    assert verify(chain[:3] + chain[4:], kept, KEYS) == [Found("tha-li", 4, "missing")]
    assert Found("tha-li", 4, "out_of_order") in verify(swapped, kept, KEYS)
    assert verify([chain[0]._replace(who="nobody"), *chain[1:]], kept, KEYS) == [Found("tha-li", 1, "changed")]
    assert verify(chain[: LINES - 2], kept, KEYS) == [Found("tha-li", LINES, "cut")]
    anew = verify(chained([chain[0]._replace(who="nobody"), *chain[1:]]), kept, KEYS)
    assert {found.fault for found in anew} == {"rewritten"}
    assert len(anew) == len(kept)


def test_a_checkpoint_counts_only_when_its_community_has_signed_it() -> None:
    chain, thief = audit(), Ed25519PrivateKey.generate()
    anew = rewritten(chain, random.Random(1))
    last = max(one for one in anew if one.community == "tha-li")
    assert verify(anew, [checkpoint(last, thief)], KEYS) == [Found("tha-li", LINES, "checkpoint_forged")]
    stranger = checkpoint(last)._replace(keyid="another")
    assert verify(anew, [stranger], KEYS) == [Found("tha-li", LINES, "no_key")]
    of_the_other = checkpoint(last)._replace(community="bo-taen")
    assert verify(chain, [of_the_other], KEYS) == [Found("bo-taen", LINES, "no_key")]


def test_a_chain_is_followed_in_pages_as_in_one_piece() -> None:
    chain = [one for one in rewritten(audit(), random.Random(2)) if one.community == "bo-taen"]
    walk, kept = Walk("bo-taen", KEYS), [one for one in KEPT if one.community == "bo-taen"]
    for first in range(0, LINES, 3):
        page = chain[first : first + 3]
        walk.follow(page, [one for one in kept if page[0].n <= one.n <= page[-1].n])
    walk.end([])
    assert walk.faults == verify(chain, kept, KEYS)
    assert walk.lines == LINES


def test_different_lines_have_different_digest_texts() -> None:
    apart = {text_of(line("tha-li", 1, who=who, what=what)) for who, what in [("a", "bc"), ("ab", "c"), ("a,1:b", "c")]}
    assert len(apart) == 3
    assert text_of(line("tha-li", 1, trace="-")) != text_of(line("tha-li", 1))


def test_a_moment_reads_the_same_in_every_zone() -> None:
    here = START_AT.astimezone(timezone(timedelta(hours=7)))
    assert text_of(line("tha-li", 1)._replace(at=here)) == text_of(line("tha-li", 1)._replace(at=START_AT))
