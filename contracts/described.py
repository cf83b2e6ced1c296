"""Lists every message, command, query, answer and frame, with sender and readers.

A new message needs no line here: importing this module registers what every contract says, and a command or query says
in its base what it is answered with. A new fact between services matches a line of WAYS; tests compare it with them.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

import contracts
from contracts.messages import (
    Answer,
    Asked,
    BorderMessage,
    Call,
    Command,
    Envelope,
    Message,
    Nothing,
    Query,
    Several,
    message_types,
)
from contracts.refusals import Refusal
from contracts.values import Value

Kind = Literal["border", "message", "command", "query", "answer", "frame"]
#: What everything else travels in.
FRAMES: Mapping[str, type[Value]] = {"envelope": Envelope, "call": Call, "answer": Answer, "refusal": Refusal}
#: Sender and readers, by the first pattern that fits; empty when there is none yet. A border message is read on the
#: partner's node. `node` messages are sent and read by every service, and owed to nobody.
WAYS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("border.partnership_*", "community", ("community",)),
    ("border.key_rotated.*", "community", ("community",)),
    ("border.catalogue_shared.*", "community", ("referral",)),
    ("border.availability_shared.*", "booking", ("referral",)),
    ("border.*", "referral", ("referral",)),
    ("referral.reminder_due.*", "referral", ("referral",)),
    ("booking.hold_*", "booking", ("referral",)),
    ("booking.booking_changed.*", "booking", ("agency_api", "referral")),
    ("booking.capacity_changed.*", "booking", ("agency_api",)),
    ("booking.*", "referral", ("booking",)),
    ("community.agency_stated.*", "community", ("agency_api",)),
    ("community.agreement_stated.*", "community", ("agency_api", "booking", "referral")),
    ("community.offering_published.*", "community", ("agency_api", "booking", "referral")),
    ("community.*", "community", ("booking", "referral")),
    ("node.*", "", ()),
)


#: Who listens to messages; each answers the queries of `contracts.node`.
SERVICES = ("community", "booking", "referral", "agency_api")
#: Who keeps secrets that the node's keys have wrapped: each of them answers `node.rewrap`.
WRAPPING = (*SERVICES, "portal")
#: The edges, and for which kinds of principals each may speak; only edges may call a service.
EDGES: Mapping[str, tuple[str, ...]] = {
    "local_api": ("operator",),
    "portal": ("member", "operator"),
    "agency_api": ("agency", "reader"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the catalogue; `name` is also the name of its schema and of its example."""

    name: str
    kind: Kind
    contract: type[Value]

    @property
    def says(self) -> str:
        """The first sentence of its docstring."""
        return (self.contract.__doc__ or "").strip().partition("\n")[0]

    @property
    def ordering(self) -> str | None:
        """How a reader orders it; None for what is not on a stream."""
        streamed = self.kind in ("border", "message")
        return self.contract.ordering if streamed and issubclass(self.contract, Message) else None

    @property
    def way(self) -> str:
        """Who speaks → who listens."""
        owner = self.name.partition(".")[0]
        if self.kind in ("command", "query"):
            return "an operator → each service" if owner == "node" else f"an edge → {owner}"
        if self.kind == "answer":
            return "each service → an operator" if owner == "node" else f"{owner} → an edge"
        if self.kind == "frame":
            return "around every message" if self.name == "envelope" else "around every call"
        if owner == "node":
            return "each service → each service"
        speaker, listeners = parties(self.name)
        heard = ", ".join(f"partner’s {each}" if self.kind == "border" else each for each in listeners)
        return f"{speaker or 'nobody yet'} → {heard or 'nobody yet'}"


def entries() -> list[Entry]:
    """Everything, sorted by name."""
    found = {name: Entry(name=name, kind=_kind(contract), contract=contract) for name, contract in _registered()}
    for entry in list(found.values()):
        if entry.kind in ("command", "query") and (value := _value(entry.name)) is not None:
            name = _answer_name(value)
            found[name] = Entry(name=name, kind="answer", contract=value)
    for name, frame in FRAMES.items():
        found[name] = Entry(name=name, kind="frame", contract=frame)
    return sorted(found.values(), key=lambda entry: entry.name)


def parties(name: str) -> tuple[str, tuple[str, ...]]:
    """The service that speaks a message and those that listen. Raises KeyError when no line of WAYS fits."""
    for pattern, speaker, listeners in WAYS:
        if fnmatch(name, pattern):
            return speaker, listeners
    raise KeyError(f"{name}: say who speaks it and who listens in WAYS of contracts/described.py")


def said_by(name: str, source: str) -> str:
    """The one service that may say a message inside the node; `source` itself where each says it of itself."""
    try:
        return parties(name)[0] or source
    except KeyError:  # nobody says it, and nobody listens to it
        return source


def answers_many(name: str) -> bool:
    """Whether the answer is a list under `items`."""
    return issubclass(_answer(name), Several)


def answer_name(name: str) -> str | None:
    """The catalogue's name of what a command or query is answered with, or with many of; None for nothing."""
    value = _value(name)
    return _answer_name(value) if value is not None else None


def _answer(name: str) -> type[Value]:
    contract = message_types()[name]
    if not issubclass(contract, Asked):
        raise KeyError(f"{name} is not asked, so it has no answer")
    return contract.answer()


def _value(name: str) -> type[Value] | None:
    answer = _answer(name)
    if issubclass(answer, Several):
        return answer.each()
    return None if answer is Nothing else answer


def _answer_name(value: type[Value]) -> str:
    _, area, module = value.__module__.split(".")
    version = module if re.fullmatch(r"v\d+", module) else "v1"  # what several contracts share stands beside v1
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", value.__name__).lower()
    return f"{area}.answer.{words}.{version}"


def _registered() -> Iterator[tuple[str, type[Message]]]:
    """Only what a contract of this package says: a test may register messages of its own."""
    return ((n, c) for n, c in message_types().items() if c.__module__.startswith("contracts."))


def _kind(contract: type[Message]) -> Kind:
    kinds: tuple[tuple[type[Message], Kind], ...] = ((BorderMessage, "border"), (Command, "command"), (Query, "query"))
    return next((kind for base, kind in kinds if issubclass(contract, base)), "message")


def _import_all() -> None:
    for folder in pkgutil.iter_modules(contracts.__path__):
        if folder.ispkg:
            for module in pkgutil.iter_modules([str(Path(contracts.__path__[0]) / folder.name)]):
                if re.fullmatch(r"v\d+", module.name):
                    importlib.import_module(f"contracts.{folder.name}.{module.name}")


_import_all()
