"""Agencies, v1: who they are, and the agreements under which they book. The community service owns both.

An agency belongs to one node; nothing of this crosses a border. An agreement is between one agency and one community,
proposed by either and agreed to by the other; what was booked under it goes on when it ends.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.messages import Command, Message, Query, Several
from contracts.sentences import Unfit
from contracts.values import CommunityId, Day, DisplayName, ExperienceId, Instant, Slug, Value

AgencyId = Slug
Side = Literal["agency", "community"]
AgreementState = Literal["proposed", "agreed", "ended"]


class Allotment(Value):
    """So many places of each departure, of a stay: of each night, are kept for the agency.

    Until the day begins, by the community's clock, that is `release_days` before the day of the visit; what it has not
    booked by then is anybody's.
    """

    experience_id: ExperienceId
    places: Annotated[int, Field(ge=1, le=10_000)]
    release_days: Annotated[int, Field(ge=0, le=365)] = 14


class HandingOver(Value):
    """The agency may hand parties over for the community: to these partners (none named: to all).

    At most so many of them are open at a time.
    """

    partners: Annotated[tuple[CommunityId, ...], Field(max_length=100)] = ()
    most_open: Annotated[int, Field(ge=1, le=1_000)] = 10


class AgreementTerms(Value):
    """Under what an agency books; `percent` in two decimals.

    `commission`: the agency collects the published price and keeps `percent` of it. `net`: it pays the published price
    less `percent`, and sells at its own. `cutoff_hours` is the agency's own notice, beside the community's: the
    stricter counts. `on_request`: each booking waits for the community, at most `answer_hours`.
    """

    valid_from: Day
    valid_to: Day | None = None
    rate: Literal["commission", "net"] = "commission"
    percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}\.[0-9]{2}$")] = "0.00"
    cutoff_hours: Annotated[int, Field(ge=0, le=24 * 60)] = 0
    confirmation: Literal["instant", "on_request"] = "instant"
    answer_hours: Annotated[int, Field(ge=1, le=240)] = 24
    allotments: Annotated[tuple[Allotment, ...], Field(max_length=50)] = ()
    hand_over: HandingOver | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Unfit("ends_before_it_begins")
        named = [one.experience_id for one in self.allotments]
        if len(named) != len(set(named)):
            raise Unfit("allotted_twice")
        return self

    def counts_on(self, day: Day) -> bool:
        """Whether one may book under it on this day of the community's."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


# what is answered


class AgencyView(Value):
    """An agency: its id, and the name under which it trades."""

    agency: AgencyId
    name: DisplayName
    since: Instant


class AgreementView(Value):
    """One agreement as both sides see it; while it is proposed, it waits for whoever did not propose it.

    `in_force` are the terms that count now: those agreed to, also while others are proposed in their place.
    """

    agency: AgencyId
    agency_name: DisplayName
    community: CommunityId
    state: AgreementState
    proposed_by: Side
    terms: AgreementTerms
    in_force: AgreementTerms | None = None
    since: Instant


# commands


class AddAgency(Command[AgencyView]):
    """Let an agency take part, or give it another name. For operators of the system."""

    type: ClassVar[str] = "community.add_agency.v1"
    agency: AgencyId
    name: DisplayName


class ProposeAgreement(Command[AgreementView]):
    """Propose terms, or others in place of those proposed; the acting community is one side, the agency the other.

    In place of an agreement that is in force, new terms: the old ones stay until the other side agrees.
    Who asks says which side speaks: a member the community's, an agency its own. An operator of the system speaks for
    the community, or with `side` for the agency.
    """

    type: ClassVar[str] = "community.propose_agreement.v1"
    agency: AgencyId
    terms: AgreementTerms
    side: Side | None = None


class AgreeAgreement(Command[AgreementView]):
    """Agree to what the other side proposed; with `terms`, only if it is these that are proposed by now."""

    type: ClassVar[str] = "community.agree_agreement.v1"
    agency: AgencyId
    terms: AgreementTerms | None = None
    side: Side | None = None


class EndAgreement(Command[AgreementView]):
    """End it, with whatever is proposed; bookings stay as they are.

    `proposal_only` turns down or takes back what is proposed, and leaves the terms in force, if any, as they are.
    """

    type: ClassVar[str] = "community.end_agreement.v1"
    agency: AgencyId
    proposal_only: bool = False
    side: Side | None = None


# queries


class ListAgencies(Query[Several[AgencyView]]):
    """The agencies of this node, by name."""

    type: ClassVar[str] = "community.list_agencies.v1"


class ListAgreements(Query[Several[AgreementView]]):
    """The acting community's agreements; for the node all, and of an agency its own alone."""

    type: ClassVar[str] = "community.list_agreements.v1"


# facts on the internal exchange


class AgencyStated(Message):
    """An agency of this node. Subject: the agency."""

    type: ClassVar[str] = "community.agency_stated.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    agency: AgencyId
    name: DisplayName


class AgreementStated(Message):
    """Where an agreement stands, with the terms in force, if any. Subject: `<agency>--<community>`.

    It is agreed as long as terms are in force, whatever is proposed in their place.
    """

    type: ClassVar[str] = "community.agreement_stated.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    agency: AgencyId
    community: CommunityId
    state: AgreementState
    terms: AgreementTerms | None = None
    since: Instant
