"""How dates, times, money and names stand on a page; `services/client/formatting.py` writes what all edges share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Any

from markupsafe import Markup, escape

from contracts.values import Money, Names, Party, Quote, Window
from services.client import formatting
from services.client.phrases import vocabulary
from services.client.phrases.catalogue import Phrases
from services.client.phrases.vocabulary import Table, word

#: Between a number and its unit, so that no line ends there.
NO_BREAK = "\u00a0"
_UNITS = re.compile(r"(?<=\d) (?=[^\W\d_])")
#: Signs that fit into a line of the smallest phone, with large text.
LONGEST_NAME = 18
#: Words that names of communities and crossings begin with; what is left is the village's own name.
BEFORE_VILLAGE = re.compile(
    "^(ชุมชน|ท่องเที่ยว|ตำบล|บ้าน|ด่านพรมแดน|จุดผ่านแดนถาวร|จุดผ่อนปรนการค้า|สะพานมิตรภาพ|ດ່ານ|ສາກົນ|ປະເພນີ|ຂົວມິດຕະພາບ|ບ້ານ)+"
)
HOUR, HALF_A_DAY = timedelta(hours=1), timedelta(hours=12)
#: Words of several words, which a browser would part.
COMPOUNDS = ("นักเดินทาง", "ນັກເດີນທາງ")


def whole(text: object) -> Markup:
    """Text that is never broken over lines: names, times, numbers with their unit.

    A name that is longer than a line may be may go on in the next one, between its words.
    """
    is_long = not isinstance(text, Markup) and len(str(text)) > LONGEST_NAME
    words = _UNITS.sub(NO_BREAK, str(text)).split(" ") if is_long else [text]
    return Markup(" ").join(Markup('<span class="nb">{}</span>').format(word) for word in words)


def as_given(text: object) -> Markup:
    """What is in no language, such as somebody's own name or a code: nothing translates it, and no line breaks it.

    An address may be broken: its length is not ours.
    """
    kept = Markup("" if "://" in str(text) else ' class="nb"')
    return Markup('<span{} translate="no">{}</span>').format(kept, text)


def with_names(text: str, names: Iterable[str]) -> Markup:
    """Text in which these names stay whole, and numbers with their unit: a browser's dictionary knows no village."""
    every, text = list(names), _UNITS.sub(NO_BREAK, text)
    known = sorted({name for name in (*every, *villages(every)) if name}, key=len, reverse=True)
    if not known:
        return escape(text)
    parts = re.split("(" + "|".join(map(re.escape, known)) + ")", text)
    return Markup().join(whole(part) if place % 2 else escape(part) for place, part in enumerate(parts))


def parts(text: str) -> Markup:
    """What a list says, broken between its things at most."""
    return Markup(", ").join(whole(part) for part in text.split(", "))


def villages(names: Iterable[str]) -> list[str]:
    """The villages in names of communities and crossings: `นากระเซ็ง` of `ด่านพรมแดนบ้านนากระเซ็ง – …`."""
    words = [word for name in names for word in name.split(" ")]
    return [BEFORE_VILLAGE.sub("", word) for word in words if BEFORE_VILLAGE.match(word)]


def short(name: str) -> str:
    """What people call it on the way: `Bo Taen` of `Bo Taen (Botene) community`; the first of two sides."""
    first = re.sub(r"( \(.*\))?( community)?$", "", name.partition(" – ")[0])
    return BEFORE_VILLAGE.sub("", first) or name


def place(name: str) -> Markup:
    """The name of a community or crossing, in which villages stay whole."""
    return with_names(name, villages([name]))


def compounds(text: str) -> Markup:
    """A phrase in which words of several words stay whole."""
    return with_names(text, COMPOUNDS)


def short_day(phrases: Phrases, day: date) -> Markup:
    """`Thu 14 Jan`, never broken: the year stands once, at the head of a page."""
    full = formatting.named_day(phrases, day, weekday=True)
    year = str(formatting.year(phrases, day.year))
    return whole(full.removesuffix(year).strip().replace(" ", NO_BREAK))


def day_seen(phrases: Phrases, day: date, now: datetime) -> Markup:
    """`Thu 14 Jan` of this year, `Thu 14 Jan 2027` of another: in a list that goes on for years."""
    if day.year == formatting.local(now).year:
        return short_day(phrases, day)
    return whole(formatting.named_day(phrases, day, weekday=True).replace(" ", NO_BREAK))


