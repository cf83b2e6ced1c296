"""What is personal: where it goes, who reads it, and that it is gone when it is said to be. Each with its control."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contracts.border import v1 as border
from contracts.messages import Envelope
from contracts.personal.v1 import (
    ApplyErasures,
    ErasePersonalPart,
    Erasure,
    ErasuresApplied,
    ExportHandoff,
    ListAffected,
    ListErasures,
    PersonalPart,
    WithdrawConsent,
)
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.chassis.messaging.store import Outcome
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.chassis.runtime.settings import Settings
from services.chassis.trust import sealing
from services.chassis.trust.vault import Vault
from services.referral.adapters import ledger
from services.referral.adapters.personal import about_key
from services.referral.handlers.handoff import acts
from services.referral.handlers.personal import consent, personal_data
from tests.support.booking import HOMESTAY, in_days, item_of
from tests.support.database import Databases
from tests.support.referral import (
    ALLOWED,
    MALEE,
    RECEIPT,
    RECEIVER,
    RELEASED,
    SENDER,
    Network,
    Node,
    Play,
    given,
    network,
    playing,
)
from tests.support.vault import LINES, vault, write

DAYS = timedelta(days=1)
BOTH = (SENDER, RECEIVER)


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


@asynccontextmanager
async def opened(url: str, *, known: bool = False) -> AsyncIterator[Network]:
    """Tha Li and Bo Taen on one node; `known` when it has lived before."""
    node = Node(url)
    net = Network(node, node) if known else await network(url)
    try:
        yield net
    finally:
        for node in net.nodes:
            await node.close()


async def rows(net: Network, community: str, statement: str, *arguments: Any) -> list[Any]:
    """What the service's own connection finds where a community lives, for everybody."""
    async with net.at[community].referral.work(EVERYONE) as work:
        return list(await work.connection.fetch(statement, *arguments))


async def releases(net: Network) -> list[dict[str, Any]]:
    """What Tha Li's outbox has of parties being released."""
    found = await rows(net, SENDER, "SELECT envelope FROM outbox WHERE type = $1", border.PartyReleased.type)
    return [row["envelope"]["data"] for row in found]


async def held(net: Network, ref: str) -> tuple[str, str]:
    """What both sides say that they hold."""
    ours, theirs = await net.both(ref)
    return ours.personal, theirs.personal


async def traces(net: Network) -> int:
    """Rows that could open or hold something of anybody, on any node."""
    count = "SELECT (SELECT count(*) FROM personal_keys) + (SELECT count(*) FROM personal_fields) AS n"
    sealed = "SELECT count(*) AS n FROM outbox WHERE envelope -> 'data' ->> 'sealed' IS NOT NULL"
    found = [(await rows(net, side, query))[0]["n"] for side in net.at for query in (count, sealed)]
    return sum(found)


async def audited(net: Network, community: str) -> list[tuple[str, str]]:
    """What a community's audit says was done, with the result."""
    owner = await asyncpg.connect(net.at[community].referral.database.url)
    try:
        found = await owner.fetch("SELECT what, result FROM node.audit WHERE community = $1 ORDER BY n", community)
    finally:
        await owner.close()
    return [(row["what"], row["result"]) for row in found]


async def withdraw(net: Network, ref: str) -> None:
    await net.says(SENDER, consent.withdraw, WithdrawConsent(referral=ref))


async def erase(net: Network, community: str, ref: str) -> None:
    await net.says(community, personal_data.erase, ErasePersonalPart(referral=ref))


async def erase_unheard(net: Network, community: str, ref: str) -> None:
    """The partner is told, and has not heard of it yet."""
    await net.act(personal_data.erase, ErasePersonalPart(referral=ref), community)


async def arrived(net: Network) -> str:
    ref = await net.confirmed()
    await net.pass_time(19 * DAYS)
    await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=ref))
    return ref


# consent and release


