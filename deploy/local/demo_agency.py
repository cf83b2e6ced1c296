"""An agency to try the agencies' API with: for the demonstration communities alone, with a key of this node alone."""

import os
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

from contracts.agencies.v1 import (
    AddAgency,
    AgreeAgreement,
    AgreementTerms,
    HandingOver,
    ListAgencies,
    ListAgreements,
    ProposeAgreement,
)
from contracts.agency_api.v1 import ListKeys
from contracts.community.v1 import FindCommunities
from services.client.agency_keys import SCOPES, NewKey, new_key
from services.client.answers import Refused
from services.client.local_api import LocalApi

FILE = "demo.agency"
AGENCY, NAME = "mekong-tours", "Mekong Tours (demo)"
#: Long before any demonstration, for a machine's date may be any.
TERMS = AgreementTerms(valid_from=date(2020, 1, 1), percent="15.00")
ON_REQUEST = TERMS.model_copy(update={"confirmation": "on_request"})
#: Tha Li also lets it hand parties over.
THA_LI = ON_REQUEST.model_copy(update={"hand_over": HandingOver()})
#: Where it may book, and on what terms. Tha Li is asked first: its demonstration account answers.
AGREEMENTS = {"bo-taen": TERMS, "tha-li": THA_LI, "rai-kong-khing": TERMS, "mueang-kao-sukhothai": TERMS}
#: The agencies' API hears of an agency by message; so long is waited for it, in seconds.
PATIENCE = 20.0


def opened(client: LocalApi, base: Path) -> str | None:
    """The key of the agency, made once; None where nothing is for trying, or where the key was revoked.

    The key is kept first: a start that is cut short does the rest the next time. An agency that somebody else has added
    under this name is left alone, and so is an agreement that was ended.
    """
    whose = _demo_communities(client)
    known = {one.agency for one in client.send(ListAgencies()).items} if whose else set()
    path = base / FILE
    if not whose or (AGENCY in known and not path.exists()):
        return None
    key = path.read_text(encoding="utf-8").strip() if path.exists() else _kept(path, new_key().whole)
    with suppress(Refused):  # somebody has changed it in the meantime: as they want it
        if AGENCY not in known:
            client.send(AddAgency(agency=AGENCY, name=NAME))
        for community in whose:
            _agree(client, community)
    return key if _opens(client, key) else None


def _demo_communities(client: LocalApi) -> list[str]:
    """Those of AGREEMENTS that are for trying."""
    found = client.send(FindCommunities(ids=tuple(AGREEMENTS))).items
    demo = {one.id for one in found if one.demo}
    return [community for community in AGREEMENTS if community in demo]


def _agree(client: LocalApi, community: str) -> None:
    """Propose and agree, unless the two have ever had to do with one another."""
    if any(one.agency == AGENCY for one in client.send(ListAgreements(), acting=community).items):
        return
    terms = AGREEMENTS[community]
    client.send(ProposeAgreement(agency=AGENCY, terms=terms), acting=community)
    client.send(AgreeAgreement(agency=AGENCY, terms=terms, side="agency"), acting=community)


def _opens(client: LocalApi, key: str) -> bool:
    """Whether the key opens, which the node is told where it does not know it yet."""
    prefix, _, secret = key.partition(".")
    kept = NewKey(prefix, secret)
    wanted = kept.wanted(AGENCY, scopes=SCOPES["hand-over"], last=None)
    until = time.monotonic() + PATIENCE
    while True:
        known = {one.prefix: one for one in client.send(ListKeys(agency=AGENCY)).items}
        if prefix in known:
            return known[prefix].revoked_at is None
        try:
            client.send(wanted)
        except Refused as no:
            if no.refusal.reason != "no_such_agency" or time.monotonic() > until:
                return False
            time.sleep(0.1)


def _kept(path: Path, key: str) -> str:
    """Write it down for the node's owner alone, and return it."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(key + "\n")
    fresh.replace(path)
    return key
