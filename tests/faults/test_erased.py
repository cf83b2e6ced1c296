"""What is erased on a running node opens no more from its disk, within the time that is told."""

from __future__ import annotations

from pathlib import Path

from contracts.node.v1 import AskStanding
from contracts.personal.v1 import WithdrawConsent
from contracts.referral.v1 import AcceptHandoff
from services.chassis.trust.vault import Vault
from tests.faults.deployment import Deployment, Handoff
from tests.support import edge
from tests.support.attacker import opened
from tests.support.canary import Canaries
from tests.support.database import Databases
from tests.support.vault import node_keys


def test_a_running_node_renews_its_record_keys_after_an_erasure(deployment: Deployment, server: Databases) -> None:
    deployment.start("all", HANDOFF_RENEW="100000")
    deployment.wait_ready("all")
    canaries, handoff = Canaries(), Handoff(deployment)
    handoff.reach("held")
    handoff.do(AcceptHandoff, "bo-taen")
    handoff.reach("accepted")
    edge.give_consent(deployment.client, handoff.id, acting="tha-li", part=canaries.personal_part)
    handoff.reach("confirmed")
    handoff.do(WithdrawConsent, "tha-li")
    handoff.reach("withdrawn")
    deployment.until(lambda: handoff.view("tha-li").partner_erased_at, what="the receipt of the erasure")
    server.execute("CHECKPOINT")
    cluster, sides = Path(server.execute("SHOW data_directory")), {(handoff.id, "tha-li"), (handoff.id, "bo-taen")}
    keys = Vault(node_keys(), deployment.folder / "record-keys")

    def standing(name: str) -> float | None:
        found: float | None = getattr(deployment.client.send(AskStanding(), service="referral"), name)
        return found

    assert opened(cluster, keys, sides) == sides, "until then"
    deployment.kill("all")
    deployment.start("all", HANDOFF_RENEW="1")
    deployment.wait_ready("all")
    deployment.until(lambda: standing("erased_since") is None, 40, "the record keys to be renewed")
    assert (standing("renewed_since") or 60) < 60
    assert len([*(deployment.folder / "record-keys").iterdir()]) == 1
    assert opened(cluster, keys, sides) == set()
