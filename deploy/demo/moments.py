"""Moments as a scenario writes them: absolute, or counted from the moment at which it begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator

#: Fields of commands that are local dates, and those that are moments: only these may be counted from the beginning.
DATES = frozenset({"day", "until"})
MOMENTS = frozenset({"answer_by", "expires_at"})

_COUNTED = re.compile(r"\+(\d{1,3})")
_COUNTED_TIME = re.compile(r"\+(\d{1,3}) ([0-2]\d:[0-5]\d)")
_LENGTH = re.compile(r"(?:(\d{1,3})d)? ?(?:(\d{1,3})h)? ?(?:(\d{1,4})m)?")


def length(text: str) -> timedelta:
    """How long `2d 3h 30m` is, any part of it left out. Raises ValueError for anything else, and for nothing."""
    found = _LENGTH.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError("a length of time is written like 3h, 90m or 1d 2h")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _length_text(text: str) -> str:
    if not length(text):
        raise ValueError("no time passes")
    return text


def _day_text(text: str) -> str:
    if not _COUNTED.fullmatch(text):
        _iso_date(text)
    return text


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a day is written like 2027-01-14, or +10 for ten days after the beginning") from None


def _moment_text(text: str) -> str:
    Calendar(datetime.fromisoformat("2000-01-01T00:00:00+00:00")).moment(text)
    return text


LengthText = Annotated[str, AfterValidator(_length_text)]
DayText = Annotated[str, AfterValidator(_day_text)]
MomentText = Annotated[str, AfterValidator(_moment_text)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts from the moment at which a scenario begins, in the zone in which that moment is written."""

    began: datetime

    def day(self, text: str) -> date:
        """The date of `+10` or `2027-01-14`. Raises ValueError."""
        counted = _COUNTED.fullmatch(text)
        return self.began.date() + timedelta(days=int(counted[1])) if counted else _iso_date(text)

    def moment(self, text: str) -> datetime:
        """The moment of `+10 15:00`, of `+12h` after the beginning, or of ISO 8601 with a zone. Raises ValueError."""
        if counted := _COUNTED_TIME.fullmatch(text):
            return datetime.combine(self.day(f"+{counted[1]}"), time.fromisoformat(counted[2]), self.began.tzinfo)
        if text.startswith("+"):
            return self.began + length(text[1:])
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = datetime.min  # noqa: DTZ901 - refused below, for it has no zone
        if moment.tzinfo is None:
            raise ValueError("a moment is written like 2027-01-14T15:00:00+07:00, +10 15:00 or +12h")
        return moment

    def filled(self, fields: Any, name: str = "") -> Any:
        """The fields of a command with its counted days and moments made absolute; what is neither stays."""
        if isinstance(fields, Mapping):
            return {key: self.filled(value, key) for key, value in fields.items()}
        if isinstance(fields, list):
            return [self.filled(value, name) for value in fields]
        if isinstance(fields, str) and fields.startswith("+"):
            if name in DATES and _COUNTED.fullmatch(fields):
                return self.day(fields).isoformat()
            if name in MOMENTS:
                return self._absolute(fields)
        return fields

    def _absolute(self, text: str) -> str:
        try:
            return self.moment(text).isoformat()
        except ValueError:
            return f"no moment: {text}"  # for the contract to refuse by its path; `+6` alone it would take for seconds
