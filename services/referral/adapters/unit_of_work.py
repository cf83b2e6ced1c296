"""One transaction of referral on PostgreSQL, composed of its four parts."""

from __future__ import annotations

from pathlib import Path

from services.chassis.storage.sql import Queries
from services.referral.adapters.crossing import CrossingRows
from services.referral.adapters.handoff import HandoffRows
from services.referral.adapters.passes import PassRows
from services.referral.adapters.personal import PersonalRows

#: Where the queries stand.
QUERIES = ("handoff.sql", "crossing.sql", "passes.sql", "personal.sql")


class ReferralUnitOfWork(HandoffRows, CrossingRows, PassRows, PersonalRows):
    """One transaction of the referral service."""

    service = "referral"
    queries = Queries.load(*(Path(__file__).parent / name for name in QUERIES))
