"""One transaction of referral on PostgreSQL, composed of its seven parts."""

from __future__ import annotations

from pathlib import Path

from services.chassis.storage.sql import Queries
from services.referral.adapters.agencies import AgencyRows
from services.referral.adapters.contacts import ContactRows
from services.referral.adapters.crossing import CrossingRows
from services.referral.adapters.handoff import HandoffRows
from services.referral.adapters.passes import PassRows
from services.referral.adapters.personal import PersonalRows
from services.referral.adapters.statements import StatementRows

#: Where the queries stand.
QUERIES = (
    "handoff.sql", "agencies.sql", "crossing.sql", "passes.sql", "personal.sql", "contacts.sql", "statements.sql"
)  # fmt: skip


class ReferralUnitOfWork(AgencyRows, HandoffRows, CrossingRows, PassRows, PersonalRows, ContactRows, StatementRows):
    """One transaction of the referral service."""

    service = "referral"
    queries = Queries.load(*(Path(__file__).parent / name for name in QUERIES))
