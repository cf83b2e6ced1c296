"""Says the reasons of `contracts/sentences.py` in a language: of refusals, and of what a contract does not take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from pydantic_core import ErrorDetails

from contracts.mistakes import mistake
from contracts.sentences import AND_MORE, MORE, SENTENCES, Param
from services.client.formatting import listed
from services.client.phrases.catalogue import Phrase, Phrases

#: Params that are told as a choice, of which the last is `or`; and those that are told between quotation marks.
_CHOICES, _QUOTED = frozenset({"starts", "elsewhere", "choices"}), frozenset({"choices", "kinds"})


def said(phrases: Phrases, reason: str, params: Mapping[str, Param]) -> str:
    """The sentence of a reason. Raises KeyError for one that is not in the table, or lacks a param."""
    words = {name: _words(phrases, name, value) for name, value in params.items()}
    sentence = phrases.say(Phrase(SENTENCES[reason]), **words)
    return phrases.say(Phrase(AND_MORE), sentence=sentence, more=words[MORE]) if MORE in words else sentence


def of_mistake(phrases: Phrases, error: ErrorDetails) -> str:
    """What a contract says is wrong, without the field and without the value."""
    found = mistake(error)
    return said(phrases, found.reason, found.params) if found.quote is None else found.quote


def _words(phrases: Phrases, name: str, value: Param) -> str:
    if isinstance(value, tuple):
        entries = [f"'{each}'" if name in _QUOTED else each for each in value]
        return listed(phrases, entries, "or" if name in _CHOICES else "")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("_", " ") if name == "act" else str(value)
