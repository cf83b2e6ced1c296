"""Node, v1: questions and commands that each service answers for itself. Only for operators of the system."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.messages import Command, Query
from contracts.values import Instant, Uuid, Value


class ListParked(Query):
    """What this service has set aside for a person, oldest first."""

    type: ClassVar[str] = "node.list_parked.v1"
    asked_by: ClassVar[Literal["community", "operator", "both"]] = "operator"
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


class ShowParked(Query):
    """One parked message with its body. The body may be personal: it goes to the person who asked, nowhere else."""

    type: ClassVar[str] = "node.show_parked.v1"
    asked_by: ClassVar[Literal["community", "operator", "both"]] = "operator"
    id: Uuid


class ReplayParked(Command):
    """Try a parked message again."""

    type: ClassVar[str] = "node.replay_parked.v1"
    asked_by: ClassVar[Literal["community", "operator", "both"]] = "operator"
    id: Uuid


class DiscardParked(Command):
    """Give a parked message up; what waits behind it goes on."""

    type: ClassVar[str] = "node.discard_parked.v1"
    asked_by: ClassVar[Literal["community", "operator", "both"]] = "operator"
    id: Uuid


class AskStanding(Query):
    """How this service stands: its clock, what waits to be published, what waits for a predecessor, what is parked."""

    type: ClassVar[str] = "node.ask_standing.v1"
    asked_by: ClassVar[Literal["community", "operator", "both"]] = "operator"


class MoveClock(Command):
    """Set the node's clock to a moment. Refused unless the node was started with a settable clock."""

    type: ClassVar[str] = "node.move_clock.v1"
    asked_by: ClassVar[Literal["community", "operator", "both"]] = "operator"
    to: Instant


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


class Settled(Value):
    """What became of a replay or discard; `error` when it failed again and stays parked."""

    id: Uuid
    settled: bool
    error: str | None = None


class Standing(Value):
    """Counts of one service; `oldest` in seconds since the oldest unpublished message of the lane was written."""

    service: str
    now: Instant
    clock_settable: bool
    unpublished: dict[str, int]
    oldest: dict[str, float]
    waiting: int
    parked: int
