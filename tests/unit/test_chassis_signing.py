"""What is signed, what wraps, and by which key a message is judged."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from contracts.border import v1 as border
from contracts.community.v1 import KeyView
from contracts.messages import Envelope
from services.chassis.trust import signing
from services.chassis.trust.signing import KeyNotKnown, KnownKey, NotTheCounterpart, digest, judged
from services.chassis.trust.vault import Vault, new_line
from tests.support import identity
from tests.support.vault import LINES, write

CONTENT: dict[str, Any] = {
    "id": "0190d3c8-0000-7000-8000-000000000001",
    "source": "tha-li",
    "to": "bo-taen",
    "type": border.PartnershipEnded.type,
    "subject": "bo-taen--tha-li",
    "time": "2027-01-04T02:00:00Z",
    "seq": 1,
    "data": {},
}
INTRODUCTION = CONTENT | {
    "type": border.PartnershipAgreed.type,
    "data": {"terms": {"valid_from": "2026-01-01"}, "public_key": identity.public_key("tha-li")},
}


def known(name: str = "tha-li", *, pinned: bool = True, over: bool = False) -> KnownKey:
    key = identity.keyid(name)
    return KnownKey(keyid=key, public_key=identity.public_key(name), pinned=pinned, root=key, over=over)


def judge(content: dict[str, Any], *keys: KnownKey) -> signing.Signer:
    return judged(Envelope.read(content), json.dumps(content).encode(), keys)


# what is signed


def test_a_signature_holds_for_what_was_signed_and_by_whom() -> None:
    assert judge(identity.signed(CONTENT), known()).pinned


@pytest.mark.parametrize("field", [name for name in CONTENT if name not in ("type", "data")])
def test_no_attribute_may_change_under_a_signature(field: str) -> None:
    other = {"id": "0190d3c8-0000-7000-8000-000000000002", "seq": 2, "time": "2027-01-04T03:00:00Z"}
    changed = identity.signed(CONTENT) | {field: other.get(field, "pla-ba")}
    with pytest.raises(NotTheCounterpart):
        judge(changed, known())


def test_nothing_may_be_added_under_a_signature() -> None:
    with pytest.raises(NotTheCounterpart):
        judge(identity.signed(CONTENT) | {"causationid": CONTENT["id"]}, known())
    with pytest.raises(NotTheCounterpart):
        judge(identity.signed(CONTENT) | {"data": {"resumed": True}}, known())


def test_the_order_of_fields_and_the_spelling_of_signs_change_no_signature() -> None:
    content = identity.signed(CONTENT | {"subject": "ບໍ່ແຕນ--ท่าลี"})
    turned = dict(reversed(content.items()))
    body = json.dumps(turned, ensure_ascii=True, indent=1).encode()
    assert judged(Envelope.read(turned), body, [known()]).pinned


def test_a_copy_that_was_signed_again_is_the_same_message() -> None:
    one, other = identity.signed(CONTENT), identity.signed(CONTENT, by="bo-taen")
    marks = {digest(Envelope.read(each), json.dumps(each).encode()) for each in (CONTENT, one, other)}
    assert len(marks) == 1
    changed = identity.signed(CONTENT | {"seq": 2})
    assert digest(Envelope.read(changed), json.dumps(changed).encode()) not in marks


def test_a_key_has_the_id_and_the_fingerprint_that_its_contract_says() -> None:
    text = identity.public_key("tha-li")
    view = KeyView.read(
        {
            "community": "tha-li",
            "keyid": signing.keyid_of(text),
            "public_key": text,
            "fingerprint": signing.fingerprint(text),
            "used_from": "2027-01-04T02:00:00Z",
            "used_until": None,
        }
    )
    assert len(view.keyid) == 16


# by which key


def test_an_unsigned_message_is_nobodys() -> None:
    with pytest.raises(NotTheCounterpart):
        judge(CONTENT, known())


def test_a_message_signed_by_somebody_else_is_not_the_partners() -> None:
    forged = identity.signed(CONTENT, by="pla-ba") | {"keyid": identity.keyid("tha-li")}
    with pytest.raises(NotTheCounterpart):
        judge(forged, known())


def test_a_key_that_nobody_knows_may_become_known() -> None:
    with pytest.raises(KeyNotKnown):
        judge(identity.signed(CONTENT, by="pla-ba"), known())
    with pytest.raises(KeyNotKnown):
        judge(identity.signed(CONTENT))


def test_a_key_that_is_over_proves_nothing() -> None:
    with pytest.raises(NotTheCounterpart):
        judge(identity.signed(CONTENT), known(over=True))


def test_an_introduction_counts_by_the_key_that_it_brings_and_has() -> None:
    assert not judge(identity.signed(INTRODUCTION)).pinned
    brought_only = identity.signed(INTRODUCTION, by="pla-ba") | {"keyid": identity.keyid("tha-li")}
    with pytest.raises(NotTheCounterpart):
        judge(brought_only)


def test_once_a_key_is_pinned_no_introduction_brings_another() -> None:
    other = INTRODUCTION | {"data": INTRODUCTION["data"] | {"public_key": identity.public_key("pla-ba")}}
    for by in ("pla-ba", "tha-li"):
        with pytest.raises(NotTheCounterpart):
            judge(identity.signed(other, by=by), known())


def test_before_a_key_is_pinned_it_counts_for_words_about_the_partnership_only() -> None:
    assert not judge(identity.signed(CONTENT), known(pinned=False)).pinned
    with pytest.raises(KeyNotKnown):
        judge(identity.signed(CONTENT | {"type": border.CatalogueShared.type}), known(pinned=False))


# the vault


def test_what_is_wrapped_opens_with_the_same_words_about_it_only(tmp_path: Path) -> None:
    vault = Vault(write(tmp_path / "node.keys"))
    wrapped = vault.wrap(b"a key of 32 bytes", about="one")
    assert vault.unwrap(wrapped, about="one") == b"a key of 32 bytes"
    assert wrapped.startswith("test-new.")
    with pytest.raises(ValueError, match="does not open"):
        vault.unwrap(wrapped, about="another")


def test_an_older_key_still_opens_and_the_newest_wraps_once_it_is_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "node.keys", LINES[1])
    vault = Vault(path)
    wrapped = vault.wrap(b"secret", about="it")
    write(path, *LINES)
    os.utime(path, ns=(1, 1))
    assert vault.unwrap(wrapped, about="it") == b"secret"
    assert vault.newest == "test-new"
    write(path, LINES[0])
    os.utime(path, ns=(2, 2))
    with pytest.raises(ValueError, match=f"{path} does not hold the node key test-old"):
        vault.unwrap(wrapped, about="it")


@pytest.mark.parametrize("text", ["", "one\n", "one c2hvcnQ=\n", f"{LINES[0]}\n{LINES[0]}\n", f"{LINES[0]} \n", "é\n"])
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "node.keys")
    path.write_text(text)
    with pytest.raises(ValueError, match=str(path)):
        Vault(path)


def test_a_file_that_is_missing_or_that_others_may_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "node.keys"
    with pytest.raises(ValueError, match=str(path)):
        Vault(path)
    write(path).chmod(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        Vault(path)


def test_a_fresh_line_is_a_key_of_its_own(tmp_path: Path) -> None:
    lines = [new_line() for _ in range(3)]
    assert Vault(write(tmp_path / "node.keys", *lines)).newest == lines[0].split()[0]
