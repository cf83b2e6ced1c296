"""Tha Li hands parties to Bo Taen: mothers of records, and both sides over databases with the bus played by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.community.v1 import Offering, OfferingPublished, PartnershipState, PartnershipStated, Terms
from contracts.messages import Envelope, Message
from contracts.passes.codec import Issued
from contracts.personal.v1 import (
    Channel,
    ConsentPrepared,
    ConsentReceipt,
    GiveConsent,
    PersonalField,
    PersonalPart,
    PersonalPartRead,
    PrepareConsent,
    ReadPersonalPart,
    RefuseConsent,
)
from contracts.referral import v1
from contracts.values import Money, Quote, QuoteLine, Window
from services.booking.adapters.unit_of_work import BookingUnitOfWork
from services.booking.handlers import holds, rule_changes
from services.booking.handlers import queries as booking_queries
from services.chassis.messaging.store import Delivery, Outcome, Store
from services.chassis.ports import EVERYONE
from services.chassis.runtime.ids import new_id
from services.chassis.storage.migrations import migrate
from services.chassis.trust import sealing
from services.client import comparing
from services.referral import adapters
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.domain.handoff.record import Moment, Record
from services.referral.domain.handoff.states import SAID_BY
from services.referral.handlers import statements
from services.referral.handlers.handoff import (
    acts,
    booking_events,
    border_events,
    community_events,
    deadlines,
    queries,
    record_statements,
)
from services.referral.handlers.personal import consent, personal_data
from tests.support import identity, streams
from tests.support.booking import COUPLE, HOMESTAY, MARKET, in_days, item_of, offering
from tests.support.booking_fixture import MIGRATIONS as BOOKING
from tests.support.database import Databases
from tests.support.vault import vault

MIGRATIONS = {"booking": BOOKING, "referral": Path(adapters.__file__).parent.parent / "migrations"}
SENDER, RECEIVER = "tha-li", "bo-taen"
TERMS = Terms(valid_from=date(2020, 1, 1), referral_fee_percent="5.00", max_open_handoffs=20)
MALEE = PersonalPart(name="Malee", channel=Channel(kind="phone", address="+856 20 5555 0100"))
#: What Malee consents to, unless a test says otherwise.
ALLOWED: tuple[PersonalField, ...] = ("name", "channel")
NOW = datetime(2027, 1, 4, 2, tzinfo=UTC)
DAY = date(2027, 1, 14)
HOLD, WISHED, FRESH = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(3))
KEY = "A" * 43
ISSUED = Issued(short_code="ABC234", pass_token="NCF")
RECEIPT = ConsentReceipt(
    id=FRESH,
    text_version=1,
    text_digest="0" * 64,
    language="th",
    said="screen",
    fields=ALLOWED,
    given_at=NOW,
    delete_by=DAY + timedelta(days=31),
)
#: What a release carries; nobody opens it in the rules.
RELEASED = border.PartyReleased(sealed="c2VhbGVk", consent=RECEIPT)
CONFIRMED = border.HandoffConfirmed(at=NOW, short_code=ISSUED.short_code, pass_token=ISSUED.pass_token)


# mothers


def moment(now: datetime = NOW) -> Moment:
    return Moment(now=now, ids=(FRESH,))


def quote(amount: str = "800000.00", currency: str = "LAK") -> Quote:
    """One adult line of this amount."""
    money = Money.model_validate({"amount": amount, "currency": currency})
    line = QuoteLine(experience_id=HOMESTAY, unit="adult", quantity=1, unit_price=money, total=money)
    return Quote(lines=(line,), total=money)


def record(side: v1.Side = "receiver", state: border.State = "offered", **given: Any) -> Record:
    """A handoff of a couple to Bo Taen for the night of 14 January, answered by that noon; live ones have a hold."""
    ours, theirs = (RECEIVER, SENDER) if side == "receiver" else (SENDER, RECEIVER)
    usual: dict[str, Any] = {
        "referral_id": WISHED,
        "community": ours,
        "partner": theirs,
        "party": COUPLE,
        "items": (item_of(HOMESTAY, DAY),),
        "language": "th",
        "arrival": Window(day=DAY, earliest=time(10), latest=time(16)),
        "zone": "Asia/Vientiane",
        "answer_by": NOW + timedelta(hours=12),
        "quote": None if state == "offered" else quote(),
        "round": 1 if state == "countered" else 0,
        "countered_items": (item_of(MARKET, DAY),) if state == "countered" else None,
        "hold_id": HOLD if side == "receiver" and state != "offered" else None,
        "no_show_at": NOW if state == "no_show" else None,
    }
    return Record(side=side, state=state, **(usual | given))


def wanted(*items: Any, **given: Any) -> v1.OfferHandoff:
    """Tha Li's usual offer: a couple for a night in twenty days."""
    usual: dict[str, Any] = {"to": RECEIVER, "party": COUPLE, "language": "th"}
    return v1.OfferHandoff(items=items or (item_of(HOMESTAY, in_days(20)),), **(usual | given))


