"""What the use cases ask of their store: repositories bound to one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.agencies.v1 import AgencyId
from contracts.community.v1 import CommunityProfile, Experience, KeyView, Kind, Offering
from contracts.messages import BorderMessage
from contracts.values import CommunityId, ExperienceId
from services.chassis.ports import EVERYONE, Transaction
from services.community.domain.agreement import Agency, Agreement
from services.community.domain.keys import PartnerKey
from services.community.domain.partnership import Partnership

__all__ = ["EVERYONE", "Communities"]


class CommunityKeys(Protocol):
    """By which key the message being handled was signed; `root` is the id of the first key that it replaces."""

    @property
    def keyid(self) -> str:
        """The id of the key."""

    @property
    def pinned(self) -> bool:
        """Whether a person's act has made it the partner's."""

    @property
    def root(self) -> str:
        """Stays the same when a key is replaced by its owner."""


class Keys(Transaction, Protocol):
    """The keys that sign for the communities of this node, and those by which they know their partners."""

    @property
    def signer(self) -> CommunityKeys | None:
        """Who has signed the border message being handled; None outside of one."""

    async def own_keys(self, community: CommunityId) -> Sequence[KeyView]:
        """Every key that has ever signed for it, oldest first."""

    async def add_key(self, community: CommunityId, used_from: datetime) -> KeyView:
        """Make a key that signs for it from then on."""

    async def end_key(self, community: CommunityId, keyid: str, at: datetime) -> None:
        """A key counts until then; one that ends earlier stays as it is."""

    async def partner_keys(self, community: CommunityId) -> Sequence[PartnerKey]:
        """The keys by which it knows its partners, oldest first for each."""

    async def heard_of_key(self, community: CommunityId, partner: CommunityId) -> None:
        """Remember the signer's key, to judge what else is said about this proposal; eight of a partner, not more."""

    async def pin_key(self, community: CommunityId, partner: CommunityId, root: str) -> None:
        """Know the partner by this key from now on; changes nothing when one is pinned already."""

    async def replace_partner_key(
        self, community: CommunityId, partner: CommunityId, public_key: str, used_from: datetime
    ) -> KeyView:
        """Add the successor that the signer's key names; returns the new one."""

    async def end_partner_key(self, community: CommunityId, partner: CommunityId, at: datetime) -> None:
        """The signer's key counts until then; one that ends earlier stays as it is."""

    async def end_other_keys(self, community: CommunityId, partner: CommunityId, keyid: str, at: datetime) -> None:
        """Of the keys with the same root as the signer's, only this one remains valid."""


class Agreements(Transaction, Protocol):
    """The agencies of this node, and what each has agreed with communities."""

    async def agency(self, agency: AgencyId) -> Agency | None:
        """One of them; None when there is no such agency."""

    async def agencies(self) -> Sequence[Agency]:
        """All of them, by name."""

    async def save_agency(self, agency: Agency) -> None:
        """Write it, new or with another name."""

    async def agreement(self, agency: AgencyId, community: CommunityId) -> Agreement | None:
        """What is between the two; read it after `offering`, which makes their acts come one after another."""

    async def save_agreement(self, agreement: Agreement) -> None:
        """Write the record, new or changed."""

    async def agreements(
        self, community: CommunityId | None, agency: AgencyId | None
    ) -> Sequence[tuple[Agreement, str]]:
        """Those of a community, of an agency, or of both, each with the agency's name, by that name."""

    async def agreements_after(self, place: tuple[AgencyId, CommunityId], limit: int) -> Sequence[Agreement]:
        """The next page of all records, in order of (agency, community); ("", "") for the first."""


class Communities(Keys, Agreements, Protocol):
    """The communities of this node, what they offer, and their partnerships."""

    def send(
        self, message: BorderMessage, *, sender: CommunityId, to: CommunityId, subject: str, keyid: str | None = None
    ) -> None:
        """Send over the border; signed with the key in force when it leaves, or with the one named."""

    async def offering(self, community: CommunityId) -> Offering | None:
        """What a community of this node offers; None when it is not hosted here.

        The row stays locked until the commit: publishing and partnerships of one community happen one after another,
        so that no partner is agreed with between the reading of a catalogue and its sending.
        """

    async def save_offering(self, offering: Offering) -> None:
        """Put this in the place of what the community offered before."""

    async def offerings_after(self, community: CommunityId, limit: int) -> Sequence[Offering]:
        """The next page in order of id; "" for the first."""

    async def agreed_partners(self, communities: Sequence[CommunityId]) -> Mapping[CommunityId, Sequence[CommunityId]]:
        """The partners with whom each of these has an agreed, unsuspended partnership."""

    async def partnership(self, community: CommunityId, partner: CommunityId) -> Partnership | None:
        """That community's own record of the partnership."""

    async def strangers_waiting(self, community: CommunityId, partner: CommunityId) -> int:
        """How many besides this partner have proposed and wait for our word, and were never agreed with."""

    async def save_partnership(self, partnership: Partnership) -> None:
        """Write the record, new or changed."""

    async def partnerships(self, community: CommunityId) -> Sequence[Partnership]:
        """All of one community's records, in order of partner."""

    async def partnerships_after(self, place: tuple[CommunityId, CommunityId], limit: int) -> Sequence[Partnership]:
        """The next page of all records, in order of (community, partner); ("", "") for the first."""

    async def find_communities(
        self, key: str, ids: Sequence[CommunityId] | None, limit: int
    ) -> Sequence[CommunityProfile]:
        """Communities whose search text contains the key, of these ids if any, by id; the empty key finds all."""

    async def find_experiences(
        self,
        key: str,
        communities: Sequence[CommunityId] | None,
        kind: Kind | None,
        after: ExperienceId | None,
        limit: int,
    ) -> Sequence[Experience]:
        """Experiences whose search text, or whose community's, contains the key, in order of community and offering.

        Only those behind `after`, if there is one: where it stands, or all of its community's when it is gone.
        """
