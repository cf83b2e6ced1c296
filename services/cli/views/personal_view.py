"""Tells what is known of a party, and what it arrives with: dates and receipts, never what it said of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from contracts.personal.v1 import ConsentReceipt
from contracts.referral.v1 import HandoffView
from services.cli.views.layout import fill
from services.cli.views.naming import Names
from services.client import formatting
from services.client.phrases.catalogue import N_, Phrase
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import FIELDS, SAID, TAKEN_BACK, code_of, word

#: While a code can be used: a party that was given up may still come.
CODE_COUNTS: Mapping[str, tuple[str, ...]] = {
    "sender": ("confirmed", "departed"),
    "receiver": ("confirmed", "departed", "no_show"),
}
#: (taken back, decided by a guardian) → how a consent is told.
_CONSENTS: Mapping[tuple[bool, bool], Phrase] = {
    (False, False): N_("Consent to: {fields}; {said}."),
    (False, True): N_("Consent to: {fields}; {said}, a guardian deciding."),
    (True, False): N_("Taken back: consent to: {fields}; {said}."),
    (True, True): N_("Taken back: consent to: {fields}; {said}, a guardian deciding."),
}


def told_of(view: HandoffView, names: Names) -> list[str]:
    """The part of the story about consent, erasure and pass; empty while there is nothing to say."""
    lines = [*_consent(view, names), *_holding(view, names), *_pass(view)]
    return [_("What is known of them"), *(fill(line, 4, first=2) for line in lines)] if lines else []


def partner_held(view: HandoffView) -> bool:
    """Whether the partner ever had the part, as far as this record tells.

    A receiver closes what it never had too, and says so; a sender says so of its own copy alone.
    """
    if view.personal == "none":
        return False
    passed_on = any(event.state == "accepted" for event in view.story) and not view.consent_refused
    return view.side == "receiver" or passed_on


def _consent(view: HandoffView, names: Names) -> Iterator[str]:
    receipt = view.consent
    if view.consent_refused:
        yield _("The lead traveller allowed nothing to be passed on.")
    if receipt is None:
        return
    end, day = receipt.id[-6:], _day(receipt.given_at, names)
    if view.consent_refused:
        yield _("An earlier consent was taken back: receipt …{end} of {day}.", end=end, day=day)
        return
    yield from _receipt(receipt, end, day, back=any(code_of(event.act) in TAKEN_BACK for event in view.story))


def _receipt(receipt: ConsentReceipt, end: str, day: str, *, back: bool) -> Iterator[str]:
    p = spoken()
    fields = formatting.listed(p, [word(p, FIELDS, field) for field in receipt.fields])
    yield say(_CONSENTS[back, receipt.guardian], fields=fields, said=word(p, SAID, receipt.said))
    text = {"end": end, "day": day, "version": receipt.text_version, "language": receipt.language}
    if back:
        yield _("Receipt …{end} of {day}, text {version} in {language}.", **text)
    else:
        yield _(
            "Receipt …{end} of {day}, text {version} in {language}; to be deleted by {until}.",
            **text, until=formatting.day(p, receipt.delete_by),
        )  # fmt: skip


def _holding(view: HandoffView, names: Names) -> Iterator[str]:
    if view.personal == "held":
        yield _("You hold it. Reading it is noted in the audit.")
    elif view.erased_at:
        at = formatting.moment(spoken(), view.erased_at, names.zone)
        if view.personal == "erased":
            yield _("You have erased it on {moment}.", moment=at)
        else:
            yield _("You held nothing; it was closed on {moment}.", moment=at)
    if view.partner_erased_at and partner_held(view):
        at = formatting.moment(spoken(), view.partner_erased_at, names.zone)
        yield _("{partner} has erased it on {moment}.", partner=names.of(view.partner), moment=at)


def _pass(view: HandoffView) -> Iterator[str]:
    if not view.short_code or view.state not in CODE_COUNTS[view.side]:
        return
    code = f"{view.short_code[:3]} {view.short_code[3:]}"
    if view.side == "sender":
        yield _("Code {code}: give it to the lead traveller, with the pass.", code=code)
    else:
        yield _("Code {code}: the lead traveller says it, or shows the pass.", code=code)


def _day(moment: datetime, names: Names) -> str:
    return formatting.day(spoken(), formatting.local(moment, names.zone).date())
