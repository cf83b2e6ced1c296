"""A change of which nobody was told what came of it holds up no act, whatever has become of agreement and product."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.booking.v1 import AskBooking, BookingView, Cancelled, ChangeBooking, HoldTimes, ReplaceBooking
from contracts.contacts.v1 import MoveContact
from contracts.messages import Answer, Message
from contracts.refusals import No, refusal
from contracts.values import Item
from services.agency_api.domain.bookings import Guest, Request, Standing
from services.agency_api.domain.ids import hold_id
from services.agency_api.octo import bookings
from services.agency_api.octo.asked import AskedContact, AskedUnitItem, Cancel, Change, Confirm, Extend, Reserve
from services.agency_api.octo.problems import unknown_product
from services.agency_api.octo.refusing import ChangedMeanwhile
from services.agency_api.site.asking import Asking
from services.agency_api.site.holding import Live
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.signing_in import SignedIn
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.ports import EVERYONE
from services.chassis.runtime.settings import Settings
from tests.support import agency
from tests.support.agency import HOUSE, Rows
from tests.support.booking import COUPLE, HOMESTAY, MARKET, offering

DAY = date(2027, 1, 14)
Act = Callable[[Asking, str], Awaitable[dict[str, Any]]]
ACTS: Mapping[str, Act] = {
    "cancel": lambda who, uuid: bookings.cancel(who, uuid, Cancel()),
    "confirm": lambda who, uuid: bookings.confirm(who, uuid, Confirm(contact=AskedContact(full_name="Anna"))),
    "extend": lambda who, uuid: bookings.extend(who, uuid, Extend(expiration_minutes=50)),
    "change": lambda who, uuid: bookings.change(who, uuid, Change(reseller_reference="R2")),
}


@pytest.fixture
def url(agency_database: str) -> str:
    return agency_database


@pytest.fixture(autouse=True)
def _nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contacts are sealed to keys of another service, and of an option that is not offered any more not at all."""

    async def told(*_: Any) -> None: ...

    monkeypatch.setattr(bookings, "_told", told)


class Booking:
    """The service, as far as one booking asks it: it refuses every replacement, and knows which one was done."""

    def __init__(self, request: Request) -> None:
        self.holds = {request.hold_id: view(request.hold_id, "ON_HOLD", HOMESTAY)}
        self.asked: list[str] = []
        self.no = refusal(No.NOT_PARTNERS, "no_agreement")

    def replaced(self, old: str, new: str) -> None:
        """It was done, and nobody heard of it."""
        self.holds |= {old: view(old, "CANCELLED", HOMESTAY), new: view(new, "ON_HOLD", MARKET)}
        self.no = refusal(No.WRONG_STATE, "changed_meanwhile", "hold_id")

    async def ask(self, _: str, contract: type[Message], data: dict[str, Any], **_who: Any) -> Answer:
        """Answer a call."""
        wanted = contract.read(data)
        self.asked.append(getattr(wanted, "act", contract.__name__))
        if isinstance(wanted, MoveContact):
            return Answer(refusal=refusal(No.WRONG_STATE, "no_contact_once_over", "hold_id"))
        assert isinstance(wanted, AskBooking | ChangeBooking | ReplaceBooking)
        assert wanted.hold_id is not None
        hold = self.holds[wanted.hold_id]
        if isinstance(wanted, ReplaceBooking):
            return Answer(refusal=self.no)
        if isinstance(wanted, ChangeBooking):
            if hold.state == "CANCELLED":
                return Answer(refusal=refusal(No.WRONG_STATE, "changed_meanwhile", "hold_id"))
            hold = self.holds[wanted.hold_id] = acted(hold, wanted.act)
        return Answer(result=hold.wire())


def view(hold: str, state: Any, product: str) -> BookingView:
    """As booking shows it."""
    now = datetime.now(UTC)
    until = now + timedelta(minutes=30) if state == "ON_HOLD" else None
    item, times = Item(experience_id=product, day=DAY, start=time(6)), HoldTimes(placed_at=now, changed_at=now)
    whole: dict[str, Any] = {"referral_id": None, "party": COUPLE, "items": (item,), "quote": None}
    return BookingView(hold_id=hold, state=state, expires_at=until, agency=agency.SELLS, times=times, **whole)


def acted(hold: BookingView, act: str) -> BookingView:
    """What an act makes of it."""
    now = datetime.now(UTC)
    times = {"times": HoldTimes(placed_at=now, changed_at=now)}
    ended = {"state": "CANCELLED", "cancelled": Cancelled(at=now, by="agency", refund_percent=100)}
    made: dict[str, dict[str, Any]] = {
        "cancel": ended,
        "confirm": {"state": "CONFIRMED", "expires_at": None},
        "extend": {},
    }
    return hold.model_copy(update=made[act] | times)


def play(url: str, story: Callable[[Rows, Request, Booking, Asking], Awaitable[None]]) -> None:
    """With a hold of a night, for which a visit to the market was asked instead, and no answer came."""

    async def whole(rows: Rows) -> None:
        one = await agency.booked(rows)
        until = datetime.now(UTC) + timedelta(minutes=30)
        await agency.changed(rows, one, state="ON_HOLD", expires_at=until)
        async with rows.work(EVERYONE) as work:
            assert await work.intend(one, wanted(one).change_of())
        rpc: Any = Booking(one)
        parts = EdgeParts(rpc=rpc, settings=Settings(database_url=""), store=rows)
        asking = Asking(parts=parts, signed_in=SignedIn(agency.SELLS, "a" * 10, frozenset()), url="http://x/octo")
        await story(rows, one, rpc, asking)

    agency.play(url, whole, prepare=True)


