"""Node, v1: queries and commands that each service answers for itself, only for operators of the system; and the
messages of services about their streams."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.booking.v1 import Violation
from contracts.messages import Command, Message, Query, Several
from contracts.personal.v1 import Digest
from contracts.values import Code, CommunityId, Instant, Uuid, Value

#: The chain of the audit that is the node's own: what operators of the system did for no community. None has this id.
OF_THE_NODE = "node"
#: Streams that one message speaks of.
MOST_STREAMS = 1_000
#: Who speaks, to whom, about what.
StreamName = Annotated[str, Field(min_length=1, max_length=480)]
ServiceName = Annotated[str, Field(min_length=1, max_length=80)]


class StreamSaid(Value):
    """The last number that was said on a stream."""

    stream: StreamName
    seq: Annotated[int, Field(ge=1)]


class StreamApplied(Value):
    """The last number that was applied of a stream; `lacks` when one of those that were said has not arrived."""

    stream: StreamName
    seq: Annotated[int, Field(ge=0)]
    lacks: bool


class StreamsStated(Message):
    """The last numbers of our streams: `reader` answers how far it has applied them, others ignore it."""

    type: ClassVar[str] = "node.streams_stated.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    reader: ServiceName
    streams: Annotated[tuple[StreamSaid, ...], Field(max_length=MOST_STREAMS)]


class StreamsApplied(Message):
    """How far we have applied `speaker`'s streams; it sends again what we lack, others ignore it."""

    type: ClassVar[str] = "node.streams_applied.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    speaker: ServiceName
    streams: Annotated[tuple[StreamApplied, ...], Field(max_length=MOST_STREAMS)]


# what is answered


class Owed(Value):
    """On how many streams readers are asked how far they are."""

    streams: int


class ParkedView(Value):
    """One parked message; `body` only when it was asked for by id."""

    id: Uuid
    service: str
    queue: str
    message_id: str | None
    type: str | None
    stream: str | None
    seq: int | None
    error: str
    trace: str | None
    parked_at: Instant
    replays: int
    size: int
    settled: str | None = None
    body: str | None = None
    #: How often it has arrived, if it is not verified.
    copies: int = 1


class Settled(Value):
    """What became of a replay or discard; `error` when it failed again and stays parked."""

    id: Uuid
    settled: bool
    error: str | None = None


class Standing(Value):
    """Counts of one service; `oldest` in seconds since the oldest unpublished message of the lane was written.

    `unsigned` of the unpublished wait for a key to sign with; `unproven` have come and wait for their signer's key.
    Where personal parts are kept, in seconds: since the oldest erasure whose key could be found in the files of the
    database yet (`erased_since`, absent when there is none), and since the record keys were renewed last.
    """

    service: str
    now: Instant
    clock_settable: bool
    unpublished: dict[str, int]
    oldest: dict[str, float]
    waiting: int
    parked: int
    unsigned: int = 0
    unproven: int = 0
    erased_since: float | None = None
    renewed_since: float | None = None


class AuditEntry(Value):
    """One line of a community's audit; names nobody and holds no personal value.

    `digest` is the SHA-256 of the line with `previous`, the digest of the line before; the first follows 64 zeros.
    """

    community: CommunityId
    n: Annotated[int, Field(ge=1)]
    at: Instant
    who: Annotated[str, Field(max_length=80)]
    what: Code
    about: Annotated[str, Field(max_length=200)]
    result: Code
    trace: Annotated[str, Field(max_length=60)] | None = None
    previous: Digest
    digest: Digest


class AuditCheckpoint(Value):
    """A community's signature under its chain up to line `n`; a copy is kept outside of the database."""

    community: CommunityId
    n: Annotated[int, Field(ge=1)]
    digest: Digest
    at: Instant
    keyid: Annotated[str, Field(max_length=64)]
    signature: Annotated[str, Field(max_length=128)]


