"""What follows from a failure: one function decides, for messages, commands, sweeps and probes alike.

A message is parked only for a fault of its own or of its handler. A failure of the driver, the connection, the server
or the machine says nothing about the message: it stays in its queue until the database works again.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import asyncpg
from asyncpg.exceptions import OutdatedSchemaCacheError


class Failure(StrEnum):
    """What follows from a failure."""

    RETRY = "retry"  # a race was lost or a plan outdated: the same transaction again
    AWAY = "away"  # driver, link, server or machine: nothing is acked, wait, then again
    FAULT = "fault"  # the message's or the handler's: it would fail again


class DatabaseUnavailable(Exception):
    """The database is out of reach or cannot work; nothing was done."""


RETRY, AWAY, FAULT = Failure.RETRY, Failure.AWAY, Failure.FAULT
#: SQLSTATE class → what follows, by PostgreSQL's appendix A. A class that is not here is AWAY: waiting loses nothing.
CLASSES: Mapping[str, Failure] = {
    "08": AWAY,  # connection
    "0P": AWAY,  # role: not set up
    "28": AWAY,  # login
    "3D": AWAY,  # database: not there
    "3F": AWAY,  # schema: not set up
    "53": AWAY,  # disk, memory, connections
    "57": AWAY,  # an administrator, a crash, a start
    "58": AWAY,  # files, input and output
    "F0": AWAY,  # configuration
    "HV": AWAY,  # foreign data
    "XX": AWAY,  # internal error, corruption
    "40": RETRY,  # serialization, deadlock
    "72": RETRY,  # snapshot too old
    # Data, constraints, what a function raises, SQL that is wrong, limits that a value exceeds.
    **dict.fromkeys(("20", "21", "22", "23", "27", "42", "44", "54", "P0"), FAULT),
    # Ways of using cursors, transactions, savepoints and functions that are never right.
    **dict.fromkeys(("03", "09", "0A", "0B", "0F", "0L", "0Z", "10", "24", "25", "26", "2B", "2D", "2F"), FAULT),
    **dict.fromkeys(("34", "38", "39", "3B", "55"), FAULT),
    # Warnings and "no data", should a driver ever raise them.
    **dict.fromkeys(("01", "02"), FAULT),
}
#: SQLSTATE → what follows where it is not as with its class.
STATES: Mapping[str, Failure] = {
    "25006": AWAY,  # read-only: a standby, or a server that protects itself
    "25P03": AWAY,  # our session was ended while it did nothing
    "25P04": AWAY,  # our transaction was ended
    "40002": FAULT,  # a constraint, checked at the commit
    "40003": AWAY,  # whether it was done is not known
    "42501": AWAY,  # a right is missing: the grants of a migration
    "42703": AWAY,  # a column is missing: a migration
    "42883": AWAY,  # a function is missing: a migration
    "42P01": AWAY,  # a table is missing: a migration
    "55006": AWAY,  # in use by others
    "55P03": RETRY,  # a lock waited for too long
    "57014": RETRY,  # a statement took too long
}


def judge(problem: BaseException, *, closed: bool = False) -> Failure:
    """What follows from a failure; `closed` says that the connection it came from is closed by now."""
    if isinstance(problem, (asyncpg.InvalidCachedStatementError, OutdatedSchemaCacheError)):
        return RETRY
    if isinstance(problem, asyncpg.PostgresError):
        return _of_state(getattr(problem, "sqlstate", None) or "")
    if isinstance(problem, asyncpg.InterfaceError):
        return AWAY if closed else FAULT
    if isinstance(problem, (DatabaseUnavailable, asyncpg.InternalClientError, OSError, EOFError, MemoryError)):
        return AWAY  # TimeoutError is an OSError
    return FAULT


def _of_state(state: str) -> Failure:
    return STATES.get(state) or CLASSES.get(state[:2], AWAY)