def hour(at: time | datetime, zone: tzinfo = formatting.HERE) -> str:
    """`14:20`, on the wall clock of both villages."""
    local = at.astimezone(zone) if isinstance(at, datetime) else at
    return f"{local:%H:%M}"


def hours(window: Window) -> Markup:
    """`13:00–15:00`, never broken."""
    return whole(f"{window.earliest:%H:%M}–{window.latest:%H:%M}")


def span(phrases: Phrases, first: date, last: date | None = None) -> Markup:
    """`Thu 14 Jan – Fri 15 Jan`, or the one day."""
    if last is None or last == first:
        return short_day(phrases, first)
    return Markup("{} – {}").format(short_day(phrases, first), short_day(phrases, last))


def money(phrases: Phrases, value: Money) -> Markup:
    """`800,000 LAK`, never broken; decimals only when there are some."""
    return whole(formatting.money(phrases, value, whole=True).replace(" ", NO_BREAK))


def party(phrases: Phrases, value: Party) -> str:
    """`2 adults, 1 child`: broken between the two at most."""
    told = formatting.party(phrases, value.model_dump())
    return ", ".join(part.replace(" ", NO_BREAK) for part in told.split(", "))


def moment(phrases: Phrases, at: datetime, now: datetime) -> Markup:
    """`14:20` today, `Thu 14 Jan 14:20` on another day."""
    there, here = formatting.local(at), formatting.local(now)
    if there.date() == here.date():
        return whole(hour(there))
    return Markup("{} {}").format(short_day(phrases, there.date()), whole(hour(there)))


def left(phrases: Phrases, until: datetime, now: datetime) -> str:
    """`11 h 59 min left`, of half a day and more `21 h left`: whole hours are enough, and fit beside a state."""
    ahead = until - now
    return formatting.left(phrases, until - ahead % HOUR if ahead >= HALF_A_DAY else until, now)


def capfirst(text: str) -> str:
    """With a capital first, where the script has some; markup stays markup."""
    first = text[:1].upper()
    return Markup(first) + text[1:] if isinstance(text, Markup) else first + text[1:]


def picked(phrases: Phrases, names: Names) -> str:
    """One of the names, in the reader's language where there is one."""
    return formatting.picked(phrases, names.model_dump())


def foreign(phrases: Phrases, names: Names | None) -> str:
    """The language of a name that is not written in the reader's; nothing for one that is."""
    given = names.model_dump(exclude_none=True) if names else {}
    return "" if not given or phrases.language in given else "en" if "en" in given else next(iter(given))


def by_experience(quote: Quote) -> list[tuple[str, Money]]:
    """What each experience comes to."""
    sums: dict[str, int] = {}
    for line in quote.lines:
        sums[line.experience_id] = sums.get(line.experience_id, 0) + line.total.minor
    return [(one, Money.of_minor(minor, quote.total.currency)) for one, minor in sums.items()]


IN_ANY_LANGUAGE: Mapping[str, Callable[..., Any]] = {
    "hour": hour,
    "hours": hours,
    "reference": formatting.reference,
    "with_names": with_names,
    "place": place,
    "by_experience": by_experience,
}


def written(phrases: Phrases) -> Mapping[str, Callable[..., Any]]:
    """What templates call, bound to the reader's language."""

    def label(table: str, code: str) -> str:
        tables: Mapping[str, Table] = vars(vocabulary)
        return word(phrases, tables[table], code)

    bound: Mapping[str, Callable[..., Any]] = {
        "short_day": short_day,
        "day_seen": day_seen,
        "span": span,
        "money": money,
        "party_words": party,
        "moment": moment,
        "long_day": formatting.long_day,
        "month_name": formatting.month,
        "weekday_name": formatting.weekday_name,
        "number": formatting.number,
        "left": left,
        "language_name": formatting.language_name,
        "country_name": formatting.country_name,
        "weekday_letters": formatting.weekday_letters,
        "amount": formatting.amount,
        "picked": picked,
        "foreign": foreign,
    }
    return {**IN_ANY_LANGUAGE, "label": label} | {name: partial(function, phrases) for name, function in bound.items()}
