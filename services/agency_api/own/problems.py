"""What goes wrong under `/v1`, as a problem of RFC 9457: its type, which field it is about, and what to do."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from contracts.mistakes import mistake
from contracts.refusals import No
from services.agency_api.own.paging import BadCursor
from services.agency_api.site import bodies
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.repeating import InFlight, OtherRequest
from services.chassis.storage.failures import DatabaseUnavailable
from services.client.answers import OpenEnd, Refused
from services.client.phrases.catalogue import Phrases
from services.client.refusals import sentence, told

log = logging.getLogger(__name__)

#: The types are names, the same at every node: there is nothing to be fetched at them.
NAMED = "urn:handoff:problem:"
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")


class Kind(NamedTuple):
    """A type of problem: the last part of its URI, its status and title."""

    name: str
    status: HTTPStatus
    title: str


INVALID = Kind("invalid-request", HTTPStatus.BAD_REQUEST, "The request is not as the operation says")
UNKNOWN_FIELD = Kind("unknown-field", HTTPStatus.BAD_REQUEST, "The operation has no such field")
BAD_CURSOR = Kind("bad-cursor", HTTPStatus.BAD_REQUEST, "The cursor leads to no page of this list")
TOO_LARGE = Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "More was sent than any operation takes")
NO_KEY = Kind("no-key", HTTPStatus.UNAUTHORIZED, "No key came with the request")
FORBIDDEN = Kind("forbidden", HTTPStatus.FORBIDDEN, "The key does not open this")
NOT_FOUND = Kind("not-found", HTTPStatus.NOT_FOUND, "There is no such thing, or it is not yours to see")
METHOD = Kind("method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "This path is not asked that way")
IN_FLIGHT = Kind("request-in-flight", HTTPStatus.CONFLICT, "The first request with this key is not answered yet")
WRONG_STATE = Kind("wrong-state", HTTPStatus.CONFLICT, "It is not in a state for this")
CONFLICT = Kind("conflict", HTTPStatus.CONFLICT, "It has become something else meanwhile")
UUID_USED = Kind("uuid-used", HTTPStatus.CONFLICT, "The uuid was used for another handoff")
REUSED = Kind("idempotency-key-reused", HTTPStatus.UNPROCESSABLE_ENTITY, "The key was used for another request")
NO_TRIAL = Kind("no-trial", HTTPStatus.UNPROCESSABLE_ENTITY, "This cannot be tried out")
REFUSED = Kind("refused", HTTPStatus.UNPROCESSABLE_ENTITY, "It was refused")
TOO_MANY = Kind("too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Too much was asked")
AWAY = Kind("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "A part of the node does not answer")
OURS = Kind("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something is wrong on our side")
KINDS = (
    INVALID, UNKNOWN_FIELD, BAD_CURSOR, NO_KEY, FORBIDDEN, NOT_FOUND, METHOD, IN_FLIGHT, WRONG_STATE, CONFLICT,
    UUID_USED, REUSED, NO_TRIAL, REFUSED, TOO_LARGE, TOO_MANY, AWAY, OURS,
)  # fmt: skip
_OF_REFUSAL: Mapping[No, Kind] = {
    No.INVALID: INVALID,
    No.UNKNOWN: NOT_FOUND,
    No.NOT_ALLOWED: FORBIDDEN,
    No.WRONG_STATE: WRONG_STATE,
    No.CONFLICT: CONFLICT,
}


#: Reasons that have a kind of their own.
_OF_REASON: Mapping[str, Kind] = {"own_id_used_for_other": UUID_USED}
#: Reason → where to look for what is asked for in vain.
_LISTED: Mapping[str, str] = {
    "no_agreed_partnership": "GET /v1/communities/{community}/partners lists them",
    "not_offered_by_partner": "GET /v1/communities/{community}/partners lists what they offer",
}


#: Fields of commands, as they are named here; others an agency does not give.
_FIELDS: Mapping[str, str] = {
    **{name: name for name in ("terms", "community", "items", "arrival", "arrival.day", "crossing", "round")},
    "to": "partner",
    "agency_ref": "uuid",
}


class OwnProblem(BaseModel):
    """A problem of RFC 9457. `field` is the first that is wrong; `reason` is the code of a refusal."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    reason: str | None = None


