"""The portal, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.node import v1 as node
from contracts.portal import v1
from services.chassis.edge.rpc_client import Edge
from services.chassis.process import operations
from services.chassis.process.service import Database, chore, command, errand, operation, periodic, query
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.handlers import accounts, drafts, enquiries, members, operators, sessions
from services.portal.handlers import telling as outbox
from services.portal.routes import routes
from services.portal.site import telling


class Portal:
    """The edge for members of communities: owns accounts, sessions, drafts, and what is told to whom."""

    name = "portal"
    store = Database(PortalUnitOfWork, migrations=Path(__file__).parent / "migrations")
    site = Edge(routes)

    open_account = command(v1.OpenAccount, accounts.open_account)
    list_members = query(v1.ListMembers, members.list_members)
    change_role = command(v1.ChangeRole, members.change_role)
    end_membership = command(v1.EndMembership, members.end_membership)
    leave_community = command(v1.LeaveCommunity, members.leave_community)
    invite_member = command(v1.InviteMember, members.invite_member)
    list_invitations = query(v1.ListInvitations, members.list_invitations)
    withdraw_invitation = command(v1.WithdrawInvitation, members.withdraw_invitation)
    ask_recovery = command(v1.AskRecovery, members.ask_recovery)
    confirm_recovery = command(v1.ConfirmRecovery, members.confirm_recovery)
    add_operator = command(v1.AddOperator, operators.add_operator)
    end_operator = command(v1.EndOperator, operators.end_operator)
    list_operators = query(v1.ListOperators, operators.list_operators)
    recover_member = command(v1.RecoverMember, members.recover_member)
    list_recoveries = query(v1.ListRecoveries, members.list_recoveries)

    sweep = periodic(60.0, sessions.sweep)
    look = errand(15.0, telling.look)
    tell = errand(2.0, telling.tell)
    forget_told = periodic(3600.0, outbox.forget)
    forget_drafts = periodic(3600.0, drafts.sweep)
    rewrap = operation(node.Rewrap, operations.rewrap)
    forget_old = chore(3600.0, operations.forget_old)
    sweep_enquiries = periodic(60.0, enquiries.sweep)
