"""To whom a community lets an agency hand over: what those partners have shared with it, from referral."""

from __future__ import annotations

from contracts.referral.v1 import AskPartnerAvailability, AskPartnerCatalogue, PartnerCatalogue
from services.agency_api.domain.products import picked
from services.agency_api.own.asked import MOST_DAYS
from services.agency_api.own.handoff_asked import AskedPartnerDays, AskedPartners
from services.agency_api.own.handoff_objects import PartnerDay, PartnerDaysView, PartnerView
from services.agency_api.own.objects import PlaceView
from services.agency_api.own.paging import Page, Place
from services.agency_api.own.problems import NOT_FOUND, Failed
from services.agency_api.own.reading import in_order
from services.agency_api.own.showing import offer
from services.agency_api.site.asking import Asking
from services.agency_api.site.instants import utc, utc_or_none

#: Where a page of the list may begin.
PLACE: Place = ("",)


async def listed(asking: Asking, community: str, asked: AskedPartners, after: Place | None) -> Page:
    """The partners, by id."""
    said = await asking.bus(community).send(AskPartnerCatalogue(text=asked.text))
    found = sorted(said.items, key=lambda one: one.partner)
    rest = [one for one in found if after is None or (one.partner,) > after]
    shown = rest[: asked.limit]
    last = (shown[-1].partner,) if len(rest) > len(shown) else None
    return Page([_view(one, asking.language) for one in shown], last)


async def show(asking: Asking, community: str, partner: str) -> PartnerView:
    """One of them."""
    said = await asking.bus(community).send(AskPartnerCatalogue(partner=partner))
    if not said.items:
        raise Failed(NOT_FOUND, "The community has no such partner, or it has shared nothing yet", "partner")
    return _view(said.items[0], asking.language)


async def days(asking: Asking, community: str, partner: str, asked: AskedPartnerDays) -> PartnerDaysView:
    """Its days, as it has shared them: somebody may have taken places since, so an offer may still be declined."""
    in_order(asked.first, asked.last, MOST_DAYS)
    wanted = AskPartnerAvailability(partner=partner, first=asked.first, last=asked.last)
    found = await asking.bus(community).send(wanted)
    return PartnerDaysView(
        partner=found.partner,
        as_of=utc_or_none(found.as_of),
        days=tuple(
            PartnerDay(
                product_id=one.experience_id, day=one.day, available=one.available, left=one.left, reason=one.reason
            )
            for one in found.days
        ),
    )


def _view(one: PartnerCatalogue, language: str) -> PartnerView:
    profile = one.offering.community
    where = profile.place
    return PartnerView(
        id=profile.id,
        name=picked(profile.names, language),
        names=profile.names,
        place=PlaceView(lat=where.lat, lon=where.lon, country=where.country, subdivision=where.subdivision),
        zone=profile.zone,
        currency=profile.currency,
        languages=profile.languages,
        offers=tuple(offer(each, language) for each in one.offering.experiences),
        as_of=utc(one.as_of),
    )
