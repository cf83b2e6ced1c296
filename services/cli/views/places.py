"""Shows places: departures, a partner's picture, pools, bookings and dated exceptions."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from contracts.booking.v1 import BookingSummary, BookingView, DayAvailability, Departure, ExceptionView, PoolView
from contracts.referral.v1 import PartnerAvailability
from services.cli.views.layout import fill
from services.cli.views.naming import Names
from services.client import formatting
from services.client.phrases import vocabulary
from services.client.phrases.catalogue import NC_, Phrases
from services.client.phrases.holds import HOLD_STATES
from services.client.phrases.vocabulary import Table, word

POOLS: Table = {
    "seats": NC_("a pool", "seats"),
    "visitors": NC_("a pool", "visitors"),
    "guests": NC_("a pool", "guests"),
}
EXCEPTIONS: Table = {
    "closed": NC_("an exception", "closed"),
    "stop_sell": NC_("an exception", "stop sell"),
    "capacity": NC_("an exception", "capacity"),
    "lifted": NC_("an exception", "lifted"),
}
Open = Departure | DayAvailability


def departures(p: Phrases, rows: Sequence[Open]) -> str:
    """By experience, one line a departure."""
    lines = []
    for experience, found in groupby(sorted(rows, key=_by_experience), lambda row: row.experience_id):
        lines.append(experience)
        lines += [_departure(p, row) for row in found]
    return "\n".join(lines) or p._("There are no departures on these days.")


def _by_experience(row: Open) -> tuple[str, date, str]:
    return row.experience_id, row.day, _start(row)


def _start(row: Open) -> str:
    return f"{row.start:%H:%M}" if isinstance(row, Departure) else ""


def _departure(p: Phrases, row: Open) -> str:
    when = f"{formatting.day(p, row.day, weekday=True)} {_start(row)}".rstrip()
    if not row.available:
        why = vocabulary.reason(p, row.reason or "no_room")
        return fill(p._("{when}  no: {reason}", when=when, reason=why), 18, first=2)
    return "  " + _left(p, when, row.left, row.capacity if isinstance(row, Departure) else None)


def _left(p: Phrases, when: str, left: int | None, capacity: int | None) -> str:
    if left is None:
        return p._("{when}  free", when=when)
    if capacity is None:
        return p._("{when}  {left} left", when=when, left=left)
    return p._("{when}  {left} of {capacity} left", when=when, left=left, capacity=capacity)


def picture(p: Phrases, answer: PartnerAvailability, experience: str | None, span: tuple[date, date]) -> str:
    """What a partner shared, as of when; a picture covers the days that it covers."""
    if answer.as_of is None:
        return p._("{partner} has shared no availability with you.", partner=answer.partner)
    rows = [row for row in answer.days if experience in (None, row.experience_id)]
    moment = formatting.moment(p, answer.as_of)
    head = p._("{partner}, as of {moment}: a picture, not a promise", partner=answer.partner, moment=moment)
    if rows:
        return "\n".join((fill(head, 2, first=0), departures(p, rows)))
    first, last = (day.isoformat() for day in span)
    nothing = p._("It says nothing about {first} to {last}: offer, and they will answer.", first=first, last=last)
    return "\n".join((fill(head, 2, first=0), fill(nothing, 2)))


def pools(p: Phrases, rows: Sequence[PoolView]) -> str:
    """Taken of capacity; how much of it is held, and what is oversold."""
    lines = [fill(_pool(p, row), 4, first=0) for row in rows]
    return "\n".join(lines) or p._("Nothing is taken on these days.")


def _pool(p: Phrases, row: PoolView) -> str:
    kind, slash, of = row.pool.partition("/")
    counts = {"taken": row.taken, "capacity": row.capacity, "held": row.held, "booked": row.booked}
    places = {"day": formatting.day(p, row.day), "pool": word(p, POOLS, kind) + slash + of, **counts}
    if row.oversold:
        return p._(
            "{day} {pool}: {taken} of {capacity} taken (held {held}, booked {booked}, {oversold} too many)",
            **places,
            oversold=row.oversold,
        )
    return p._("{day} {pool}: {taken} of {capacity} taken (held {held}, booked {booked})", **places)


def summary(p: Phrases, one: BookingSummary, names: Names) -> list[str]:
    """A line of a list of bookings with its whole id, and what is booked."""
    lines = [f"{one.hold_id}  {word(p, HOLD_STATES, one.state)}"]
    told = [p._("made {moment}", moment=formatting.moment(p, one.placed_at, names.zone))]
    if one.expires_at:
        told.append(_until(p, one, names))
    if one.referral_id:
        told.append(p._("of handoff …{end}", end=one.referral_id[-6:]))
    party = formatting.party(p, one.party.model_dump())
    lines.append(fill(f"{party}; {formatting.listed(p, told)}", 4, first=2))
    return lines + [fill(formatting.item(p, wished, names.of), 6, first=4) for wished in one.items]


def booking(p: Phrases, one: BookingView, names: Names) -> str:
    """A booking with its price."""
    party = formatting.party(p, one.party.model_dump())
    lines = [p._("Booking {id}", id=one.hold_id), f"  {word(p, HOLD_STATES, one.state)}, {party}"]
    lines += [fill(formatting.item(p, wished, names.of), 4, first=2) for wished in one.items]
    lines += [f"  {_until(p, one, names)}"] if one.expires_at else []
    lines += [fill(line, 4, first=2) for line in formatting.quote(p, one.quote, names.of)] if one.quote else []
    lines += ["  " + p._("of handoff {id}", id=one.referral_id)] if one.referral_id else []
    return "\n".join(lines)


def _until(p: Phrases, one: BookingSummary | BookingView, names: Names) -> str:
    assert one.expires_at
    return p._("until {moment}", moment=formatting.moment(p, one.expires_at, names.zone))


def exception(p: Phrases, one: ExceptionView) -> list[str]:
    """A line of the history, and the bookings that it hits."""
    start = f"{one.start:%H:%M}" if one.start else None
    pool = word(p, POOLS, one.pool) if one.pool else None
    what = " ".join(filter(None, (one.experience_id or p._("everything"), start, pool)))
    number = f" {one.capacity}" if one.capacity is not None else ""
    kind = word(p, EXCEPTIONS, one.kind) + number
    said = p._("{days} {kind}: {what}", days=_days(p, one), kind=kind, what=what)
    if one.lifted:
        said = p._("{said} - no longer in force", said=said)
    about = {"moment": formatting.moment(p, one.at), "reason": one.reason}
    lines = [fill(said, 2, first=0), fill(p._("said {moment}: {reason}", **about), 2)]
    if one.conflicts:
        lines.append(fill(p._("It hits these bookings, which stay as they are until you act:"), 2))
        lines += [f"    {hold}" for hold in one.conflicts]
    return lines


def _days(p: Phrases, one: ExceptionView) -> str:
    first = formatting.day(p, one.day)
    return first if one.until == one.day else p._("{first} to {last}", first=first, last=formatting.day(p, one.until))
