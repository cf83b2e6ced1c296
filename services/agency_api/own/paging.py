"""Pages by cursor: the place behind the last that was shown, good for the same question and for no other."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Place = tuple[int | str, ...]


class BadCursor(Exception):
    """It is none of ours, or of another question."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and the place behind the last that was looked at; None when nothing comes after it."""

    items: Sequence[Any]
    after: Place | None


def question(path: str, asked: Any) -> str:
    """Stands for what is asked, whatever page of it."""
    said = json.dumps([path, asked], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def cursor(about: str, after: Place) -> str:
    """What leads to the page behind a place. Nobody is to read it."""
    return base64.urlsafe_b64encode(json.dumps([about, *after]).encode()).decode().rstrip("=")


def place(about: str, text: str, like: Place) -> Place:
    """The place that a cursor says; `like` is any place of that list. Raises BadCursor."""
    try:
        said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise BadCursor from None
    if not isinstance(said, list) or len(said) != len(like) + 1 or said[0] != about:
        raise BadCursor
    found = tuple(said[1:])
    if [type(each) for each in found] != [type(each) for each in like]:
        raise BadCursor
    return found
