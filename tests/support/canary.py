"""Canaries: values that only a person could have given, planted everywhere, and looked for wherever bytes come to rest.

Looked for in every form in which software writes text down: UTF-8, UTF-16, JSON with escapes, per cent, hexadecimal,
and base64 at each of its three offsets.
"""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

_THAI = "กขคงจฉชซญดตถทนบปผฝพมยรลวสหอ"
_LAO = "ກຂຄງຈສຊຍດຕຖທນບປຜຝພມຢຣລວຫອ"


@dataclass(frozen=True)
class Canaries:
    """One person's data, of which no second copy exists in the world."""

    name: str = field(default_factory=lambda: _word(_THAI))
    other_name: str = field(default_factory=lambda: _word(_LAO))
    phone: str = field(default_factory=lambda: "+85620" + "".join(secrets.choice("0123456789") for _ in range(8)))
    document: str = field(default_factory=lambda: "ZQ" + "".join(secrets.choice("0123456789") for _ in range(9)))
    food: str = field(default_factory=lambda: f"no {_word('abcdefghijkmnopqrstuvwxyz')}")
    mobility: str = field(default_factory=lambda: f"{_word('abcdefghijkmnopqrstuvwxyz')} chair")

    @property
    def values(self) -> tuple[str, ...]:
        return (self.name, self.other_name, self.phone, self.document, self.food, self.mobility)

    @property
    def personal_part(self) -> dict[str, object]:
        """What may be consented to, all of it."""
        return {
            "name": f"{self.name} {self.other_name}",
            "channel": {"kind": "whatsapp", "address": self.phone},
            "nationality": "DE",
            "document_class": "passport",
            "food": self.food,
            "mobility": self.mobility,
        }

    @property
    def contact(self) -> dict[str, object]:
        """What an agency's software says of whom it books for, as OCTO writes it."""
        return {
            "fullName": f"{self.name} {self.other_name}",
            "phoneNumber": self.phone,
            "notes": f"{self.food}, {self.mobility}",
            "locales": ["th"],
        }


def forms(value: str) -> set[bytes]:
    """The bytes a value may have been written as."""
    raw = value.encode()
    found = {raw, value.encode("utf-16-le"), value.encode("utf-16-be"), quote(value, safe="").encode()}
    escaped = json.dumps(value)[1:-1]
    found |= {escaped.encode(), escaped.replace("\\u", "\\\\u").encode(), json.dumps(escaped)[1:-1].encode()}
    found |= {raw.hex().encode(), raw.hex().upper().encode()}
    for offset in range(3):
        # Base64 works on three bytes at once: what stands beside the value changes its first and last signs.
        whole = base64.b64encode(b"\0" * offset + raw)
        inside = whole[4 if offset else 0 : len(whole) - 4]
        found |= {inside, inside.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in found if len(form) >= 8}


def sightings(canaries: Canaries, places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where one was seen, and which; never the value itself."""
    wanted = [(n, form) for n, value in enumerate(canaries.values) for form in forms(value)]
    return sorted({f"{place}: value {n}" for place, content in places for n, form in wanted if form in content})


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, with what lies in it and what it is called; one that goes away meanwhile is left out."""
    for folder in folders:
        for path in folder.rglob("*"):
            yield "a file's name", str(path.relative_to(folder)).encode()
            try:
                if path.is_file() and not path.is_symlink():
                    yield f"{folder.name}/{path.relative_to(folder)}", path.read_bytes()
            except OSError:
                continue


def dump(psql: str, url: str) -> tuple[str, bytes]:
    """The database as a backup holds it: everything, in SQL."""
    program = str(Path(psql).with_name("pg_dump")) if "/" in psql else "pg_dump"
    return "database dump", subprocess.run([program, "-d", url], check=True, capture_output=True, timeout=120).stdout


class OpenSuite:
    """As HPKE, without its encryption: a control, to see that a leak is found."""

    def encrypt(self, text: bytes, _key: object, *, info: bytes) -> bytes:  # noqa: ARG002 - as the real one
        return b"\0" * 48 + text

    def decrypt(self, sealed: bytes, _key: object, *, info: bytes) -> bytes:  # noqa: ARG002 - as the real one
        return sealed[48:]


def _word(letters: str) -> str:
    return "".join(secrets.choice(letters) for _ in range(14))
