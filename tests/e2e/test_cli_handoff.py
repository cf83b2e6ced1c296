"""Two people hand a party over by the command line, while their node is killed between every two steps."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.node import Node, running_node

TOTAL = {"amount": "800000.00", "currency": "LAK"}
FEE = {"amount": "40000.00", "currency": "LAK"}
KAEO = {"name": "ນາງ ແກ້ວ", "channel": {"kind": "phone", "address": "+856 20 5555 0000"}}


@dataclass(frozen=True)
class Person:
    """An operator of one community, who knows nothing but `latest`."""

    node: Node
    community: str

    def does(self, verb: str, *words: str, stdin: str = "") -> dict[str, Any]:
        """Run a verb on behalf of the community."""
        said = self.node.cli(verb, *words, "--as", self.community, "--json", stdin=stdin)
        return dict(json.loads(said.stdout))

    def judges(self, shown: str) -> str:
        """What a pass that is shown is worth."""
        said = self.node.cli("pass", "receive", "-", "--as", self.community, "--json", stdin=shown, check=False)
        return str(json.loads(said.stdout)["verdict"])

    def sees(self, state: str, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until the own record is in that state."""
        deadline = time.monotonic() + seconds
        while (view := self.does("show", "latest"))["state"] != state:
            assert time.monotonic() < deadline, f"{self.community} still sees {view['state']}: {view['story']}"
            time.sleep(0.1)
        return view

    def stands(self, state: str, *, with_whom: str, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until the own side of the partnership is in that state."""
        deadline = time.monotonic() + seconds
        while (found := self._partnership(with_whom)).get("state") != state:
            assert time.monotonic() < deadline, f"{self.community} still sees {found}"
            time.sleep(0.1)
        return found

    def _partnership(self, partner: str) -> dict[str, Any]:
        return next((one for one in self.does("partners")["items"] if one["partner"] == partner), {})


def test_a_party_is_handed_over_exactly_although_the_node_is_killed_after_every_step() -> None:
    with running_node() as node:
        tha_li, bo_taen = Person(node, "tha-li"), Person(node, "bo-taen")
        node.cli("clock", "--set", "2027-01-04T09:00")
        tha_li.does(
            "offer", "--to", "bo-taen", "--adults", "2", "--children", "1",
            "--item", "bo-taen.homestay@2027-01-14", "--item", "bo-taen.morning-market@2027-01-15T06:00",
        )  # fmt: skip
        node.restart()
        bo_taen.sees("held")
        bo_taen.does("answer", "latest", "accept")
        node.restart()
        tha_li.sees("accepted")
        tha_li.does("consent", "latest", "--yes", "--part", "-", stdin=json.dumps(KAEO))
        node.restart()
        assert bo_taen.sees("confirmed")["personal"] == "held"
        assert bo_taen.does("party", "latest")["part"] == KAEO
        tha_li.sees("confirmed")
        node.cli("clock", "--set", "2027-01-14T09:00")
        tha_li.does("depart", "latest")
        node.restart()
        bo_taen.sees("departed")
        shown = tha_li.does("pass", "show", "latest")["pass_token"]
        assert bo_taen.judges(shown) == "good"
        node.restart()
        tha_li.sees("arrived")
        assert bo_taen.judges(shown) == "used"
        bo_taen.does("complete", "latest")
        node.restart()
        _ends_well(tha_li, bo_taen)
        _settle(node, tha_li, bo_taen)
        assert node.end() == 0
        assert node.processes() == []


def _ends_well(*people: Person) -> None:
    for person in people:
        amounts = person.sees("completed")["amounts"]
        assert (amounts["total"], amounts["referral_fee"]) == (TOTAL, FEE)
    node = people[0].node
    assert json.loads(node.cli("parked", "list", "--json").stdout) == {"items": []}
    node.cli("check-invariants")
    node.cli("audit", "verify")
    assert json.loads(node.cli("doctor", "--json").stdout)["well"]
    assert "total 800,000.00 LAK" in node.cli("show", "latest", "--as", "tha-li").stdout


def _settle(node: Node, guest: Person, host: Person) -> None:
    """The month is over: both see what it comes to, and confirm the same; the node is killed in between."""
    month = ("--month", "2027-01")
    early = node.cli("statement", "--as", "tha-li", "--partner", "bo-taen", *month, "--confirm", check=False)
    assert early.returncode == 1
    assert "--month: " in early.stderr
    node.cli("clock", "--set", "2027-02-01T09:00")
    (owed,) = host.does("statement", "--partner", "tha-li", *month, "--confirm")["totals"]
    assert owed == {"owed_by": "bo-taen", "owed_to": "tha-li", "visits": 1, "price": TOTAL, "fee": FEE}
    node.restart()
    deadline = time.monotonic() + 30
    while (seen := guest.does("statement", "--partner", "bo-taen", *month))["theirs"] is None:
        assert time.monotonic() < deadline, "what Bo Taen has confirmed does not come"
        time.sleep(0.1)
    assert (seen["theirs"]["same"], seen["totals"], len(seen["lines"])) == (True, [owed], 1)
    guest.does("statement", "--partner", "bo-taen", *month, "--confirm")
    while (one := host.does("statement")["items"][0])["theirs"] is None:
        assert time.monotonic() < deadline, "what Tha Li has confirmed does not come"
        time.sleep(0.1)
    assert (one["month"], one["ours"]["same"], one["theirs"]["same"]) == ("2027-01", True, True)
    assert json.loads(node.cli("parked", "list", "--json").stdout) == {"items": []}
    assert "owes you 40,000.00 LAK" in node.cli("statement", "--as", "tha-li").stdout


def test_two_communities_pause_part_and_become_partners_again_by_the_command_line() -> None:
    offer = ("offer", "--to", "bo-taen", "--adults", "2", "--item", "bo-taen.homestay@2027-01-14")
    with running_node() as node:
        tha_li, bo_taen = Person(node, "tha-li"), Person(node, "bo-taen")
        node.cli("clock", "--set", "2027-01-04T09:00")
        bo_taen.does("partners", "suspend", "tha-li")
        tha_li.stands("suspended", with_whom="bo-taen")
        refused = node.cli(*offer, "--as", "tha-li", check=False)
        assert refused.returncode == 1
        assert "./handoff partners" in refused.stderr
        bo_taen.does("partners", "end", "tha-li")
        tha_li.stands("ended", with_whom="bo-taen")
        tha_li.does("partners", "propose", "bo-taen", "--fee-percent", "7.5")
        bo_taen.stands("proposed", with_whom="tha-li")
        agreed = bo_taen.does("partners", "agree", "tha-li", "--yes")
        known = tha_li.stands("agreed", with_whom="bo-taen")
        assert (known["their_fingerprint"], known["terms"]) == (agreed["our_fingerprint"], agreed["terms"])
        tha_li.does(*offer)
        bo_taen.sees("held")


@pytest.mark.parametrize("end", [Node.interrupt, Node.end], ids=["ctrl-c", "sigterm"])
def test_a_node_that_is_told_to_end_does_so_without_a_trace(end: Callable[[Node], int]) -> None:
    with running_node("--no-demo") as node:
        assert end(node) == 0, node.said
        assert "handoff: the node has ended; its data is kept in " in node.said
        assert "Traceback" not in node.said
        assert node.processes() == []


def test_a_node_that_is_not_there_is_named_with_what_to_do() -> None:
    with running_node("--no-demo") as node:
        node.kill()
        asked = node.cli("list", "--as", "tha-li", check=False)
        assert (asked.returncode, asked.stdout) == (3, "")
        assert f"No node answers on port {node.port}: start it with ./handoff up." in asked.stderr
        looked = node.cli("doctor", check=False)
        assert looked.returncode == 1
        assert "TO DO nothing answers on port" in looked.stdout
