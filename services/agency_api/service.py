"""The agency API, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.agencies import v1 as agencies
from contracts.agency_api import v1
from contracts.booking import v1 as booking
from contracts.community import v1 as community
from services.agency_api.adapters.unit_of_work import AgencyUnitOfWork
from services.agency_api.handlers import bookings, keys, notifying, read_model, repeats
from services.agency_api.routes import routes
from services.agency_api.site import freshness
from services.agency_api.site.telling import tell
from services.chassis.edge.rpc_client import Edge
from services.chassis.process.operations import Operated
from services.chassis.process.service import Database, command, errand, message, periodic, query


class AgencyApi(Operated):
    """The edge for travel agencies: owns their keys, what they asked for, and a read model of what they may sell."""

    name = "agency_api"
    store = Database(AgencyUnitOfWork, migrations=Path(__file__).parent / "migrations")
    site = Edge(routes, probes={"read model": freshness.probe})

    keep_agency = message(agencies.AgencyStated, read_model.keep_agency)
    keep_agreement = message(agencies.AgreementStated, read_model.keep_agreement)
    keep_offering = message(community.OfferingPublished, read_model.keep_offering)
    keep_capacity = message(booking.CapacityChanged, read_model.keep_capacity, is_relaxed=True)
    keep_booking = message(booking.BookingChanged, read_model.keep_booking, is_relaxed=True)

    add_key = command(v1.AddKey, keys.add_key)
    revoke_key = command(v1.RevokeKey, keys.revoke_key)
    list_keys = query(v1.ListKeys, keys.list_keys)
    ask_last_use = query(v1.AskLastUse, keys.ask_last_use)

    forget_days = periodic(3600.0, read_model.forget_days)
    forget_bookings = periodic(3600.0, bookings.forget)
    forget_answers = periodic(3600.0, repeats.forget_answers)
    forget_notifications = periodic(3600.0, notifying.forget)
    tell = errand(2.0, tell)
