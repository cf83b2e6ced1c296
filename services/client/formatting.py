"""Writes dates, lengths of time, money, counts and parties in a language; pure, given the phrases and the time.

Numeric dates are ISO 8601 in every language, since that is what can be typed back; Thai readers see their year beside.
Dates with names are for reading: in Thai they have the Buddhist year alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal

from contracts.community.v1 import CarryingLimits, Offering, UnitPrice
from contracts.values import ZONES, Alternative, Item, Money, Quote, Window
from services.client.phrases.catalogue import LANGUAGES, NC_, NP_, Language, Phrase, Phrases

if TYPE_CHECKING:
    from babel import Locale

#: A year of the Buddhist era is that many more than one of the Gregorian calendar.
BUDDHIST_AHEAD = 543
#: The zone of a moment without one: the wall clock of both countries.
HERE = timezone(timedelta(hours=7))
#: So many signs tell the handoffs of two communities apart, and can be said over a phone.
REFERENCE_SIGNS = 6
#: A machine's clock that is off by no more than this shows the same time.
SAME_CLOCK = timedelta(seconds=5)
#: How people write some countries where the CLDR has another name.
_ALSO_CALLED = {
    "thai": "TH", "lao": "LA", "lao pdr": "LA", "สปป.ลาว": "LA", "สปป ลาว": "LA", "ສປປ ລາວ": "LA", "usa": "US",
}  # fmt: skip
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
#: Line breaks, and the joiners and breaks that Thai and Lao are written with.
_MEANT = "\n\u200b\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = {
    "d": NC_("a length of time", "{number} d"),
    "h": NC_("a length of time", "{number} h"),
    "min": NC_("a length of time", "{number} min"),
    "s": NC_("a length of time", "{number} s"),
    "ms": NC_("a length of time", "{number} ms"),
}
_BANDS: Mapping[str, Phrase] = {
    "adult": NP_("{count} adult", "{count} adults"),
    "child": NP_("{count} child", "{count} children"),
    "infant": NP_("{count} infant", "{count} infants"),
}

_PRICED: Mapping[str, Phrase] = {
    "adult": NC_("what a price is for", "adult"),
    "child": NC_("what a price is for", "child"),
    "infant": NC_("what a price is for", "infant"),
    "item": NC_("what a price is for", "item"),
}
_LINE = NC_("a line of a price", "{quantity} {unit} x {price} = {total}")
_LAST: Mapping[str, Phrase] = {
    "and": NC_("the end of a list", "{others} and {last}"),
    "or": NC_("the end of a list", "{others} or {last}"),
}
#: Tells an experience's or a community's name by its id.
NameOf = Callable[[str], str]

# dates


def day(phrases: Phrases, value: date, *, weekday: bool = False) -> str:
    """`2027-01-14`, `Thu 2027-01-14`; for Thai readers `2027-01-14 (พ.ศ. 2570)`."""
    text = f"{weekday_name(phrases, value)} {value.isoformat()}" if weekday else value.isoformat()
    return f"{text} (พ.ศ. {value.year + BUDDHIST_AHEAD})" if phrases.language == "th" else text


def named_day(phrases: Phrases, value: date, *, weekday: bool = False) -> str:
    """`14 Jan 2027`, `Thu 14 Jan 2027`; in Thai `14 ม.ค. 2570`."""
    month = _cldr(phrases.language).months["format"]["abbreviated"][value.month]
    text = phrases.pgettext(
        "a date", "{day} {month} {year}", day=value.day, month=month, year=year(phrases, value.year)
    )
    return f"{weekday_name(phrases, value)} {text}" if weekday else text


def long_day(phrases: Phrases, value: date) -> str:
    """`Thursday, 14 January 2027`; in Thai `วันพฤหัสบดีที่ 14 มกราคม พ.ศ. 2570`."""
    names = _cldr(phrases.language)
    return phrases.pgettext(
        "a date with its weekday",
        "{weekday}, {day} {month} {year}",
        weekday=names.days["format"]["wide"][value.weekday()],
        day=value.day,
        month=names.months["format"]["wide"][value.month],
        year=year(phrases, value.year),
    )


def month(phrases: Phrases, value: date) -> str:
    """`January 2027`; in Thai `มกราคม 2570`."""
    name = _cldr(phrases.language).months["stand-alone"]["wide"][value.month]
    return f"{name} {year(phrases, value.year)}"


def short_month(phrases: Phrases, number: int) -> str:
    """`Jan`, `ม.ค.`: a month of every year, from 1 on."""
    return str(_cldr(phrases.language).months["stand-alone"]["abbreviated"][number])


def year(phrases: Phrases, gregorian: int) -> int:
    """The year as a reader counts: of the Buddhist era in Thai, Gregorian in Lao and English."""
    return gregorian + BUDDHIST_AHEAD if phrases.language == "th" else gregorian


def weekday_name(phrases: Phrases, value: date) -> str:
    """`Thu`, `พฤหัส`, `ພະຫັດ`."""
    if phrases.language == "en":
        return _WEEKDAYS[value.weekday()]
    return str(_cldr(phrases.language).days["format"]["abbreviated"][value.weekday()])


def weekday_letters(phrases: Phrases, value: date) -> str:
    """`Th`, `พฤ`, `ພຫ`: at the head of a column of a month."""
    if phrases.language == "en":
        return weekday_name(phrases, value)[:2]
    return str(_cldr(phrases.language).days["stand-alone"]["narrow"][value.weekday()])


# moments and lengths of time


def zone_of(name: str | None) -> tzinfo:
    """The zone by its name; +07:00 when it has none."""
    return ZONES.get(name or "", HERE)


def local(moment: datetime, zone: tzinfo = HERE) -> datetime:
    """The moment on the wall clock of `zone`."""
    return moment.astimezone(zone)


def clock(phrases: Phrases, at: time | datetime) -> str:
    """A time of day inside a sentence: `18:00`, in Thai `18:00 น.`."""
    return phrases.pgettext("a time of day", "{time}", time=f"{at:%H:%M}")


def moment(phrases: Phrases, at: datetime, zone: tzinfo = HERE, now: datetime | None = None) -> str:
    """`2027-01-14 18:00`, local; with how far it is from `now` when that is given."""
    there = local(at, zone)
    text = f"{day(phrases, there.date())} {there:%H:%M}"
    return text if now is None else f"{text} ({distance(phrases, there, now)})"


def distance(phrases: Phrases, at: datetime, now: datetime) -> str:
    """`in 3 h`, `2 h ago`."""
    ahead = at - now
    if ahead > timedelta():
        return phrases.gettext("in {length}", length=length(phrases, ahead))
    return phrases.gettext("{length} ago", length=length(phrases, -ahead))


def left(phrases: Phrases, until: datetime, now: datetime) -> str:
    """`11 h 59 min left`; `over` for a deadline that has passed."""
    ahead = until - now
    if ahead <= timedelta():
        return phrases.pgettext("a deadline", "over")
    return phrases.gettext("{length} left", length=length(phrases, ahead))


def length(phrases: Phrases, span: timedelta) -> str:
    """The two greatest units: `2 d 3 h`, `11 h 59 min`, `42 s`."""
    seconds = round(span.total_seconds())
    if seconds < 60:
        return phrases.say(_UNITS["s"], number=seconds)
    counted = [(seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min")]
    while not counted[0][0]:
        counted.pop(0)
    return " ".join(phrases.say(_UNITS[unit], number=number) for number, unit in counted[:2] if number)


def hop(phrases: Phrases, milliseconds: int) -> str:
    """How long a message took: `12 ms`, `3.4 s`, `11 min`."""
    if milliseconds < 1000:
        return phrases.say(_UNITS["ms"], number=milliseconds)
    if milliseconds < 60_000:
        return phrases.say(_UNITS["s"], number=number(phrases, Decimal(f"{milliseconds / 1000:.1f}")))
    return length(phrases, timedelta(milliseconds=milliseconds))


def off_from_machine(phrases: Phrases, clock_shows: datetime, machine: datetime) -> str:
    """`37 d 3 h ahead of the machine's`; nothing for a clock that shows the machine's time."""
    moved = clock_shows - machine
    if abs(moved) <= SAME_CLOCK:
        return ""
    if moved > timedelta():
        return phrases.gettext("{length} ahead of the machine's", length=length(phrases, moved))
    return phrases.gettext("{length} behind the machine's", length=length(phrases, -moved))


