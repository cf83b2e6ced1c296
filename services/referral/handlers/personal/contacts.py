"""The contact of an agency's booking: keys for it, kept, moved, read, erased on request and by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.booking.v1 import BookingChanged
from contracts.contacts import v1
from contracts.contacts.v1 import AffectedContact, ContactPrepared, ContactRead, ContactStanding
from contracts.personal.v1 import ErasedFor, Erasure
from contracts.principal import Agency
from contracts.refusals import No, Refused
from contracts.sentences import Unfit
from services.referral.domain.handoff import deadlines
from services.referral.domain.personal import contacts
from services.referral.domain.personal.contacts import Kept
from services.referral.domain.personal.decisions import CannotOpen
from services.referral.ports import Records

#: Holds that one transaction of a sweep takes on.
SWEEP = 200
#: A key that nothing was sealed to in so many days goes, and so does a hold for which nothing was ever kept.
KEY_DAYS, EMPTY_DAYS = 1, 30


async def prepare(command: v1.PrepareContact, work: Records) -> ContactPrepared:
    """What the contact is to be sealed to. Nothing of it is kept but the key."""
    agency = contacts.agency_of(work.principal)
    kept = contacts.own(await work.claim_contact(command.hold_id, agency), agency)
    contacts.may_keep(kept)
    return await work.contact_key(kept)


async def keep(command: v1.KeepContact, work: Records) -> ContactStanding:
    """Keep it, on the agency's contract, in the place of an earlier one."""
    agency = contacts.agency_of(work.principal)
    kept = contacts.own(await work.contact_of(command.hold_id), agency)
    contacts.may_keep(kept)
    try:
        kept = await work.keep_contact(kept, command, await _delete_by(kept, command.last_day, work))
    except Unfit as unfit:
        raise Refused(No.INVALID, unfit.reason, "sealed", quote=None, **unfit.params) from unfit
    except ValueError as problem:
        raise Refused(No.INVALID, "contact_is_not_as_it_must_be", "sealed") from problem
    work.audit(kept.community, "contact_kept", kept.hold_id, result=kept.standing.basis)
    return kept.standing


async def move(command: v1.MoveContact, work: Records) -> ContactStanding:
    """Keep it under the hold that has taken the place; what is kept there already stays, until the day of the visit."""
    agency = contacts.agency_of(work.principal)
    old = contacts.own(await work.contact_of(command.hold_id), agency)
    new = contacts.own(await work.claim_contact(command.new_hold_id, agency), agency)
    contacts.may_keep(new)
    day = await _delete_by(new, command.last_day, work)
    moved = await _moved(old, new, day, work) or new
    if moved.holding == "held" and moved.delete_by != day:
        moved = await work.contact_due(moved, day)
    return moved.standing


async def read(command: v1.ReadContact, work: Records) -> ContactRead:
    """What the acting community holds, sealed to whoever asks; on record, also when nothing is held."""
    kept = contacts.own(await work.contact_of(command.hold_id), None)
    sealed, result = None, "nothing_held"
    try:
        sealed = await work.contact_to_read(kept, command.reply_key)
    except CannotOpen:
        result = "cannot_be_opened"
    except ValueError as problem:
        raise Refused(No.INVALID, "reply_key_is_none", "reply_key") from problem
    work.audit(work.acting, "contact_read", kept.hold_id, result=kept.standing.basis if sealed else result)
    return ContactRead(**dict(kept.standing), agency=kept.agency, sealed=sealed)


async def erase(command: v1.EraseContact, work: Records) -> ContactStanding:
    """The agency that gave it, or the community, wants it forgotten."""
    agency = work.principal.agency if isinstance(work.principal, Agency) else None
    kept = contacts.own(await work.contact_of(command.hold_id), agency)
    await work.drop_contact_key(kept)
    await _erase([kept], "asked", work)
    return contacts.own(await work.contact_of(command.hold_id), agency).standing


async def booking_changed(fact: BookingChanged, work: Records) -> None:
    """A booking that is over takes its contact with it, or hands it to the one that has taken its place."""
    if fact.state not in contacts.OVER:
        return
    old = await work.end_contact(Kept(fact.hold_id, fact.community, fact.agency), fact.state)
    if fact.replaced_by and old.holding == "held" and old.delete_by:
        new = await work.take_contact(Kept(fact.replaced_by, old.community, old.agency))
        if await _moved(old, new, old.delete_by, work):
            return
    await work.drop_contact_key(old)
    await _erase([old], "retention", work, ended=fact.state)


async def keep_retention(work: Records) -> int:
    """What has been kept until its day goes by itself."""
    due = await work.outlived_contacts(deadlines.today(work.now), SWEEP)
    await _erase(due, "retention", work)
    return len(due) + await work.tidy_contacts(KEY_DAYS, EMPTY_DAYS, deadlines.RECEIPT_DAYS, SWEEP)


async def erase_again(erased: Sequence[Erasure], work: Records) -> int:
    """What the ledger says is erased, and a restored backup has brought back. Returns how many had come back."""
    back = await work.contacts_brought_back(erased)
    await _erase(back, "restored_backup", work)
    return len(back)


async def list_affected(query: v1.ListAffectedContacts, work: Records) -> Sequence[AffectedContact]:
    """Which bookings' contacts were held at any time between two moments."""
    if query.until < query.since:
        raise Refused(No.INVALID, "until_before_since", "until")
    return await work.affected_contacts(query)


async def _delete_by(kept: Kept, last_day: date, work: Records) -> date:
    return contacts.delete_by(last_day, await work.offering(kept.community))


async def _moved(old: Kept, new: Kept, delete_by: date, work: Records) -> Kept | None:
    """The contact as it is kept from now on; None when it does not go over."""
    if not contacts.goes_over(old, new):
        return None
    try:
        moved = await work.move_contact(old, new, delete_by)
    except CannotOpen:
        work.audit(old.community, "contact_moved", old.hold_id, result="cannot_be_opened")
        return None
    work.audit(old.community, "contact_moved", old.hold_id, result=moved.standing.basis)
    return moved


async def _erase(held: Sequence[Kept], why: ErasedFor, work: Records, *, ended: str | None = None) -> None:
    """Destroy what is held of these, and write it to the ledger and the audit."""
    going = [kept for kept in held if kept.holding == "held"]
    if not going:
        return
    lines = [line for kept in going for line in contacts.lines(kept, why, work.now, work.new_id, ended=ended)]
    await work.destroy_contacts(lines)
    for kept in going:
        work.audit(kept.community, "contact_erased", kept.hold_id, result=contacts.why_erased(why, ended))
