"""`handoff import FILE`: read a network of communities whole, or not at all, and state it through the door."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.cli import answering
from deploy.cli.door import Door, No
from deploy.demo.network import BadNetwork, Network, network
from deploy.local.problems import Problem

DEMO = Path(__file__).parent.parent / "demo" / "communities.json"


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("import", help="load communities, experiences and partnerships from a file")
    parser.add_argument("file", type=Path)
    answering.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the file, then send it."""
    lines = list(send(Door.of(args.port, args.data), read(args.file)))
    answering.tell(args, {"done": lines}, "\n".join(lines))
    return 0


def read(path: Path) -> Network:
    """The network of a file. Raises Problem with every mistake by its path."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{path} cannot be read as JSON: {error}") from error
    try:
        return network(document)
    except BadNetwork as bad:
        raise Problem(f"{path} was not imported, nothing was sent:\n{bad}") from bad


def demo() -> Network:
    """The demonstration communities that come with the project."""
    return read(DEMO)


def send(door: Door, wanted: Network) -> Iterator[str]:
    """State every community, then let partners propose and agree; yields progress."""
    for publish in wanted.offerings:
        door.ask("community.publish_offering", publish.wire())
    yield f"{len(wanted.offerings)} communities stated what they offer"
    for members in wanted.partnerships:
        _propose(door, members.proposer, members.partner, members.terms.wire())
    yield f"{len(wanted.partnerships)} partnerships agreed"


def _propose(door: Door, first: str, second: str, terms: dict[str, Any]) -> None:
    """The first proposes, the second agrees as soon as the proposal has crossed."""
    try:
        door.ask("community.propose_partnership", {"partner": second, "terms": terms}, acting=first)
    except No as no:
        if no.code != "wrong_state":  # they are partners already
            raise
        return
    answering.until(
        lambda: any(
            p["partner"] == first and p["awaits_us"]
            for p in door.ask("community.list_partnerships", acting=second)["items"]
        ),
        f"the proposal of {first} to reach {second}",
    )
    door.ask("community.agree_partnership", {"partner": first}, acting=second)
