"""What referral's use cases ask of their transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from contracts.border import v1 as border
from contracts.community.v1 import Offering, PartnershipStated, Terms
from contracts.crossing.v1 import CrossingBook, ReminderDue, ReminderView
from contracts.passes.codec import Issued, Pass
from contracts.personal.reminded import Reminded
from contracts.personal.v1 import (
    Affected,
    ConsentReceipt,
    Erasure,
    ListAffected,
    ListErasures,
    PersonalField,
    Sealed,
)
from contracts.reconcile.v1 import RecordStanding
from contracts.referral import v1
from contracts.values import CommunityId
from services.chassis.ports import EVERYONE, Transaction
from services.referral.domain.crossing.book import Version
from services.referral.domain.crossing.reminders import Reminder
from services.referral.domain.handoff.record import Record, Transition
from services.referral.domain.passes.presenting import Kept

__all__ = ["EVERYONE", "Crossings", "PassBook", "PersonalRoom", "Records"]


class Crossings(Transaction, Protocol):
    """The rows of crossings and rules that are kept, and the reminders of parties about to cross."""

    async def crossings(self) -> CrossingBook:
        """The rows that hold."""

    async def crossing_history(self, id_: str, before: date | None, limit: int) -> CrossingBook:
        """At most so many versions of what has this id, checked before a day, newest first."""

    async def kept_versions(self, given: CrossingBook) -> Sequence[Version]:
        """The newest version of each row, and those of the days that a file gives; nobody else keeps any meanwhile."""

    async def keep_crossing_rows(self, versions: Iterable[Version]) -> None:
        """Keep versions that are not there yet."""

    async def seen_offering(self, community: CommunityId, viewer: CommunityId) -> Offering | None:
        """What a community offers, if it is of this node or has shared it with the viewer."""

    async def own_record(self, referral_id: str) -> Record | None:
        """The acting community's record as it stands, not locked."""

    async def to_be_planned(self, limit: int) -> Sequence[Record]:
        """Records of parties about to travel that want planning, first or anew; locked."""

    async def keep_reminders(self, record: Record, reminders: Iterable[Reminder]) -> None:
        """Put these in the place of what has not been said yet."""

    async def say_reminders(self, today: date, limit: int) -> Sequence[ReminderDue]:
        """Those whose day has come and whose handoff still needs them, marked as said."""

    async def reminders(self, said_until: date, limit: int) -> Sequence[ReminderView]:
        """The acting community's, by day, without those that were said for this day or an earlier one."""

    async def forget_reminders(self, arrived_until: date, limit: int) -> int:
        """Those of handoffs that are over and were to arrive by this day go; returns of how many."""


class PassBook(Protocol):
    """The passes that this node's communities have issued as receivers, and the tries of their codes."""

    async def issue_pass(self, record: Record) -> Issued:
        """The record's pass and code, made the first time it is asked for. Raises LookupError without a key to sign."""

    async def pass_of(self, referral_id: str, community: CommunityId) -> Kept | None:
        """The pass that this community has issued for a handoff."""

    async def pass_of_code(self, short_code: str) -> Kept | None:
        """The acting community's pass that has this code, or had it until not long ago."""

    async def signed_by_us(self, shown: Pass) -> bool:
        """Whether a key of the acting community that still counts has signed it."""

    async def use_pass(self, referral_id: str, at: datetime) -> None:
        """The acting community's pass was shown and is good; the first time counts."""

    async def wrong_codes(self) -> Sequence[datetime]:
        """When wrong codes were last tried at the acting community; nobody else tries one before the commit."""

    async def keep_wrong_codes(self, tried: Sequence[datetime]) -> None:
        """When wrong codes were last tried, oldest first."""


class PersonalRoom(Protocol):
    """What this node's communities hold of lead travellers, and what has become of it."""

    async def one_time_key(self, referral_id: str, community: CommunityId) -> str:
        """What the next personal part of this side is to be sealed to; the same until a part was opened with it."""

    async def keep_part(self, record: Record, sealed: Sealed) -> None:
        """Open and keep what the record's consent names. Raises ValueError, which quotes nothing, if more is in it."""

    async def part_for(self, record: Record) -> Sealed:
        """What this side holds, sealed to the partner's one-time key. Raises ValueError when it cannot be."""

    async def part_to_read(
        self, referral_id: str, community: CommunityId, reply_key: str
    ) -> tuple[tuple[PersonalField, ...], Sealed] | None:
        """The fields this side holds, and them sealed to a reader's key; None when it holds nothing.

        Raises CannotOpen when it does not open, and ValueError when the reader's key is none.
        """

    async def keep_erased(self, steps: Sequence[Transition]) -> None:
        """Save records whose personal part goes and nothing else changes, with their stories and messages."""

    async def destroy(self, steps: Sequence[Transition]) -> None:
        """Destroy what these steps erase, also in messages that are kept, and write it into the ledger."""

    async def outlived(self, today: date, limit: int) -> Sequence[Record]:
        """Records whose personal part is due to go; locked, those locked elsewhere left out."""

    async def tidy(self, receipt_days: int, limit: int) -> int:
        """Drop receipts so many days after what they allowed was gone, and keys nothing will be sealed to."""

    async def receipts_of(self, referral_id: str, community: CommunityId) -> Sequence[ConsentReceipt]:
        """The receipts of one handoff on one side, the earlier ones too, oldest first."""

    async def reminded_of(self, referral_id: str, community: CommunityId) -> Sequence[Reminded]:
        """What one side is reminded of about one handoff, by day."""

    async def erasures_of(self, referral_id: str, community: CommunityId) -> Sequence[Erasure]:
        """What was erased of one handoff on one side, oldest first."""

    async def erasures(self, query: ListErasures) -> Sequence[Erasure]:
        """The ledger of this node, oldest first."""

    async def brought_back(self, erased: Sequence[Erasure]) -> Sequence[Record]:
        """Records whose part is held although it was erased after it came: a backup was restored. Locked."""

    async def gone_before(self, record: Record, receipt: ConsentReceipt) -> bool:
        """Whether what this receipt allows had been here and was erased: a backup was restored."""

    async def keep_receipt(self, record: Record, receipt: ConsentReceipt) -> None:
        """Keep the receipt alone, of a part that is not kept again."""

    async def restore_ledger(self, erased: Sequence[Erasure]) -> None:
        """Lines that the database had lost stand in it again, and keys that they outlived are gone again."""

    async def affected(self, query: ListAffected) -> Sequence[Affected]:
        """Whose part was held at any time between two moments; a community sees its own, newest first."""


