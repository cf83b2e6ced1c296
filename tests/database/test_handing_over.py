"""An agency hands over for Tha Li, as far as the two have agreed, its own alone; and Bo Taen never learns."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.agencies.v1 import HandingOver
from contracts.booking.v1 import DayAvailability
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.chassis.ports import EVERYONE
from services.referral.adapters.agencies import AgencyRows
from services.referral.domain.handoff import handing_over
from services.referral.handlers.handoff import acts, queries
from tests.support.booking import MARKET, in_days, item_of
from tests.support.database import Databases
from tests.support.handing_over import LANNA, MEKONG, authorised, by, handed_over, offer, refusal
from tests.support.principals import member
from tests.support.referral import RECEIVER, SENDER, Network, Play, playing

NOBODY = str(uuid.uuid4())


@pytest.fixture(params=[1, 2], ids=["one node", "two nodes"])
def play(request: pytest.FixtureRequest, server: Databases, template: str) -> Iterator[Play]:
    with playing(server, template, request.param) as play:
        yield play


async def shown(net: Network, ref: str, who: Any = MEKONG, acting: str = EVERYONE) -> v1.HandoffView:
    view: v1.HandoffView = await by(net, who, queries.show, v1.ShowHandoff(referral=ref), acting)
    return view


async def listed(net: Network, who: Any = MEKONG, acting: str = EVERYONE, **wanted: Any) -> list[v1.HandoffSummary]:
    return list(await by(net, who, queries.list_handoffs, v1.ListHandoffs(**wanted), acting))


def can(view: v1.HandoffView | v1.HandoffSummary) -> dict[str, bool]:
    return {act.act: act.by_agency for act in view.next_acts}


def test_an_agency_hands_over_and_consent_stays_with_the_community(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net)
        ref = await handed_over(net)
        view = await shown(net, ref)
        assert (view.community, view.partner, view.state, view.agency) == (SENDER, RECEIVER, "held", MEKONG.agency)
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=view.referral_id))
        view = await shown(net, ref)
        assert view.state == "accepted"
        assert can(view) == {"consent": False, "refuse_consent": False, "withdraw": True}
        await net.consented(view.referral_id)
        confirmed = await shown(net, ref, acting=SENDER)
        assert (confirmed.state, can(confirmed)) == ("confirmed", {"depart": False, "delay": True, "withdraw": True})
        later = confirmed.arrival.model_copy(update={"latest": confirmed.arrival.latest.replace(hour=20)})
        await by(net, MEKONG, acts.delay, v1.DelayParty(referral=ref, arrival=later))
        await by(net, MEKONG, acts.withdraw, v1.WithdrawHandoff(referral=ref))
        await net.carry()
        assert await net.state(view.referral_id) == "withdrawn"

    play(story)


def test_nothing_of_the_traveller_or_of_who_works_there_is_shown_to_the_agency(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net)
        travel = {"nationality": "thai", "document": "passport"}
        ref = await handed_over(net, travel=travel)
        id_ = (await shown(net, ref)).referral_id
        await net.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=id_))
        await net.consented(id_)
        async with net.at[SENDER].referral.work(SENDER) as work:
            work.principal = member(SENDER, account="noi-of-tha-li")
            await acts.depart(v1.DepartParty(referral=id_), work)
        ours, theirs = await net.view(SENDER, id_), await shown(net, ref)
        assert (ours.consent, ours.pass_token, ours.short_code, ours.travel) != (None, None, None, None)
        assert {line.account for line in ours.story} == {None, "noi-of-tha-li"}
        assert {line.act for line in ours.story} >= {"consent"}
        hidden = (
            "travel", "note", "consent", "erased_at", "partner_erased_at", "short_code", "pass_token", "amounts",
            "hold_id",
        )  # fmt: skip
        assert {getattr(theirs, name) for name in hidden} == {None}
        assert (theirs.personal, theirs.consent_refused) == ("none", False)
        assert {line.account for line in theirs.story} == {None}
        assert not {line.act for line in theirs.story} & {"consent", "party_released"}

    play(story)


def test_every_field_of_a_handoff_is_either_hidden_from_an_agency_or_known_to_be_good_for_it() -> None:
    """A new field has to be looked at before an agency is shown it."""
    good = {
        "referral_id", "community", "side", "partner", "state", "round", "wish", "marked", "party", "items", "needs",
        "language", "arrival", "crossing", "who_drives", "expected_total", "answer_by", "held_until", "consent_by",
        "quote", "countered_items", "alternatives", "sent", "seen", "partner_seen", "attention", "last_day", "late",
        "their_acts", "whose_move", "replaces", "agency", "agency_ref",
    }  # fmt: skip
    changed = {
        "travel", "note", "consent", "erased_at", "partner_erased_at", "short_code", "pass_token", "amounts", "hold_id",
        "personal", "consent_refused", "reason", "story", "next_acts",
    }  # fmt: skip
    assert good | changed == set(v1.HandoffView.model_fields)


def test_to_another_agency_and_for_other_handoffs_it_is_as_if_there_were_none(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net)
        await authorised(net, LANNA)
        ours, own = await handed_over(net), await net.offer(item_of(MARKET, in_days(21)))
        whole = (await shown(net, ours)).referral_id
        for who, ref in (
            (LANNA, ours),
            (LANNA, whole),
            (MEKONG, own),
            (MEKONG, own[-6:]),
            (MEKONG, whole),
            (MEKONG, NOBODY),
        ):
            for handler, command in (
                (queries.show, v1.ShowHandoff(referral=ref)),
                (acts.withdraw, v1.WithdrawHandoff(referral=ref)),
                (acts.take_counter, v1.TakeCounter(referral=ref, round=1)),
            ):
                no = await refusal(by(net, who, handler, command))
                assert (no.code, no.reason) == (No.UNKNOWN, "no_such_handoff")
        no = await refusal(by(net, LANNA, acts.offer, offer(replaces=whole)))
        assert no.reason == "no_such_party"
        assert (await listed(net, LANNA), [one.agency_ref for one in await listed(net)]) == ([], [ours])
        assert await listed(net, acting=RECEIVER) == []
        mine = {
            line.referral_id: line.agency for line in await net.act(queries.list_handoffs, v1.ListHandoffs(), SENDER)
        }
        assert mine == {whole: MEKONG.agency, own: None}, "its members see all of them"

    play(story)


def test_one_uuid_is_one_handoff(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net)
        command = offer()
        first = await by(net, MEKONG, acts.offer, command)
        again = await asyncio.gather(*(by(net, MEKONG, acts.offer, command) for _ in range(4)))
        assert {one.referral_id for one in again} == {first.referral_id}
        other = command.model_copy(update={"language": "lo"})
        assert (await refusal(by(net, MEKONG, acts.offer, other))).reason == "own_id_used_for_other"
        assert (await refusal(by(net, MEKONG, acts.offer, offer(agency_ref=None)))).reason == "say_your_own_id"
        assert (await refusal(by(net, member(SENDER), acts.offer, command))).reason == "ref_is_an_agencys"
        await authorised(net, LANNA)
        assert (await by(net, LANNA, acts.offer, command)).referral_id != first.referral_id, "to another it is free"
        await authorised(net, state="ended")
        assert (await by(net, MEKONG, acts.offer, command)).referral_id == first.referral_id, "it is done already"
        await net.carry()

    play(story)


@pytest.mark.parametrize(
    ("agreed", "reason"),
    [
        ({"state": "ended"}, "not_authorised"),
        ({"state": "proposed"}, "not_authorised"),
        ({"agreed": None}, "not_authorised"),
        ({"valid_from": in_days(2)}, "not_authorised"),
        ({"valid_from": in_days(-9), "valid_to": in_days(-2)}, "not_authorised"),
        ({"agreed": HandingOver(partners=("dan-sai",))}, "partner_not_authorised"),
    ],
    ids=repr,
)
def test_beyond_what_is_agreed_nothing_is_done(play: Play, agreed: dict[str, Any], reason: str) -> None:
    async def story(net: Network) -> None:
        assert (await refusal(by(net, MEKONG, acts.offer, offer()))).reason == "not_authorised", (
            "nothing was ever agreed"
        )
        await authorised(net)
        ref = await handed_over(net)
        await authorised(net, **agreed)
        for handler, command in (
            (acts.offer, offer()),
            (acts.withdraw, v1.WithdrawHandoff(referral=ref)),
            (queries.ask_partner_catalogue, v1.AskPartnerCatalogue(partner=RECEIVER)),
            (queries.ask_partner_availability, looked_at()),
        ):
            no = await refusal(by(net, MEKONG, handler, command))
            assert (no.code, no.reason) == (No.NOT_ALLOWED, reason)
        seen = await shown(net, ref)
        assert (seen.state, can(seen)) == ("held", {}), "it still sees what it has handed over"
        assert await net.state(seen.referral_id) == "held"

    play(story)


def test_an_authority_that_ends_between_offer_and_counter_leaves_the_counter_to_the_community(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(net: Network) -> None:
        await authorised(net)
        ref = await handed_over(net)
        id_ = (await shown(net, ref)).referral_id
        counter = v1.CounterHandoff(referral=id_, items=(item_of(MARKET, in_days(20)),))
        await net.says(RECEIVER, acts.counter, counter)
        assert can(await shown(net, ref)) == {"take_counter": True, "withdraw": True}
        await authorised(net, state="ended")
        take = v1.TakeCounter(referral=ref, round=1)
        assert (await refusal(by(net, MEKONG, acts.take_counter, take))).reason == "not_authorised"
        assert can(await shown(net, ref)) == {"take_counter": False, "withdraw": False}, "its community goes on"
        (line,) = await listed(net)
        assert can(line) == {"take_counter": False, "withdraw": False}
        with monkeypatch.context() as off:  # the control: where nobody judges, it is taken
            off.setattr(handing_over, "may_act", lambda *_: HandingOver())
            await by(net, MEKONG, acts.take_counter, take)
        await net.carry()
        assert await net.state(id_) == "accepted"

    play(story)


def looked_at() -> v1.AskPartnerAvailability:
    return v1.AskPartnerAvailability(partner=RECEIVER, first=in_days(1), last=in_days(9))


def test_what_partners_offer_is_shown_as_far_as_it_may_hand_over_to_them(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net, agreed=HandingOver(partners=(RECEIVER,)))
        (one,) = await by(net, MEKONG, queries.ask_partner_catalogue, v1.AskPartnerCatalogue())
        assert one.partner == RECEIVER
        days: tuple[DayAvailability, ...] = (await by(net, MEKONG, queries.ask_partner_availability, looked_at())).days
        assert days == ()
        await authorised(net, agreed=HandingOver(partners=("dan-sai",)))
        assert await by(net, MEKONG, queries.ask_partner_catalogue, v1.AskPartnerCatalogue()) == []
        with pytest.raises(Refused):
            await by(net, LANNA, queries.ask_partner_catalogue, v1.AskPartnerCatalogue())

    play(story)


async def race(net: Network, offers: int, reason: str = "too_many_handed_over") -> int:
    """Offers at once, and how many of them were taken."""
    asked = [by(net, MEKONG, acts.offer, offer(item_of(MARKET, in_days(20)))) for _ in range(offers)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    noes = [one.refusal for one in answers if isinstance(one, Refused)]
    assert {(no.code, no.reason) for no in noes} <= {(No.TOO_MANY_OPEN, reason)}
    assert len(noes) + sum(isinstance(one, v1.Recorded) for one in answers) == offers
    return offers - len(noes)


def test_no_more_are_open_than_agreed_however_many_are_offered_at_once(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net, agreed=HandingOver(most_open=3))
        assert await race(net, 12) == 3
        await net.carry()
        refs = [one.agency_ref for one in await listed(net)]
        await by(net, MEKONG, acts.withdraw, v1.WithdrawHandoff(referral=refs[0] or ""))
        assert await race(net, 4) == 1, "one that has ended makes room for one"
        await authorised(net, LANNA, HandingOver(most_open=1))
        assert await by(net, LANNA, acts.offer, offer()), "others' do not count"
        await net.carry()

    play(story)


async def offered_and_withdrawn(net: Network, who: Any = MEKONG) -> v1.OfferHandoff:
    command = offer(item_of(MARKET, in_days(20)))
    await by(net, who, acts.offer, command)
    await by(net, who, acts.withdraw, v1.WithdrawHandoff(referral=command.agency_ref or ""))
    return command


def test_what_was_offered_and_withdrawn_counts_for_a_day(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_over, "_OFFERS_A_DAY", 3)
    monkeypatch.setattr(handing_over, "_TIMES_OPEN", 1)

    async def story(net: Network) -> None:
        for who in (MEKONG, LANNA):
            await authorised(net, who, HandingOver(most_open=1))
        first = await offered_and_withdrawn(net)
        await net.pass_time(timedelta(hours=1))
        for _ in range(2):
            await offered_and_withdrawn(net)
        no = await refusal(by(net, MEKONG, acts.offer, offer()))
        assert (no.code, no.reason, (no.params or {})["most"]) == (No.TOO_MANY_OPEN, "too_many_offered", 3)
        assert await by(net, MEKONG, acts.offer, first), "it is done already"
        await offered_and_withdrawn(net, LANNA)
        await net.offer(item_of(MARKET, in_days(20)))
        await net.pass_time(timedelta(hours=23))
        await offered_and_withdrawn(net)
        assert (await refusal(by(net, MEKONG, acts.offer, offer()))).reason == "too_many_offered", (
            "two of an hour later"
        )
        await net.carry()

    play(story)


def test_of_offers_at_once_no_more_than_may_be_within_a_day_get_in(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_over, "most_a_day", lambda _: 3)

    async def story(net: Network) -> None:
        await authorised(net, agreed=HandingOver(most_open=99))
        assert await race(net, 8, "too_many_offered") == 3
        await net.carry()

    play(story)


def test_without_judging_them_one_after_another_more_get_in(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the lock is what keeps to the number."""
    alone = AgencyRows.authority

    async def together(self: Any, agency: str, community: str, **_: Any) -> Any:
        found = await alone(self, agency, community)
        await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(AgencyRows, "authority", together)

    async def story(net: Network) -> None:
        await authorised(net, agreed=HandingOver(most_open=3))
        assert await race(net, 12) > 3
        await net.carry()

    play(story)


