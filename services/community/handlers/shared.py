"""Shared by the use cases: sending partners the catalogue, and refusing what the rules found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.border import v1 as border
from contracts.community.faults import Fault
from contracts.community.v1 import Offering
from contracts.refusals import No, Refused
from contracts.sentences import MORE
from contracts.values import CommunityId
from services.community.domain.partnership import pair
from services.community.ports import Communities


def share(work: Communities, offering: Offering, partners: Iterable[CommunityId]) -> None:
    """Send a community's whole offering to these partners, as of now."""
    message = border.CatalogueShared(as_of=work.now, offering=offering)
    sender = offering.community.id
    for partner in partners:
        work.send(message, sender=sender, to=partner, subject=sender)


async def hosted(work: Communities) -> Offering:
    """What the acting community offers. Raises Refused when it is not of this node."""
    offering = await work.offering(work.acting)
    if offering is None:
        raise Refused(No.UNKNOWN, "not_hosted_here", community=work.acting)
    return offering


def between(work: Communities, subject: str | None = None) -> tuple[CommunityId, CommunityId]:
    """Whom a partnership message is for and who speaks. Raises ValueError when it is not one between these two.

    `subject` is the subject it must have, when not the pair's.
    """
    cause = work.cause
    if cause is None or cause.to is None or cause.to == cause.source:
        raise ValueError("a partnership message is addressed to another community")
    if cause.subject != (subject or pair(cause.to, cause.source)):
        raise ValueError("the subject of a partnership message names its two communities, a rotation's its content")
    return cause.to, cause.source


def refuse_faults(faults: Sequence[Fault], within: str = "") -> None:
    """Raise Refused for the first fault, with the number of the others."""
    if faults:
        first = faults[0].within(within)
        more = {MORE: len(faults) - 1} if len(faults) > 1 else {}
        raise Refused(No.INVALID, first.reason, first.field, quote=None, **first.params, **more)
