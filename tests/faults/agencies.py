"""An agency that books on a node spread over processes."""

from __future__ import annotations

import http.client
import json
import uuid
from datetime import date
from typing import Any

from contracts.agencies.v1 import AddAgency, AgreeAgreement, AgreementTerms, ProposeAgreement
from contracts.agency_api.v1 import AddKey
from services.client import contacts
from services.client.agency_keys import SCOPES, new_key
from services.client.answers import Refused
from tests.faults.deployment import Deployment

AGENCY, COMMUNITY = "mekong-tours", "bo-taen"


class Booked:
    """A booking of two adults for a night in Bo Taen, not asked for yet."""

    def __init__(self, deployment: Deployment) -> None:
        self.uuid = str(uuid.uuid4())
        self.wanted: dict[str, Any] = {
            "uuid": self.uuid,
            "productId": "bo-taen.homestay",
            "optionId": "1-night",
            "availabilityId": "2027-01-20T15:00:00+07:00",
        }
        self._deployment = deployment
        self._key = _agreed(deployment)
        deployment.until(lambda: b"bo-taen.homestay" in self.post("/products", None, method="GET"), what="what is sold")

    def post(self, path: str, body: Any, *, method: str = "POST", key: str = "") -> bytes:
        """Ask, and return the whole answer."""
        more = {"Idempotency-Key": f"{self.uuid}/{key}"} if key else {}
        _, headers, text = self.exchange(f"/octo{path}", body, method=method, **more)
        return str([*headers.items()]).encode() + text

    def exchange(self, path: str, body: Any, *, method: str = "POST", **more: str) -> tuple[int, dict[str, str], bytes]:
        """Ask; the status, the headers by their names in small letters, and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self._deployment.agency_port, timeout=20)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        headers |= more
        try:
            text = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            connection.request(method, path, text, headers)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return response.status, told, response.read()
        finally:
            connection.close()

    @property
    def hold_id(self) -> str:
        """The hold behind it, as the community sees it."""
        rows = self._deployment.sql("SELECT hold_id FROM agency_api.bookings WHERE uuid = $1::text::uuid", self.uuid)
        return str(rows[0]["hold_id"])

    def contact(self) -> dict[str, Any] | None:
        """Whom the community may reach, as it reads it; None once nothing is held."""
        try:
            _, found = contacts.read(self._deployment.client, self.hold_id, acting=COMMUNITY)
        except Refused:
            return None
        return found.model_dump(mode="json", include={"full_name", "phone_number"}) if found else None


def _agreed(deployment: Deployment) -> str:
    """An agreement with Bo Taen, and a key."""
    client = deployment.client
    client.send(AddAgency(agency=AGENCY, name="Mekong Tours"))
    terms = AgreementTerms(valid_from=date(2026, 1, 1), percent="15.00")
    client.send(ProposeAgreement(agency=AGENCY, terms=terms), acting=COMMUNITY)
    client.send(AgreeAgreement(agency=AGENCY, side="agency"), acting=COMMUNITY)
    key = new_key()
    wanted = key.wanted(AGENCY, scopes=SCOPES["book"], last=None)
    deployment.until(lambda: _given(deployment, wanted), what="the agency to be known")
    return key.whole


def _given(deployment: Deployment, wanted: AddKey) -> bool:
    try:
        deployment.client.send(wanted)
    except Refused:
        return False
    return True