class Standings(Protocol):
    """Where receivers' records stand."""

    async def records_open(self, after: str | None, limit: int) -> Sequence[RecordStanding]:
        """Those that have not ended, in the order of their ids, behind one."""

    async def records_named(self, referral_ids: Sequence[str]) -> Sequence[RecordStanding]:
        """Those of these ids that are there."""


class Records(Crossings, PassBook, PersonalRoom, Standings, Transaction, Protocol):
    """The records of this node's communities, and their pictures of partners."""

    async def record(self, referral_id: str, community: CommunityId) -> Record | None:
        """One side's record, locked until the end of the transaction."""

    async def change_of(self, referral_id: str, community: CommunityId) -> Record | None:
        """This side's live record that is to take the place of another, as it stands, not locked."""

    async def find(self, ref: str) -> str | None:
        """The acting community's only referral whose id ends so. Raises Refused when several do."""

    async def keep(self, step: Transition, due_at: datetime | None) -> None:
        """Save the record with its line of the story, and leave its messages."""

    async def view(self, referral_id: str) -> v1.HandoffView | None:
        """The acting community's record with its story."""

    async def list(self, query: v1.ListHandoffs) -> Sequence[v1.HandoffSummary]:
        """The acting community's records, newest first."""

    async def due(self, limit: int) -> Sequence[Record]:
        """Records for which something happens by itself now; locked, those locked elsewhere left out."""

    async def terms(self, community: CommunityId, partner: CommunityId, *, alone: bool = False) -> Terms | None:
        """The terms of an agreed partnership, or None; `alone` lets nobody else judge by them until the commit."""

    async def knows(self, community: CommunityId, partner: CommunityId) -> bool:
        """Whether there is or was a partnership, in whatever state."""

    async def open_offers(self, community: CommunityId, partner: CommunityId) -> int:
        """How many unanswered offers of this partner the community has."""

    async def offering(self, community: CommunityId) -> Offering | None:
        """What a community of this node offers."""

    async def keep_offering(self, offering: Offering) -> None:
        """Our own community's standing offer, as the community service states it."""

    async def keep_partnership(self, stated: PartnershipStated) -> None:
        """Where a partnership of one of our communities stands."""

    async def catalogue(self, partner: CommunityId) -> Offering | None:
        """What a partner has shared with the acting community."""

    async def catalogues(self, partner: CommunityId | None, text: str) -> Sequence[v1.PartnerCatalogue]:
        """Everything that partners have shared with the acting community."""

    async def keep_catalogue(
        self, community: CommunityId, partner: CommunityId, shared: border.CatalogueShared
    ) -> None:
        """A partner's catalogue, as shared with that community of ours."""

    async def keep_availability(
        self, community: CommunityId, partner: CommunityId, shared: border.AvailabilityShared
    ) -> None:
        """A partner's availability, as shared with that community of ours."""

    async def availability(self, partner: CommunityId, first: date, last: date) -> v1.PartnerAvailability:
        """The picture the acting community has."""

    async def note_seen(self, referral_id: str, community: CommunityId, seen: int) -> None:
        """The partner has applied our messages up to this number."""

    async def unseen(self, limit: int) -> Sequence[tuple[Record, int, int]]:
        """Records whose partner has long not seen what we sent, with (sent, seen of theirs); marked as asked."""

    async def standing(self, referral_id: str, community: CommunityId, partner: CommunityId) -> tuple[int, int]:
        """(the last number we sent, the last we applied of theirs)."""

    async def send_again(self, referral_id: str, community: CommunityId, partner: CommunityId, seen: int) -> None:
        """Publish what lies above `seen` once more."""

    async def disagreements(self) -> Sequence[str]:
        """Pairs of records on this node that have heard everything of one another and yet differ."""
