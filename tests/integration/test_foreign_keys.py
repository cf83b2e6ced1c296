"""A process of other node keys never works on a database, also when it was there before the database was."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chassis.runtime import bridge
from services.chassis.storage.migrations import migrate
from services.chassis.trust import keys_in_force
from services.chassis.trust.keys_in_force import ForeignKeys
from services.chassis.trust.vault import Vault, new_line
from tests.support.database import Databases
from tests.support.engine import MIGRATIONS, running, until
from tests.support.vault import node_keys, write


def other(folder: Path) -> Path:
    """The file of another node's keys."""
    return write(folder / "node.keys", new_line())


def test_the_second_node_on_a_database_does_not_start_with_other_keys(
    database: str, inproc_bus: str, tmp_path: Path
) -> None:
    with running(database, inproc_bus), running(database, "inproc://second/") as second:
        second.tell("as many processes of one node as there are")
    with (
        pytest.raises(ForeignKeys, match="is not of this database"),
        running(database, inproc_bus, node_keys=other(tmp_path)),
    ):
        pass


def test_a_process_that_waits_for_its_tables_ends_when_they_are_another_nodes(
    server: Databases, inproc_bus: str, tmp_path: Path
) -> None:
    url = server.fresh()
    with running(url, inproc_bus, migrate=False, ready=False, node_keys=other(tmp_path)) as engine:
        bridge.run(migrate(url, {"tally": MIGRATIONS}))
        assert bridge.run(keys_in_force.hold(url, Vault(node_keys())))
        until(lambda: engine.node.failed, what="the process to end")
    server.drop(url)
