"""The referral service, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.community import v1 as community
from contracts.crossing import v1 as crossings
from contracts.personal import v1 as personal
from contracts.reconcile import v1 as reconcile
from contracts.referral import v1
from services.chassis import renewing
from services.chassis.operations import Operated
from services.chassis.service import Database, chore, command, message, periodic, query
from services.referral.adapters import ledger
from services.referral.adapters.postgres import ReferralWork
from services.referral.handlers import (
    acting,
    asking,
    consenting,
    crossing,
    hearing,
    keeping,
    mending,
    passing,
    reconciling,
    told,
)


class Referral(Operated):
    """Keeps our side's record of every handoff."""

    name = "referral"
    store = Database(ReferralWork, migrations=Path(__file__).parent / "migrations")

    offer = command(v1.OfferHandoff, acting.offer)
    accept = command(v1.AcceptHandoff, acting.accept)
    decline = command(v1.DeclineHandoff, acting.decline)
    counter = command(v1.CounterHandoff, acting.counter)
    take_counter = command(v1.TakeCounter, acting.take_counter)
    prepare_consent = command(personal.PrepareConsent, consenting.prepare)
    give_consent = command(personal.GiveConsent, consenting.give)
    refuse_consent = command(personal.RefuseConsent, consenting.refuse)
    withdraw_consent = command(personal.WithdrawConsent, consenting.withdraw)
    withdraw = command(v1.WithdrawHandoff, acting.withdraw)
    depart = command(v1.DepartParty, acting.depart)
    delay = command(v1.DelayParty, acting.delay)
    turn_back = command(v1.TurnPartyBack, acting.turn_back)
    arrive = command(v1.ArriveParty, acting.arrive)
    present_pass = command(v1.PresentPass, passing.present)
    mark_no_show = command(v1.MarkNoShow, acting.mark_no_show)
    cancel = command(v1.CancelHandoff, acting.cancel)
    complete = command(v1.CompleteVisit, acting.complete)
    read_personal_part = command(personal.ReadPersonalPart, keeping.read)
    erase_personal_part = command(personal.ErasePersonalPart, keeping.erase)
    export_handoff = command(personal.ExportHandoff, keeping.export)
    apply_erasures = command(personal.ApplyErasures, keeping.apply_erasures)
    keep_crossings = command(crossings.KeepCrossings, crossing.keep)
    reconcile_record = command(reconcile.ReconcileRecord, reconciling.reconcile_record)

    handoff_offered = message(border.HandoffOffered, hearing.handoff_offered)
    counter_taken = message(border.CounterTaken, hearing.heard)
    handoff_withdrawn = message(border.HandoffWithdrawn, hearing.heard)
    party_released = message(border.PartyReleased, hearing.heard)
    party_departed = message(border.PartyDeparted, hearing.heard)
    party_delayed = message(border.PartyDelayed, hearing.heard)
    party_turned_back = message(border.PartyTurnedBack, hearing.heard)
    consent_withdrawn = message(border.ConsentWithdrawn, hearing.heard)
    handoff_held = message(border.HandoffHeld, hearing.heard)
    handoff_declined = message(border.HandoffDeclined, hearing.heard)
    handoff_countered = message(border.HandoffCountered, hearing.heard)
    handoff_accepted = message(border.HandoffAccepted, hearing.heard)
    handoff_confirmed = message(border.HandoffConfirmed, hearing.heard)
    handoff_expired = message(border.HandoffExpired, hearing.heard)
    handoff_cancelled = message(border.HandoffCancelled, hearing.heard)
    party_arrived = message(border.PartyArrived, hearing.heard)
    party_no_show = message(border.PartyNoShow, hearing.heard)
    visit_completed = message(border.VisitCompleted, hearing.heard)
    personal_data_erased = message(border.PersonalDataErased, hearing.heard)
    record_stated = message(border.RecordStated, mending.record_stated)
    catalogue_shared = message(border.CatalogueShared, hearing.catalogue_shared)
    availability_shared = message(border.AvailabilityShared, hearing.availability_shared)

    hold_placed = message(booking.HoldPlaced, told.hold_placed)
    hold_refused = message(booking.HoldRefused, told.hold_refused)
    hold_extended = message(booking.HoldExtended, told.hold_extended)
    hold_confirmed = message(booking.HoldConfirmed, told.hold_confirmed)
    hold_expired = message(booking.HoldExpired, told.hold_over)
    hold_released = message(booking.HoldReleased, told.hold_over)
    hold_redeemed = message(booking.HoldRedeemed, told.hold_redeemed)
    offering_published = message(community.OfferingPublished, told.offering_published)
    partnership_stated = message(community.PartnershipStated, told.partnership_stated)
    reminder_due = message(crossings.ReminderDue, crossing.reminder_due)

    deadlines_passed = periodic(1.0, mending.deadlines_passed)
    state_unseen = periodic(10.0, mending.state_unseen)
    plan_reminders = periodic(2.0, crossing.plan_reminders)
    say_reminders = periodic(2.0, crossing.say_reminders)
    keep_retention = periodic(60.0, keeping.keep_retention)
    renew_record_keys = chore(10.0, renewing.renew)
    keep_ledger = chore(30.0, ledger.beside_the_database(keeping.erase_again))

    show = query(v1.ShowHandoff, asking.show)
    list_handoffs = query(v1.ListHandoffs, asking.list_handoffs)
    ask_partner_catalogue = query(v1.AskPartnerCatalogue, asking.ask_partner_catalogue)
    ask_partner_availability = query(v1.AskPartnerAvailability, asking.ask_partner_availability)
    ask_crossings = query(crossings.AskCrossings, crossing.ask)
    plan_crossing = query(crossings.PlanCrossing, crossing.plan_crossing)
    plan_of_handoff = query(crossings.PlanOfHandoff, crossing.plan_of_handoff)
    list_reminders = query(crossings.ListReminders, crossing.list_reminders)
    state_records = query(reconcile.StateRecords, reconciling.state_records)
    check_records = query(v1.CheckRecords, asking.check_records)
    list_affected = query(personal.ListAffected, keeping.list_affected)
    list_erasures = query(personal.ListErasures, keeping.list_erasures)
