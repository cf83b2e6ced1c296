"""A pass is issued with the confirmation, lets its party in once, and leaves every other try on record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.passes import base45, codec, showing
from contracts.passes.codec import Draft
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.values import Party, Window
from services.chassis.trust import sealing
from services.chassis.trust.passes import verified
from services.referral.adapters.passes import PassRows
from services.referral.handlers import passes as passing
from services.referral.handlers.handoff import acts
from tests.support import identity
from tests.support.booking import HOMESTAY, in_days, item_of
from tests.support.database import Databases
from tests.support.referral import RECEIVER, SENDER, Network, Play, playing

DAY, MINUTES = timedelta(days=1), timedelta(minutes=1)
WRONG = "ABCDEF"


@pytest.fixture
def play(server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, 2) as play:
        yield play


async def shown(net: Network, by: str = RECEIVER, **what: Any) -> v1.PassJudged:
    """Somebody shows a pass or says a code, and everything that follows from it."""
    judged: v1.PassJudged = await net.says(by, passing.present, v1.PresentPass(**what))
    return judged


async def handed_out(net: Network, ref: str) -> tuple[str, str]:
    """The code and the pass, as the sender gives them to Malee."""
    view = await net.view(SENDER, ref)
    assert view.short_code is not None
    assert view.pass_token is not None
    return view.short_code, view.pass_token


async def on_their_day(net: Network) -> tuple[str, str, str]:
    """A confirmed handoff, at noon of the day of arrival: its id, code and pass."""
    ref = await net.confirmed(item_of(HOMESTAY, in_days(20)))
    await until_noon(net, (await net.view(RECEIVER, ref)).arrival)
    return (ref, *await handed_out(net, ref))


async def until_noon(net: Network, arrival: Window, days: int = 0) -> None:
    """Every clock goes on to noon of the arrival day, or of as many days after it."""
    noon = codec.days_of(arrival.day, "Asia/Vientiane").opens + timedelta(days=1 + days, hours=12)
    await net.pass_time(noon - await now(net))


async def as_owner(net: Network, statement: str, *arguments: Any) -> list[Any]:
    """At the receiver's database, as who may do what no service may."""
    connection = await asyncpg.connect(net.at[RECEIVER].referral.database.url, timeout=5)
    try:
        return list(await connection.fetch(statement, *arguments))
    finally:
        await connection.close(timeout=5)


async def audited(net: Network) -> list[tuple[str, str]]:
    """What the receiver's audit says of passes and codes, oldest first."""
    rows = await as_owner(net, "SELECT what, result FROM node.audit WHERE community = $1 ORDER BY n", RECEIVER)
    return [(row["what"], row["result"]) for row in rows if "pass" in row["what"] or "code" in row["what"]]


async def now(net: Network) -> datetime:
    """The clock of the receiver's node."""
    rows = await net.at[RECEIVER].sql("SELECT clock_timestamp() + node.clock_offset() AS now")
    found: datetime = rows[0]["now"]
    return found


