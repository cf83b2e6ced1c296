"""An operator of the system on a node as a person starts it: from the verb to a key that opens, and opens no more."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pyotp
import pytest

from tests.support.node import ROOT, Node, free_port, running_node

AGENCY = "loei-travel"


@pytest.fixture(scope="module")
def reached() -> Iterator[tuple[Node, str, str]]:
    pages, api = free_port(), free_port()
    with running_node("--here-only", "--portal-port", str(pages), "--agency-port", str(api)) as node:
        yield node, f"http://127.0.0.1:{pages}", f"http://127.0.0.1:{api}"


def verb(node: Node, *words: str) -> dict[str, Any]:
    """What the command line of this node answers."""
    command = [sys.executable, "-P", "-m", "deploy", *words, "--json", "--data", str(node.data)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HANDOFF_PORT": str(node.client.port)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def sent(browser: httpx.Client, path: str, shown: str, **form: str) -> httpx.Response:
    """A form of a page, as a browser sends it."""
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get(shown).text)
    assert token, shown
    data = {"csrf": token[1], "id": str(uuid4()), **form}
    return browser.post(path, data=data, headers={"Sec-Fetch-Site": "same-origin"})


def signed_in(browser: httpx.Client, password: str) -> None:
    """With the first password, and the second step set."""
    sent(browser, "/signin", "/signin", name="Keo", password=password)
    shown = sent(browser, "/account/second", "/account/second", current=password)
    secret = re.search(r"secret=([A-Z2-7]+)", shown.text)
    assert secret
    code = pyotp.TOTP(secret[1]).now()
    assert sent(browser, "/account/second/code", "/account/second", code=code).status_code == 200


def made(browser: httpx.Client) -> str:
    """A key; the agencies' API hears of an agency by message, so the form may have to be sent again."""
    path, limit = f"/node/agencies/{AGENCY}/key", time.monotonic() + 20
    while not (key := re.search(r'id="key" translate="no">([^<]+)<', sent(browser, path, path, opens="book").text)):
        assert time.monotonic() < limit
        time.sleep(0.2)
    return key[1]


def test_a_key_of_the_portal_opens_the_agencies_api_until_it_is_revoked(reached: tuple[Node, str, str]) -> None:
    node, pages, api = reached
    first = verb(node, "operator", "add", "Keo")
    with httpx.Client(base_url=pages) as browser, httpx.Client(base_url=api) as agency:
        signed_in(browser, first["password"])
        sent(browser, "/node/new-agency", "/node/new-agency", agency=AGENCY, name="Loei Travel")
        key = made(browser)
        agency.headers["Authorization"] = f"Bearer {key}"
        assert agency.get("/octo/products").status_code == 200
        path = f"/node/keys/{key.partition('.')[0]}/revoke"
        assert sent(browser, path, path).status_code == 303
        time.sleep(1)
        assert agency.get("/octo/products").status_code in (401, 403)
    secret = key.partition(".")[2].encode()
    rest = [file for file in node.data.rglob("*") if file.is_file()]
    assert not [file for file in rest if secret in file.read_bytes() or first["password"].encode() in file.read_bytes()]
    assert [file for file in rest if key.partition(".")[0].encode() in file.read_bytes()], "what is kept is found"
    lines = [one["what"] for one in verb(node, "audit", "list", "--as", "node")["items"]]
    assert lines[-3:] == ["agency_added", "agency_key_made", "agency_key_revoked"]
