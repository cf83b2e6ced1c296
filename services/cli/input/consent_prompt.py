"""Asks at prompts for what a lead traveller says of themselves: where no history and no list of processes keeps it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from contracts.json_reader import read_json
from contracts.personal.v1 import Channel, DocumentClass, PersonalField, PersonalPart
from services.cli.input import prompts
from services.cli.input.inputs import Bad
from services.cli.input.mistyped import first_mistake
from services.client.phrases.catalogue import Phrases
from services.client.phrases.spoken import _, spoken
from services.client.problems import Problem
from services.client.troubles import why

FIELDS: tuple[PersonalField, ...] = get_args(PersonalField)
CHANNELS: tuple[str, ...] = get_args(Channel.model_fields["kind"].annotation)
#: Fewer digits are no number that somebody can be called at.
FEWEST_DIGITS = 6
EXAMPLE = '{"name": "…", "channel": {"kind": …, "address": …}}'


class _Unfit(ValueError):  # a sentence that quotes nothing
    """An answer that cannot be what was asked for."""


def fields(text: str) -> tuple[str, ...]:
    """`name,channel`: any of the fields that may be consented to, each once. Raises Bad."""
    wanted = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [word for word in wanted if word not in FIELDS]
    if unknown or not wanted:
        told = {"word": unknown[0] if unknown else text, "fields": ", ".join(FIELDS)}
        raise Bad(_("{word} is not one of {fields}", **told))
    return tuple(field for field in FIELDS if field in wanted)


def agrees(language: str) -> bool:
    """Whether the lead traveller says yes, asked in their language until it is one or the other. Raises Bad."""
    theirs = Phrases.of(language)
    return _decided(theirs.say(prompts.AGREE), theirs)


def _decided(question: str, theirs: Phrases) -> bool:
    """Whether it is a yes, in any word that the question names; asked until it is one or the other. Raises Bad."""
    yes, no = prompts.yes_and_no(theirs)
    while True:
        answer = line(f"{question} ({', '.join(yes)} / {', '.join(no)})").casefold()
        if answer in yes:
            return True
        if answer in no:
            return False


def line(prompt: str, instead: str = "") -> str:
    """One line of standard input, after a prompt where somebody sees it. Raises Bad at its end, naming what to do."""
    if sys.stdin.isatty():
        print(f"{prompt}: ", end="", file=sys.stderr, flush=True)
    given = sys.stdin.readline()
    if not given:
        instead = instead or _("type it, or give --yes and --part FILE")
        raise Bad(_("{prompt}: nobody answers; {instead}", prompt=prompt, instead=instead))
    return given.strip()


def free_text(given: str | None, option: str) -> str:
    """What somebody wrote: as the option's value, or asked for. Others on the machine see options, and not this."""
    if given not in (None, "-"):
        return str(given)
    instead = _("write it on standard input, or after {option}", option=option)
    return line(option.lstrip("-").capitalize(), instead)


def dictated(wanted: tuple[str, ...], language: str) -> PersonalPart:
    """The part with these fields, each asked for in this language, then read back until it is right.

    Piped answers are neither asked for again nor read back: there is nobody to say otherwise. Raises Bad, which quotes
    nothing of them.
    """
    theirs = Phrases.of(language)
    while True:
        given = {field: _channel(theirs) if field == "channel" else _answer(field, theirs) for field in wanted}
        part = PersonalPart.model_validate_json(json.dumps(given), strict=True)
        # What is read back goes where the person looks, and into no file that standard error was sent to.
        if not (sys.stdin.isatty() and sys.stderr.isatty()) or _right(part, theirs):
            return part


def _channel(theirs: Phrases) -> dict[str, str]:
    question = _question("channel", CHANNELS, theirs)
    kind = _until(question, lambda typed: _kind(typed, theirs))
    address = _until(theirs.say(prompts.ADDRESSES[kind]), lambda typed: _address(kind, typed, theirs))
    return {"kind": kind, "address": address}


