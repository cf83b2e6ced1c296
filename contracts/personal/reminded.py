"""What an export says of reminders; how they are planned and said is `contracts.crossing`'s."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.values import Day, Instant, Value


class Reminded(Value):
    """What one side is to be reminded of, and when that was said."""

    due: Day
    code: Annotated[str, Field(max_length=80)]
    what: Annotated[str, Field(max_length=80)] | None
    said_at: Instant | None