def test_a_confirmed_party_has_a_pass_that_the_receiver_signed_and_a_code(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed()
        ours, theirs = await net.both(ref)
        assert (ours.short_code, ours.pass_token) == (theirs.short_code, theirs.pass_token)
        _, token = await handed_out(net, ref)
        read = codec.read(token)
        assert (read.claims.issuer, read.claims.sender, read.claims.referral_id) == (RECEIVER, SENDER, ref)
        assert (read.claims.party, read.keyid) == (theirs.party, identity.keyid(RECEIVER))
        assert read.signed_by(sealing.read(identity.public_key(RECEIVER)), verified)
        async with net.at[RECEIVER].referral.work(RECEIVER) as work:
            record = await work.record(ref, RECEIVER)
            assert record is not None
            assert (await work.issue_pass(record)).pass_token == token, "issued once"

    play(story)


@pytest.mark.parametrize("what", ["pass_token", "short_code"])
def test_a_party_arrives_by_its_pass_or_code(play: Play, what: str) -> None:
    async def story(net: Network) -> None:
        ref, code, token = await on_their_day(net)
        given = {"short_code": code, "pass_token": token}[what]
        judged = await shown(net, party=Party(adult=1), **{what: given})
        assert (judged.verdict, judged.referral_id, judged.state) == ("good", ref, "arrived")
        assert await net.state(ref) == "arrived"
        assert (await net.view(SENDER, ref)).party == judged.party == Party(adult=1)

    play(story)


def test_a_pass_for_two_is_refused_for_three_people_and_stays_unused(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, _, token = await on_their_day(net)
        booked = (await net.view(RECEIVER, ref)).party
        with pytest.raises(Refused) as no:
            await shown(net, party=Party(adult=booked.heads + 1), pass_token=token)
        assert no.value.refusal.field == "party"
        assert (await shown(net, party=booked, pass_token=token)).verdict == "good"

    play(story)


def test_checking_a_pass_changes_nothing_but_wrong_codes_count(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, code, token = await on_their_day(net)
        for what in ({"short_code": code}, {"pass_token": token}, {"short_code": code}):
            looked = await shown(net, look=True, **what)
            assert (looked.verdict, looked.state, looked.used_at) == ("good", "confirmed", None)
        assert (await net.view(RECEIVER, ref)).marked is None
        assert (await shown(net, pass_token=token)).verdict == "good"
        again = await shown(net, look=True, short_code=code)
        assert (again.verdict, (await net.view(RECEIVER, ref)).marked) == ("used", None)
        wrong = "AAAAAA" if code != "AAAAAA" else "BBBBBB"
        for _ in range(10):
            assert (await shown(net, look=True, short_code=wrong)).verdict == "unknown"
        assert (await shown(net, short_code=code)).verdict == "too_many_tries"

    play(story)


def test_a_second_use_is_flagged_also_when_it_was_seen_without_a_network(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, code, token = await on_their_day(net)
        first = await shown(net, pass_token=token)
        view = await net.view(RECEIVER, ref)
        assert (first.verdict, view.marked) == ("good", None)
        again = await shown(net, short_code=code)
        assert (again.verdict, again.state) == ("used", "arrived")
        assert again.used_at is not None
        assert (await net.view(RECEIVER, ref)).marked == "pass_used_twice"
        offline = await shown(net, pass_token=token, seen_at=again.used_at - 30 * MINUTES)
        assert (offline.verdict, offline.used_at) == ("used", again.used_at)
        assert await net.state(ref) == "arrived"

    play(story)


def test_a_pass_seen_without_a_network_counts_from_then(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, _, token = await on_their_day(net)
        arrival = (await net.view(RECEIVER, ref)).arrival
        seen_at = codec.days_of(arrival.day, "Asia/Vientiane").opens + DAY + timedelta(hours=11)
        await net.pass_time(3 * DAY)
        assert await net.state(ref) == "no_show"
        assert (await shown(net, pass_token=token)).verdict == "late"
        assert (await shown(net, pass_token=token, seen_at=seen_at)).verdict == "good"
        assert await net.state(ref) == "arrived"
        assert await audited(net) == [
            ("pass_issued", "done"),
            ("pass_refused", "late"),
            ("pass_used", "done_told_later"),
        ]
        assert (await shown(net, pass_token=token, seen_at=seen_at)).verdict == "used"
        assert (await audited(net))[-1] == ("pass_used_twice", "used_told_later")

    play(story)


@pytest.mark.parametrize("past", [-showing.SKEW - MINUTES, showing.TOLD_WITHIN + MINUTES])
def test_a_moment_to_come_or_long_past_is_refused_for_whatever_is_shown(play: Play, past: timedelta) -> None:
    async def story(net: Network) -> None:
        ref, code, token = await on_their_day(net)
        for what in ({"pass_token": token}, {"short_code": code}, {"short_code": WRONG}):
            with pytest.raises(Refused) as refused:
                await shown(net, **what, seen_at=await now(net) - past)
            assert (refused.value.refusal.code, refused.value.refusal.field) == (No.INVALID, "seen_at")
        assert await net.state(ref) == "confirmed"

    play(story)


def test_a_pass_reported_as_seen_before_it_was_issued_is_not_accepted(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, code, token = await on_their_day(net)
        seen_at = await now(net) - 2 * showing.SKEW
        await as_owner(net, "UPDATE referral.passes SET issued_at = $1", await now(net) - MINUTES)
        for what in ({"pass_token": token}, {"short_code": code}):
            assert (await shown(net, **what, seen_at=seen_at)).verdict == "early"
        assert await net.state(ref) == "confirmed"
        assert (await audited(net))[1:] == [("pass_refused", "early")] * 2
        assert (await shown(net, pass_token=token)).verdict == "good"

    play(story)


def test_of_two_who_show_the_same_pass_at_once_one_is_flagged(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, code, token = await on_their_day(net)
        both = await asyncio.gather(
            net.act(passing.present, v1.PresentPass(pass_token=token), RECEIVER),
            net.act(passing.present, v1.PresentPass(short_code=code), RECEIVER),
        )
        await net.carry()
        assert sorted(one.verdict for one in both) == ["good", "used"]
        assert (await net.view(RECEIVER, ref)).marked == "pass_used_twice"

    play(story)


def test_a_pass_after_an_arrival_by_face_is_used_and_no_second_use(play: Play) -> None:
    async def story(net: Network) -> None:
        ref, _, token = await on_their_day(net)
        await net.says(RECEIVER, acts.arrive, v1.ArriveParty(referral=ref))
        assert (await shown(net, pass_token=token)).verdict == "used"
        assert (await net.view(RECEIVER, ref)).marked is None
        await shown(net, pass_token=token)
        assert (await net.view(RECEIVER, ref)).marked == "pass_used_twice"

    play(story)


def test_a_pass_is_early_late_over_or_of_nobody_here(play: Play) -> None:
    async def story(net: Network) -> None:
        early = await net.confirmed(item_of(HOMESTAY, in_days(20)))
        code, token = await handed_out(net, early)
        assert (await shown(net, pass_token=token)).verdict == "early"
        assert (await shown(net, short_code=code)).verdict == "early"
        assert (await shown(net, by=SENDER, pass_token=token)).verdict == "unknown"
        assert await net.state(early) == "confirmed"
        await net.says(RECEIVER, acts.cancel, v1.CancelHandoff(referral=early))
        assert (await shown(net, pass_token=token)).verdict == "over"
        assert (await shown(net, short_code=code)).verdict == "over"

    play(story)


def test_a_pass_that_we_did_not_sign_is_forged_and_one_that_we_do_not_know_unknown(play: Play) -> None:
    async def story(net: Network) -> None:
        _, _, token = await on_their_day(net)
        good = codec.read(token)
        more = Draft(claims=replace(good.claims, party=Party(adult=9)), keyid=good.keyid)
        by_tha_li = identity.private_key(SENDER).sign(more.text)
        for forged in (more.token(good.signature), more.token(by_tha_li), base45.written(b"none")):
            assert (await shown(net, pass_token=forged)).verdict == "forged"
        nowhere = replace(good.claims, referral_id="0190aaaa-0000-7000-8000-00000000ffff")
        lost = Draft(claims=nowhere, keyid=good.keyid)
        ours = lost.token(identity.private_key(RECEIVER).sign(lost.text))
        assert (await shown(net, pass_token=ours)).verdict == "unknown"

    play(story)


def test_a_pass_of_a_booking_is_none_of_a_handoff_though_we_signed_it(play: Play) -> None:
    async def story(net: Network) -> None:
        _, _, token = await on_their_day(net)
        good = codec.read(token)

        def ours(sender: str) -> str:
            draft = replace(good.draft, claims=replace(good.claims, sender=sender))
            return draft.token(identity.private_key(RECEIVER).sign(draft.text))

        assert (await shown(net, pass_token=ours(RECEIVER))).verdict == "unknown"
        assert (await shown(net, look=True, pass_token=ours(SENDER))).verdict == "good", (
            "it differs in the sender alone"
        )

    play(story)


def test_control_without_checking_the_signature_a_changed_pass_is_accepted(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.trust.passes.verified", lambda *_: True)

    async def story(net: Network) -> None:
        _, _, token = await on_their_day(net)
        good = codec.read(token)
        more = Draft(claims=replace(good.claims, party=Party(adult=9)), keyid=good.keyid)
        assert (await shown(net, pass_token=more.token(good.signature))).verdict == "good"

    play(story)


def test_a_pass_outlives_its_key_and_nothing_new_is_signed_with_it(play: Play) -> None:
    async def story(net: Network) -> None:
        _, _, token = await on_their_day(net)
        await as_owner(net, "UPDATE node.signing_keys SET used_until = now() WHERE community = $1", RECEIVER)
        good = codec.read(token)
        more = Draft(claims=replace(good.claims, party=Party(adult=9)), keyid=good.keyid)
        late = more.token(identity.private_key(RECEIVER).sign(more.text))
        assert (await shown(net, pass_token=late)).verdict == "forged"
        assert (await shown(net, pass_token=token)).verdict == "good"

    play(story)


def test_a_delayed_party_is_let_in_on_its_new_day_by_the_pass_it_has(play: Play) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed(item_of(HOMESTAY, in_days(20)))
        _, token = await handed_out(net, ref)
        arrival = (await net.view(RECEIVER, ref)).arrival
        later = Window(day=arrival.day + 2 * DAY, earliest=time(9), latest=time(18))
        await net.says(SENDER, acts.delay, v1.DelayParty(referral=ref, arrival=later))
        await until_noon(net, arrival, days=2)
        assert await now(net) > codec.read(token).claims.days.closes, "by itself the pass is over"
        assert (await shown(net, pass_token=token)).verdict == "good"

    play(story)


@pytest.mark.parametrize("days", [-1, 0])
@pytest.mark.parametrize("what", ["pass_token", "short_code"])
def test_a_delayed_party_that_comes_on_its_promised_day_all_the_same_is_let_in(
    play: Play, what: str, days: int
) -> None:
    async def story(net: Network) -> None:
        ref = await net.confirmed(item_of(HOMESTAY, in_days(20)))
        code, token = await handed_out(net, ref)
        arrival = (await net.view(RECEIVER, ref)).arrival
        later = arrival.model_copy(update={"day": arrival.day + 2 * DAY})
        await net.says(SENDER, acts.delay, v1.DelayParty(referral=ref, arrival=later))
        await until_noon(net, arrival, days)
        given = {"short_code": code, "pass_token": token}[what]
        assert (await shown(net, **{what: given})).verdict == "good"
        assert await net.state(ref) == "arrived"
        assert await audited(net) == [("pass_issued", "done"), ("pass_used", "done")]
        assert await net.wrong() == []

    play(story)


def test_what_the_rules_of_an_arrival_refuse_is_on_record_as_well(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise Refused(No.WRONG_STATE, "no_quote", "referral")

    async def story(net: Network) -> None:
        _, code, _ = await on_their_day(net)
        monkeypatch.setattr("services.referral.domain.handoff.acts.arrive", refuse)
        assert (await shown(net, short_code=code)).verdict == "over"
        assert await audited(net) == [("pass_issued", "done"), ("pass_refused", "over")]

    play(story)


def test_after_many_wrong_codes_every_code_must_wait_but_passes_are_accepted(play: Play) -> None:
    async def story(net: Network) -> None:
        _, code, token = await on_their_day(net)
        wrong = [codec.short_code(n) for n in range(showing.TRIES)]
        assert {(await shown(net, short_code=one)).verdict for one in wrong if one != code} == {"unknown"}
        for one in (WRONG, code):
            judged = await shown(net, short_code=one)
            assert judged.verdict == "too_many_tries"
            assert 0 < judged.wait_seconds <= 300
        assert (await shown(net, by=SENDER, short_code=WRONG)).verdict == "unknown", "each community for itself"
        await net.pass_time(5 * MINUTES)
        assert (await shown(net, short_code=code)).verdict == "good"
        assert (await shown(net, pass_token=token)).verdict == "used"

    play(story)


def test_each_try_of_a_code_leaves_a_line_also_while_codes_wait_and_a_right_one_no_other(play: Play) -> None:
    async def story(net: Network) -> None:
        _, code, _ = await on_their_day(net)
        wrong = [one for one in map(codec.short_code, range(showing.TRIES + 1)) if one != code][: showing.TRIES]
        for one in (*wrong, WRONG, code, WRONG):
            await shown(net, short_code=one)
        assert await audited(net) == [
            ("pass_issued", "done"),
            *[("pass_refused", "unknown")] * showing.TRIES,
            ("codes_paused", "too_many_tries"),
            *[("pass_refused", "too_many_tries")] * 3,
        ]

    play(story)


def test_a_pass_is_taken_while_codes_wait(play: Play) -> None:
    async def story(net: Network) -> None:
        _, code, token = await on_their_day(net)
        tried = [codec.short_code(n) for n in range(showing.TRIES + 1)]
        judged = await asyncio.gather(
            *(net.act(passing.present, v1.PresentPass(short_code=one), RECEIVER) for one in tried if one != code)
        )
        assert sum(one.verdict == "unknown" for one in judged) == showing.TRIES, "tried at once, counted one by one"
        assert (await shown(net, pass_token=token)).verdict == "good"

    play(story)


def test_control_without_counting_tries_codes_can_be_guessed_without_end(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "TRIES", 10_000)

    async def story(net: Network) -> None:
        _, code, _ = await on_their_day(net)
        tried = [codec.short_code(n) for n in range(12)]
        assert {(await shown(net, short_code=one)).verdict for one in tried if one != code} == {"unknown"}
        assert (await shown(net, short_code=code)).verdict == "good"

    play(story)


def test_a_code_is_drawn_again_while_it_is_taken_and_free_once_its_handoff_is_over(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter((7, 7, 7, 8, 7, 9))
    monkeypatch.setattr(PassRows, "draw", lambda _: next(drawn))

    async def story(net: Network) -> None:
        first = await net.confirmed(item_of(HOMESTAY, in_days(20)))
        second = await net.confirmed(item_of(HOMESTAY, in_days(30)))
        codes = [(await handed_out(net, ref))[0] for ref in (first, second)]
        assert codes == [codec.short_code(7), codec.short_code(8)]
        await net.says(SENDER, acts.withdraw, v1.WithdrawHandoff(referral=first))
        assert (await shown(net, short_code=codes[0])).verdict == "over"
        third = await net.confirmed(item_of(HOMESTAY, in_days(20)))
        assert (await handed_out(net, third))[0] == codes[0]
        assert (await shown(net, short_code=codes[0])).referral_id == third

    play(story)


def test_every_try_is_audited_without_what_was_shown(play: Play) -> None:
    async def story(net: Network) -> None:
        _, code, token = await on_their_day(net)
        forged = Draft(claims=replace(codec.read(token).claims, party=Party(adult=9)), keyid=codec.read(token).keyid)
        await shown(net, pass_token=forged.token(codec.read(token).signature))
        await shown(net, short_code=WRONG)
        await shown(net, pass_token=token)
        await shown(net, short_code=code)
        assert await audited(net) == [
            ("pass_issued", "done"),
            ("pass_refused", "forged"),
            ("pass_refused", "unknown"),
            ("pass_used", "done"),
            ("pass_used_twice", "used"),
        ]

    play(story)