class Failed(Exception):
    """Ends an operation with a problem, and nothing done."""

    def __init__(
        self, kind: Kind, detail: str, field: str | None = None, *, reason: str | None = None, headers: Any = None
    ) -> None:
        super().__init__(kind.name)
        self.kind, self.headers = kind, dict(headers or {})
        self.problem = OwnProblem(
            type=NAMED + kind.name,
            title=kind.title,
            status=kind.status,
            detail=detail if field is None else f"{field}: {detail}",
            field=field,
            reason=reason,
        )


def invalid(field: str, detail: str) -> Failed:
    """A field that cannot be read, or does not go with another."""
    return Failed(INVALID, detail, field)


def failure(found: Exception, phrases: Phrases) -> Failed:
    """Any exception as a problem; what nobody expected is noted."""
    match found:
        case Failed():
            return found
        case RequestValidationError():
            return _unreadable(found, phrases)
        case BadCursor():
            return Failed(BAD_CURSOR, "take it from `next` of the page before, and leave the rest as it was", "cursor")
        case OpenEnd() | DatabaseUnavailable():
            return away()
        case Refused():
            return _refused(found, phrases)
        case _:
            return _of_request(found)


def _of_request(found: Exception) -> Failed:
    match found:
        case InFlight():
            detail = "ask again in a moment"
            return Failed(IN_FLIGHT, detail, "Idempotency-Key", headers={"Retry-After": "1"})
        case OtherRequest():
            return Failed(REUSED, "give every request a key of its own", "Idempotency-Key")
        case HTTPException():
            return Failed(INVALID, "The request cannot be read: see /openapi.json", headers=found.headers)
        case _:
            log.error("an operation failed", extra={"service": "agency_api"}, exc_info=found)
            return Failed(OURS, "It was noted. Ask again later with the same Idempotency-Key")


def away() -> Failed:
    """Nothing is half done."""
    detail = "Ask again after Retry-After seconds, a POST with the same Idempotency-Key: it is done once"
    return Failed(AWAY, detail, headers={"Retry-After": "2"})


#: What the door says, by its status.
_AT_THE_DOOR: Mapping[HTTPStatus, Kind] = {
    HTTPStatus.BAD_REQUEST: INVALID,
    HTTPStatus.UNAUTHORIZED: NO_KEY,
    HTTPStatus.FORBIDDEN: FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS: TOO_MANY,
    HTTPStatus.SERVICE_UNAVAILABLE: AWAY,
}


def at_the_door(found: OctoProblem) -> Failed:
    """Who is not let in, or not now."""
    headers = {} if found.retry_after is None else {"Retry-After": str(found.retry_after)}
    if found.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Failed(_AT_THE_DOOR.get(found.status, OURS), found.problem.error_message, headers=headers)


def _refused(no: Refused, phrases: Phrases) -> Failed:
    reason = no.refusal.reason or ""
    kind = _OF_REASON.get(reason) or _OF_REFUSAL.get(no.code, REFUSED)
    if no.refusal.reason == "not_hosted_here":
        detail = "there is no such community: GET /v1/communities?agreement=none lists those to whom you can propose"
        return Failed(NOT_FOUND, detail, "community", reason=no.refusal.reason)
    field = _named(no.refusal.field or "")
    detail = ": ".join(filter(None, (told(phrases, no.refusal), _LISTED.get(reason))))
    return Failed(kind, detail, field, reason=no.refusal.reason)


def _named(field: str) -> str | None:
    """What a field of a command is called here; terms are named in the same words, down to the line."""
    return field if field.startswith("terms.") else _FIELDS.get(field)


def untyped(found: Exception, headers: Headers) -> Failed | None:
    """The problem of a body that nobody reads, for it is not said to be JSON; None for any other failure."""
    if not isinstance(found, RequestValidationError) or not bodies.is_untyped(headers):
        return None
    unread = any(each["loc"] == ("body",) for each in found.errors())
    return Failed(INVALID, bodies.SEND_JSON, "Content-Type") if unread else None


def _unreadable(found: RequestValidationError, phrases: Phrases) -> Failed:
    """The first field that is wrong; unknown ones before all others, for they tell of a misunderstanding."""
    errors = found.errors()
    error = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    said = mistake(error)
    kind = UNKNOWN_FIELD if error["type"] == "extra_forbidden" else INVALID
    return Failed(kind, sentence(phrases, said.reason, said.params, said.sentence), _field(error["loc"]))


def _field(where: Sequence[Any]) -> str:
    """The path of a field; what is no plain name is not repeated."""
    named = [part for part in where if part not in ("body", "query", "path", "header")][:6]
    said = (str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "?" for part in named)
    return ".".join(said) or "body"
