"""Pages about agencies: a coordinator proposes, agrees to what was read, ends; nobody else may."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from contracts.agencies.v1 import (
    AddAgency,
    AgreementTerms,
    Allotment,
    HandingOver,
    ListAgreements,
    ProposeAgreement,
)
from contracts.principal import Agency, Principal
from services.portal.site.agreements import WithAgency, typed_of
from tests.support.portal_pages import AtPortal, Bus, Phone, Site, coordinators
from tests.support.principals import OPERATOR
from tests.support.referral import SENDER

AT = "/agencies/mekong-tours"
MEKONG = Agency(account="abcdefgh23", agency="mekong-tours")
USUAL = {"rate": "commission", "percent": "15", "cutoff_hours": "0", "answer_hours": "24", "valid_from": "2027-01-04"}


async def asks(who: Principal, asked: Any, acting: str | None = SENDER) -> Any:
    """By another edge than the portal."""
    return await Bus(None, "test", who, acting).send(asked)


async def begun(site: Site) -> Phone:
    """An agency takes part; Tha Li's coordinator is signed in."""
    await asks(OPERATOR, AddAgency(agency="mekong-tours", name="Mekong Tours"), None)
    ((_, phone),) = await coordinators(site, "Noi")
    return phone


async def offered(percent: str) -> None:
    """The agency proposes terms."""
    terms = AgreementTerms(valid_from=date(2027, 1, 4), percent=percent)
    await asks(MEKONG, ProposeAgreement(agency="mekong-tours", terms=terms))


def looked_at(phone: Phone) -> str:
    """What the page of the question carries of the terms that it shows."""
    assert phone.last is not None
    found = re.search(r'name="looked_at" value="(\w+)"', phone.last.text)
    assert found, phone.last.text
    return found.group(1)


async def told(phone: Phone, path: str = AT) -> str:
    """The words of a page, without what is a sign or a tag."""
    return " ".join(re.sub(r"<[^>]+>", " ", (await phone.get(path)).text).split())


