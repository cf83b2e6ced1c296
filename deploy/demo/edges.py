"""What the demonstration does as an edge: seal what is given, open what is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.messages import Command, message_type
from contracts.personal.v1 import PersonalPart
from contracts.values import Value
from deploy.demo.scenario import CONSENT, READ, Act, Scenario
from services.client import personal
from services.client.local_api import LocalApi

#: Stand for what only an edge and its node know, while a file is read.
SOME_DIGEST, SOME_KEY, SOME_SEALED = "0" * 64, "A" * 43, "A"


def usual(act: Act, scenario: Scenario) -> dict[str, Any]:
    """What a scenario need not write of a consent: its language, and how it was said."""
    if act.do != CONSENT:
        return {}
    language = scenario.who.language
    return {"language": language if language in personal.LANGUAGES else "en", "said": "screen"}


def as_sent(act: Act, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the contract knows, to check what is written; raises ValidationError for a part that is none."""
    if act.do == READ:
        return {**fields, "reply_key": SOME_KEY}
    if act.do != CONSENT:
        return dict(fields)
    part = PersonalPart.model_validate(fields.get("part", {}))
    rest = {name: value for name, value in fields.items() if name != "part"}
    return {"fields": part.given, **rest, "text_digest": SOME_DIGEST, "sealed": SOME_SEALED}


def command(act: Act) -> type[Command[Value]] | None:
    """The contract of what an act asks for; None when there is no such command."""
    found = message_type(f"{act.do}.v1")
    return found if found and issubclass(found, Command) else None


def ask(client: LocalApi, act: Act, fields: Mapping[str, Any]) -> tuple[Value, PersonalPart | None]:
    """Do the act; what was read, when it is a reading. Raises Refused."""
    acting, referral = act.acting or "", fields.get("referral", "")
    if act.do == READ:
        return personal.read(client, referral, acting=acting)
    contract = command(act)
    assert contract, "an act is checked as it is read"
    if act.do != CONSENT:
        return client.send(contract.model_validate(fields), acting=act.acting), None
    part = PersonalPart.model_validate(fields["part"])
    listed = tuple(fields.get("fields", part.given))
    shown = personal.prepared(client, referral, acting=acting, language=fields["language"], fields=listed)
    flags = {name: fields[name] for name in ("witnessed", "guardian") if name in fields}
    given = personal.said_back(shown, part, acting=acting, said=fields["said"], **flags)
    return client.send(given, acting=acting), None


def misread(wanted: PersonalPart | None, found: PersonalPart | None) -> tuple[str, str] | None:
    """What was expected and found, by the names of the fields that differ; None when it was read as it was said."""
    if wanted == found:
        return None
    differ = [name for name in PersonalPart.model_fields if _of(wanted, name) != _of(found, name)]
    return _words(wanted, differ), _words(found, differ)


def _of(part: PersonalPart | None, name: str) -> Any:
    return getattr(part, name) if part else None


def _words(part: PersonalPart | None, differ: list[str]) -> str:
    if part is None:
        return "nothing held"
    return ", ".join(f"{name} {'as said' if _of(part, name) is not None else 'not given'}" for name in differ)
