"""An agency's software: it asks a node in OCTO, and every answer has to be one by OCTO's own definitions."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx

from tests.support.octo.official import Official

Body = dict[str, Any]
PATHS = {
    "supplier": ("GET", "/supplier"),
    "products": ("GET", "/products"),
    "product": ("GET", "/products/{}"),
    "calendar": ("POST", "/availability/calendar"),
    "availability": ("POST", "/availability"),
    "reserve": ("POST", "/bookings"),
    "extend": ("POST", "/bookings/{}/extend"),
    "confirm": ("POST", "/bookings/{}/confirm"),
    "update": ("PATCH", "/bookings/{}"),
    "cancel": ("POST", "/bookings/{}/cancel"),
    "booking": ("GET", "/bookings/{}"),
    "bookings": ("GET", "/bookings"),
    "capabilities": ("GET", "/capabilities"),
}
#: Whom nobody is.
GUEST = {
    "fullName": "Anna Example", "firstName": "Anna", "lastName": "Example", "emailAddress": "anna@handoff.example",
    "phoneNumber": "+66812345678", "country": "TH", "locales": ["en", "th"], "postalCode": "42140", "notes": "No pork",
}  # fmt: skip
NOBODY = dict.fromkeys(GUEST) | {"locales": []}


def steady(booking: Body) -> Body:
    """A booking without what changes by itself: how many places are left at its start."""
    changing = dict.fromkeys(("vacancies", "maxUnits", "available", "status"))
    return booking | {"availability": booking["availability"] | changing}


#: What was reserved and by whom, until it is released: an agency has few holds at a time.
RESERVED: "list[tuple[Agency, str]]" = []


def release() -> None:
    """Give back what is only held."""
    while RESERVED:
        who, uuid_ = RESERVED.pop()
        if who.call("booking", uuid_).json().get("status") == "ON_HOLD":
            who.call("cancel", uuid_)


@dataclass(frozen=True)
class Agency:
    """One agency with its key; `capabilities` is the header as it sends it, `on` what is then on."""

    base_url: str
    key: str
    official: Official
    client: httpx.Client
    capabilities: str = ""
    on: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def said(self, **headers: str) -> list[tuple[bytes, bytes]]:
        """The headers of a request, with the key in its own; none of that without a key."""
        said = {"Octo-Capabilities": self.capabilities, **headers}
        said |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return [(name.encode(), value.encode()) for name, value in said.items()]

    def with_capabilities(self, header: str, *on: str) -> "Agency":
        """The same agency, that asks for more."""
        return replace(self, capabilities=header, on=on)

    def with_headers(self, **headers: str) -> "Agency":
        """The same agency, that says more: Octo_Env="test"."""
        return replace(self, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def call(
        self, operation: str, named: str = "", body: Any = None, *, slash: bool = False, **query: str
    ) -> httpx.Response:
        """Ask, and take whatever comes."""
        method, path = PATHS[operation]
        url = self.base_url + path.format(named) + ("/" if slash else "")
        said = self.said(**self.headers)
        sent = None if method == "GET" else {} if body is None else body
        answer = self.client.request(method, url, headers=said, params=query, json=sent)
        if operation == "reserve" and answer.status_code == 200:
            RESERVED.append((self, answer.json()["uuid"]))
        return answer

    def ask(self, operation: str, named: str = "", body: Any = None, *, slash: bool = False, **query: str) -> Any:
        """The answer, which is one as OCTO has it."""
        answer = self.call(operation, named, body, slash=slash, **query)
        assert answer.status_code == 200, f"{operation} {named}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"].partition(";")[0] == "application/json"
        echoed = answer.headers["octo-capabilities"].split(",")
        assert {one.strip() for one in echoed} - {""} == set(self.on), "the capabilities that were applied, by long ids"
        self.official.check(operation, answer.json(), self.on)
        return answer.json()

    def refused(self, operation: str, named: str = "", body: Any = None, *, error: str = "", **query: str) -> Body:
        """The error, which is one as OCTO has it, with this code."""
        answer = self.call(operation, named, body, slash=False, **query)
        return self.error_of(answer, error)

    def error_of(self, answer: httpx.Response, error: str = "") -> Body:
        """What a refusal says: its status is 400 but for who nobody is, and what only waits."""
        assert answer.status_code in (400, 401, 403), f"{answer.status_code} {answer.text}"
        body: Body = answer.json()
        self.official.check_error(body)
        assert body["errorMessage"].strip(), "it says what to do"
        assert not error or body["error"] == error, f"{error} was due: {body}"
        return body

    # what tests do again and again

    def starts(self, product: str, option: str, day: date, days: int = 1) -> list[Body]:
        """The starts of some days."""
        last = day + timedelta(days=days - 1)
        asked = {"productId": product, "optionId": option, "localDateStart": f"{day}", "localDateEnd": f"{last}"}
        found: list[Body] = self.ask("availability", body=asked)
        return found

    def wish(self, product: str, option: str, day: date, units: tuple[str, ...] = ("adult", "adult")) -> Body:
        """What a reservation of the first start of a day says, under a uuid of its own."""
        return {
            "uuid": str(uuid.uuid4()),
            "productId": product,
            "optionId": option,
            "availabilityId": self.starts(product, option, day)[0]["id"],
            "unitItems": [{"uuid": str(uuid.uuid4()), "unitId": unit} for unit in units],
        }

    def reserve(self, product: str, option: str, day: date, units: tuple[str, ...] = ("adult", "adult")) -> Body:
        """A hold."""
        held: Body = self.ask("reserve", body=self.wish(product, option, day, units))
        return held

    def confirm(self, held: Body, **more: Any) -> Body:
        """A hold becomes a booking."""
        confirmed: Body = self.ask("confirm", held["uuid"], {"contact": GUEST, **more})
        return confirmed
