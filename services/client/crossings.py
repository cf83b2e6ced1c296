"""Writes crossing plans and reminders for people. Nothing is promised: lines show their row, plans a reservation."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from datetime import date

from contracts.crossing.v1 import Basis, PlanLine
from services.client import formatting
from services.client.phrases.catalogue import Phrase, Phrases
from services.client.phrases.crossings import INVENTED, NOT_CONFIRMED, RESULTS, ROW, SENTENCES, TRUST, VALUES
from services.client.phrases.vocabulary import word

#: Writes a day.
Day = Callable[[Phrases, date], str]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def reservation(phrases: Phrases) -> str:
    """What stands on every plan."""
    return phrases.say(NOT_CONFIRMED)


def subject(phrases: Phrases, line: PlanLine) -> str:
    """What the line is about."""
    return word(phrases, VALUES, line.about)


def verdict(phrases: Phrases, line: PlanLine) -> str:
    """One of the four words with its sentence; what looks fine says how far it can be trusted."""
    known = f" ({word(phrases, VALUES, line.basis.confidence)})" if line.basis and line.result == "looks_fine" else ""
    said = sentence(phrases, line.code, line.named | {"about": line.about})
    return f"{word(phrases, RESULTS, line.result)}{known}: {said}"


def grounds(phrases: Phrases, line: PlanLine) -> str | None:
    """The row that it stands on and how far that can be trusted, or None."""
    row = line.basis
    return f"{source(phrases, row)}, {trust(phrases, row)}" if row else None


def source(phrases: Phrases, row: Basis) -> str:
    """Where a row is from, and when somebody last looked."""
    dated = f"{row.source} ({row.source_date})" if row.source_date else row.source
    return phrases.say(ROW, id=row.id, source=dated, checked=formatting.day(phrases, row.checked_on))


def trust(phrases: Phrases, row: Basis) -> str:
    """How far a row can be trusted."""
    said = phrases.say(TRUST, confidence=word(phrases, VALUES, row.confidence))
    return f"{said}, {phrases.say(INVENTED)}" if row.demo else said


def sentence(phrases: Phrases, code: str, named: Mapping[str, str], day: Day = formatting.day) -> str:
    """The sentence of a code; a value without a word of its own stays as it is, and so does a newer node's code."""
    phrase = SENTENCES.get(code)
    if phrase is None:
        return code.replace("_", " ")
    return _filled(phrases, phrase, {name: _value(phrases, value, named, day) for name, value in named.items()})


def reminder(phrases: Phrases, code: str, what: str | None) -> str:
    """What somebody is reminded of."""
    return sentence(phrases, f"{code}_reminder", {"what": what} if what else {})


def _value(phrases: Phrases, value: str, named: Mapping[str, str], day: Day) -> str:
    if _DAY.fullmatch(value):
        return day(phrases, date.fromisoformat(value))
    phrase = VALUES.get(value)
    return _filled(phrases, phrase, named) if phrase else value


def _filled(phrases: Phrases, phrase: Phrase, named: Mapping[str, str]) -> str:
    """With `?` for a parameter that an older node did not send."""
    places = {name for _, name, _, _ in string.Formatter().parse(phrase.text) if name}
    return phrases.say(phrase, **{name: named.get(name, "?") for name in places})
