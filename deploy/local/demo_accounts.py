"""Accounts to try the pages with: made for the demonstration communities alone, with passwords of this node alone."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from contracts.community.v1 import FindCommunities
from contracts.portal.v1 import ListMembers, OpenAccount
from contracts.principal import Role
from services.client import passwords
from services.client.answers import Refused
from services.client.local_api import LocalApi

FILE = "demo.accounts"
#: Name → for whom, in which role.
ACCOUNTS: dict[str, tuple[str, Role]] = {
    "thali": ("tha-li", "coordinator"),
    "botaen": ("bo-taen", "coordinator"),
    "botaen-door": ("bo-taen", "helper"),
}
#: Signs that are told apart on any screen; with so many of them a password is not guessed in the tries that one has.
_SIGNS, _LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 8


def opened(client: LocalApi, base: Path) -> dict[str, str]:
    """Name → password of the accounts, opened where they are missing; none for communities that are not for trying.

    The passwords are kept first: a start that is cut short opens the rest the next time.
    """
    path = base / FILE
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    shown = {
        name: kept.get(name) or _new_password() for name, (whose, _) in ACCOUNTS.items() if _is_demo(client, whose)
    }
    if shown != kept:
        _keep(path, shown)
    for name, password in shown.items():
        community, role = ACCOUNTS[name]
        if not any(member.name == name for member in client.send(ListMembers(), acting=community).items):
            with suppress(Refused):  # somebody else signs in so: theirs it stays
                account = OpenAccount(name=name, password=passwords.hashed(password), role=role)
                client.send(account, acting=community)
    return shown


def _new_password() -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def _is_demo(client: LocalApi, community: str) -> bool:
    found = client.send(FindCommunities(ids=(community,))).items
    return bool(found) and found[0].demo


def _keep(path: Path, accounts: dict[str, str]) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(accounts, file)
    fresh.replace(path)
