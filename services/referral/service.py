"""The referral service, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.booking import v1 as booking
from contracts.border import v1 as border
from contracts.community import v1 as community
from contracts.referral import v1
from services.chassis.operations import Operated
from services.chassis.service import Database, command, message, periodic, query
from services.referral import handlers
from services.referral.adapters.postgres import ReferralWork


class Referral(Operated):
    """Keeps our side's record of every handoff."""

    name = "referral"
    store = Database(ReferralWork, migrations=Path(__file__).parent / "migrations")

    offer = command(v1.OfferHandoff, handlers.offer)
    accept = command(v1.AcceptHandoff, handlers.accept)
    decline = command(v1.DeclineHandoff, handlers.decline)
    counter = command(v1.CounterHandoff, handlers.counter)
    take_counter = command(v1.TakeCounter, handlers.take_counter)
    give_consent = command(v1.GiveConsent, handlers.give_consent)
    withdraw = command(v1.WithdrawHandoff, handlers.withdraw)
    depart = command(v1.DepartParty, handlers.depart)
    delay = command(v1.DelayParty, handlers.delay)
    turn_back = command(v1.TurnPartyBack, handlers.turn_back)
    arrive = command(v1.ArriveParty, handlers.arrive)
    mark_no_show = command(v1.MarkNoShow, handlers.mark_no_show)
    cancel = command(v1.CancelHandoff, handlers.cancel)
    complete = command(v1.CompleteVisit, handlers.complete)

    handoff_offered = message(border.HandoffOffered, handlers.handoff_offered)
    counter_taken = message(border.CounterTaken, handlers.heard)
    handoff_withdrawn = message(border.HandoffWithdrawn, handlers.heard)
    party_released = message(border.PartyReleased, handlers.heard)
    party_departed = message(border.PartyDeparted, handlers.heard)
    party_delayed = message(border.PartyDelayed, handlers.heard)
    party_turned_back = message(border.PartyTurnedBack, handlers.heard)
    consent_withdrawn = message(border.ConsentWithdrawn, handlers.heard)
    handoff_held = message(border.HandoffHeld, handlers.heard)
    handoff_declined = message(border.HandoffDeclined, handlers.heard)
    handoff_countered = message(border.HandoffCountered, handlers.heard)
    handoff_accepted = message(border.HandoffAccepted, handlers.heard)
    handoff_confirmed = message(border.HandoffConfirmed, handlers.heard)
    handoff_expired = message(border.HandoffExpired, handlers.heard)
    handoff_cancelled = message(border.HandoffCancelled, handlers.heard)
    party_arrived = message(border.PartyArrived, handlers.heard)
    party_no_show = message(border.PartyNoShow, handlers.heard)
    visit_completed = message(border.VisitCompleted, handlers.heard)
    record_stated = message(border.RecordStated, handlers.record_stated)
    catalogue_shared = message(border.CatalogueShared, handlers.catalogue_shared)
    availability_shared = message(border.AvailabilityShared, handlers.availability_shared)

    hold_placed = message(booking.HoldPlaced, handlers.hold_placed)
    hold_refused = message(booking.HoldRefused, handlers.hold_refused)
    hold_extended = message(booking.HoldExtended, handlers.hold_extended)
    hold_confirmed = message(booking.HoldConfirmed, handlers.hold_confirmed)
    hold_expired = message(booking.HoldExpired, handlers.hold_over)
    hold_released = message(booking.HoldReleased, handlers.hold_over)
    hold_redeemed = message(booking.HoldRedeemed, handlers.hold_redeemed)
    offering_published = message(community.OfferingPublished, handlers.offering_published)
    partnership_stated = message(community.PartnershipStated, handlers.partnership_stated)

    deadlines_passed = periodic(1.0, handlers.deadlines_passed)
    state_unseen = periodic(10.0, handlers.state_unseen)

    show = query(v1.ShowHandoff, handlers.show)
    list_handoffs = query(v1.ListHandoffs, handlers.list_handoffs)
    ask_partner_catalogue = query(v1.AskPartnerCatalogue, handlers.ask_partner_catalogue)
    ask_partner_availability = query(v1.AskPartnerAvailability, handlers.ask_partner_availability)
    check_records = query(v1.CheckRecords, handlers.check_records)
