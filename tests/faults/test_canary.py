"""What somebody says of themselves rests nowhere in clear: planted at every entrance, looked for in every place."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.described import entries
from contracts.personal.v1 import WithdrawConsent
from contracts.referral.v1 import AcceptHandoff
from services.chassis.trust import sealing
from tests.faults.agencies import Booked
from tests.faults.deployment import SERVICES, Deployment, Handoff
from tests.support import edge
from tests.support.canary import Canaries, OpenSuite, dump, files, sightings
from tests.support.database import Databases
from tests.support.rabbitmq import RabbitMQ

HERE = Path(__file__).parent
#: What a community says of itself, to everybody: its names and its office are no person's data. And what a member is
#: called who signs in, which is theirs to choose and stands in the portal's accounts: no traveller's either.
PUBLIC = (
    "community.add_agency.v1", "community.publish_offering.v1", "portal.add_operator.v1", "portal.open_account.v1"
)  # fmt: skip


def places(
    deployment: Deployment, server: Databases, broker: RabbitMQ, answers: list[bytes]
) -> Iterator[tuple[str, bytes]]:
    """Everywhere where bytes come to rest on a node, and what it has answered."""
    cluster = Path(server.execute("SHOW data_directory"))
    yield dump(server.psql, deployment.direct)
    yield from files(cluster, cluster.parent, broker.folder, deployment.folder)
    yield from (("an answer of the local API", answer) for answer in answers)


def knock(deployment: Deployment, path: str, body: bytes, **headers: str) -> bytes:
    """A request as anybody on this machine may make it; returns the whole answer."""
    client = deployment.client
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=20)
    try:
        given = {"Authorization": f"Bearer {client.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request("POST", path, body, given)
        response = connection.getresponse()
        return str(response.getheaders()).encode() + response.read()
    finally:
        connection.close()


def planted(example: dict[str, Any], canary: str) -> Iterator[dict[str, Any]]:
    """The same fields with the canary as one more field, as a field's name, and in the place of each text."""
    yield example | {"remarks": canary}
    yield example | {canary: "remarks"}
    for name, value in example.items():
        if isinstance(value, str) or value is None:
            yield example | {name: canary}
        elif isinstance(value, list):
            yield example | {name: [canary]}
        elif isinstance(value, dict):
            yield example | {name: value | dict.fromkeys(value, canary)}
            yield example | {name: canary}


def plant_everywhere(deployment: Deployment, canaries: Canaries) -> list[bytes]:
    """Knock with every contract and a canary in every place of it. Returns every answer."""
    examples = Path(__file__).parents[2] / "contracts" / "examples"
    asked = [entry.name for entry in entries() if entry.kind in ("command", "query") and entry.name not in PUBLIC]
    answers = []
    for n, name in enumerate(asked):
        example = json.loads((examples / f"{name}.json").read_text())
        canary = canaries.values[n % len(canaries.values)]
        # A remark is a person's to write: numbers and addresses are refused there, names are for people to leave out.
        free = "reason" in example and not name.startswith("referral.")
        for fields in planted(example, canaries.phone if free else canary):
            body = json.dumps(fields, ensure_ascii=bool(n % 2)).encode()
            answers.append(knock(deployment, f"/ask/{name}?service=referral", body, Handoff_As="tha-li"))
    answers.append(knock(deployment, "/ask/referral.show_handoff.v1", canaries.name.encode()))
    answers.append(knock(deployment, f"/ask/{canaries.phone[1:]}", b"{}"))
    answers += [
        knock(deployment, "/ask/referral.show_handoff.v1", b"{}", **{header: canaries.document})
        for header in ("Handoff_As", "Handoff_Id", "Handoff_Deadline", "traceparent")
    ]
    return answers


def handed_over(deployment: Deployment, canaries: Canaries) -> Handoff:
    """A whole handoff of this person, whose part is read at its end."""
    handoff = Handoff(deployment)
    handoff.reach("held")
    handoff.do(AcceptHandoff, "bo-taen")
    handoff.reach("accepted")
    edge.give_consent(deployment.client, handoff.id, acting="tha-li", part=canaries.personal_part)
    handoff.reach("confirmed")
    read = edge.read_part(deployment.client, handoff.id, acting="bo-taen")
    assert read == canaries.personal_part
    return handoff


