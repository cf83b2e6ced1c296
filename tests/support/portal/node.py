"""A whole node with its pages, as `./handoff up` starts it, and the accounts that it makes for trying them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, StorageState

from deploy.local.demo_accounts import ACCOUNTS, FILE
from services.client.local_api import LocalApi
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Account, Phone, phone
from tests.support.node import Node, free_port, running_node


@dataclass(frozen=True)
class Portal:
    """Where phones reach a running node."""

    node: Node
    base_url: str
    _signed_in: dict[str, StorageState] = field(default_factory=dict)

    @property
    def client(self) -> LocalApi:
        """The node's local API, for what happens elsewhere than on a phone."""
        return self.node.client

    def account(self, name: str) -> Account:
        """An account for trying: `botaen`, `thali`, `botaen-door`."""
        passwords: dict[str, str] = json.loads((self.node.data / FILE).read_text(encoding="utf-8"))
        return Account(name, passwords[name], ACCOUNTS[name][0])

    @contextmanager
    def phone(self, started: Browser, who: str = "", device: Device | None = None) -> Iterator[Phone]:
        """A phone on which that account is signed in, or nobody.

        Each signs in once for all phones that it is given: an address may try only so often.
        """
        if who and who not in self._signed_in:
            with phone(started, self.base_url) as first:
                self._signed_in[who] = first.sign_in(self.account(who)).context.storage_state()
        with phone(started, self.base_url, device, self._signed_in.get(who)) as held:
            yield held


@contextmanager
def running_portal(port: int | None = None, **environment: str) -> Iterator[Portal]:
    """A node on a fresh folder with the demonstration communities and a clock that can be set; gone with the block."""
    pages = port or free_port()
    options = ("--clock", "settable", "--here-only", "--portal-port", str(pages))
    with running_node(*options, **environment) as node:
        yield Portal(node, f"http://127.0.0.1:{pages}")
