"""Shows places: departures, a partner's picture, pools, bookings and dated exceptions."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from services.cli.views import dates, formatting, wording
from services.cli.views.layout import fill
from services.cli.views.naming import Names

Row = Mapping[str, Any]


def departures(rows: Sequence[Row]) -> str:
    """By experience, one line a departure."""
    lines = []
    for experience, found in groupby(sorted(rows, key=_by_experience), lambda row: row["experience_id"]):
        lines.append(experience)
        lines += [_departure(row) for row in found]
    return "\n".join(lines) or "There are no departures on these days."


def _by_experience(row: Row) -> tuple[str, str, str]:
    return row["experience_id"], row["day"], row.get("start") or ""


def _departure(row: Row) -> str:
    when = f"{dates.shown_day(row['day'], weekday=True)} {row.get('start') or ''}".rstrip()
    if not row["available"]:
        return fill(f"{when}  no: {wording.reason(row['reason'] or 'no_room')}", 18, first=2)
    of = f" of {row['capacity']}" if row.get("capacity") is not None else ""
    return f"  {when}  {'free' if row['left'] is None else str(row['left']) + of + ' left'}"


def picture(answer: Row, experience: str | None, span: Mapping[str, str]) -> str:
    """What a partner shared, as of when; a picture covers the days that it covers."""
    if answer["as_of"] is None:
        return f"{answer['partner']} has shared no availability with you."
    rows = [row for row in answer["days"] if experience in (None, row["experience_id"])]
    head = f"{answer['partner']}, as of {dates.shown_moment(answer['as_of'])}: a picture, not a promise"
    if not rows:
        nothing = f"It says nothing about {span['first']} to {span['last']}: offer, and they will answer."
        return "\n".join((fill(head, 2, first=0), fill(nothing, 2)))
    return "\n".join((fill(head, 2, first=0), departures(rows)))


def pools(rows: Sequence[Row]) -> str:
    """Taken of capacity; how much of it is held, and what is oversold."""
    lines = []
    for row in rows:
        over = f", {row['oversold']} too many" if row["oversold"] else ""
        counts = f"{row['taken']} of {row['capacity']} taken (held {row['held']}, booked {row['booked']}{over})"
        lines.append(fill(f"{dates.shown_day(row['day'])} {row['pool']}: {counts}", 4, first=0))
    return "\n".join(lines) or "Nothing is taken on these days."


def summary(one: Row, names: Names) -> list[str]:
    """A line of a list of bookings with its whole id, and what is booked."""
    lines = [f"{one['hold_id']}  {one['state']}"]
    until = f", until {dates.shown_moment(one['expires_at'], names.zone)}" if one["expires_at"] else ""
    of = f", of handoff …{one['referral_id'][-6:]}" if one["referral_id"] else ""
    made = f"made {dates.shown_moment(one['placed_at'], names.zone)}"
    lines.append(fill(f"{formatting.party(one['party'])}; {made}{until}{of}", 4, first=2))
    return lines + [fill(formatting.item(wished, names), 6, first=4) for wished in one["items"]]


def booking(one: Row, names: Names) -> str:
    """A booking with its price."""
    lines = [f"Booking {one['hold_id']}", f"  {one['state']}, {formatting.party(one['party'])}"]
    lines += [fill(formatting.item(wished, names), 4, first=2) for wished in one["items"]]
    lines += [f"  until {dates.shown_moment(one['expires_at'], names.zone)}"] if one["expires_at"] else []
    lines += [fill(line, 4, first=2) for line in formatting.quote(one["quote"], names)] if one["quote"] else []
    lines += [f"  of handoff {one['referral_id']}"] if one["referral_id"] else []
    return "\n".join(lines)


def exception(one: Row) -> list[str]:
    """A line of the history, and the bookings that it hits."""
    until = f" to {dates.shown_day(one['until'])}" if one["until"] != one["day"] else ""
    what = " ".join(filter(None, (one["experience_id"] or "everything", one["start"], one["pool"])))
    number = f" {one['capacity']}" if one["capacity"] is not None else ""
    state = " - no longer in force" if one["lifted"] else ""
    kind = one["kind"].replace("_", " ")
    lines = [fill(f"{dates.shown_day(one['day'])}{until} {kind}{number}: {what}{state}", 2, first=0)]
    lines.append(fill(f"said {dates.shown_moment(one['at'])}: {one['reason']}", 2))
    if one["conflicts"]:
        lines.append(fill("It hits these bookings, which stay as they are until you act:", 2))
        lines += [f"    {hold}" for hold in one["conflicts"]]
    return lines
