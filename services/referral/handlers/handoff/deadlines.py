"""What happens by itself because a deadline has passed."""

from __future__ import annotations

from contracts.refusals import Refused
from services.referral.domain.handoff import acts
from services.referral.domain.handoff.attention import needed
from services.referral.domain.handoff.record import Transition
from services.referral.handlers.transition import keep, moment
from services.referral.ports import Records

#: Records that one transaction of a sweep takes on.
SWEEP = 200


async def deadlines_passed(work: Records) -> int:
    """Act on deadlines that have passed. A record whose act is refused needs a person and delays no other."""
    due = await work.due(SWEEP)
    for record in due:
        try:
            await keep(work, acts.by_itself(record, moment(work)))
        except Refused as no:
            stuck = record.replace(attention=needed("deadline_refused", reason=no.refusal.code))
            await work.keep(Transition(record=stuck, act="deadline", by=record.community), None)
    return len(due)
