"""A process dies by kill -9 at the worst moments; started again, the handoff ends as if nothing had happened (F2)."""

import eventlet
import pytest

from tests.faults.deployment import SERVICES, Deployment, Handoff

CRASHES = {
    "booking": {
        "after_receive": "booking.internal",
        "before_commit": "booking.place_hold",
        "after_commit_before_ack": "booking.internal",
        "after_publish_before_mark": "booking.internal",
    },
    "referral": {
        "after_receive": "referral.border",
        "before_commit": "booking.hold_placed",
        "after_commit_before_ack": "referral.internal",
        "after_publish_before_mark": "referral.border",
    },
}


@pytest.mark.parametrize("victim", CRASHES)
def test_f2_killed_at_every_crash_point_a_handoff_completes_with_every_effect_once(
    deployment: Deployment, victim: str
) -> None:
    others = [name for name in SERVICES if name != victim]
    deployment.start(*others)
    handoffs = []
    for n, (where, what) in enumerate(CRASHES[victim].items()):
        deployment.start(victim, crash_at=f"{where}:{what}")
        if not n:
            deployment.wait_ready(*others)
        deployment.until(lambda: deployment.ready(victim) or deployment.processes[victim].poll() is not None)
        handoffs.append(eventlet.spawn(Handoff, deployment))  # whoever offers asks again until there is an answer
        assert deployment.ended(victim) == -9, where
    deployment.start(victim)
    offered = [handoff.wait() for handoff in handoffs]
    for handoff in offered:
        handoff.depart()
    for handoff in offered:
        handoff.visit()
    for handoff in offered:
        handoff.happened_once()
