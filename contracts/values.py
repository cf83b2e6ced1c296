"""Values that every message is made of: frozen, exact, aware of their zone.

Senders may send no unknown field (`extra="forbid"`); readers ignore them (`Value.read`), so that a newer
sender never breaks an older reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from contracts.free_text import named_plainly, names_somebody, plain_text
from contracts.sentences import Unfit

#: ISO 4217 minor digits. Cash may be coarser (no att in use for LAK); books are not.
EXPONENTS: Mapping[str, int] = {"THB": 2, "LAK": 2, "USD": 2}
MAX_PARTY = 200
MAX_ITEMS = 12
FIRST_YEAR, LAST_YEAR = 2000, 2199


#: The context of what another side sent or this one kept: an older version may have let more pass.
RECEIVED: Mapping[str, bool] = {"received": True}


class Value(BaseModel):
    """A frozen value; `read` accepts fields this version does not know, construction does not."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, ser_json_inf_nan="strings")

    @classmethod
    def read(cls, received: Any) -> Self:
        """Validate what another side sent; unknown fields are ignored. Raises pydantic.ValidationError."""
        return cls.model_validate(received, extra="ignore", context=RECEIVED)

    def wire(self) -> dict[str, Any]:
        """The JSON-ready form."""
        return self.model_dump(mode="json")


def _as_utc(moment: datetime) -> datetime:
    _in_our_times(moment)
    return moment.astimezone(UTC)


def _in_our_times(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        if 2400 < day.year < 2800:
            raise Unfit("a_buddhist_year", first=FIRST_YEAR, last=LAST_YEAR, year=day.year, meant=day.year - 543)
        raise Unfit("not_in_our_times", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def as_written(text: str, info: ValidationInfo) -> str:
    """Free text, as `contracts/free_text.py` has it."""
    return plain_text(text, received=bool(info.context and info.context.get("received")))


def _of_nobody(text: str, info: ValidationInfo) -> str:
    received = bool(info.context and info.context.get("received"))
    if names_somebody(text) and not (received and not named_plainly(text)):
        raise Unfit("leads_to_a_person")
    return text


def _minute(value: time) -> time:
    if value.second or value.microsecond or value.tzinfo is not None:
        raise Unfit("must_be_local_time")
    return value


def closing_text(at: time) -> str:
    """An end as it is written: midnight is 24:00."""
    return "24:00" if at == time() else f"{at:%H:%M}"


def _closing(value: Any) -> Any:
    """Read it here: behind this, a strict reader takes a time and no text."""
    if value in ("00:00", "00:00:00"):
        raise Unfit("midnight_ends_a_day")
    found = re.fullmatch(r"([01]\d|2[0-3]|24(?=:00)):([0-5]\d)", value) if isinstance(value, str) else None
    return time(int(found[1]) % 24, int(found[2])) if found else value


#: A local date. Nobody travels in other times, and arithmetic at the edges of time overflows.
Day = Annotated[date, AfterValidator(_in_our_times)]
Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
#: Local wall-clock time of a start, in the zone of the receiving community; HH:MM on the wire.
StartTime = Annotated[
    time,
    AfterValidator(_minute),
    PlainSerializer(lambda t: t.strftime("%H:%M"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}),
]
#: Local wall-clock time of an end: midnight is written `24:00`, and is time(0) once read.
ClosingTime = Annotated[
    time,
    BeforeValidator(_closing),
    AfterValidator(_minute),
    PlainSerializer(closing_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}),
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
CommunityId = Slug
CrossingId = Slug
ExperienceId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$", max_length=129)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", max_length=36)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
#: COSE_Sign1 in Base45, as a QR code of version 12 or less takes it at level Q.
PassToken = Annotated[str, Field(pattern=r"^[0-9A-Z $%*+./:-]+$", max_length=296)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Currency = Literal["THB", "LAK", "USD"]
#: One name in any script, as its owner writes it; no first and last, no alphabet required.
DisplayName = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(as_written)]
#: A remark of a community's operator. Nobody's name belongs here; what can be told to be somebody's is refused.
Note = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(as_written), AfterValidator(_of_nobody)]
Zone = Literal["Asia/Bangkok", "Asia/Vientiane"]
#: Both countries keep UTC+7 the year round; a table needs no time-zone files on a small machine.
ZONES: Mapping[str, tzinfo] = {
    "Asia/Bangkok": timezone(timedelta(hours=7), "Asia/Bangkok"),
    "Asia/Vientiane": timezone(timedelta(hours=7), "Asia/Vientiane"),
}


class Money(Value):
    """An exact amount: decimal text with exactly the digits of its currency (`"800000.00"`, `"LAK"`)."""

    amount: Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$")]
    currency: Currency

    @model_validator(mode="after")
    def _exact(self) -> Self:
        digits = len(self.amount.partition(".")[2])
        if digits != EXPONENTS[self.currency]:
            raise Unfit("decimals_of_currency", currency=self.currency, decimals=EXPONENTS[self.currency])
        return self

    @property
    def minor(self) -> int:
        """Integer minor units (satang, att), as tables keep it."""
        return int(Decimal(self.amount).scaleb(EXPONENTS[self.currency]))

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> Self:
        """The amount for `minor` integer minor units of `currency`."""
        digits = EXPONENTS[currency]
        return cls.model_validate({"amount": f"{Decimal(minor).scaleb(-digits):.{digits}f}", "currency": currency})


