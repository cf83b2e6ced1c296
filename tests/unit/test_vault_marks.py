"""What stands for a text: known again with any key that is held, and tried out by nobody who has none."""

from __future__ import annotations

import hashlib
from pathlib import Path

from services.chassis.trust.vault import Vault
from tests.support.vault import LINES, vault, write

TEXT, ABOUT = b"POST /octo/bookings Anna", "repeat v1|mekong|k"
NEWEST = f"newest {'A' * 43}="


def test_a_mark_is_of_a_text_and_what_it_is_about() -> None:
    first, second = vault().marks(TEXT, about=ABOUT)
    assert first != second
    assert [first, second] == vault().marks(TEXT, about=ABOUT)
    assert not {first, second} & {*vault().marks(TEXT + b" ", about=ABOUT), *vault().marks(TEXT, about=ABOUT + "k")}


def test_without_a_key_a_text_cannot_be_tried_out(tmp_path: Path) -> None:
    other = Vault(write(tmp_path / "other.keys", NEWEST))
    plain = {hashlib.sha256(TEXT).digest(), hashlib.sha256(ABOUT.encode() + TEXT).digest()}
    assert not set(vault().marks(TEXT, about=ABOUT)) & {*plain, *other.marks(TEXT, about=ABOUT)}


def test_once_the_keys_are_renewed_it_is_known_by_the_older_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "node.keys", *LINES)
    held = Vault(path)
    before = held.marks(TEXT, about=ABOUT)
    write(path, NEWEST, *LINES)
    after = held.marks(TEXT, about=ABOUT)
    assert (len(after), after[1:]) == (3, before)
