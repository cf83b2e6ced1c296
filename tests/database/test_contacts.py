"""The contact of an agency's booking: kept sealed, read by its community alone, and gone with its booking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.booking.v1 import HoldState
from contracts.contacts import v1
from contracts.contacts.v1 import Contact
from contracts.messages import Call
from contracts.principal import Principal
from contracts.refusals import No, Refusal, Refused
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.chassis.trust import sealing
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.domain.personal import contacts as rules
from services.referral.handlers.personal import contacts
from tests.database.test_personal_part import audited, opened
from tests.support.contacts import HOLD, LAST_DAY, MEKONG, NEXT, OTHERS, SOMCHAI, THIRD, Contacts
from tests.support.principals import OPERATOR, member
from tests.support.referral import RECEIVER, SENDER, Network

#: Bo Taen keeps what is personal for so many days.
KEPT_DAYS = timedelta(days=30)
COORDINATOR = member(RECEIVER)
Story = Callable[[Network, Contacts], Awaitable[None]]


@pytest.fixture
def play(database: str) -> Callable[[Story], None]:
    """Plays a story at Bo Taen's node."""

    async def told(story: Story) -> None:
        async with opened(database) as net:
            await story(net, Contacts(net.at[RECEIVER].referral))
            assert await net.parked() == []

    return lambda story: asyncio.run(told(story))


async def traces(net: Network) -> int:
    """Rows that could open or hold something of a contact."""
    counted = "SELECT (SELECT count(*) FROM contact_keys) + (SELECT count(*) FROM contact_fields) AS n"
    async with net.at[RECEIVER].referral.work(EVERYONE) as work:
        return int(await work.connection.fetchval(counted))


async def everything(net: Network) -> str:
    """All rows of referral's tables, as text."""
    owner = await asyncpg.connect(net.at[RECEIVER].referral.database.url)
    try:
        names = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname IN ('referral', 'node')")
        schema = {row["tablename"]: row for row in names}
        found = []
        for table in schema:
            place = await owner.fetchval("SELECT schemaname FROM pg_tables WHERE tablename = $1 LIMIT 1", table)
            found += [row[0] for row in await owner.fetch(f"SELECT t::text FROM {place}.{table} t")]
        return "\n".join(found)
    finally:
        await owner.close()


async def done(net: Network) -> list[tuple[str, str]]:
    """What Bo Taen's audit says was done with contacts."""
    return [one for one in await audited(net, RECEIVER) if one[0].startswith("contact")]


async def refused(asked: Awaitable[Any]) -> Refusal:
    with pytest.raises(Refused) as no:
        await asked
    return no.value.refusal


# kept and read


