"""The local API, as a table of contents."""

from __future__ import annotations

from services.chassis.edge.rpc_client import Edge
from services.local_api.routes import routes


class LocalApi:
    """The edge for the command line, the demonstration and the doctor of this machine."""

    name = "local_api"
    site = Edge(routes)
