"""What is held of a lead traveller: read, given out, listed after a breach, erased on request and in time."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.personal import v1 as personal_v1
from contracts.personal.v1 import Affected, Erasure, ErasuresApplied, HandoffExport, PersonalPartRead
from contracts.referral import v1
from contracts.refusals import No, Refused
from services.referral.domain.handoff import deadlines
from services.referral.domain.handoff.record import Record
from services.referral.domain.personal import decisions
from services.referral.handlers.personal import contacts
from services.referral.handlers.transition import act, destroy, moment, own, publish
from services.referral.ports import Records

#: Records that one transaction of a sweep takes on.
SWEEP = 200


async def read(command: personal_v1.ReadPersonalPart, work: Records) -> PersonalPartRead:
    """What the acting community holds, sealed to whoever asks; on record, also when nothing is held."""
    record = await own(work, command.referral)
    return await _read(record, command.reply_key, work, "personal_part_read")


async def export(command: personal_v1.ExportHandoff, work: Records) -> HandoffExport:
    """Everything that is kept beside the record, for whom it concerns."""
    record = await own(work, command.referral)
    found = await _read(record, command.reply_key, work, "handoff_exported")
    side = record.referral_id, record.community
    shown = await work.pass_of(*side)
    return HandoffExport(
        referral_id=record.referral_id,
        receipt=record.consent,
        receipts=tuple(await work.receipts_of(*side)),
        erasures=tuple(await work.erasures_of(*side)),
        reminders=tuple(await work.reminded_of(*side)),
        pass_issued_at=shown and shown.issued_at,
        pass_used_at=shown and shown.used_at,
        personal=found,
    )


async def _read(record: Record, reply_key: str, work: Records, what: str) -> PersonalPartRead:
    """Read it for the audit as well. What does not open is answered, not refused: a refusal would leave no line."""
    found, result = None, "nothing_held"
    try:
        found = await work.part_to_read(record.referral_id, record.community, reply_key)
    except decisions.CannotOpen:
        result = "cannot_be_opened"
    except ValueError as problem:
        raise Refused(No.INVALID, "reply_key_is_none", "reply_key", quote=str(problem)) from problem
    work.audit(work.acting, what, record.referral_id, result="done" if found else result)
    fields, sealed = found or ((), None)
    return PersonalPartRead(referral_id=record.referral_id, holding=record.personal, fields=fields, sealed=sealed)


async def erase(command: personal_v1.ErasePersonalPart, work: Records) -> v1.Recorded:
    """The acting community's copy goes because the lead traveller asked, and the partner's once it hears so."""
    return await act(work, command.referral, lambda record, moment: decisions.erase(record, "asked", moment))


async def list_affected(query: personal_v1.ListAffected, work: Records) -> Sequence[Affected]:
    """Whose part was held at any time between two moments."""
    if query.until < query.since:
        raise Refused(No.INVALID, "until_before_since", "until")
    return await work.affected(query)


async def list_erasures(query: personal_v1.ListErasures, work: Records) -> Sequence[Erasure]:
    """The ledger."""
    return await work.erasures(query)


async def apply_erasures(command: personal_v1.ApplyErasures, work: Records) -> ErasuresApplied:
    """What these lines say is erased, and is here again, goes again."""
    return ErasuresApplied(given=len(command.erasures), erased=await erase_again(command.erasures, work))


async def erase_again(erased: Sequence[Erasure], work: Records) -> int:
    """The same for the ledger beside the database. Returns how many had come back."""
    if not erased:
        return 0
    back = [record for record in await work.brought_back(erased) if record.personal == "held"]
    await _erase(back, "restored_backup", work)
    contacts_back = await contacts.erase_again(erased, work)
    await work.restore_ledger(erased)
    return len(back) + contacts_back


async def keep_retention(work: Records) -> int:
    """What has been kept as long as was promised goes by itself; so do receipts after five years."""
    due = await work.outlived(deadlines.today(work.now), SWEEP)
    await _erase(due, "retention", work)
    return len(due) + await work.tidy(deadlines.RECEIPT_DAYS, SWEEP)


async def _erase(records: Sequence[Record], why: personal_v1.ErasedFor, work: Records) -> None:
    transitions = [decisions.erase(record, why, moment(work)) for record in records]
    if transitions:
        await work.keep_erased(transitions)
        for transition in transitions:
            publish(work, transition)
        await destroy(work, *transitions)
