"""What is promised already, and whom to call: shown before anything falls below it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus

from starlette.responses import Response

from contracts.booking.v1 import BookingSummary, HoldState, PoolView, SetException, TryException
from services.portal.site.context import PageContext
from services.portal.site.directory import Known

#: A hold in the words of handoffs, which are those that people read.
STATE_OF_HOLD: dict[HoldState, str] = {
    "ON_HOLD": "held",
    "PENDING": "offered",
    "CONFIRMED": "confirmed",
    "REDEEMED": "arrived",
    "EXPIRED": "expired",
    "CANCELLED": "cancelled",
    "REJECTED": "declined",
}


@dataclass(frozen=True)
class Contact:
    """How an office is reached; `link` when a phone can do it with one tap."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Promised:
    """One party that was promised places; `partner` is None for own guests."""

    booking: BookingSummary
    first: date
    last: date
    contacts: Sequence[Contact] = ()

    @property
    def partner(self) -> str | None:
        """The community that sent them."""
        return self.booking.partner

    @property
    def link(self) -> str:
        """Where more of it is shown."""
        booking = self.booking
        return f"/handoffs/{booking.referral_id}" if booking.referral_id else f"/guests/{booking.hold_id}"

    @property
    def state(self) -> str:
        """How it stands, in the words of handoffs."""
        return STATE_OF_HOLD[self.booking.state]


@dataclass(frozen=True)
class Effect:
    """What changes would hit: parties, of `count`, and pools with less than is promised."""

    parties: Sequence[Promised] = ()
    below: Sequence[PoolView] = ()
    count: int = 0

    def unseen(self, seen: Iterable[str]) -> bool:
        """Whether it hits somebody who was not shown yet."""
        return bool({each.booking.hold_id for each in self.parties} - set(seen))


async def effect_of(page: PageContext, known: Known, changes: Sequence[SetException]) -> Effect:
    """What these would hit; nothing is changed. Raises Refused as they would."""
    tried = [TryException(**change.model_dump(exclude={"reason"})) for change in changes]
    found = await asyncio.gather(*(page.ask(each) for each in tried))
    hit = {each.hold_id: each for effect in found for each in effect.hits}
    return Effect(
        tuple(promised(known, each) for each in hit.values()),
        tuple(pool for effect in found for pool in effect.below),
        max((effect.count for effect in found), default=0),
    )


async def carried_out(
    page: PageContext, known: Known, changes: Sequence[SetException], seen: Iterable[str]
) -> Response | None:
    """Make the changes, unless they hit somebody who was not shown yet: then the page that shows them."""
    effect = await effect_of(page, known, changes)
    if effect.unseen(seen):
        carried = [(name, value) for name, value in page.data.multi_items() if name not in ("csrf", "id", "holds")]
        return page.render(
            "calendar_confirm.html", status=HTTPStatus.CONFLICT, known=known, effect=effect, changes=changes,
            carried=carried, closes=any(one.kind == "closed" for one in changes), back=page.path,
        )  # fmt: skip
    for number, change in enumerate(changes):
        await page.ask(change, part=str(number))
    return None


def promised(known: Known, booking: BookingSummary) -> Promised:
    """A party with how to reach the office of whoever sent it."""
    profile = known.profile(booking.partner) if booking.partner else None
    return Promised(
        booking,
        min(item.day for item in booking.items),
        max(item.day + timedelta(days=item.nights - 1) for item in booking.items),
        tuple(contact(text) for text in profile.contacts) if profile else (),
    )


def contact(text: str) -> Contact:
    """A contact with what a phone makes of it: a number can be called, an address written to."""
    digits = text.replace(" ", "").replace("-", "")
    if digits.removeprefix("+").isdigit() and len(digits) >= 6:
        return Contact(text, f"tel:{digits}")
    if "@" in text and " " not in text:
        return Contact(text, f"mailto:{text}")
    return Contact(text)
