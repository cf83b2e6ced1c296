"""Keeping rows: a later check supersedes an earlier one, nothing is overwritten, a set is kept whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from contracts.crossing.rows import Sourced
from contracts.crossing.v1 import MOST_ROWS, CrossingBook, CrossingsKept
from contracts.refusals import No, Refused

KINDS = ("crossings", "rules", "margins")


class Version(NamedTuple):
    """A row under its kind."""

    kind: str
    row: Sourced


class Revision(NamedTuple):
    """What is to be kept, and what it is called afterwards."""

    keep: tuple[Version, ...]
    kept: CrossingsKept


def revise(kept: Sequence[Version], given: CrossingBook, today: date) -> Revision:
    """What a file adds to the newest versions that are kept, and those of the days it names.

    Raises Refused naming the row and its field.
    """
    _check_rules(kept, given)
    before = {(kind, row.id, row.checked_on): row for kind, row in kept}
    last: dict[tuple[str, str], date] = {}
    for kind, row_id, checked_on in before:
        last[kind, row_id] = max(checked_on, last.get((kind, row_id), checked_on))
    keep: dict[tuple[str, str, date], Version] = {}
    unchanged = 0
    for kind, n, row in _rows(given):
        name = (kind, row.id, row.checked_on)
        if name in keep:
            raise Refused(No.INVALID, "row_given_twice", f"book.{kind}.{n}.id", row=row.id)
        if before.get(name) == row:
            unchanged += 1
            continue
        _check_day(row, last.get((kind, row.id)), today, f"book.{kind}.{n}.checked_on")
        keep[name] = Version(kind, row)
    _check_room({*last} | {(kind, row.id) for kind, row in keep.values()})
    superseded = sum((kind, row.id) in last for kind, row in keep.values())
    counts = CrossingsKept(added=len(keep) - superseded, superseded=superseded, unchanged=unchanged)
    return Revision(tuple(keep.values()), counts)


def newest_only(book: CrossingBook, row_id: str) -> CrossingBook:
    """Of a book, what has this id."""
    return CrossingBook.model_validate({kind: [r for r in getattr(book, kind) if r.id == row_id] for kind in KINDS})


def versions(book: CrossingBook) -> tuple[Version, ...]:
    """The rows of a book, each under its kind."""
    return tuple(Version(kind, row) for kind, _, row in _rows(book))


def _rows(book: CrossingBook) -> Iterator[tuple[str, int, Sourced]]:
    for kind in KINDS:
        for n, row in enumerate(getattr(book, kind)):
            yield kind, n, row


def _check_day(row: Sourced, last: date | None, today: date, field: str) -> None:
    if row.checked_on > today:  # it would count as fresh for as long, and no earlier check could correct it
        raise Refused(No.INVALID, "checked_in_the_future", field, row=row.id, day=row.checked_on, today=today)
    if last is not None and row.checked_on <= last:
        raise Refused(No.INVALID, "checked_before", field, row=row.id, day=last)


def _check_room(held: Iterable[tuple[str, str]]) -> None:
    """More than a book holds could never be read again."""
    for kind, count in Counter(kind for kind, _ in held).items():
        if count > MOST_ROWS[kind]:
            raise Refused(No.INVALID, "too_many_rows", f"book.{kind}", count=count, most=MOST_ROWS[kind])


def _check_rules(kept: Sequence[Version], given: CrossingBook) -> None:
    known = {row.id for kind, row in (*kept, *versions(given)) if kind == "crossings"}
    for n, rule in enumerate(given.rules):
        where = f"book.rules.{n}"
        for name in (rule.crossing, *rule.enforced_at):
            if name is not None and name not in known:
                field = f"{where}.{'crossing' if name == rule.crossing else 'enforced_at'}"
                raise Refused(No.UNKNOWN, "no_such_crossing", field, row=rule.id, crossing=name)
        if rule.valid_from and isinstance(rule.valid_to, date) and rule.valid_to < rule.valid_from:
            raise Refused(No.INVALID, "rule_ends_before_it_begins", f"{where}.valid_to", row=rule.id)
