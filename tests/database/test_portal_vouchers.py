"""At the door, on the portal's pages: guests of agencies are received by pass, code or face, once, and told why not."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.agencies.v1 import AddAgency, AgreementStated, AgreementTerms
from contracts.booking import v1
from contracts.booking.v1 import AskBooking, BookingView
from contracts.principal import Agency
from services.booking.handlers import agencies, bookings
from services.chassis.runtime.ids import new_id
from services.client.formatting import named_day
from services.client.phrases.catalogue import Phrases
from tests.support.portal_pages import AtPortal, Bus, Phone, Site
from tests.support.principals import OPERATOR, agency
from tests.support.referral import SENDER

MEKONG = agency()


async def done(site: Site, handler: Any, message: Any, now: datetime, who: Agency | None = None) -> Any:
    """Booking does it at some moment, for the agency or by itself."""
    async with site.net.at[SENDER].booking.work(SENDER) as work:
        work.now, work.principal = now, who
        return await handler(message, work)


async def booked(site: Site, ahead: int = 0, **more: Any) -> BookingView:
    """A couple of Mekong's for today or so many days ahead, confirmed five days ago."""
    async with site.store.work(SENDER) as work:
        now = work.now - timedelta(days=5)
    day = (now + timedelta(days=5 + ahead, hours=7)).date()
    terms = AgreementTerms(valid_from=now.date() - timedelta(days=1), **more)
    stated = AgreementStated(agency=MEKONG.agency, community=SENDER, state="agreed", terms=terms, since=now)
    await done(site, agencies.keep_agreement, stated, now)
    item = {"experience_id": f"{SENDER}.homestay", "day": day, "nights": 1}
    wanted = {"hold_id": new_id(), "party": {"adult": 2}, "items": [item], "confirm": False}
    wanted["expires_at"] = now + timedelta(minutes=30)
    held = await done(site, bookings.reserve, v1.Reserve.model_validate(wanted), now, MEKONG)
    act = v1.ChangeBooking(hold_id=held.hold_id, act="confirm")
    found: BookingView = await done(site, bookings.change_booking, act, now, MEKONG)
    return found


async def at_the_door(site: Site, role: Any = "helper") -> Phone:
    return await site.signed_in(await site.account(f"a {role}", (SENDER, role)), SENDER, role)


async def state(view: BookingView) -> str:
    found: BookingView = await Bus(None, "test", OPERATOR, SENDER).send(AskBooking(hold_id=view.hold_id))
    return found.state


@pytest.mark.parametrize("by", ["pass", "code", "face"])
def test_they_are_looked_at_welcomed_and_here(at_portal: AtPortal, by: str) -> None:
    async def story(site: Site) -> None:
        view, phone = await booked(site), await at_the_door(site)
        assert f"/guests/{view.hold_id}/arrive" in (await phone.get("/receive")).text or by != "face"
        code = {"pass": view.pass_token, "code": view.hold_id[-6:].upper(), "face": ""}[by]
        if by == "face":
            looked = await phone.get(f"/guests/{view.hold_id}/arrive")
        else:
            looked = await phone.post("/receive", {"pass_token" if by == "pass" else "code": code})
        assert (looked.status_code, "Welcome them" in looked.text) == (200, True)
        assert ("The pass is good" in looked.text) == (by != "face")
        assert await state(view) == "CONFIRMED", "it is only looked at"
        came = await phone.post(f"/guests/{view.hold_id}/arrive", {"code": code})
        assert (came.status_code, came.headers["location"]) == (303, f"/guests/{view.hold_id}/arrive")
        assert "They have arrived" in (await phone.get(came.headers["location"])).text
        assert await state(view) == "REDEEMED"
        again = await phone.post("/receive", {"pass_token": view.pass_token})
        assert (again.status_code, "This pass was used before" in again.text) == (409, True)
        assert "It is the same party" in again.text, "there is something to decide by"
        assert view.hold_id not in re.sub('/guests/[^/]+"', "", (await phone.get("/receive")).text)

    at_portal(story)


