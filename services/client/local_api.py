"""Calls a node of this machine through its local API; used by verbs, the demonstration and the doctor."""

from __future__ import annotations

import http.client
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.messages import Asked
from contracts.refusals import Refusal
from contracts.values import CommunityId, Value
from services.client.answers import OpenEnd, Refused, refused
from services.client.phrases.catalogue import N_
from services.client.problems import Problem, Unanswered

TOKEN = "local_api.token"
PORT = 8000
R = TypeVar("R", bound=Value)

_OF_ANOTHER_USER = N_("Only the user who started the node on {folder} may use it: run this as that user.")
_NO_NODE = N_("No node has run on {folder}: start one with ./handoff up, or name its folder with --data DIR.")
_NO_ANSWER = N_("No node answers on port {port}: start it with ./handoff up.")
_ANOTHER_NODE = N_("The node on port {port} is another one: name its folder with --data DIR.")
_ANOTHER_PROGRAM = N_("Port {port} is answered by another program: name the node's port with --port.")
_OTHER_VERSION = N_("The node on port {port} answers otherwise than is known here: are both of one version?")


def default_folder() -> Path:
    """Say where a node keeps its data when nobody says otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/handoff")
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path("~/.local/share").expanduser()) / "handoff"


def usual(environment: Mapping[str, str]) -> tuple[int, Path]:
    """Port and data folder of the node that is meant when nothing names one."""
    base = environment.get("HANDOFF_DATA") or default_folder()
    return int(environment.get("HANDOFF_PORT") or PORT), Path(base)


def named(port: int | None, base: Path | None, environment: Mapping[str, str]) -> list[str]:
    """The options that a command needs to speak to this node; what is usual in that environment is left out."""
    usual_port, usual_base = usual(environment)
    options = [] if port in (None, usual_port) else ["--port", str(port)]
    return [*options, *([] if base in (None, usual_base) else ["--data", str(base)])]


@dataclass(frozen=True)
class LocalApi:
    """One node's local API."""

    port: int
    token: str

    @classmethod
    def of(cls, port: int | None = None, data: Path | None = None) -> LocalApi:
        """That of the node on this port, with the token of its data folder. Raises Problem when it is not there."""
        usual_port, usual_base = usual(os.environ)
        port, base = port or usual_port, data or usual_base
        try:
            return cls(port, (base / TOKEN).read_text().strip())
        except PermissionError as error:
            raise Problem(_OF_ANOTHER_USER, folder=base) from error
        except OSError as error:
            raise Unanswered(_NO_NODE, folder=base) from error

    def send(
        self,
        asked: Asked[R],
        *,
        acting: CommunityId | None = None,
        service: str | None = None,
        seconds: float = 10.0,
        patience: float = 20.0,
    ) -> R:
        """Ask a service something on behalf of `acting`, None being the node, and return what it is answered with.

        What every service answers (`node.…`) names its `service`. While the answer is open it asks again with the same
        id, for `patience` seconds: nothing is done twice. Raises Refused, or Problem without a node.
        """
        answer = self._patiently(asked.type, asked.wire(), acting, service, seconds, patience)
        try:
            return type(asked).answer().read(answer)
        except ValidationError:
            raise Problem(_OTHER_VERSION, port=self.port) from None

    def _patiently(
        self,
        type_: str,
        fields: dict[str, Any],
        acting: str | None,
        service: str | None,
        seconds: float,
        patience: float,
    ) -> dict[str, Any]:
        command_id, until = str(uuid.uuid4()), time.monotonic() + patience
        while True:
            try:
                answer = self._exchange(type_, fields, acting, service, command_id, seconds)
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() > until or isinstance(error, ConnectionRefusedError):
                    raise Unanswered(_NO_ANSWER, port=self.port) from error
            else:
                refusal, result = answer.get("refusal"), answer.get("result")
                if isinstance(refusal, str):
                    raise Problem(_ANOTHER_NODE, port=self.port)
                if refusal is None and isinstance(result, dict):
                    return result
                no = self._read(refusal)
                if not isinstance(no, OpenEnd) or time.monotonic() > until:
                    raise no
            time.sleep(0.3)

    def _read(self, refusal: Any) -> Refused:
        """The exception of a refusal. Raises Problem for one that only another version or program says."""
        try:
            return refused(Refusal.read(refusal))
        except ValidationError:
            raise Problem(_OTHER_VERSION, port=self.port) from None

    def get(self, path: str, seconds: float = 5.0) -> tuple[int, dict[str, Any]]:
        """A probe: status and body. Raises OSError when nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def _exchange(
        self,
        type_: str,
        fields: dict[str, Any],
        acting: str | None,
        service: str | None,
        command_id: str,
        seconds: float,
    ) -> dict[str, Any]:
        heads = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Handoff-Id": command_id,
            "Handoff-Deadline": f"{seconds:g}",
        }
        if acting:
            heads["Handoff-As"] = acting
        path = f"/ask/{type_}" + (f"?service={service}" if service else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds + 5)
        try:
            connection.request("POST", path, json.dumps(fields), heads)
            return dict(json.loads(connection.getresponse().read()))
        except (ValueError, TypeError) as error:
            raise Problem(_ANOTHER_PROGRAM, port=self.port) from error
        finally:
            connection.close()
