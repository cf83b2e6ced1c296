"""Reads what a person types: digits of three scripts, dates, items, parties, money. An error names what is wrong."""

import argparse
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.values import EXPONENTS, FIRST_YEAR, LAST_YEAR, MAX_PARTY, Item, Money, Party, Value
from services.cli.input.mistyped import first_mistake
from services.client.formatting import BUDDHIST_AHEAD, HERE, is_language, listed
from services.client.phrases.spoken import _, spoken

#: Years above this one are of the Buddhist era.
BUDDHIST_FROM = 2400
#: Nights of one item, as the contract has it.
LONGEST_STAY = 30
#: Signs of a community's id, as the contract has it.
LONGEST_ID = 64
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_ITEM = re.compile(r"(?P<id>[^@\s]+)@(?P<day>[^Tx×]+)(?:T(?P<start>[^x×]+))?(?:[x×](?P<nights>\d+))?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Bad = argparse.ArgumentTypeError
V = TypeVar("V", bound=Value)


def built(contract: type[V], **given: Any) -> V:
    """The contract of what was typed; what is None was not typed. Raises ValidationError: a verb ends as refused."""
    return contract.model_validate({name: value for name, value in given.items() if value is not None})


def digits(text: str) -> str:
    """The text with Thai, Lao and other decimal digits as 0-9."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.strip())


def day(text: str) -> date:
    """A date, year first. Raises Bad, with the year that is meant when it is a Buddhist one."""
    found = _DAY.fullmatch(digits(text))
    if found is None:
        raise Bad(_("{text} is not a date: write year-month-day, such as 2027-01-14", text=text))
    year, month, number = map(int, found.groups())
    if year > BUDDHIST_FROM:
        raise Bad(_buddhist(year, f"{month:02}-{number:02}"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Bad(
            _("{text} must lie between the years {first} and {last}", text=text, first=FIRST_YEAR, last=LAST_YEAR)
        )
    try:
        return date(year, month, number)
    except ValueError:
        raise Bad(_("there is no day {text}", text=text)) from None


def month(text: str) -> str:
    """A month, year first. Raises Bad, with the year that is meant when it is a Buddhist one."""
    found = _MONTH.fullmatch(digits(text))
    if found is None:
        raise Bad(_("{text} is not a month: write year-month, such as 2027-01", text=text))
    return f"{day(f'{found[1]}-{found[2]}-01'):%Y-%m}"


def _buddhist(year: int, rest: str) -> str:
    meant = year - BUDDHIST_AHEAD
    return _(
        "{year} looks like a Buddhist year, in Gregorian it is {meant}: {day}",
        year=year, meant=meant, day=f"{meant}-{rest}",
    )  # fmt: skip


def clock_time(text: str) -> time:
    """A time of day, local; `6:00` and `06.00` are understood. Raises Bad."""
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", digits(text))
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return time(int(found[1]), int(found[2]))
    raise Bad(_("{text} is not a time of day: write hours and minutes, such as 06:00", text=text))


def moment(text: str) -> datetime:
    """A date with a time; without a zone it is the local one, +07:00. Raises Bad."""
    on, _space, at = digits(text).replace(" ", "T").partition("T")
    written = day(on)
    try:
        found = datetime.fromisoformat(f"{written.isoformat()}T{at or '00:00'}")
    except ValueError:
        raise Bad(_("{text} is not a moment: write it like 2027-01-13T18:00", text=text)) from None
    return (found if found.tzinfo else found.replace(tzinfo=HERE)).astimezone(UTC)


def duration(text: str) -> timedelta:
    """A length of time such as 90m, 3h, 2d or 1d12h. Raises Bad."""
    parts = re.findall(r"(\d+)\s*(min|[smhd])", digits(text).lower())
    if not parts or re.sub(r"(\d+)\s*(min|[smhd])|\s", "", digits(text).lower()):
        raise Bad(_("{text} is not a length of time: write 90m, 3h, 2d or 1d12h", text=text))
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in parts))


def item(text: str) -> Item:
    """`bo-taen.homestay@2027-01-14x2`, or with a start: `…@2027-01-15T06:00`. Raises Bad."""
    name, _at, rest = text.strip().partition("@")
    found = _ITEM.fullmatch(f"{name}@{digits(rest)}")
    if found is None or "." not in name:
        raise Bad(
            _("{text} is not an item: write community.experience@date, such as bo-taen.homestay@2027-01-14", text=text)
        )
    nights = int(found["nights"] or 1)
    if not 1 <= nights <= LONGEST_STAY:
        raise Bad(
            _(
                "{text} is a stay of {nights} nights: one item has 1 to {most}",
                text=text, nights=nights, most=LONGEST_STAY,
            )
        )  # fmt: skip
    on, start = day(found["day"]), clock_time(found["start"]) if found["start"] else None
    try:
        return Item(experience_id=found["id"], day=on, start=start, nights=nights)
    except ValidationError as mistaken:
        raise Bad(first_mistake(mistaken).told()) from None


def code(text: str) -> str:
    """Short words joined by underscores. Raises Bad, which does not quote: it may be about somebody."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text.strip()):
        raise Bad(_("write short words joined by underscores, at most 40 signs a-z, such as no_passport"))
    return text.strip()


def money(text: str) -> Money:
    """`800000.00:LAK`; commas between thousands are understood, missing decimals are zero. Raises Bad."""
    amount, _colon, currency = digits(text).partition(":")
    currency = currency.strip().upper()
    if currency not in EXPONENTS:
        known = listed(spoken(), [f"amount:{each}" for each in EXPONENTS], "or")
        raise Bad(_("{text} lacks a currency: write {known}, such as 800000.00:LAK", text=text, known=known))
    most = EXPONENTS[currency]
    if not re.fullmatch(rf"(\d{{1,15}}|\d{{1,3}}(,\d{{3}}){{1,4}})(\.\d{{1,{most}}})?", amount):
        example = f"800000.00:{currency}"
        raise Bad(
            _(
                "{text} is not an amount: at most {most} decimals, such as {example}",
                text=text,
                most=most,
                example=example,
            )
        )
    return Money.model_validate({"amount": f"{Decimal(amount.replace(',', '')):.{most}f}", "currency": currency})


def number(text: str) -> int:
    """A whole number from 0 on, in any digits. Raises Bad."""
    if not digits(text).isdecimal():
        raise Bad(_("{text} is not a whole number", text=text))
    return int(digits(text))


def community(text: str) -> str:
    """A community's id. Raises Bad for a name in words: a name is found with `find`."""
    if not _SLUG.fullmatch(text.strip()) or len(text.strip()) > LONGEST_ID:
        raise Bad(_("{text} is not a community's id such as tha-li: ./handoff find shows the ids of names", text=text))
    return text.strip()


def language(text: str) -> str:
    """A language by its code. Raises Bad."""
    if not re.fullmatch(r"[a-z]{2,3}", text) or not is_language(text):
        raise Bad(_("{text} is not a language's code of two or three letters, such as th, lo or en", text=text))
    return text


def reference(text: str) -> str:
    """A handoff's id, its end (at least 4 characters), or `latest`. Raises Bad."""
    written = text.strip().lstrip("…").strip(".").lower()
    if written != "latest" and not re.fullmatch(r"[0-9a-f-]{4,36}", written):
        raise Bad(
            _("{text} is not a handoff: give its id, the last 4 or more characters of it, or `latest`", text=text)
        )
    return written


def message(text: str) -> str:
    """A message's id, the beginning or end of it (at least 4 characters), or `latest`. Raises Bad."""
    written = text.strip().lstrip("…").strip(".").lower()
    if written != "latest" and not re.fullmatch(r"[0-9a-f-]{4,36}", written):
        raise Bad(
            _(
                "{text} is not a message: give its id, at least 4 characters of its beginning or end, or `latest`",
                text=text,
            )
        )
    return written


def party(args: argparse.Namespace) -> Party | None:
    """The party from --adults, --children and --infants; None when none is given. Raises Bad."""
    bands = {"adult": args.adults, "child": args.children, "infant": args.infants}
    if all(count is None for count in bands.values()):
        return None
    if not args.adults:
        raise Bad(_("--adults: a party needs at least one adult"))
    counted = {band: count or 0 for band, count in bands.items()}
    if sum(counted.values()) > MAX_PARTY:
        raise Bad(_("--adults: a party has at most {most} people", most=MAX_PARTY))
    return Party(**counted)


def add_reference(parser: argparse.ArgumentParser) -> None:
    """Which handoff it is about."""
    parser.add_argument("ref", type=reference, metavar="REF", help=_("its id, the end of it, or `latest`"))


def add_party(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Options for a party by band."""
    parser.add_argument("--adults", type=number, required=required, metavar="N", help=_("12 years and older"))
    parser.add_argument("--children", type=number, metavar="N", help=_("4 to 11 years"))
    parser.add_argument("--infants", type=number, metavar="N", help=_("younger than 4: free, but they take places"))


def add_items(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """The option for wished experiences, one or more."""
    parser.add_argument(
        "--item", dest="items", action="append", type=item, required=required, metavar="ID@DATE[THH:MM][xNIGHTS]",
        help=_("what they want and when, with the start where there are several; again for each"),
    )  # fmt: skip


def add_text(parser: argparse.ArgumentParser, option: str, words: str) -> None:
    """Free text: others on the machine can see what stands behind an option, so that it may be left out."""
    seen = _("{words} (-, or left out: asked for, or read from standard input, where no other account can see it)",
             words=words)  # fmt: skip
    parser.add_argument(option, metavar="TEXT", help=seen)
