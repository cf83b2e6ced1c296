"""Says a plan in a reader's language. Nothing is promised: each line shows its row, and the plan its reservation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from contracts.crossing.v1 import Basis, PlanLine
from services.client.crossing_phrases import INVENTED, NOT_CONFIRMED, PHRASES, RESULTS, ROW, TRUST, VALUES, Said

BUDDHIST_AHEAD = 543
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def reservation(language: str) -> str:
    """What stands on every plan."""
    return _in(NOT_CONFIRMED, language)


def subject(line: PlanLine, language: str) -> str:
    """What the line is about."""
    return _in(VALUES[line.about], language)


def verdict(line: PlanLine, language: str) -> str:
    """One of the four words with its sentence; what looks fine says how far it can be trusted."""
    word = _in(RESULTS[line.result], language)
    said = sentence(line.code, line.named | {"about": line.about}, language)
    known = f" ({_in(VALUES[line.basis.confidence], language)})" if line.basis and line.result == "looks_fine" else ""
    return f"{word}{known}: {said}"


def grounds(line: PlanLine, language: str) -> str | None:
    """The row that it stands on and how far that can be trusted, or None."""
    row = line.basis
    return f"{source(row, language)}, {trust(row, language)}" if row else None


def source(row: Basis, language: str) -> str:
    """Where a row is from, and when somebody last looked."""
    dated = f"{row.source} ({row.source_date})" if row.source_date else row.source
    return _in(ROW, language).format(id=row.id, source=dated, checked=day(row.checked_on, language))


def trust(row: Basis, language: str) -> str:
    """How far a row can be trusted."""
    said = _in(TRUST, language).format(confidence=_in(VALUES[row.confidence], language))
    return f"{said}, {_in(INVENTED, language)}" if row.demo else said


def sentence(code: str, named: Mapping[str, str], language: str) -> str:
    """The sentence of a code; a value without a word of its own stays as it is."""
    given = {name: _value(value, named, language) for name, value in named.items()}
    return _in(PHRASES[code], language).format_map(_Lenient(given))


def reminder(code: str, what: str | None, language: str) -> str:
    """What somebody is reminded of."""
    return sentence(f"{code}_reminder", {"what": what} if what else {}, language)


def day(value: date, language: str) -> str:
    """ISO 8601, with the Buddhist year for Thai readers."""
    beside = f" (พ.ศ. {value.year + BUDDHIST_AHEAD})" if language == "th" else ""
    return f"{value.isoformat()}{beside}"


class _Lenient(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _value(value: str, named: Mapping[str, str], language: str) -> str:
    if _DAY.fullmatch(value):
        return day(date.fromisoformat(value), language)
    words = VALUES.get(value)
    return _in(words, language).format_map(_Lenient(named)) if words else value


def _in(said: Said, language: str) -> str:
    return {"th": said.th, "lo": said.lo}.get(language, said.en)
