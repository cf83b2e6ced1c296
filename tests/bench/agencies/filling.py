"""A network for agencies: two communities and one agency say what they are over the API, all others are copies of them.

A copy is the same rows in the same tables under another name, and takes a thousandth of the time. It has no key to sign
with, which only handoffs need.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg

from contracts.agencies.v1 import AddAgency, AgreeAgreement, AgreementTerms, ProposeAgreement
from contracts.community.v1 import Offering, PublishOffering
from contracts.holding import MOST_HOLDS
from services.chassis.storage.sql import Queries
from services.client.local_api import LocalApi
from tests.bench import network
from tests.support.octo.node import key_of

TERMS = AgreementTerms(valid_from=date(2026, 1, 1), percent="15.00")
TEMPLATES = {"TH": "bench-inn-th", "LA": "bench-inn-la"}
AGENCY = "bench-agency"
#: Places are held at so many communities, so that each has been asked for some before it is measured.
BOOKED = 200
#: Days from today on of which pools are touched, and which are asked about.
FIRST_DAY, DAYS_AHEAD = 30, 60
PATIENCE_SECONDS = 30.0

#: Where each stands, and under which columns.
_OF_COMMUNITIES = {
    "community.communities": "id",
    "community.experiences": "community",
    "booking.hosts": "community",
    "referral.hosts": "community",
    "agency_api.hosts": "community",
}
_OF_AGENCIES = {"community.agencies": "id", "agency_api.agencies": "agency"}
_OF_BOTH = ("community.agreements", "booking.agreements", "agency_api.agreements")
_QUERIES = Queries.load(Path(__file__).parent / "filling.sql")


@dataclass(frozen=True)
class Network:
    """Every agency has an agreement with every community; the first of them keeps no hold."""

    communities: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def booked(self) -> tuple[str, ...]:
        """Those at which places are held."""
        return self.communities[:BOOKED]

    @property
    def holds(self) -> int:
        """How many holds all others may have."""
        return (len(self.keys) - 1) * len(self.booked) * MOST_HOLDS

    @property
    def first_day(self) -> date:
        """The first of the days that are asked about."""
        return first_day()


def first_day() -> date:
    """Far enough for every cut-off."""
    return datetime.now(UTC).date() + timedelta(days=FIRST_DAY)


async def filled(client: LocalApi, url: str, communities: int, holds: int) -> Network:
    """So many communities with agreements of as many agencies as it takes for so many holds, and of one that reads."""
    connection = await asyncpg.connect(url)
    try:
        await asyncio.to_thread(_state, client)
        await _until_known(connection)
        countries = list(TEMPLATES)
        named = [(countries[n % 2], f"{TEMPLATES[countries[n % 2]]}-{n:04}") for n in range(communities)]
        agencies = [f"{AGENCY}-{n:04}" for n in range(2 + holds // (min(communities, BOOKED) * MOST_HOLDS))]
        names = tuple(name for _, name in named)
        async with connection.transaction():
            await _copy_agencies(connection, agencies)
            for country, template in TEMPLATES.items():
                await _copy_communities(connection, template, [name for one, name in named if one == country], agencies)
            await _as_in(connection, "agency_api")
            await connection.execute(_QUERIES["pools"], names, first_day(), DAYS_AHEAD)
        await connection.execute("VACUUM ANALYZE")
        keys = [await asyncio.to_thread(key_of, client, agency) for agency in agencies]
        return Network(names, tuple(keys))
    finally:
        await connection.close()


def _state(client: LocalApi) -> None:
    client.send(AddAgency(agency=AGENCY, name="Bench agency"))
    for country, name in TEMPLATES.items():
        client.send(PublishOffering(offering=Offering.model_validate(network.large_offering(name, country))))
        client.send(ProposeAgreement(agency=AGENCY, terms=TERMS), acting=name)
        client.send(AgreeAgreement(agency=AGENCY, side="agency"), acting=name)


async def _until_known(connection: asyncpg.Connection) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await connection.fetchval(_QUERIES["agreements_known"], AGENCY, list(TEMPLATES.values())):
        if time.monotonic() > deadline:
            raise TimeoutError("the node does not tell its services what communities have stated")
        await asyncio.sleep(0.05)


async def _copy_agencies(connection: asyncpg.Connection, agencies: Sequence[str]) -> None:
    for table, column in _OF_AGENCIES.items():
        await _copy(connection, table, f"t.{column} = '{AGENCY}'", "", [(agency, "") for agency in agencies])


async def _copy_communities(
    connection: asyncpg.Connection, template: str, names: Sequence[str], agencies: Sequence[str]
) -> None:
    for table, column in _OF_COMMUNITIES.items():
        await _copy(connection, table, f"t.{column} = '{template}'", template, [(AGENCY, name) for name in names])
    agreements = [(agency, name) for name in names for agency in agencies]
    for table in _OF_BOTH:
        own = f"t.agency = '{AGENCY}' AND t.community = '{template}'"
        await _copy(connection, table, own, template, agreements)


async def _copy(
    connection: asyncpg.Connection, table: str, own: str, template: str, new: Sequence[tuple[str, str]]
) -> None:
    """The template's rows once more for each agency and community, with their names in its place."""
    await _as_in(connection, table.partition(".")[0])
    text = _QUERIES["copy"].replace("a_table", table).replace("its_own", own)  # names of our own
    await connection.execute(text, AGENCY, template, [one for one, _ in new], [one for _, one in new])


async def _as_in(connection: asyncpg.Connection, schema: str) -> None:
    """Names mean what they mean to the service, for what its tables do by themselves."""
    await connection.execute("SELECT set_config('search_path', $1, true)", schema)