def test_no_message_names_the_agency_and_the_story_of_its_community_does(play: Play) -> None:
    async def story(net: Network) -> None:
        await authorised(net)
        ref = await handed_over(net)
        id_ = (await shown(net, ref)).referral_id
        counter = v1.CounterHandoff(referral=id_, items=(item_of(MARKET, in_days(20)),))
        await net.says(RECEIVER, acts.counter, counter)
        await by(net, MEKONG, acts.take_counter, v1.TakeCounter(referral=ref, round=1))
        await net.carry()
        await net.consented(id_)
        ours, theirs = await net.both(id_)
        did = {line.act: line.agency for line in ours.story if line.agency}
        assert did == {"offer": MEKONG.agency, "take_counter": MEKONG.agency}
        assert (ours.agency, ours.agency_ref) == (MEKONG.agency, ref)
        assert (theirs.agency, theirs.agency_ref, {line.agency for line in theirs.story}) == (None, None, {None})
        for node in net.nodes:
            for row in await sent(node):
                assert not any(secret in row for secret in (MEKONG.agency, MEKONG.account, ref)), row
        async with net.at[SENDER].referral.work(EVERYONE) as work:
            lines = await work.connection.fetch("SELECT what FROM node.audit WHERE who = $1 ORDER BY n", MEKONG.who)
        assert [line["what"] for line in lines] == ["agency_offered", "agency_took_counter"]

    play(story)


async def sent(node: Any) -> list[str]:
    """Whatever leaves referral and booking, as it is signed."""
    rows = []
    for store in (node.referral, node.booking):
        async with store.database.connection() as connection:
            rows += [row["envelope"] for row in await connection.fetch("SELECT envelope::text FROM outbox")]
    return rows
