"""The first booking of an agency's developer, word for word: from the page that the node serves, and the README."""

import html
import json
import os
import re
import socket
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local import demo_agency
from tests.support.node import ROOT, Node, free_port, running_node

#: Where the API of a node is that was started without further words.
README_ADDRESS = "http://127.0.0.1:8090"
#: Where the receiver of the page listens.
RECEIVER = 9000
HANDING_OVER = ("partners", "offer", "stands", "withdraw")
STEPS = ("availability", "reserve", "extend", "confirm", "look", "cancel")
SHOWN = re.compile(r'<pre id="(\w+)"[^>]*><code>(.*?)</code></pre>', re.DOTALL)


@pytest.fixture(scope="module")
def reached() -> Iterator[tuple[Node, str]]:
    port = free_port()
    private = {"HANDOFF_WEBHOOK_PRIVATE": f"127.0.0.1:{RECEIVER}"}
    with running_node("--here-only", "--agency-port", str(port), **private) as node:
        yield node, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def key(reached: tuple[Node, str]) -> str:
    return (reached[0].data / demo_agency.FILE).read_text(encoding="utf-8").strip()


def commands(url: str, language: str = "en") -> dict[str, str]:
    """What a reader would copy, by the name of its place on the page."""
    shown = httpx.get(f"{url}/{language}")
    assert shown.status_code == 200
    return {name: html.unescape(code) for name, code in SHOWN.findall(shown.text)}


def typed(script: str, key: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A terminal in which it is typed, and the key pasted where it is asked for."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = ["bash", "-eu", "-c", script]
    return subprocess.run(
        command, input=f"{key}\n", cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["test", "live"])
def test_the_commands_of_the_page_lead_from_a_key_to_a_booking_and_back(
    mode: str, reached: tuple[Node, str], key: str, tmp_path: Path
) -> None:
    _, url = reached
    shown = commands(url)
    first = [shown["key"], shown["begin"], shown["products"]]
    for_real = [shown["live"]] if mode == "live" else []
    done = typed("\n".join([*first, *for_real, *(shown[name] for name in STEPS)]), key, tmp_path)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    _products, _starts, held, extended, confirmed, again, found, cancelled = answers
    states = [one["status"] for one in (held, extended, confirmed, again, cancelled)]
    assert states == ["ON_HOLD", "ON_HOLD", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert extended["utcExpiresAt"] > held["utcExpiresAt"]
    assert {one["testMode"] for one in answers[2:6]} == {mode == "test"}
    assert held["uuid"] in {one["uuid"] for one in found}
    assert cancelled["cancellation"]["refund"] == "FULL"


def test_the_page_says_how_to_be_told_and_a_receiver_of_this_machine_is(
    reached: tuple[Node, str], key: str, tmp_path: Path
) -> None:
    shown, port = commands(reached[1]), str(RECEIVER)
    assert shown["receiver"].count(port) == shown["subscribe"].count(port) == 1
    with socket.socket() as taken:
        if taken.connect_ex(("127.0.0.1", RECEIVER)) == 0:
            pytest.skip(f"something else listens on {port}")
    with subprocess.Popen(["bash", "-c", f"exec {shown['receiver']}"], stdout=subprocess.PIPE, text=True) as receiver:
        first = [shown["key"], shown["begin"], shown["subscribe"]]
        done = typed("\n".join([*first, shown["live"], *(shown[name] for name in STEPS[:2])]), key, tmp_path)
        assert done.returncode == 0, done.stderr
        subscribed = json.loads(done.stdout.splitlines()[0])
        assert receiver.stdout is not None
        told = next(line for line in receiver.stdout if "BOOKING_UPDATE" in line)
        receiver.terminate()
    assert subscribed["secret"].startswith("whsec_")
    assert json.loads(done.stdout.splitlines()[-1])["uuid"] in told


def test_the_commands_of_the_page_hand_a_party_over_and_take_it_back(
    reached: tuple[Node, str], key: str, tmp_path: Path
) -> None:
    shown = commands(reached[1])
    done = typed("\n".join([shown["key"], *(shown[name] for name in HANDING_OVER)]), key, tmp_path)
    assert done.returncode == 0, done.stderr
    partners, offered, stands, withdrawn = (json.loads(line) for line in done.stdout.splitlines() if line)
    assert "bo-taen" in {one["id"] for one in partners["items"]}
    assert offered["uuid"] == stands["uuid"] == withdrawn["uuid"]
    assert [one["state"] for one in (offered, withdrawn)] == ["offered", "withdrawn"]


def test_the_first_booking_of_the_readme_is_made_word_for_word(
    reached: tuple[Node, str], key: str, tmp_path: Path
) -> None:
    home = tmp_path / ".local/share/handoff"
    home.mkdir(parents=True)
    (home / demo_agency.FILE).write_text(key, encoding="utf-8")
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Agencies\n")[2].partition("\n## ")[0]
    script = textwrap.dedent("\n".join(line for line in section.splitlines() if line.startswith("    ")))
    assert README_ADDRESS in script
    done = typed(script.replace(README_ADDRESS, reached[1]), "", tmp_path)
    assert done.returncode == 0, done.stderr
    _products, starts, held, confirmed, cancelled = (json.loads(line) for line in done.stdout.splitlines() if line)
    assert starts[0]["id"] == held["availabilityId"]
    assert [one["status"] for one in (held, confirmed, cancelled)] == ["ON_HOLD", "CONFIRMED", "CANCELLED"]
    assert not any(one["testMode"] for one in (held, confirmed, cancelled))


def test_all_languages_have_the_same_commands(reached: tuple[Node, str]) -> None:
    _, url = reached
    assert commands(url, "th") == commands(url, "lo") == commands(url)
    assert httpx.get(url, headers={"Accept-Language": "lo, en;q=0.5"}).headers["content-language"] == "lo"


def test_the_page_and_the_document_need_no_key_and_the_operations_do(reached: tuple[Node, str]) -> None:
    _, url = reached
    assert httpx.get(f"{url}/openapi.json").json()["openapi"].startswith("3.1")
    assert "default-src 'none'" in httpx.get(url).headers["content-security-policy"]
    assert httpx.get(f"{url}/octo/products").status_code == 401
