"""The page of an agency's booking shows its contact once to who may read it, and notes that it was read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.booking.v1 import AskBooking, BookingView, Reserve
from contracts.principal import Member
from services.chassis.runtime.ids import new_id
from tests.database.test_personal_part import audited
from tests.support import portal_pages
from tests.support.contacts import MEKONG, SOMCHAI, Contacts
from tests.support.portal_pages import AtPortal, Bus, Phone, Site
from tests.support.referral import SENDER

SHOW = "Show contact"


async def phone(site: Site, role: Any, community: str = SENDER) -> Phone:
    account = await site.account(f"{role} of {community}", (community, role))
    return await site.signed_in(account, community, role)


async def booked(site: Site) -> str:
    """A booking of Tha Li; with `of_agency` it is shown as an agency's."""
    async with site.store.work(SENDER) as work:
        day, hold = work.now.date() + timedelta(days=20), new_id()
    item = {"experience_id": f"{SENDER}.homestay", "day": day, "nights": 1}
    wanted = Reserve.model_validate({"hold_id": hold, "party": {"adult": 2}, "items": [item], "confirm": True})
    await Bus(None, "portal", Member(account="x", community=SENDER, role="coordinator"), SENDER).send(wanted)
    return hold


@pytest.fixture
def of_agency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Booking says of every booking that the agency has made it."""
    name, contract, handler = portal_pages.ANSWERING[f"booking:{AskBooking.type}"]

    async def answered(query: AskBooking, work: Any) -> BookingView:
        view: BookingView = await handler(query, work)
        return view.model_copy(update={"agency": MEKONG.agency})

    monkeypatch.setitem(portal_pages.ANSWERING, f"booking:{AskBooking.type}", (name, contract, answered))


@pytest.mark.usefixtures("of_agency")
def test_a_helper_sees_the_contact_once_and_that_is_noted(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        hold, helper = await booked(site), await phone(site, "helper")
        await Contacts(site.net.at[SENDER].referral, SENDER).given(hold=hold)
        opened = await helper.get(f"/guests/{hold}")
        assert SHOW in opened.text
        assert "สมชาย" not in opened.text
        assert "contact_read" not in dict(await audited(site.net, SENDER)), "nobody has read it yet"
        shown = await helper.post(f"/guests/{hold}/contact")
        assert shown.status_code == 200
        for word in (SOMCHAI.full_name, SOMCHAI.email_address, "tel:+66815550100", "under its contract", "is noted"):
            assert str(word) in shown.text
        assert "no-store" in shown.headers["cache-control"]
        assert ("contact_read", "contract") in await audited(site.net, SENDER)

    at_portal(story)


@pytest.mark.usefixtures("of_agency")
def test_without_a_contact_it_says_so(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        hold, coordinator = await booked(site), await phone(site, "coordinator")
        none = await coordinator.post(f"/guests/{hold}/contact")
        assert (none.status_code, "said nothing of them" in none.text) == (200, True)
        said = Contacts(site.net.at[SENDER].referral, SENDER)
        await said.given(hold=hold)
        await said.erased(hold)
        assert "has been deleted" in (await coordinator.post(f"/guests/{hold}/contact")).text

    at_portal(story)


@pytest.mark.usefixtures("of_agency")
def test_an_observer_and_another_community_see_nothing(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        hold, observer, outside = (
            await booked(site),
            await phone(site, "observer"),
            await phone(site, "helper", "dan-sai"),
        )
        await Contacts(site.net.at[SENDER].referral, SENDER).given(hold=hold)
        assert SHOW not in (await observer.get(f"/guests/{hold}")).text
        for who, status in ((observer, 403), (outside, 404)):
            refused = await who.post(f"/guests/{hold}/contact")
            assert (refused.status_code, "สมชาย" in refused.text) == (status, False)
        assert "contact_read" not in dict(await audited(site.net, SENDER))

    at_portal(story)


def test_guests_of_ones_own_have_no_contact_to_show(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        hold, coordinator = await booked(site), await phone(site, "coordinator")
        assert SHOW not in (await coordinator.get(f"/guests/{hold}")).text

    at_portal(story)