def village() -> Offering:
    """Tha Li, as it presents itself."""
    theirs = offering().community
    place = theirs.place.model_copy(update={"country": "TH", "subdivision": "TH-42"})
    names = theirs.names.model_copy(update={"en": "Tha Li"})
    ours = {"id": SENDER, "names": names, "place": place, "zone": "Asia/Bangkok", "currency": "THB"}
    return Offering(community=theirs.model_copy(update=ours))


# both sides

Reader = tuple[type[Message], Callable[[Any, Any], Awaitable[Any]]]


def _by_type(readers: Mapping[type[Message], Callable[[Any, Any], Awaitable[Any]]]) -> dict[str, Reader]:
    return {contract.type: (contract, handler) for contract, handler in readers.items()}


REFERRAL_READERS = _by_type(
    dict.fromkeys(SAID_BY, border_events.from_counterpart)
    | {
        border.HandoffOffered: border_events.handoff_offered,
        border.RecordStated: record_statements.record_stated,
        border.StatementConfirmed: statements.statement_confirmed,
        border.CatalogueShared: border_events.catalogue_shared,
        border.AvailabilityShared: border_events.availability_shared,
        booking.HoldPlaced: booking_events.hold_placed,
        booking.HoldRefused: booking_events.hold_refused,
        booking.HoldExtended: booking_events.hold_extended,
        booking.HoldConfirmed: booking_events.hold_confirmed,
        booking.HoldExpired: booking_events.hold_over,
        booking.HoldReleased: booking_events.hold_over,
        booking.HoldRedeemed: booking_events.hold_redeemed,
    }
)
BOOKING_READERS = _by_type(
    {
        booking.PlaceHold: holds.place_hold,
        booking.ReplaceHold: holds.replace_hold,
        booking.ExtendHold: holds.extend_hold,
        booking.ConfirmHold: holds.confirm_hold,
        booking.ReleaseHold: holds.release_hold,
        booking.RedeemHold: holds.redeem_hold,
    }
)


class Node:
    """Referral and booking of one node, without a bus."""

    def __init__(self, url: str) -> None:
        self.referral = Store(url, ReferralUnitOfWork, vault=vault())
        self.booking = Store(url, BookingUnitOfWork, vault=vault())
        self.referral.readers.update(REFERRAL_READERS)
        self.booking.readers.update(BOOKING_READERS)

    async def close(self) -> None:
        await self.referral.close()
        await self.booking.close()

    async def sql(self, statement: str, *arguments: Any) -> list[Any]:
        """As the service itself, acting for nobody."""
        async with self.referral.database.connection() as connection:
            return list(await connection.fetch(statement, *arguments))


