"""Says a refusal in the reader's language: the sentence of its reason, with its params in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from contracts.refusals import Refusal
from contracts.sentences import AND_MORE, MORE, SENTENCES, Param
from services.client import formatting
from services.client.phrases import crossings, vocabulary
from services.client.phrases.catalogue import Phrase, Phrases
from services.client.phrases.holds import HOLD_STATES
from services.client.phrases.vocabulary import Table, word

#: Param → the words of its codes; others are said as they stand: ids, numbers, what is typed.
WORDS: Mapping[str, Table] = {
    "act": vocabulary.OWN_ACTS,
    "side": vocabulary.SIDES,
    "state": vocabulary.STATE_WORDS,
    "allowed": vocabulary.STATE_WORDS,
    "request": vocabulary.REQUESTS,
    "why": vocabulary.REASONS,
    "fields": vocabulary.FIELDS,
    "country": crossings.VALUES,
}
#: The same where a reason speaks of something else by that name.
_OF_REASON: Mapping[str, Mapping[str, Table]] = {"booking_is_in_state": {"state": HOLD_STATES}}
#: Params of which one is chosen, and those that are told between quotation marks.
_ALTERNATIVES = frozenset({"starts", "elsewhere", "choices", "allowed"})
_QUOTED = frozenset({"choices", "kinds"})
#: Reasons behind which another program's sentence says more, which is in English.
_QUOTES = frozenset({"not_valid", "cannot_be_read"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def told(phrases: Phrases, refusal: Refusal) -> str:
    """The sentence of a refusal, without its field. What is not known here is said as the node said it."""
    english = refusal.message
    if refusal.field:
        english = english.removeprefix(f"{refusal.field}: ")
    return sentence(phrases, refusal.reason or "", refusal.params or {}, english)


def sentence(phrases: Phrases, reason: str, params: Mapping[str, Param], english: str) -> str:
    """The sentence of a reason, or the English one for a reason of a newer node."""
    if phrases.language == "en" or reason not in SENTENCES:
        return english
    tables = {**WORDS, **_OF_REASON.get(reason, {})}
    words = {name: _words(phrases, tables, name, value) for name, value in params.items()}
    try:
        said = phrases.say(Phrase(SENTENCES[reason]), **words)
    except KeyError:  # a node of another version leaves a param out
        return english
    if MORE in words:
        said = phrases.say(Phrase(AND_MORE), sentence=said, more=words[MORE])
    return f"{said} ({english})" if reason in _QUOTES else said


def _words(phrases: Phrases, tables: Mapping[str, Table], name: str, value: Param) -> str:
    if isinstance(value, list | tuple):
        entries = [_word(phrases, tables.get(name), each) for each in value]
        shown = [f"'{each}'" for each in entries] if name in _QUOTED else entries
        return formatting.listed(phrases, shown, "or" if name in _ALTERNATIVES and len(shown) > 1 else "")
    return _word(phrases, tables.get(name), value)


def _word(phrases: Phrases, table: Table | None, value: Param) -> str:
    text = f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
    if _DAY.fullmatch(text):
        with suppress(ValueError):  # written like a day, and none of the calendar
            return formatting.day(phrases, date.fromisoformat(text))
    return word(phrases, table, text) if table else text
