"""The text that a lead traveller consents to, in their language, and the digest that a receipt keeps of it."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from typing import get_args

from contracts.community.v1 import CommunityProfile
from contracts.personal.v1 import PersonalField
from services.referral.domain.personal.consent_words import WORDS, Words

#: Of the sentences in `consent_words`: a receipt names it beside the digest.
VERSION: int = 3
#: Years of the Buddhist era are ahead of the common ones by this much.
BUDDHIST_AHEAD = 543
DELICATE: tuple[PersonalField, ...] = ("food", "mobility")


def consent_text(
    language: str,
    *,
    sender: CommunityProfile,
    receiver: CommunityProfile,
    fields: tuple[PersonalField, ...],
    delete_by: date,
) -> str:
    """Everything to be known before yes or no, in th, lo or en. Raises KeyError for another language.

    The same fields in another order, or one of them twice, are the same text.
    """
    words = WORDS[language]
    named = {
        "sender": _name(sender, language),
        "receiver": _name(receiver, language),
        "home": words.countries[sender.place.country],
        "there": words.countries[receiver.place.country],
        "delete_by": _date(delete_by, words),
    }
    listed = [f"- {words.fields[field]}" for field in get_args(PersonalField) if field in fields]
    delicate = [words.delicate] if set(fields) & set(DELICATE) else []
    leaves = sender.place.country != receiver.place.country
    where = words.abroad if leaves else words.at_home
    after = [*delicate, words.only, where, words.until, words.withdrawing, words.refusing, words.guardian]
    parts = [words.heading, "\n".join([words.purpose, *listed]), *after]
    return "\n\n".join(part.format_map(named) for part in parts)


def digest(text: str) -> str:
    """SHA-256, in hexadecimal, of the composed text in UTF-8: the same however its letters were put together."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()


def _name(community: CommunityProfile, language: str) -> str:
    """Its name in the reader's language, else in English, else in any."""
    names = community.names.model_dump(exclude_none=True)
    return str(names.get(language) or names.get("en") or next(iter(names.values())))


def _date(day: date, words: Words) -> str:
    return words.date.format(
        day=day.day, month=words.months[day.month - 1], year=day.year, buddhist=day.year + BUDDHIST_AHEAD
    )
