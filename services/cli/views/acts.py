"""What a side of a handoff does: the words for it, and the verbs by which it is done here."""

from __future__ import annotations

from collections.abc import Mapping

from services.client.phrases.catalogue import NC_, Phrases
from services.client.phrases.vocabulary import Table, code_of, word

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
#: An act in as few words as its verb.
WORDS: Table = {
    "offer": NC_("an act", "offer"),
    "take_counter": NC_("an act", "take counter"),
    "consent": NC_("an act", "consent"),
    "refuse_consent": NC_("an act", "refuse consent"),
    "withdraw_consent": NC_("an act", "withdraw consent"),
    "depart": NC_("an act", "depart"),
    "delay": NC_("an act", "delay"),
    "turn_back": NC_("an act", "turn back"),
    "withdraw": NC_("an act", "withdraw"),
    "accept": NC_("an act", "accept"),
    "counter": NC_("an act", "counter"),
    "decline": NC_("an act", "decline"),
    "arrive": NC_("an act", "arrive"),
    "no_show": NC_("an act", "no show"),
    "cancel": NC_("an act", "cancel"),
    "complete": NC_("an act", "complete"),
    "erase": NC_("an act", "erase"),
}
#: In place of the above where the verb is shorter.
_SHORT: Table = {"take_counter": NC_("an act", "take")}


def called(phrases: Phrases, act: str) -> str:
    """What was recorded, in words."""
    return word(phrases, WORDS, act)


def can(phrases: Phrases, act: str) -> str:
    """What somebody can do, in words."""
    return word(phrases, {**WORDS, **_SHORT}, code_of(act))