class Network:
    """Tha Li's node and Bo Taen's; they may be the same."""

    def __init__(self, sender: Node, receiver: Node) -> None:
        self.at = {SENDER: sender, RECEIVER: receiver}
        self.nodes = list(dict.fromkeys((sender, receiver)))
        self._said = 0

    # what people do, and time

    async def act(self, handler: Callable[[Any, Any], Awaitable[Any]], command: Any, acts: str) -> Any:
        """One command or question; what it leaves stays in the outbox."""
        async with self.at[acts].referral.work(acts) as work:
            return await handler(command, work)

    async def says(self, acts: str, handler: Callable[[Any, Any], Awaitable[Any]], command: Any) -> Any:
        """One command, and everything that follows from it."""
        answer = await self.act(handler, command, acts)
        await self.carry()
        return answer

    async def offer(self, *items: Any, **given: Any) -> str:
        """Tha Li offers, and both booking and Bo Taen have heard of it."""
        return str((await self.says(SENDER, acts.offer, wanted(*items, **given))).referral_id)

    async def accepted(self, *items: Any, **given: Any) -> str:
        """An offer that Bo Taen has said yes to."""
        ref = await self.offer(*items, **given)
        await self.says(RECEIVER, acts.accept, v1.AcceptHandoff(referral=ref))
        return ref

    async def prepared(self, ref: str, fields: tuple[PersonalField, ...] = ALLOWED) -> ConsentPrepared:
        """The text that Malee is shown."""
        command = PrepareConsent(referral=ref, language="th", fields=fields)
        prepared: ConsentPrepared = await self.act(consent.prepare, command, SENDER)
        return prepared

    async def word(
        self, ref: str, part: PersonalPart = MALEE, fields: tuple[PersonalField, ...] | None = None
    ) -> GiveConsent:
        """What the edge says once Malee has been shown the text and has agreed: her part is sealed to its key."""
        return given(await self.prepared(ref, part.given if fields is None else fields), part)

    async def consented(self, ref: str, part: PersonalPart = MALEE) -> None:
        """Malee agrees to be handed over."""
        await self.says(SENDER, consent.give, await self.word(ref, part))

    async def refused(self, ref: str) -> None:
        """Malee allows nothing."""
        await self.says(SENDER, consent.refuse, RefuseConsent(referral=ref))

    async def read(self, community: str, ref: str) -> PersonalPart | None:
        """What a community reads of Malee, with a key that only the reader has; None when it holds nothing."""
        private, public = sealing.new_key()
        command = ReadPersonalPart(referral=ref, reply_key=public)
        found: PersonalPartRead = await self.act(personal_data.read, command, community)
        if found.sealed is None:
            return None
        about = sealing.for_reader(found.referral_id, community)
        return PersonalPart.model_validate_json(sealing.opened(found.sealed, private=private, about=about))

    async def confirmed(self, *items: Any, **given: Any) -> str:
        """A handoff that everybody has agreed on."""
        ref = await self.accepted(*items, **given)
        await self.consented(ref)
        assert await self.state(ref) == "confirmed"
        return ref

    async def pass_time(self, by: timedelta) -> None:
        """Move every clock on, and let happen what happens by itself."""
        for node in self.nodes:
            await node.sql('UPDATE node.clock SET "offset" = "offset" + $1', by)
        await self.sweep()

    async def sweep(self) -> None:
        """Everything that is due by now."""
        for node in self.nodes:
            await node.booking.tick(holds.expire_holds)
            await node.referral.tick(deadlines.deadlines_passed)
        await self.carry()

    async def state_unseen(self) -> None:
        """The timer that tells partners where records stand, and everything that follows."""
        for node in self.nodes:
            await node.referral.tick(record_statements.state_unseen)
        await self.carry()

    # what is known

    async def view(self, community: str, referral: str) -> v1.HandoffView:
        view: v1.HandoffView = await self.act(queries.show, v1.ShowHandoff(referral=referral), community)
        return view

    async def both(self, referral: str) -> tuple[v1.HandoffView, v1.HandoffView]:
        """How Tha Li and Bo Taen see it."""
        return await self.view(SENDER, referral), await self.view(RECEIVER, referral)

    async def state(self, referral: str) -> str:
        """Where it stands; both records must say the same."""
        ours, theirs = await self.both(referral)
        assert ours.state == theirs.state, (ours.state, theirs.state)
        return ours.state

    async def parked(self) -> list[str]:
        """Why messages were set aside, on any node."""
        stores = [store for node in self.nodes for store in (node.referral, node.booking)]
        return [row["error"] for store in stores for row in await store.dead_letters.listed()]

    async def torn(self) -> list[str]:
        """Streams of which a reader takes only some types, and so waits for ever for one that it is never given."""
        about = ("source", "to", "subject")
        asked = ", ".join(["SELECT DISTINCT type", *(f"envelope ->> '{name}' AS {name}" for name in about)])
        spoken = []
        for node in self.nodes:
            for store in (node.referral, node.booking):
                async with store.database.connection() as connection:
                    rows = await connection.fetch(f"{asked} FROM outbox")
                spoken += [(tuple(row[name] for name in about), row["type"]) for row in rows]
        return streams.torn(spoken)

    async def wrong(self) -> list[str]:
        """What any checker finds."""
        found: list[str] = [*await self.parked(), *await self.torn()]
        for node in self.nodes:
            async with node.referral.work(EVERYONE) as work:
                found += [str(one) for one in await queries.check_records(v1.CheckRecords(), work)]
            async with node.booking.work(EVERYONE) as work:
                found += [str(one) for one in await booking_queries.check_invariants(booking.CheckInvariants(), work)]
            found += [f"{one.rule}: {one.found}" for one in await self._unfit(node)]
        return found

    async def _unfit(self, node: Node) -> list[comparing.Difference]:
        """Records that do not fit their holds."""
        async with node.referral.work(EVERYONE) as records, node.booking.work(EVERYONE) as holds:
            stated = {one.referral_id: one for one in await records.records_open(None, 1_000)}
            held = {one.hold_id: one for one in await holds.holds_running(None, 1_000)}
            referrals, _ = comparing.missing(stated, held)
            stated |= {one.referral_id: one for one in await records.records_named(sorted(referrals))}
            _, named = comparing.missing(stated, held)
            held |= {one.hold_id: one for one in await holds.holds_named(sorted(named))}
        return list(comparing.differences(stated, held))

    # the bus

    async def carry(self) -> None:
        """Deliver until nothing is left to deliver."""
        while await self.carry_once():
            pass

    async def carry_once(self) -> int:
        """Deliver what waits now; returns how many messages."""
        left = [
            (node, row) for node in self.nodes for store in (node.referral, node.booking) for row in await _left(store)
        ]
        for node, row in left:
            await self._deliver(node, row["lane"], row["envelope"])
        return len(left)

    async def carry_at_once(self) -> None:
        """Deliver what waits now all at the same time, as several workers would."""
        left = [(node, row) for node in self.nodes for row in await _left(node.referral)]
        await asyncio.gather(*(self._deliver(node, row["lane"], row["envelope"]) for node, row in left))

    async def lose(self) -> list[str]:
        """What waits to cross the border is lost on its way: confirmed, and never delivered."""
        lost = [row["envelope"]["type"] for node in self.nodes for row in await _left(node.referral, "border")]
        return [kind.split(".")[1] for kind in lost]

    async def _deliver(self, node: Node, lane: str, envelope: dict[str, Any]) -> None:
        target = self.at.get(envelope["to"]) if lane == "border" else node
        envelope = identity.signed(envelope)
        for store in (target.referral, target.booking) if target else ():
            if envelope["type"] in store.readers:
                await store.inbox.receive(Delivery(body=json.dumps(envelope).encode(), queue="test", headers={}))

    async def speak(
        self, message: Message, source: str, to: str, subject: str, seq: int = 1, signer: str | None = None
    ) -> Outcome:
        """Somebody says something over the border that no record of ours has said; signed by them, or by another."""
        about = {"source": source, "to": to, "subject": subject, "seq": seq, "time": NOW}
        envelope = Envelope.model_validate(about | {"id": new_id(), "type": message.type, "data": message.wire()})
        body = json.dumps(identity.signed(envelope.model_dump(mode="json", exclude_none=True), signer)).encode()
        return await self.at[to].referral.inbox.receive(Delivery(body=body, queue="test", headers={}))

    # what the community service states

    async def publish(self, offer: Offering, *, shared_with: str = SENDER) -> None:
        """Bo Taen states its offer and shares it with a partner."""
        fact = OfferingPublished(offering=offer)
        async with self.at[RECEIVER].booking.work(EVERYONE) as work:
            await rule_changes.keep_offering(fact, work)
        async with self.at[RECEIVER].referral.work(EVERYONE) as host:
            await community_events.offering_published(fact, host)
        shared = border.CatalogueShared(as_of=NOW, offering=offer)
        self._said += 1
        assert await self.speak(shared, RECEIVER, shared_with, RECEIVER, self._said) is Outcome.APPLIED

    async def present(self) -> None:
        """Tha Li states who it is: the consent text names it."""
        async with self.at[SENDER].referral.work(EVERYONE) as work:
            await community_events.offering_published(OfferingPublished(offering=village()), work)

    async def partners(self, state: PartnershipState = "agreed", terms: Terms = TERMS) -> None:
        """Both sides state their partnership."""
        for ours, theirs in ((SENDER, RECEIVER), (RECEIVER, SENDER)):
            stated = PartnershipStated(community=ours, partner=theirs, state=state, terms=terms, since=NOW)
            async with self.at[ours].referral.work(EVERYONE) as work:
                await community_events.partnership_stated(stated, work)


