"""Reads a form into a pydantic model; what does not fit is said at its field, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData, UploadFile

from contracts.mistakes import mistake
from services.client.phrases.catalogue import Phrases
from services.client.refusals import sentence

#: Fields that belong to every form, not to its model; `later` says to the phone what to call it while it is not sent.
_OF_EVERY_FORM = frozenset({"csrf", "id", "later"})


class Form(BaseModel):
    """What a form says. Text as browsers send it; spaces around it are not meant."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Filled(Generic[F]):
    """A form as it was sent: what it says, or what is wrong with it by field; and what was typed, to show it again."""

    value: F | None
    typed: Mapping[str, Any] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


def filled(model: type[F], data: FormData, phrases: Phrases) -> Filled[F]:
    """Validate what was sent. Where the model has a tuple, every value counts; an empty one is not given."""
    several = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is tuple}
    typed: dict[str, Any] = {}
    for name in data.keys() - _OF_EVERY_FORM:
        values = [value for value in data.getlist(name) if isinstance(value, UploadFile) or value.strip()]
        if values:
            typed[name] = values if name in several else values[0]
    try:
        return Filled(model.model_validate(typed), typed)
    except ValidationError as problem:
        return Filled(None, typed, wrong(problem, phrases))


def wrong(problem: ValidationError, phrases: Phrases) -> dict[str, str]:
    """The first sentence for each field."""
    return wrong_at(problem, phrases, lambda path: path.partition(".")[0])


def wrong_at(problem: ValidationError, phrases: Phrases, placed: Callable[[str], str]) -> dict[str, str]:
    """The first sentence for each field; `placed` says which, of the path within what does not fit: `names.th`."""
    said: dict[str, str] = {}
    for error in problem.errors(include_input=False, include_url=False):
        found = mistake(error)
        place = placed(".".join(str(step) for step in error["loc"] if isinstance(step, str)))
        said.setdefault(place, sentence(phrases, found.reason, found.params, found.sentence))
    return said
