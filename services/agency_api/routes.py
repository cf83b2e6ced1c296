"""The agency API's application: OCTO's operations and our own behind the door, and what a developer reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import BaseRoute, Mount
from starlette.types import Receive, Scope, Send

from services.agency_api.adapters.states import States
from services.agency_api.developer import page
from services.agency_api.octo import subscriptions
from services.agency_api.octo.operations import router
from services.agency_api.own import answering as own
from services.agency_api.own import handoff_operations, operations
from services.agency_api.site import answering
from services.agency_api.site.door import Door
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.remembering import Memory
from services.agency_api.site.signing_in import SigningIn
from services.chassis.edge.rpc_client import EdgeParts

#: FastAPI's own spans and records hold the path as it was asked for, which may be anything; each room makes ours.
UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


#: Beside the document: at whatever address it is read.
SERVERS: list[dict[str, Any]] = [{"url": "/", "description": "Where this document is served"}]


def routes(parts: EdgeParts) -> Sequence[BaseRoute]:
    """All of it, as one application of its own, for it answers its own errors."""
    if parts.store is None:
        raise ValueError("the agency API has no tables of its own here")
    app = application()
    memory = Memory(States(parts.store.database).read)
    door = Door(app, parts, SigningIn(parts.store), refuse, memory)
    everything = Mount("/", door)
    everything.path_regex = re.compile(everything.path_regex.pattern, re.DOTALL)  # a path with a line break as well
    return [*page.routes(parts, app.version), everything]


async def refuse(found: OctoProblem, scope: Scope, receive: Receive, send: Send) -> None:
    """Whoever is not let in is answered in the words of the room that is asked."""
    room = own if scope["path"].startswith("/v1") else answering
    await room.refuse(found, scope, receive, send)


def application() -> FastAPI:
    """The operations, without a door; also what the OpenAPI document is written from."""
    app = FastAPI(
        title="Handoff agency API",
        version="1.0.0",
        summary="Travel agencies book at tourism communities, in the words of OCTO",
        servers=SERVERS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry=UNTRACED,
    )
    app.include_router(router)
    app.include_router(subscriptions.router)
    app.include_router(operations.router)
    app.include_router(handoff_operations.router)
    app.router.routes.append(operations.no_such_path)
    answering.answers_problems(app)
    return app
