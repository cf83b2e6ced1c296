"""Read a file of scenarios whole or not at all; every mistake is named by its path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import contracts.booking.v1
import contracts.community.v1
import contracts.referral.v1  # noqa: F401 - importing a contract registers its types
from contracts.json_reader import BadJson, read_json
from contracts.mistakes import sentence
from contracts.personal.v1 import PersonalPart
from deploy.demo import data, edges
from deploy.demo.scenario import OFFER, READ, Act, File, Reminded, Scenario, Wait
from services.cli.input.network_file import BadNetwork, Network, network
from services.cli.input.reading import Problems, buddhist_dates

DEMO_SCENARIOS = Path(__file__).parent / "scenarios.json"
#: Stands for ids that are known only once the scenario is played.
SOME_ID = "00000000-0000-7000-8000-000000000000"
#: Between the planned end of a scenario and the next on the same node: waiting takes time on the node's clock, too.
SLACK = timedelta(hours=1)


class BadScenarios(Exception):
    """The file cannot be used; `problems` are sentences, each after the path of its field."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario with the network it is played in; `origin` says which network that is."""

    scenario: Scenario
    network: Network
    origin: str

    @property
    def ends(self) -> datetime:
        """When it is over, were every step itself instant."""
        return max([self.scenario.clock, *(moment for _, moment in self.scenario.timeline())])

    def called(self, community: str) -> str:
        """The name of a community as the story tells it."""
        profiles = (offer.offering.community for offer in self.network.offerings)
        return next((profile.names.any for profile in profiles if profile.id == community), community)


def read_file(path: Path) -> list[Play]:
    """The plays of a file, in the order in which they are told. Raises BadScenarios with every problem found."""
    document = _document(path, "file")
    problems = Problems()
    for place, year in buddhist_dates(document):
        problems.add(place, f"{year} is a Buddhist year: write {year - 543}")
    file = _file(document, problems)
    plays = list(_plays(file, path.parent, problems)) if file else []
    if problems.found:
        raise BadScenarios(problems.found)
    return plays


def nodes(plays: Sequence[Play]) -> list[list[Play]]:
    """The plays by the node that each needs: one network, and a clock that never goes back."""
    shared: list[list[Play]] = []
    for play in sorted(plays, key=lambda one: (one.origin, one.scenario.clock)):
        before = shared[-1][-1] if shared else None
        if before and before.origin == play.origin and before.ends + SLACK <= play.scenario.clock:
            shared[-1].append(play)
        else:
            shared.append([play])
    return shared


def _document(path: Path, place: str) -> Any:
    try:
        return read_json(path.read_bytes(), may_have_mark=True)
    except BadJson as bad:
        raise BadScenarios([f"{place}: {path} {bad}"]) from None
    except OSError as error:
        raise BadScenarios([f"{place}: {path} cannot be read: {error}"]) from error


def _file(document: Any, problems: Problems) -> File | None:
    try:
        return File.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as found:
        _note("", found, problems)
        return None


def _note(path: str, found: ValidationError, problems: Problems) -> None:
    errors = found.errors(include_input=False, include_url=False)
    inside = {error["loc"][:n] for error in errors for n in range(len(error["loc"]))}
    for error in errors:
        if error["type"] == "too_short" and error["loc"] in inside:
            continue  # a list is not short because what is in it is wrong
        problems.add(_place(path, error["loc"]) or "file", sentence(error))


def _place(path: str, steps: Sequence[str | int]) -> str:
    """`scenarios[0].steps[2].with.party`: tags of unions, in angle brackets, are no part of the file."""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith("<"):
            path += f".{step}" if path else step
    return path


# what the shape of the file cannot show


def _plays(file: File, folder: Path, problems: Problems) -> Iterator[Play]:
    known: dict[str, Network | None] = {}
    ids = [scenario.id for scenario in file.scenarios]
    for n, scenario in enumerate(file.scenarios):
        path = f"scenarios[{n}]"
        if scenario.id in ids[:n]:
            problems.add(f"{path}.id", f"{scenario.id} is given twice: give each id once")
        own = scenario.given.network is not None
        wanted, place = (scenario.given.network, f"{path}.given.network") if own else (file.network, "network")
        origin = _origin(wanted, folder)
        if origin not in known:
            known[origin] = _network(wanted, folder, place, problems)
        built = known[origin]
        if built is not None:
            _check(path, scenario, built, problems)
            yield Play(scenario, built, origin)