def given(prepared: ConsentPrepared, part: PersonalPart = MALEE) -> GiveConsent:
    """Consent to a text that was shown, with the part sealed as the edge does it."""
    about = sealing.for_room(prepared.referral_id, SENDER)
    sealed = sealing.seal(part.model_dump_json(exclude_none=True).encode(), to=prepared.sealing_key, about=about)
    said = {"said": "screen", "language": prepared.language, "sealed": sealed}
    return GiveConsent.model_validate(
        said | {"referral": prepared.referral_id, "text_digest": prepared.text_digest, "fields": prepared.fields}
    )


async def _left(store: Store[Any], lane: str | None = None) -> list[Any]:
    """What waits in an outbox; from now on it counts as published a minute ago."""
    async with store.database.connection() as connection:
        rows = await connection.fetch(
            "UPDATE outbox SET published_at = clock_timestamp() - interval '1 minute'"
            " WHERE published_at IS NULL AND ($1::text IS NULL OR lane = $1) RETURNING id, lane, envelope",
            lane,
        )
    return sorted(rows, key=lambda row: row["id"])


Story = Callable[[Network], Awaitable[None]]
Play = Callable[[Story], None]


@contextmanager
def playing(server: Databases, template: str, nodes: int) -> Iterator[Play]:
    """Plays a story on so many nodes; at its end no checker may find anything and nothing may be set aside."""
    urls = [server.fresh(template) for _ in range(nodes)]

    async def told(story: Story) -> None:
        net = await network(*urls)
        try:
            await story(net)
            assert await net.wrong() == []
        finally:
            for node in net.nodes:
                await node.close()

    yield lambda story: asyncio.run(told(story))
    for url in urls:
        server.drop(url)


def migrated(server: Databases) -> str:
    """A database with the tables of referral and booking, to be copied."""
    url = server.fresh()
    asyncio.run(migrate(url, MIGRATIONS))
    return url


async def network(*urls: str, offer: Offering | None = None, terms: Terms = TERMS) -> Network:
    """Partners, with Bo Taen's offer shared; on one database or on two."""
    for url in urls:
        await identity.introduce(url, SENDER, RECEIVER)
    nodes = [Node(url) for url in urls]
    opened = Network(nodes[0], nodes[-1])
    await opened.partners(terms=terms)
    await opened.present()
    await opened.publish(offer or offering())
    return opened
