"""The agency for trying is made once, for demonstration communities alone; a start is sold out, once for each day."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from contracts.refusals import No, refusal
from deploy.local import demo_agency, demo_sold_out
from services.client.answers import refused
from tests.support.answers import example
from tests.support.fake_node import FakeNode

TODAY = date(2026, 12, 1)


class Node(FakeNode):
    """A node with agencies, agreements, keys and starts of one experience."""

    demo: set[str]
    agencies: dict[str, str]
    agreements: dict[str, dict[str, Any]]
    keys: list[dict[str, Any]]
    full: set[date]
    reserved: list[dict[str, Any]]

    def __init__(self, *demo: str) -> None:
        super().__init__(8000, "token")
        empty: dict[str, Any] = {"agencies": {}, "agreements": {}, "keys": [], "full": set(), "reserved": []}
        for name, value in {"demo": set(demo), **empty}.items():
            object.__setattr__(self, name, value)

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """As the local API does."""
        answer: dict[str, Any] = getattr(self, name.partition(".")[2])(fields or {}, str(options.get("acting")))
        return answer

    def find_communities(self, given: dict[str, Any], _: str) -> dict[str, Any]:
        profile = example("community.answer.community_profile.v1")
        return {"items": [profile | {"id": one, "demo": one in self.demo} for one in given["ids"]]}

    def list_agencies(self, _given: dict[str, Any], _: str) -> dict[str, Any]:
        since = "2026-12-01T00:00:00Z"
        return {"items": [{"agency": one, "name": name, "since": since} for one, name in self.agencies.items()]}

    def add_agency(self, given: dict[str, Any], _: str) -> dict[str, Any]:
        self.agencies[given["agency"]] = given["name"]
        return given | {"since": "2026-12-01T00:00:00Z"}

    def list_agreements(self, _: dict[str, Any], acting: str) -> dict[str, Any]:
        return {"items": [self.agreements[acting]] if acting in self.agreements else []}

    def propose_agreement(self, given: dict[str, Any], acting: str) -> dict[str, Any]:
        self.agreements[acting] = {
            "agency": given["agency"], "agency_name": "x", "community": acting, "state": "proposed",
            "proposed_by": "community", "terms": given["terms"], "since": "2026-12-01T00:00:00Z",
        }  # fmt: skip
        return self.agreements[acting]

    def agree_agreement(self, _: dict[str, Any], acting: str) -> dict[str, Any]:
        self.agreements[acting]["state"] = "agreed"
        return self.agreements[acting]

    def list_keys(self, _given: dict[str, Any], _: str) -> dict[str, Any]:
        return {"items": self.keys}

    def add_key(self, given: dict[str, Any], _: str) -> dict[str, Any]:
        ever = {"made_at": "2026-12-01T00:00:00Z", "expires_at": None, "revoked_at": None, "last_used": None}
        made = {"prefix": given["prefix"], "agency": given["agency"], "scopes": ["read", "book"], **ever}
        self.keys.append(made)
        return made

    def ask_standing(self, _given: dict[str, Any], _: str) -> dict[str, Any]:
        return example("node.answer.standing.v1", now=f"{TODAY}T02:00:00Z")

    def ask_availability(self, given: dict[str, Any], _: str) -> dict[str, Any]:
        first, last = date.fromisoformat(given["first"]), date.fromisoformat(given["last"])
        days = [first + timedelta(n) for n in range((last - first).days + 1)]
        return {"items": [start for day in days for start in (self._start(day, "09:30"), self._start(day, "10:30"))]}

    def _start(self, day: date, start: str) -> dict[str, Any]:
        full = day in self.full and start == "09:30"
        said: dict[str, Any] = {"experience_id": demo_sold_out.EXPERIENCE, "day": day.isoformat(), "start": start}
        return said | {"available": not full, "left": 0 if full else 8, "capacity": 8} | (
            {"reason": "no_room"} if full else {}
        )  # fmt: skip

    def reserve(self, given: dict[str, Any], _: str) -> dict[str, Any]:
        if any(given["hold_id"] == one["hold_id"] for one in self.reserved):
            raise refused(refusal(No.CONFLICT, "hold_id_used_before", "hold_id"))
        self.reserved.append(given)
        self.full.add(date.fromisoformat(given["items"][0]["day"]))
        return example("booking.answer.booking_view.v1")


def test_the_agency_its_agreements_and_its_key_are_made_once(tmp_path: Path) -> None:
    node = Node(*demo_agency.AGREEMENTS)
    key = demo_agency.opened(node, tmp_path)
    assert key is not None
    assert node.agencies == {demo_agency.AGENCY: demo_agency.NAME}
    assert {one: said["state"] for one, said in node.agreements.items()} == dict.fromkeys(
        demo_agency.AGREEMENTS, "agreed"
    )
    assert demo_agency.opened(node, tmp_path) == key
    assert [one["prefix"] for one in node.keys] == [key.partition(".")[0]]


def test_only_the_owner_of_the_node_can_read_the_key(tmp_path: Path) -> None:
    key = demo_agency.opened(Node("bo-taen"), tmp_path)
    file = tmp_path / demo_agency.FILE
    assert file.read_text(encoding="utf-8").strip() == key
    assert file.stat().st_mode & 0o077 == 0


def test_communities_that_are_not_for_trying_agree_to_nothing(tmp_path: Path) -> None:
    node = Node("bo-taen")
    demo_agency.opened(node, tmp_path)
    assert node.agreements.keys() == {"bo-taen"}
    assert demo_agency.opened(Node(), tmp_path) is None


def test_an_agency_of_somebody_else_under_this_name_gets_no_key_of_ours(tmp_path: Path) -> None:
    node = Node("bo-taen")
    node.agencies[demo_agency.AGENCY] = "Mekong Tours Ltd."
    assert demo_agency.opened(node, tmp_path) is None
    assert not node.keys
    assert not (tmp_path / demo_agency.FILE).exists()


def test_a_start_that_was_cut_short_does_the_rest_the_next_time(tmp_path: Path) -> None:
    node = Node("bo-taen")
    key = demo_agency.opened(node, tmp_path)
    node.keys.clear()
    node.agencies.clear()
    assert demo_agency.opened(node, tmp_path) == key
    assert len(node.keys) == 1


def test_a_revoked_key_is_not_shown_and_not_replaced(tmp_path: Path) -> None:
    node = Node("bo-taen")
    demo_agency.opened(node, tmp_path)
    node.keys[0]["revoked_at"] = "2026-12-02T00:00:00Z"
    assert demo_agency.opened(node, tmp_path) is None
    assert len(node.keys) == 1


def test_a_start_is_sold_out_within_the_month_however_often_the_node_starts() -> None:
    node = Node(demo_sold_out.COMMUNITY)
    for _ in range(3):
        demo_sold_out.provide(node)
    assert len(node.reserved) == len(demo_sold_out.WINDOWS)
    assert min(node.full) <= TODAY + timedelta(29)
    assert {one["party"]["adult"] for one in node.reserved} == {8}


def test_a_day_that_was_filled_and_freed_is_not_filled_again() -> None:
    node = Node(demo_sold_out.COMMUNITY)
    demo_sold_out.provide(node)
    freed = min(node.full)
    node.full.remove(freed)  # its guests have cancelled
    demo_sold_out.provide(node)
    assert min(node.full) == freed + timedelta(1)


def test_nothing_is_booked_at_a_community_that_is_not_for_trying() -> None:
    node = Node()
    demo_sold_out.provide(node)
    assert not node.reserved
