"""What a side of a handoff does: the words for it, and the verbs by which it is done here."""

from __future__ import annotations

from collections.abc import Mapping

from services.client.phrases.catalogue import NC_, Phrases
from services.client.phrases.vocabulary import OWN_ACTS, Table, word

#: Act → its verb and what follows the handoff's id. Acts that are options of a verb have none of their own.
VERBS: Mapping[str, str] = {
    "take_counter": "take",
    "consent": "consent",
    "depart": "depart",
    "delay": "delay",
    "turn_back": "turn-back",
    "withdraw": "withdraw",
    "accept": "answer accept",
    "counter": "answer counter",
    "decline": "answer decline",
    "arrive": "arrive",
    "no_show": "no-show",
    "cancel": "cancel",
    "complete": "complete",
}
#: In place of the above where the verb is shorter.
_SHORT: Table = {"take_counter": NC_("an act", "take")}


def called(phrases: Phrases, act: str) -> str:
    """What was recorded, in words."""
    return word(phrases, OWN_ACTS, act)


def can(phrases: Phrases, act: str) -> str:
    """What somebody can do, in words."""
    return word(phrases, {**OWN_ACTS, **_SHORT}, act)
