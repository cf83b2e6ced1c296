"""The portal, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from contracts.node import v1 as node
from contracts.portal import v1
from services.chassis.edge.rpc_client import Edge
from services.chassis.process import operations
from services.chassis.process.service import Database, chore, command, errand, operation, periodic, query
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.handlers import accounts, drafts, sessions
from services.portal.handlers import telling as outbox
from services.portal.routes import routes
from services.portal.site import telling


class Portal:
    """The edge for members of communities: owns accounts, sessions, drafts, and what is told to whom."""

    name = "portal"
    store = Database(PortalUnitOfWork, migrations=Path(__file__).parent / "migrations")
    site = Edge(routes)

    open_account = command(v1.OpenAccount, accounts.open_account)
    list_members = query(v1.ListMembers, accounts.list_members)

    sweep = periodic(60.0, sessions.sweep)
    rewrap = operation(node.Rewrap, operations.rewrap)
    forget_old = chore(3600.0, operations.forget_old)
    look = errand(15.0, telling.look)
    tell = errand(2.0, telling.tell)
    forget_told = periodic(3600.0, outbox.forget)
    forget_drafts = periodic(3600.0, drafts.sweep)
