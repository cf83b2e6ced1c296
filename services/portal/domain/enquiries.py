"""What strangers ask a community on its public page, how long it is kept, and how often somebody may ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from contracts.values import Value, as_written

#: Erased when it is answered, and after this time whether it is or not.
KEPT = timedelta(days=30)
#: So often from one address, and so often to one community, within these times.
FROM_ADDRESS, FROM_ADDRESS_WITHIN = 5, timedelta(hours=1)
TO_COMMUNITY, TO_COMMUNITY_WITHIN = 60, timedelta(days=1)


def _in_lines(given: object) -> object:
    """What a person writes in several lines is kept as one."""
    return " ".join(given.split()) if isinstance(given, str) else given


Contact = Annotated[str, Field(min_length=1, max_length=120), BeforeValidator(_in_lines), AfterValidator(as_written)]
Question = Annotated[str, Field(min_length=1, max_length=1000), BeforeValidator(_in_lines), AfterValidator(as_written)]


class Asker(Value):
    """Who asks, how to reach them, and what they ask: personal, given by themselves for this."""

    model_config = ConfigDict(hide_input_in_errors=True)  # no error quotes it

    contact: Contact
    question: Question


@dataclass(frozen=True, kw_only=True)
class Enquiry:
    """That somebody has asked, without what: enough for a list."""

    id: str
    about: str
    language: str
    asked_at: datetime

    @property
    def erased_at(self) -> datetime:
        """When it is gone at the latest."""
        return self.asked_at + KEPT


def too_often(from_address: Sequence[datetime], to_community: Sequence[datetime], now: datetime) -> bool:
    """Whether these tries before leave no room for one more."""
    recent = sum(at > now - FROM_ADDRESS_WITHIN for at in from_address)
    of_all = sum(at > now - TO_COMMUNITY_WITHIN for at in to_community)
    return recent >= FROM_ADDRESS or of_all >= TO_COMMUNITY
