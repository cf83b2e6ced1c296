"""The portal, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.node import v1 as node
from contracts.portal import v1
from services.chassis.edge.rpc_client import Edge
from services.chassis.process import operations
from services.chassis.process.service import Database, command, operation, periodic, query
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.handlers import accounts, drafts, enquiries, sessions
from services.portal.routes import routes


class Portal:
    """The edge for members of communities, on their phones; owns their accounts, sessions and drafts."""

    name = "portal"
    store = Database(PortalUnitOfWork, migrations=Path(__file__).parent / "migrations")
    site = Edge(routes)

    open_account = command(v1.OpenAccount, accounts.open_account)
    list_members = query(v1.ListMembers, accounts.list_members)

    sweep = periodic(60.0, sessions.sweep)
    forget_drafts = periodic(3600.0, drafts.sweep)
    rewrap = operation(node.Rewrap, operations.rewrap)
    sweep_enquiries = periodic(60.0, enquiries.sweep)
