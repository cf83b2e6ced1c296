"""Referral's use cases, one function each: a command, message or question, one transaction, nothing else."""

from __future__ import annotations

from services.referral.handlers.acting import (
    accept,
    arrive,
    cancel,
    complete,
    counter,
    decline,
    delay,
    depart,
    give_consent,
    mark_no_show,
    offer,
    take_counter,
    turn_back,
    withdraw,
)
from services.referral.handlers.asking import (
    ask_partner_availability,
    ask_partner_catalogue,
    check_records,
    list_handoffs,
    show,
)
from services.referral.handlers.hearing import availability_shared, catalogue_shared, handoff_offered, heard
from services.referral.handlers.mending import deadlines_passed, record_stated, state_unseen
from services.referral.handlers.told import (
    hold_confirmed,
    hold_extended,
    hold_over,
    hold_placed,
    hold_redeemed,
    hold_refused,
    offering_published,
    partnership_stated,
)

__all__ = [
    "accept",
    "arrive",
    "ask_partner_availability",
    "ask_partner_catalogue",
    "availability_shared",
    "cancel",
    "catalogue_shared",
    "check_records",
    "complete",
    "counter",
    "deadlines_passed",
    "decline",
    "delay",
    "depart",
    "give_consent",
    "handoff_offered",
    "heard",
    "hold_confirmed",
    "hold_extended",
    "hold_over",
    "hold_placed",
    "hold_redeemed",
    "hold_refused",
    "list_handoffs",
    "mark_no_show",
    "offer",
    "offering_published",
    "partnership_stated",
    "record_stated",
    "show",
    "state_unseen",
    "take_counter",
    "turn_back",
    "withdraw",
]
