"""Shows plans and reminders in the reader's language, at most as wide as a phone's shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.crossing.v1 import CrossingPlan, Plan, PlanLine, ReminderView
from services.cli.views.layout import fill
from services.client import crossing_words as words

#: To a sender: a plan itself says where the facts are, and to a receiver that is with the sender.
NO_FACTS: Mapping[str, str] = {
    "th": "ข้อเสนอนี้ไม่ได้บอกข้อมูลการเดินทาง (`offer --nationality … --document …`) จึงไม่ทราบว่าด่านจะขออะไร",
    "lo": "ຂໍ້ສະເໜີນີ້ບໍ່ໄດ້ບອກຂໍ້ມູນການເດີນທາງ (`offer --nationality … --document …`) ຈຶ່ງບໍ່ຮູ້ວ່າດ່ານຈະຂໍຫຍັງ",
    "en": "You gave no travel facts with the offer (`offer --nationality … --document …`): what is asked is not known.",
}


def plan(shown: Plan, wanted: str | None, language: str, *, lacks_facts: bool = False) -> Iterator[str]:
    """One crossing in full, the others in a line each, what is asked everywhere, and the rows that it stands on.

    `lacks_facts`: for a sender who gave none.
    """
    hour = f" {shown.hour:%H:%M}" if shown.hour else ""
    yield f"{shown.direction}, {words.day(shown.day, language)}{hour}: {words.reservation(language)}"
    chosen = wanted or shown.chosen
    ways = sorted(shown.crossings, key=lambda way: way.crossing != chosen) if chosen else list(shown.crossings)
    lines: list[PlanLine] = []
    if ways:
        yield from _way(ways[0], language)
        lines += ways[0].lines
    if lacks_facts:
        yield fill(NO_FACTS.get(language, NO_FACTS["en"]), 4, first=2)
    for line in shown.lines:
        if not (lacks_facts and line.code == "travel_not_known"):
            yield from _line(line, language)
    for way in ways[1:]:
        yield from _other(way, language)
    yield from _rows([*lines, *shown.lines], language)
    if shown.oldest_check:
        oldest = {"checked": shown.oldest_check.isoformat()}
        yield fill(words.sentence("oldest_check", oldest, language), 2, first=0)


def _way(way: CrossingPlan, language: str) -> Iterator[str]:
    yield ""
    yield fill(f"{way.crossing}: {_name(way, language)}{_km(way, language)}", 2, first=0)
    for line in way.lines:
        yield from _line(line, language)


def _line(line: PlanLine, language: str) -> Iterator[str]:
    row = f" [{line.basis.id}, {words.trust(line.basis, language)}]" if line.basis else ""
    yield fill(f"{words.subject(line, language)}: {words.verdict(line, language)}{row}", 4, first=2)


def _other(way: CrossingPlan, language: str) -> Iterator[str]:
    """Why not, or the first thing that is open."""
    blocked = [line for line in way.lines if line.result == "not_possible_here"]
    telling = (blocked or [line for line in way.lines if line.result != "looks_fine"] or list(way.lines))[0]
    told = words.verdict(telling, language)
    checked = f", {words.day(telling.basis.checked_on, language)}" if telling.basis else ""
    yield fill(f"{way.crossing}{_km(way, language)}: {told}{checked}", 4, first=0)


def _rows(lines: list[PlanLine], language: str) -> Iterator[str]:
    sources = dict.fromkeys(words.source(line.basis, language) for line in lines if line.basis)
    yield from ("", *(fill(source, 4, first=0) for source in sources)) if sources else ()


def _name(way: CrossingPlan, language: str) -> str:
    return {"th": way.names.th, "lo": way.names.lo}.get(language) or way.names.any


def _km(way: CrossingPlan, language: str) -> str:
    return "" if way.km is None else ", " + words.sentence(f"km_by_{way.km_by}", {"km": str(way.km)}, language)


def reminder(one: ReminderView, language: str) -> Iterator[str]:
    """Its day and handoff, then what it says."""
    state = "due" if one.said else "coming"
    yield f"{words.day(one.due, language)} {state:6} …{one.referral_id[-6:]} {one.partner}"
    yield fill(words.reminder(one.code, one.what, language), 8)
