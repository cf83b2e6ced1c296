"""Shows the audit: its lines, and what verifying it has found."""

from __future__ import annotations

from pathlib import Path

from contracts.node.v1 import AuditEntry, AuditFault, AuditVerdict
from services.cli.views.layout import fill
from services.client import formatting
from services.client.phrases.catalogue import N_, NC_, Phrases
from services.client.phrases.vocabulary import Table, word

#: What is wrong with a chain, of a community and a line.
FAULTS: Table = {
    "changed": N_("The audit of {community}: line {n} was changed after it was written, or stands on a line that was."),
    "missing": N_("The audit of {community}: line {n} is gone."),
    "out_of_order": N_(
        "The audit of {community}: line {n} does not stand where it was written, or stands there twice."
    ),
    "cut": N_("The audit of {community}: it was signed up to line {n}, and ends before that: its end was cut off."),
    "rewritten": N_(
        "The audit of {community}: what stands on the lines up to {n} is not what was signed: the audit was written "
        "anew."
    ),
    "checkpoint_forged": N_(
        "The audit of {community}: the signature under line {n} is not the community's: the checkpoint is forged."
    ),
    "checkpoint_missing": N_(
        "The audit of {community}: the checkpoint at line {n} was kept, and is gone from the database."
    ),
    "no_key": N_(
        "The audit of {community}: the checkpoint at line {n} names a key that is not the community's on this node."
    ),
}
#: What was done.
DONE: Table = {
    "key_made": NC_("in the audit", "key made"),
    "key_rotated": NC_("in the audit", "key rotated"),
    "partner_key_rotated": NC_("in the audit", "partner key rotated"),
    "hold_restated": NC_("in the audit", "hold restated"),
    "record_reconciled": NC_("in the audit", "record reconciled"),
    "messages_said_again": NC_("in the audit", "messages said again"),
    "personal_part_received": NC_("in the audit", "personal part received"),
    "personal_part_released": NC_("in the audit", "personal part released"),
    "personal_part_read": NC_("in the audit", "personal part read"),
    "personal_part_erased": NC_("in the audit", "personal part erased"),
    "contact_kept": NC_("in the audit", "contact of a booking kept"),
    "contact_moved": NC_("in the audit", "contact of a booking moved"),
    "contact_read": NC_("in the audit", "contact of a booking read"),
    "contact_erased": NC_("in the audit", "contact of a booking erased"),
    "handoff_exported": NC_("in the audit", "handoff exported"),
    "consent_given": NC_("in the audit", "consent given"),
    "consent_refused": NC_("in the audit", "consent refused"),
    "consent_withdrawn": NC_("in the audit", "consent withdrawn"),
    "codes_paused": NC_("in the audit", "codes paused"),
    "pass_issued": NC_("in the audit", "pass issued"),
    "pass_looked_at": NC_("in the audit", "pass looked at"),
    "pass_refused": NC_("in the audit", "pass refused"),
    "pass_used": NC_("in the audit", "pass used"),
    "pass_used_twice": NC_("in the audit", "pass used twice"),
    "agency_offered": NC_("in the audit", "party handed over by an agency"),
    "agency_took_counter": NC_("in the audit", "other day taken by an agency"),
    "agency_withdrew": NC_("in the audit", "handoff taken back by an agency"),
    "agency_delayed": NC_("in the audit", "delay told by an agency"),
    "agreement_proposed": NC_("in the audit", "agreement proposed"),
    "agreement_agreed": NC_("in the audit", "agreement agreed"),
    "agreement_turned_down": NC_("in the audit", "proposed agreement turned down"),
    "agreement_ended": NC_("in the audit", "agreement ended"),
    "statement_confirmed": NC_("in the audit", "statement confirmed"),
    "agency_added": NC_("in the audit", "agency let in"),
    "agency_renamed": NC_("in the audit", "agency renamed"),
    "agency_key_made": NC_("in the audit", "agency's key made"),
    "agency_key_revoked": NC_("in the audit", "agency's key revoked"),
    "operator_added": NC_("in the audit", "operator's account opened"),
    "operator_ended": NC_("in the audit", "operator's account closed"),
    "sign_in": NC_("in the audit", "signed in"),
    "open_account": NC_("in the audit", "account opened"),
    "invite_member": NC_("in the audit", "member invited"),
    "withdraw_invitation": NC_("in the audit", "invitation taken back"),
    "join": NC_("in the audit", "member joined"),
    "change_role": NC_("in the audit", "role changed"),
    "end_membership": NC_("in the audit", "membership ended"),
    "leave_community": NC_("in the audit", "member left"),
    "ask_recovery": NC_("in the audit", "help to sign in asked for"),
    "confirm_recovery": NC_("in the audit", "help to sign in confirmed"),
    "recover_member": NC_("in the audit", "help to sign in given"),
    "recovered": NC_("in the audit", "new password set with help"),
    "second_step_set": NC_("in the audit", "second step set"),
    "password_changed": NC_("in the audit", "password changed"),
    "phone_signed_out": NC_("in the audit", "one phone signed out"),
    "signed_out_everywhere": NC_("in the audit", "signed out everywhere"),
    "second_step_ended": NC_("in the audit", "second step ended"),
    "community_exported": NC_("in the audit", "community exported"),
    "show_public_page": NC_("in the audit", "public page switched on"),
    "hide_public_page": NC_("in the audit", "public page switched off"),
    "write_public_text": NC_("in the audit", "public text written"),
    "add_photo": NC_("in the audit", "photo added"),
    "remove_photo": NC_("in the audit", "photo removed"),
    "read_enquiry": NC_("in the audit", "question from the public page read"),
    "erase_enquiry": NC_("in the audit", "question from the public page erased"),
    "erase_enquiries_by_time": NC_("in the audit", "old questions from the public page erased"),
}
RESULTS: Table = {
    "done": NC_("a result in the audit", "done"),
    "asked": NC_("a result in the audit", "asked"),
    "contract": NC_("a result in the audit", "under the agency's contract"),
    "good": NC_("a result in the audit", "good"),
    "used": NC_("a result in the audit", "used"),
    "early": NC_("a result in the audit", "early"),
    "late": NC_("a result in the audit", "late"),
    "unknown": NC_("a result in the audit", "unknown"),
    "forged": NC_("a result in the audit", "forged"),
    "over": NC_("a result in the audit", "over"),
    "too_many_tries": NC_("a result in the audit", "too many tries"),
    "after_arrival": NC_("a result in the audit", "after arrival"),
    "done_told_later": NC_("a result in the audit", "done told later"),
    "after_arrival_told_later": NC_("a result in the audit", "after arrival told later"),
    "used_told_later": NC_("a result in the audit", "used told later"),
    "nothing_held": NC_("a result in the audit", "nothing held"),
    "cannot_be_opened": NC_("a result in the audit", "cannot be opened"),
    "at_once": NC_("a result in the audit", "at once"),
    "with_notice": NC_("a result in the audit", "with notice"),
    "consent_withdrawn": NC_("a result in the audit", "consent withdrawn"),
    "for_agency": NC_("a result in the audit", "for the agency"),
    "for_community": NC_("a result in the audit", "for the community"),
    "retention": NC_("a result in the audit", "retention"),
    "restored_backup": NC_("a result in the audit", "restored backup"),
    "on_hold": NC_("a result in the audit", "on hold"),
    "pending": NC_("a result in the audit", "pending"),
    "confirmed": NC_("a result in the audit", "confirmed"),
    "redeemed": NC_("a result in the audit", "redeemed"),
    "expired": NC_("a result in the audit", "expired"),
    "cancelled": NC_("a result in the audit", "cancelled"),
    "rejected": NC_("a result in the audit", "rejected"),
}
#: Who acts, alone or before a colon; others are named as they are typed.
WHO: Table = {
    "operator": NC_("who, in the audit", "operator"),
    "agency": NC_("who, in the audit", "agency"),
    "node": NC_("who, in the audit", "node"),
    "booking": NC_("who, in the audit", "booking"),
}
#: What is no id.
ABOUT: Table = {
    "code": NC_("what the audit is about", "code"),
    "pass": NC_("what the audit is about", "pass"),
}


