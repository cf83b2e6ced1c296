"""Asks at prompts for what a lead traveller says of themselves: where no history and no list of processes keeps it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from contracts.json_reader import read_json
from contracts.mistakes import sentence
from contracts.personal.v1 import Channel, DocumentClass, PersonalField, PersonalPart
from deploy.cli.inputs import Bad
from deploy.local.problems import Problem

FIELDS: tuple[PersonalField, ...] = get_args(PersonalField)
CHANNELS: tuple[str, ...] = get_args(Channel.model_fields["kind"].annotation)
PROMPTS: Mapping[str, str] = {
    "name": "What they want to be called",
    "nationality": "Nationality, two letters such as DE",
    "document_class": f"Kind of document ({', '.join(get_args(DocumentClass))})",
    "food": "What they say about food, in their words",
    "mobility": "What they say about moving around, in their words",
}
#: What is asked for after the kind of channel.
ADDRESSES: Mapping[str, str] = {
    "phone": "Their number, with the country's code if they have it",
    "whatsapp": "Their number there, with the country's code",
    "line": "Their name there",
    "email": "Their address there",
}
#: Fewer digits are no number that somebody can be called at.
FEWEST_DIGITS = 6
#: The question after the text, and the words that mean yes and no; y and n are understood in every language.
QUESTIONS: Mapping[str, tuple[str, str, str]] = {
    "th": ("คุณยินยอมหรือไม่", "ใช่", "ไม่"),
    "lo": ("ທ່ານຍິນຍອມບໍ່", "ແມ່ນ", "ບໍ່"),
    "en": ("Do you agree?", "yes", "no"),
}
YES = {"y", *(yes for _, yes, _ in QUESTIONS.values())}
NO = {"n", *(no for _, _, no in QUESTIONS.values())}


class _Unfit(ValueError):  # a sentence that quotes nothing
    """An answer that cannot be what was asked for."""


def fields(text: str) -> tuple[str, ...]:
    """`name,channel`: any of the fields that may be consented to, each once. Raises Bad."""
    wanted = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [word for word in wanted if word not in FIELDS]
    if unknown or not wanted:
        raise Bad(f"{unknown[0] if unknown else text} is not one of {', '.join(FIELDS)}")
    return tuple(field for field in FIELDS if field in wanted)


def agrees(language: str) -> bool:
    """Whether the lead traveller says yes, asked in their language until it is one or the other. Raises Bad."""
    question, yes, no = QUESTIONS[language]
    while True:
        answer = line(f"{question} ({yes}/{no})").casefold()
        if answer in (yes, "yes", "y"):
            return True
        if answer in (no, "no", "n"):
            return False


def line(prompt: str, instead: str = "type it, or give --yes and --part FILE") -> str:
    """One line of standard input, after a prompt where somebody sees it. Raises Bad at its end, naming what to do."""
    if sys.stdin.isatty():
        print(f"{prompt}: ", end="", file=sys.stderr, flush=True)
    given = sys.stdin.readline()
    if not given:
        raise Bad(f"{prompt}: nobody answers; {instead}")
    return given.strip()


def free_text(given: str | None, option: str) -> str:
    """What somebody wrote: as the option's value, or asked for. Others on the machine see options, and not this."""
    if given not in (None, "-"):
        return str(given)
    return line(option.lstrip("-").capitalize(), f"write it on standard input, or after {option}")


def dictated(wanted: tuple[str, ...]) -> PersonalPart:
    """The part with these fields, each asked for, then read back until it is right.

    Piped answers are neither asked for again nor read back: there is nobody to say otherwise. Raises Bad, which quotes
    nothing of them.
    """
    while True:
        given = {field: _channel() if field == "channel" else _answer(field) for field in wanted}
        part = PersonalPart.model_validate_json(json.dumps(given), strict=True)
        # What is read back goes where the person looks, and into no file that standard error was sent to.
        if not (sys.stdin.isatty() and sys.stderr.isatty()) or _right(part):
            return part


