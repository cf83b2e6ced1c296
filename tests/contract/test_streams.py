"""Whoever reads a stream reads all of it: the types that a form of subject carries have the same listeners.

Read from the code: a subject as it is written where something is announced or sent, and the types built there.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from contracts.messages import Command, Query
from tests.contract.sources import ROOT, Function, Source, dotted, plant, services, sources
from tests.contract.test_readmes import CONTRACTS, _types
from tests.support.streams import Stream, listeners, torn

LANES = {
    f"{who}.{verb}": lane for who in ("work", "self") for verb, lane in (("announce", "internal"), ("send", "border"))
}
#: What is said where it is not built, and is not just anything that the service says on that lane.
CARRIED = {("services/referral/handlers/crossing.py", "say_reminders"): {"referral.reminder_due.v1"}}
#: Messages by class; commands and queries are asked, not said.
SAID = {name: e.name for (_, name), e in CONTRACTS.items() if not issubclass(e.contract, Command | Query)}
BOOKING_REQUEST = "booking.place_hold.v1"


class Site(NamedTuple):
    """Where a service speaks: on which lane, under which form of subject, and the types that are built there."""

    service: str
    lane: str
    form: str
    types: frozenset[str]


def sites(root: Path) -> Iterator[Site]:
    """Every place in the services where something is announced or sent."""
    for service in services(root):
        for source in sources(root, f"services/{service}"):
            for function in (node for node in ast.walk(source.tree) if isinstance(node, Function)):
                inside = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                speaking = [call for call in inside if dotted(call.func) in LANES]
                types = frozenset(
                    CARRIED.get((source.name, function.name)) or built(source, function) if speaking else ()
                )
                yield from (Site(service, LANES[dotted(call.func)], form(call), types) for call in speaking)


def form(call: ast.Call) -> str:
    """A subject with the last name of each of its parts: `{community}/{referral_id}`."""
    given = [word.value for word in call.keywords if word.arg == "subject"] or call.args[1:2]
    parts = given[0].values if isinstance(given[0], ast.JoinedStr) else given
    return "".join(str(one.value) if isinstance(one, ast.Constant) else f"{{{_last(one)}}}" for one in parts)


def built(source: Source, within: ast.AST) -> set[str]:
    """The types of the messages that a function or a file builds."""
    calls = [node.func for node in ast.walk(within) if isinstance(node, ast.Call)]
    named = [one for one in calls if dotted(one).rpartition(".")[2] in SAID]
    return {name for one in named for name in _types(source.tree, one) if name in SAID.values()}


def spoken(root: Path) -> Iterator[tuple[Stream, str]]:
    """Each type on each form of stream that may carry it; what is built elsewhere may be said wherever nothing is."""
    found = list(sites(root))
    for service in services(root):
        here = [one for one in found if one.service == service]
        everything = {name for source in sources(root, f"services/{service}") for name in built(source, source.tree)}
        unsaid = everything - {name for one in here for name in one.types}
        for one in here:
            elsewhere = {name for name in unsaid if name.startswith("border.") == (one.lane == "border")}
            # Communities speak over the border, and not the service that does it for them.
            stream = (one.lane, service if one.lane == "internal" else None, one.form)
            yield from ((stream, name) for name in sorted(one.types or elsewhere))


def test_all_types_of_a_stream_have_the_same_listeners() -> None:
    assert torn(spoken(ROOT)) == []


def test_every_type_that_somebody_listens_to_stands_on_a_stream() -> None:
    assert {name for _, name in spoken(ROOT)} == set().union(*listeners().values())
    assert {"{community}/{referral_id}", "{community}/{referral_id}/reminders", "{hold_id}"} <= {
        one.form for one in sites(ROOT) if one.lane == "internal"
    }


def test_reminders_on_the_stream_that_booking_reads_are_found(tmp_path: Path) -> None:
    for source in sources(ROOT, "services"):
        plant(tmp_path, source.name, source.text.replace('/{one.referral_id}/reminders"', '/{one.referral_id}"'))
    (problem,) = torn(spoken(tmp_path))
    assert "referral.reminder_due.v1" in problem
    assert BOOKING_REQUEST in problem


def test_a_stream_of_which_a_reader_takes_only_some_types_is_reported() -> None:
    stream = ("referral", None, "tha-li/1")
    assert {"booking", "community", "referral"} <= set(listeners())
    assert torn([(stream, BOOKING_REQUEST), (("referral", None, "tha-li/2"), "referral.reminder_due.v1")]) == []
    assert len(torn([(stream, BOOKING_REQUEST), (stream, "referral.reminder_due.v1")])) == 1


def _last(part: ast.AST) -> str:
    named = dotted(part.value if isinstance(part, ast.FormattedValue) else part)
    return named.rpartition(".")[2]