def booked(deployment: Deployment, canaries: Canaries) -> tuple[Booked, list[bytes]]:
    """A booking of an agency for this person, told of wherever OCTO lets an agency tell of somebody."""
    booking = Booked(deployment)
    said = {"contact": canaries.contact, "notes": canaries.food}
    guest = {"unitId": "adult", "contact": canaries.contact}
    answers = [
        booking.post("/bookings", booking.wanted | said | {"unitItems": [guest, guest]}),
        booking.post(f"/bookings/{booking.uuid}/confirm", said | {"unitItems": [guest, guest]}, key="confirm"),
        booking.post(f"/bookings/{booking.uuid}/confirm", said | {"unitItems": [guest, guest]}, key="confirm"),
        booking.post(f"/bookings/{booking.uuid}", said | {"unitItems": [guest, guest, guest]}, method="PATCH"),
    ]
    for answer in answers:
        assert canaries.phone.encode() in answer, answer[-300:]
    for path in (f"/{canaries.document}", f"/bookings/{canaries.document}", f"/products/{canaries.document}"):
        booking.post(path, None, method="GET")  # its answer names what was asked for
    wrong = {"productId": 7, "notes": [canaries.phone], "contact": canaries.food}
    return booking, [booking.post(f"/bookings/{booking.uuid}", None, method="GET"), booking.post("/bookings", wrong)]


@pytest.mark.parametrize("processes", [SERVICES, ("all",)], ids=["a process each", "one process"])
def test_nothing_that_is_personal_rests_anywhere_in_clear(
    deployment: Deployment, server: Databases, rabbitmq_node: RabbitMQ, processes: tuple[str, ...]
) -> None:
    canaries = Canaries()
    deployment.start(*processes, PYTHONPATH=_before(HERE / "recording"), HANDOFF_TEST_RECORDS=str(deployment.folder))
    deployment.wait_ready(*processes)
    answers = plant_everywhere(deployment, canaries)
    handoff = handed_over(deployment, canaries)
    booking, told = booked(deployment, canaries)
    answers += told
    assert sightings(canaries, places(deployment, server, rabbitmq_node, answers)) == []
    assert booking.contact() == {"full_name": canaries.contact["fullName"], "phone_number": canaries.phone}
    assert any(path.stat().st_size for path in deployment.folder.glob("*.spans")), "no span was recorded"

    handoff.do(WithdrawConsent, "tha-li")
    handoff.reach("withdrawn")
    booking.post(f"/bookings/{booking.uuid}/cancel", {"reason": canaries.food})
    deployment.until(lambda: booking.contact() is None, what="the contact to be erased")
    deployment.until(lambda: handoff.view("tha-li").partner_erased_at, what="the receipt of the erasure")
    deployment.until(deployment.quiet, what="quiet")
    assert {handoff.view(side).personal for side in ("tha-li", "bo-taen")} == {"erased"}
    assert sightings(canaries, places(deployment, server, rabbitmq_node, answers)) == []


def test_control_a_node_that_does_not_seal_is_detected(
    deployment: Deployment, server: Databases, rabbitmq_node: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with sealing broken, the same handoff leaves what it carries in the database and at the broker."""
    canaries = Canaries()
    deployment.start(*SERVICES, PYTHONPATH=_before(HERE / "leaking"))
    deployment.wait_ready(*SERVICES)
    monkeypatch.setattr(sealing, "SUITE", OpenSuite())
    handed_over(deployment, canaries)
    seen = sightings(canaries, places(deployment, server, rabbitmq_node, []))
    assert any("database dump" in place for place in seen), seen
    assert any("mnesia" in place or "quorum" in place for place in seen), seen


@pytest.mark.parametrize("n", range(6))
def test_a_canary_is_found_in_whatever_form_it_was_written_down(tmp_path: Path, n: int) -> None:
    canaries = Canaries()
    value = canaries.values[n]
    written = [value, json.dumps({"x": value}), value.encode().hex(), repr(value.encode().hex().upper())]
    written += [sealing.written(b"x" * shift + value.encode() + b"yz") for shift in range(4)]
    for k, text in enumerate(written):
        (tmp_path / f"{k}.log").write_text(text, encoding="utf-8")
        assert sightings(canaries, files(tmp_path)) == [f"{tmp_path.name}/{k}.log: value {n}"], k
        (tmp_path / f"{k}.log").unlink()
    (tmp_path / value.replace("/", "-")).touch()
    assert sightings(canaries, files(tmp_path)) == [f"a file's name: value {n}"]
    assert sightings(Canaries(), files(tmp_path)) == []


def _before(folder: Path) -> str:
    """A search path on which this folder stands first."""
    return f"{folder}:{Path(__file__).parents[2]}"
