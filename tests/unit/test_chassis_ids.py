"""Ids: unique, sorted as they were made, and UUIDv7 to everybody else."""

from __future__ import annotations

import uuid

from services.chassis.runtime.ids import new_id


def test_ids_sort_as_they_were_made_also_within_a_millisecond() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_says_its_version_and_variant() -> None:
    made = uuid.UUID(new_id())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
