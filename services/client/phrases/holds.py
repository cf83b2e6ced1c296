"""The words of a hold: its states → phrases."""

from __future__ import annotations

from services.client.phrases.catalogue import NC_
from services.client.phrases.vocabulary import Table

#: The states of a hold, in OCTO's words.
HOLD_STATES: Table = {
    "on_hold": NC_("a hold", "ON_HOLD"),
    "pending": NC_("a hold", "PENDING"),
    "confirmed": NC_("a hold", "CONFIRMED"),
    "redeemed": NC_("a hold", "REDEEMED"),
    "expired": NC_("a hold", "EXPIRED"),
    "cancelled": NC_("a hold", "CANCELLED"),
    "rejected": NC_("a hold", "REJECTED"),
}
