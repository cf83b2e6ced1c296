"""Who may be believed on the border: a forged message changes nothing, takes nothing, and stops nothing."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.border import v1 as border
from contracts.community import v1
from contracts.node.v1 import AskStanding, Rewrap
from contracts.refusals import No, Refused
from services.chassis.messaging import inbox
from services.chassis.messaging.store import Outcome, Store
from services.chassis.ports import EVERYONE
from services.chassis.process import operations
from services.chassis.runtime.settings import Settings
from services.chassis.storage.migrations import migrate
from services.chassis.trust import signing
from services.chassis.trust.keyring import Keyring, sign_envelopes
from services.chassis.trust.vault import Vault
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from services.community.handlers import keys, partnership
from tests.support import identity
from tests.support.booking_fixture import MIGRATIONS as BOOKING
from tests.support.community import (
    MIGRATIONS,
    OURS,
    TERMS,
    THEIRS,
    CommunityNode,
    Tell,
    agrees,
    also_known_by,
    become_partners,
    departs,
    departs_as_now,
    heard,
    partners,
    proposes,
    says,
    strangers,
)
from tests.support.database import Databases
from tests.support.vault import LINES, vault, write

__all__ = ["partners", "strangers"]

# forged, and what it may not do


def forged(how: str) -> dict[str, Any]:
    """A departure that Tha Li has not told of."""
    true = identity.signed(departs())
    match how:
        case "unsigned":
            return departs()
        case "by another under its name":
            return identity.signed(departs(), by="pla-ba") | {"keyid": identity.keyid(THEIRS)}
        case "changed":
            return true | {"subject": "another-handoff"}
        case "sent on to another":
            return true | {"to": "pla-ba", "keyid": identity.keyid(THEIRS)}
        case "without anybody it is for":
            return {name: value for name, value in true.items() if name != "to"}
    raise AssertionError(how)


HOW = ("unsigned", "by another under its name", "changed", "without anybody it is for")


@pytest.mark.parametrize("how", HOW)
def test_a_forged_message_is_parked_and_changes_nothing(partners: Tell, how: str) -> None:
    async def story(node: CommunityNode) -> None:
        assert await node.hears(forged(how)) is Outcome.PARKED
        assert node.departed == []
        (error,) = await node.errors()
        assert error.startswith("the signer is not the counterpart")
        assert await node.sql("SELECT FROM inbox") == []
        assert await node.sql("SELECT FROM streams_in") == []

    partners(story)


def test_control_without_verification_the_forged_message_is_applied(
    partners: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "holds", lambda *_: True)

    async def story(node: CommunityNode) -> None:
        assert await node.hears(forged("by another under its name")) is Outcome.APPLIED
        assert node.departed == [1]

    partners(story)


def test_a_forged_message_uses_up_neither_id_nor_number_of_the_genuine_one(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        true = departs()
        under_its_name = identity.signed(true | {"data": {"at": "2027-01-05T02:00:00Z"}}, by="pla-ba")
        for each in (under_its_name | {"keyid": identity.keyid(THEIRS)}, under_its_name, true | {"data": {"x": 1}}):
            await node.hears(each)
        assert await node.hears(identity.signed(true)) is Outcome.APPLIED
        assert await node.hears(identity.signed(departs(2))) is Outcome.APPLIED
        assert node.departed == [1, 2]

    partners(story)


def test_an_unreadable_forged_message_takes_no_place_in_a_stream(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        for unread in ({"data": {"nothing": 1}}, {"type": "border.party_departed.v9"}):
            assert await node.hears(identity.signed(departs() | unread, by="pla-ba")) is Outcome.PARKED
        assert await node.hears(identity.signed(departs())) is Outcome.APPLIED

    partners(story)


def test_an_unreadable_genuine_message_keeps_its_place_in_its_stream(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        assert await node.hears(identity.signed(departs() | {"data": {"nothing": 1}})) is Outcome.PARKED
        assert await node.hears(identity.signed(departs(2))) is Outcome.WAITING
        (parked,) = await node.store.dead_letters.listed()
        await node.store.replays.discard(parked["id"])
        assert node.departed == [2]

    partners(story)


async def discards(node: CommunityNode, seq: int) -> None:
    """A person gives up the message with this number."""
    (found,) = [row["id"] for row in await node.store.dead_letters.listed() if row["seq"] == seq]
    await node.store.replays.discard(found)


def test_parked_messages_of_a_stream_are_discarded_in_order_and_then_it_goes_on(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        for seq in (1, 2):
            assert await node.hears(identity.signed(departs(seq) | {"data": {"nothing": 1}})) is Outcome.PARKED
        with pytest.raises(Refused) as no:
            await discards(node, 2)
        assert (no.value.refusal.code, no.value.refusal.field) == (No.WRONG_STATE, "id")
        assert no.value.refusal.message.startswith("discard or replay number 1 of its stream first")
        for seq in (1, 2):
            await discards(node, seq)
        assert await node.hears(identity.signed(departs(3))) is Outcome.APPLIED

    partners(story)


def test_the_first_message_of_a_stream_can_be_discarded_before_any_other_arrives(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        assert await node.hears(identity.signed(departs() | {"data": {"nothing": 1}})) is Outcome.PARKED
        await discards(node, 1)
        assert await node.hears(identity.signed(departs(2))) is Outcome.APPLIED

    partners(story)


def test_a_parked_message_outside_of_any_stream_can_be_discarded_at_any_time(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        node.store.readers.update({border.RecordStated.type: (border.RecordStated, None)})  # type: ignore[dict-item] # never run
        far = inbox.LONGEST_GAP + 1
        assert await node.hears(identity.signed(departs(far))) is Outcome.PARKED
        stated = says(border.RecordStated(state="held", sent=1, seen=1), 7, subject="a-handoff")
        assert await node.hears(identity.signed(stated | {"data": {"nothing": 1}})) is Outcome.PARKED
        for seq in (far, 7):
            await discards(node, seq)
        assert await node.hears(identity.signed(departs())) is Outcome.APPLIED

    partners(story)


def test_replaying_or_discarding_a_forged_message_applies_nothing_and_skips_nothing(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hears(forged("by another under its name"))
        (parked,) = await node.store.dead_letters.listed()
        assert "not the counterpart" in str(await node.store.replays.replay(parked["id"]))
        await node.store.replays.discard(parked["id"])
        assert await node.hears(identity.signed(departs())) is Outcome.APPLIED

    partners(story)


@pytest.mark.parametrize(
    ("said", "queue"),
    [
        (says(v1.PartnershipStated(community=OURS, partner=THEIRS, state="agreed", terms=TERMS,
                                   since="2027-01-04T02:00:00Z")), "referral.border"),
        (identity.signed(departs()), "referral.internal"),
        (departs() | {"to": None}, "referral.internal"),
    ],
)  # fmt: skip
def test_each_lane_carries_its_own_messages_only(partners: Tell, said: dict[str, Any], queue: str) -> None:
    async def story(node: CommunityNode) -> None:
        node.store.readers.update({v1.PartnershipStated.type: (v1.PartnershipStated, None)})  # type: ignore[dict-item] # never run
        for each in (said, {name: value for name, value in said.items() if name != "to"}):
            assert await node.hears(each, queue) is Outcome.PARKED
        assert await node.sql("SELECT FROM inbox") == []

    partners(story)


# sent again


def test_a_copy_signed_again_with_another_key_is_a_duplicate(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await also_known_by(node, "pla-ba")
        said = departs()
        assert await node.hears(identity.signed(said)) is Outcome.APPLIED
        assert await node.hears(identity.signed(said, by="pla-ba")) is Outcome.DUPLICATE
        assert node.departed == [1]

    partners(story)


def test_control_a_digest_over_the_signature_takes_it_for_another_message(
    partners: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "digest", lambda _envelope, body: body)

    async def story(node: CommunityNode) -> None:
        await also_known_by(node, "pla-ba")
        said = departs()
        assert await node.hears(identity.signed(said)) is Outcome.APPLIED
        assert await node.hears(identity.signed(said, by="pla-ba")) is Outcome.PARKED

    partners(story)


def test_the_same_id_with_another_content_is_parked_even_if_signed(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        said = departs()
        await node.hears(identity.signed(said))
        assert await node.hears(identity.signed(said | {"seq": 2})) is Outcome.PARKED
        assert await node.errors() == ["ValueError: the same message id came with another content"]

    partners(story)


# a key that is not known yet


def test_a_message_that_arrives_before_its_key_is_applied_once_the_key_is_pinned(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        for seq in (2, 1):
            assert await node.hears(identity.signed(departs(seq))) is Outcome.UNPROVEN
        assert await node.hears(proposes()) is Outcome.APPLIED
        assert node.departed == []
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        assert await node.store.inbox.prove() == 2
        assert node.departed == [1, 2]
        assert await node.sql("SELECT FROM unproven") == []

    strangers(story)


def test_a_message_that_waits_for_its_key_is_applied_when_the_partnership_is_stated(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        async def stated(_message: v1.PartnershipStated, _work: CommunityUnitOfWork) -> None:
            """Another service of the node hears how the partnership stands."""

        node.store.readers.update({v1.PartnershipStated.type: (v1.PartnershipStated, stated)})
        await node.hosts()
        await node.ask(partnership.propose_partnership, v1.ProposePartnership(partner=THEIRS, terms=TERMS))
        assert await node.hears(identity.signed(departs())) is Outcome.UNPROVEN
        await identity.introduce(node.store.database.url, OURS, THEIRS)
        since = "2027-01-04T02:00:00Z"
        fact = v1.PartnershipStated(community=OURS, partner=THEIRS, state="agreed", terms=TERMS, since=since)
        told = says(fact, subject=f"{OURS}--{THEIRS}", source="community")
        told.pop("to")
        assert await node.hears(told, "referral.internal") is Outcome.APPLIED
        assert node.departed == [1]

    strangers(story)


def test_a_message_that_waits_too_long_for_its_key_is_parked_without_a_number(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        assert await node.hears(identity.signed(departs())) is Outcome.UNPROVEN
        await node.sql("UPDATE unproven SET received_at = received_at - interval '1 hour'")
        await node.store.inbox.prove()
        (error,) = await node.errors()
        assert "its key has not become known" in error
        assert await node.sql("SELECT FROM unproven UNION ALL SELECT FROM inbox") == []

    strangers(story)


def test_the_number_of_messages_that_wait_for_one_key_is_limited(
    strangers: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.messaging.authentication.MOST_OF_ONE_KEY", 2)

    async def story(node: CommunityNode) -> None:
        outcomes = [await node.hears(identity.signed(departs(seq))) for seq in (1, 2, 3)]
        assert outcomes == [Outcome.UNPROVEN, Outcome.UNPROVEN, Outcome.PARKED]
        assert await node.hears(identity.signed(departs(), by="pla-ba")) is Outcome.UNPROVEN

    strangers(story)


def test_more_wait_for_the_key_of_a_partner_who_may_be_replacing_it(
    partners: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.messaging.authentication.MOST_OF_ONE_KEY", 1)
    monkeypatch.setattr("services.chassis.messaging.authentication.MOST_OF_A_PARTNERS_KEY", 3)

    async def story(node: CommunityNode) -> None:
        outcomes = [await node.hears(identity.signed(departs(seq), by="pla-ba")) for seq in (1, 2, 3, 4)]
        assert outcomes == [*[Outcome.UNPROVEN] * 3, Outcome.PARKED]

    partners(story)


# not proven, and set aside


async def copies(node: CommunityNode) -> list[int]:
    """How often each message that is set aside has come."""
    return [row["copies"] for row in await node.store.dead_letters.listed()]


def test_a_forged_message_is_parked_once_however_often_it_arrives(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        said = forged("by another under its name")
        assert {await node.hears(said) for _ in range(5)} == {Outcome.PARKED}
        assert await copies(node) == [5]
        (parked,) = await node.store.dead_letters.listed()
        await node.store.replays.discard(parked["id"])
        await node.hears(said)
        assert await copies(node) == [1]

    partners(story)


def test_two_different_forged_messages_are_parked_separately(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        for how in ("unsigned", "by another under its name"):
            await node.hears(forged(how))
        assert await copies(node) == [1, 1]

    partners(story)


def test_a_flood_under_one_name_is_bounded_and_another_name_still_has_room(
    partners: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.messaging.dead_letters.MOST_OF_ONE", 2)
    monkeypatch.setattr("services.chassis.messaging.dead_letters.MOST_DOUBTFUL", 4)

    async def story(node: CommunityNode) -> None:
        flood = [await node.hears(departs(seq)) for seq in (1, 2, 3)]
        assert flood == [Outcome.PARKED, Outcome.PARKED, Outcome.LET_GO]
        others = [await node.hears(departs(source=name)) for name in ("pla-ba", "na-hin", "khun-nam")]
        assert others == [Outcome.PARKED, Outcome.PARKED, Outcome.LET_GO]
        assert await node.hears(identity.signed(departs(data={"nothing": 1}))) is Outcome.PARKED
        assert await node.hears(identity.signed(departs(2))) is Outcome.WAITING
        assert len(await node.errors()) == 5

    partners(story)


def test_a_flood_that_nobody_can_read_is_bounded_too(partners: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.messaging.dead_letters.MOST_OF_ONE", 1)

    async def story(node: CommunityNode) -> None:
        said = [{"nothing": n} for n in (1, 1, 2)] + [departs(seq, data={"nothing": 1}) for seq in (1, 2)]
        outcomes = [await node.hears(each) for each in said]
        assert outcomes == [Outcome.PARKED, Outcome.PARKED, Outcome.LET_GO, Outcome.PARKED, Outcome.LET_GO]
        assert await copies(node) == [2, 1]

    partners(story)


def test_what_is_stated_again_and_again_with_a_key_not_known_does_not_pile_up(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        node.store.readers.update({border.RecordStated.type: (border.RecordStated, None)})  # type: ignore[dict-item] # never run
        for seq in (1, 2, 3):
            stated = says(border.RecordStated(state="held", sent=seq, seen=1, asks=True), seq, subject="a-handoff")
            assert await node.hears(identity.signed(stated, by="pla-ba")) is Outcome.UNPROVEN
            await node.sql("UPDATE unproven SET received_at = received_at - interval '1 hour'")
            assert await node.store.inbox.prove() == 1
        assert await copies(node) == [3]

    partners(story)


# how a key becomes the partner's


def test_agreeing_pins_the_key_of_the_proposal_and_its_stream_goes_on(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        assert (await node.view()).their_fingerprint == signing.fingerprint(identity.public_key(THEIRS))
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        assert await node.hears(proposes()) is Outcome.STALE
        pauses = identity.signed(says(border.PartnershipSuspended(), 2))
        assert await node.hears(pauses) is Outcome.APPLIED
        assert (await node.view()).state == "suspended"
        assert await node.errors() == []

    strangers(story)


def test_what_was_early_before_the_key_was_pinned_is_applied_after(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.ask(partnership.propose_partnership, v1.ProposePartnership(partner=THEIRS, terms=TERMS))
        assert await node.hears(identity.signed(says(border.PartnershipSuspended(), 2))) is Outcome.UNPROVEN
        assert await node.hears(agrees()) is Outcome.APPLIED
        assert (await node.view()).state == "suspended"

    strangers(story)


def test_an_agreement_to_our_proposal_pins_the_key_that_signed_it(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.ask(partnership.propose_partnership, v1.ProposePartnership(partner=THEIRS, terms=TERMS))
        assert (await node.view()).their_fingerprint is None
        assert await node.hears(agrees()) is Outcome.APPLIED
        assert (await node.view()).state == "agreed"
        assert await node.hears(identity.signed(departs())) is Outcome.APPLIED
        assert await node.hears(agrees(2, by="pla-ba")) is Outcome.PARKED

    strangers(story)


def test_an_agreement_without_our_proposal_is_ignored(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        assert await node.hears(agrees(by="pla-ba")) is Outcome.APPLIED
        assert await node.ask(partnership.list_partnerships, v1.ListPartnerships()) == []
        assert await node.hears(proposes()) is Outcome.APPLIED
        assert (await node.view()).awaits_us

    strangers(story)


def test_a_proposal_not_signed_with_the_key_it_brings_is_parked(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        brought = says(border.PartnershipProposed(terms=TERMS, public_key=identity.public_key(THEIRS)))
        stolen = identity.signed(brought, by="pla-ba") | {"keyid": identity.keyid(THEIRS)}
        assert await node.hears(stolen) is Outcome.PARKED
        assert await node.hears(identity.signed(brought, by="pla-ba")) is Outcome.UNPROVEN
        assert await node.ask(partnership.list_partnerships, v1.ListPartnerships()) == []

    strangers(story)


def test_the_key_of_a_proposal_that_waits_for_our_answer_cannot_be_replaced(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        assert await node.hears(proposes(by="pla-ba")) is Outcome.PARKED
        ended = identity.signed(says(border.PartnershipEnded(), 1), by="pla-ba")
        assert await node.hears(ended) is Outcome.UNPROVEN
        view = await node.view()
        assert (view.awaits_us, view.their_fingerprint) == (True, signing.fingerprint(identity.public_key(THEIRS)))

    strangers(story)


def test_a_declined_stranger_does_not_prevent_other_proposals(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes(by="pla-ba"))
        await node.ask(partnership.end_partnership, v1.EndPartnership(partner=THEIRS))
        assert await node.hears(proposes()) is Outcome.APPLIED
        late = identity.signed(says(border.PartnershipEnded(), 2), by="pla-ba")
        assert await node.hears(late) is Outcome.APPLIED
        assert (await node.view()).awaits_us
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        assert await node.hears(identity.signed(departs())) is Outcome.APPLIED
        assert (await node.view()).their_fingerprint == signing.fingerprint(identity.public_key(THEIRS))

    strangers(story)


def test_after_an_end_the_partner_is_still_known_by_its_key(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        await node.hears(identity.signed(says(border.PartnershipEnded(), 2)))
        assert (await node.view()).state == "ended"
        assert await node.hears(proposes(3, by="pla-ba")) is Outcome.PARKED
        assert await node.hears(proposes(3)) is Outcome.APPLIED
        assert (await node.view()).awaits_us

    strangers(story)


def test_a_message_that_arrives_while_its_key_is_being_pinned_counts_in_the_partners_stream(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        async with node.store.work(OURS) as work:
            await partnership.agree_partnership(v1.AgreePartnership(partner=THEIRS), work)
            pauses = identity.signed(says(border.PartnershipSuspended(), 2))
            hearing = asyncio.create_task(node.hears(pauses))
            async with asyncio.timeout(10):
                while not await node.sql("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                    assert not hearing.done()
        assert await hearing is Outcome.APPLIED
        resumes = identity.signed(says(border.PartnershipSuspended(resumed=True), 3))
        assert await node.hears(resumes) is Outcome.APPLIED
        assert (await node.view()).state == "agreed"
        assert await node.sql("SELECT FROM waiting") == []

    strangers(story)


# a key is replaced


def test_a_new_key_and_the_old_one_overlap_and_then_the_old_one_is_refused(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await become_partners(node)
        first = await departs_as_now(node, 1)
        mine = await node.ask(keys.rotate_key, v1.RotateKey(), THEIRS)
        assert [key.used_until is None for key in mine] == [False, True]
        assert await heard(node) == [Outcome.APPLIED]
        assert (await departs_as_now(node, 1))["keyid"] == first["keyid"]
        await node.pass_time(timedelta(days=1, hours=1))
        second = await departs_as_now(node, 2)
        assert second["keyid"] == mine[1].keyid
        assert [await node.hears(first), await node.hears(second)] == [Outcome.APPLIED, Outcome.APPLIED]
        old = await node.sql("SELECT used_until FROM node.partner_keys WHERE keyid = $1", first["keyid"])
        third = departs(3) | {"keyid": first["keyid"]}
        (signed_by_the_old,) = await identity.as_relayed(node.store, third)
        await node.pass_time(timedelta(days=7))
        assert old[0]["used_until"] is not None
        assert await node.hears(signed_by_the_old) is Outcome.PARKED
        assert await node.hears(await departs_as_now(node, 3)) is Outcome.APPLIED

    strangers(story)


def test_a_stolen_key_can_be_replaced_without_an_overlap(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await become_partners(node)
        stolen = await departs_as_now(node, 1)
        old = stolen["keyid"]
        (fresh,) = await node.ask(keys.rotate_key, v1.RotateKey(at_once=True), THEIRS)
        async with node.store.work(THEIRS) as work:
            assert await work.public_key(THEIRS, old) is None
            assert await work.public_key(THEIRS, fresh.keyid) is not None
            assert (await work.sign(THEIRS, b"a pass"))[0] == fresh.keyid
        told = [each for each in await node.left() if each["type"] == border.KeyRotated.type]
        assert [each["keyid"] for each in told] == [old]
        assert await node.hears(told[0]) is Outcome.APPLIED
        assert await node.hears(told[0]) is Outcome.DUPLICATE
        assert await node.hears(stolen) is Outcome.PARKED
        assert await node.hears(await departs_as_now(node, 1)) is Outcome.APPLIED
        assert (await node.view()).their_fingerprint == fresh.fingerprint

    strangers(story)


def test_a_key_rotation_not_signed_with_the_old_key_is_parked(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        new = border.KeyRotated(
            public_key=identity.public_key("pla-ba"), used_from="2027-01-04T02:00:00Z", old_until="2027-01-04T02:00:00Z"
        )
        assert await node.hears(identity.signed(says(new), by="pla-ba")) is Outcome.UNPROVEN
        under_its_name = identity.signed(says(new), by="pla-ba") | {"keyid": identity.keyid(THEIRS)}
        assert await node.hears(under_its_name) is Outcome.PARKED
        assert len(await node.sql("SELECT FROM node.partner_keys WHERE community = $1", OURS)) == 1

    partners(story)


def test_a_key_is_replaced_while_a_proposal_waits(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts(OURS, THEIRS)
        await node.ask(partnership.propose_partnership, v1.ProposePartnership(partner=OURS, terms=TERMS), THEIRS)
        await node.ask(keys.rotate_key, v1.RotateKey(at_once=True), THEIRS)
        assert await heard(node) == [Outcome.APPLIED, Outcome.APPLIED]
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        assert await heard(node) == [Outcome.APPLIED]
        assert await node.hears(await departs_as_now(node, 1)) is Outcome.APPLIED
        await node.ask(partnership.suspend_partnership, v1.SuspendPartnership(partner=OURS), THEIRS)
        assert await heard(node) == [Outcome.APPLIED]

    strangers(story)


def test_only_one_new_key_at_a_time_waits_to_come_into_use(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.ask(keys.rotate_key, v1.RotateKey())
        with pytest.raises(Refused) as no:
            await node.ask(keys.rotate_key, v1.RotateKey())
        assert no.value.refusal.code is No.WRONG_STATE
        (only,) = await node.ask(keys.rotate_key, v1.RotateKey(at_once=True))
        assert [key.keyid for key in await node.ask(keys.list_keys, v1.ListKeys())] == [only.keyid]

    strangers(story)


def test_a_community_lists_its_keys_and_its_partners(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await become_partners(node)
        listed = await node.ask(keys.list_keys, v1.ListKeys())
        assert [key.community for key in listed] == [OURS, THEIRS]
        view = await node.view()
        assert [view.our_fingerprint, view.their_fingerprint] == [key.fingerprint for key in listed]

    strangers(story)


def test_a_community_keeps_the_key_of_its_first_offering(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        before = await node.ask(keys.list_keys, v1.ListKeys())
        await node.hosts()
        assert await node.ask(keys.list_keys, v1.ListKeys()) == before

    strangers(story)


# keys at rest


@pytest.fixture
def unusable(partners: Tell) -> Tell:
    """Pla Ba's only key, and one more of Bo Taen that signs no more, do not open with this node's keys."""

    def told(story: Callable[[CommunityNode], Awaitable[None]]) -> None:
        async def with_broken_keys(node: CommunityNode) -> None:
            query = (
                "INSERT INTO node.signing_keys VALUES ($1, $2, 'p', 'dead.AAAA', '2020-01-01Z', $3::text::timestamptz)"
            )
            await node.sql(query, "pla-ba", "broken", None)
            await node.sql(query, OURS, "replaced", "2021-01-01Z")
            await story(node)

        partners(with_broken_keys)

    return told


def test_a_key_that_cannot_be_unwrapped_stops_only_its_own_community(
    unusable: Tell, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(node: CommunityNode) -> None:
        said = [departs(), departs(source="pla-ba"), departs(source=OURS, keyid="replaced"), departs(keyid="forgotten")]
        async with node.store.database.connection() as connection:
            texts = await sign_envelopes(Keyring(vault()), connection, [json.dumps(each) for each in said])
        assert [text is not None for text in texts] == [True, False, False, True]
        assert {record.keyid for record in caplog.records} == {"broken", "replaced"}  # type: ignore[attr-defined] # given to the log

    unusable(story)


def test_the_status_counts_unsigned_blocked_and_unproven_messages(unusable: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        query = """INSERT INTO outbox (id, lane, stream, seq, type, routing_key, envelope, last_fate)
            SELECT gen_random_uuid(), 'border', stream, seq, 't', 'k', '{}', fate
            FROM unnest($1::text[], $2::bigint[], $3::text[]) AS f (stream, seq, fate)"""
        await node.sql(query, ["silent", "silent", "away"], [1, 2, 1], ["unsigned", None, "unroutable"])
        assert await node.hears(identity.signed(departs(), by="pla-ba")) is Outcome.UNPROVEN
        standing = await operations.ask_standing(node.store, AskStanding(), Settings(database_url="postgresql://"))
        said = standing.wire()
        assert (said["unpublished"], said["unsigned"], said["unproven"]) == ({"border": 3}, 2, 1)

    unusable(story)


def test_signing_with_a_key_that_cannot_be_unwrapped_raises_an_error(unusable: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        async with node.store.work(EVERYONE) as work:
            with pytest.raises(ValueError, match="does not hold the node key dead"):
                await work.sign("pla-ba", b"a pass")
            assert await work.sign(OURS, b"a pass")

    unusable(story)


def test_keys_are_wrapped_anew_and_then_an_old_key_of_the_node_may_go(community_database: str, tmp_path: Any) -> None:
    url, path = community_database, write(tmp_path / "node.keys", LINES[1])

    async def story() -> None:
        store = Store(community_database, CommunityUnitOfWork, vault=Vault(path))
        node = CommunityNode(store)
        await node.hosts(OURS, THEIRS)
        write(path, *LINES)
        os.utime(path, ns=(1, 1))
        settings = Settings(database_url=url)
        done = [await operations.rewrap(store, Rewrap(), settings) for _ in range(2)]
        assert [one.wire() for one in done] == [{"rewrapped": n, "keyid": "test-new"} for n in (2, 0)]
        write(path, LINES[0])
        os.utime(path, ns=(2, 2))
        async with store.work(EVERYONE) as work:
            assert (await work.sign(OURS, b"still"))[1]
        await store.close()

    asyncio.run(story())


def test_only_the_community_service_writes_keys(server: Databases) -> None:
    url = server.fresh()
    asyncio.run(migrate(url, {"community": MIGRATIONS, "booking": BOOKING}))
    for table in ("node.partner_keys", "node.signing_keys"):
        for role, may in (("community", "t"), ("booking", "f")):
            asked = f"SELECT has_table_privilege('handoff_{role}', '{table}', '%s')"
            assert [server.execute(asked % right, url) for right in ("SELECT", "INSERT", "UPDATE")] == ["t", may, may]
