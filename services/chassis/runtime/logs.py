"""Log lines: JSON, UTC, with trace and subject, and nothing personal: fields are an allow-list, texts are ours."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from services.chassis.runtime import trace

_FIELDS = (
    "service",
    "subject",
    "message_id",
    "message_type",
    "queue",
    "outcome",
    "count",
    "seconds",
    "error",
    "rules",
    "keyid",
)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if record.name.startswith("services") else record.msg,
        }
        line.update({name: getattr(record, name) for name in _FIELDS if getattr(record, name, None) is not None})
        if trace_id := trace.current_id():
            line["trace"] = trace_id
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["stack"] = _stack(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def _stack(traceback: Any) -> list[str]:
    """File, line and function of each frame: enough to find the fault, without values, which may be personal."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-8:]


def install(level: str = "INFO") -> None:
    """Write log lines of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("amqp", "kombu", "nameko", "asyncio", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
