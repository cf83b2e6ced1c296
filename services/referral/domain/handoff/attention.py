"""Why a record needs a person: made from codes, and read from the sentences of older versions."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.referral.codes import Attention, AttentionCode

#: The sentences of older records, or how they begin, → (code, what the rest names).
_SENTENCES: Mapping[str, AttentionCode] = {
    "no_room": "no_room",
    "late": "late",
    "accepted on other terms": "accepted_on_other_terms",
    "more arrived than were booked": "more_arrived_than_were_booked",
    "pass used twice": "pass_used_twice",
}
_BEGINNINGS: Mapping[str, tuple[AttentionCode, str]] = {
    "counter refused: ": ("counter_refused", "reason"),
    "deadline refused: ": ("deadline_refused", "reason"),
    "their record says ": ("records_differ", "theirs"),
}


def needed(code: AttentionCode, **about: str) -> Attention:
    """A person is needed, for this reason."""
    return Attention(code=code, about=about)


def read_sentence(kept: str) -> Attention:
    """What a sentence of an older record meant. Raises ValueError for one that no version has written."""
    if kept in _SENTENCES:
        return needed(_SENTENCES[kept])
    for beginning, (code, name) in _BEGINNINGS.items():
        if kept.startswith(beginning):
            return Attention(code=code, about={name: kept.removeprefix(beginning)})
    raise ValueError("no version has written this as what needs a person")
