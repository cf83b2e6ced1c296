"""Whom the community may reach about a booking: read here, sealed at once, kept in one room, and never here."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from contracts.contacts.v1 import Contact
from services.agency_api.domain.bookings import Wish
from services.agency_api.domain.products import Choice
from services.agency_api.octo import problems
from services.agency_api.octo.asked import AskedContact

#: So much of notes is kept.
MOST_NOTES = 1_000


def contact_of(asked: AskedContact | None, notes: str | None = None) -> Contact | None:
    """What is passed on, with the booking's notes among its own; None where nothing is told of whom to reach.

    Raises OctoProblem naming the field, never quoting it.
    """
    if asked is None or asked.is_empty:
        return None
    noted = "; ".join(each.strip() for each in (asked.notes, notes) if each and each.strip())[:MOST_NOTES]
    try:
        return Contact.model_validate({**asked.model_dump(), "locales": asked.locales or (), "notes": noted or None})
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False, include_context=False)[0]["loc"][0]
        raise problems.bad_request(f"contact.{to_camel(str(first))}: cannot be kept as it is written") from None


def last_day(wish: Wish, chosen: Choice) -> date:
    """The last day of the visit, from which on it is counted how long the contact is kept."""
    nights = chosen.nights if chosen.is_stay else 1
    day = chosen.experience.last_day(wish.day, wish.start, nights)
    return day + timedelta(days=1 if chosen.is_stay else 0)
