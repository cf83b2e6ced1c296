"""Holds on PostgreSQL: the database alone grants places, in sorted order, protected by its constraint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contracts.booking import v1
from contracts.capacity.allotting import kept
from contracts.capacity.pools import PoolDay
from services.booking.adapters import rows
from services.booking.domain.hold import Hold
from services.booking.ports import Outcome, Placed, Request
from services.chassis.messaging.unit_of_work import UnitOfWork


class HoldRows(UnitOfWork):
    """The port `Holds`."""

    async def known(self, hold_id: str) -> Hold | None:
        row = await self.fetchrow("hold_state", hold_id)
        return row and Hold(hold_id=hold_id, community=row["community"], state=row["state"])

    async def lock_hold(self, hold_id: str) -> Hold | None:
        return await self._whole(await self.fetchrow("lock_hold", hold_id))

    async def find_hold(self, hold_id: str | None, referral_id: str | None) -> Hold | None:
        return await self._whole(await self.fetchrow("find_hold", hold_id, referral_id))

    async def _whole(self, row: Any) -> Hold | None:
        """With its voucher, looked at once the hold is locked: another has perhaps used it until then."""
        if row is None or row["agency"] is None:
            return row and rows.hold(row)
        return replace(rows.hold(row), voucher=rows.voucher(await self.fetchrow("voucher", row["hold_id"])))

    async def takings(self, hold_id: str) -> dict[PoolDay, int]:
        found = await self.fetch("hold_takings", hold_id)
        return {PoolDay(row["pool"], row["day"]): row["places"] for row in found}

    async def replacement(self, hold_id: str) -> str | None:
        return await self.fetchval("replacement", hold_id)  # type: ignore[no-any-return] # text or NULL

    async def is_replaced(self, hold_id: str) -> bool:
        return bool(await self.fetchval("is_replaced", hold_id))

    async def place(self, request: Request) -> Outcome:
        """Take, then write; what was granted is undone when not all was, or when the hold may not be written."""
        community, agency, places = request.hold.community, request.hold.agency, request.places
        credit = request.situation.credit
        net = {at: places.get(at, 0) - credit.get(at, 0) for at in {**places, **credit}}
        capacities = [request.situation.capacity(at) for at in net]
        columns = (*_columns(net), capacities, list(net.values()), agency, self._kept(request, net))
        granted = await self.fetch("take", community, *columns)
        taken = {at: net[at] for at in (PoolDay(row["pool"], row["day"]) for row in granted)}
        if len(taken) == len(net):
            written = await self._write(request)
            if written["placed"]:
                return Outcome(Placed.DONE, levels=[rows.level(row) for row in granted])
            outcome = Placed(written["why"])
        else:
            outcome = Placed.NO_ROOM
        await self.execute("untake", community, *_columns(taken), list(taken.values()), agency)
        return Outcome(outcome, frozenset(net.keys() - taken.keys()) or frozenset(places))

    def _kept(self, request: Request, pools: Iterable[PoolDay]) -> list[Mapping[str, int] | None]:
        """What of each pool is kept for other agencies than the hold's, if anything."""
        situation, agency = request.situation, request.hold.agency
        today = situation.host.today(self.now)
        return [kept(situation, at, today, agency) or None for at in pools]

    async def _write(self, request: Request) -> Any:
        hold, plan, old = request.hold, request.plan, request.replaces
        written = await self.fetchrow(
            "place",
            hold.hold_id,
            hold.community,
            hold.referral_id,
            hold.partner,
            hold.state,
            hold.party and hold.party.wire(),
            [item.wire() for item in plan.items],
            plan.quote.wire(),
            hold.answered,
            hold.expires_at,
            self.now,
            old and old.hold_id,
            *_columns(request.places),
            list(request.places.values()),
            *(_allowed(request), hold.replaces),
            [wanted - request.places[at] for at, wanted in plan.places.items()],
            *(hold.agency, hold.confirmed_at, hold.cancellation and hold.cancellation.wire(), request.most_open),
            hold.placed_at or self.now,
        )
        if old and written and written["placed"]:
            await self.execute("retire_hold", old.hold_id, self.now)
        return written

    async def add_tombstone(self, hold_id: str) -> bool:
        return bool(await self.fetchval("add_tombstone", hold_id, self.now))

    async def change_hold(self, hold: Hold) -> None:
        rule = hold.cancellation and hold.cancellation.wire()
        since = (self.now, hold.confirmed_at, hold.redeemed_at)
        await self.execute("change_hold", hold.hold_id, hold.state, hold.expires_at, hold.answered, *since, rule)

    async def end_holds(
        self, hold_ids: Sequence[str], state: v1.HoldState, cancelled: v1.Cancelled | None = None
    ) -> dict[str, list[v1.PoolLevel]]:
        found: dict[str, list[v1.PoolLevel]] = defaultdict(list)
        by, percent = (cancelled.by, cancelled.refund_percent) if cancelled else (None, None)
        for row in await self.fetch("end_holds", list(hold_ids), state, self.now, by, percent):
            found[row["community"]].append(rows.level(row))
        return found

    async def due_holds(self, most: int) -> list[Hold]:
        return [Hold(**row) for row in await self.fetch("due_holds", self.now, most)]


def _allowed(request: Request) -> list[int | None]:
    """The partner's share of each pool; a share of 100 % needs no count."""
    share = request.share_percent
    return [request.situation.capacity(at) * share // 100 if share < 100 else None for at in request.places]


def _columns(pools: Sequence[PoolDay] | dict[PoolDay, int] | Any) -> tuple[list[str], list[Any]]:
    """Two parallel arrays of pools and days."""
    return [at.pool for at in pools], [at.day for at in pools]
