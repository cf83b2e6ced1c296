"""The agency API's tables, bound to one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from services.agency_api.adapters.bookings import BookingRows, RepeatRows
from services.agency_api.adapters.keys import KeyRows
from services.agency_api.adapters.read_model import ReadModelRows
from services.chassis.storage.sql import Queries

QUERIES = ("keys.sql", "read_model.sql", "bookings.sql")


class AgencyUnitOfWork(KeyRows, ReadModelRows, BookingRows, RepeatRows):
    """`services.agency_api.ports` on PostgreSQL."""

    service: ClassVar[str] = "agency_api"
    queries: ClassVar[Queries] = Queries.load(*(Path(__file__).parent / name for name in QUERIES))
