"""State diagrams in the services' READMEs, made from the tables that the services use.

`python -m deploy.develop.state_diagrams` writes them, with `--check` it only says which are out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.community.v1 import Terms
from services.booking.domain import states as hold
from services.community.domain import agreement, partnership
from services.community.domain.partnership import Partnership, Phase
from services.referral.domain.handoff import states as handoff

ROOT = Path(__file__).resolve().parents[2]
#: A partnership begins where it ends: with nothing between the two.
PHASES = (Phase.ENDED, *(phase for phase in Phase if phase is not Phase.ENDED))
#: (from, to, what leads there); "[*]" is Mermaid's word for the beginning and the end.
Move = tuple[str, str, str]
BLOCK = re.compile(r"(<!-- states of (?P<name>[\w ]+): generated -->\n).*?(<!-- end -->)", re.DOTALL)


def handoff_moves() -> Iterator[Move]:
    """What a side's own acts make of its record, and booking's facts of the receiver's."""
    for act, rule in handoff.ACTS.items():
        if rule.becomes is not None:
            yield from ((state, rule.becomes, f"{rule.side}: {act}") for state in rule.when)
    for (fact, _), (when, becomes) in handoff.FACTS.items():
        yield from ((state, becomes, f"booking: {fact}") for state in when)
    yield from ((state, "expired", "booking: expired") for state in handoff.EXPIRES)


def hold_moves() -> Iterator[Move]:
    """The moves of a hold; one that leads nowhere else says the same fact again and is left out."""
    for (state, act), becomes in hold.MOVES.items():
        if state != becomes or act == "extend":
            yield state, becomes, act


def partnership_moves() -> Iterator[Move]:
    """The standing after each act that either side may do, with nothing on the way: walked from the beginning."""
    when = datetime(2027, 1, 1, tzinfo=UTC)
    begin = Partnership(id="a--b", community="a", partner="b", terms=Terms(valid_from=when.date()), since=when)
    todo, seen = deque([begin]), {begin}
    while todo:
        ours = todo.popleft()
        for who, act, after in (*_our_acts(ours, when), *_their_acts(ours, when)):
            if after.standing is not ours.standing:
                yield ours.standing.name, after.standing.name, f"{who} {act}"
            if after not in seen:
                seen.add(after)
                todo.append(after)


def agreement_moves() -> Iterator[Move]:
    """What each side's acts make of an agreement; one that leads nowhere else is left out."""
    for (phase, side, act), becomes in agreement.MOVES.items():
        if phase is not becomes:
            yield phase.name, becomes.name, f"{side}: {act.replace('_', ' ')}"


def _our_acts(ours: Partnership, when: datetime) -> Iterator[tuple[str, partnership.Act, Partnership]]:
    for act in sorted(partnership.STATES[ours.standing][1]):
        yield "we", act, replace(ours.act(act, when, terms=ours.terms), behind=0)


def _their_acts(ours: Partnership, when: datetime) -> Iterator[tuple[str, partnership.Act, Partnership]]:
    theirs = replace(ours, community=ours.partner, partner=ours.community, ours=ours.theirs, theirs=ours.ours)
    for act in sorted(partnership.STATES[theirs.standing][1]):
        yield "they", act, ours.apply(act, when, terms=ours.terms)[0]


def drawn(order: Iterable[str], moves: Iterable[Move], titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """A Mermaid diagram: states in their order, one arrow for each pair.

    It begins where no other state leads, else at the first; it ends where nothing leads on.
    """
    ranks = {state: rank for rank, state in enumerate(order)}
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, after, label in moves:
        labels = arrows.setdefault((before, after), [])
        labels += [] if label in labels else [label]
    onward = {pair for pair in arrows if pair[0] != pair[1]}
    lines = [f'state "{title}" as {state}' for state, title in titles.items()]
    begins = [state for state in ranks if state not in {after for _, after in onward}]
    lines += [f"[*] --> {state}" for state in begins or list(ranks)[:1]]
    for before, after in sorted(arrows, key=lambda pair: (ranks[pair[0]], ranks[pair[1]])):
        lines.append(f"{before} --> {after}: {', '.join(sorted(arrows[before, after]))}")
    lines += [f"{state} --> [*]" for state in ranks if state not in {before for before, _ in onward}]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```", ""])


#: Name in a README's marker → its diagram.
DIAGRAMS: Mapping[str, Callable[[], str]] = {
    "a handoff": lambda: drawn(get_args(State), handoff_moves()),
    "a hold": lambda: drawn(get_args(HoldState), hold_moves()),
    "an agreement": lambda: drawn(
        [phase.name for phase in agreement.Phase],
        agreement_moves(),
        {phase.name: phase.value for phase in agreement.Phase},
    ),
    "a partnership": lambda: drawn(
        [phase.name for phase in PHASES],
        partnership_moves(),
        {phase.name: phase.value for phase in PHASES},
    ),
}


def rendered(page: str) -> str:
    """The page with each of its diagrams as the tables have it now. Raises KeyError for a name that is not known."""
    return BLOCK.sub(lambda block: f"{block[1]}{DIAGRAMS[block['name']]()}{block[3]}", page)


def pages(root: Path) -> list[Path]:
    """The READMEs that may hold diagrams."""
    return sorted(root.glob("services/*/README.md"))


def outdated(root: Path) -> list[Path]:
    """The READMEs whose diagrams differ from the tables."""
    return [page for page in pages(root) if rendered(text := page.read_text(encoding="utf-8")) != text]


def main() -> int:
    """Write the diagrams, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, fail when a diagram is out of date")
    check = parser.parse_args().check
    stale = outdated(ROOT)
    for page in stale:
        name = page.relative_to(ROOT)
        if check:
            print(f"{name}: a state diagram is out of date: run python -m deploy.develop.state_diagrams")
        else:
            page.write_text(rendered(page.read_text(encoding="utf-8")), encoding="utf-8")
            print(f"{name}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
