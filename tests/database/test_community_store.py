"""Communities in a real database: what is published is found, and partners come to terms by message alone."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from contracts.border import v1 as border
from contracts.community import v1
from contracts.refusals import No, Refused
from services.chassis.messaging.store import Delivery, Outcome, Store
from services.chassis.ports import EVERYONE
from services.community.adapters.unit_of_work import CommunityUnitOfWork
from services.community.handlers import offering, partnership
from tests.support import identity
from tests.support.community import OFFERINGS, READERS
from tests.support.vault import vault

TERMS = v1.Terms(valid_from=date(2026, 1, 1), referral_fee_percent="5.00", crossings=("na-kraseng",), border=True)
DEARER = TERMS.model_copy(update={"referral_fee_percent": "10.00"})


class Left(NamedTuple):
    """A message in the outbox."""

    type: str
    source: str
    to: str | None
    data: dict[str, Any]


class Node:
    """The community service of one node, with the bus played by hand."""

    def __init__(self, store: Store[CommunityUnitOfWork]) -> None:
        self.store = store
        store.readers.update(READERS)

    async def ask(self, handler: Callable[[Any, Any], Awaitable[Any]], command: Any, acting: str = EVERYONE) -> Any:
        """Run one use case in its transaction."""
        async with self.store.work(acting) as work:
            return await handler(command, work)

    async def publish(self, *names: str) -> None:
        """Publish communities of the demonstration network."""
        for name in names:
            await self.ask(offering.publish_offering, OFFERINGS[name], name)

    async def leave(self) -> list[Left]:
        """What waits in the outbox, taken away."""
        async with self.store.database.connection() as connection:
            rows = await connection.fetch("DELETE FROM outbox RETURNING id, envelope")
        found = [row["envelope"] for row in sorted(rows, key=lambda row: row["id"])]
        return [Left(each["type"], each["source"], each.get("to"), each["data"]) for each in found]

    async def exchange(self) -> list[Outcome]:
        """Carry partnership messages to whom they are for until none is left; other messages stay in the outbox."""
        outcomes: list[Outcome] = []
        while rows := await self._partnership_messages():
            sent = await identity.as_relayed(self.store, *[row["envelope"] for row in rows])
            outcomes += [await self.receive(envelope) for envelope in sent]
        return outcomes

    async def receive(self, envelope: dict[str, Any]) -> Outcome:
        """Hear one message."""
        return await self.store.inbox.receive(Delivery(body=json.dumps(envelope).encode(), queue="test", headers={}))

    async def _partnership_messages(self) -> list[Any]:
        async with self.store.database.connection() as connection:
            query = "DELETE FROM outbox WHERE type = ANY ($1) RETURNING id, envelope"
            return sorted(await connection.fetch(query, list(READERS)), key=lambda row: row["id"])

    async def somebody_waits_for_a_lock(self) -> None:
        """Return once a transaction waits for another one."""
        async with asyncio.timeout(10), self.store.database.connection() as connection:
            while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                pass

    async def view(self, community: str) -> Any:
        """The only partnership of a community, as it sees it; None without one."""
        views = await self.ask(partnership.list_partnerships, v1.ListPartnerships(), community)
        return views[0] if views else None

    async def states(self) -> tuple[str, str]:
        """How Tha Li and Bo Taen see their partnership."""
        return (await self.view("tha-li")).state, (await self.view("bo-taen")).state

    async def agreed(self) -> None:
        """Tha Li and Bo Taen, published and partners, with an empty outbox."""
        await self.publish("tha-li", "bo-taen")
        await self.ask(partnership.propose_partnership, propose("bo-taen"), "tha-li")
        await self.exchange()
        await self.ask(partnership.agree_partnership, v1.AgreePartnership(partner="tha-li"), "bo-taen")
        await self.exchange()
        await self.leave()


def propose(partner: str, terms: v1.Terms = TERMS) -> v1.ProposePartnership:
    return v1.ProposePartnership(partner=partner, terms=terms)


Run = Callable[[Callable[[Node], Awaitable[None]]], None]


@pytest.fixture
def run(community_database: str) -> Run:

    def play(story: Callable[[Node], Awaitable[None]]) -> None:
        asyncio.run(_play(community_database, story))

    return play


async def _play(url: str, story: Callable[[Node], Awaitable[None]]) -> None:
    store = Store(url, CommunityUnitOfWork, vault=vault())
    try:
        await story(Node(store))
    finally:
        await store.close()


# offerings


def test_what_is_published_is_read_back_whole(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("bo-taen")
        async with node.store.work(EVERYONE) as work:
            assert await work.offering("bo-taen") == OFFERINGS["bo-taen"].offering
            assert await work.offering("tha-li") is None

    run(story)


def test_publishing_is_announced_once_and_not_again_when_nothing_changed(run: Run) -> None:
    async def story(node: Node) -> None:
        first = await node.ask(offering.publish_offering, OFFERINGS["bo-taen"])
        second = await node.ask(offering.publish_offering, OFFERINGS["bo-taen"])
        assert (first.changed, second.changed, second.experiences) == (True, False, 5)
        assert [left.type for left in await node.leave()] == ["community.offering_published.v1"]

    run(story)


def test_an_experience_that_is_no_longer_offered_is_gone(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("bo-taen")
        whole = OFFERINGS["bo-taen"].offering
        fewer = whole.model_copy(update={"experiences": whole.experiences[1:][::-1]})
        await node.ask(offering.publish_offering, v1.PublishOffering(offering=fewer))
        found = await node.ask(offering.find_experiences, v1.FindExperiences())
        assert found == list(fewer.experiences)

    run(story)


def test_a_community_does_not_publish_for_another(run: Run) -> None:
    async def story(node: Node) -> None:
        with pytest.raises(Refused) as no:
            await node.ask(offering.publish_offering, OFFERINGS["bo-taen"], "tha-li")
        assert no.value.refusal.code is No.NOT_ALLOWED

    run(story)


def test_what_replaces_another_offering_than_was_looked_at_is_refused(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("bo-taen")
        looked_at = OFFERINGS["bo-taen"].offering
        fewer, fewest = (looked_at.model_copy(update={"experiences": looked_at.experiences[:n]}) for n in (2, 1))
        replaces = looked_at.digest
        await node.ask(offering.publish_offering, v1.PublishOffering(offering=fewer, instead_of=replaces))
        with pytest.raises(Refused) as no:
            await node.ask(offering.publish_offering, v1.PublishOffering(offering=fewest, instead_of=replaces))
        assert (no.value.refusal.code, no.value.refusal.reason) == (No.CONFLICT, "offering_changed")
        await node.ask(offering.publish_offering, v1.PublishOffering(offering=fewest, instead_of=fewer.digest))

    run(story)


def test_an_offering_against_the_rules_is_refused_by_field_and_leaves_nothing(run: Run) -> None:
    async def story(node: Node) -> None:
        wrong = OFFERINGS["bo-taen"].wire()
        wrong["offering"]["community"]["place"] |= {"lat": 21.19, "lon": 101.68}
        with pytest.raises(Refused) as no:
            await node.ask(offering.publish_offering, v1.PublishOffering.read(wrong))
        assert (no.value.refusal.code, no.value.refusal.field) == (No.INVALID, "place")
        assert await node.leave() == []

    run(story)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bo Taen", ["bo-taen"]),
        ("ບໍ່ແຕນ", ["bo-taen"]),
        ("ບໍແຕນ", ["bo-taen"]),
        ("ບໍ່ເຕັນ", []),
        ("บ่อแตน", ["bo-taen"]),
        ("THA-LI", ["tha-li"]),
        ("ท่าลี", ["tha-li"]),
        ("สารจิต", ["sarachit-khuk-phatthana"]),
        ("สารจิตร", ["sarachit-khuk-phatthana"]),
        ("ຫນອງເຕົ່າ", ["nai-wiang-nong-tao"]),
        ("ຫ້ວຍໃຫຍ່", ["huai-yai-chak-ngaeo"]),
        ("น้ำเชี่ยว", ["nam-chiao"]),
        ("%", []),
        ("!!", []),
    ],
)
def test_a_community_is_found_by_part_of_a_name_in_any_script(run: Run, text: str, found: list[str]) -> None:
    async def story(node: Node) -> None:
        await node.publish(*OFFERINGS)
        profiles = await node.ask(offering.find_communities, v1.FindCommunities(text=text))
        assert [profile.id for profile in profiles] == found

    run(story)


def test_no_text_finds_all_up_to_the_limit(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish(*OFFERINGS)
        assert len(await node.ask(offering.find_communities, v1.FindCommunities())) == 15
        assert len(await node.ask(offering.find_communities, v1.FindCommunities(limit=4))) == 4
        named = await node.ask(offering.find_communities, v1.FindCommunities(ids=("bo-taen", "tha-li", "nowhere")))
        assert [one.id for one in named] == ["bo-taen", "tha-li"]

    run(story)


def test_experiences_are_found_by_their_own_and_by_their_communitys_name(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li", "bo-taen")
        by_own = await node.ask(offering.find_experiences, v1.FindExperiences(text="baci"))
        by_community = await node.ask(offering.find_experiences, v1.FindExperiences(text="ບໍ່ແຕນ"))
        homestays = await node.ask(offering.find_experiences, v1.FindExperiences(kind="homestay", community="tha-li"))
        assert [e.id for e in by_own] == ["bo-taen.baci"]
        assert len(by_community) == 5
        assert [e.id for e in homestays] == ["tha-li.homestay"]

    run(story)


def test_what_several_communities_offer_is_read_in_pages(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li", "bo-taen", "pla-ba")
        of = ("tha-li", "bo-taen")
        found = [e.id for e in await node.ask(offering.find_experiences, v1.FindExperiences(communities=of))]
        assert found == [e.id for one in sorted(of) for e in OFFERINGS[one].offering.experiences]
        for n, after in enumerate(found, 1):
            behind = v1.FindExperiences(communities=of, after=after, limit=2)
            assert [e.id for e in await node.ask(offering.find_experiences, behind)] == found[n : n + 2]
        gone = v1.FindExperiences(communities=of, after="tha-li.gone")
        assert [e.id for e in await node.ask(offering.find_experiences, gone)] == found[5:]

    run(story)


# partnerships


def test_two_communities_become_partners_and_share_what_they_offer(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li", "bo-taen")
        await node.leave()
        view = await node.ask(partnership.propose_partnership, propose("bo-taen"), "tha-li")
        assert (view.partner, view.state, view.awaits_us) == ("bo-taen", "proposed", False)
        await node.exchange()
        assert (await node.view("bo-taen")).awaits_us
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner="tha-li"), "bo-taen")
        assert set(await node.exchange()) == {Outcome.APPLIED}
        assert await node.states() == ("agreed", "agreed")
        left = await node.leave()
        stated = [(each.data["community"], each.data["state"]) for each in left if "stated" in each.type]
        assert stated == [("tha-li", "proposed"), ("bo-taen", "proposed"), ("bo-taen", "agreed"), ("tha-li", "agreed")]
        shared = [(each.source, each.to) for each in left if each.type == border.CatalogueShared.type]
        assert shared == [("bo-taen", "tha-li"), ("tha-li", "bo-taen")]

    run(story)


def test_proposals_that_cross_end_as_that_of_the_lower_id(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li", "bo-taen")
        await node.ask(partnership.propose_partnership, propose("bo-taen", DEARER), "tha-li")
        await node.ask(partnership.propose_partnership, propose("tha-li", TERMS), "bo-taen")
        await node.exchange()
        ours, theirs = await node.view("bo-taen"), await node.view("tha-li")
        assert (ours.awaits_us, theirs.awaits_us) == (False, True)
        assert ours.terms == theirs.terms == TERMS

    run(story)


def test_a_suspended_partner_gets_no_catalogue_until_it_is_taken_up_again(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        await node.ask(partnership.suspend_partnership, v1.SuspendPartnership(partner="bo-taen"), "tha-li")
        await node.exchange()
        assert await node.states() == ("suspended", "suspended")
        await node.ask(offering.publish_offering, renamed("tha-li"))
        assert border.CatalogueShared.type not in [left.type for left in await node.leave()]
        await node.ask(partnership.suspend_partnership, v1.SuspendPartnership(partner="bo-taen", resume=True), "tha-li")
        await node.exchange()
        assert await node.states() == ("agreed", "agreed")
        assert ("tha-li", "bo-taen") in [(left.source, left.to) for left in await node.leave()]

    run(story)


def test_a_changed_offering_goes_to_every_agreed_partner(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        await node.ask(offering.publish_offering, renamed("tha-li"))
        left = await node.leave()
        assert [(each.type, each.to) for each in left] == [
            (v1.OfferingPublished.type, None),
            (border.CatalogueShared.type, "bo-taen"),
        ]
        assert left[1].data["offering"]["community"]["names"]["en"] == "Tha Li by the river"

    run(story)


def test_an_agreement_that_meets_a_publishing_shares_one_offering_and_not_half_of_two(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li", "bo-taen")
        await node.ask(partnership.propose_partnership, propose("bo-taen"), "tha-li")
        await node.exchange()
        await node.leave()
        wire = renamed("bo-taen").wire()
        wire["offering"]["experiences"] = wire["offering"]["experiences"][:1]
        published = v1.PublishOffering.read(wire)
        agree = v1.AgreePartnership(partner="tha-li")
        async with node.store.work(EVERYONE) as work:
            await offering.publish_offering(published, work)
            agreeing = asyncio.create_task(node.ask(partnership.agree_partnership, agree, "bo-taen"))
            await node.somebody_waits_for_a_lock()
        await agreeing
        (shared,) = [left.data for left in await node.leave() if left.type == border.CatalogueShared.type]
        assert v1.Offering.read(shared["offering"]) == published.offering

    run(story)


def renamed(name: str) -> v1.PublishOffering:
    wire = OFFERINGS[name].wire()
    wire["offering"]["community"]["names"]["en"] = "Tha Li by the river"
    return v1.PublishOffering.read(wire)


def test_an_ended_partnership_may_be_proposed_again(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        await node.ask(partnership.end_partnership, v1.EndPartnership(partner="tha-li"), "bo-taen")
        await node.exchange()
        assert await node.states() == ("ended", "ended")
        await node.ask(partnership.propose_partnership, propose("tha-li", DEARER), "bo-taen")
        await node.exchange()
        await node.ask(partnership.agree_partnership, v1.AgreePartnership(partner="bo-taen"), "tha-li")
        await node.exchange()
        assert await node.states() == ("agreed", "agreed")
        assert (await node.view("tha-li")).terms == DEARER

    run(story)


def test_a_partner_that_this_node_does_not_know_is_asked_all_the_same(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li")
        await node.ask(partnership.propose_partnership, propose("ban-nam-ha"), "tha-li")
        left = await node.leave()
        assert (border.PartnershipProposed.type, "ban-nam-ha") in [(each.type, each.to) for each in left]

    run(story)


@pytest.mark.parametrize(
    ("acting", "partner", "code"),
    [
        ("tha-li", "tha-li", No.INVALID),
        ("pla-ba", "tha-li", No.UNKNOWN),
    ],
)
def test_a_proposal_needs_a_community_of_this_node_and_another(run: Run, acting: str, partner: str, code: No) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li")
        with pytest.raises(Refused) as no:
            await node.ask(partnership.propose_partnership, propose(partner), acting)
        assert no.value.refusal.code is code

    run(story)


def test_a_partnership_message_for_a_community_of_another_node_is_parked(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li")
        await node.ask(partnership.propose_partnership, propose("bo-taen"), "tha-li")
        assert await node.exchange() == [Outcome.PARKED]

    run(story)


def test_a_partnership_message_with_the_subject_of_another_pair_is_parked(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.publish("tha-li", "bo-taen")
        envelope = {
            "id": str(uuid.uuid4()),
            "source": "bo-taen",
            "to": "tha-li",
            "type": border.PartnershipProposed.type,
            "subject": "pla-ba--tha-li",
            "time": "2027-01-04T02:00:00Z",
            "seq": 1,
            "data": {"terms": TERMS.wire(), "public_key": identity.public_key("bo-taen")},
        }
        assert await node.receive(identity.signed(envelope)) is Outcome.PARKED
        assert await node.view("tha-li") is None

    run(story)


def stranger(name: str, seq: int = 1) -> dict[str, Any]:
    """Somebody whom nobody knows proposes to Tha Li."""
    return identity.signed({
        "id": str(uuid.uuid4()), "source": name, "to": "tha-li", "type": border.PartnershipProposed.type,
        "subject": "--".join(sorted((name, "tha-li"))), "time": "2027-01-04T02:00:00Z", "seq": seq,
        "data": {"terms": TERMS.wire(), "public_key": identity.public_key(name)},
    })  # fmt: skip


def test_the_number_of_waiting_proposals_of_strangers_is_limited(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.community.handlers.partnership.MOST_STRANGERS", 3)

    async def story(node: Node) -> None:
        await node.agreed()
        await node.publish("pla-ba")
        assert [await node.receive(stranger(f"stranger-{n}")) for n in range(3)] == [Outcome.APPLIED] * 3
        assert await node.receive(stranger("one-too-many")) is Outcome.PARKED
        (parked,) = await node.store.dead_letters.listed()
        assert "too many proposals of strangers" in parked["error"]
        assert await node.receive(stranger("stranger-1", 2)) is Outcome.APPLIED
        await node.ask(partnership.propose_partnership, propose("pla-ba"), "tha-li")
        assert await node.receive(stranger("pla-ba")) is Outcome.APPLIED
        await node.ask(partnership.end_partnership, v1.EndPartnership(partner="stranger-0"), "tha-li")
        assert await node.store.replays.replay(parked["id"]) is None
        assert await node.receive(stranger("two-too-many")) is Outcome.PARKED

    run(story)


def test_a_former_partner_can_propose_although_the_limit_for_strangers_is_reached(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.community.handlers.partnership.MOST_STRANGERS", 1)

    async def story(node: Node) -> None:
        await node.agreed()
        await node.ask(partnership.end_partnership, v1.EndPartnership(partner="tha-li"), "bo-taen")
        await node.exchange()
        assert await node.receive(stranger("stranger-0")) is Outcome.APPLIED
        await node.ask(partnership.propose_partnership, propose("tha-li"), "bo-taen")
        assert await node.exchange() == [Outcome.APPLIED]
        assert await node.store.dead_letters.listed() == []

    run(story)


def test_a_community_sees_its_own_records_only(run: Run) -> None:
    async def story(node: Node) -> None:
        await node.agreed()
        async with node.store.work("tha-li") as work:
            assert [p.community for p in await work.partnerships_after(("", ""), 10)] == ["tha-li"]
            assert await work.partnership("bo-taen", "tha-li") is None
        async with node.store.work(EVERYONE) as work:
            assert len(await work.partnerships_after(("", ""), 10)) == 2

    run(story)


def test_a_restatement_states_everything_again_in_pages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offering, "PAGE", 4)

    async def story(node: Node) -> None:
        await node.agreed()
        await node.publish(*OFFERINGS)
        await node.leave()
        restated = await node.ask(offering.restate, v1.Restate())
        assert (restated.communities, restated.partnerships) == (15, 2)
        types = [left.type for left in await node.leave()]
        assert types.count(v1.OfferingPublished.type) == 15
        assert types.count(v1.PartnershipStated.type) == 2
        assert types.count(border.CatalogueShared.type) == 2

    run(story)