class Party(Value):
    """Those who travel together, by band: adult 12+, child 4-11, infant 0-3 (free, but takes a place)."""

    adult: Annotated[int, Field(ge=0, le=MAX_PARTY)]
    child: Annotated[int, Field(ge=0, le=MAX_PARTY)] = 0
    infant: Annotated[int, Field(ge=0, le=MAX_PARTY)] = 0

    @model_validator(mode="after")
    def _led_by_an_adult(self) -> Self:
        if self.adult < 1:
            raise Unfit("no_adult")
        if self.heads > MAX_PARTY:
            raise Unfit("party_too_many", most=MAX_PARTY)
        return self

    @property
    def heads(self) -> int:
        """How many people: every band takes a place."""
        return self.adult + self.child + self.infant


class Item(Value):
    """One wished experience on one local date of the receiving community; `nights` for a homestay."""

    experience_id: ExperienceId
    day: Day
    start: StartTime | None = None
    nights: Annotated[int, Field(ge=1, le=30)] = 1


Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=MAX_ITEMS)]


class Window(Value):
    """When the party is expected, local to the receiving community; a `latest` before `earliest` is on the next day."""

    day: Day
    earliest: StartTime
    latest: StartTime

    @property
    def last_day(self) -> date:
        """The day on which it ends."""
        return self.day + timedelta(days=1) if self.latest < self.earliest else self.day

    def is_later_than(self, other: Window) -> bool:
        """Whether it begins later, or begins with the other and ends later."""
        ours, theirs = ((w.day, w.earliest, w.last_day, w.latest) for w in (self, other))
        return ours > theirs


class QuoteLine(Value):
    """`quantity` units of one band at `unit_price`; nights are already in `quantity`."""

    experience_id: ExperienceId
    unit: Literal["adult", "child", "infant", "item"]
    quantity: Annotated[int, Field(ge=0, le=MAX_PARTY * 30)]
    unit_price: Money
    total: Money


class Quote(Value):
    """A binding price in the receiving community's currency: lines and their exact sum."""

    lines: Annotated[tuple[QuoteLine, ...], Field(max_length=64)]
    total: Money

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for line in self.lines:
            if line.total.currency != self.total.currency or line.unit_price.currency != self.total.currency:
                raise Unfit("several_currencies")
            if line.unit_price.minor * line.quantity != line.total.minor:
                raise Unfit("line_does_not_add_up", experience_id=line.experience_id, unit=line.unit)
        if sum(line.total.minor for line in self.lines) != self.total.minor:
            raise Unfit("lines_do_not_add_up")
        return self


class Alternative(Value):
    """Another day (and start) on which the receiving community could take the party."""

    experience_id: ExperienceId
    day: Day
    start: StartTime | None = None


Alternatives = Annotated[tuple[Alternative, ...], Field(max_length=20)]


class Names(Value):
    """A name in Thai, Lao and English; at least one."""

    th: DisplayName | None = None
    lo: DisplayName | None = None
    en: DisplayName | None = None

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if not (self.th or self.lo or self.en):
            raise Unfit("no_name")
        return self

    @property
    def any(self) -> str:
        """The name an operator of the system reads first: English, else Thai, else Lao."""
        return self.en or self.th or self.lo or ""


#: Tone marks, silencers and vowel shorteners of Thai and Lao: people leave them out, or type them in another order.
_UNSPOKEN = frozenset("\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4e\u0ec8\u0ec9\u0eca\u0ecb\u0ecc\u0ece")
#: Spellings of the same name, after compatibility decomposition: typed vowel pairs, Lao R and L, HO SUNG with LO.
_SPELLINGS = (
    ("\u0e40\u0e40", "\u0e41"),
    ("\u0ec0\u0ec0", "\u0ec1"),
    ("\u0ea3", "\u0ea5"),
    ("\u0eab\u0ebc", "\u0eab\u0ea5"),
)


def search_key(text: str) -> str:
    """What a name is found by in any script: letters, vowels and digits, without case, tones, accents and spaces.

    A vowel written above or below its consonant is a combining mark, yet it is a letter: it stays.
    """
    plain = unicodedata.normalize("NFKD", text)  # first, so that ornamental capitals become letters that have a case
    folded = unicodedata.normalize("NFKD", plain.casefold())
    kept = "".join(_searched(sign) for sign in folded)
    for variant, spelling in _SPELLINGS:
        kept = kept.replace(variant, spelling)
    return kept


def _searched(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    vowel = "\u0e00" <= sign <= "\u0eff" and unicodedata.category(sign) == "Mn" and sign not in _UNSPOKEN
    return sign if vowel or sign.isalnum() else ""


def days(first: date, count: int) -> tuple[date, ...]:
    """`count` dates from `first` on."""
    return tuple(first + timedelta(days=n) for n in range(count))
