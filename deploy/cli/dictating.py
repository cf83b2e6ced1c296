"""Asks at prompts for what a lead traveller says of themselves: where no history and no list of processes keeps it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

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
#: The question after the text, and the words that mean yes and no; y and n are understood in every language.
QUESTIONS: Mapping[str, tuple[str, str, str]] = {
    "th": ("คุณยินยอมหรือไม่", "ใช่", "ไม่"),
    "lo": ("ທ່ານຍິນຍອມບໍ່", "ແມ່ນ", "ບໍ່"),
    "en": ("Do you agree?", "yes", "no"),
}


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


def line(prompt: str) -> str:
    """One line of standard input, after a prompt where somebody sees it. Raises Bad at its end."""
    if sys.stdin.isatty():
        print(f"{prompt}: ", end="", file=sys.stderr, flush=True)
    given = sys.stdin.readline()
    if not given:
        raise Bad(f"{prompt}: nobody answers; type it, or give --yes and --part FILE")
    return given.strip()


def dictated(wanted: tuple[str, ...]) -> PersonalPart:
    """The part with these fields, each asked for. Raises Bad for what cannot be, without quoting it."""
    given: dict[str, Any] = {}
    for field in wanted:
        if field == "channel":
            kind = line(f"How to reach them ({', '.join(CHANNELS)})").lower()
            given[field] = {"kind": kind, "address": line("Number or address there")}
        else:
            given[field] = line(PROMPTS[field])
    return _whole(given, "")


def from_file(name: str) -> PersonalPart:
    """The part as JSON from a file, or from standard input for `-`. Raises Bad, which quotes nothing of it."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        given = json.loads(text)
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
        raise Bad(f"{before}{place}: {first['msg'].removeprefix('Value error, ')}") from None
    if not part.given:
        raise Bad(f"{before}holds nothing: fill one of {', '.join(FIELDS)}, or note the refusal with --refuse")
    return part
