"""What was believed when it came is judged again when its turn comes; nobody takes the id or the lane of another."""

import json
from typing import Any

import pytest

from services.chassis.messaging import authentication
from services.chassis.messaging.store import Delivery, Outcome
from services.chassis.trust import signing
from tests.support import identity
from tests.support.community import OURS, THEIRS, CommunityNode, Tell, also_known_by, departs, partners

__all__ = ["partners"]
STOLEN_ENDS = "UPDATE node.partner_keys SET used_until = clock_timestamp() WHERE keyid = $1"


async def stolen(node: CommunityNode) -> dict[str, Any]:
    """A thief of Tha Li's key has said number 2; then Tha Li's own new key, `pla-ba`, is the one that counts."""
    early = identity.signed(departs(2))
    assert await node.hears(early) is Outcome.WAITING
    await also_known_by(node, "pla-ba")
    await node.sql(STOLEN_ENDS, identity.keyid(THEIRS))
    return early


def test_a_waiting_message_whose_key_was_revoked_is_parked_and_its_number_is_free(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        early = await stolen(node)
        assert await node.hears(identity.signed(departs(1), by="pla-ba")) is Outcome.APPLIED
        assert node.departed == [1]
        assert await node.errors() == ["the signer is not the counterpart: its key counts no more"]
        again = identity.signed({k: v for k, v in early.items() if k not in ("keyid", "signature")}, by="pla-ba")
        assert await node.hears(again) is Outcome.APPLIED, "the true owner may say the very same"
        assert node.departed == [1, 2]

    partners(story)


def test_control_without_verifying_again_the_thiefs_message_is_applied(
    partners: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "check_still_counts", lambda *_: None)

    async def story(node: CommunityNode) -> None:
        await stolen(node)
        await node.hears(identity.signed(departs(1), by="pla-ba"))
        assert node.departed == [1, 2]

    partners(story)


def test_a_forged_waiting_message_does_not_block_its_number_for_the_genuine_one(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await stolen(node)
        true = identity.signed(departs(2), by="pla-ba")
        assert await node.hears(true) is Outcome.STALE, "its number is taken; it is asked for again"
        await node.hears(identity.signed(departs(1), by="pla-ba"))
        assert await node.hears(true) is Outcome.APPLIED
        assert node.departed == [1, 2]

    partners(story)


def taken(by: str, true: dict[str, Any]) -> dict[str, Any]:
    """A third partner says something of its own under the id of somebody's message."""
    return identity.signed(departs(1) | {"id": true["id"], "source": by}, by=by)


async def heard_after_a_third(node: CommunityNode, true: dict[str, Any]) -> Outcome:
    row = (OURS, "pla-ba", identity.keyid("pla-ba"), identity.public_key("pla-ba"), identity.keyid("pla-ba"))
    query = "INSERT INTO node.partner_keys VALUES ($1, $2, $3, $4, true, $5, '2020-01-01'::timestamptz)"
    await node.sql(query, *row)
    assert await node.hears(taken("pla-ba", true)) is Outcome.APPLIED
    return await node.hears(true)


def test_a_partner_cannot_use_up_the_id_of_another_partners_message(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        assert await heard_after_a_third(node, identity.signed(departs())) is Outcome.APPLIED
        assert node.departed == [1, 1]

    partners(story)


def test_control_with_global_ids_the_genuine_message_is_parked(partners: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "uuid5", lambda given, _: given)

    async def story(node: CommunityNode) -> None:
        assert await heard_after_a_third(node, identity.signed(departs())) is Outcome.PARKED

    partners(story)


@pytest.mark.parametrize(
    "died", [{}, {"x-first-death-queue": "referral.border"}], ids=["nobody knows where", "on the border"]
)
def test_a_dead_letter_is_replayed_on_its_original_lane_only(partners: Tell, died: dict[str, str]) -> None:
    async def story(node: CommunityNode) -> None:
        said = {name: value for name, value in departs().items() if name != "to"}
        await node.store.dead_letters.take_over(
            Delivery(body=json.dumps(said).encode(), queue="referral.dead", headers=died), "x"
        )
        (row,) = await node.store.dead_letters.listed()
        why = await node.store.replays.replay(str(row["id"]))
        assert why is not None
        assert "counterpart" in why
        assert node.departed == []

    partners(story)
