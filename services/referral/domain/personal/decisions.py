"""The lead traveller's decision and what it allows: consent, refusal, release, withdrawal, erasure.

No personal data here: what a transition says of the personal part is done in the personal room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from contracts.border import v1 as border
from contracts.personal.v1 import (
    ConsentReceipt,
    ErasedFor,
    GiveConsent,
    PersonalField,
    PersonalFields,
    PersonalPart,
    Sealed,
)
from contracts.referral.codes import StoryAct
from contracts.refusals import No, Refused
from contracts.sentences import Unfit
from services.referral.domain.handoff.acts import may, own_transition
from services.referral.domain.handoff.record import Moment, Record, Transition
from services.referral.domain.handoff.states import rank
from services.referral.domain.personal import consent


class CannotOpen(ValueError):
    """What is kept does not open: it was changed, or the key that wraps its own is not here."""


def may_ask(record: Record) -> None:
    """Raises Refused unless the lead traveller may still be asked: whose side it is, not too late, not released."""
    may("consent", record)
    if record.released:
        raise Refused(No.WRONG_STATE, "passed_on_already", "referral")


def listed(fields: Sequence[PersonalField]) -> PersonalFields:
    """The same fields, each once, in the order of the list."""
    return tuple(name for name in get_args(PersonalField) if name in fields)


def receipt(command: GiveConsent, text: str, delete_by: Any, moment: Moment) -> ConsentReceipt:
    """Proof of what was consented to. Raises Refused when the text is no longer the one that was shown."""
    shown = consent.digest(text)
    if shown != command.text_digest:
        raise Refused(No.WRONG_STATE, "text_has_changed", "text_digest")
    return ConsentReceipt(
        id=moment.ids[0],
        text_version=consent.VERSION,
        text_digest=shown,
        language=command.language,
        said=command.said,
        guardian=command.guardian,
        fields=listed(command.fields),
        given_at=moment.now,
        delete_by=delete_by,
    )


def give(record: Record, given: ConsentReceipt, sealed: Sealed) -> Transition:
    """Given any time from offered on, in place of an earlier word; passed on at the later of this and acceptance."""
    may_ask(record)
    changes = {"consent": given, "consent_refused": False, "personal": "held", "delete_by": given.delete_by}
    transition = own_transition("consent", record, changes | {"erased_at": None}, receives=sealed)
    return release(transition) if record.state == "accepted" else transition


def refuse(record: Record, moment: Moment) -> Transition:
    """Nothing is allowed: what was given before is destroyed, and the handoff goes on without it."""
    may("refuse_consent", record)
    may_ask(record)
    transition = own_transition("refuse_consent", record, {"consent_refused": True})
    if record.personal == "held":
        transition = erased(transition, "consent_withdrawn", moment)
    return release(transition) if record.state == "accepted" else transition


def release(transition: Transition) -> Transition:
    """The lead traveller has decided and the receiver has accepted: pass the decision on, once."""
    if transition.record.released or not transition.record.decided:
        return transition
    return replace(transition, record=transition.record.replace(released=True), releases=True)


def received(message: border.PartyReleased) -> dict[str, Any]:
    """What the receiver's record keeps of a release: the receipt, never what is sealed."""
    if message.consent is None:
        return {"consent_refused": True}
    return {"consent": message.consent, "personal": "held", "delete_by": message.consent.delete_by}


def withdraw(record: Record, moment: Moment) -> Transition:
    """The consent is taken back: before arrival the handoff ends, after it only what is held is destroyed.

    A record that has ended lower, and whose receiver was told nothing, stays as it is.
    """
    may("withdraw_consent", record)
    may_take_back(record)
    after = record.replace(consent_withdrawn_at=moment.now)
    over = record.state in ("expired", "declined") and not record.released
    if not over and rank("withdrawn", 0) > rank(record.state, record.round):
        ended = {"state": "withdrawn", "withdrawn_from": record.state, "reason": "consent_withdrawn", "attention": None}
        after = after.replace(**ended)
    messages = () if over else (border.ConsentWithdrawn(at=moment.now),)
    transition = Transition(record=after, act="withdraw_consent", by=record.community, border=messages)
    return erased(transition, "consent_withdrawn", moment)


def may_take_back(record: Record) -> None:
    """Raises Refused when no consent stands."""
    if record.consent is None or record.consent_refused or record.consent_withdrawn_at:
        raise Refused(No.WRONG_STATE, "no_consent_to_take_back", "referral")


def erase(record: Record, why: ErasedFor, moment: Moment) -> Transition:
    """This side's copy is destroyed; asked for, the partner's follows. Raises Refused when this side holds none."""
    if record.personal == "erased":
        raise Refused(No.WRONG_STATE, "erased_already", "referral")
    if record.personal != "held":
        raise Refused(No.WRONG_STATE, "nothing_passed_on", "referral")
    return erased(Transition(record=record, act=_ERASES[why], by=record.community), why, moment)


_ERASES: Mapping[ErasedFor, StoryAct] = {
    "asked": "erase",
    "retention": "erase_by_retention",
    "restored_backup": "erase_again",
    "consent_withdrawn": "erase",
}


def erased(transition: Transition, why: ErasedFor, moment: Moment) -> Transition:
    """Add the erasure of this side's copy to a transition.

    A receiver reports it, also when it held nothing; a sender when the lead traveller asked for it, and the receiver
    knew anything of them.
    """
    record = transition.record
    number = moment.ids[0]
    after = record.replace(personal="none" if record.personal == "none" else "erased", erased_at=moment.now)
    messages = transition.border
    if record.side == "receiver" or (why == "asked" and record.released):
        messages = (*messages, border.PersonalDataErased(at=moment.now, why=why, receipt=number))
    return replace(transition, record=after, border=messages, erases=why, receipt=number)


def within(part: PersonalPart, fields: Sequence[PersonalField]) -> PersonalPart:
    """The part, if it holds something, all of it consented to. Raises ValueError, which quotes no value."""
    if not part.given:
        raise Unfit("part_is_empty")
    beyond = [name for name in part.given if name not in fields]
    if beyond:
        raise Unfit("part_beyond_consent", fields=tuple(beyond))
    return part