def window(phrases: Phrases, arrival: Window) -> str:
    """`2027-01-14 22:00-01:00 the next day`: when a party is expected, also past midnight."""
    return f"{day(phrases, arrival.day)} {hours(phrases, arrival.earliest, arrival.latest)}"


def hours(phrases: Phrases, earliest: time, latest: time) -> str:
    """`14:00-17:00`; says so when the end is on the next day."""
    span = f"{earliest:%H:%M}-{latest:%H:%M}"
    return phrases.gettext("{hours} the next day", hours=span) if latest < earliest else span


# numbers, money, parties


def number(phrases: Phrases, value: int | Decimal) -> str:
    """Exact, with thousands apart as the language has it: `1,234.50`, in Lao `1.234,50`."""
    text = f"{value:,}"
    if phrases.language == "en":
        return text
    symbols = _cldr(phrases.language).number_symbols["latn"]
    return text.translate({ord(","): symbols["group"], ord("."): symbols["decimal"]})


def amount(phrases: Phrases, value: Money) -> str:
    """The amount without its currency, never rounded: `800,000.00`."""
    return number(phrases, Decimal(value.amount))


def money(phrases: Phrases, value: Money, *, whole: bool = False) -> str:
    """`800,000.00 LAK`; `whole` leaves out decimals that are zero: `800,000 LAK`, and still `0.50 THB`."""
    exact = Decimal(value.amount)
    if whole and exact == exact.to_integral_value():
        exact = exact.to_integral_value()
    return f"{number(phrases, exact)} {value.currency}"


