"""Asks at prompts for what a lead traveller says of themselves: where no history and no list of processes keeps it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from contracts.json_reader import read_json
from contracts.mistakes import sentence
from contracts.personal.v1 import Channel, DocumentClass, PersonalField, PersonalPart
from services.cli.input.inputs import Bad
from services.cli.input.prompts import NO, SPOKEN, YES, Prompts
from services.client.problems import Problem

FIELDS: tuple[PersonalField, ...] = get_args(PersonalField)
CHANNELS: tuple[str, ...] = get_args(Channel.model_fields["kind"].annotation)
#: Fewer digits are no number that somebody can be called at.
FEWEST_DIGITS = 6


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
    return _decided(SPOKEN[language].agree, language)


def _decided(question: str, language: str) -> bool:
    """Whether it is a yes, in any word that the question names; asked until it is one or the other. Raises Bad."""
    yes, no = ((word, *words) for word, words in ((SPOKEN[language].yes, YES), (SPOKEN[language].no, NO)))
    choice = " / ".join(", ".join(dict.fromkeys(words)) for words in (yes, no))
    while True:
        answer = line(f"{question} ({choice})").casefold()
        if answer in yes:
            return True
        if answer in no:
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


def dictated(wanted: tuple[str, ...], language: str) -> PersonalPart:
    """The part with these fields, each asked for in this language, then read back until it is right.

    Piped answers are neither asked for again nor read back: there is nobody to say otherwise. Raises Bad, which quotes
    nothing of them.
    """
    spoken = SPOKEN[language]
    while True:
        given = {field: _channel(spoken) if field == "channel" else _answer(field, spoken) for field in wanted}
        part = PersonalPart.model_validate_json(json.dumps(given), strict=True)
        # What is read back goes where the person looks, and into no file that standard error was sent to.
        if not (sys.stdin.isatty() and sys.stderr.isatty()) or _right(part, language):
            return part


def _channel(spoken: Prompts) -> dict[str, str]:
    kind = _until(f"{spoken.channel} ({', '.join(CHANNELS)})", lambda typed: _kind(typed, spoken))
    return {"kind": kind, "address": _until(spoken.addresses[kind], lambda typed: _address(kind, typed, spoken))}


def _answer(field: str, spoken: Prompts) -> str:
    listed = f" ({', '.join(get_args(DocumentClass))})" if field == "document_class" else ""
    return _until(spoken.fields[field] + listed, lambda typed: _fitting(field, typed, spoken))


def _until(prompt: str, read: Callable[[str], str]) -> str:
    """Asked until it can be what it should be. Raises Bad where it is not typed at a terminal."""
    while True:
        try:
            return read(line(prompt))
        except _Unfit as unfit:
            if not sys.stdin.isatty():
                raise Bad(f"{prompt}: {unfit}") from None
            print(f"  {unfit}", file=sys.stderr, flush=True)


def _kind(typed: str, spoken: Prompts) -> str:
    if typed.lower() not in CHANNELS:
        raise _Unfit(f"{spoken.one_of} {', '.join(CHANNELS)}")
    return typed.lower()


def _address(kind: str, typed: str, spoken: Prompts) -> str:
    if kind in ("phone", "whatsapp") and sum(sign.isdecimal() for sign in typed) < FEWEST_DIGITS:
        raise _Unfit(spoken.digits.format(FEWEST_DIGITS))
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", typed):
        raise _Unfit(spoken.mail)
    _fits("channel", {"kind": kind, "address": typed}, spoken)
    return typed


def _fitting(field: str, typed: str, spoken: Prompts) -> str:
    if field == "nationality":
        typed = typed.upper()
        if not re.fullmatch(r"[A-Z]{2}", typed):
            raise _Unfit(spoken.letters)
    if field == "document_class":
        typed = typed.lower().replace(" ", "_")
        if typed not in get_args(DocumentClass):
            raise _Unfit(f"{spoken.one_of} {', '.join(get_args(DocumentClass))}")
    _fits(field, typed, spoken)
    return typed


def _fits(field: str, value: Any, spoken: Prompts) -> None:
    """What the contract asks of it besides. Raises _Unfit."""
    try:
        PersonalPart.model_validate({field: value})
    except ValidationError as found:
        empty = not (value["address"] if field == "channel" else value)
        first = found.errors(include_input=False, include_url=False)[0]
        raise _Unfit(spoken.empty if empty else spoken.unfit or sentence(first)) from None


def _right(part: PersonalPart, language: str) -> bool:
    """Whether what was typed is what they said."""
    told = [
        f"{part.channel.kind} {part.channel.address}"
        if field == "channel" and part.channel
        else f"{SPOKEN[language].names[field]} {getattr(part, field)}"
        for field in part.given
    ]
    return _decided(f"{', '.join(told)}: {SPOKEN[language].right}", language)


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
