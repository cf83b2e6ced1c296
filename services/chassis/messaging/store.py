"""How a service changes its state: for a message, for a command, for a question, on a tick. Plain asyncio, no bus.

Each is one transaction: inbox row (or the command's id) first, load, decide, save, outbox rows, commit. A failure
parks the message; a refusal is a value; a lost race runs again, at most three times; a database out of reach is
`DatabaseUnavailable`, and nothing was done.
"""

from __future__ import annotations

from services.chassis.messaging.dead_letters import Parking
from services.chassis.messaging.inbox import Delivery, Outcome
from services.chassis.messaging.requests import Calls, invalid
from services.chassis.messaging.transactions import Handler, W, describe

__all__ = ["Delivery", "Handler", "Outcome", "Store", "describe", "invalid"]


class Store(Parking[W], Calls[W]):
    """Everything that changes one service's state."""