def _origin(wanted: str | Mapping[str, Any] | None, folder: Path) -> str:
    if wanted is None:
        return str(data.COMMUNITIES)
    return str((folder / wanted).resolve()) if isinstance(wanted, str) else json.dumps(wanted, sort_keys=True)


def _network(wanted: str | dict[str, Any] | None, folder: Path, place: str, problems: Problems) -> Network | None:
    """The network of a file, or the one that is written here. None, with its problems, when it cannot be used."""
    try:
        if isinstance(wanted, dict):
            return network(wanted)
        return network(_document(folder / wanted if wanted else data.COMMUNITIES, place))
    except BadScenarios as bad:
        problems.found += bad.problems
    except BadNetwork as bad:
        joint = f"{place}." if isinstance(wanted, dict) else f"{place} ({wanted}): "
        problems.found += [f"{joint}{problem}" for problem in bad.problems]
    return None


def _check(path: str, scenario: Scenario, built: Network, problems: Problems) -> None:
    members = {offer.offering.community.id for offer in built.offerings}
    named = {f"{path}.who.sender": scenario.who.sender, f"{path}.who.receiver": scenario.who.receiver}
    named |= {f"{path}.expect.pools[{n}].community": pool.community for n, pool in enumerate(scenario.expect.pools)}
    acts = [(f"{path}.given.acts[{n}]", act) for n, act in enumerate(scenario.given.acts)]
    acts += [(f"{path}.steps[{n}]", step) for n, step in enumerate(scenario.steps) if isinstance(step, Act)]
    named |= {f"{place}.as": act.acting for place, act in acts if act.acting}
    reminded = [(n, step) for n, step in enumerate(scenario.steps) if isinstance(step, Reminded)]
    named |= {f"{path}.steps[{n}].as": step.community for n, step in reminded}
    for place, community in named.items():
        if community not in members:
            problems.add(place, f"{community} is no community of the network")
    for place, act in acts:
        _check_act(place, act, scenario, problems)
    _check_order(path, scenario, problems)


def _check_act(place: str, act: Act, scenario: Scenario, problems: Problems) -> None:
    contract = edges.command(act)
    if contract is None:
        problems.add(f"{place}.do", f"{act.do} is no command of the contracts")
        return
    if "reads" in act.model_fields_set and act.do != READ:
        problems.add(f"{place}.reads", f"only {READ} reads")
    try:
        contract.model_validate(edges.as_sent(act, fields_of(act, scenario, SOME_ID, SOME_ID)))
    except ValidationError as found:
        inside = ".part" if found.title == PersonalPart.__name__ else ""
        _note(f"{place}.with{inside}", found, problems)


def _check_order(path: str, scenario: Scenario, problems: Problems) -> None:
    offers = [n for n, step in enumerate(scenario.steps) if isinstance(step, Act) and step.do == OFFER]
    if len(offers) != 1:
        problems.add(f"{path}.steps", f"a scenario tells of one handoff: {OFFER} once, not {len(offers)} times")
    for n, act in enumerate(scenario.given.acts):
        if needs_handoff(act):
            problems.add(f"{path}.given.acts[{n}].do", "there is no handoff yet: the offer is one of the steps")
    for n, step in enumerate(scenario.steps):
        about = isinstance(step, Wait | Reminded) or (isinstance(step, Act) and needs_handoff(step))
        if about and not (offers and offers[0] < n):
            problems.add(f"{path}.steps[{n}]", "there is no handoff yet: the offer comes later")
    before = scenario.clock
    for n, moment in scenario.timeline():
        if moment <= before:
            problems.add(f"{path}.steps[{n}]", f"time does not go back: it is {before.isoformat()} already")
        before = max(before, moment)


def needs_handoff(act: Act) -> bool:
    """Whether the command speaks of the handoff that the scenario is about."""
    contract = edges.command(act)
    return contract is not None and "referral" in contract.model_fields


def fields_of(act: Act, scenario: Scenario, handoff: str, hold: str) -> dict[str, Any]:
    """The command's fields: those written, with counted days made absolute, and what the scenario says anyway."""
    who = scenario.who
    usual: dict[str, Any] = {}
    if act.do == OFFER:
        usual = {"to": who.receiver, "party": who.party.wire(), "language": who.language}
    elif needs_handoff(act):
        usual = {"referral": handoff, **edges.usual(act, scenario)}
    elif act.do == "booking.reserve":
        usual = {"hold_id": hold}
    written: dict[str, Any] = scenario.calendar.filled(act.fields)
    return usual | written
