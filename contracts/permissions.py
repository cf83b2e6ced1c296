"""Who may ask what: one line for every command and query. What has no line nobody may ask.

An operator of the system asks for the whole node, for one community of it, or for either, as the line says. A member
asks for its own community, when the line names its role. An agency asks what its lines say, of a community or of the
node; that it has an agreement there, and that a booking or handoff is its own, is judged where the agreement and the
booking or handoff are. A service asks for itself how far behind its picture of the others is, and nothing else.

Roles: an observer sees what shows nothing of a person. A helper also sees who is expected, and does what is done
on site on the day. A coordinator does everything that its community may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from contracts.principal import Agency, Member, Operator, Principal, Reader, Role
from contracts.refusals import No, Refusal, refusal
from contracts.values import CommunityId

Scope = Literal["node", "community", "either"]


@dataclass(frozen=True, slots=True)
class Permission:
    """For what an operator of the system may ask, and an agency, and in which roles a member may, for its community."""

    operator: Scope
    roles: frozenset[Role] = frozenset()
    agency: Scope | None = None
    #: Whether a service may ask it for itself, of the node.
    reader: bool = False


_COORDINATOR: frozenset[Role] = frozenset({"coordinator"})
_HELPER: frozenset[Role] = frozenset({"coordinator", "helper"})
_OBSERVER: frozenset[Role] = frozenset({"coordinator", "helper", "observer"})

PERMISSIONS: Mapping[str, Permission] = {
    "agency_api.add_key.v1": Permission("node"),
    "agency_api.ask_last_use.v1": Permission("community", _COORDINATOR),
    "agency_api.list_keys.v1": Permission("node"),
    "agency_api.revoke_key.v1": Permission("node"),
    "booking.ask_availability.v1": Permission("either", _OBSERVER),
    "booking.ask_booking.v1": Permission("community", _OBSERVER, agency="community"),
    "booking.ask_exceptions.v1": Permission("community", _HELPER),  # reasons are free text
    "booking.ask_pools.v1": Permission("community", _OBSERVER),
    "booking.change_booking.v1": Permission("community", _HELPER, agency="community"),
    "booking.check_invariants.v1": Permission("node"),
    "booking.list_bookings.v1": Permission("community", _OBSERVER),
    "booking.present_voucher.v1": Permission("community", _HELPER),
    "booking.replace_booking.v1": Permission("community", _HELPER, agency="community"),
    "booking.reserve.v1": Permission("community", _HELPER, agency="community"),
    "booking.restate_availability.v1": Permission("node"),
    "booking.restate_capacity.v1": Permission("node"),
    "booking.restate_hold.v1": Permission("node"),
    "booking.set_exception.v1": Permission("community", _COORDINATOR),
    "booking.state_holds.v1": Permission("node"),
    "booking.try_exception.v1": Permission("community", _COORDINATOR),
    "community.add_agency.v1": Permission("node"),
    "community.agree_agreement.v1": Permission("community", _COORDINATOR, agency="community"),
    "community.agree_partnership.v1": Permission("community", _COORDINATOR),
    "community.end_agreement.v1": Permission("community", _COORDINATOR, agency="community"),
    "community.end_partnership.v1": Permission("community", _COORDINATOR),
    "community.find_communities.v1": Permission("either", _OBSERVER),
    "community.find_experiences.v1": Permission("either", _OBSERVER),
    "community.list_agencies.v1": Permission("either", _COORDINATOR),
    "community.list_agreements.v1": Permission("either", _COORDINATOR, agency="either"),  # money
    "community.list_keys.v1": Permission("community", _OBSERVER),
    "community.list_partnerships.v1": Permission("community", _OBSERVER),
    "community.propose_agreement.v1": Permission("community", _COORDINATOR, agency="community"),
    "community.propose_partnership.v1": Permission("community", _COORDINATOR),
    "community.publish_offering.v1": Permission("either", _COORDINATOR),
    "community.restate.v1": Permission("node"),
    "community.rotate_key.v1": Permission("community", _COORDINATOR),
    "community.suspend_partnership.v1": Permission("community", _COORDINATOR),
    "node.ask_owed.v1": Permission("node", reader=True),
    "node.ask_standing.v1": Permission("node"),
    "node.check_streams.v1": Permission("node"),
    "node.discard_parked.v1": Permission("node"),
    "node.list_audit.v1": Permission("either", _COORDINATOR),  # names accounts
    "node.list_checkpoints.v1": Permission("node"),
    "node.list_parked.v1": Permission("node"),
    "node.move_clock.v1": Permission("node"),
    "node.replay_parked.v1": Permission("node"),
    "node.rewrap.v1": Permission("node"),
    "node.say_again.v1": Permission("node"),
    "node.show_parked.v1": Permission("node"),
    "node.verify_audit.v1": Permission("node"),
    "portal.add_operator.v1": Permission("node"),
    "portal.ask_recovery.v1": Permission("community", _COORDINATOR),
    "portal.change_role.v1": Permission("community", _COORDINATOR),
    "portal.confirm_recovery.v1": Permission("community", _COORDINATOR),
    "portal.end_membership.v1": Permission("community", _COORDINATOR),
    "portal.end_operator.v1": Permission("node"),
    "portal.invite_member.v1": Permission("community", _COORDINATOR),
    "portal.leave_community.v1": Permission("community", _OBSERVER),
    "portal.list_invitations.v1": Permission("community", _COORDINATOR),
    "portal.list_members.v1": Permission("community", _COORDINATOR),
    "portal.list_operators.v1": Permission("node"),
    "portal.list_recoveries.v1": Permission("community", _COORDINATOR),
    "portal.open_account.v1": Permission("community"),
    "portal.recover_member.v1": Permission("community"),
    "portal.withdraw_invitation.v1": Permission("community", _COORDINATOR),
    "referral.accept_handoff.v1": Permission("community", _COORDINATOR),
    "referral.apply_erasures.v1": Permission("node"),
    "referral.arrive_party.v1": Permission("community", _HELPER),
    "referral.ask_crossings.v1": Permission("either", _OBSERVER),
    "referral.ask_partner_availability.v1": Permission("community", _OBSERVER, agency="community"),
    "referral.ask_partner_catalogue.v1": Permission("community", _OBSERVER, agency="community"),
    "referral.cancel_handoff.v1": Permission("community", _COORDINATOR),
    "referral.check_records.v1": Permission("node"),
    "referral.complete_visit.v1": Permission("community", _COORDINATOR),
    "referral.confirm_statement.v1": Permission("community", _COORDINATOR),
    "referral.counter_handoff.v1": Permission("community", _COORDINATOR),
    "referral.decline_handoff.v1": Permission("community", _COORDINATOR),
    "referral.delay_party.v1": Permission("community", _HELPER, agency="community"),
    "referral.depart_party.v1": Permission("community", _HELPER),
    "referral.erase_contact.v1": Permission("community", _COORDINATOR, agency="community"),
    "referral.erase_personal_part.v1": Permission("community", _COORDINATOR),
    "referral.export_handoff.v1": Permission("community", _COORDINATOR),
    "referral.give_consent.v1": Permission("community", _COORDINATOR),
    "referral.keep_contact.v1": Permission("community", agency="community"),
    "referral.keep_crossings.v1": Permission("node"),
    "referral.list_affected.v1": Permission("either", _COORDINATOR),
    "referral.list_affected_contacts.v1": Permission("either", _COORDINATOR),
    "referral.list_awaited.v1": Permission("node"),
    "referral.list_erasures.v1": Permission("node"),
    "referral.list_expected.v1": Permission("community", _HELPER),  # has the codes
    "referral.list_handoffs.v1": Permission("community", _OBSERVER, agency="either"),
    "referral.list_reminders.v1": Permission("community", _HELPER),  # papers of one party
    "referral.list_statements.v1": Permission("community", _COORDINATOR),  # money
    "referral.mark_no_show.v1": Permission("community", _HELPER),
    "referral.move_contact.v1": Permission("community", agency="community"),
    "referral.offer_handoff.v1": Permission("community", _COORDINATOR, agency="community"),
    "referral.plan_crossing.v1": Permission("either", _OBSERVER),
    "referral.plan_of_handoff.v1": Permission("community", _HELPER),  # papers of one party
    "referral.prepare_consent.v1": Permission("community", _COORDINATOR),
    "referral.prepare_contact.v1": Permission("community", agency="community"),
    "referral.present_pass.v1": Permission("community", _HELPER),
    "referral.read_contact.v1": Permission("community", _HELPER),  # whom to greet; no agency reads back
    "referral.read_personal_part.v1": Permission("community", _COORDINATOR),
    "referral.reconcile_record.v1": Permission("node"),
    "referral.refuse_consent.v1": Permission("community", _COORDINATOR),
    "referral.show_handoff.v1": Permission("community", _HELPER, agency="either"),  # the pass; none for agencies
    "referral.show_statement.v1": Permission("community", _COORDINATOR),  # money
    "referral.state_records.v1": Permission("node"),
    "referral.take_counter.v1": Permission("community", _COORDINATOR, agency="community"),
    "referral.turn_party_back.v1": Permission("community", _COORDINATOR),
    "referral.withdraw_consent.v1": Permission("community", _COORDINATOR),
    "referral.withdraw_handoff.v1": Permission("community", _COORDINATOR, agency="community"),
}


def forbids(principal: Principal | None, acting: CommunityId | None, type_: str) -> Refusal | None:
    """Why this principal may not ask this on behalf of `acting`, None being the node; or None when it may."""
    line = PERMISSIONS.get(type_)
    if principal is None:
        return refusal(No.NOT_ALLOWED, "say_who_acts", "principal")
    if line is None:
        return refusal(No.NOT_ALLOWED, "nobody_may_ask", "type")
    if isinstance(principal, Operator):
        return _within(line.operator, acting)
    if isinstance(principal, Member):
        return _member(principal, line, acting)
    if isinstance(principal, Agency):
        if line.agency is None:
            return refusal(No.NOT_ALLOWED, "agencies_may_not_ask", "principal")
        return _within(line.agency, acting)
    if isinstance(principal, Reader):
        return _within("node", acting) if line.reader else refusal(No.NOT_ALLOWED, "ask_an_operator", "principal")
    assert_never(principal)


def _within(scope: Scope, acting: CommunityId | None) -> Refusal | None:
    if scope == "node" and acting is not None:
        return refusal(No.NOT_ALLOWED, "asked_for_the_node", "acting")
    if scope == "community" and acting is None:
        return refusal(No.INVALID, "say_for_whom", "acting")
    return None


def _member(member: Member, line: Permission, acting: CommunityId | None) -> Refusal | None:
    if acting != member.community:
        return refusal(No.NOT_ALLOWED, "act_for_your_own", "acting")
    if member.role in line.roles:
        return None
    if line.roles:
        return refusal(No.NOT_ALLOWED, "ask_a_coordinator", "principal")
    return refusal(No.NOT_ALLOWED, "ask_an_operator", "principal")
