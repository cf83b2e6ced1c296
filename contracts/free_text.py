"""What people write: kept as they wrote it, safe to print anywhere, and without what leads to a person."""

from __future__ import annotations

import re
import unicodedata

from contracts.sentences import Unfit

#: Invisible signs that Thai, Lao and Khmer need: a place to break a line, a joiner and a non-joiner.
_NEEDED = frozenset("\u200b\u200c\u200d")
#: Marks above and below one letter: Thai and Lao write a vowel and a tone, Vietnamese one more at the most.
MOST_MARKS = 3
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain_text(text: str, *, received: bool = False) -> str:
    """One line as its writer wrote it: composed, trimmed, visible, printed as it reads. Raises ValueError.

    Of what was received or kept, what an older version let pass is taken out instead.
    """
    text = _composed(text).strip()
    if not text:
        raise Unfit("must_not_be_empty")
    if any(unicodedata.category(sign) in _UNPRINTABLE for sign in text):
        raise Unfit("control_characters")
    if received:
        return _composed("".join(sign for sign in text if not _hides(sign))).strip() or "\ufffd"
    if any(map(_hides, text)):
        raise Unfit("hidden_signs")
    if not any(unicodedata.category(sign)[0] in "LNPS" for sign in text):
        raise Unfit("nothing_visible")
    if _deepest(text) > MOST_MARKS:
        raise Unfit("too_many_marks")
    return text


def _composed(text: str) -> str:
    """Composed, unless that makes it longer: what was within its limit is within it when it is read again."""
    composed = unicodedata.normalize("NFC", text)
    return composed if len(composed) <= len(text) else text


def _hides(sign: str) -> bool:
    """Formatting that nobody sees: it turns the direction round, or makes two texts look alike."""
    return unicodedata.category(sign) == "Cf" and sign not in _NEEDED


def _deepest(text: str) -> int:
    """The most marks on one letter; a mark that encloses it counts as too many."""
    deepest = here = 0
    for sign in text:
        kind = unicodedata.category(sign)
        here = MOST_MARKS + 1 if kind == "Me" else here + 1 if kind == "Mn" else 0
        deepest = max(deepest, here)
    return deepest


# what leads to a person

_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20|25)\d\d"
_HOUR = r"(?:[01]?\d|2[0-4])"
#: Nothing of a longer number stands before or behind.
_FREE, _ENDS = r"(?<![\d])(?<!\d[-./:,])", r"(?![-./:,]?\d)"
_HARMLESS = re.compile(
    "|".join(
        (
            rf"{_FREE}{_YEAR}[-./]{_MONTH}[-./]{_DAY}{_ENDS}",
            rf"{_FREE}{_DAY}[-./]{_MONTH}[-./]{_YEAR}{_ENDS}",
            rf"{_FREE}{_HOUR}[:.][0-5]\d ?- ?{_HOUR}[:.][0-5]\d{_ENDS}",
            rf"{_FREE}{_HOUR}:[0-5]\d{_ENDS}",
            rf"{_FREE}{_HOUR}\.[0-5]\d{_ENDS}",
            # an amount: thousands in groups, with its currency before or behind
            rf"{_FREE}[1-9]\d{{0,2}}(?:[ ,.]\d{{3}})+(?:[.,]\d{{1,2}})?(?= ?(?:LAK|THB|USD|kip|baht|บาท|ກີບ|[₭฿$€]))",
            rf"(?:LAK|THB|USD|kip|baht|บาท|ກີບ|[₭฿$€]) ?[1-9]\d{{0,2}}(?:[ ,.]\d{{3}})+(?:[.,]\d{{1,2}})?{_ENDS}",
            rf"{_FREE}[1-9]\d{{3,}}(?:\.\d{{1,2}})?(?= ?(?:LAK|THB|USD|kip|baht|บาท|ກີບ|[₭฿$€]))",
        )
    ),
    re.IGNORECASE,
)
#: Between the digits of one number: a space, a sign or two. A comma and a space are between the entries of a list.
_SIGN = r"(?:[^\w\s,;]|_)"
_BETWEEN = rf"(?:\s|{_SIGN}{{1,2}}\s?|\s{_SIGN}\s?|[,;](?!\s))?"
#: Seven digits or more, however they are grouped: a phone, a passport, a bank account.
_NUMBER = re.compile(rf"\d(?:{_BETWEEN}\d){{6,}}")
_LINK = re.compile(r"@|://|\bwww\.", re.IGNORECASE)


def names_somebody(text: str) -> bool:
    """Whether it holds a phone or document number, or an address, in whatever digits, signs and width."""
    plain = _HARMLESS.sub("x", _in_plain_signs(text))
    return bool(_LINK.search(plain) or _NUMBER.search(plain))


def _in_plain_signs(text: str) -> str:
    """Digits of any script as 0 to 9, wide and narrow forms as plain ones, every dash a hyphen, nothing invisible."""
    return re.sub(r"\s+", " ", "".join(map(_plain_sign, unicodedata.normalize("NFKC", text))))


def _plain_sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    return "-" if kind == "Pd" else "" if kind == "Cf" else " " if kind == "Zs" else sign


_OLD_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[:.]\d{2}\b")
_OLD_NUMBER = re.compile(r"\d(?:[ ().-]*\d){6,}")


def named_plainly(text: str) -> bool:
    """Whether the first version of this rule, by which kept texts were judged, would have seen it."""
    return bool("@" in text or _OLD_NUMBER.search(_OLD_DATE.sub(" ", text)))