def line(p: Phrases, one: AuditEntry) -> str:
    """One line with who did it, about what, and how it ended."""
    head = f"{one.n:>4} {formatting.moment(p, one.at)} {word(p, DONE, one.what)}"
    rest = p._(
        "by {who}, about {about}: {result}",
        who=_who(p, one.who),
        about=word(p, ABOUT, one.about) if one.about in ABOUT else one.about,
        result=word(p, RESULTS, one.result),
    )
    return f"{head}\n{fill(rest, 5)}"


def _who(p: Phrases, who: str) -> str:
    kind, _colon, name = who.partition(":")
    return " ".join(filter(None, (p.say(WHO[kind]) if kind in WHO else kind, name)))


def fault(p: Phrases, one: AuditFault) -> str:
    """What is wrong, and where."""
    return p.say(FAULTS[one.fault], community=one.community, n=one.n)


def torn(p: Phrases, file: Path, number: int) -> str:
    """That a line of a copy holds no checkpoint."""
    return p._(
        "{file}: line {number} is no checkpoint: the copy was touched, or the machine stopped while it was written.",
        file=file,
        number=number,
    )


def untouched(p: Phrases, verdict: AuditVerdict, copies: int, path: Path) -> str:
    """That nothing is wrong, and against what that was looked at."""
    counted = {
        "lines": p.ngettext("{count} line", "{count} lines", verdict.entries),
        "communities": p.ngettext("{count} community", "{count} communities", verdict.communities),
        "checkpoints": p.ngettext("{count} checkpoint", "{count} checkpoints", verdict.checkpoints),
    }
    if copies:
        kept = p.ngettext("{count} copy", "{count} copies", copies)
        return p._(
            "Nobody has touched the audit: {lines} of {communities} hold against {checkpoints} and {copies} of them.",
            **counted,
            copies=kept,
        )
    return p._(
        "Nobody has touched the audit: {lines} of {communities} hold against {checkpoints}. No copies stand in {file}: "
        "who rewrites the database and takes its checkpoints away is not found.",
        **counted,
        file=path,
    )
