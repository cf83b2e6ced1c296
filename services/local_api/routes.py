"""One route: a contract's type in the path, its fields as JSON. Strict about fields, so that the error names them.

Whoever has the token is an operator of the system.

POST /ask/referral.offer_handoff.v1
Authorization: Bearer <token of the data folder>
Handoff-As: tha-li                     the community on whose behalf; absent: for the node
Handoff-Account: noi                   whose act it is, as the audit says it; absent: local
Handoff-Id: 0190…                      makes a command safe to repeat
Handoff-Deadline: 5                    seconds
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TypedDict

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import contracts.booking.v1
import contracts.community.v1
import contracts.node.v1
import contracts.referral.v1  # noqa: F401 - importing a contract registers its types
from contracts.described import SERVICES, WRAPPING
from contracts.messages import MAX_BODY, Answer, Command, Message, Query, decode_json, message_type
from contracts.mistakes import sentence
from contracts.node.v1 import Rewrap
from contracts.principal import AccountId, Operator, Principal
from contracts.refusals import No, refusal
from contracts.values import CommunityId, Uuid
from services.chassis.edge.rpc_client import EdgeParts, RpcClient
from services.chassis.messaging.store import invalid
from services.chassis.runtime import trace

TOKEN = "local_api.token"
SHORTEST_TOKEN = 32
#: The account when none is given: this machine's.
LOCAL = "local"
LONGEST_SECONDS = 30.0
BODY_SECONDS = 10.0
STATUS: Mapping[No, HTTPStatus] = {
    No.INVALID: HTTPStatus.BAD_REQUEST,
    No.UNKNOWN: HTTPStatus.NOT_FOUND,
    No.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    No.NOT_PARTNERS: HTTPStatus.FORBIDDEN,
    No.WRONG_STATE: HTTPStatus.CONFLICT,
    No.CONFLICT: HTTPStatus.UNPROCESSABLE_ENTITY,
    No.TOO_LATE: HTTPStatus.CONFLICT,
    No.TOO_EARLY: HTTPStatus.CONFLICT,
    No.NO_ROOM: HTTPStatus.CONFLICT,
    No.TOO_MANY_OPEN: HTTPStatus.TOO_MANY_REQUESTS,
    No.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    No.NOT_KNOWN_YET: HTTPStatus.GATEWAY_TIMEOUT,
}
_TYPE = re.compile(r"[a-z_]{1,30}\.[a-z_]{1,40}\.v\d{1,3}")
_COMMUNITY: TypeAdapter[str] = TypeAdapter(CommunityId)
_ACCOUNT: TypeAdapter[str] = TypeAdapter(AccountId)
_UUID: TypeAdapter[str] = TypeAdapter(Uuid)


def routes(parts: EdgeParts) -> Sequence[Route]:
    """The local API's route, with the token of this node's folder."""
    if parts.settings.folder is None:
        raise ValueError("HANDOFF_DATA is not set: name the folder where the local API keeps its token")
    client = _LocalApi(parts.rpc, token(parts.settings.folder))
    return [Route("/ask/{type}", client.handle, methods=["POST"])]


def token(folder: Path) -> str:
    """The token in the data folder; made whole on first need, for its owner's eyes only. Raises ValueError if empty."""
    folder.mkdir(parents=True, exist_ok=True)
    path, fresh = folder / TOKEN, folder / f"{TOKEN}.{os.getpid()}"
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another local API was faster: its token counts
            os.link(fresh, path)
        fresh.unlink()
    kept = path.read_text(encoding="ascii").strip()
    if len(kept) < SHORTEST_TOKEN:
        raise ValueError(f"{path} holds no token: remove it and start again")
    return kept


class _LocalApi:
    def __init__(self, rpc: RpcClient, token: str) -> None:
        self._rpc = rpc
        self._token = token

    async def handle(self, request: Request) -> Response:
        """Check the token and the fields, and pass the call on."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return JSONResponse({"refusal": "give the token of the data folder"}, HTTPStatus.UNAUTHORIZED)
        try:
            contract, service = _addressed(request)
            heads = _heads(request)
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
            decode_json(body)  # refuses what the next line would take: a key given twice, deep nesting, a mark
            data = contract.model_validate_json(body, strict=True).wire()
        except TimeoutError:
            return JSONResponse({"refusal": "the body did not come in time"}, HTTPStatus.REQUEST_TIMEOUT)
        except ValidationError as problem:
            return _reply(Answer(refusal=invalid(problem)))
        except (ValueError, LookupError) as problem:
            return _reply(Answer(refusal=refusal(No.INVALID, "cannot_be_read", quote=str(problem.args[0]))))
        with trace.span(f"local_api {contract.type}", handoff__type=contract.type, handoff__acting=heads["acting"]):
            answer = await self._rpc.ask(service, contract, data, caller="local_api", **heads)
        return _reply(answer)


def _addressed(request: Request) -> tuple[type[Message], str]:
    name = request.path_params["type"]
    contract = message_type(name)
    if contract is None or not issubclass(contract, (Command, Query)):
        raise LookupError(f"nobody answers {name if _TYPE.fullmatch(name) else 'that'}: /ask/<type of a command>")
    service = name.partition(".")[0]
    if service == "node":
        service = request.query_params.get("service", "")
        if service not in (WRAPPING if contract is Rewrap else SERVICES):
            raise LookupError(f"say which service: ?service={' or '.join(SERVICES)}")
    return contract, service


class _Heads(TypedDict):
    principal: Principal
    acting: str | None
    command_id: str | None
    seconds: float


def _heads(request: Request) -> _Heads:
    """Who acts, on whose behalf, under which id, how long it may take. Raises ValueError naming the header."""
    return {
        "principal": Operator(account=_head(request, "Handoff-Account", _ACCOUNT) or LOCAL),
        "acting": _head(request, "Handoff-As", _COMMUNITY),
        "command_id": _head(request, "Handoff-Id", _UUID),
        "seconds": _seconds(request.headers.get("handoff-deadline", "5")),
    }


def _head(request: Request, name: str, kind: TypeAdapter[str]) -> str | None:
    given = request.headers.getlist(name)
    if len(given) > 1:
        raise ValueError(f"{name} is given twice")
    try:
        return kind.validate_python(given[0]) if given else None
    except ValidationError as problem:
        (first,) = problem.errors(include_input=False, include_url=False)
        raise ValueError(f"{name}: {sentence(first)}") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0  # the exception would quote the input
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValueError(f"Handoff-Deadline lies between 0 and {LONGEST_SECONDS:g} seconds")
    return seconds


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise ValueError(f"body is larger than {MAX_BODY} bytes")
    return body or b"{}"


def _reply(answer: Answer) -> Response:
    if answer.refusal is None:
        return JSONResponse(answer.wire())
    status = STATUS[answer.refusal.code]
    headers = {"Retry-After": "2"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(answer.wire(), status, headers=headers)