def _channel() -> dict[str, str]:
    kind = _until(f"How to reach them ({', '.join(CHANNELS)})", _kind)
    return {"kind": kind, "address": _until(ADDRESSES[kind], lambda typed: _address(kind, typed))}


def _answer(field: str) -> str:
    return _until(PROMPTS[field], lambda typed: _fitting(field, typed))


def _until(prompt: str, read: Callable[[str], str]) -> str:
    """Asked until it can be what it should be. Raises Bad where it is not typed at a terminal."""
    while True:
        try:
            return read(line(prompt))
        except _Unfit as unfit:
            if not sys.stdin.isatty():
                raise Bad(f"{prompt}: {unfit}") from None
            print(f"  {unfit}", file=sys.stderr, flush=True)


def _kind(typed: str) -> str:
    if typed.lower() not in CHANNELS:
        raise _Unfit(f"one of {', '.join(CHANNELS)}")
    return typed.lower()


def _address(kind: str, typed: str) -> str:
    if kind in ("phone", "whatsapp") and sum(sign.isdecimal() for sign in typed) < FEWEST_DIGITS:
        raise _Unfit(f"a number has at least {FEWEST_DIGITS} digits")
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", typed):
        raise _Unfit("an address for mail has an @ between two words")
    _fits("channel", {"kind": kind, "address": typed})
    return typed


def _fitting(field: str, typed: str) -> str:
    if field == "nationality":
        typed = typed.upper()
        if not re.fullmatch(r"[A-Z]{2}", typed):
            raise _Unfit("two letters, such as TH, LA or DE")
    if field == "document_class":
        typed = typed.lower().replace(" ", "_")
        if typed not in get_args(DocumentClass):
            raise _Unfit(f"one of {', '.join(get_args(DocumentClass))}")
    _fits(field, typed)
    return typed


def _fits(field: str, value: Any) -> None:
    """What the contract asks of it besides. Raises _Unfit."""
    try:
        PersonalPart.model_validate({field: value})
    except ValidationError as found:
        sentence = found.errors(include_input=False, include_url=False)[0]["msg"].removeprefix("Value error, ")
        empty = not (value["address"] if field == "channel" else value)
        raise _Unfit("say something; Ctrl-C ends it, and --fields asks for less" if empty else sentence) from None


def _right(part: PersonalPart) -> bool:
    """Whether what was typed is what they said."""
    said = {"name": "called {}", "nationality": "nationality {}", "document_class": "document {}"}
    told = [
        f"{part.channel.kind} {part.channel.address}"
        if field == "channel" and part.channel
        else said.get(field, f"{field}: {{}}").format(getattr(part, field))
        for field in part.given
    ]
    while True:
        answer = line(f"{', '.join(told)}: right? (yes/no)").casefold()
        if answer in YES:
            return True
        if answer in NO:
            return False


def from_file(name: str) -> PersonalPart:
    """The part as JSON from a file, or from standard input for `-`. Raises Bad, which quotes nothing of it."""
    try:
        text = sys.stdin.read().encode() if name == "-" else Path(name).read_bytes()
        given = read_json(text, may_have_mark=True)
    except OSError as error:
        raise Problem(f"--part: {name} cannot be read: {error.strerror}") from None
    except ValueError:
        raise Bad('--part: is not JSON: write it like {"name": "…", "channel": {"kind": …, "address": …}}') from None
    return _whole(given, "--part: ")


def _whole(given: Any, before: str) -> PersonalPart:
    try:
        part = PersonalPart.model_validate(given)
    except ValidationError as found:
        first = found.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise Bad(f"{before}{place}: {sentence(first)}") from None
    if not part.given:
        raise Bad(f"{before}holds nothing: fill one of {', '.join(FIELDS)}, or note the refusal with --refuse")
    return part
