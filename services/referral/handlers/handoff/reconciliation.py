"""For operators of the system: records to compare with holds, and asking booking again for what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.messages import Message
from contracts.reconcile import v1
from services.referral.domain.handoff.acts import withdraw
from services.referral.domain.handoff.reconciling import asked_again
from services.referral.domain.handoff.record import Record
from services.referral.domain.handoff.states import ACTS
from services.referral.handlers.transition import keep
from services.referral.ports import Records


async def state_records(query: v1.StateRecords, work: Records) -> Sequence[v1.RecordStanding]:
    """Receivers' records, those named or a page of all that have not ended."""
    if query.referral_ids is not None:
        return await work.records_named(query.referral_ids)
    return await work.records_open(query.after, query.limit)


async def reconcile_record(command: v1.ReconcileRecord, work: Records) -> v1.Reconciled:
    """Ask again what the record implies for its hold; a sender of this node withdraws what it has replaced."""
    record = await work.record(command.referral_id, command.community)
    if record is not None and record.side != "receiver":
        record = None
    said: tuple[Message, ...] = asked_again(record, command.hold_id, command.hold_state)
    for wanted in said:
        work.announce(wanted, subject=f"{command.community}/{command.referral_id}")
    types = [wanted.type for wanted in said] + (await _withdraw_replaced(record, work) if record else [])
    work.audit(command.community, "record_reconciled", command.referral_id)
    return v1.Reconciled(said=tuple(types))


async def _withdraw_replaced(record: Record, work: Records) -> list[str]:
    """The sender of a confirmed replacement withdraws what it replaces, as it does when it hears the confirmation."""
    sent = await work.record(record.referral_id, record.partner)
    if sent is None or sent.side != "sender" or sent.state != "confirmed" or sent.replaces is None:
        return []
    old = await work.record(sent.replaces, sent.community)
    if old is None or old.side != "sender" or old.state not in ACTS["withdraw"].when:
        return []
    transition = withdraw(old, "replaced")
    await keep(work, transition)
    return [message.type for message in transition.border]
