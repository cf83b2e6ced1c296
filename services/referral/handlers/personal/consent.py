"""The lead traveller's consent: prepare the text, give, refuse, withdraw."""

from __future__ import annotations

from datetime import date

from contracts.personal import v1 as personal_v1
from contracts.personal.v1 import ConsentPrepared, PersonalFields
from contracts.referral import v1
from contracts.refusals import No, Refused
from contracts.sentences import Unfit
from services.referral.domain.handoff import deadlines
from services.referral.domain.handoff.record import Record
from services.referral.domain.personal import consent, decisions
from services.referral.handlers.transition import act, keep, moment, own
from services.referral.ports import Records


async def prepare(command: personal_v1.PrepareConsent, work: Records) -> ConsentPrepared:
    """The text to be shown, and what to seal the answer to. Nothing of it is kept but the key."""
    record = await own(work, command.referral)
    decisions.may_ask(record)
    fields = decisions.listed(command.fields)
    text, delete_by = await _text(record, command.language, fields, work)
    return ConsentPrepared(
        referral_id=record.referral_id,
        text=text,
        text_version=consent.VERSION,
        text_digest=consent.digest(text),
        language=command.language,
        fields=fields,
        delete_by=delete_by,
        sealing_key=await work.one_time_key(record.referral_id, record.community),
    )


async def give(command: personal_v1.GiveConsent, work: Records) -> v1.Recorded:
    """The lead traveller consents to the text as it would be shown now."""
    record = await own(work, command.referral)
    decisions.may_ask(record)
    text, delete_by = await _text(record, command.language, decisions.listed(command.fields), work)
    given = decisions.receipt(command, text, delete_by, moment(work))
    transition = decisions.give(record, given, command.sealed)
    try:
        recorded = await keep(work, transition)
    except Unfit as unfit:
        raise Refused(No.INVALID, unfit.reason, "sealed", quote=None, **unfit.params) from unfit
    except ValueError as problem:
        raise Refused(No.INVALID, "part_is_not_as_it_must_be", "sealed", quote=str(problem)) from problem
    work.audit(record.community, "consent_given", record.referral_id)
    return recorded


async def refuse(command: personal_v1.RefuseConsent, work: Records) -> v1.Recorded:
    """The lead traveller allows nothing."""
    recorded = await act(work, command.referral, decisions.refuse)
    work.audit(work.acting, "consent_refused", recorded.referral_id)
    return recorded


async def withdraw(command: personal_v1.WithdrawConsent, work: Records) -> v1.Recorded:
    """The lead traveller takes it back."""
    recorded = await act(work, command.referral, decisions.withdraw)
    work.audit(work.acting, "consent_withdrawn", recorded.referral_id)
    return recorded


async def _text(record: Record, language: str, fields: PersonalFields, work: Records) -> tuple[str, date]:
    """The text for this receiver and these fields, as it reads now. Raises Refused when one of the two is unknown."""
    sender, receiver = await work.offering(record.community), await work.catalogue(record.partner)
    if sender is None or receiver is None:
        missing = record.community if sender is None else record.partner
        raise Refused(No.UNKNOWN, "profile_not_known", "referral", community=missing)
    delete_by = deadlines.delete_by(record, receiver)
    profiles = {"sender": sender.community, "receiver": receiver.community}
    return consent.consent_text(language, **profiles, fields=fields, delete_by=delete_by), delete_by
