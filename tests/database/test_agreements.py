"""Agencies and agreements in a real database: who may act for whom, what each sees, and what the node is told."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from contracts.agencies import v1
from contracts.community.v1 import Restate, Terms
from contracts.principal import Agency, Principal
from contracts.refusals import No, Refused
from services.chassis.messaging.store import Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.community.adapters.agreements import AgreementRows
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from services.community.domain import kept_places
from services.community.domain.agreement import Phase
from services.community.domain.partnership import Partnership, Stance
from services.community.handlers import agreement, offering
from tests.support.community import OFFERINGS
from tests.support.principals import OPERATOR, member
from tests.support.vault import vault

FAIR, DEAR = (v1.AgreementTerms(valid_from=date(2026, 12, 1), percent=percent) for percent in ("10.00", "20.00"))
OURS, OTHERS = "bo-taen", "tha-li"
MEKONG = Agency(account="abcdefgh23", agency="mekong-tours")
LOEI = Agency(account="ijklmnop45", agency="loei-travel")
US = member(OURS)
PROPOSE = v1.ProposeAgreement(agency="mekong-tours", terms=FAIR)
AGREE = v1.AgreeAgreement(agency="mekong-tours")
END = v1.EndAgreement(agency="mekong-tours")
LIST = v1.ListAgreements()


class Node:
    """The community service with two agencies and two communities; nothing waits in its outbox."""

    def __init__(self, store: Store[CommunityUnitOfWork]) -> None:
        self.store = store

    async def begin(self) -> None:
        for name in (OURS, OTHERS):
            await self.does(OPERATOR, offering.publish_offering, OFFERINGS[name], name)
        for agency in (MEKONG, LOEI):
            added = v1.AddAgency(agency=agency.agency, name=agency.agency.title())
            await self.does(OPERATOR, agreement.add_agency, added, EVERYONE)
        await self.said()

    async def does(
        self, who: Principal, handler: Callable[[Any, Any], Awaitable[Any]], command: Any, acting: str = OURS
    ) -> Any:
        """One use case in its transaction, by somebody."""
        async with self.store.work(acting) as work:
            work.principal = who
            return await handler(command, work)

    async def said(self) -> list[dict[str, Any]]:
        """What was said since about agencies and agreements, taken away."""
        rows = await self.sql("DELETE FROM outbox RETURNING id, type, envelope")
        ours = [r for r in sorted(rows, key=lambda r: r["id"]) if "agenc" in r["type"] or "agreement" in r["type"]]
        return [row["envelope"] for row in ours]

    async def partners_with(self, partner: str) -> None:
        """Bo Taen and a partner have agreed."""
        terms = Terms(valid_from=date(2026, 1, 1))
        us, them = Stance(word="proposed", terms=terms), Stance(word="agreed", terms=terms)
        async with self.store.work(OURS) as work:
            await work.save_partnership(
                Partnership(
                    id=new_id(), community=OURS, partner=partner, terms=terms, since=work.now, ours=us, theirs=them
                )
            )

    async def sql(self, text: str, *arguments: Any) -> list[Any]:
        async with self.store.database.connection() as connection:
            return list(await connection.fetch(text, *arguments))

    async def agreed(self, agency: Agency = MEKONG, community: str = OURS) -> None:
        proposal = v1.ProposeAgreement(agency=agency.agency, terms=FAIR)
        await self.does(agency, agreement.propose_agreement, proposal, community)
        await self.does(
            member(community), agreement.agree_agreement, v1.AgreeAgreement(agency=agency.agency), community
        )


Run = Callable[[Callable[[Node], Awaitable[None]]], None]


@pytest.fixture
def run(community_database: str) -> Run:
    async def play(story: Callable[[Node], Awaitable[None]]) -> None:
        store = Store(community_database, CommunityUnitOfWork, vault=vault())
        try:
            node = Node(store)
            await node.begin()
            await story(node)
        finally:
            await store.close()

    return lambda story: asyncio.run(play(story))


async def refused(asking: Awaitable[Any]) -> tuple[No, str | None]:
    with pytest.raises(Refused) as no:
        await asking
    return no.value.refusal.code, no.value.refusal.reason


# coming to terms


def test_an_agency_proposes_and_the_community_agrees(run: Run) -> None:
    async def story(node: Node) -> None:
        waits = await node.does(MEKONG, agreement.propose_agreement, PROPOSE)
        assert (waits.state, waits.proposed_by, waits.in_force) == ("proposed", "agency", None)
        assert waits.agency_name == "Mekong-Tours"
        agreed = await node.does(US, agreement.agree_agreement, AGREE)
        assert (agreed.state, agreed.terms, agreed.in_force) == ("agreed", FAIR, FAIR)
        facts = [v1.AgreementStated.read(said["data"]) for said in await node.said()]
        assert [(fact.state, fact.terms) for fact in facts] == [("proposed", None), ("agreed", FAIR)]

    run(story)


def test_new_terms_leave_the_old_in_force_and_the_node_is_told_so(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        await node.said()
        dearer = PROPOSE.model_copy(update={"terms": DEAR})
        waits = await node.does(US, agreement.propose_agreement, dearer)
        assert (waits.state, waits.terms, waits.in_force) == ("proposed", DEAR, FAIR)
        down = END.model_copy(update={"proposal_only": True})
        assert (await node.does(MEKONG, agreement.end_agreement, down)).in_force == FAIR
        await node.does(US, agreement.propose_agreement, dearer)
        await node.does(MEKONG, agreement.agree_agreement, AGREE)
        await node.does(MEKONG, agreement.end_agreement, END)
        said = await node.said()
        facts = [v1.AgreementStated.read(each["data"]) for each in said]
        assert [fact.state for fact in facts] == ["agreed", "agreed", "agreed", "agreed", "ended"]
        assert [fact.terms for fact in facts] == [FAIR, FAIR, FAIR, DEAR, None]
        assert {each["subject"] for each in said} == {"mekong-tours--bo-taen"}

    run(story)


@pytest.mark.parametrize("who", [MEKONG, US], ids=["agency", "community"])
def test_nobody_agrees_to_his_own_terms(run: Run, who: Principal) -> None:
    async def story(node: Node) -> None:
        await node.does(who, agreement.propose_agreement, PROPOSE)
        no = await refused(node.does(who, agreement.agree_agreement, AGREE))
        assert no == (No.WRONG_STATE, "own_terms_wait")
        other: Principal = US if who is MEKONG else MEKONG
        assert (await node.does(other, agreement.agree_agreement, AGREE)).state == "agreed"

    run(story)


def test_an_operator_of_the_system_speaks_for_either_side_and_nobody_else_for_the_other(run: Run) -> None:
    async def story(node: Node) -> None:
        for_agency = AGREE.model_copy(update={"side": "agency"})
        await node.does(OPERATOR, agreement.propose_agreement, PROPOSE)
        assert await refused(node.does(OPERATOR, agreement.agree_agreement, AGREE)) == (
            No.WRONG_STATE, "own_terms_wait",
        )  # fmt: skip
        no = await refused(node.does(US, agreement.agree_agreement, for_agency))
        assert no == (No.NOT_ALLOWED, "not_your_side")
        assert (await node.does(OPERATOR, agreement.agree_agreement, for_agency)).state == "agreed"
        for_community = END.model_copy(update={"side": "community"})
        no = await refused(node.does(MEKONG, agreement.end_agreement, for_community))
        assert no == (No.NOT_ALLOWED, "not_your_side")
        async with node.store.work(OURS) as work:
            told = "SELECT who, what, about, result FROM node.audit WHERE what LIKE 'agreement%' ORDER BY n"
            lines = await work.connection.fetch(told)
        assert [tuple(line) for line in lines] == [
            ("operator:test", "agreement_proposed", "mekong-tours", "for_community"),
            ("operator:test", "agreement_agreed", "mekong-tours", "for_agency"),
        ]

    run(story)


def test_places_are_kept_only_of_what_the_community_offers_itself(run: Run) -> None:
    def keeping(experience: str) -> v1.ProposeAgreement:
        allotments = (v1.Allotment(experience_id=experience, places=4),)
        return PROPOSE.model_copy(update={"terms": FAIR.model_copy(update={"allotments": allotments})})

    async def story(node: Node) -> None:
        no = await refused(node.does(MEKONG, agreement.propose_agreement, keeping("tha-li.walk")))
        assert no == (No.INVALID, "nothing_to_keep_of")
        waits = await node.does(MEKONG, agreement.propose_agreement, keeping("bo-taen.homestay"))
        assert waits.terms.allotments[0].places == 4

    run(story)


TOO_MANY = "terms.allotments.1.places"


def terms(*kept: tuple[str, int], to: str = "tha-li") -> v1.AgreementTerms:
    allotments = tuple(v1.Allotment(experience_id=one, places=places) for one, places in kept)
    return FAIR.model_copy(update={"allotments": allotments, "hand_over": v1.HandingOver(partners=(to,))})


@pytest.mark.parametrize(
    ("wanted", "reason", "field"),
    [
        (terms(("bo-taen.homestai", 3)), "nothing_to_keep_of", "terms.allotments.0.experience_id"),
        (terms(("bo-taen.rice-cracker", 1), ("bo-taen.homestay", 9_999)), "keeps_more_than_there_is", TOO_MANY),
        (terms(to="wat-phu"), "hands_to_no_partner", "terms.hand_over.partners.0"),
    ],
)
def test_terms_of_what_is_not_there_are_neither_proposed_nor_agreed_to(
    run: Run, monkeypatch: pytest.MonkeyPatch, wanted: v1.AgreementTerms, reason: str, field: str
) -> None:
    async def story(node: Node) -> None:
        await node.partners_with("tha-li")
        proposal = PROPOSE.model_copy(update={"terms": wanted})
        with pytest.raises(Refused) as no:
            await node.does(MEKONG, agreement.propose_agreement, proposal)
        assert (no.value.refusal.reason, no.value.refusal.field) == (reason, field)
        with monkeypatch.context() as unchecked:  # proposed while it was still there
            unchecked.setattr(kept_places, "check", lambda *_: None)
            await node.does(MEKONG, agreement.propose_agreement, proposal)
        assert await refused(node.does(US, agreement.agree_agreement, AGREE)) == (No.INVALID, reason)
        assert (await node.does(US, agreement.end_agreement, END)).state == "ended"

    run(story)


def test_all_places_may_be_kept_and_agreed_partners_handed_to(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.partners_with("tha-li")
        places = OFFERINGS[OURS].offering.community.limits.guests_per_night
        proposal = PROPOSE.model_copy(update={"terms": terms(("bo-taen.homestay", places))})
        await node.does(MEKONG, agreement.propose_agreement, proposal)
        assert (await node.does(US, agreement.agree_agreement, AGREE)).state == "agreed"

    run(story)


def test_the_same_again_changes_and_tells_nothing(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.does(MEKONG, agreement.propose_agreement, PROPOSE)
        await node.said()
        await node.does(MEKONG, agreement.propose_agreement, PROPOSE)
        same = v1.AddAgency(agency="mekong-tours", name="Mekong-Tours")
        await node.does(OPERATOR, agreement.add_agency, same, EVERYONE)
        assert await node.said() == []
        named = await node.does(OPERATOR, agreement.add_agency, same.model_copy(update={"name": "Mekong"}), EVERYONE)
        assert [said["data"] for said in await node.said()] == [{"agency": "mekong-tours", "name": "Mekong"}]
        assert named in await node.does(US, agreement.list_agencies, v1.ListAgencies())

    run(story)


def test_acts_of_both_sides_at_once_come_one_after_another(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.does(MEKONG, agreement.propose_agreement, PROPOSE)
        ends = [node.does(who, agreement.end_agreement, END) for who in (MEKONG, US)]
        outcomes = await asyncio.gather(*ends, return_exceptions=True)
        assert sorted(type(one).__name__ for one in outcomes) == ["AgreementView", "Refused"]

    run(story)


# what is not one's own


def test_another_agencys_answers_like_one_that_does_not_exist(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        for handler, command in (
            (agreement.propose_agreement, PROPOSE),
            (agreement.agree_agreement, AGREE),
            (agreement.end_agreement, END),
        ):
            nobody = command.model_copy(update={"agency": "nobody"})
            others, none = [await refused(node.does(LOEI, handler, asked)) for asked in (command, nobody)]
            assert others == none == (No.UNKNOWN, "no_such_agency")
        own = v1.EndAgreement(agency="loei-travel")
        assert await refused(node.does(LOEI, agreement.end_agreement, own)) == (No.UNKNOWN, "no_agreement")
        away = await refused(node.does(MEKONG, agreement.propose_agreement, PROPOSE, "nowhere"))
        assert away == (No.UNKNOWN, "not_hosted_here")

    run(story)


def test_each_lists_its_own_agreements_and_no_others(run: Run) -> None:
    async def story(node: Node) -> None:
        for agency, community in ((MEKONG, OURS), (MEKONG, OTHERS), (LOEI, OURS)):
            await node.agreed(agency, community)

        async def seen(who: Principal, acting: str) -> list[tuple[str, str]]:
            found = await node.does(who, agreement.list_agreements, LIST, acting)
            return [(one.agency, one.community) for one in found]

        assert await seen(MEKONG, EVERYONE) == [("mekong-tours", OURS), ("mekong-tours", OTHERS)]
        assert await seen(LOEI, EVERYONE) == [("loei-travel", OURS)]
        assert await seen(MEKONG, OURS) == [("mekong-tours", OURS)]
        assert await seen(LOEI, OTHERS) == []
        assert await seen(US, OURS) == [("loei-travel", OURS), ("mekong-tours", OURS)]
        assert len(await seen(OPERATOR, EVERYONE)) == 3
        assert await seen(member(OTHERS), OTHERS) == [("mekong-tours", OTHERS)]

    run(story)


def test_without_its_id_in_the_query_an_agency_would_see_all(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = AgreementRows.agreements

    async def everybodys(self: AgreementRows, community: str | None, _agency: str | None) -> Any:
        return await listed(self, community, None)

    async def story(node: Node) -> None:
        await node.agreed(LOEI)
        monkeypatch.setattr(AgreementRows, "agreements", everybodys)
        found = await node.does(MEKONG, agreement.list_agreements, LIST, EVERYONE)
        assert [one.agency for one in found] == ["loei-travel"]

    run(story)


def test_rows_of_another_community_are_out_of_reach(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        async with node.store.work(OTHERS) as work:
            assert await work.agreement("mekong-tours", OURS) is None
            assert await work.agreements(OURS, None) == []
        async with node.store.work(OURS) as work:
            assert await work.agreement("mekong-tours", OURS) is not None

    run(story)


# keeping and stating


@pytest.mark.parametrize("phase", Phase)
def test_a_record_of_each_phase_is_read_back_as_it_was(run: Run, phase: Phase) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        async with node.store.work(OURS) as work:
            agreed = await work.agreement("mekong-tours", OURS)
            assert agreed is not None
            in_force = DEAR if phase in (Phase.AGREED, Phase.NEW_BY_AGENCY, Phase.NEW_BY_COMMUNITY) else None
            written = dataclasses.replace(agreed, phase=phase, in_force=in_force, since=work.now)
            await work.save_agreement(written)
            assert await work.agreement("mekong-tours", OURS) == written

    run(story)


def test_a_restatement_states_agencies_and_agreements_again_in_pages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offering, "PAGE", 1)

    async def story(node: Node) -> None:
        await node.agreed()
        await node.agreed(LOEI, OTHERS)
        await node.does(US, agreement.end_agreement, END)
        await node.said()
        restated = await node.does(OPERATOR, offering.restate, Restate(), EVERYONE)
        assert (restated.agencies, restated.agreements) == (2, 2)
        facts = {said["subject"]: said["data"] for said in await node.said()}
        assert set(facts) == {"mekong-tours", "loei-travel", "mekong-tours--bo-taen", "loei-travel--tha-li"}
        assert v1.AgreementStated.read(facts["mekong-tours--bo-taen"]).state == "ended"
        assert v1.AgreementStated.read(facts["loei-travel--tha-li"]).terms == FAIR

    run(story)