def _answer(field: str, theirs: Phrases) -> str:
    question = _question(field, get_args(DocumentClass) if field == "document_class" else (), theirs)
    return _until(question, lambda typed: _fitting(field, typed, theirs))


def _question(field: str, choices: Sequence[str], theirs: Phrases) -> str:
    question = theirs.say(prompts.QUESTIONS[field])
    return f"{question} ({', '.join(choices)})" if choices else question


def _until(prompt: str, read: Callable[[str], str]) -> str:
    """Asked until it can be what it should be. Raises Bad where it is not typed at a terminal."""
    while True:
        try:
            return read(line(prompt))
        except _Unfit as unfit:
            if not sys.stdin.isatty():
                raise Bad(f"{prompt}: {unfit}") from None
            print(f"  {unfit}", file=sys.stderr, flush=True)


def _kind(typed: str, theirs: Phrases) -> str:
    if typed.lower() not in CHANNELS:
        raise _Unfit(theirs.say(prompts.ONE_OF, choices=", ".join(CHANNELS)))
    return typed.lower()


def _address(kind: str, typed: str, theirs: Phrases) -> str:
    if kind in ("phone", "whatsapp") and sum(sign.isdecimal() for sign in typed) < FEWEST_DIGITS:
        raise _Unfit(theirs.say(prompts.DIGITS, count=FEWEST_DIGITS))
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", typed):
        raise _Unfit(theirs.say(prompts.MAIL))
    _fits("channel", {"kind": kind, "address": typed}, theirs)
    return typed


def _fitting(field: str, typed: str, theirs: Phrases) -> str:
    if field == "nationality":
        typed = typed.upper()
        if not re.fullmatch(r"[A-Z]{2}", typed):
            raise _Unfit(theirs.say(prompts.LETTERS))
    if field == "document_class":
        typed = typed.lower().replace(" ", "_")
        if typed not in get_args(DocumentClass):
            raise _Unfit(theirs.say(prompts.ONE_OF, choices=", ".join(get_args(DocumentClass))))
    _fits(field, typed, theirs)
    return typed


def _fits(field: str, value: Any, theirs: Phrases) -> None:
    """What the contract asks of it besides. Raises _Unfit."""
    try:
        PersonalPart.model_validate({field: value})
    except ValidationError as found:
        empty = not (value["address"] if field == "channel" else value)
        raise _Unfit(theirs.say(prompts.EMPTY) if empty else first_mistake(found).told(theirs)) from None


def _right(part: PersonalPart, theirs: Phrases) -> bool:
    """Whether what was typed is what they said."""
    told = [
        f"{part.channel.kind} {part.channel.address}"
        if field == "channel" and part.channel
        else theirs.say(prompts.READ_BACK[field], answer=getattr(part, field))
        for field in part.given
    ]
    return _decided(theirs.say(prompts.RIGHT, answers=", ".join(told)), theirs)


def from_file(name: str) -> PersonalPart:
    """The part as JSON from a file, or from standard input for `-`. Raises Bad, which quotes nothing of it."""
    try:
        text = sys.stdin.read().encode() if name == "-" else Path(name).read_bytes()
        given = read_json(text, may_have_mark=True)
    except OSError as error:
        raise Problem(_("--part: {file} cannot be read: {reason}", file=name, reason=why(spoken(), error))) from None
    except ValueError:
        raise Bad(_("--part: is not JSON: write it like {example}", example=EXAMPLE)) from None
    return _whole(given)


def _whole(given: Any) -> PersonalPart:
    try:
        part = PersonalPart.model_validate(given)
    except ValidationError as found:
        first = first_mistake(found)
        place = ".".join(str(step) for step in first.where) or _("the whole")
        raise Bad(f"--part: {place}: {first.told()}") from None
    if not part.given:
        listed = ", ".join(FIELDS)
        raise Bad(_("--part: holds nothing: fill one of {fields}, or note the refusal with --refuse", fields=listed))
    return part