def percentage(phrases: Phrases, value: str) -> str:
    """The number before a `%`, without zeroes that say nothing: `5` for 5.00, `7.5`, in Lao `7,5`."""
    return number(phrases, Decimal(f"{Decimal(value).normalize():f}"))


def party(phrases: Phrases, bands: Mapping[str, int]) -> str:
    """`2 adults, 1 child`; bands without anybody are left out."""
    return listed(phrases, [phrases.say(one, count=bands[band]) for band, one in _BANDS.items() if bands.get(band)])


def listed(phrases: Phrases, things: Sequence[str], last: Literal["", "and", "or"] = "") -> str:
    """`a, b, c`; with `last`, `a, b and c`."""
    joined = phrases.pgettext("between the things of a list", ", ").join(things[:-1] if last else things)
    if not last or not joined:
        return joined or "".join(things)
    both = _LAST[last]
    return phrases.say(both, others=joined, last=things[-1])


def language_name(phrases: Phrases, code: str) -> str:
    """A language's name: `Thai`, in Thai `ภาษาไทย`; a code that the CLDR does not know stays as it is."""
    name = _cldr(phrases.language).languages.get(code)
    return phrases.pgettext("a language", "{name}", name=name) if name else code


def is_language(code: str) -> bool:
    """Whether a code may stand for a language: the CLDR knows all of two letters, of those of three not every one."""
    return len(code) > 2 or code in _cldr("en").languages


def country_name(phrases: Phrases, code: str) -> str:
    """A country's name: `Thailand`, in Thai `ไทย`; a code that the CLDR does not know stays as it is."""
    return str(_cldr(phrases.language).territories.get(code, code))


def country_code(text: str) -> str | None:
    """The two letters of a country by its name in Thai, Lao or English, or by themselves; None for another word."""
    bare = text.strip().casefold().removeprefix("ประเทศ").removeprefix("ປະເທດ").strip()
    return _countries().get(bare)


def picked(phrases: Phrases, names: Mapping[str, str | None]) -> str:
    """One of the names in Thai, Lao and English: the reader's, else English, else any."""
    return names.get(phrases.language) or names.get("en") or next((name for name in names.values() if name), "")


def printable(text: str) -> str:
    """Text as it reads: what would move the cursor, clear the screen or turn the direction round is shown as a sign."""
    shown = (" " if sign == "\t" else sign for sign in text)
    return "".join("\ufffd" if unicodedata.category(sign) in _UNSEEN and sign not in _MEANT else sign for sign in shown)


