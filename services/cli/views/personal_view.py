"""Tells what is known of a party, and what it arrives with: dates and receipts, never what it said of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.cli.views import dates, wording
from services.cli.views.layout import fill
from services.cli.views.naming import Names

View = Mapping[str, Any]
#: While a code can be used: a party that was given up may still come.
CODE_COUNTS: Mapping[str, tuple[str, ...]] = {
    "sender": ("confirmed", "departed"),
    "receiver": ("confirmed", "departed", "no_show"),
}


def told_of(view: View, names: Names) -> list[str]:
    """The part of the story about consent, erasure and pass; empty while there is nothing to say."""
    lines = [*_consent(view), *_holding(view, names), *_pass(view)]
    return ["What is known of them", *(fill(line, 4, first=2) for line in lines)] if lines else []


def partner_held(view: View) -> bool:
    """Whether the partner ever had the part, as far as this record tells.

    A receiver closes what it never had too, and says so; a sender says so of its own copy alone.
    """
    if view["personal"] == "none":
        return False
    passed_on = any(event["state"] == "accepted" for event in view["story"]) and not view["consent_refused"]
    return view["side"] == "receiver" or passed_on


def _consent(view: View) -> Iterator[str]:
    receipt = view["consent"]
    if view["consent_refused"]:
        yield "The lead traveller allowed nothing to be passed on."
    if receipt and view["consent_refused"]:
        yield f"An earlier consent was taken back: receipt …{receipt['id'][-6:]} of {_day(receipt['given_at'])}."
    elif receipt:
        words = ", ".join(wording.FIELDS[field] for field in receipt["fields"])
        guardian = ", a guardian deciding" if receipt["guardian"] else ""
        back = any(event["act"] in wording.TAKEN_BACK for event in view["story"])
        yield f"{'Taken back: consent' if back else 'Consent'} to: {words}; {wording.SAID[receipt['said']]}{guardian}."
        text = f"text {receipt['text_version']} in {receipt['language']}"
        until = "" if back else f"; to be deleted by {dates.shown_day(receipt['delete_by'])}"
        yield f"Receipt …{receipt['id'][-6:]} of {_day(receipt['given_at'])}, {text}{until}."


def _holding(view: View, names: Names) -> Iterator[str]:
    if view["personal"] == "held":
        yield "You hold it. Reading it is noted in the audit."
    elif view["erased_at"]:
        had = "You have erased it" if view["personal"] == "erased" else "You held nothing; it was closed"
        yield f"{had} on {_moment(view['erased_at'], names)}."
    if view["partner_erased_at"] and partner_held(view):
        yield f"{names.of(view['partner'])} has erased it on {_moment(view['partner_erased_at'], names)}."


def _pass(view: View) -> Iterator[str]:
    code, side = view["short_code"], view["side"]
    if not code or view["state"] not in CODE_COUNTS[side]:
        return
    if side == "sender":
        yield f"Code {code[:3]} {code[3:]}: give it to the lead traveller, with the pass."
    else:
        yield f"Code {code[:3]} {code[3:]}: the lead traveller says it, or shows the pass."


def _moment(moment: str, names: Names) -> str:
    return dates.shown_moment(moment, names.zone)


def _day(moment: str) -> str:
    return dates.shown_day(datetime.fromisoformat(moment).date())
