"""`handoff import FILE`: read a network of communities whole, or not at all, and state it through the local API."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.community.v1 import (
    AgreePartnership,
    FindCommunities,
    FindExperiences,
    ListPartnerships,
    Offering,
    PartnershipView,
    ProposePartnership,
)
from contracts.crossing.v1 import CrossingBook, KeepCrossings
from contracts.json_reader import BadJson, read_json
from services.cli import context
from services.cli.input import crossing_file, inputs, spreadsheet
from services.cli.input.network_file import BadNetwork, Members, Network, network
from services.cli.input.reading import unread
from services.cli.views import layout
from services.client.answers import Refused
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import N_
from services.client.phrases.spoken import _, ngettext
from services.client.problems import Problem

NONE_YET = N_("There is no community here yet: ./handoff import FILE")


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    columns = "\n".join(f"  {layout.fill(', '.join(names), 4, first=2)}" for names in spreadsheet.TABLES.values())
    row = _(
        "A table is CSV from a spreadsheet; its first row names the columns, an empty cell leaves things as they are."
    )
    example = layout.examples(
        "./handoff import network.json",
        "./handoff import communities.csv experiences.csv prices.csv",
        note=f"{row}\n{columns}",
    )
    line = _("load communities, or crossings and their rules, from a file or from tables of a spreadsheet")
    parser = verbs.add_parser("import", help=line, epilog=example)
    parser.add_argument("file", type=Path, nargs="+")
    context.add_node(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the file, then send it, and say what was made of it."""
    tables = [path for path in args.file if spreadsheet.is_table(path)]
    if tables and len(tables) < len(args.file):
        raise Problem(_("FILE: give tables, or one file of JSON, and not both at once"))
    if len(args.file) > 1 and not tables:
        raise Problem(_("FILE: give one file of JSON at a time"))
    lines = list(_tables(args, tables) if tables else _document(args, args.file[0]))
    context.tell(args, {"done": lines}, "\n".join(layout.fill(line, 2, first=0) for line in lines))
    return 0


def _tables(args: argparse.Namespace, paths: Sequence[Path]) -> Iterator[str]:
    """State what the tables change, of communities that are here or new."""
    client = LocalApi.of(args.port, args.data)
    changed = spreadsheet.offerings(paths, lambda community: _known(client, community))
    for publish in changed:
        client.send(publish)
    yield _stated(len(changed))


def _stated(count: int) -> str:
    return ngettext("{count} community stated what is on offer", "{count} communities stated what is on offer", count)


def _known(client: LocalApi, community: str) -> Offering | None:
    """What a community of this node offers now."""
    try:
        found = client.send(inputs.built(FindCommunities, text=community, limit=200)).items
        experiences = client.send(inputs.built(FindExperiences, community=community, limit=500)).items
    except (Refused, ValidationError):  # no such id can be: the row says what is wrong with it
        return None
    profile = next((one for one in found if one.id == community), None)
    return Offering(community=profile, experiences=experiences) if profile else None


def _document(args: argparse.Namespace, path: Path) -> Iterator[str]:
    """State a file of communities, or keep a file of crossings; it is read before a node is looked for."""
    document = _parsed(path)
    if crossing_file.is_book(document):
        rows = crossing_file.book(path, document)
        yield from send_crossings(LocalApi.of(args.port, args.data), rows)
        return
    found = read(path)
    yield found.report()
    yield from send(LocalApi.of(args.port, args.data), found)


def read(path: Path) -> Network:
    """The network of a file. Raises Problem with every mistake by its path."""
    try:
        return network(_parsed(path))
    except BadNetwork as bad:
        refused = _("{path} was not imported, nothing was sent:\n{mistakes}", path=path, mistakes=bad)
        raise Problem(refused) from bad


def _parsed(path: Path) -> Any:
    try:
        return read_json(path.read_bytes(), may_have_mark=True)
    except IsADirectoryError:
        inside = path / "communities.json"
        raise Problem(_("{path} is a folder: name a file in it, such as {inside}", path=path, inside=inside)) from None
    except OSError as error:
        raise unread(path, error) from error
    except BadJson as bad:
        raise Problem(_("{path} was not imported: it {mistake}", path=path, mistake=bad)) from None


def send(client: LocalApi, wanted: Network) -> Iterator[str]:
    """State every community, then let partners propose and agree; yields progress."""
    for publish in wanted.offerings:
        client.send(publish)
    yield _stated(len(wanted.offerings))
    for members in wanted.partnerships:
        _propose(client, members)
    yield ngettext("{count} partnership agreed", "{count} partnerships agreed", len(wanted.partnerships))


def _propose(client: LocalApi, members: Members) -> None:
    """The first proposes, the second agrees as soon as the proposal has crossed; goes on where it was left."""
    first, second, terms = members
    before = _partnership(client, second, first)
    if before and before.state in ("agreed", "suspended"):
        return
    if not _awaits(before):
        with suppress(Refused):  # proposed already, and still on its way
            client.send(ProposePartnership(partner=second, terms=terms), acting=first)
    context.until(
        lambda: _awaits(_partnership(client, second, first)),
        _("the proposal of {first} to reach {second}", first=first, second=second),
    )
    client.send(AgreePartnership(partner=first), acting=second)


def _partnership(client: LocalApi, community: str, partner: str) -> PartnershipView | None:
    known = client.send(ListPartnerships(), acting=community).items
    return next((one for one in known if one.partner == partner), None)


def _awaits(known: PartnershipView | None) -> bool:
    return known is not None and known.awaits_us


def send_crossings(client: LocalApi, rows: CrossingBook) -> Iterator[str]:
    """Keep the rows on the node; yields what was made of them."""
    kept = client.send(KeepCrossings(book=rows), seconds=30)
    counts = {"added": kept.added, "superseded": kept.superseded, "unchanged": kept.unchanged}
    yield ngettext(
        "{count} row of crossings and rules: {added} new, {superseded} in the place of older ones, {unchanged} as they "
        "were",
        "{count} rows of crossings and rules: {added} new, {superseded} in the place of older ones, {unchanged} as "
        "they were",
        sum(counts.values()),
        **counts,
    )
