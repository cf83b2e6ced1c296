"""Accounts to try the pages with are opened once, for demonstration communities alone, and kept from other eyes."""

import json
from pathlib import Path
from typing import Any

from deploy.local import demo_accounts
from tests.support.answers import example
from tests.support.fake_node import FakeNode


class Node(FakeNode):
    """A node with its communities, of which some are for trying, and who can sign in for them."""

    demo: set[str]
    members: dict[str, list[dict[str, Any]]]

    def __init__(self, *demo: str) -> None:
        super().__init__(8000, "token")
        object.__setattr__(self, "demo", set(demo))
        object.__setattr__(self, "members", {})

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """As the local API does."""
        given, acting = fields or {}, str(options.get("acting"))
        if name == "community.find_communities":
            profile = example("community.answer.community_profile.v1")
            return {"items": [profile | {"id": one, "demo": one in self.demo} for one in given["ids"]]}
        if name == "portal.list_members":
            return {"items": self.members.get(acting, [])}
        assert name == "portal.open_account"
        opened = example("portal.answer.member_view.v1") | {"name": given["name"], "role": given["role"]}
        self.members.setdefault(acting, []).append(opened)
        return opened


def test_each_account_is_opened_once_and_its_password_stays(tmp_path: Path) -> None:
    node = Node("tha-li", "bo-taen")
    shown = demo_accounts.opened(node, tmp_path)
    assert shown.keys() == demo_accounts.ACCOUNTS.keys()
    assert len(set(shown.values())) == len(shown)
    assert demo_accounts.opened(node, tmp_path) == shown
    assert {whose: [one["name"] for one in them] for whose, them in node.members.items()} == {
        "tha-li": ["thali"],
        "bo-taen": ["botaen", "botaen-door"],
    }


def test_a_community_that_is_not_for_trying_gets_none(tmp_path: Path) -> None:
    node = Node("bo-taen")
    assert demo_accounts.opened(node, tmp_path).keys() == {"botaen", "botaen-door"}
    assert "tha-li" not in node.members


def test_only_the_owner_of_the_node_can_read_the_passwords(tmp_path: Path) -> None:
    shown = demo_accounts.opened(Node("tha-li"), tmp_path)
    file = tmp_path / demo_accounts.FILE
    assert json.loads(file.read_text(encoding="utf-8")) == shown
    assert file.stat().st_mode & 0o077 == 0
