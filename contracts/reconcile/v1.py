"""Reconcile, v1: booking states its holds and referral its records, so that an operator of the system compares them.

Neither reads the other's tables. What differs is looked at again by its ids, as messages may be on their way; what
stays different is put right by the service that can say what is missing.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.messages import Command, Query, Several
from contracts.values import CommunityId, Uuid, Value

Ids = Annotated[tuple[Uuid, ...], Field(max_length=500)]
Limit = Annotated[int, Field(ge=1, le=1_000)]


class HoldStanding(Value):
    """Where the hold of a handoff stands; a tombstone belongs to no community."""

    hold_id: Uuid
    community: CommunityId | None
    referral_id: Uuid | None
    state: HoldState


class RecordStanding(Value):
    """Where a receiver's record stands, and which holds it counts on or has asked for."""

    referral_id: Uuid
    community: CommunityId
    partner: CommunityId
    state: State
    hold_id: Uuid | None
    wished_hold_id: Uuid | None
    replaces: Uuid | None


# what is answered


class Reconciled(Value):
    """What was said, by type; empty when there is nothing that a message could put right."""

    said: tuple[str, ...]


class StateHolds(Query[Several[HoldStanding]]):
    """Holds of handoffs in the order of their ids: those named, or all that run or are booked, behind `after`."""

    type: ClassVar[str] = "booking.state_holds.v1"
    hold_ids: Ids | None = None
    after: Uuid | None = None
    limit: Limit = 1_000


class StateRecords(Query[Several[RecordStanding]]):
    """Receivers' records in the order of their ids: those named, or all that have not ended, behind `after`."""

    type: ClassVar[str] = "referral.state_records.v1"
    referral_ids: Ids | None = None
    after: Uuid | None = None
    limit: Limit = 1_000


class RestateHold(Command[Reconciled]):
    """Say again how the hold of a handoff stands; that of one that is not there: it is released."""

    type: ClassVar[str] = "booking.restate_hold.v1"
    hold_id: Uuid
    referral_id: Uuid
    community: CommunityId


class ReconcileRecord(Command[Reconciled]):
    """Ask of booking again what the record implies for a hold that stands so; release it when no record needs it."""

    type: ClassVar[str] = "referral.reconcile_record.v1"
    referral_id: Uuid
    community: CommunityId
    hold_id: Uuid
    hold_state: HoldState
