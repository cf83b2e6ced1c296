"""Every page of the portal, as a table: what is not listed here is not there."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from services.chassis.edge.rpc_client import EdgeParts
from services.portal.pages import (
    account,
    acting,
    answered,
    answering,
    calendar,
    calendar_close,
    calendar_day,
    changing,
    channels,
    community,
    consent,
    countering,
    enquiries,
    export,
    guest_contact,
    guests,
    guests_booking,
    handoff,
    joining,
    members,
    offers,
    offline,
    partners,
    party,
    passes,
    profile,
    proposing,
    public,
    public_page,
    receiving,
    receiving_offline,
    requests,
    second_step,
    sending,
    sending_check,
    sending_cross,
    sending_days,
    sending_what,
    sending_who,
    signing_in,
    statements,
    today,
)
from services.portal.site.portal_site import PageRoute, PortalSite

PAGES: tuple[PageRoute, ...] = (
    *signing_in.PAGES,
    *today.PAGES,
    *requests.PAGES,
    *answering.PAGES,
    *countering.PAGES,
    *answered.PAGES,
    *consent.PAGES,
    *passes.PAGES,
    *party.PAGES,
    *receiving.PAGES,
    *members.PAGES,
    *joining.PAGES,
    *account.PAGES,
    *second_step.PAGES,
    *receiving_offline.PAGES,
    *offline.PAGES,
    *public_page.PAGES,
    *enquiries.PAGES,
    *calendar.PAGES,
    *calendar_close.PAGES,
    *calendar_day.PAGES,
    *guests_booking.PAGES,
    *guest_contact.PAGES,
    *guests.PAGES,
    *handoff.PAGES,
    *acting.PAGES,
    *changing.PAGES,
    *sending.PAGES,
    *sending_what.PAGES,
    *sending_days.PAGES,
    *sending_who.PAGES,
    *sending_cross.PAGES,
    *sending_check.PAGES,
    *channels.PAGES,
    *community.PAGES,
    *profile.PAGES,
    *offers.PAGES,
    *proposing.PAGES,
    *partners.PAGES,
    *statements.PAGES,
    *export.PAGES,
)


def routes(parts: EdgeParts) -> Sequence[BaseRoute]:
    """The routes of this portal."""
    return PortalSite(parts).routes(PAGES, (*public.PAGES, *enquiries.PUBLIC))