def test_their_pages_name_the_agency_and_what_they_say_at_the_door(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        await Bus(None, "test", OPERATOR, None).send(AddAgency(agency=MEKONG.agency, name="Mekong Tours"))
        view, phone = await booked(site), await at_the_door(site, "coordinator")
        path = f"/guests/{view.hold_id}"
        for each in (path, f"{path}/cancel", f"/calendar/{view.items[0].day}"):
            shown = (await phone.get(each)).text
            assert ("Mekong" in shown, "Own guests" in shown) == (True, False), each
        assert "Mekong" in (await phone.get("/guests")).text
        code = view.hold_id[-6:].upper()
        assert f"{code[:3]} {code[3:]}" in re.sub("&nbsp;|\u00a0", " ", (await phone.get(path)).text)
        again = await phone.get(f"{path}/contact")
        assert (again.status_code, again.headers["location"]) == (303, path)

    at_portal(story)


def test_what_is_cancelled_or_nobodys_is_said_to_be(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        view, phone = await booked(site), await at_the_door(site)
        for code in ("0000aa", "ABCDEF"):
            wrong = await phone.post("/receive", {"code": code})
            assert (wrong.status_code, "has this pass or code. Ask for it once more" in wrong.text) == (422, True)
        assert "6 letters and numbers: ask" in (await phone.post("/receive", {"code": "K7MP0X"})).text
        cancel = v1.ChangeBooking(hold_id=view.hold_id, act="cancel")
        await Bus(None, "test", OPERATOR, SENDER).send(cancel)
        for shown in ({"pass_token": view.pass_token}, {"code": view.hold_id[-6:]}):
            assert "The booking of this pass is cancelled" in (await phone.post("/receive", shown)).text
        late = await phone.post(f"/guests/{view.hold_id}/arrive", {"code": view.pass_token})
        assert (late.status_code, "The booking of this pass is cancelled" in late.text) == (409, True)
        assert await state(view) == "CANCELLED"

    at_portal(story)


def test_what_waits_for_a_yes_is_named_with_what_they_do(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        view, phone = await booked(site, 20, confirmation="on_request", answer_hours=240), await at_the_door(site)
        assert view.state == "PENDING"
        for path in ("/today", "/requests"):
            shown = (await phone.get(path)).text
            assert "Agencies wait for your yes" in shown
            assert "homestay" in shown.partition("Agencies wait for your yes")[2].partition("</section>")[0].lower()

    at_portal(story)


def test_who_comes_too_early_is_told_their_day(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        view, phone = await booked(site, ahead=4), await at_the_door(site)
        day = named_day(Phrases.of("en"), view.items[0].day, weekday=True)
        early = await phone.post("/receive", {"pass_token": view.pass_token})
        assert (early.status_code, f"they come on {day}" in early.text) == (422, True)

    at_portal(story)


def test_the_phone_knows_them_and_tells_later(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        view, phone = await booked(site), await at_the_door(site)
        (known,) = (await phone.get("/receive/pocket.json")).json()["arrivals"]
        assert (known["referral_id"], known["booked"], known["state"]) == (view.hold_id, True, "confirmed")
        assert known["code"] == view.hold_id[-6:].upper()
        seen_at = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
        scans: list[dict[str, Any]] = [
            {"short_code": known["code"], "referral_id": view.hold_id, "booked": True},
            {"pass_token": view.pass_token},
            {"referral_id": view.hold_id, "booked": True},
        ]
        sent = [{"id": new_id(), "seen_at": seen_at.isoformat(), **one} for one in scans]
        for _ in range(2):
            answer = await phone.http.post(
                "/receive/scans",
                content=json.dumps({"scans": sent}),
                headers={"x-csrf-token": await phone.token(), "sec-fetch-site": "same-origin"},
            )
            told = answer.json()["results"]
            assert [one["outcome"] for one in told] == ["arrived", "used", "used"], "the same again is done once"
            assert {one["href"] for one in told} == {f"/guests/{view.hold_id}"}
        found: BookingView = await Bus(None, "test", OPERATOR, SENDER).send(AskBooking(hold_id=view.hold_id))
        assert found.times is not None
        assert found.times.redeemed_at == seen_at

    at_portal(story)


def test_an_observer_receives_nobody(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        view, phone = await booked(site), await at_the_door(site, "observer")
        assert (await phone.post(f"/guests/{view.hold_id}/arrive")).status_code == 403
        assert await state(view) == "CONFIRMED"

    at_portal(story)
