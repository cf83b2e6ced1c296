"""An agency is told what changes: subscribed in OCTO, told by a running node, signed, and once more when it asks."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.support.octo.agency import Agency
from tests.support.octo.node import AgencyNode

WALK, DAY = "bo-taen.tad-ham", date(2027, 2, 18)
PATH = "/notifications/subscriptions"


@dataclass
class Told:
    """What an agency's receiver got."""

    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def said(self, secret: str) -> list[dict[str, Any]]:
        """What was told, each verified as Standard Webhooks says."""
        return [self._verified(headers, body, secret) for headers, body in list(self.got)]

    def _verified(self, headers: dict[str, str], body: bytes, secret: str) -> dict[str, Any]:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        return dict(json.loads(body))


@contextmanager
def receiving(port: int) -> Iterator[Told]:
    """A receiver on this machine that the node's operator has named."""
    told = Told()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


def call(agency: Agency, method: str, path: str = "", body: Any = None, **headers: str) -> httpx.Response:
    said = {"Authorization": f"Bearer {agency.key}", "Octo-Capabilities": "octo/notifications", **headers}
    return agency.client.request(method, agency.base_url + PATH + path, json=body, headers=said)


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_agency_is_told_of_its_booking_and_once_more_when_it_asks(
    node: AgencyNode, agency: Agency, slash: str
) -> None:
    with receiving(node.receiver) as told:
        wanted = {"url": f"http://127.0.0.1:{node.receiver}/octo", "notificationTypes": ["booking_update"]}
        twice = [call(agency, "POST", slash, wanted, **{"Idempotency-Key": f"sub{slash}"}) for _ in range(2)]
        made, again = (each.json() for each in twice)
        assert made == again, "the same request is done once, and its secret told to whoever repeats it"
        assert twice[0].headers["octo-capabilities"] == "octo/notifications"
        booked = agency.reserve(WALK, "visit", DAY)
        node.until(lambda: bool(told.said(made["secret"])), "the agency to be told")
        first = told.said(made["secret"])[0]
        assert (first["type"], first["data"]) == ("BOOKING_UPDATE", {"uuid": booked["uuid"]})
        node.until(lambda: log(agency, made)[0]["status"] == "SENT", "the log to say so")
        delivery = log(agency, made)[0]["id"]
        assert call(agency, "POST", f"/{made['id']}/deliveries/{delivery}/replay{slash}").status_code == 200
        node.until(lambda: len(told.got) > 1, "the agency to be told again")
        assert {headers["webhook-id"] for headers, _ in told.got} == {delivery}
        assert call(agency, "DELETE", f"/{made['id']}{slash}").status_code == 200
    assert call(agency, "GET", slash).json() == []


def log(agency: Agency, subscription: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(agency, "GET", f"/{subscription['id']}/deliveries").json()
    return found


def test_a_subscription_is_its_agencys_alone(node: AgencyNode, agency: Agency) -> None:
    other = node.agency(agency.official, "slow-travel")
    headers = {"Authorization": "Bearer canary"}
    wanted = {"url": "https://agency.example/octo", "notificationTypes": ["PRODUCT_UPDATE"], "headers": headers}
    made = call(agency, "POST", "", wanted).json()
    assert made["headers"] == {"Authorization": "…"}, "what it gave is told to nobody again"
    own, unknown = f"/{made['id']}", "/00000000-0000-7000-8000-000000000000"
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"active": False}), ("DELETE", "", None), ("GET", "/deliveries", None),
        ("POST", f"/deliveries{unknown}/replay", None),
    ):  # fmt: skip
        refused, as_unknown = (call(other, method, one + path, body) for one in (own, unknown))
        assert (refused.status_code, refused.json()) == (400, as_unknown.json())
    assert call(other, "GET").json() == []
    assert call(agency, "GET", own).json()["active"], "control: its own agency sees it, as it was"
    assert call(agency, "PATCH", own, {"active": False}).json()["active"] is False
    call(agency, "DELETE", own)


def test_what_is_not_public_is_refused(agency: Agency) -> None:
    for url in ("https://127.0.0.1/", "http://agency.example/", "https://localhost:8000/"):
        answer = call(agency, "POST", "", {"url": url, "notificationTypes": ["PRODUCT_UPDATE"]})
        assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
        assert url not in answer.text
