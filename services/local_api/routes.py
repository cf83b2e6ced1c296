"""One route: a contract's type in the path, its fields as JSON. Strict about fields, so that the error names them.

POST /door/referral.offer_handoff.v1
Authorization: Bearer <token of the data folder>
Handoff-As: tha-li                     the community that acts; absent for an operator of the system
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

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import contracts.booking.v1
import contracts.community.v1
import contracts.node.v1
import contracts.referral.v1  # noqa: F401 - importing a contract registers its types
from contracts.messages import MAX_BODY, Answer, Command, Message, Query, decode_json, message_type
from contracts.refusals import No, refusal
from contracts.values import CommunityId, Uuid
from services.chassis.edge.rpc_client import RpcClient
from services.chassis.messaging.store import invalid
from services.chassis.runtime import bridge, trace
from services.chassis.runtime.settings import Settings

TOKEN = "door.token"
SHORTEST_TOKEN = 32
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
_UUID: TypeAdapter[str] = TypeAdapter(Uuid)


def routes(caller: RpcClient, settings: Settings) -> Sequence[Route]:
    """The door's route, with the token of this node's folder."""
    if settings.folder is None:
        raise ValueError("HANDOFF_DATA is not set: name the folder where the door keeps its token")
    door = _Door(caller, token(settings.folder))
    return [Route("/door/{type}", door.handle, methods=["POST"])]


def token(folder: Path) -> str:
    """The token in the data folder; made whole on first need, for its owner's eyes only. Raises ValueError if empty."""
    folder.mkdir(parents=True, exist_ok=True)
    path, fresh = folder / TOKEN, folder / f"{TOKEN}.{os.getpid()}"
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another door was faster: its token counts
            os.link(fresh, path)
        fresh.unlink()
    kept = path.read_text(encoding="ascii").strip()
    if len(kept) < SHORTEST_TOKEN:
        raise ValueError(f"{path} holds no token: remove it and start again")
    return kept


class _Door:
    def __init__(self, caller: RpcClient, token: str) -> None:
        self._caller = caller
        self._token = token

    async def handle(self, request: Request) -> Response:
        """Check who knocks, what for, and pass it on."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return JSONResponse({"refusal": "give the token of the data folder"}, HTTPStatus.UNAUTHORIZED)
        try:
            contract, service = _addressed(request)
            acting, command_id, seconds = _heads(request)
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
        with trace.span(f"door {contract.type}", handoff__type=contract.type, handoff__acting=acting):
            answer = await bridge.green(
                lambda: self._caller.call(
                    service, contract, data, caller="door", acting=acting, command_id=command_id, seconds=seconds
                )
            )
        return _reply(answer)


def _addressed(request: Request) -> tuple[type[Message], str]:
    name = request.path_params["type"]
    contract = message_type(name)
    if contract is None or not issubclass(contract, (Command, Query)):
        raise LookupError(f"nobody answers {name if _TYPE.fullmatch(name) else 'that'}: /door/<type of a command>")
    service = name.partition(".")[0]
    if service == "node":
        service = request.query_params.get("service", "")
        if service not in ("community", "booking", "referral"):
            raise LookupError("say which service: ?service=community, booking or referral")
    return contract, service


def _heads(request: Request) -> tuple[str | None, str | None, float]:
    acting = request.headers.get("handoff-as")
    command_id = request.headers.get("handoff-id")
    seconds = _seconds(request.headers.get("handoff-deadline", "5"))
    return (
        _COMMUNITY.validate_python(acting) if acting is not None else None,
        _UUID.validate_python(command_id) if command_id is not None else None,
        seconds,
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0  # the error would repeat what was given
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
