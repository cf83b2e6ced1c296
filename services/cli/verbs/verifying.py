"""Verifies a pass where there is no node and no network: by keys that were written down before."""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from contracts.community.v1 import KeyView
from contracts.json_reader import read_json
from contracts.passes import codec
from contracts.passes.codec import Claims, Days
from services.cli import context
from services.cli.views import layout
from services.client import formatting
from services.client.passes import verified
from services.client.phrases.catalogue import N_
from services.client.phrases.spoken import _, say, spoken
from services.client.phrases.vocabulary import Table
from services.client.problems import Problem
from services.client.troubles import why

#: What is said of a pass.
SAID: Table = {
    "valid": N_(
        "VALID. Note it, and present it when there is a network: only a node knows whether it was used before."
    ),
    "malformed": N_("NOT A PASS, or misread: read it once more."),
    "unknown_key": N_("NOT VALID: none of these keys signs for the community that it names."),
    "key_over": N_("NOT VALID BY ITSELF: its key has been given up. Its community's node still knows it."),
    "forged": N_("FORGED: the signature is not of the key that it names."),
    "early": N_("TOO EARLY: its days have not begun."),
    "late": N_("TOO LATE: its days are over. If they were delayed, their community's node knows it."),
}


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    words = _("what the picture says; -: typed, or from a scanner")
    parser.add_argument("token", metavar="PASS", help=words)
    words = _("what ./handoff keys show --json has printed")
    parser.add_argument("--keys", type=Path, required=True, metavar="FILE", help=words)
    parser.add_argument("--json", action="store_true", help=_("answer as JSON, for machines"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what it is worth by these keys and this machine's clock; 1 unless it is valid."""
    keys = keys_in(args.keys)
    found = verified(scanned(args.token), keys, context.machine_now())
    told: dict[str, Any] = {"valid": found.reason == "valid", "reason": found.reason}
    lines = [layout.fill(say(SAID[found.reason]))]
    if (claims := found.claims) is not None:
        known = {codec.in_pass(key.community): key.community for key in keys}
        receiver, sender = (known.get(name, name) for name in (claims.issuer, claims.sender))
        party = claims.party.model_dump()
        told |= {"referral_id": claims.referral_id, "receiver": receiver, "sender": sender, "party": party}
        told |= moments(claims.days)
        lines += [
            "  " + _from_whom(claims, receiver, sender),
            f"  {formatting.party(spoken(), party)}",
            layout.fill(days_told(claims.days), 2),
            "  " + _of_what(claims),
        ]
    context.tell(args, told, "\n".join(lines))
    return 0 if found.reason == "valid" else 1


def _from_whom(claims: Claims, receiver: str, sender: str) -> str:
    if claims.is_of_booking:
        return _("to {receiver}, booked by an agency", receiver=receiver)
    return _("to {receiver}, from {sender}", receiver=receiver, sender=sender)


def _of_what(claims: Claims) -> str:
    end = claims.referral_id[-6:]
    return _("booking …{end}", end=end) if claims.is_of_booking else _("handoff …{end}", end=end)


def scanned(text: str) -> str:
    """What was given; for `-` the line that is typed, or that a scanner types."""
    return (sys.stdin.readline() if text == "-" else text).strip("\r\n")


def keys_in(file: Path) -> Sequence[KeyView]:
    """The keys in a file, as a list or under `items`. Raises Problem when there are none to be read."""
    try:
        held = read_json(file.read_bytes(), may_have_mark=True)
        return [KeyView.read(key) for key in (held["items"] if isinstance(held, dict) else held)]
    except OSError as error:
        raise Problem(_("--keys: {file} cannot be read: {reason}.", file=file, reason=why(spoken(), error))) from error
    except (ValueError, LookupError, TypeError) as error:
        none = _("--keys: {file} holds no keys: write it with ./handoff keys show --json.", file=file)
        raise Problem(none) from error


def days_told(days: Days) -> str:
    """`from Wed 2027-01-13 until the end of Fri 2027-01-15`, local."""
    p = spoken()
    first, last = (formatting.local(at).date() for at in (days.opens, days.closes - timedelta(seconds=1)))
    return _(
        "from {first} until the end of {last}",
        first=formatting.day(p, first, weekday=True), last=formatting.day(p, last, weekday=True),
    )  # fmt: skip


def moments(days: Days) -> dict[str, str]:
    """For machines."""
    return {"opens": days.opens.isoformat(), "closes": days.closes.isoformat()}
