"""What the broker lets each login say is what the table of speakers says, for every message there is."""

import json
import re
from typing import Any

import pytest

from contracts.described import EDGES, SERVICES, entries, said_by
from contracts.messages import Asked, message_types
from tests.contract.sources import ROOT

DEFINITIONS: dict[str, Any] = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text(encoding="utf-8"))
SAID = [entry for entry in entries() if entry.kind in ("border", "message")]
#: Whoever listens also says how far it is.
SPEAKERS = {said_by(entry.name, "") for entry in SAID} - {""} | set(SERVICES)
#: An edge that listens to messages has rights of both kinds.
LISTENING = set(EDGES) & set(SERVICES)
PERMISSIONS = {one["user"]: one for one in DEFINITIONS["permissions"]}


def test_each_service_has_a_login_without_a_password() -> None:
    assert {one["name"] for one in DEFINITIONS["users"]} == SPEAKERS | set(EDGES)
    assert all(one == {"name": one["name"], "tags": []} for one in DEFINITIONS["users"])
    assert PERMISSIONS.keys() == {one["name"] for one in DEFINITIONS["users"]}


@pytest.mark.parametrize("entry", SAID, ids=lambda entry: entry.name)
def test_a_message_type_may_be_published_by_its_speaker_only(entry: Any) -> None:
    exchange, key = ("border", f"bo-taen.{entry.name}") if entry.kind == "border" else ("internal", entry.name)
    may = {one["user"] for one in DEFINITIONS["topic_permissions"] if allows(one, exchange, key)}
    assert may == {login for login in SPEAKERS if said_by(entry.name, login) == login}


@pytest.mark.parametrize("login", sorted(SPEAKERS - LISTENING))
def test_a_service_has_rights_on_its_own_queues_and_exchanges_only(login: str) -> None:
    other = "booking" if login != "booking" else "referral"
    rights = PERMISSIONS[login]
    for name in (f"{other}.internal", f"{other}.calls", f"{other}.dead", "replies.1", "amq.default", "calls"):
        assert not re.search(rights["write"], name), name
        assert not re.search(rights["configure"], name), name
    for name in (f"{other}.internal", f"{other}.calls", "replies", "replies.1"):
        assert not re.search(rights["read"], name), name


@pytest.mark.parametrize("edge", sorted(EDGES))
def test_an_edges_login_may_call_and_publish_nothing_else(edge: str) -> None:
    answers = {name.partition(".")[0] for name, contract in message_types().items() if issubclass(contract, Asked)}
    names = ("internal", "border", "replies", "amq.default", "booking.internal", "booking.calls")
    allowed = ["replies"] if edge in answers else []  # one that answers calls itself
    allowed = ["internal", *allowed] if edge in LISTENING else allowed
    assert [name for name in names if re.search(PERMISSIONS[edge]["write"], name)] == allowed
    assert (edge in {one["user"] for one in DEFINITIONS["topic_permissions"]}) == (edge in LISTENING)
    for name in ("booking.internal", "booking.calls", *([] if edge in LISTENING else [f"{edge}.internal"])):
        assert not any(re.search(PERMISSIONS[edge][right], name) for right in ("configure", "read")), name


def allows(right: dict[str, Any], exchange: str, key: str) -> bool:
    """As RabbitMQ judges a topic."""
    return right["exchange"] == exchange and re.search(right["write"], key) is not None
