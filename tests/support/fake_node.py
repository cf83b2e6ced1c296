"""A node that answers from a dictionary: what a verb asks is looked at, and what it is answered is put in."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.messages import Asked
from contracts.values import Value
from services.client.local_api import LocalApi

R = TypeVar("R", bound=Value)


class FakeNode(LocalApi):
    """Its `ask` stands for the services: it gets a type without `.v1`, and the fields that were given."""

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """What the services answer: each test says it."""
        raise NotImplementedError

    def send(self, asked: Asked[R], **options: Any) -> R:
        """As a node's local API, by way of `ask`."""
        given = asked.model_dump(mode="json", exclude_unset=True)
        answer = self.ask(asked.type.removesuffix(".v1"), given, **options)
        try:
            return type(asked).answer().read(answer)
        except ValidationError as found:
            raise AssertionError(f"no node answers {asked.type} like this: {found}") from None
