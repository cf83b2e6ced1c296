"""The ports `Standings`, `Requests` and `Repeats`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.booking.v1 import Cancelled
from contracts.holding import LONGEST
from contracts.values import Quote
from services.agency_api.domain.bookings import UNBOOKED_KEPT, Found, Guest, Request, Standing, Tried, Wish
from services.agency_api.domain.repeats import Repeat, Try
from services.agency_api.ports import Looked
from services.chassis.messaging.unit_of_work import UnitOfWork


class BookingRows(UnitOfWork):
    """Agencies' bookings on PostgreSQL."""

    async def keep_standing(self, standing: Standing) -> None:
        cancelled, quote = standing.cancelled, standing.quote
        await self.execute(
            "keep_standing",
            standing.hold_id,
            standing.agency,
            standing.community,
            standing.state,
            standing.expires_at,
            standing.placed_at,
            standing.changed_at,
            standing.confirmed_at,
            standing.redeemed_at,
            cancelled and cancelled.wire(),
            quote and quote.wire(),
            standing.pass_token,
        )

    async def ask(self, request: Request) -> bool:
        written: str = await self.execute("ask", *_asked(request))
        return written.endswith(" 1")

    async def ask_again(self, request: Request) -> None:
        await self.execute("ask_again", *_asked(request))

    async def tried_out(self, request: Request) -> Tried:
        await self.execute("one_trial_at_a_time", request.agency)
        since = self.now - LONGEST
        (row,) = await self.fetch("tried_out", request.agency, request.wish.community, since, self.now)
        return Tried(there=row["there"], everywhere=row["everywhere"])

    async def forget_bookings(self, tried: datetime, unbooked: datetime, booked: datetime, limit: int) -> int:
        unanswered = unbooked - UNBOOKED_KEPT
        return int(await self.fetchval("forget_bookings", tried, unbooked, booked, limit, unanswered))

    async def forget_request(self, request: Request) -> None:
        await self.execute("lock_request", request.agency, request.uuid)
        await self.execute("forget_request", request.agency, request.uuid, request.hold_id)

    async def asked(self, agency: str, uuid: str) -> tuple[Request, Standing | None] | None:
        row = await self.fetchrow("booking", agency, uuid)
        return row and (_request(row), _standing(row["standing"]))

    async def bookings(self, agency: str, looked: Looked, limit: int) -> Sequence[Found]:
        by = (looked.community, looked.reseller_reference, looked.supplier_reference)
        what = (looked.first, looked.last, looked.product, looked.option)
        rows = await self.fetch("bookings", agency, *by, *what, limit)
        return [Found(_request(row), standing) for row in rows if (standing := _standing(row["standing"]))]

    async def intend(self, request: Request, change: dict[str, Any]) -> bool:
        done: str = await self.execute("intend", request.agency, request.uuid, request.revision, change)
        return done.endswith(" 1")

    async def leave_be(self, request: Request) -> None:
        await self.execute("leave_be", request.agency, request.uuid, request.revision)

    async def become(self, request: Request, new: Request) -> None:
        wish = new.wish
        what = (new.hold_id, wish.product, wish.option, wish.day, wish.start)
        more = (_units(wish.guests), new.percent)
        await self.execute("become", request.agency, request.uuid, request.revision, *what, *more)

    async def adopt(self, hold_id: str, replaced_by: str) -> None:
        await self.execute("adopt", hold_id, replaced_by)

    async def note(self, request: Request, reference: str | None, guests: Sequence[Guest]) -> None:
        await self.execute("note", request.agency, request.uuid, reference, _units(guests))


class RepeatRows(UnitOfWork):
    """What requests with a key were answered with, on PostgreSQL."""

    def marks(self, agency: str, key: str, said: bytes) -> Sequence[bytes]:
        return self.vault.marks(said, about=f"repeat v1|{agency}|{key}")

    async def take_key(self, agency: str, mine: Try, stale: datetime) -> bool:
        what = (mine.key, mine.marks[0], mine.at, stale, list(mine.marks))
        return bool(await self.fetchval("first_answer", agency, *what))

    async def answered_before(self, agency: str, key: str) -> Repeat | None:
        row = await self.fetchrow("answered_before", agency, key)
        return row and Repeat(key=key, digest=row["digest"], status=row["status"], body=row["body"])

    async def keep_answer(self, agency: str, mine: Try, status: int, body: Any) -> None:
        await self.execute("keep_answer", agency, mine.key, status, body, list(mine.marks))

    async def free_key(self, agency: str, mine: Try) -> None:
        await self.execute("free_key", agency, mine.key, mine.at)

    async def leave_key(self, agency: str, mine: Try, at: datetime) -> None:
        await self.execute("leave_key", agency, mine.key, mine.at, at)

    async def forget_answers(self, before: datetime) -> int:
        return int((await self.execute("forget_answers", before)).rpartition(" ")[2])


def _asked(request: Request) -> tuple[Any, ...]:
    """A request as it is written down."""
    wish = request.wish
    who = (request.agency, request.uuid, request.digest, request.hold_id)
    what = (wish.community, wish.product, wish.option, wish.day, wish.start, _units(wish.guests))
    how = (request.expires_at, request.test, request.percent)
    return *who, *what, *how, request.reseller_reference, request.supplier_reference, request.asked_at


def _units(guests: Sequence[Guest]) -> list[dict[str, Any]]:
    return [{"uuid": guest.uuid, "unit": guest.unit, "reference": guest.reference} for guest in guests]


def guests_of(units: Sequence[Mapping[str, Any]]) -> tuple[Guest, ...]:
    """The guests of a row or a change."""
    return tuple(Guest(uuid=unit["uuid"], unit=unit["unit"], reference=unit["reference"]) for unit in units)


def _request(row: Mapping[str, Any]) -> Request:
    wish = Wish(
        community=row["community"],
        product=row["product"],
        option=row["option"],
        day=row["day"],
        start=row["start"],
        guests=guests_of(row["units"]),
    )
    same = ("agency", "digest", "revision", "expires_at", "test", "percent", "reseller_reference", "supplier_reference")
    given = {name: row[name] for name in (*same, "asked_at", "change")}
    return Request(**given, uuid=str(row["uuid"]), hold_id=str(row["hold_id"]), wish=wish)


_TIMES = ("expires_at", "placed_at", "changed_at", "confirmed_at", "redeemed_at")


def _standing(row: Mapping[str, Any] | None) -> Standing | None:
    """A row as JSON, as it comes beside its booking."""
    if row is None:
        return None
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in _TIMES}
    return Standing(
        **times,  # type: ignore[arg-type] # of these, the columns that may not be NULL are not None
        **{name: row[name] for name in ("hold_id", "agency", "community", "state", "pass_token")},
        cancelled=Cancelled.read(row["cancelled"]) if row["cancelled"] else None,
        quote=Quote.read(row["quote"]) if row["quote"] else None,
    )
