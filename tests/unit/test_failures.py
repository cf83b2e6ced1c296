"""Whose fault a failure is: every SQLSTATE class and every exception of the driver has its answer here once more."""

import inspect
from collections.abc import Iterator

import asyncpg
import pytest
from asyncpg import exceptions
from pydantic import BaseModel, ValidationError

from contracts.refusals import No, Refused
from contracts.sentences import Unfit
from services.chassis.messaging.transactions import describe
from services.chassis.storage.failures import CLASSES, DatabaseUnavailable, Failure, judge
from services.chassis.trust.signing import Doubt

AWAY, RETRY, FAULT = Failure.AWAY, Failure.RETRY, Failure.FAULT
#: What is to blame on driver, link, server or machine, and what to try again; all else is the message's or handler's.
WAITS = {"08", "0P", "28", "3D", "3F", "53", "57", "58", "F0", "HV", "XX"}
TRIES_AGAIN = {"40", "72"}
BLAMED = {
    *("01", "02", "03", "09", "0A", "0B", "0F", "0L", "0Z", "10", "20", "21", "22", "23", "24", "25", "26", "27"),
    *("2B", "2D", "2F", "34", "38", "39", "3B", "42", "44", "54", "55", "P0"),
}
OTHERWISE = {
    "25006": AWAY, "25P03": AWAY, "25P04": AWAY, "40002": FAULT, "40003": AWAY, "42501": AWAY, "42703": AWAY,
    "42883": AWAY, "42P01": AWAY, "55006": AWAY, "55P03": RETRY, "57014": RETRY,
}  # fmt: skip
#: The driver's own, which have no SQLSTATE.
DRIVERS = {
    "PostgresError": AWAY, "FatalPostgresError": AWAY, "UnknownPostgresError": AWAY, "InternalClientError": AWAY,
    "ProtocolError": AWAY, "OutdatedSchemaCacheError": RETRY, "InvalidCachedStatementError": RETRY,
    "InterfaceError": FAULT, "InterfaceWarning": FAULT, "ClientConfigurationError": FAULT,
    "UnsupportedClientFeatureError": FAULT, "UnsupportedServerFeatureError": FAULT,
    "TargetServerAttributeNotMatched": AWAY,
}  # fmt: skip


def raised() -> Iterator[type[Exception]]:
    """Every exception that asyncpg has."""
    for found in vars(exceptions).values():
        if inspect.isclass(found) and issubclass(found, Exception):
            yield found


def expected(kind: type[Exception]) -> Failure:
    state = getattr(kind, "sqlstate", None) or ""
    if kind.__name__ in DRIVERS or not state:
        return DRIVERS[kind.__name__]
    if state in OTHERWISE:
        return OTHERWISE[state]
    if state[:2] in WAITS:
        return AWAY
    return RETRY if state[:2] in TRIES_AGAIN else FAULT


@pytest.mark.parametrize("kind", list(raised()), ids=lambda kind: kind.__name__)
def test_each_exception_of_the_driver_is_judged(kind: type[Exception]) -> None:
    assert judge(kind("what it says")) is expected(kind)


def test_every_class_of_sqlstate_that_the_driver_knows_is_in_the_table() -> None:
    known = {state[:2] for kind in raised() if (state := getattr(kind, "sqlstate", None))}
    assert known == set(CLASSES) == WAITS | TRIES_AGAIN | BLAMED


def test_an_unknown_sqlstate_counts_as_an_outage() -> None:
    unknown = exceptions.UnknownPostgresError("something new")
    unknown.sqlstate = "ZZ001"
    assert judge(unknown) is AWAY


def test_what_is_asked_of_a_closed_connection_waits_and_of_an_open_one_is_our_fault() -> None:
    problem = asyncpg.InterfaceError("cannot perform operation")
    assert judge(problem, closed=True) is AWAY
    assert judge(problem, closed=False) is FAULT


@pytest.mark.parametrize(
    "problem",
    [ConnectionResetError(), TimeoutError(), OSError(28, "no space"), EOFError(), MemoryError(), DatabaseUnavailable()],
    ids=repr,
)
def test_failures_of_the_connection_and_the_machine_park_nothing(problem: Exception) -> None:
    assert judge(problem) is AWAY


def test_what_cannot_be_read_what_is_refused_and_what_a_handler_breaks_is() -> None:
    class Party(BaseModel):
        adult: int

    with pytest.raises(ValidationError) as unreadable:
        Party.model_validate({"adult": "many"})
    problems = [
        unreadable.value,
        Refused(No.INVALID, "more_have_come", "party", come=3, booked=2, rest=1),
        Doubt("forged"),
        LookupError("none"),
        ValueError(),
    ]
    assert {judge(problem) for problem in problems} == {FAULT}


def test_what_a_rule_has_said_of_a_message_stands_beside_it_when_it_is_parked() -> None:
    assert describe(Unfit("part_is_empty")).startswith("the personal part is empty")
