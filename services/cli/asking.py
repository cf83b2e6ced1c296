"""Builds what a person typed into what a node is asked."""

from __future__ import annotations

from typing import Any, TypeVar

from contracts.values import Value

V = TypeVar("V", bound=Value)


def wanted(contract: type[V], **given: Any) -> V:
    """The contract of what was typed; what is None was not typed. Raises ValidationError: a verb ends as refused."""
    return contract.model_validate({name: value for name, value in given.items() if value is not None})
