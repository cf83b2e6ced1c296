"""The catalogue as an AsyncAPI 3.0 document. Written as JSON, which is YAML too: nothing is needed for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contracts.described import Entry, answer_name, answers_many

Json = dict[str, Any]


def document(entries: Iterable[Entry]) -> Json:
    """Three channels: what stays inside a node, what crosses the border, what is asked and answered."""
    listed = [entry for entry in entries if entry.kind in ("border", "message", "command", "query")]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tourism communities hand tourists over to one another",
            "version": "1.0.0",
            "description": "Generated from contracts/; envelopes are CloudEvents 1.0 in structured JSON.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "internal": _channel("internal", "{type}", "Facts and commands inside one node.", listed, "message"),
            "border": _channel("border", "{to}.{type}", "The only messages that may leave a node.", listed, "border"),
            "calls": _channel("calls", "{service}", "Questions and commands of the edges.", listed, "command", "query"),
        },
        "operations": _operations(listed),
        "components": {"messages": {entry.name: _message(entry) for entry in listed} | _answers(listed)},
    }


def _channel(name: str, routing_key: str, says: str, listed: list[Entry], *kinds: str) -> Json:
    names = [entry.name for entry in listed if entry.kind in kinds]
    if name == "calls":
        names += [f"{each}.answer" for each in names]
    return {
        "address": routing_key,
        "description": says,
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in names},
        "parameters": {each.strip("{}"): {} for each in routing_key.split(".")},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": name, "type": _exchange(name)}}},
    }


def _exchange(name: str) -> str:
    return "direct" if name == "calls" else "topic"


def _operations(listed: list[Entry]) -> Json:
    """One operation a message: sent on a bus channel, asked on the calls channel with its reply."""
    operations: Json = {}
    for entry in listed:
        channel = {"message": "internal", "border": "border"}.get(entry.kind, "calls")
        operation: Json = {
            "action": "send",
            "summary": entry.says,
            "channel": {"$ref": f"#/channels/{channel}"},
            "messages": [{"$ref": f"#/channels/{channel}/messages/{entry.name}"}],
        }
        if channel == "calls":
            answer = {"$ref": f"#/channels/calls/messages/{entry.name}.answer"}
            operation["reply"] = {"channel": {"$ref": "#/channels/calls"}, "messages": [answer]}
        operations[entry.name] = operation
    return operations


def _message(entry: Entry) -> Json:
    frame = "envelope" if entry.kind in ("border", "message") else "call"
    inside = {"type": {"const": entry.name}, "data": {"$ref": f"./schemas/{entry.name}.json"}}
    return {
        "name": entry.name,
        "summary": entry.says,
        "payload": {"allOf": [{"$ref": f"./schemas/{frame}.json"}, {"properties": inside}]},
    }


def _answers(listed: list[Entry]) -> Json:
    return {f"{e.name}.answer": _answer(e.name) for e in listed if e.kind in ("command", "query")}


def _answer(name: str) -> Json:
    value = answer_name(name)
    result: Json = {"$ref": f"./schemas/{value}.json"} if value else {"type": "object", "maxProperties": 0}
    if answers_many(name):
        items = {"items": {"type": "array", "items": result}}
        result = {"type": "object", "required": ["items"], "properties": items}
    either: Json = {"anyOf": [result, {"type": "null"}]}
    frame = {"$ref": "./schemas/answer.json"}
    return {"name": f"{name}.answer", "payload": {"allOf": [frame, {"properties": {"result": either}}]}}
