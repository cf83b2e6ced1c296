"""Members of the community on its pages: who did something, and who may have a say in help for another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.portal.v1 import ListMembers, MemberView, RecoveryView
from services.portal.domain import members
from services.portal.domain.members import asked_at
from services.portal.site.context import PageContext


async def who_did_it(page: PageContext) -> Mapping[str, str]:
    """Account → what it is called on this page: by what they sign in, to those who may list the members and to oneself.

    To others everybody is "a member": whoever knows a name can try passwords with it.
    """
    async with page.site.store.work(page.community) as work:
        found = await work.members(page.community)
    if page.may(ListMembers):
        return {one.account: one.name for one in found}
    somebody = page.phrases.pgettext("who did it", "a member")
    return {one.account: somebody for one in found} | {page.signed_in.account: page.signed_in.name}


def may_speak(found: Sequence[MemberView], account: str, at: datetime) -> frozenset[str]:
    """Coordinators who may ask for help for this account at a moment, or confirm what was asked for then."""
    return frozenset(
        one.account
        for one in found
        if one.role == "coordinator" and one.account != account and members.is_settled(one.since, at)
    )


def may_confirm(found: Sequence[MemberView], asked: RecoveryView) -> frozenset[str]:
    """Coordinators whose second word counts."""
    return may_speak(found, asked.account, asked_at(asked.ends_at)) - {asked.asked_by}
