"""What a request wants to book, read against what is sold. Raises OctoProblem naming the id or field that is wrong."""

from __future__ import annotations

import hashlib
import json
import uuid as uuids
from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import Any

from pydantic import BaseModel, ValidationError

from services.agency_api.domain.bookings import Guest, Request, Wish, held_until
from services.agency_api.domain.ids import command_id, hold_id
from services.agency_api.domain.products import Choice, is_of_our_times, party
from services.agency_api.domain.supply import Supply
from services.agency_api.octo import problems
from services.agency_api.octo.asked import AskedUnitItem, Reserve
from services.agency_api.site.asking import Asking
from services.client import formatting

#: What a request says of people: told on, and no part of what makes it the same request.
_OF_PEOPLE: Any = {"contact": True, "notes": True, "unit_items": {"__all__": {"contact"}}}


def day_said(availability: str) -> date | None:
    """The day in an availability id, before anything else of it is judged."""
    try:
        day = datetime.fromisoformat(availability).date()
    except ValueError:
        return None
    return day if is_of_our_times(day) else None


def wish_of(chosen: Choice, availability: str, guests: tuple[Guest, ...]) -> Wish:
    """One start of an option, for some guests."""
    found = chosen.start_of(availability)
    if found is None:
        raise problems.unknown_availability(availability)
    day, start = found
    return Wish(
        community=chosen.community.id,
        product=chosen.experience.id,
        option=chosen.id,
        day=day,
        start=start,
        guests=guests,
    )


def guests_of(
    chosen: Choice, items: Sequence[AskedUnitItem], booking: str, before: Sequence[Guest] = ()
) -> tuple[Guest, ...]:
    """The guests of a request; one named by its uuid alone stays what it was, one without gets always the same."""
    given = [uuid_of(item.uuid, "unitItems.uuid") for item in items if item.uuid]
    ours = (each for n in count() if (each := command_id("guest", booking, str(n))) not in given)
    known = {guest.uuid: guest for guest in before}
    named = [(item, uuid_of(item.uuid, "unitItems.uuid") if item.uuid else next(ours)) for item in items]
    guests = tuple(_guest(chosen, item, own, known.get(own)) for item, own in named)
    if not guests:
        raise problems.unprocessable("unitItems: say who comes, one item for each guest")
    if len({guest.uuid for guest in guests}) < len(guests):
        raise problems.unprocessable("unitItems: two of them have the same uuid")
    try:
        party([guest.unit for guest in guests])
    except ValidationError:
        raise problems.unprocessable("unitItems: at least one adult, and at most 200 guests") from None
    return guests


def _guest(chosen: Choice, item: AskedUnitItem, own: str, was: Guest | None) -> Guest:
    unit = item.unit_id or (was.unit if was else "")
    wanted = next((each for each in chosen.units if each == unit), None)
    if wanted is None:
        raise problems.unknown_unit(unit)
    return Guest(uuid=own, unit=wanted, reference=item.reseller_reference or (was.reference if was else None))


def uuid_of(given: str, field: str = "uuid") -> str:
    """A UUID in its usual form."""
    try:
        return str(uuids.UUID(given))
    except ValueError:
        raise problems.bad_request(f"{field}: give a UUID, such as {uuids.UUID(int=0)}") from None


def request_of(asking: Asking, asked: Reserve, chosen: Choice, supply: Supply, now: datetime) -> Request:
    """The request to be written down."""
    own = uuid_of(asked.uuid) if asked.uuid else _own_uuid(asking)
    wish = wish_of(chosen, asked.availability_id, guests_of(chosen, asked.unit_items, own))
    hold = hold_id(asking.agency, own, 0)
    return Request(
        agency=asking.agency,
        uuid=own,
        digest=digest_of(asked, test=asking.is_test),
        hold_id=hold,
        wish=wish,
        expires_at=held_until(now, asked.expiration_minutes),
        test=asking.is_test,
        percent=supply.percent,
        reseller_reference=asked.reseller_reference,
        supplier_reference=formatting.reference(hold),
        asked_at=now,
    )


def _own_uuid(asking: Asking) -> str:
    """For a booking that the agency gave none: the same for the same Idempotency-Key, however often it is tried."""
    key = asking.repeat_key
    return str(uuids.uuid4()) if key is None else command_id("booking", asking.agency, key)


def digest_of(asked: BaseModel, *, test: bool) -> bytes:
    """Stands for what is asked, without what it says of people: that changes nothing of what is booked."""
    said = asked.model_dump(mode="json", exclude=_OF_PEOPLE) | {"test": test}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()