def test_nothing_personal_leaves_before_consent_and_then_only_sealed_to_the_receiver(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.accepted()
        assert await releases(net) == []
        assert (await held(net, ref), await net.read(RECEIVER, ref)) == (("none", "none"), None)
        await net.consented(ref)
        (released,) = await releases(net)
        assert released["sealed"]
        assert "Malee" not in json.dumps(released, ensure_ascii=False)
        assert (await held(net, ref), await net.state(ref)) == (("held", "held"), "confirmed")
        assert await net.read(RECEIVER, ref) == await net.read(SENDER, ref) == MALEE
        ours, theirs = await net.both(ref)
        assert ours.consent == theirs.consent
        assert ours.consent is not None
        assert ours.consent.fields == ALLOWED

    play(story)


def test_consent_given_early_waits_for_the_yes(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await net.consented(ref)
        assert (await held(net, ref), await releases(net)) == (("held", "none"), [])
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=ref))
        assert (await held(net, ref), await net.state(ref)) == (("held", "held"), "confirmed")

    play(story)


def test_a_changed_list_asks_again(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        only_name = await net.prepared(ref, ("name",))
        more = given(only_name.model_copy(update={"fields": ALLOWED}))
        with pytest.raises(Refused) as no:
            await net.act(consent.give, more, SENDER)
        assert no.value.refusal.field == "text_digest"
        assert await held(net, ref) == ("none", "none")
        await net.act(consent.give, await net.word(ref), SENDER)
        assert await net.read(SENDER, ref) == MALEE, "the list as it was shown"
        await net.act(consent.give, await net.word(ref, PersonalPart(name="Malee")), SENDER)
        assert await net.read(SENDER, ref) == PersonalPart(name="Malee"), "a later word takes the place of an earlier"
        assert len(await rows(net, SENDER, "SELECT FROM consents WHERE community = $1", SENDER)) == 2

    play(story)


def test_a_part_with_more_than_was_consented_to_is_refused_and_nothing_of_it_kept(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        for word in (await net.word(ref, MALEE, ("name",)), await net.word(ref, PersonalPart(), ("name",))):
            with pytest.raises(Refused) as no:
                await net.act(consent.give, word, SENDER)
            assert (no.value.refusal.code, no.value.refusal.field) == (No.INVALID, "sealed")
        assert (await held(net, ref), await traces(net)) == (("none", "none"), 0)

    play(story)


def test_a_sealed_part_opens_once_and_only_for_its_recipient(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, other = await net.offer(), await net.offer()
        word = await net.word(ref)
        await net.prepared(other)
        with pytest.raises(Refused) as no:
            await net.act(consent.give, word.model_copy(update={"referral": other}), SENDER)
        assert no.value.refusal.field == "sealed"
        await net.act(consent.give, word, SENDER)
        with pytest.raises(Refused) as no:
            await net.act(consent.give, word, SENDER)
        assert "prepare" in no.value.refusal.message

    play(story)


def test_refused_consent_lets_nothing_leave_and_the_handoff_still_completes(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.offer()
        await net.consented(ref)
        await net.refused(ref)
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=ref))
        assert await releases(net) == [{"sealed": None, "consent": None}]
        assert (await net.state(ref), await traces(net)) == ("confirmed", 0)
        ours, theirs = await net.both(ref)
        assert ours.short_code == theirs.short_code is not None, "by this the party is known"
        assert (ours.consent_refused, theirs.consent_refused, theirs.consent) == (True, True, None)
        await net.pass_time(19 * DAYS)
        await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=ref))
        await net.says(RECEIVER, acts.complete, v1.CompleteVisit(referral=ref))
        assert (await net.state(ref), await net.read(RECEIVER, ref)) == ("completed", None)

    play(story)


# taken back


