"""Builds what a person typed into what a node is asked."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.mistakes import mistake
from contracts.refusals import No, refusal
from contracts.values import Value
from services.client.answers import Refused

V = TypeVar("V", bound=Value)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def wanted(contract: type[V], **given: Any) -> V:
    """The contract of what was typed; what is None was not typed. Raises Refused as the node would, by its field."""
    try:
        return contract.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or _NAME.fullmatch(part))
        wrong = mistake(first)
        quote = f"{field}: {wrong.sentence}" if field else wrong.sentence
        raise Refused(refusal(No.INVALID, wrong.reason, field or None, quote=quote, **wrong.params)) from None
