"""What referral's use cases ask of their transaction, room by room, and all of it together."""

from typing import Protocol

from services.chassis.ports import EVERYONE, Transaction
from services.referral.ports.agencies import Agencies
from services.referral.ports.contacts import Contacts
from services.referral.ports.crossing import Crossings
from services.referral.ports.handoff import Handoffs
from services.referral.ports.passes import PassBook
from services.referral.ports.personal import PersonalRoom
from services.referral.ports.statements import Statements

__all__ = [
    "EVERYONE", "Agencies", "Contacts", "Crossings", "Handoffs", "PassBook", "PersonalRoom", "Records", "Statements",
]  # fmt: skip


class Records(Handoffs, Agencies, Crossings, PassBook, PersonalRoom, Contacts, Statements, Transaction, Protocol):
    """All that a handoff may come to: what a use case asks that ends a transition."""
