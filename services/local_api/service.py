"""The command door, as a table of contents."""

from __future__ import annotations

from services.chassis.edge.rpc_client import Edge
from services.local_api.routes import routes


class Door:
    """Lets the CLI, the demo and the doctor of this machine in."""

    name = "door"
    site = Edge(routes)
