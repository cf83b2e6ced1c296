"""OCTO as its makers define it: a body is held against the zod schemas and the OpenAPI of npm's @octocloud/types."""

import json
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

import jsonschema_rs
import yaml  # type: ignore[import-untyped]  # ships no types

from deploy.develop import octo_definitions

#: How the definitions call the operations.
OPERATIONS = {
    "supplier": "Suppliers_get",
    "products": "Products_GetProducts",
    "product": "Products_GetProduct",
    "calendar": "Availabilities_AvailabilityCalendar",
    "availability": "Availabilities_AvailabilityCheck",
    "reserve": "Bookings_BookingReservation",
    "extend": "Bookings_ExtendReservation",
    "confirm": "Bookings_BookingConfirmation",
    "update": "Bookings_BookingUpdate",
    "cancel": "Bookings_BookingCancellation",
    "booking": "Bookings_GetBooking",
    "bookings": "Bookings_GetBookings",
    "capabilities": "Capabilities_get",
}
#: Beyond the package, where implementers read the calendar's prices under the names of /availability.
TOLERATED = {"calendar": frozenset({"pricing", "unitPricing"})}


class Official:
    """Asks both definitions; `capabilities` are those that the answer was asked for with."""

    def __init__(self, folder: Path, asked: IO[str], answers: IO[str]) -> None:
        self._folder, self._asked, self._answers = folder, asked, answers

    def check(self, operation: str, body: object, capabilities: Collection[str] = ()) -> None:
        """Raise AssertionError that names each path and reason, if this is no answer to the operation."""
        named = OPERATIONS[operation]
        zod = "z" + "".join(part[:1].upper() + part[1:] for part in named.split("_")) + "Response"
        known = _without(body, TOLERATED.get(operation, frozenset()) if "octo/pricing" in capabilities else frozenset())
        wrong = self._by_zod(zod, known) + _by_openapi(self._folder, named, frozenset(capabilities), known)
        assert not wrong, f"no answer to {operation} as OCTO has it:\n" + "\n".join(wrong)

    def check_error(self, body: object) -> None:
        """Raise AssertionError if this is no error of OCTO with the field that its code demands."""
        assert isinstance(body, dict), f"an error is an object: {body!r}"
        name = "Error" + "".join(part.capitalize() for part in str(body.get("error")).split("_"))
        in_openapi = name.removesuffix("Id").removesuffix("Uuid")
        in_openapi += {"Id": "ID", "Uuid": "UUID"}.get(name[len(in_openapi) :], "")
        wrong = self._by_zod(f"z{name}", body) + _by_component(self._folder, in_openapi, body)
        assert not wrong, "no error as OCTO has it:\n" + "\n".join(wrong)

    def _by_zod(self, schema: str, body: object) -> list[str]:
        self._asked.write(json.dumps({"schema": schema, "body": body}) + "\n")
        self._asked.flush()
        wrong: list[list[str]] = json.loads(self._answers.readline())
        return [f"zod: {path or 'the body'}: {says}" for path, says in wrong]


@contextmanager
def official() -> Iterator[Official]:
    """The definitions, while the block lasts."""
    folder = octo_definitions.provide()
    script = octo_definitions.NAMED / "official.cjs"
    command = ["node", str(script)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as node:
        assert node.stdin is not None
        assert node.stdout is not None
        yield Official(folder, node.stdin, node.stdout)
        node.stdin.close()


def _without(body: object, tolerated: Collection[str]) -> object:
    if not tolerated or not isinstance(body, list):
        return body
    return [{key: one[key] for key in one if key not in tolerated} for one in body]


def _by_openapi(folder: Path, operation: str, capabilities: frozenset[str], body: object) -> list[str]:
    return _violations(_document(folder, capabilities), _answer(folder, operation), body)


def _by_component(folder: Path, name: str, body: object) -> list[str]:
    if name not in _definitions(folder)["components"]["schemas"]:
        return [f"openapi: it has no {name}"]
    return _violations(_document(folder, frozenset()), {"$ref": f"#/components/schemas/{name}"}, body)


def _violations(document: dict[str, Any], schema: dict[str, Any], body: object) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(document | schema, validate_formats=True)
    return [
        f"openapi: {'.'.join(map(str, error.instance_path)) or 'the body'}: {error.message[:300]}"
        for error in validator.iter_errors(body)
    ]


@cache
def _definitions(folder: Path) -> dict[str, Any]:
    text = (folder / "node_modules/@octocloud/types/src/openapi.yaml").read_text(encoding="utf-8")
    return cast("dict[str, Any]", yaml.load(text, Loader=yaml.CSafeLoader))


@cache
def _document(folder: Path, capabilities: frozenset[str]) -> dict[str, Any]:
    schemas = _definitions(folder)["components"]["schemas"]
    return {"components": {"schemas": {name: as_json_schema(schemas[name], capabilities) for name in schemas}}}


def _answer(folder: Path, operation: str) -> dict[str, Any]:
    for path in _definitions(folder)["paths"].values():
        for described in path.values():
            if described.get("operationId") == operation:
                content = described["responses"]["200"]["content"]["application/json"]
                return cast("dict[str, Any]", content["schema"])
    raise AssertionError(f"OCTO has no operation {operation}")


def as_json_schema(schema: Any, capabilities: Collection[str]) -> Any:
    """OpenAPI 3.0 as JSON Schema: what may be null says so, what a capability adds is there if and only if it is on."""
    if isinstance(schema, list):
        return [as_json_schema(part, capabilities) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: as_json_schema(part, capabilities) for key, part in schema.items() if key not in ("nullable", "example")
    }
    if isinstance(schema.get("properties"), dict):
        made |= _of_capabilities(schema, made["properties"], capabilities)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def _of_capabilities(schema: Any, properties: Any, capabilities: Collection[str]) -> dict[str, Any]:
    required, allowed = list(schema.get("required", ())), dict(properties)
    for name, described in schema["properties"].items():
        added = described.get("x-capability-data")
        if added and added["capability"] not in capabilities:
            allowed[name] = {"not": {}}
        elif added and added["required"]:
            required.append(name)
    return {"properties": allowed} | ({"required": required} if required else {})
