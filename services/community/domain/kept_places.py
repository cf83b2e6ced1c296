"""Whether terms are of what there is: places kept of the community's own offer, hand-over to its own partners. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from contracts.agencies.v1 import AgreementTerms, Allotment
from contracts.capacity.pools import Host, draws, standing
from contracts.community.v1 import Offering
from contracts.refusals import No, Refused
from contracts.values import CommunityId


def check(terms: AgreementTerms, offering: Offering, partners: Collection[CommunityId]) -> None:
    """Raise Refused for the first that is not there; `partners` are those with whom the community has agreed."""
    host, kept = Host.of(offering), dict[str, int]()
    for n, one in enumerate(terms.allotments):
        _check_kept(host, one, terms.valid_from, f"terms.allotments.{n}", kept)
    for n, partner in enumerate(terms.hand_over.partners if terms.hand_over else ()):
        if partner not in partners:
            us, field = offering.community.id, f"terms.hand_over.partners.{n}"
            raise Refused(No.INVALID, "hands_to_no_partner", field, community=us, partner=partner)


def _check_kept(host: Host, one: Allotment, day: date, field: str, kept: dict[str, int]) -> None:
    """Beside what the terms keep of the same pool: all stays of a community share its guest places."""
    experience = host.experiences.get(one.experience_id)
    if experience is None:
        raise Refused(
            No.INVALID,
            "nothing_to_keep_of",
            f"{field}.experience_id",
            community=host.offering.community.id,
            experience_id=one.experience_id,
            offered=tuple(host.experiences),
        )
    at = draws(experience, day, min(experience.starts))[0].at
    kept[at.pool] = places = kept.get(at.pool, 0) + one.places
    if places > (most := standing(host, at)):
        raise Refused(
            No.INVALID,
            "keeps_more_than_there_is",
            f"{field}.places",
            experience_id=one.experience_id,
            places=places,
            most=most,
        )