class AuditFault(Value):
    """Where a chain does not hold."""

    community: CommunityId
    n: int
    fault: Literal[
        "changed", "missing", "out_of_order", "cut", "rewritten", "checkpoint_forged", "checkpoint_missing", "no_key"
    ]


class AuditVerdict(Value):
    """What was verified and what was found."""

    communities: int
    entries: int
    checkpoints: int
    faults: Annotated[tuple[AuditFault, ...], Field(max_length=1_000)]


class Rewrapped(Value):
    """How many keys were wrapped anew, and with which key of the node."""

    rewrapped: int
    keyid: Annotated[str, Field(max_length=64)]


class ListParked(Query[Several[ParkedView]]):
    """Messages that this service has parked, oldest first."""

    type: ClassVar[str] = "node.list_parked.v1"
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


class ShowParked(Query[ParkedView]):
    """One parked message with its body. The body may be personal: it goes to the person who asked, nowhere else."""

    type: ClassVar[str] = "node.show_parked.v1"
    id: Uuid


class ReplayParked(Command[Settled]):
    """Try a parked message again."""

    type: ClassVar[str] = "node.replay_parked.v1"
    id: Uuid


class DiscardParked(Command[Settled]):
    """Discard a parked message; what waits behind it goes on."""

    type: ClassVar[str] = "node.discard_parked.v1"
    id: Uuid


class AskStanding(Query[Standing]):
    """How this service stands: its clock, what waits to be published, what waits for a predecessor, what is parked."""

    type: ClassVar[str] = "node.ask_standing.v1"


class OwedTo(Value):
    """What a reader has been told and is not known to have applied: of each stream the last number.

    `seconds`: for so long it has lacked something of the streams that were named; None when none was, or nothing is.
    """

    streams: Annotated[tuple[StreamSaid, ...], Field(max_length=MOST_STREAMS)]
    seconds: float | None = None


class AskOwed(Query[OwedTo]):
    """What this service has told a reader that may not have arrived; `applied` is how far it is on some streams."""

    type: ClassVar[str] = "node.ask_owed.v1"
    reader: ServiceName
    applied: Annotated[tuple[StreamApplied, ...], Field(max_length=MOST_STREAMS)] = ()


class CheckStreams(Query[Several[Violation]]):
    """What this service has said and a reader has lacked for a minute, and what waits here with nothing on its way."""

    type: ClassVar[str] = "node.check_streams.v1"


class SayAgain(Command[Owed]):
    """Mark everything in the outbox as owed once more: readers are asked, and what they lack is sent again."""

    type: ClassVar[str] = "node.say_again.v1"


class MoveClock(Command[Standing]):
    """Set the node's clock to a moment. Refused unless it was started with a settable clock or it is the present."""

    type: ClassVar[str] = "node.move_clock.v1"
    to: Instant


# the audit: what was done with keys and with what is personal, by whom, chained so that no line can change unseen


class ListAudit(Query[Several[AuditEntry]]):
    """The audit of the acting community, or for an operator that of the one named, from line `after` on."""

    type: ClassVar[str] = "node.list_audit.v1"
    community: CommunityId | None = None
    about: Annotated[str, Field(max_length=200)] | None = None
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class ListCheckpoints(Query[Several[AuditCheckpoint]]):
    """The signed checkpoints of this node, to be kept elsewhere."""

    type: ClassVar[str] = "node.list_checkpoints.v1"
    community: CommunityId | None = None
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000


class VerifyAudit(Query[AuditVerdict]):
    """Verify every chain of this node against its checkpoints, and against copies that were kept elsewhere.

    Copies come in batches: with `chains` false only the copies are compared, with chains that were walked before.
    """

    type: ClassVar[str] = "node.verify_audit.v1"
    kept: Annotated[tuple[AuditCheckpoint, ...], Field(max_length=500)] = ()
    chains: bool = True


class Rewrap(Command[Rewrapped]):
    """Wrap every key that this service keeps with the node's newest key, so that older ones can be thrown away."""

    type: ClassVar[str] = "node.rewrap.v1"
