"""Asking a community, and what becomes of it. Who acts for the community is known before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.portal.domain.enquiries import FROM_ADDRESS_WITHIN, KEPT, TO_COMMUNITY_WITHIN, Asker, Enquiry, too_often
from services.portal.handlers import telling
from services.portal.ports.enquiries import Enquiries
from services.portal.ports.telling import Tellings


class Asking(Enquiries, Tellings, Protocol):
    """Questions, and whom to tell of them: one transaction."""


async def ask(
    work: Asking, community: str, enquiry: Enquiry, asker: Asker, *, address: bytes, to: bytes
) -> bool:  # fmt: skip
    """Keep what somebody asks; False when it comes too often. `address` and `to` are keyed digests to count by.

    What is refused counts for nothing: nobody keeps others from asking by asking on and on.
    """
    await work.lock_enquiries(community)
    from_address = await work.enquiry_tries(address, work.now - FROM_ADDRESS_WITHIN)
    to_community = await work.enquiry_tries(to, work.now - TO_COMMUNITY_WITHIN)
    if too_often(from_address, to_community, work.now):
        return False
    for about in (address, to):
        await work.add_enquiry_try(about, work.now)
    await work.add_enquiry(community, enquiry, asker)
    await telling.note_question(work, community, enquiry.id)
    return True


async def waiting(work: Enquiries, community: str) -> Sequence[Enquiry]:
    """What waits for an answer, without what is personal."""
    return await work.enquiries(community)


async def count(work: Enquiries, community: str) -> int:
    """How many wait for an answer."""
    return await work.count_enquiries(community)


async def read(work: Enquiries, community: str, id_: str) -> tuple[Enquiry, Asker] | None:
    """What somebody asks; that it was read stands in the audit."""
    found = await work.enquiry(community, id_)
    if found is not None:
        work.audit(community, "read_enquiry", id_)
    return found


async def answered(work: Enquiries, community: str, id_: str) -> None:
    """Erase what is answered."""
    if await work.erase_enquiry(community, id_):
        work.audit(community, "erase_enquiry", id_)


async def sweep(work: Enquiries) -> int:
    """Erase what has waited too long."""
    gone = await work.sweep_enquiries(work.now - KEPT, work.now - TO_COMMUNITY_WITHIN)
    for community in gone:
        work.audit(community, "erase_enquiries_by_time", community)
    return 0
