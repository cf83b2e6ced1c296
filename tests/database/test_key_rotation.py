"""How a partner's key is replaced: in a chain that only its last key goes on with, also when a thief has one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.border import v1 as border
from contracts.community import v1
from services.chassis.messaging.store import Outcome
from services.chassis.trust import signing
from services.community.domain import keys as rules
from services.community.handlers import keys, partnership
from tests.support import identity
from tests.support.community import (
    OURS,
    TERMS,
    THEIRS,
    CommunityNode,
    Tell,
    agrees,
    become_partners,
    departs,
    departs_as_now,
    heard,
    partners,
    proposes,
    says,
    strangers,
)

__all__ = ["partners", "strangers"]

FAR = datetime(2190, 1, 1, tzinfo=UTC)
WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)


def rotates(
    new: str,
    by: str = THEIRS,
    used_from: datetime | None = None,
    old_until: datetime | None = None,
    seq: int = 1,
    **given: Any,
) -> dict[str, Any]:
    """Whoever has the key `by` replaces it by `new`; at once, when nothing else is said."""
    now = datetime.now(UTC)
    when = rules.Rotation(used_from or now, old_until or now)
    told = border.KeyRotated(public_key=identity.public_key(new), used_from=when.used_from, old_until=when.old_until)
    subject = rules.subject(told.public_key, when)
    return identity.signed(says(told, seq, subject=subject) | given, by=by)


async def ends(node: CommunityNode) -> dict[str, datetime | None]:
    """Until when Bo Taen lets each key of Tha Li count."""
    rows = await node.sql("SELECT keyid, used_until FROM node.partner_keys WHERE community = $1", OURS)
    names = {identity.keyid(name): name for name in (THEIRS, "thief", "owner", "later")}
    return {names.get(row["keyid"], row["keyid"]): row["used_until"] for row in rows}


def speaks(by: str, seq: int = 1) -> dict[str, Any]:
    """Somebody tells of a departure in the name of Tha Li."""
    return identity.signed(departs(seq), by=by)


# a stolen key


@pytest.mark.parametrize("until", [FAR, None], ids=["with an overlap", "at once"])
def test_a_second_successor_of_one_key_is_parked(partners: Tell, until: datetime | None) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        assert await node.hears(rotates("thief", old_until=until)) is Outcome.APPLIED
        assert await node.hears(rotates("owner")) is Outcome.PARKED
        (error,) = await node.errors()
        assert ("phone them" in error) if until else ("its key counts no more" in error)
        assert "owner" not in await ends(node)
        assert await node.hears(speaks("owner")) is Outcome.UNPROVEN

    partners(story)


def test_the_second_successor_stays_parked_when_it_is_replayed(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(rotates("thief", old_until=FAR))
        await node.hears(rotates("owner"))
        (parked,) = await node.store.dead_letters.listed()
        assert "phone them" in str(await node.store.replays.replay(parked["id"]))
        assert "owner" not in await ends(node)

    partners(story)


def test_a_thief_who_uses_up_the_owners_numbers_cannot_block_its_rotation(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        assert await node.hears(identity.signed(says(border.PartnershipSuspended(), 2))) is Outcome.APPLIED
        assert await node.hears(rotates("owner")) is Outcome.APPLIED
        assert await node.hears(speaks(THEIRS)) is Outcome.PARKED
        assert await node.hears(speaks("owner")) is Outcome.APPLIED

    partners(story)


def test_a_rotation_told_under_another_subject_is_set_aside(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        for subject in ("bo-taen--tha-li", rotates("owner", old_until=FAR)["subject"]):
            assert await node.hears(rotates("owner", subject=subject)) is Outcome.PARKED
        assert list(await ends(node)) == [THEIRS]

    partners(story)


def test_a_stolen_key_cannot_extend_notice_and_overlap_beyond_a_day_and_a_week(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        now = datetime.now(UTC)
        assert await node.hears(rotates("thief", used_from=FAR, old_until=FAR + WEEK)) is Outcome.APPLIED
        until = (await ends(node))[THEIRS]
        assert until is not None
        assert now + DAY + WEEK <= until <= now + DAY + WEEK + HOUR
        await node.pass_time(DAY + HOUR)
        assert await node.hears(speaks(THEIRS)) is Outcome.APPLIED
        await node.pass_time(WEEK)
        assert await node.hears(speaks(THEIRS, 2)) is Outcome.PARKED

    partners(story)


def test_a_new_key_that_claims_to_be_old_is_the_one_whose_fingerprint_people_read(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        yesterday = datetime.now(UTC) - DAY
        assert await node.hears(rotates("thief", used_from=yesterday, old_until=FAR)) is Outcome.APPLIED
        assert (await node.view()).their_fingerprint == signing.fingerprint(identity.public_key("thief"))

    strangers(story)


def test_at_once_ends_every_older_key(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        now = datetime.now(UTC)
        with_notice = rotates("later", used_from=now + DAY, old_until=now + DAY + WEEK)
        assert await node.hears(with_notice) is Outcome.APPLIED
        assert await node.hears(rotates("owner", by="later")) is Outcome.APPLIED
        assert [await node.hears(speaks(name)) for name in (THEIRS, "later", "owner")] == [
            Outcome.PARKED,
            Outcome.PARKED,
            Outcome.APPLIED,
        ]

    partners(story)


def test_a_key_does_not_name_one_that_is_known_already(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        now = datetime.now(UTC)
        await node.hears(rotates("later", used_from=now + DAY, old_until=now + DAY + WEEK))
        for named in (THEIRS, "later"):
            assert await node.hears(rotates(named, by="later")) is Outcome.PARKED
        assert ["known already" in error for error in await node.errors()] == [True, True]
        assert (await ends(node))["later"] is None

    partners(story)


def test_the_same_successor_may_be_named_again(partners: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        now = datetime.now(UTC)
        await node.hears(rotates("later", used_from=now + DAY, old_until=now + DAY + WEEK))
        await node.hears(rotates("owner", by="later", used_from=now + DAY, old_until=now + DAY + WEEK))
        assert await node.hears(rotates("later")) is Outcome.APPLIED
        counting = [name for name, until in (await ends(node)).items() if until is None or until > now + HOUR]
        assert sorted(counting) == ["later", "owner"]

    partners(story)


# the owner's own side


def test_a_key_that_waits_for_its_day_is_replaced_at_once_in_its_own_name(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await become_partners(node)
        await node.ask(keys.rotate_key, v1.RotateKey(), THEIRS)
        (fresh,) = await node.ask(keys.rotate_key, v1.RotateKey(at_once=True), THEIRS)
        assert await heard(node) == [Outcome.APPLIED, Outcome.APPLIED]
        assert await node.hears(await departs_as_now(node, 1)) is Outcome.APPLIED
        assert list((await ends(node)).values()).count(None) == 1
        assert (await node.view()).their_fingerprint == fresh.fingerprint

    strangers(story)


def test_whoever_becomes_a_partner_while_a_new_key_waits_for_its_day_hears_of_it(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts(OURS, THEIRS)
        await node.ask(keys.rotate_key, v1.RotateKey(), THEIRS)
        await node.ask(partnership.propose_partnership, v1.ProposePartnership(partner=OURS, terms=TERMS), THEIRS)
        assert await heard(node) == [Outcome.APPLIED, Outcome.APPLIED]
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        assert await heard(node) == [Outcome.APPLIED]
        await node.pass_time(DAY + HOUR)
        assert await node.hears(await departs_as_now(node, 1)) is Outcome.APPLIED
        await node.ask(keys.rotate_key, v1.RotateKey(at_once=True), THEIRS)
        assert await heard(node) == [Outcome.APPLIED]
        assert await node.hears(await departs_as_now(node, 2)) is Outcome.APPLIED

    strangers(story)


def test_who_has_never_been_brought_a_key_is_not_told_of_the_next(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes())
        await node.ask(keys.rotate_key, v1.RotateKey(at_once=True))
        assert border.KeyRotated.type not in [each["type"] for each in await node.left()]

    strangers(story)


# strangers


def test_a_stranger_who_replaces_its_key_again_and_again_is_remembered_by_eight(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes(by="x0"))
        for n in range(1, 20):
            assert await node.hears(rotates(f"x{n}", by=f"x{n - 1}")) is Outcome.APPLIED
        assert len(await ends(node)) == 8
        assert (await node.view()).their_fingerprint == signing.fingerprint(identity.public_key("x19"))

    strangers(story)


def test_no_stranger_drives_out_the_key_behind_the_proposal_on_the_table(strangers: Tell) -> None:
    async def story(node: CommunityNode) -> None:
        await node.hosts()
        await node.hears(proposes(by="x0"))
        await node.ask(partnership.end_partnership, v1.EndPartnership(partner=THEIRS))
        await node.hears(proposes())
        for n in range(1, 12):
            assert await node.hears(rotates(f"x{n}", by=f"x{n - 1}")) is Outcome.APPLIED
            assert await node.hears(agrees(by=f"y{n}")) is Outcome.APPLIED
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner=THEIRS))
        assert list(await ends(node)) == [THEIRS]

    strangers(story)
