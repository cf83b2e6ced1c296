"""The node's own key is replaced only when every service has said that nothing is left under the old one."""

from pathlib import Path
from typing import Any

import pytest

from deploy import command_line as cli
from deploy.local import keys, secret
from deploy.local.verbs import keys as verb
from services.cli import context
from services.cli.views import layout
from services.client.problems import Problem
from tests.support.fake_node import FakeNode
from tests.support.vault import LINES, write

KEY = {
    "community": "tha-li", "keyid": "P3oJwdLkW2in8Kd1", "public_key": "q1Zt0m7Yx3Fh8Jd2Kc5Lb9Na4Pe6Rg1Su3Wv5Xy7Z0A",
    "fingerprint": "3f7a 09c1 d2e4 5b68 a7f0", "used_from": "2026-11-02T03:15:00Z", "used_until": None,
}  # fmt: skip


class Services(FakeNode):
    """Wraps anew what is left under older keys, a page at a time, and says with which."""

    path: Path
    left: list[int]
    other: str

    def ask(self, name: str, fields: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:  # noqa: ARG002 - as the local API has it
        if name != "node.rewrap":
            return {"items": [KEY]}
        assert len(self.path.read_text().splitlines()) > 1, "a key was dropped while it was needed"
        newest = self.path.read_text().split()[0]
        count = self.left.pop(0) if self.left else 0
        return {"rewrapped": count, "keyid": self.other if options["service"] == self.other else newest}


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Services:
    node = Services(8000, "token")
    for name, value in {"path": write(tmp_path / "node.keys", LINES[1]), "left": [5, 0, 7, 1], "other": ""}.items():
        object.__setattr__(node, name, value)
    monkeypatch.setattr(context, "client", lambda _: node)
    monkeypatch.setattr(verb, "SETTLED_SECONDS", 0.0)
    monkeypatch.setenv("HANDOFF_NODE_KEYS", str(node.path))
    monkeypatch.delenv("HANDOFF_AS", raising=False)
    return node


def test_a_new_key_of_the_node_stays_alone_once_all_is_wrapped_with_it(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["keys", "rotate-node"]) == 0
    (line,) = services.path.read_text().splitlines()
    assert line != LINES[1]
    assert services.path.stat().st_mode & 0o077 == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "13 keys are wrapped" in said
    assert "Copy the file to where no backup of the database lies." in said


def test_no_key_of_the_node_is_dropped_when_a_service_reads_another_file(services: Services) -> None:
    object.__setattr__(services, "other", "referral")
    assert cli.main(["keys", "rotate-node"]) == 2
    assert LINES[1] in services.path.read_text().splitlines()


def test_keys_are_shown_as_people_read_them(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert services.left
    assert cli.main(["keys", "show", "--as", "tha-li"]) == 0
    assert "tha-li  3f7a 09c1 d2e4 5b68 a7f0" in capsys.readouterr().out
    assert cli.main(["keys", "rotate"]) == 2


def test_a_fingerprint_fits_a_phone_beside_the_longest_name(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long = KEY | {"community": "a-community-with-a-name-of-forty-signs-ab"}
    monkeypatch.setattr(Services, "ask", lambda *_, **__: {"items": [long]})
    assert services.left
    assert cli.main(["keys", "show", "--as", "tha-li"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= layout.WIDTH
    assert str(long["fingerprint"]) in " ".join(told.split())


def test_a_data_folder_gets_its_keys_once_and_not_after_its_database(tmp_path: Path) -> None:
    first = keys.of_folder(tmp_path).read_text()
    assert keys.of_folder(tmp_path).read_text() == first
    (tmp_path / "pg").mkdir()
    (tmp_path / keys.NAME).unlink()
    with pytest.raises(Problem, match="restore it from a backup"):
        keys.of_folder(tmp_path)


def test_a_replaced_secret_is_overwritten_also_when_the_replacement_was_cut(tmp_path: Path) -> None:
    path, before = tmp_path / "secret", tmp_path / "secret.before"
    secret.write(path, "first")
    with path.open() as seen:  # what lies on the disk where the file was
        keys.replace(path, "second")
        assert (path.read_text(), seen.read().strip("\0"), before.exists()) == ("second\n", "", False)
    before.hardlink_to(path)  # cut before the new one was there
    keys.replace(path, "third")
    assert (path.read_text(), before.exists()) == ("third\n", False)
    secret.write(before, "second")  # cut after it
    with before.open() as seen:
        keys.replace(path, "fourth")
        assert (path.read_text(), seen.read().strip("\0")) == ("fourth\n", "")
