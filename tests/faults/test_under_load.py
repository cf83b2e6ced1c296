"""Whatever is taken away while parties are handed over: at the end nothing is parked and every pair is equal."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import eventlet
import pytest

from contracts.referral.v1 import AcceptHandoff, WithdrawHandoff
from services.cli.verbs import reconciling
from tests.faults.deployment import OWNERS, ROOT, SERVICES, Deployment, Handoff, seed
from tests.support.rabbitmq import RabbitMQ
from tests.support.small_disk import SmallDisk, small_disk

#: How many parties are handed over at the same time.
AT_ONCE = 10
CUT_SECONDS, FULL_SECONDS, FROZEN_SECONDS = 4.0, 6.0, 3.0
#: After the last fault everything agrees within this time, in seconds.
HEALED = 90.0
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


class Load:
    """Parties that are handed over, one after another in each of a few green threads, until it is stopped."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._stopping = False
        self._number = count()
        self.done = 0
        self._threads = [eventlet.spawn(self._run) for _ in range(AT_ONCE)]

    def _run(self) -> None:
        while not self._stopping:
            night = date(2027, 1, 14) + timedelta(days=next(self._number) % 21)
            handoff = Handoff(self._deployment, [{"experience_id": "bo-taen.homestay", "day": night.isoformat()}])
            handoff.reach("held", HEALED)
            handoff.do(AcceptHandoff, "bo-taen")
            handoff.reach("accepted", HEALED)
            handoff.do(WithdrawHandoff, "tha-li", reason="party_changed_mind")
            self.done += 1

    def flow(self, more: int) -> None:
        """Until so many more have been handed over and withdrawn."""
        wanted = self.done + more
        self._deployment.until(lambda: self.done >= wanted, HEALED, f"{more} handoffs more")

    def stop(self) -> None:
        """Finish what is under way. Raises what went wrong in it."""
        self._stopping = True
        for thread in self._threads:
            thread.wait()

    def abandon(self) -> None:
        """Leave everything as it is."""
        for thread in self._threads:
            thread.kill()


class Rig:
    """One node in processes of its own, its broker and its small disk."""

    def __init__(self, deployment: Deployment, broker: RabbitMQ, disk: SmallDisk, chance: random.Random) -> None:
        self.deployment = deployment
        self.broker = broker
        self.disk = disk
        self.chance = chance

    def kill(self) -> None:
        """A process dies by kill -9 and is started again."""
        victim = self.chance.choice(OWNERS)
        self.deployment.kill(victim)
        eventlet.sleep(self.chance.random())
        self.deployment.start(victim)

    def cut(self) -> None:
        """Connections to the database are cut at random, many times."""
        with eventlet.Timeout(CUT_SECONDS, False):
            while True:
                self.disk.databases.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'handoff-%'"
                    " AND random() < 0.15"
                )
                eventlet.sleep(0.2)

    def fill(self) -> None:
        """The disk is full for a while, and somebody notices."""
        self.disk.fill()
        try:
            eventlet.sleep(FULL_SECONDS)
            self.deployment.until(lambda: "DiskFullError" in self.said(), 30, "the full disk to be noticed")
        finally:
            self.disk.free()

    def wipe(self) -> None:
        """The broker loses all that it has confirmed."""
        self.broker.wipe()

    def freeze(self) -> None:
        """A process stands still for a while."""
        process = self.deployment.processes[self.chance.choice(OWNERS)]
        process.send_signal(signal.SIGSTOP)
        eventlet.sleep(FROZEN_SECONDS)
        process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        """What all processes have logged."""
        return "\n".join(self.deployment.log(name) for name in OWNERS)

    def differences(self) -> list[Any]:
        """What does not agree now."""
        return [*self.deployment.parked(), *reconciling.wrong(self.deployment.client)]


FAULTS: dict[str, Callable[[Rig], None]] = {
    "kill": Rig.kill,
    "cut": Rig.cut,
    "fill": Rig.fill,
    "wipe": Rig.wipe,
    "freeze": Rig.freeze,
}


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    """PostgreSQL on a small disk, with one database: Tha Li and Bo Taen are partners in it."""
    with small_disk() as made:
        yield made


@pytest.fixture(scope="module")
def seeded_disk(disk: SmallDisk, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database to be copied."""
    url = disk.databases.fresh()
    seed(Deployment(url, "inproc://node/", tmp_path_factory.mktemp("seed")))
    disk.databases.execute("DELETE FROM node.keys_in_force WHERE what = 'record'", url)
    return url


@contextmanager
def rig(disk: SmallDisk, template: str, broker: RabbitMQ, bus: str, base: Path, **settings: str) -> Iterator[Rig]:
    """Everything runs."""
    url = disk.databases.fresh(template)
    deployment = Deployment(url, bus, base)
    try:
        deployment.start(*SERVICES, **settings)
        deployment.wait_ready(*SERVICES)
        yield Rig(deployment, broker, disk, random.Random(base.name))
    finally:
        deployment.close()
        disk.databases.drop(url)


@as_root
@pytest.mark.parametrize("names", [("cut", "fill"), tuple(FAULTS)], ids=" ".join)
def test_after_any_failure_under_load_all_records_and_holds_agree(
    disk: SmallDisk,
    seeded_disk: str,
    rabbitmq_node: RabbitMQ,
    rabbitmq_bus: str,
    tmp_path: Path,
    names: tuple[str, ...],
) -> None:
    with rig(disk, seeded_disk, rabbitmq_node, rabbitmq_bus, tmp_path) as node:
        load = Load(node.deployment)
        for name in names:
            load.flow(AT_ONCE // 2)
            FAULTS[name](node)
            node.deployment.wait_ready(*SERVICES)
        load.stop()
        node.deployment.until(lambda: node.deployment.quiet() and not node.differences(), HEALED, "all to agree")
        assert node.differences() == []


@as_root
def test_control_a_node_that_blames_messages_for_outages_parks_good_ones(
    disk: SmallDisk, seeded_disk: str, rabbitmq_node: RabbitMQ, rabbitmq_bus: str, tmp_path: Path
) -> None:
    blaming = os.pathsep.join((str(Path(__file__).parent / "blaming"), str(ROOT)))
    with rig(disk, seeded_disk, rabbitmq_node, rabbitmq_bus, tmp_path, PYTHONPATH=blaming) as node:
        load = Load(node.deployment)
        load.flow(1)
        cutting = [eventlet.spawn_after(n * CUT_SECONDS, node.cut) for n in range(10)]
        node.deployment.until(node.deployment.parked, 40, "a good message to be parked")
        for each in cutting:
            each.kill()
        load.abandon()
