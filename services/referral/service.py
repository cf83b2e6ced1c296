"""The referral service, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.agencies.v1 import AgreementStated
from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.community import v1 as community
from contracts.contacts import v1 as contacts_v1
from contracts.crossing import v1 as crossings
from contracts.personal import v1 as personal
from contracts.reconcile import v1 as reconcile
from contracts.referral import lists, v1
from contracts.statements import v1 as monthly
from services.chassis.process import renewing
from services.chassis.process.operations import Operated
from services.chassis.process.service import Database, chore, command, message, periodic, query
from services.referral.adapters import ledger
from services.referral.adapters.unit_of_work import ReferralUnitOfWork
from services.referral.handlers import crossing, passes, statements
from services.referral.handlers.handoff import (
    acts,
    agencies,
    booking_events,
    border_events,
    community_events,
    deadlines,
    queries,
    reconciliation,
    record_statements,
)
from services.referral.handlers.personal import consent, contacts, personal_data


class Referral(Operated):
    """Keeps our side's record of every handoff."""

    name = "referral"
    store = Database(ReferralUnitOfWork, migrations=Path(__file__).parent / "migrations")

    offer = command(v1.OfferHandoff, acts.offer)
    accept = command(v1.AcceptHandoff, acts.accept)
    decline = command(v1.DeclineHandoff, acts.decline)
    counter = command(v1.CounterHandoff, acts.counter)
    take_counter = command(v1.TakeCounter, acts.take_counter)
    prepare_consent = command(personal.PrepareConsent, consent.prepare)
    give_consent = command(personal.GiveConsent, consent.give)
    refuse_consent = command(personal.RefuseConsent, consent.refuse)
    withdraw_consent = command(personal.WithdrawConsent, consent.withdraw)
    withdraw = command(v1.WithdrawHandoff, acts.withdraw)
    depart = command(v1.DepartParty, acts.depart)
    delay = command(v1.DelayParty, acts.delay)
    turn_back = command(v1.TurnPartyBack, acts.turn_back)
    arrive = command(v1.ArriveParty, acts.arrive)
    present_pass = command(v1.PresentPass, passes.present)
    mark_no_show = command(v1.MarkNoShow, acts.mark_no_show)
    cancel = command(v1.CancelHandoff, acts.cancel)
    complete = command(v1.CompleteVisit, acts.complete)
    read_personal_part = command(personal.ReadPersonalPart, personal_data.read)
    erase_personal_part = command(personal.ErasePersonalPart, personal_data.erase)
    export_handoff = command(personal.ExportHandoff, personal_data.export)
    prepare_contact = command(contacts_v1.PrepareContact, contacts.prepare)
    keep_contact = command(contacts_v1.KeepContact, contacts.keep)
    move_contact = command(contacts_v1.MoveContact, contacts.move)
    read_contact = command(contacts_v1.ReadContact, contacts.read)
    erase_contact = command(contacts_v1.EraseContact, contacts.erase)
    apply_erasures = command(personal.ApplyErasures, personal_data.apply_erasures)
    confirm_statement = command(monthly.ConfirmStatement, statements.confirm)
    keep_crossings = command(crossings.KeepCrossings, crossing.keep)
    reconcile_record = command(reconcile.ReconcileRecord, reconciliation.reconcile_record)

    handoff_offered = message(border.HandoffOffered, border_events.handoff_offered)
    counter_taken = message(border.CounterTaken, border_events.from_counterpart)
    handoff_withdrawn = message(border.HandoffWithdrawn, border_events.from_counterpart)
    party_released = message(border.PartyReleased, border_events.from_counterpart)
    party_departed = message(border.PartyDeparted, border_events.from_counterpart)
    party_delayed = message(border.PartyDelayed, border_events.from_counterpart)
    party_turned_back = message(border.PartyTurnedBack, border_events.from_counterpart)
    consent_withdrawn = message(border.ConsentWithdrawn, border_events.from_counterpart)
    handoff_held = message(border.HandoffHeld, border_events.from_counterpart)
    handoff_declined = message(border.HandoffDeclined, border_events.from_counterpart)
    handoff_countered = message(border.HandoffCountered, border_events.from_counterpart)
    handoff_accepted = message(border.HandoffAccepted, border_events.from_counterpart)
    handoff_confirmed = message(border.HandoffConfirmed, border_events.from_counterpart)
    handoff_expired = message(border.HandoffExpired, border_events.from_counterpart)
    handoff_cancelled = message(border.HandoffCancelled, border_events.from_counterpart)
    party_arrived = message(border.PartyArrived, border_events.from_counterpart)
    party_no_show = message(border.PartyNoShow, border_events.from_counterpart)
    visit_completed = message(border.VisitCompleted, border_events.from_counterpart)
    personal_data_erased = message(border.PersonalDataErased, border_events.from_counterpart)
    record_stated = message(border.RecordStated, record_statements.record_stated)
    statement_confirmed = message(border.StatementConfirmed, statements.statement_confirmed)
    catalogue_shared = message(border.CatalogueShared, border_events.catalogue_shared)
    availability_shared = message(border.AvailabilityShared, border_events.availability_shared)

    hold_placed = message(booking.HoldPlaced, booking_events.hold_placed)
    hold_refused = message(booking.HoldRefused, booking_events.hold_refused)
    hold_extended = message(booking.HoldExtended, booking_events.hold_extended)
    hold_confirmed = message(booking.HoldConfirmed, booking_events.hold_confirmed)
    hold_expired = message(booking.HoldExpired, booking_events.hold_over)
    hold_released = message(booking.HoldReleased, booking_events.hold_over)
    hold_redeemed = message(booking.HoldRedeemed, booking_events.hold_redeemed)
    booking_changed = message(booking.BookingChanged, contacts.booking_changed)
    offering_published = message(community.OfferingPublished, community_events.offering_published)
    agreement_stated = message(AgreementStated, agencies.keep_agreement)
    partnership_stated = message(community.PartnershipStated, community_events.partnership_stated)
    reminder_due = message(crossings.ReminderDue, crossing.reminder_due)

    deadlines_passed = periodic(1.0, deadlines.deadlines_passed)
    state_unseen = periodic(10.0, record_statements.state_unseen)
    plan_reminders = periodic(2.0, crossing.plan_reminders)
    say_reminders = periodic(2.0, crossing.say_reminders)
    keep_retention = periodic(60.0, personal_data.keep_retention)
    keep_contacts_in_time = periodic(60.0, contacts.keep_retention)
    renew_record_keys = chore(10.0, renewing.renew)
    keep_ledger = chore(30.0, ledger.beside_the_database(personal_data.erase_again))

    show = query(v1.ShowHandoff, queries.show)
    list_handoffs = query(lists.ListHandoffs, queries.list_handoffs)
    list_expected = query(lists.ListExpected, queries.list_expected)
    list_awaited = query(lists.ListAwaited, queries.list_awaited)
    show_statement = query(monthly.ShowStatement, statements.show)
    list_statements = query(monthly.ListStatements, statements.list_statements)
    ask_partner_catalogue = query(v1.AskPartnerCatalogue, queries.ask_partner_catalogue)
    ask_partner_availability = query(v1.AskPartnerAvailability, queries.ask_partner_availability)
    ask_crossings = query(crossings.AskCrossings, crossing.ask)
    plan_crossing = query(crossings.PlanCrossing, crossing.plan_crossing)
    plan_of_handoff = query(crossings.PlanOfHandoff, crossing.plan_of_handoff)
    list_reminders = query(crossings.ListReminders, crossing.list_reminders)
    state_records = query(reconcile.StateRecords, reconciliation.state_records)
    check_records = query(v1.CheckRecords, queries.check_records)
    list_affected = query(personal.ListAffected, personal_data.list_affected)
    list_affected_contacts = query(contacts_v1.ListAffectedContacts, contacts.list_affected)
    list_erasures = query(personal.ListErasures, personal_data.list_erasures)
