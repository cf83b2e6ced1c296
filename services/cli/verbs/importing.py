"""`handoff import FILE`: read a network of communities whole, or not at all, and state it through the local API."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from contracts.community.v1 import Offering
from contracts.crossing.v1 import CrossingBook
from contracts.json_reader import BadJson, read_json
from services.cli import context
from services.cli.input import crossing_file, spreadsheet
from services.cli.input.network_file import BadNetwork, Network, network
from services.cli.views import formatting, layout
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.problems import Problem

NONE_YET = "There is no community here yet: ./handoff import FILE"


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    example = (
        "examples:\n  ./handoff import network.json\n  ./handoff import communities.csv experiences.csv prices.csv\n\n"
        "A table is CSV from a spreadsheet; its first row names the columns, an empty cell leaves things as they are.\n"
        + "\n".join(f"  {layout.fill(', '.join(columns), 4, first=2)}" for columns in spreadsheet.TABLES.values())
    )
    line = "load communities, or crossings and their rules, from a file or from tables of a spreadsheet"
    parser = verbs.add_parser("import", help=line, epilog=example)
    parser.add_argument("file", type=Path, nargs="+")
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the file, then send it, and say what was made of it."""
    tables = [path for path in args.file if spreadsheet.is_table(path)]
    if tables and len(tables) < len(args.file):
        raise Problem("FILE: give tables, or one file of JSON, and not both at once")
    if len(args.file) > 1 and not tables:
        raise Problem("FILE: give one file of JSON at a time")
    lines = list(_tables(args, tables) if tables else _document(args, args.file[0]))
    context.tell(args, {"done": lines}, "\n".join(layout.fill(line, 2, first=0) for line in lines))
    return 0


def _tables(args: argparse.Namespace, paths: Sequence[Path]) -> Iterator[str]:
    """State what the tables change, of communities that are here or new."""
    client = LocalApi.of(args.port, args.data)
    changed = spreadsheet.offerings(paths, lambda community: _known(client, community))
    for publish in changed:
        client.ask("community.publish_offering", publish.wire())
    yield f"{formatting.counted(len(changed), 'community', 'communities')} stated what is on offer"


def _known(client: LocalApi, community: str) -> Offering | None:
    """What a community of this node offers now."""
    try:
        found = client.ask("community.find_communities", {"text": community, "limit": 200})["items"]
        experiences = client.ask("community.find_experiences", {"community": community, "limit": 500})["items"]
    except Refused:  # no such id can be: the row says what is wrong with it
        return None
    profile = next((one for one in found if one["id"] == community), None)
    return Offering.read({"community": profile, "experiences": experiences}) if profile else None


def _document(args: argparse.Namespace, path: Path) -> Iterator[str]:
    """State a file of communities, or keep a file of crossings; it is read before a node is looked for."""
    document = _parsed(path)
    if crossing_file.is_book(document):
        rows = crossing_file.book(path, document)
        yield from send_crossings(LocalApi.of(args.port, args.data), rows)
        return
    wanted = read(path)
    yield wanted.report()
    yield from send(LocalApi.of(args.port, args.data), wanted)


def read(path: Path) -> Network:
    """The network of a file. Raises Problem with every mistake by its path."""
    try:
        return network(_parsed(path))
    except BadNetwork as bad:
        raise Problem(f"{path} was not imported, nothing was sent:\n{bad}") from bad


def _parsed(path: Path) -> Any:
    try:
        return read_json(path.read_bytes(), may_have_mark=True)
    except IsADirectoryError:
        raise Problem(f"{path} is a folder: name a file in it, such as {path / 'communities.json'}") from None
    except OSError as error:
        raise Problem(f"{path} cannot be read: {(error.strerror or 'it is not there').lower()}") from error
    except BadJson as bad:
        raise Problem(f"{path} was not imported: it {bad}") from None


def send(client: LocalApi, wanted: Network) -> Iterator[str]:
    """State every community, then let partners propose and agree; yields progress."""
    for publish in wanted.offerings:
        client.ask("community.publish_offering", publish.wire())
    yield f"{formatting.counted(len(wanted.offerings), 'community', 'communities')} stated what is on offer"
    for members in wanted.partnerships:
        _propose(client, members.proposer, members.partner, members.terms.wire())
    yield f"{formatting.counted(len(wanted.partnerships), 'partnership', 'partnerships')} agreed"


def _propose(client: LocalApi, first: str, second: str, terms: dict[str, Any]) -> None:
    """The first proposes, the second agrees as soon as the proposal has crossed; goes on where it was left."""
    before = _partnership(client, second, first)
    if before.get("state") in ("agreed", "suspended"):
        return
    if not before.get("awaits_us"):
        with suppress(Refused):  # proposed already, and still on its way
            client.ask("community.propose_partnership", {"partner": second, "terms": terms}, acting=first)
    context.until(
        lambda: bool(_partnership(client, second, first).get("awaits_us")),
        f"the proposal of {first} to reach {second}",
    )
    client.ask("community.agree_partnership", {"partner": first}, acting=second)


def _partnership(client: LocalApi, community: str, partner: str) -> dict[str, Any]:
    known = client.ask("community.list_partnerships", acting=community)["items"]
    return next((p for p in known if p["partner"] == partner), {})


def send_crossings(client: LocalApi, rows: CrossingBook) -> Iterator[str]:
    """Keep the rows on the node; yields what was made of them."""
    kept = client.ask("referral.keep_crossings", {"book": rows.wire()}, seconds=30)
    counts = f"{kept['added']} new, {kept['superseded']} in the place of older ones, {kept['unchanged']} as they were"
    yield f"{formatting.counted(sum(kept.values()), 'row', 'rows')} of crossings and rules: {counts}"