def test_a_contact_is_kept_sealed_on_the_contract_and_read_by_its_community(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        kept = await said.given()
        assert (kept.holding, kept.basis, kept.delete_by) == ("held", "contract", LAST_DAY + KEPT_DAYS)
        assert kept.fields == ("full_name", "email_address", "phone_number", "notes", "locales")
        answer = await said.answered()
        assert (answer.agency, answer.basis, answer.fields) == (MEKONG.agency, "contract", kept.fields)
        assert await said.read() == SOMCHAI
        text = await everything(net)
        assert HOLD in text
        assert not any(word in text for word in ("สมชาย", "somchai", "555 0100", "peanuts"))
        assert await done(net) == [("contact_kept", "contract"), *[("contact_read", "contract")] * 2]

    play(story)


def test_a_later_contact_takes_the_place_of_an_earlier_one_with_all_its_fields(play: Any) -> None:
    async def story(_: Network, said: Contacts) -> None:
        await said.given()
        only_name = Contact(full_name="Kham")
        kept = await said.given(only_name, last_day=LAST_DAY + timedelta(days=3))
        assert (kept.fields, kept.delete_by) == (("full_name",), LAST_DAY + timedelta(days=3) + KEPT_DAYS)
        assert await said.read() == only_name

    play(story)


def test_what_was_sealed_opens_once_and_what_is_no_contact_is_refused_without_quoting_it(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        first = await said.sealed()
        again = await said.prepared()
        assert again.key_id == first.key_id, "the same until a contact was opened with it"
        await said.ask(contacts.keep, first, MEKONG)
        assert (await refused(said.ask(contacts.keep, first, MEKONG))).reason == "contact_key_is_used"
        for text, reason in (
            (b'{"passport": "AB1234567"}', "contact_is_not_as_it_must_be"),
            (b'{"full_name": "  "}', "contact_is_empty"),
        ):
            prepared = await said.prepared()
            sealed = sealing.seal(text, to=prepared.sealing_key, about=sealing.for_contacts(HOLD, RECEIVER))
            about = {"hold_id": HOLD, "key_id": prepared.key_id, "sealed": sealed, "last_day": LAST_DAY}
            no = await refused(said.ask(contacts.keep, v1.KeepContact.model_validate(about), MEKONG))
            assert (no.code, no.field, no.reason) == (No.INVALID, "sealed", reason)
            assert "AB12" not in no.message
        other = await said.prepared()
        elsewhere = sealing.seal(b'{"full_name": "Kham"}', to=other.sealing_key, about=sealing.for_room(HOLD, RECEIVER))
        command = v1.KeepContact(hold_id=HOLD, key_id=other.key_id, sealed=elsewhere, last_day=LAST_DAY)
        assert (await refused(said.ask(contacts.keep, command, MEKONG))).reason == "contact_is_not_as_it_must_be"
        assert await said.read() == SOMCHAI
        assert [what for what, _ in await done(net)] == ["contact_kept", "contact_read"]

    play(story)


def test_what_does_not_open_any_more_is_answered_and_audited(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        async with net.at[RECEIVER].referral.work(EVERYONE) as work:
            await work.connection.execute("UPDATE contact_fields SET ciphertext = ciphertext || '\\x00'")
        answer = await said.answered()
        assert (answer.holding, answer.sealed) == ("held", None)
        assert (await done(net))[-1] == ("contact_read", "cannot_be_opened")
        assert (await said.moved()).holding == "none", "and it cannot go over either"
        assert (await done(net))[-1] == ("contact_moved", "cannot_be_opened")
        await said.ended("CANCELLED", replaced_by=NEXT)
        assert await traces(net) == 0

    play(story)


def test_reading_is_audited_also_when_nothing_is_held(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.prepared()
        assert ((await said.answered()).holding, await said.read()) == ("none", None)
        await said.given()
        await said.erased(who=COORDINATOR)
        assert (await said.answered()).holding == "erased"
        assert [one for one in await done(net) if one[0] == "contact_read"] == [("contact_read", "nothing_held")] * 3

    play(story)


# whose it is


def attempts(sealed: v1.KeepContact) -> dict[str, tuple[Any, Any]]:
    """What an agency may do, of the hold of another."""
    return {
        "prepare": (contacts.prepare, v1.PrepareContact(hold_id=HOLD)),
        "keep": (contacts.keep, sealed),
        "move from": (contacts.move, v1.MoveContact(hold_id=HOLD, new_hold_id=THIRD, last_day=LAST_DAY)),
        "move to": (contacts.move, v1.MoveContact(hold_id=NEXT, new_hold_id=HOLD, last_day=LAST_DAY)),
        "erase": (contacts.erase, v1.EraseContact(hold_id=HOLD)),
    }


@pytest.mark.parametrize(("who", "acting"), [(OTHERS, RECEIVER), (MEKONG, SENDER)], ids=["agency", "community"])
def test_another_agency_and_another_community_are_refused_as_if_it_did_not_exist(
    play: Any, who: Principal, acting: str
) -> None:
    async def story(_: Network, said: Contacts) -> None:
        await said.given()
        sealed = await said.sealed()
        await said.ask(contacts.prepare, v1.PrepareContact(hold_id=NEXT), who, acting)
        nowhere = await refused(said.ask(contacts.erase, v1.EraseContact(hold_id=THIRD), who, acting))
        assert nowhere.code is No.UNKNOWN
        for handler, command in attempts(sealed).values():
            assert await refused(said.ask(handler, command, who, acting)) == nowhere
        assert await said.read() == SOMCHAI
        assert (await said.ask(contacts.keep, sealed, MEKONG)).holding == "held", "control: its own may"

    play(story)


def test_another_community_reads_and_erases_nothing(play: Any) -> None:
    async def story(_: Network, said: Contacts) -> None:
        await said.given()
        theirs = member(SENDER)
        key = sealing.new_key()[1]
        for hold in (HOLD, THIRD):
            reading = said.ask(contacts.read, v1.ReadContact(hold_id=hold, reply_key=key), theirs, SENDER)
            erasing = said.ask(contacts.erase, v1.EraseContact(hold_id=hold), theirs, SENDER)
            assert (await refused(reading)).code is (await refused(erasing)).code is No.UNKNOWN
        assert await said.read() == SOMCHAI

    play(story)


@pytest.mark.parametrize("who", [OPERATOR, COORDINATOR], ids=["operator", "member"])
def test_a_contact_comes_from_an_agency_alone(play: Any, who: Principal) -> None:
    async def story(_: Network, said: Contacts) -> None:
        sealed = await said.sealed()
        for handler, command in list(attempts(sealed).values())[:4]:
            assert (await refused(said.ask(handler, command, who))).reason == "contacts_come_from_agencies"

    play(story)


# moved


@pytest.mark.parametrize("first", ["the agency", "booking", "booking alone"])
def test_a_contact_goes_over_to_the_hold_that_takes_the_place(play: Any, first: str) -> None:
    later = LAST_DAY + timedelta(days=7)

    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        if first == "the agency":
            await said.moved(last_day=later)
            await said.ended("CANCELLED", replaced_by=NEXT)
        else:
            await said.ended("CANCELLED", replaced_by=NEXT)
            if first == "booking":
                await said.moved(last_day=later)
        assert (await said.read(NEXT), await said.read(HOLD)) == (SOMCHAI, None)
        promised = LAST_DAY if first == "booking alone" else later
        assert (await said.answered(NEXT)).delete_by == promised + KEPT_DAYS
        assert [one for one in await done(net) if one[0] != "contact_read"] == [
            ("contact_kept", "contract"),
            ("contact_moved", "contract"),
        ], "nothing was erased"

    play(story)


def test_a_contact_that_the_new_hold_has_already_stays_and_the_old_one_goes(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        newer = Contact(full_name="Kham")
        await said.given(newer, NEXT)
        await said.moved()
        await said.ended("CANCELLED", replaced_by=NEXT)
        assert (await said.read(NEXT), await said.read(HOLD)) == (newer, None)
        assert ("contact_erased", "cancelled") in await done(net)

    play(story)


def test_a_contact_does_not_go_over_to_a_booking_that_is_over_too(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        await said.ended("CANCELLED", NEXT)
        await said.ended("CANCELLED", replaced_by=NEXT)
        assert ((await said.answered(NEXT)).holding, (await said.answered()).holding) == ("none", "erased")
        assert await traces(net) == 0

    play(story)


# erased


@pytest.mark.parametrize("state", ["CANCELLED", "EXPIRED", "REJECTED", "ON_HOLD", "PENDING", "CONFIRMED", "REDEEMED"])
def test_a_booking_that_is_over_takes_its_contact_with_it_and_no_other_does(play: Any, state: HoldState) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        await said.prepared()
        await said.given(hold=THIRD)
        await said.ended(state)
        over = state in rules.OVER
        assert await said.read() == (None if over else SOMCHAI)
        assert await traces(net) == (1 + 5 if over else 2 * (1 + 5) + 1), "the other's key and fields"
        assert (("contact_erased", state.lower()) in await done(net)) == over
        async with net.at[RECEIVER].referral.work(EVERYONE) as work:
            lines = await work.connection.fetch('SELECT referral_id, why, "of", ended FROM erasures')
        assert [tuple(map(str, line)) for line in lines] == ([(HOLD, "retention", "contact", state)] if over else [])
        late = refused(said.prepared()) if over else said.prepared()
        assert getattr(await late, "reason", "no_contact_once_over") == "no_contact_once_over"

    play(story)


def test_what_comes_after_the_end_is_not_kept(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        sealed = await said.sealed()
        await said.ended("EXPIRED")
        assert (await refused(said.ask(contacts.keep, sealed, MEKONG))).reason == "no_contact_once_over"
        await said.ended("EXPIRED", THIRD)
        assert (await refused(said.prepared(THIRD))).reason == "no_contact_once_over", "nobody had asked before"
        assert await traces(net) == 0

    play(story)


@pytest.mark.parametrize("who", [MEKONG, COORDINATOR, OPERATOR], ids=["agency", "community", "operator"])
def test_whoever_may_asks_for_it_to_be_forgotten(play: Any, who: Principal) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        await said.prepared()
        erased = await said.erased(who=who)
        assert (erased.holding, erased.fields, erased.delete_by) == ("erased", (), None)
        assert (await said.erased(who=who)).holding == "erased", "once more does no harm"
        assert (await traces(net), await said.read()) == (0, None)
        assert (await done(net))[:2] == [("contact_kept", "contract"), ("contact_erased", "asked")]
        assert (await said.given()).holding == "held", "a live booking may be given another"

    play(story)


async def on_day(net: Network, day: date) -> int:
    """The sweep on that day."""
    async with net.at[RECEIVER].referral.work(EVERYONE) as work:
        work.now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return await contacts.keep_retention(work)


def test_a_contact_goes_by_itself_after_its_last_day(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        await said.ended("REDEEMED")
        await on_day(net, LAST_DAY + KEPT_DAYS)
        assert (await said.answered()).holding == "held", "control: on the day that was promised it is still there"
        assert await on_day(net, LAST_DAY + KEPT_DAYS + timedelta(days=1)) == 1
        assert ((await said.answered()).holding, await traces(net)) == ("erased", 0)
        assert ("contact_erased", "retention") in await done(net)

    play(story)


def test_idle_keys_go_after_a_day_and_empty_holds_after_a_month(play: Any) -> None:
    async def story(net: Network, said: Contacts) -> None:
        today = datetime.now(UTC).date()
        await said.prepared()
        await said.given(hold=NEXT, last_day=today + timedelta(days=90))
        await on_day(net, today)
        assert await traces(net) == 7
        await on_day(net, today + timedelta(days=contacts.KEY_DAYS + 1))
        assert await traces(net) == 6, "what is held stays"
        assert (await said.answered()).holding == "none"
        assert await on_day(net, today + timedelta(days=contacts.EMPTY_DAYS + 1)) == 1
        assert (await refused(said.answered())).code is No.UNKNOWN
        assert await said.read(NEXT) == SOMCHAI

    play(story)


@pytest.mark.parametrize("erases", [True, False], ids=["erased", "control: kept"])
def test_a_kept_answer_goes_with_what_it_holds(play: Any, erases: bool) -> None:
    async def story(net: Network, said: Contacts) -> None:
        await said.given()
        about = {"type": v1.ReadContact.type, "caller": "portal", "acting": RECEIVER, "principal": COORDINATOR}
        soon = datetime.now(UTC) + timedelta(seconds=60)
        data = {"hold_id": HOLD, "reply_key": sealing.new_key()[1]}
        call = Call.model_validate(about | {"id": new_id(), "deadline": soon, "data": data})
        requests = net.at[RECEIVER].referral.requests
        first = (await requests.answer(call, v1.ReadContact, contacts.read)).result or {}
        if erases:
            await said.erased()
        again = (await requests.answer(call, v1.ReadContact, contacts.read)).result or {}
        assert first["sealed"]
        assert again["sealed"] == (None if erases else first["sealed"])

    play(story)


def test_an_erasure_finds_kept_answers_by_their_index(play: Any) -> None:
    async def story(net: Network, _: Contacts) -> None:
        async with net.at[RECEIVER].referral.work(EVERYONE) as work:
            await work.connection.execute("SET LOCAL enable_seqscan = off")
            none: list[list[Any]] = [[], [], [], [], []]
            query = ReferralUnitOfWork.queries["destroy_contacts"]
            plan = await work.connection.fetch(f"EXPLAIN {query}", *none, work.now)
            assert any("answers_contacts" in row[0] for row in plan)

    play(story)


# after a breach


def test_after_a_breach_it_is_known_of_which_bookings_something_was_held(play: Any) -> None:
    async def story(_: Network, said: Contacts) -> None:
        await said.given()
        await said.given(Contact(full_name="Kham"), THIRD)
        await said.erased()
        now = datetime.now(UTC)
        span = v1.ListAffectedContacts(since=now - timedelta(days=30), until=now + timedelta(days=3650))
        found = await said.ask(contacts.list_affected, span, OPERATOR, EVERYONE)
        assert sorted((one.hold_id, one.erased_at is not None, one.fields) for one in found) == [
            (HOLD, True, ("full_name", "email_address", "phone_number", "notes", "locales")),
            (THIRD, False, ("full_name",)),
        ]
        assert await said.ask(contacts.list_affected, span, OPERATOR, SENDER) == []
        backwards = v1.ListAffectedContacts(since=span.until, until=span.since)
        assert (await refused(said.ask(contacts.list_affected, backwards, OPERATOR, EVERYONE))).code is No.INVALID

    play(story)