def test_consent_withdrawn_before_travel_ends_the_handoff_and_erases_on_both_sides_with_a_receipt(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, other = await net.confirmed(), await net.confirmed()
        await withdraw(net, ref)
        ours, theirs = await net.both(ref)
        assert (ours.state, ours.reason) == (theirs.state, theirs.reason) == ("withdrawn", "consent_withdrawn")
        assert (ours.personal, theirs.personal) == ("erased", "erased")
        assert ours.partner_erased_at is not None
        assert ours.partner_erased_at == theirs.erased_at
        assert ours.consent == theirs.consent is not None, "the receipt of consent stays"
        assert [await net.read(side, ref) for side in BOTH] == [None, None]
        assert [await net.read(side, other) for side in BOTH] == [MALEE, MALEE]

    play(story)


def test_consent_withdrawn_after_arrival_only_erases(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await arrived(net)
        await withdraw(net, ref)
        assert (await net.state(ref), await held(net, ref)) == ("arrived", ("erased", "erased"))
        assert (await net.view(SENDER, ref)).partner_erased_at is not None
        await net.says(RECEIVER, acts.complete, v1.CompleteVisit(referral=ref))
        assert await net.state(ref) == "completed", "it goes on without it"

    play(story)


def test_a_withdrawal_that_crosses_the_arrival_only_erases_on_both_sides(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        await net.pass_time(19 * DAYS)
        await net.act(acts.arrive, v1.ArriveParty(referral=ref), RECEIVER)
        await net.act(consent.withdraw, WithdrawConsent(referral=ref), SENDER)
        await net.carry()
        assert (await net.state(ref), await held(net, ref)) == ("arrived", ("erased", "erased"))

    play(story)


@pytest.mark.parametrize("asked", BOTH)
def test_whichever_side_is_asked_to_forget_both_do_with_a_receipt_for_the_other_and_the_handoff_goes_on(
    play: Play, asked: str
) -> None:
    async def story(net: Network) -> None:
        ref, other = await net.confirmed(), await net.confirmed()
        await erase_unheard(net, asked, ref)
        assert sorted(await held(net, ref)) == ["erased", "held"], "its own at once"
        await net.carry()
        assert (await held(net, ref), await net.state(ref)) == (("erased", "erased"), "confirmed")
        assert [view.partner_erased_at is not None for view in await net.both(ref)] == [True, True]
        assert {one["personal"] for one in [view.model_dump() for view in await net.both(other)]} == {"held"}
        said = "SELECT FROM outbox WHERE type = $1 AND envelope ->> 'source' = $2"
        for side in BOTH:
            assert len(await rows(net, side, said, border.PersonalDataErased.type, side)) == 1, "and no word more"

    play(story)


# gone is gone


async def keys_and_texts(net: Network, side: str) -> tuple[list[str], list[Any]]:
    """What somebody finds who has the database: wrapped keys of a part, and what they lock."""
    keys = await rows(net, side, "SELECT wrapped FROM personal_keys WHERE community = $1", side)
    texts = await rows(net, side, "SELECT field, nonce, ciphertext FROM personal_fields WHERE community = $1", side)
    return [row["wrapped"] for row in keys], texts


def test_the_erased_part_cannot_be_opened_even_with_the_nodes_key(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        for side in BOTH:
            (wrapped,), texts = await keys_and_texts(net, side)
            assert len(vault().unwrap(wrapped, about=about_key("part", (ref, side)))) == 32, "until then it opens"
            assert {row["field"] for row in texts} == set(ALLOWED)
        await withdraw(net, ref)
        for side in BOTH:
            assert await keys_and_texts(net, side) == ([], [])
            assert await rows(net, side, "SELECT FROM one_time_keys") == []
        assert await traces(net) == 0

    play(story)


def test_once_opened_what_was_sealed_to_a_one_time_key_opens_no_more(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.accepted()
        assert len(await rows(net, RECEIVER, "SELECT FROM one_time_keys WHERE community = $1", RECEIVER)) == 1
        await net.consented(ref)
        (released,) = await releases(net)
        assert released["sealed"], "it is still there, and nobody has the key"
        assert await rows(net, RECEIVER, "SELECT FROM one_time_keys") == []

    play(story)


@pytest.mark.parametrize("applied", [True, False], ids=["arrived", "lost on its way"])
def test_a_message_whose_content_was_erased_is_another_message_and_harms_nothing(play: Play, applied: bool) -> None:
    async def story(net: Network) -> None:
        ref = await net.accepted()
        await net.act(consent.give, await net.word(ref), SENDER)
        if applied:
            await net.carry()
        else:
            assert await net.lose() == ["party_released"]
        before = await rows(net, SENDER, "SELECT id FROM outbox WHERE type = $1", border.PartyReleased.type)
        await erase(net, SENDER, ref)
        after = await rows(net, SENDER, "SELECT id, envelope FROM outbox WHERE type = $1", border.PartyReleased.type)
        assert str(after[0]["id"]) == after[0]["envelope"]["id"] != str(before[0]["id"])
        again = "UPDATE outbox SET published_at = NULL WHERE id = $1 RETURNING id"
        assert await net.at[SENDER].sql(again, after[0]["id"])
        await net.carry()
        assert await net.state(ref) == "confirmed"
        assert await held(net, ref) == ("erased", "erased" if applied else "none")

    play(story)


def test_what_was_set_aside_is_blanked_when_consent_is_withdrawn(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.accepted()
            await rows(net, RECEIVER, "DELETE FROM one_time_keys WHERE community = $1", RECEIVER)
            await net.act(consent.give, await net.word(ref), SENDER)
            await net.carry()
            (parked,) = await net.at[RECEIVER].referral.dead_letters.listed()
            whole = await net.at[RECEIVER].referral.dead_letters.one(str(parked["id"]))
            assert whole is not None
            assert b"sealed" in whole["body"]
            await net.at[RECEIVER].referral.replays.discard(str(parked["id"]))
            await withdraw(net, ref)
            blank = await net.at[RECEIVER].referral.dead_letters.one(str(parked["id"]))
            assert blank is not None
            assert blank["body"] == b"{}"
            assert await held(net, ref) == ("erased", "none")

    asyncio.run(scene())


def test_what_waits_or_is_not_proven_yet_is_blanked_with_the_rest(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.confirmed()
            ours = await net.view(SENDER, ref)
            assert await net.speak(RELEASED, SENDER, RECEIVER, ref, seq=ours.sent + 2) is Outcome.WAITING
            doubtful = await net.speak(RELEASED, SENDER, RECEIVER, ref, seq=ours.sent + 3, signer="sam-ngao")
            assert doubtful is Outcome.UNPROVEN
            (before,) = await rows(net, RECEIVER, "SELECT body FROM waiting")
            assert RELEASED.sealed
            assert RELEASED.sealed.encode() in before["body"]
            await erase_unheard(net, RECEIVER, ref)
            (after,) = await rows(net, RECEIVER, "SELECT body FROM waiting")
            said = border.PartyReleased.read(Envelope.read(json.loads(after["body"])).data)
            assert said == border.PartyReleased(), "it goes on, and says that nothing is allowed"
            assert await rows(net, RECEIVER, "SELECT FROM unproven") == []

    asyncio.run(scene())


# what does not fit is set aside


async def says_released(net: Network, ref: str, part: bytes, about: str | None = None, **receipt: Any) -> Outcome:
    """Tha Li's node releases what its own rules would not let it."""
    ours, _ = await net.both(ref)
    (row,) = await rows(net, SENDER, "SELECT body FROM records WHERE referral_id = $1 AND community = $2", ref, SENDER)
    sealed = sealing.seal(part, to=row["body"]["one_time_key"], about=about or sealing.for_room(ref, RECEIVER))
    said = border.PartyReleased(sealed=sealed, consent=RECEIPT.model_copy(update={"id": new_id()} | receipt))
    return await net.speak(said, SENDER, RECEIVER, ref, seq=ours.sent + 1)


WITH_FOOD = b'{"name": "Malee", "food": "no shrimps, please"}'
PARTS: dict[str, tuple[bytes, dict[str, Any], Outcome]] = {
    "all of it consented to": (WITH_FOOD, {"fields": ("name", "food")}, Outcome.APPLIED),
    "a field nobody consented to": (WITH_FOOD, {"fields": ("name", "channel")}, Outcome.PARKED),
    "nothing in it": (b"{}", {}, Outcome.PARKED),
    "a field that there is not": (b'{"name": "Malee", "passport": "AB1234567"}', {}, Outcome.PARKED),
    "sealed about another": (WITH_FOOD, {"fields": ("name", "food"), "about": "another"}, Outcome.PARKED),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_part_that_the_receipt_does_not_cover_is_parked_and_nothing_of_it_kept(database: str, case: str) -> None:
    part, given_, outcome = PARTS[case]

    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.accepted()
            assert await says_released(net, ref, part, **given_) is outcome
            kept = outcome is Outcome.APPLIED
            assert await held(net, ref) == ("none", "held" if kept else "none")
            assert (await net.read(RECEIVER, ref) is not None) == kept
            errors = await net.parked()
            assert len(errors) == (0 if kept else 1)
            assert not any("shrimp" in error or "AB12" in error for error in errors)

    asyncio.run(scene())


# read, given out, listed


def test_reading_is_audited_and_says_what_is_held_and_no_value(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        assert not [what for what, _ in await audited(net, RECEIVER) if what == "personal_part_read"]
        assert await net.read(RECEIVER, ref) == MALEE
        await erase_unheard(net, RECEIVER, ref)
        assert await net.read(RECEIVER, ref) is None
        done = await audited(net, RECEIVER)
        assert [one for one in done if one[0].startswith("personal")] == [
            ("personal_part_received", "done"),
            ("personal_part_read", "done"),
            ("personal_part_erased", "asked"),
            ("personal_part_read", "nothing_held"),
        ]
        sent = [what for what, _ in await audited(net, SENDER)]
        assert [what for what in sent if what.startswith(("consent", "personal"))] == [
            "personal_part_released",
            "consent_given",
        ]

    play(story)


def test_nobody_reads_what_another_community_holds(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        net.at["sam-ngao"] = net.at[RECEIVER]
        with pytest.raises(Refused) as no:
            await net.read("sam-ngao", ref)
        assert no.value.refusal.code is No.UNKNOWN
        del net.at["sam-ngao"]
        await erase_unheard(net, RECEIVER, ref)
        assert await net.read(SENDER, ref) == MALEE
        assert await net.read(RECEIVER, ref) is None, "and not the other side's copy either, also on one node"

    play(story)


def test_an_export_holds_receipt_erasures_and_what_is_held_sealed_to_who_asked(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        private, public = sealing.new_key()
        command = ExportHandoff(referral=ref, reply_key=public)
        found = await net.act(personal_data.export, command, RECEIVER)
        text = sealing.opened(found.personal.sealed, private=private, about=sealing.for_reader(ref, RECEIVER))
        assert PersonalPart.model_validate_json(text) == MALEE
        assert (found.receipt.fields, found.erasures) == (ALLOWED, ())
        assert (found.pass_issued_at is not None, found.pass_used_at) == (True, None)
        await erase(net, RECEIVER, ref)
        after = await net.act(personal_data.export, command, RECEIVER)
        assert (after.personal.holding, after.personal.sealed) == ("erased", None)
        assert [one.why for one in after.erasures] == ["asked"]
        assert [what for what, _ in await audited(net, RECEIVER)].count("handoff_exported") == 2

    play(story)


def test_an_export_holds_earlier_receipts_the_reminders_and_when_the_pass_was_first_used(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, other = await net.offer(), await net.confirmed()
        await net.consented(ref)
        await net.act(consent.give, await net.word(ref, PersonalPart(name="Malee")), SENDER)
        remind = "INSERT INTO reminders VALUES ($1, $2, 'lodging_report', '', now(), now(), now())"
        await rows(net, SENDER, remind, ref, SENDER)
        await rows(net, RECEIVER, "UPDATE passes SET used_at = issued_at WHERE referral_id = $1", other)

        async def exported(community: str, referral: str) -> Any:
            command = ExportHandoff(referral=referral, reply_key=sealing.new_key()[1])
            return await net.act(personal_data.export, command, community)

        found = await exported(SENDER, ref)
        assert [one.fields for one in found.receipts] == [ALLOWED, ("name",)]
        assert found.receipt == found.receipts[-1]
        assert [(one.code, one.what, one.said_at is not None) for one in found.reminders] == [
            ("lodging_report", None, True)
        ]
        assert found.pass_issued_at is None
        theirs = await exported(RECEIVER, other)
        assert theirs.pass_used_at == theirs.pass_issued_at is not None
        assert (len(theirs.receipts), theirs.reminders) == (1, ()), "of this handoff and this side only"

    play(story)


def test_after_a_breach_those_are_listed_whose_part_was_held_then_and_no_others(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        (view, _) = await net.both(ref)
        since = view.consent.given_at if view.consent else None
        assert since is not None
        await net.pass_time(DAYS)
        await erase_unheard(net, RECEIVER, ref)
        assert await net.lose() == ["personal_data_erased"]
        await net.accepted()

        async def listed(community: str, first: timedelta, last: timedelta) -> list[str]:
            query = ListAffected(since=since + first, until=since + last)
            return [one.referral_id for one in await net.act(personal_data.list_affected, query, community)]

        minute = timedelta(minutes=1)
        assert await listed(RECEIVER, 60 * minute, 120 * minute) == [ref]
        assert await listed(RECEIVER, -2 * minute, -minute) == [], "not yet"
        assert await listed(RECEIVER, 2 * DAYS, 3 * DAYS) == [], "no more"
        assert await listed(SENDER, 2 * DAYS, 3 * DAYS) == [ref], "there it is still held"
        query = ListAffected(since=since, until=since + DAYS)
        (found,) = await net.act(personal_data.list_affected, query, SENDER)
        assert (found.partner, found.side, found.fields, found.erased_at) == (RECEIVER, "sender", ALLOWED, None)

    play(story)


# in time


async def keep_retention(net: Network) -> int:
    done = sum([await node.referral.tick(personal_data.keep_retention) for node in net.nodes])
    await net.carry()
    return done


def test_a_part_goes_by_itself_so_many_days_after_its_end_and_the_receipt_after_five_years(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await arrived(net)
        await net.says(RECEIVER, acts.complete, v1.CompleteVisit(referral=ref))
        await net.pass_time(29 * DAYS)
        assert (await keep_retention(net), await held(net, ref)) == (0, ("held", "held"))
        await net.pass_time(2 * DAYS)
        assert (await keep_retention(net), await held(net, ref)) == (2, ("erased", "erased"))
        assert (await net.view(SENDER, ref)).partner_erased_at is not None
        assert (await net.view(RECEIVER, ref)).story[-1].act == "erase_by_retention"
        await net.pass_time(1824 * DAYS)
        assert (await keep_retention(net), (await net.view(SENDER, ref)).consent is None) == (0, False)
        await net.pass_time(2 * DAYS)
        assert await keep_retention(net) == 2
        assert (await net.view(SENDER, ref)).consent is None

    play(story)


def test_a_part_goes_on_the_day_that_was_promised_whatever_the_handoff_still_does(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.accepted(item_of(HOMESTAY, in_days(20)))
        await net.consented(ref)
        promised = (await net.view(SENDER, ref)).consent
        assert promised is not None
        assert promised.delete_by == in_days(20 + 30)
        late = 'UPDATE records SET body = body || \'{"delete_by": "2020-01-01"}\' WHERE community = $1'
        async with net.at[RECEIVER].referral.work(EVERYONE) as work:
            await work.connection.execute(late, RECEIVER)
        assert (await keep_retention(net), await held(net, ref)) == (1, ("held", "erased"))
        assert await net.state(ref) == "confirmed"

    play(story)


# a restored backup


async def obey(net: Network, folder: Path) -> None:
    """The chore that keeps the ledger beside the database."""
    chore = ledger.beside_the_database(personal_data.erase_again)
    for node in net.nodes:
        await chore(node.referral, Settings(database_url=node.referral.database.url, folder=folder))
    await net.carry()


async def written(net: Network, after: str | None = None) -> Sequence[Erasure]:
    """The ledger of a node, as its operator reads it."""
    async with net.nodes[0].referral.work(EVERYONE) as work:
        return await personal_data.list_erasures(ListErasures(after=after), work)


async def apply(net: Network, erasures: Sequence[Erasure]) -> ErasuresApplied:
    """The operator gives a node these lines."""
    async with net.nodes[0].referral.work(EVERYONE) as work:
        return await personal_data.apply_erasures(ApplyErasures(erasures=tuple(erasures)), work)


async def backed_up(server: Databases, database: str, folder: Path) -> tuple[str, str]:
    """Consent is withdrawn after a backup was taken; returns the backup and the handoff."""
    async with opened(database) as net:
        ref, other = await net.confirmed(), await net.confirmed()
    copy = await asyncio.to_thread(server.fresh, database)
    async with opened(database, known=True) as net:
        await withdraw(net, ref)
        await obey(net, folder)
        assert await held(net, other) == ("held", "held")
    return copy, ref


def test_a_restored_backup_is_erased_again(server: Databases, database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        copy, ref = await backed_up(server, database, tmp_path)
        async with opened(copy, known=True) as net:
            assert await held(net, ref) == ("held", "held"), "the backup has brought it back"
            await obey(net, tmp_path / "of another node")
            assert await held(net, ref) == ("held", "held"), "control: without the file nobody knows"
            await obey(net, tmp_path)
            assert await held(net, ref) == ("erased", "erased")
            assert await net.read(RECEIVER, ref) is None
            erasures = await written(net)
            assert [one.why for one in erasures] == ["consent_withdrawn"] * 2 + ["restored_backup"] * 2
            await obey(net, tmp_path)
            assert len(await written(net)) == 4, "once is enough"
            mine = (tmp_path / ledger.FILE).stat().st_mode & 0o777
            assert mine == 0o600
        await asyncio.to_thread(server.drop, copy)

    (tmp_path / "of another node").mkdir()
    asyncio.run(scene())


def test_the_ledger_is_applied_by_hand_as_well_and_spares_what_was_given_anew(database: str) -> None:
    async def scene() -> None:
        async with opened(database) as net:
            ref = await net.offer()
            await net.consented(ref)
            await erase(net, SENDER, ref)
            erasures = await written(net)
            await net.act(consent.give, await net.word(ref), SENDER)
            done = await apply(net, erasures)
            assert (done.given, done.erased, await held(net, ref)) == (1, 0, ("held", "none"))
            later = erasures[0].model_copy(update={"at": erasures[0].at + DAYS, "receipt": new_id()})
            done = await apply(net, (later,))
            assert (done.given, done.erased, await held(net, ref)) == (1, 1, ("erased", "none"))
            after = await written(net, after=erasures[0].receipt)
            assert {one.why for one in after} == {"asked", "restored_backup"}

    asyncio.run(scene())


# keys of the node


def test_keys_are_wrapped_anew_and_still_open(play: Play, tmp_path: Path) -> None:
    async def story(net: Network) -> None:
        ref, asked = await net.confirmed(), await net.accepted()
        for node in net.nodes:
            async with node.referral.work(EVERYONE) as work:
                assert await work.rewrap(100) == 0, "all are wrapped with the newest"
        await _age(net, tmp_path)
        for node in net.nodes:
            async with node.referral.work(EVERYONE) as work:
                assert await work.rewrap(100) > 0
                assert await work.rewrap(100) == 0
        assert await net.read(RECEIVER, ref) == MALEE
        await net.consented(asked)
        assert await net.read(RECEIVER, asked) == MALEE

    play(story)


async def _age(net: Network, folder: Path) -> None:
    """As if every key had been wrapped before the newest key of the node was made."""
    older = Vault(write(folder / "node.keys", LINES[1]))
    for side in net.at:
        for table, kind in (("personal_keys", "part"), ("one_time_keys", "one-time")):
            found = await rows(
                net, side, f"SELECT referral_id, community, wrapped FROM {table} WHERE community = $1", side
            )
            for row in found:
                about = about_key(kind, (str(row["referral_id"]), side))
                wrapped = older.wrap(vault().unwrap(row["wrapped"], about=about), about=about)
                async with net.at[side].referral.work(EVERYONE) as work:
                    await work.connection.execute(
                        f"UPDATE {table} SET wrapped = $3 WHERE referral_id = $1 AND community = $2",
                        row["referral_id"],
                        side,
                        wrapped,
                    )
