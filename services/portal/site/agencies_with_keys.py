"""Agencies of the node with their keys, for operators of the system; no secret of a key is known here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.agencies.v1 import AgencyView, ListAgencies
from contracts.agency_api.v1 import KeyView, ListKeys
from services.client import formatting
from services.client.agency_keys import is_live
from services.portal.site.context import PageContext, machine_now


@dataclass(frozen=True)
class WithKeys:
    """An agency with its keys, newest first, as of a moment of the machine's clock: theirs is no other."""

    agency: AgencyView
    keys: tuple[KeyView, ...]
    at: datetime

    @property
    def live(self) -> int:
        """How many of its keys open."""
        return sum(is_live(key, self.at) for key in self.keys)

    @property
    def last_used(self) -> datetime | None:
        """When any of them was used."""
        return max((key.last_used for key in self.keys if key.last_used), default=None)

    def standing(self, key: KeyView) -> str:
        """`live`, `revoked` or `over`."""
        return "revoked" if key.revoked_at else "live" if is_live(key, self.at) else "over"


async def every(page: PageContext) -> Sequence[WithKeys]:
    """All of them, by name; two questions however many there are."""
    agencies, keys = await asyncio.gather(page.list(ListAgencies()), page.list(ListKeys()))
    at = machine_now()
    return [WithKeys(one, tuple(key for key in keys if key.agency == one.agency), at) for one in agencies]


async def of_path(page: PageContext) -> WithKeys | None:
    """The one that the path names."""
    return next((one for one in await every(page) if one.agency.agency == page.request.path_params["agency"]), None)


async def of_key(page: PageContext) -> tuple[WithKeys, KeyView] | None:
    """The key that the path names, with whose it is."""
    prefix = page.request.path_params["prefix"]
    found = ((one, key) for one in await every(page) for key in one.keys if key.prefix == prefix)
    return next(found, None)


def last_day(ends_at: datetime) -> date:
    """The last day of a key that ends at a midnight."""
    return formatting.local(ends_at - timedelta(seconds=1)).date()
