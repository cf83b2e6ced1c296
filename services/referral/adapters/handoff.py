"""Records of handoffs on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg

from contracts.booking.v1 import DayAvailability
from contracts.border import v1 as border
from contracts.community.v1 import Offering, PartnershipStated, Terms
from contracts.messages import Envelope
from contracts.principal import Agency, Member, Principal
from contracts.reconcile.v1 import RecordStanding
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import CommunityId, search_key
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.referral.domain.handoff import viewing
from services.referral.domain.handoff.record import Record, Transition
from services.referral.domain.handoff.states import ENDED

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: The length of a whole id.
WHOLE = 36


#: States in which a party was promised and has not come.
EXPECTED = frozenset({"accepted", "confirmed", "departed"})
#: More parties than that no phone is told of at once.
MOST_EXPECTED = 500


class HandoffRows(UnitOfWork):
    """Records of handoffs, their stories, and what is known of partners."""

    async def record(self, referral_id: str, community: CommunityId) -> Record | None:
        """One side's record, locked."""
        body = await self.fetchval("record", referral_id, community)
        return Record.read(body) if body else None

    async def change_of(self, referral_id: str, community: CommunityId) -> Record | None:
        """The live record that is to take the place of another."""
        body = await self.fetchval("change_of", referral_id, community, [*ENDED])
        return Record.read(body) if body else None

    async def find(self, ref: str) -> str | None:
        """The only referral whose id ends so."""
        if len(ref) == WHOLE:
            return ref if is_whole(ref) else None
        rows = await self.fetch("find", self.acting, ref)
        if len(rows) > 1:
            raise Refused(No.INVALID, "several_handoffs_end_so", "referral")
        return str(rows[0]["referral_id"]) if rows else None

    async def keep(self, transition: Transition, due_at: datetime | None) -> None:
        """Save the record with its story."""
        record, cause = transition.record, self.cause
        took = max(0, round((self.now - cause.time) / timedelta(milliseconds=1))) if cause else None
        kept = await self.kept(
            record.referral_id,
            record.community,
            record.partner,
            record.side,
            record.state,
            record.round,
            record.stored(),
            due_at,
            self.now,
            transition.act,
            transition.by,
            transition.ignored,
            cause.id if cause else None,
            took,
            _seen(cause, record),
            len(transition.border),
            record.arrives.day,
            *(_member(self.principal, transition), _agency(self.principal, transition)),
            *(record.agency, record.agency_ref),
        )
        if not kept.endswith(" 1"):
            raise ValueError("another counterpart's record has this id")

    async def kept(self, *values: Any) -> str:
        """Write it down. Raises Refused when an agency knows another handoff under its id."""
        try:
            return await self.execute("keep", *values)
        except asyncpg.UniqueViolationError as taken:
            if taken.constraint_name != "records_of_agencies":
                raise
            raise Refused(No.CONFLICT, "own_id_used_for_other", "agency_ref") from None

    async def view(self, referral_id: str, community: CommunityId) -> v1.HandoffView | None:
        """A community's record with its story."""
        row = await self.fetchrow("view", referral_id, community)
        if row is None:
            return None
        record = Record.read(row["body"])
        story = [
            v1.StoryLine.read(dict(line) | {"message_id": line["message_id"] and str(line["message_id"])})
            for line in await self.fetch("story", referral_id, community)
        ]
        change = await self.change_of(referral_id, community)
        standing = {"sent": row["sent"], "seen": row["seen"], "partner_seen": row["partner_seen"]}
        return viewing.view(record, change, self.now, story=story, **standing)

    async def list(self, query: v1.ListHandoffs) -> Sequence[v1.HandoffSummary]:
        """The acting community's records, newest first."""
        wanted = self.acting, query.before, query.side, query.open_only, query.limit, [*ENDED]
        if query.first or query.last:
            rows = await self.fetch("list_arriving", *wanted, query.first or date.min, query.last or date.max)
        else:
            rows = await self.fetch("list", *wanted)
        records = [Record.read(row["body"]) for row in rows]
        changes = await self._changes_of([record.referral_id for record in records])
        return [viewing.summary(record, changes.get(record.referral_id), self.now) for record in records]

    async def expected(self, first: date, last: date) -> Sequence[v1.Expected]:
        """Parties that are to come to the acting community, by day and hour."""
        wanted = self.acting, None, "receiver", True, MOST_EXPECTED, [*ENDED]
        records = [Record.read(row["body"]) for row in await self.fetch("list_arriving", *wanted, first, last)]
        coming = [record for record in records if record.state in EXPECTED]
        coming.sort(key=lambda record: (record.arrives.day, record.arrives.earliest, record.referral_id))
        return [viewing.expected(record, self.now) for record in coming]

    async def awaited(self, query: v1.ListAwaited) -> Sequence[v1.Awaited]:
        """What waits for some communities to decide; the columns say it, no record is read."""
        rows = await self.fetch("awaited", list(query.communities), query.after, query.limit)
        return [v1.Awaited.read(dict(row)) for row in rows]

    async def _changes_of(self, referral_ids: Sequence[str]) -> dict[str, Record]:
        """The live records of the acting community that are to take the place of these, by what they replace."""
        rows = await self.fetch("changes_of", self.acting, referral_ids, [*ENDED])
        return {row["replaces"]: Record.read(row["body"]) for row in rows}

    async def due(self, limit: int) -> Sequence[Record]:
        """Records for which something happens by itself now."""
        return [Record.read(row["body"]) for row in await self.fetch("due", self.now, limit)]

    async def terms(self, community: CommunityId, partner: CommunityId, *, alone: bool = False) -> Terms | None:
        """The terms of an agreed partnership."""
        row = await self.fetchrow("partner_alone" if alone else "partner", community, partner)
        return Terms.read(row["terms"]) if row and row["state"] == "agreed" else None

    async def knows(self, community: CommunityId, partner: CommunityId) -> bool:
        return await self.fetchrow("partner", community, partner) is not None

    async def open_offers(self, community: CommunityId, partner: CommunityId) -> int:
        """Unanswered offers of a partner."""
        return int(await self.fetchval("open_offers", community, partner))

    async def offering(self, community: CommunityId) -> Offering | None:
        """What a community of this node offers."""
        offering = await self.fetchval("host", community)
        return Offering.read(offering) if offering else None

    async def keep_offering(self, offering: Offering) -> None:
        """As the community service states it."""
        await self.execute("keep_host", offering.community.id, offering.wire())

    async def keep_partnership(self, stated: PartnershipStated) -> None:
        """As the community service states it."""
        await self.execute("keep_partner", stated.community, stated.partner, stated.state, stated.terms.wire())

    async def catalogue(self, partner: CommunityId) -> Offering | None:
        """What a partner has shared with the acting community."""
        row = await self.fetchrow("catalogue", self.acting, partner)
        return Offering.read(row["offering"]) if row else None

    async def catalogues(self, partner: CommunityId | None, text: str) -> Sequence[v1.PartnerCatalogue]:
        """Everything that partners have shared with the acting community."""
        rows = await self.fetch("catalogues", self.acting, partner, search_key(text))
        return [v1.PartnerCatalogue.read(dict(row)) for row in rows]

    async def keep_catalogue(
        self, community: CommunityId, partner: CommunityId, shared: border.CatalogueShared
    ) -> None:
        """A later snapshot replaces an earlier one."""
        offering = shared.offering
        names = [offering.community.id, *offering.community.aliases]
        for named in (offering.community.names, *(experience.names for experience in offering.experiences)):
            names += [name for name in (named.th, named.lo, named.en) if name]
        search = "|".join(search_key(name) for name in names)
        await self.execute("keep_catalogue", community, partner, shared.as_of, offering.wire(), search)

    async def keep_availability(
        self, community: CommunityId, partner: CommunityId, shared: border.AvailabilityShared
    ) -> None:
        """A later picture replaces an earlier one."""
        days = [day.wire() for day in shared.days]
        await self.execute("keep_availability", community, partner, shared.as_of, days)

    async def availability(self, partner: CommunityId, first: date, last: date) -> v1.PartnerAvailability:
        """The snapshot that the acting community has."""
        row = await self.fetchrow("availability", self.acting, partner)
        days = [DayAvailability.read(day) for day in row["days"]] if row else []
        wanted = tuple(day for day in days if first <= day.day <= last)
        return v1.PartnerAvailability(partner=partner, as_of=row["as_of"] if row else None, days=wanted)

    async def note_seen(self, referral_id: str, community: CommunityId, seen: int) -> None:
        """The partner has applied our messages up to here."""
        await self.execute("note_seen", referral_id, community, seen)

    async def unseen(self, limit: int) -> Sequence[tuple[Record, int, int]]:
        """Records whose partner has long not seen what we sent."""
        rows = await self.fetch("unseen", self.now, limit)
        return [(Record.read(row["body"]), row["sent"], row["seen"]) for row in rows]

    async def standing(self, referral_id: str, community: CommunityId, partner: CommunityId) -> tuple[int, int]:
        """(sent, seen)."""
        ours, theirs = _streams(referral_id, community, partner)
        row: Any = await self.fetchrow("standing", ours, theirs)
        return row["sent"], row["seen"]

    async def send_again(self, referral_id: str, community: CommunityId, partner: CommunityId, seen: int) -> None:
        """Publish what lies above `seen` once more."""
        await self.execute("send_again", _streams(referral_id, community, partner)[0], seen)

    async def disagreements(self) -> Sequence[str]:
        """Pairs that differ although each has heard everything."""
        return [str(row["referral_id"]) for row in await self.fetch("disagreements")]

    async def records_open(self, after: str | None, limit: int) -> Sequence[RecordStanding]:
        """Receivers' records that have not ended."""
        rows = await self.fetch("records_open", after, limit, [*ENDED])
        return [RecordStanding.read(row["body"]) for row in rows]

    async def records_named(self, referral_ids: Sequence[str]) -> Sequence[RecordStanding]:
        """Those of these ids."""
        return [RecordStanding.read(row["body"]) for row in await self.fetch("records_named", list(referral_ids))]


def _seen(cause: Envelope | None, record: Record) -> int:
    """The last number of this record's stream that the partner has applied, when it is the partner's message."""
    return (cause.seen or 0) if cause and (cause.source, cause.subject) == (record.partner, record.referral_id) else 0


def _member(principal: Principal | None, transition: Transition) -> str | None:
    """The account of the member who did an act of their own community."""
    own = isinstance(principal, Member) and principal.community == transition.by == transition.record.community
    return principal.account if principal and own else None


def _agency(principal: Principal | None, transition: Transition) -> str | None:
    """The agency that did an act for the community; it does nothing but a sender's."""
    own = transition.by == transition.record.community
    return principal.agency if isinstance(principal, Agency) and own else None


def is_whole(ref: str) -> bool:
    """Whether it is a whole id, and not the end of one."""
    return _UUID.fullmatch(ref) is not None


def _streams(referral_id: str, community: CommunityId, partner: CommunityId) -> tuple[str, str]:
    return f"{community}>{partner}|{referral_id}", f"{partner}>{community}|{referral_id}"
