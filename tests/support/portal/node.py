"""A whole node with its pages, as `./handoff up` starts it, and the accounts that it makes for trying them."""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyotp
from playwright.sync_api import Browser, StorageState

from contracts.portal.v1 import AddOperator, OpenAccount
from deploy.local.demo_accounts import ACCOUNTS, FILE
from services.client import passwords
from services.client.local_api import LocalApi
from tests.support.browser.chromium import Device
from tests.support.browser.phone import Account, Phone, phone
from tests.support.node import Node, free_port, running_node

#: In place of an account for trying: an operator of the system.
OPERATOR = "operator"


def with_second_step(phone: Phone, account: Account) -> None:
    """Set it, as an operator of the system does before anything else."""
    page = phone.open("/account/second").page
    page.fill("#current", account.password)
    page.click("main form button.main")
    found = re.search("secret=([A-Z2-7]+)", page.content())
    assert found, "no secret is shown"
    page.fill("#code", pyotp.TOTP(found[1]).now())
    page.click("main form button.main")
    page.wait_for_load_state()


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
        kept: dict[str, str] = json.loads((self.node.data / FILE).read_text(encoding="utf-8"))
        return Account(name, kept[name], ACCOUNTS[name][0])

    @contextmanager
    def phone(self, started: Browser, who: str = "", device: Device | None = None) -> Iterator[Phone]:
        """A phone on which somebody is signed in who may do what the account `who` may, in the phone's language.

        Each signs in once for all phones that they are given: an address may try only so often.
        """
        held = device or Device()
        key = f"{who}-{held.language}"
        if who and key not in self._signed_in:
            with phone(started, self.base_url, Device(language=held.language)) as first:
                first.open("/signin").page.locator(f"[name=language][value={held.language}]").click()
                account = self._opened(key, who)
                first.sign_in(account)
                if who == OPERATOR:
                    with_second_step(first, account)
                self._signed_in[key] = first.context.storage_state()
        with phone(started, self.base_url, held, self._signed_in.get(key)) as given:
            yield given

    def _opened(self, name: str, like: str) -> Account:
        """An account of its own: what language somebody reads is kept with the account."""
        password = secrets.token_hex(8)
        if like == OPERATOR:
            self.client.send(AddOperator(name=name, password=passwords.hashed(password)))
            return Account(name, password, "")
        community, role = ACCOUNTS[like]
        self.client.send(OpenAccount(name=name, password=passwords.hashed(password), role=role), acting=community)
        return Account(name, password, community)


@contextmanager
def running_portal(port: int | None = None, **environment: str) -> Iterator[Portal]:
    """A node on a fresh folder with the demonstration communities and a clock that can be set; gone with the block."""
    pages = port or free_port()
    options = ("--clock", "settable", "--here-only", "--portal-port", str(pages))
    with running_node(*options, **environment) as node:
        yield Portal(node, f"http://127.0.0.1:{pages}")