def wanted(one: Request) -> Request:
    """The change that was asked for."""
    couple = tuple(Guest(uuid=str(uuid4()), unit="adult") for _ in range(2))
    wish = replace(one.wish, product=MARKET, option="visit", guests=couple)
    return replace(one, hold_id=hold_id(one.agency, one.uuid, 1), wish=wish)


async def kept(rows: Rows, one: Request) -> Request:
    async with rows.work(EVERYONE) as work:
        found = await work.asked(one.agency, one.uuid)
    assert found is not None
    return found[0]


def standing(one: Request) -> Standing:
    """Held."""
    times: dict[str, Any] = {"expires_at": None, "placed_at": one.asked_at, "changed_at": one.asked_at}
    return Standing(hold_id=one.hold_id, agency=one.agency, community=agency.COMMUNITY, state="ON_HOLD", **times)


async def withdrawn(rows: Rows) -> None:
    await agency.published(rows, offering(HOUSE))


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("done", [False, True], ids=["was not done", "was done"])
@pytest.mark.parametrize("is_offered", [False, True], ids=["withdrawn", "offered"])
def test_an_act_goes_on_from_what_booking_says_of_a_change_that_cannot_be_asked_for(
    url: str, act: str, done: bool, is_offered: bool
) -> None:
    async def story(rows: Rows, one: Request, booking: Booking, asking: Asking) -> None:
        if done:
            booking.replaced(one.hold_id, wanted(one).hold_id)
        if not is_offered:
            await withdrawn(rows)
        await ACTS[act](asking, one.uuid)
        now = await kept(rows, one)
        if done:
            assert (now.hold_id, now.wish.product, now.revision) == (wanted(one).hold_id, MARKET, 1)
        else:
            assert (now.hold_id, now.wish.product, now.revision) == (one.hold_id, HOMESTAY, 0)
        assert now.change is None or act == "cancel"
        if act != "change":
            assert booking.asked[-1] == act

    play(url, story)


def test_cancelling_never_tries_the_change_and_works_without_an_agreement(url: str) -> None:
    async def story(rows: Rows, one: Request, booking: Booking, asking: Asking) -> None:
        async with rows.work(EVERYONE) as work:
            await work.keep_agreement(agency.SELLS, agency.COMMUNITY, None)
        assert (await ACTS["cancel"](asking, one.uuid))["status"] == "CANCELLED"
        assert booking.asked == ["cancel"]

    play(url, story)


def test_while_the_outcome_stays_open_so_does_the_change(url: str) -> None:
    async def story(rows: Rows, one: Request, booking: Booking, asking: Asking) -> None:
        booking.no = refusal(No.NOT_KNOWN_YET, "took_too_long")
        with pytest.raises(OctoProblem) as problem:
            await ACTS["extend"](asking, one.uuid)
        assert problem.value.is_open
        assert (await kept(rows, one)).change is not None

    play(url, story)


def test_the_control_what_was_done_before_is_not_forgotten_with_the_change(url: str) -> None:
    """Left be without asking, the booking would stay at a hold that is over: every act on it meets the other change."""

    async def story(rows: Rows, one: Request, booking: Booking, asking: Asking) -> None:
        booking.replaced(one.hold_id, wanted(one).hold_id)
        async with rows.work(EVERYONE) as work:
            await work.leave_be(one)
        with pytest.raises(ChangedMeanwhile):
            await ACTS["cancel"](asking, one.uuid)

    play(url, story)


@pytest.mark.parametrize("first", ["refused", "granted"])
def test_of_two_tries_of_one_request_the_granted_one_stays_whichever_ends_first(
    url: str, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    async def story(rows: Rows, _: Request, _booking: Booking, asking: Asking) -> None:
        placed: list[Request] = []

        async def place(_live: Live, one: Request, _choice: Any) -> Standing:
            """While booking grants it, another try of it is refused and takes the request away."""
            placed.append(one)
            if first == "refused":
                await forgotten(rows, one)
            return standing(one)

        monkeypatch.setattr(Live, "place", place)
        what = {"product_id": MARKET, "option_id": "visit", "availability_id": f"{DAY}T06:00:00+07:00"}
        items = (AskedUnitItem(unit_id="adult"),)
        told = await bookings.reserve(asking, Reserve(uuid=str(uuid4()), unit_items=items, **what))
        if first == "granted":
            await forgotten(rows, placed[0])
        assert (await bookings.show(asking, told["uuid"]))["status"] == "ON_HOLD"

    play(url, story)


async def forgotten(rows: Rows, one: Request) -> None:
    """As a try that was refused ends."""
    async with rows.work(EVERYONE) as work:
        await work.forget_request(one)


def test_who_forgets_waits_for_who_is_writing_down_that_it_stands(url: str) -> None:
    async def story(rows: Rows, _: Request, _booking: Booking, _asking: Asking) -> None:
        one = await agency.booked(rows)
        async with rows.work(EVERYONE) as work:
            await work.ask_again(one)
            forgetting = asyncio.create_task(forgotten(rows, one))
            await asyncio.wait((forgetting,), timeout=0.3)
            assert not forgetting.done()
            await work.keep_standing(standing(one))
        await forgetting
        assert (await kept(rows, one)).hold_id == one.hold_id

    play(url, story)


def test_an_unknown_product_is_still_unknown_to_who_asks_for_it_anew(url: str) -> None:
    async def story(rows: Rows, one: Request, _: Booking, asking: Asking) -> None:
        await withdrawn(rows)
        with pytest.raises(OctoProblem) as problem:
            await bookings.change(asking, one.uuid, Change(product_id=MARKET))
        assert problem.value.problem.error == unknown_product(MARKET).problem.error

    play(url, story)
