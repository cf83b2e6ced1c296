"""Writes dates, moments and lengths of time for people; with the Buddhist year beside for Thai readers."""

import os
from datetime import UTC, date, datetime, timedelta, tzinfo

from contracts.values import ZONES
from services.cli.input.inputs import BUDDHIST_AHEAD, HERE
from services.client.phrases.catalogue import language_of

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def language() -> str:
    """The reader's language: HANDOFF_LANG, else that of LANG; two letters. Raises UnknownLanguage."""
    return language_of(os.environ)


def shown_day(day: date | str, *, weekday: bool = False) -> str:
    """`2027-01-14`; for Thai readers `2027-01-14 (พ.ศ. 2570)`."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    text = f"{WEEKDAYS[day.weekday()]} {day.isoformat()}" if weekday else day.isoformat()
    return f"{text} (พ.ศ. {day.year + BUDDHIST_AHEAD})" if language() == "th" else text


def zone_of(name: str | None) -> tzinfo:
    """The zone by its name; +07:00 when it has none."""
    return ZONES.get(name or "", HERE)


def local(moment: str | datetime, zone: tzinfo) -> datetime:
    """The moment on the wall clock of `zone`."""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read.astimezone(zone)


def shown_moment(moment: str | datetime, zone: tzinfo = HERE, now: datetime | None = None) -> str:
    """`2027-01-14 18:00`, local; with how far it is from `now` when that is given."""
    there = local(moment, zone)
    text = f"{shown_day(there.date())} {there:%H:%M}"
    if now is None:
        return text
    ahead = there - now
    return f"{text} (in {length(ahead)})" if ahead > timedelta() else f"{text} ({length(-ahead)} ago)"


def length(span: timedelta) -> str:
    """The two greatest units: `2 d 3 h`, `11 h 59 min`, `42 s`."""
    seconds = round(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    units = [(days, "d"), (hours, "h"), (minutes, "min")]
    while not units[0][0]:
        units.pop(0)
    return " ".join(f"{count} {unit}" for count, unit in units[:2] if count)


def hop(milliseconds: int) -> str:
    """How long a message took: `12 ms`, `3.4 s`, `11 min`."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 60_000 else length(timedelta(milliseconds=milliseconds))


def machine_now() -> datetime:
    """The machine's own clock, which the node's may differ from."""
    return datetime.now(UTC)


def apart_from_machine(moment: datetime) -> str:
    """`37 d 3 h ahead of the machine's`; nothing for a clock that shows the machine's time, give or take 5 s."""
    moved = moment - machine_now()
    if abs(moved.total_seconds()) <= 5:
        return ""
    return f"{length(abs(moved))} {'ahead of' if moved.total_seconds() > 0 else 'behind'} the machine's"
