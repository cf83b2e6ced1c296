"""What there is to describe: every message, command, query, answer and frame, with who speaks to whom.

A new message needs no line here: importing its contract registers it. A new command or query says what it is answered
with in ANSWERS; a new fact between services matches a line of WAYS. Tests compare both tables with the services.
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
from contracts.booking import v1 as booking
from contracts.community import v1 as community
from contracts.crossing import v1 as crossing
from contracts.messages import Answer, BorderMessage, Call, Command, Envelope, Message, Query, message_types
from contracts.node import v1 as node
from contracts.personal import v1 as personal
from contracts.reconcile import v1 as reconcile
from contracts.referral import v1 as referral
from contracts.refusals import Refusal
from contracts.values import Value

Kind = Literal["border", "message", "command", "query", "answer", "frame"]
#: What everything else travels in.
FRAMES: Mapping[str, type[Value]] = {"envelope": Envelope, "call": Call, "answer": Answer, "refusal": Refusal}
#: What a command or query is answered with; a tuple when it answers with `{"items": [...]}`, None with `{}`.
ANSWERS: Mapping[str, type[Value] | tuple[type[Value]] | None] = {
    "booking.ask_availability.v1": (booking.Departure,),
    "booking.ask_booking.v1": booking.BookingView,
    "booking.ask_exceptions.v1": (booking.ExceptionView,),
    "booking.ask_pools.v1": (booking.PoolView,),
    "booking.change_booking.v1": booking.BookingView,
    "booking.check_invariants.v1": (booking.Violation,),
    "booking.list_bookings.v1": (booking.BookingSummary,),
    "booking.reserve.v1": booking.BookingView,
    "booking.restate_availability.v1": None,
    "booking.restate_hold.v1": reconcile.Reconciled,
    "booking.set_exception.v1": booking.ExceptionView,
    "booking.state_holds.v1": (reconcile.HoldStanding,),
    "community.agree_partnership.v1": community.PartnershipView,
    "community.end_partnership.v1": community.PartnershipView,
    "community.find_communities.v1": (community.CommunityProfile,),
    "community.find_experiences.v1": (community.Experience,),
    "community.list_keys.v1": (community.KeyView,),
    "community.list_partnerships.v1": (community.PartnershipView,),
    "community.propose_partnership.v1": community.PartnershipView,
    "community.publish_offering.v1": community.OfferingRecorded,
    "community.restate.v1": community.Restated,
    "community.rotate_key.v1": (community.KeyView,),
    "community.suspend_partnership.v1": community.PartnershipView,
    "node.ask_standing.v1": node.Standing,
    "node.check_streams.v1": (booking.Violation,),
    "node.discard_parked.v1": node.Settled,
    "node.list_audit.v1": (node.AuditEntry,),
    "node.list_checkpoints.v1": (node.AuditCheckpoint,),
    "node.list_parked.v1": (node.ParkedView,),
    "node.move_clock.v1": node.Standing,
    "node.replay_parked.v1": node.Settled,
    "node.rewrap.v1": node.Rewrapped,
    "node.say_again.v1": node.Owed,
    "node.show_parked.v1": node.ParkedView,
    "node.verify_audit.v1": node.AuditVerdict,
    "referral.apply_erasures.v1": personal.ErasuresApplied,
    "referral.ask_crossings.v1": crossing.CrossingBook,
    "referral.ask_partner_availability.v1": referral.PartnerAvailability,
    "referral.ask_partner_catalogue.v1": (referral.PartnerCatalogue,),
    "referral.check_records.v1": (booking.Violation,),
    "referral.export_handoff.v1": personal.HandoffExport,
    "referral.keep_crossings.v1": crossing.CrossingsKept,
    "referral.list_affected.v1": (personal.Affected,),
    "referral.list_erasures.v1": (personal.Erasure,),
    "referral.list_handoffs.v1": (referral.HandoffSummary,),
    "referral.list_reminders.v1": (crossing.ReminderView,),
    "referral.plan_crossing.v1": crossing.Plan,
    "referral.plan_of_handoff.v1": crossing.Plan,
    "referral.prepare_consent.v1": personal.ConsentPrepared,
    "referral.present_pass.v1": referral.PassJudged,
    "referral.read_personal_part.v1": personal.PersonalPartRead,
    "referral.reconcile_record.v1": reconcile.Reconciled,
    "referral.show_handoff.v1": referral.HandoffView,
    "referral.state_records.v1": (reconcile.RecordStanding,),
}
#: Where every command that is not in ANSWERS is answered alike.
ALIKE: Mapping[str, type[Value]] = {"referral": referral.Recorded}
#: Who speaks and who listens, by the first pattern that fits; empty when nobody does yet. A border message is heard on
#: the partner's node. What services say of themselves each says and each hears, and nobody is owed it.
WAYS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("border.partnership_*", "community", ("community",)),
    ("border.key_rotated.*", "community", ("community",)),
    ("border.catalogue_shared.*", "community", ("referral",)),
    ("border.availability_shared.*", "booking", ("referral",)),
    ("border.*", "referral", ("referral",)),
    ("referral.reminder_due.*", "referral", ("referral",)),
    ("booking.hold_*", "booking", ("referral",)),
    ("booking.*", "referral", ("booking",)),
    ("community.*", "community", ("booking", "referral")),
    ("node.*", "", ()),
)


#: Where people and machines come in; only they may call a service.
EDGES = ("door",)


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
    """Everything, sorted by name. Raises KeyError naming a command or query without an answer."""
    _import_all()
    found = {name: Entry(name=name, kind=_kind(contract), contract=contract) for name, contract in _registered()}
    for entry in list(found.values()):
        if entry.kind in ("command", "query") and (value := answer_of(entry.name)) is not None:
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


def answer_of(name: str) -> type[Value] | None:
    """What a command or query is answered with. Raises KeyError when ANSWERS does not say."""
    if name in ANSWERS:
        answered = ANSWERS[name]
        return answered[0] if isinstance(answered, tuple) else answered
    if (owner := name.partition(".")[0]) in ALIKE:
        return ALIKE[owner]
    raise KeyError(f"{name}: say what it is answered with in ANSWERS of contracts/described.py")


def answers_many(name: str) -> bool:
    """Whether the answer is a list under `items`."""
    return isinstance(ANSWERS.get(name), tuple)


def answer_name(name: str) -> str | None:
    """The catalogue's name of what a command or query is answered with."""
    value = answer_of(name)
    return _answer_name(value) if value is not None else None


def _answer_name(value: type[Value]) -> str:
    _, area, version = value.__module__.split(".")
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