def test_a_coordinator_proposes_and_takes_back(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        assert "Mekong Tours Nothing is agreed yet" in await told(phone, "/agencies")
        assert (await phone.post(AT + "/terms", USUAL | {"percent": "100"})).status_code == 422
        assert (await phone.post(AT + "/terms", USUAL)).status_code == 303
        assert "waits for their word" in await told(phone)
        assert (await phone.get(AT + "/agree")).status_code == 303, "nobody agrees to his own terms"
        await phone.post(AT + "/end", {"only": "proposal"})
        assert "Ended" in await told(phone)

    at_portal(story)


def test_what_was_read_is_what_is_agreed_to(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await offered("15.00")
        assert "Mekong Tours proposes terms" in await told(phone, "/today")
        assert "Agencies that book 1" in await told(phone, "/community")
        await phone.get(AT + "/agree")
        seen = looked_at(phone)
        await offered("30.00")
        assert (await phone.post(AT + "/agree", {"looked_at": seen})).status_code == 409
        assert "Agreed" not in await told(phone)
        await phone.get(AT + "/agree")
        await phone.post(AT + "/agree", {"looked_at": looked_at(phone)})
        assert "What we agreed Keeps of our price 30 %" in await told(phone)
        assert "proposes terms" not in await told(phone, "/today")

    at_portal(story)


def test_control_a_page_that_does_not_look_agrees_to_what_nobody_read(
    at_portal: AtPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await offered("15.00")
        await offered("30.00")
        monkeypatch.setattr(WithAgency, "looked_at", "anything")
        await phone.post(AT + "/agree", {"looked_at": "anything"})
        assert "What we agreed" in await told(phone)

    at_portal(story)


def test_new_terms_are_declined_and_those_in_force_stay(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        await offered("15.00")
        await phone.get(AT + "/agree")
        await phone.post(AT + "/agree", {"looked_at": looked_at(phone)})
        await offered("30.00")
        assert "In force until then Keeps of our price 15 %" in await told(phone)
        await phone.post(AT + "/end", {"only": "proposal"})
        assert "What we agreed Keeps of our price 15 %" in await told(phone)
        await offered("30.00")
        asked, everything = await told(phone, AT + "/end"), await told(phone, AT + "/end?all=1")
        assert "What is in force stays in force." in asked
        assert "They book nothing more. What they have booked stays booked." in everything
        assert "Yes, end it" in everything
        assert len(re.findall("<form", (await phone.get(AT + "/end")).text)) == 1, "nothing ends by a tap beside it"
        await phone.post(AT + "/end?all=1")
        assert "Ended" in await told(phone)

    at_portal(story)


KEPT = {
    "allot:tha-li.border-village": "4",
    "days:tha-li.border-village": "7",
    "allot:tha-li.walk": "0",
    "days:tha-li.walk": "14",
}


def test_places_are_kept_and_the_form_shows_them_again(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        hands = {"hand_over": "true", "most_open": "3"}
        assert (await phone.post(AT + "/terms", USUAL | KEPT | {"most_open": "0"})).status_code == 422
        assert (await phone.post(AT + "/terms", USUAL | KEPT | hands)).status_code == 303
        (view,) = (await asks(OPERATOR, ListAgreements())).items
        assert view.terms.allotments == (Allotment(experience_id="tha-li.border-village", places=4, release_days=7),)
        assert view.terms.hand_over == HandingOver(most_open=3)
        shown = await told(phone)
        assert "4 places until 7 days before" in shown
        assert "Hands parties over for us 3 at a time" in shown
        typed = typed_of(view.terms, date(2027, 1, 4))
        assert (typed["allot:tha-li.border-village"], typed["days:tha-li.border-village"], typed["most_open"]) == (
            4,
            7,
            3,
        )
        assert (await phone.post(AT + "/terms", USUAL)).status_code == 303
        (view,) = (await asks(OPERATOR, ListAgreements())).items
        assert (view.terms.allotments, view.terms.hand_over) == ((), None)

    at_portal(story)


def test_the_list_shows_what_is_kept_in_force_and_to_whom_it_hands_over(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        kept = (Allotment(experience_id="tha-li.homestay", places=4, release_days=7),)
        hands = HandingOver(most_open=3)
        terms = AgreementTerms(valid_from=date(2027, 1, 4), allotments=kept, hand_over=hands)
        await asks(MEKONG, ProposeAgreement(agency="mekong-tours", terms=terms))
        await phone.get(AT + "/agree")
        await phone.post(AT + "/agree", {"looked_at": looked_at(phone)})
        listed = await phone.get("/agencies")
        assert listed.status_code == 200
        assert "4 places until 7 days before" in await told(phone, "/agencies")

    at_portal(story)


@pytest.mark.parametrize(
    ("typed", "place", "sentence"),
    [
        ({"allot:tha-li.border-village": "9999"}, "allot", "9999 places are to be kept of"),
        ({"hand_over": "true", "partners": "wat-phu"}, "partners", "has no agreed partnership with wat-phu"),
    ],
)
def test_what_is_not_there_is_said_in_the_form_with_what_was_typed(
    at_portal: AtPortal, typed: dict[str, str], place: str, sentence: str
) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        answer = await phone.post(AT + "/terms", USUAL | typed)
        assert answer.status_code == 422
        assert f'id="{place}-wrong"' in answer.text
        assert sentence in answer.text
        assert all(value in answer.text for value in typed.values())

    at_portal(story)


def test_a_helper_and_an_unknown_agency_see_nothing(at_portal: AtPortal) -> None:
    async def story(site: Site) -> None:
        phone = await begun(site)
        assert (await phone.get("/agencies/nobody")).status_code == 404
        helper = await site.account("Kham", (SENDER, "helper"))
        other = await site.signed_in(helper, SENDER, "helper")
        for path in ("/agencies", AT, AT + "/terms", AT + "/end"):
            assert (await other.get(path)).status_code == 403
        assert (await other.post(AT + "/terms", USUAL)).status_code == 403
        await offered("15.00")
        assert "Agencies that book" not in (await other.get("/community")).text
        assert "proposes terms" not in (await other.get("/today")).text

    at_portal(story)
