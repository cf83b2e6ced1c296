"""Speaks to a node through its command door, the way every verb, the demo and the doctor do."""

from __future__ import annotations

import http.client
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.client.problems import Problem, Unanswered

TOKEN = "door.token"
PORT = 8000
#: Answers that leave it open whether something was done; the same id may be asked again.
OPEN_ENDS = ("unavailable", "not_known_yet")


class No(Exception):  # a refusal, as the node gave it
    """The node refused; `code`, `field` and `message` say why."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        self.code: str = refusal["code"]
        self.field: str | None = refusal.get("field")
        self.message: str = refusal["message"]
        super().__init__(self.message)


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
class Door:
    """One node's door."""

    port: int
    token: str

    @classmethod
    def of(cls, port: int | None = None, data: Path | None = None) -> Door:
        """The door of the node on this port, with the token of its data folder. Raises Problem when it is not there."""
        usual_port, usual_base = usual(os.environ)
        port, base = port or usual_port, data or usual_base
        try:
            return cls(port, (base / TOKEN).read_text().strip())
        except PermissionError as error:
            raise Problem(f"Only the user who started the node on {base} may use it: run this as that user.") from error
        except OSError as error:
            sentence = f"No node has run on {base}: start one with ./handoff up, or name its folder with --data DIR."
            raise Unanswered(sentence) from error

    def ask(
        self,
        name: str,
        fields: dict[str, Any] | None = None,
        *,
        acting: str | None = None,
        service: str | None = None,
        seconds: float = 10.0,
        patience: float = 20.0,
    ) -> dict[str, Any]:
        """Send a command or query by its type, without `.v1`; returns its result. Raises No, or Problem without a node.

        While the answer is open it asks again with the same id, for `patience` seconds: nothing is done twice.
        """
        command_id, until = str(uuid.uuid4()), time.monotonic() + patience
        while True:
            try:
                answer = self._knock(name, fields or {}, acting, service, command_id, seconds)
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() > until or isinstance(error, ConnectionRefusedError):
                    raise Unanswered(f"No node answers on port {self.port}: start it with ./handoff up.") from error
            else:
                refusal = answer.get("refusal")
                if not refusal:
                    return dict(answer["result"])
                if isinstance(refusal, str):
                    raise Problem(f"The node on port {self.port} is another one: name its folder with --data DIR.")
                if refusal["code"] not in OPEN_ENDS or time.monotonic() > until:
                    raise No(refusal)
            time.sleep(0.3)

    def get(self, path: str, seconds: float = 5.0) -> tuple[int, dict[str, Any]]:
        """A probe: status and body. Raises OSError when nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def _knock(
        self,
        name: str,
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
        path = f"/door/{name}.v1" + (f"?service={service}" if service else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds + 5)
        try:
            connection.request("POST", path, json.dumps(fields), heads)
            return dict(json.loads(connection.getresponse().read()))
        except (ValueError, TypeError) as error:
            sentence = f"Port {self.port} is answered by another program: name the node's port with --port."
            raise Problem(sentence) from error
        finally:
            connection.close()