def width(text: str) -> int:
    """How many columns of a terminal it takes: marks above and below a Thai or Lao letter take none."""
    return sum(unicodedata.category(sign) not in ("Mn", "Me", "Cf") for sign in text)


def padded(text: str, columns: int) -> str:
    """With spaces behind it, so that what follows stands in a column."""
    return text + " " * (columns - width(text))


def reference(referral_id: str) -> str:
    """The end of a handoff's id, by which people name it to each other; `./handoff show` takes it."""
    return referral_id[-REFERENCE_SIGNS:]


# what is offered, wished and quoted


def item(phrases: Phrases, wished: Item | Alternative, name_of: NameOf) -> str:
    """An experience with its date, start and nights: `2027-01-14 18:00, 2 nights  Homestay`."""
    start = f" {wished.start:%H:%M}" if wished.start else ""
    nights = wished.nights if isinstance(wished, Item) else 1
    stay = ", " + phrases.ngettext("{count} night", "{count} nights", nights) if nights > 1 else ""
    return f"{day(phrases, wished.day)}{start}{stay}  {name_of(wished.experience_id)}"


def quote(phrases: Phrases, quoted: Quote, name_of: NameOf) -> list[str]:
    """The lines of a price under their experience, and their sum."""
    lines, before = [], None
    for line in quoted.lines:
        if line.experience_id != before:
            before = line.experience_id
            lines.append(name_of(before))
        unit = phrases.say(_PRICED[line.unit])
        price, total = amount(phrases, line.unit_price), amount(phrases, line.total)
        lines.append("  " + phrases.say(_LINE, quantity=line.quantity, unit=unit, price=price, total=total))
    return [*lines, phrases.gettext("total {money}", money=money(phrases, quoted.total))]


def unit_price(phrases: Phrases, one: UnitPrice) -> str:
    """What one unit costs: `adult 250,000.00 LAK`."""
    return f"{phrases.say(_PRICED[one.unit])} {money(phrases, one.price)}"


def bounds(phrases: Phrases, reason: str, offer: Offering | None, wished: Collection[str]) -> str:
    """The number behind a rule that gave this reason, of what was wished: `25 at most`; empty where none is known."""
    if offer is None:
        return ""
    held = offer.community.limits
    asked = [one for one in offer.experiences if one.id in wished]
    if reason == "party_too_large":
        return phrases.gettext("{number} at most", number=min([held.max_party, *(one.seats for one in asked)]))
    if reason == "party_too_small":
        return phrases.gettext("{number} at least", number=max([held.min_party, *(one.min_party for one in asked)]))
    if reason == "cut_off":
        notice = max([held.cutoff_hours, *(one.cutoff_hours for one in asked)])
        return phrases.gettext("{hours} h before", hours=notice)
    if reason == "no_such_start":
        starts = sorted({f"{start:%H:%M}" for one in asked for start in one.starts})
        return phrases.gettext("starts: {starts}", starts=listed(phrases, starts))
    return ""


def limits(phrases: Phrases, bounds: CarryingLimits) -> str:
    """`2 to 20 people, 40 visitors a day, 15 guests a night, ask 24 h before, answers 07:00-20:00`."""
    opens, closes = bounds.answers_from, bounds.answers_until
    answers = (
        phrases.gettext("answers at any hour")
        if opens == closes
        else phrases.gettext("answers {hours}", hours=f"{opens:%H:%M}-{closes:%H:%M}")
    )
    return listed(
        phrases,
        [
            phrases.gettext("{least} to {most} people", least=bounds.min_party, most=bounds.max_party),
            phrases.gettext("{number} visitors a day", number=bounds.visitors_per_day),
            phrases.gettext("{number} guests a night", number=bounds.guests_per_night),
            phrases.gettext("ask {hours} h before", hours=bounds.cutoff_hours),
            answers,
        ],
    )


@cache
def _countries() -> Mapping[str, str]:
    found = dict(_ALSO_CALLED)
    for language in LANGUAGES:
        for code, name in _cldr(language).territories.items():
            if len(code) == 2 and code not in _NO_COUNTRIES:
                found |= {code.casefold(): code, name.casefold(): code}
    return found


@cache
def _cldr(language: Language) -> Locale:
    from babel import Locale  # what English says most often does without

    return Locale(language)
