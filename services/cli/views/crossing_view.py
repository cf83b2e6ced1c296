"""Shows plans and reminders in the reader's language, at most as wide as a phone's shell."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.crossing.rows import Crossing, Rule, Sourced
from contracts.crossing.v1 import CrossingPlan, Plan, PlanLine, ReminderView
from services.cli.views.layout import fill
from services.client import crossings as words
from services.client import formatting
from services.client.phrases.catalogue import N_, NC_, Phrases
from services.client.phrases.crossings import VALUES
from services.client.phrases.vocabulary import Table, word

#: To a sender: a plan itself says where the facts are, and to a receiver that is with the sender.
NO_FACTS = N_(
    "You gave no travel facts with the offer (`offer --nationality … --document …`): what is asked is not known."
)
STATUSES: Table = {
    "open": NC_("a crossing's status", "open"),
    "closed": NC_("a crossing's status", "closed"),
    "unknown": NC_("a crossing's status", "unknown"),
}
ABOUT: Table = {
    "document": NC_("what a rule is about", "document"),
    "visa_on_arrival": NC_("what a rule is about", "visa_on_arrival"),
    "form": NC_("what a rule is about", "form"),
    "lodging": NC_("what a rule is about", "lodging"),
    "vehicle": NC_("what a rule is about", "vehicle"),
    "children": NC_("what a rule is about", "children"),
}
ALLOWED: Table = {
    "yes": NC_("allowed by a rule", "yes"),
    "no": NC_("allowed by a rule", "no"),
    "unknown": NC_("allowed by a rule", "unknown"),
}


#: The two directions that are words; the others are arrows.
DIRECTIONS: Table = {
    "stay TH": NC_("a direction", "stay TH"),
    "stay LA": NC_("a direction", "stay LA"),
}


def plan(shown: Plan, wanted: str | None, phrases: Phrases, *, lacks_facts: bool = False) -> Iterator[str]:
    """One crossing in full, the others in a line each, what is asked everywhere, and the rows that it stands on.

    `lacks_facts`: for a sender who gave none.
    """
    hour = f" {shown.hour:%H:%M}" if shown.hour else ""
    yield f"{shown.direction}, {formatting.day(phrases, shown.day)}{hour}: {words.reservation(phrases)}"
    chosen = wanted or shown.chosen
    ways = sorted(shown.crossings, key=lambda way: way.crossing != chosen) if chosen else list(shown.crossings)
    lines: list[PlanLine] = []
    if ways:
        yield from _way(ways[0], phrases)
        lines += ways[0].lines
    if lacks_facts:
        yield fill(phrases.say(NO_FACTS), 4, first=2)
    for line in shown.lines:
        if not (lacks_facts and line.code == "travel_not_known"):
            yield from _line(line, phrases)
    for way in ways[1:]:
        yield from _other(way, phrases)
    yield from _rows([*lines, *shown.lines], phrases)
    if shown.oldest_check:
        oldest = {"checked": shown.oldest_check.isoformat()}
        yield fill(words.sentence(phrases, "oldest_check", oldest), 2, first=0)


def _way(way: CrossingPlan, phrases: Phrases) -> Iterator[str]:
    yield ""
    yield fill(f"{way.crossing}: {_name(way, phrases)}{_km(way, phrases)}", 2, first=0)
    for line in way.lines:
        yield from _line(line, phrases)


def _line(line: PlanLine, phrases: Phrases) -> Iterator[str]:
    row = f" [{line.basis.id}, {words.trust(phrases, line.basis)}]" if line.basis else ""
    yield fill(f"{words.subject(phrases, line)}: {words.verdict(phrases, line)}{row}", 4, first=2)


def _other(way: CrossingPlan, phrases: Phrases) -> Iterator[str]:
    """Why not, or the first thing that is open."""
    blocked = [line for line in way.lines if line.result == "not_possible_here"]
    telling = (blocked or [line for line in way.lines if line.result != "looks_fine"] or list(way.lines))[0]
    told = words.verdict(phrases, telling)
    checked = f", {formatting.day(phrases, telling.basis.checked_on)}" if telling.basis else ""
    yield fill(f"{way.crossing}{_km(way, phrases)}: {told}{checked}", 4, first=0)


def _rows(lines: list[PlanLine], phrases: Phrases) -> Iterator[str]:
    sources = dict.fromkeys(words.source(phrases, line.basis) for line in lines if line.basis)
    yield from ("", *(fill(source, 4, first=0) for source in sources)) if sources else ()


def _name(way: CrossingPlan, phrases: Phrases) -> str:
    return formatting.picked(phrases, way.names.wire())


def _km(way: CrossingPlan, phrases: Phrases) -> str:
    return "" if way.km is None else ", " + words.sentence(phrases, f"km_by_{way.km_by}", {"km": str(way.km)})


def reminder(one: ReminderView, phrases: Phrases) -> Iterator[str]:
    """Its day and handoff, then what it says."""
    due, coming = phrases.pgettext("a reminder", "due"), phrases.pgettext("a reminder", "coming")
    state = formatting.padded(due if one.said else coming, max(formatting.width(due), formatting.width(coming)))
    yield f"{formatting.day(phrases, one.due)} {state} …{one.referral_id[-6:]} {one.partner}"
    yield fill(words.reminder(phrases, one.code, one.what), 8)


def row(kept: Sourced, phrases: Phrases) -> Iterator[str]:
    """A row as the node keeps it: its check, what it says, and its source."""
    checked, confidence = formatting.day(phrases, kept.checked_on), word(phrases, VALUES, kept.confidence)
    yield phrases._("{id}  checked {day}, confidence {confidence}", id=kept.id, day=checked, confidence=confidence)
    if isinstance(kept, Crossing):
        spans = sorted({one.shown for one in kept.hours})
        hours = formatting.listed(phrases, spans) or phrases._("hours unknown")
        status = word(phrases, STATUSES, kept.status)
        yield fill(f"{formatting.picked(phrases, kept.names.wire())}; {status}; {hours}", 4)
    if isinstance(kept, Rule):
        yield fill(_rule(kept, phrases), 4)
    yield fill(kept.source, 4)


def _rule(kept: Rule, phrases: Phrases) -> str:
    ways = [phrases.say(DIRECTIONS[way]) if way in DIRECTIONS else way for way in kept.directions]
    said = formatting.listed(phrases, [word(phrases, ABOUT, kept.about), *ways])
    if kept.valid_to:
        last = kept.valid_to
        day = word(phrases, VALUES, last) if isinstance(last, str) else formatting.day(phrases, last)
        said = phrases._("{rule} until {day}", rule=said, day=day)
    if kept.allowed:
        said = phrases._("{rule}; allowed: {answer}", rule=said, answer=word(phrases, ALLOWED, kept.allowed))
    return said
