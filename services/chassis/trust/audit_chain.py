"""The audit's hash chain, pure: what a line's digest covers, what a checkpoint signs, and where a chain is broken.

Each line holds the SHA-256 of itself together with the digest of the line before, so changing, removing or
inserting a line breaks the chain. A checkpoint, a signature over one digest, reveals a chain that was rewritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from services.chassis.trust import signing

#: What the first line of a chain follows.
START = "0" * 64
LINE = "handoff audit v1|"
CHECKPOINT = "handoff audit checkpoint v1"
Fault = Literal[
    "changed", "missing", "out_of_order", "cut", "rewritten", "checkpoint_forged", "checkpoint_missing", "no_key"
]
#: (community, key id) → the public key as it is written in messages.
Keys = Mapping[tuple[str, str], str]


class AuditLine(NamedTuple):
    """A line as it was found; unlike `AuditEntry` it may hold what no service would write."""

    community: str
    n: int
    at: datetime
    who: str
    what: str
    about: str
    result: str
    trace: str | None
    previous: str
    digest: str


class Checkpoint(NamedTuple):
    """A signature under a chain up to line `n`, as it was found or kept."""

    community: str
    n: int
    digest: str
    at: datetime
    keyid: str
    signature: str


class Found(NamedTuple):
    """A place where a chain is broken."""

    community: str
    n: int
    fault: Fault


def text_of(line: AuditLine) -> str:
    """What the digest covers: each field as its length in bytes and itself; node.audit_text writes the same."""
    fields = (line.previous, line.community, str(line.n), _moment(line.at), line.who, line.what, line.about)
    return LINE + "".join(_field(value) for value in (*fields, line.result, line.trace))


def digest_of(line: AuditLine) -> str:
    """The SHA-256 that the line must have, in hexadecimal."""
    return hashlib.sha256(text_of(line).encode("utf-8", "surrogatepass")).hexdigest()


def signed_text(community: str, n: int, digest: str, at: datetime) -> bytes:
    """What a checkpoint's signature covers."""
    return "|".join((CHECKPOINT, community, str(n), digest, _moment(at))).encode()


def doubts(checkpoint: Checkpoint, keys: Keys) -> Fault | None:
    """Why a checkpoint proves nothing, or None when its community has signed it."""
    key = keys.get((checkpoint.community, checkpoint.keyid))
    if key is None:
        return "no_key"
    text = signed_text(checkpoint.community, checkpoint.n, checkpoint.digest, checkpoint.at)
    return None if signing.holds(key, checkpoint.signature, text) else "checkpoint_forged"


@dataclass
class Walk:
    """Follows one chain from its first line, a page at a time; remembers where it stands and what it found."""

    community: str
    keys: Keys
    n: int = 0
    digest: str = START
    lines: int = 0
    faults: list[Found] = field(default_factory=list)

    def follow(self, lines: Iterable[AuditLine], checkpoints: Iterable[Checkpoint] = ()) -> None:
        """Go on over the next lines, with the checkpoints that lie on them."""
        marks: dict[int, set[str]] = {}
        for checkpoint in checkpoints:
            if self._proven(checkpoint):
                marks.setdefault(checkpoint.n, set()).add(checkpoint.digest)
        for line in lines:
            self._step(line)
            if marks.get(line.n, {line.digest}) != {line.digest}:
                self._found(line.n, "rewritten")

    def end(self, checkpoints: Iterable[Checkpoint]) -> None:
        """The chain is over; checkpoints behind its last line say that it went on."""
        for checkpoint in checkpoints:
            if self._proven(checkpoint):
                self._found(checkpoint.n, "cut")

    def _step(self, line: AuditLine) -> None:
        if line.n <= self.n:
            self._found(line.n, "out_of_order")
        elif line.n > self.n + 1:
            self._found(self.n + 1, "missing")
        if digest_of(line) != line.digest or (line.n == self.n + 1 and line.previous != self.digest):
            self._found(line.n, "changed")
        self.n, self.digest, self.lines = line.n, line.digest, self.lines + 1

    def _proven(self, checkpoint: Checkpoint) -> bool:
        if fault := doubts(checkpoint, self.keys):
            self._found(checkpoint.n, fault)
        return fault is None

    def _found(self, n: int, fault: Fault) -> None:
        self.faults.append(Found(self.community, n, fault))


def against_kept(
    kept: Iterable[Checkpoint],
    standing: Mapping[tuple[str, int], str],
    there: set[tuple[str, int]],
    last: Mapping[str, int],
    keys: Keys,
) -> list[Found]:
    """Where copies kept elsewhere differ from the digests that stand on their lines; which are `there` no more.

    `last` is the last line of each chain.
    """
    faults: list[Found] = []
    for copy in kept:
        place = (copy.community, copy.n)
        if doubt := doubts(copy, keys):
            faults.append(Found(*place, doubt))
            continue
        if place not in standing:
            faults.append(Found(*place, "cut" if copy.n > last.get(copy.community, 0) else "missing"))
        elif standing[place] != copy.digest:
            faults.append(Found(*place, "rewritten"))
        if place not in there:
            faults.append(Found(*place, "checkpoint_missing"))
    return faults


def _field(value: str | None) -> str:
    return "-," if value is None else f"{len(value.encode('utf-8', 'surrogatepass'))}:{value},"


def _moment(at: datetime) -> str:
    try:
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except OverflowError:  # no service writes such a moment, so whatever stands here makes the line a changed one
        return "never"
