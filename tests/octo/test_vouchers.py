"""What guests of an agency show: the pass in the voucher's QR code, taken once at the community's door."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.booking.v1 import PresentVoucher, VoucherJudged
from contracts.passes import codec
from contracts.referral.v1 import PresentPass
from contracts.values import Party
from deploy.demo import queries
from services.client.presenting import asked_about
from tests.support.octo.agency import Agency, Body
from tests.support.octo.node import AgencyNode

WALK = "bo-taen.tad-ham"


@pytest.fixture
def soon(node: AgencyNode) -> datetime:
    """A day on which one still books."""
    return queries.now(node.client) + timedelta(days=4)


def qr(booking: Body) -> str:
    """The one thing that a booking's voucher shows."""
    voucher = booking["voucher"]
    assert voucher["redemptionMethod"] == booking["product"]["redemptionMethod"] == "DIGITAL"
    (shown,) = voucher["deliveryOptions"]
    assert shown["deliveryFormat"] == "QRCODE"
    assert shown["deliveryFormat"] in booking["product"]["deliveryFormats"]
    return str(shown["deliveryValue"])


def at_the_door(node: AgencyNode, shown: str, community: str = "bo-taen", *, look: bool = False) -> VoucherJudged:
    """The verdict of whoever is asked about it first."""
    asked = asked_about(shown, look=look)[0]
    assert isinstance(asked, PresentVoucher)
    return node.client.send(asked, acting=community)


def test_reserve_to_confirm_to_scan_to_redeemed(node: AgencyNode, agency: Agency, soon: datetime) -> None:
    held = agency.reserve(WALK, "visit", soon.date())
    assert held["voucher"]["deliveryOptions"] == [], "there is nothing to show yet"
    booked = agency.confirm(held)
    token = qr(booked)
    claims = codec.read(token).claims
    assert (claims.issuer, claims.is_of_booking, claims.party) == ("bo-taen", True, Party(adult=2))
    assert all(item["ticket"] is None for item in booked["unitItems"]), "one voucher, as the product says"
    assert qr(agency.ask("booking", held["uuid"])) == token
    assert at_the_door(node, token, look=True).verdict == "early"
    node.clock(soon)
    assert at_the_door(node, token, "tha-li").verdict == "unknown", "of another community"
    assert node.client.send(PresentPass(pass_token=token), acting="bo-taen").verdict == "unknown", "no handoff's"
    assert at_the_door(node, booked["supplierReference"], look=True).verdict == "good"
    met = at_the_door(node, token)
    assert (met.verdict, met.state, met.agency) == ("good", "REDEEMED", "mekong-trails")
    node.until(lambda: agency.ask("booking", held["uuid"])["status"] == "REDEEMED", "it to be redeemed")
    used = agency.ask("booking", held["uuid"])
    assert used["utcRedeemedAt"] == used["voucher"]["utcRedeemedAt"] is not None
    assert {item["utcRedeemedAt"] for item in used["unitItems"]} == {used["utcRedeemedAt"]}
    assert qr(used) == token
    again = at_the_door(node, token)
    assert (again.verdict, again.used_at) == ("used", met.used_at)


def test_a_change_gives_another_pass_and_a_cancellation_none(node: AgencyNode, agency: Agency, soon: datetime) -> None:
    booked = agency.confirm(agency.reserve(WALK, "visit", soon.date(), ("adult", "adult", "adult")))
    old = qr(booked)
    changed = agency.ask("update", booked["uuid"], {"unitItems": [{"unitId": "adult"}, {"unitId": "adult"}]})
    new = qr(changed)
    assert codec.read(new).claims.party == Party(adult=2)
    assert changed["supplierReference"] == booked["supplierReference"]
    node.quiet()
    assert qr(agency.ask("booking", booked["uuid"])) == new, "as booking's facts say too"
    node.clock(soon)
    assert at_the_door(node, old).verdict == "replaced"
    found = at_the_door(node, booked["supplierReference"], look=True)
    assert (found.verdict, found.hold_id) == ("good", codec.read(new).claims.referral_id)
    cancelled = agency.ask("cancel", booked["uuid"])
    assert cancelled["voucher"]["deliveryOptions"] == []
    assert at_the_door(node, new).verdict == "over"


def test_what_waits_for_the_community_shows_nothing_and_a_trial_opens_no_door(
    node: AgencyNode, agency: Agency, other: Agency, soon: datetime
) -> None:
    pending = other.confirm(other.reserve("tha-li.homestay", "1-night", (soon + timedelta(days=30)).date()))
    assert (pending["status"], pending["voucher"]["deliveryOptions"]) == ("PENDING", [])
    trying = agency.with_headers(Octo_Env="test")
    tried = trying.confirm(trying.reserve(WALK, "visit", (soon + timedelta(days=1)).date()))
    assert qr(tried).startswith("TEST ")
    judged = node.client.send(PresentVoucher(pass_token=qr(tried)), acting="bo-taen")
    assert judged.verdict == "forged"
