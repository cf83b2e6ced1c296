"""Community, v1: profiles, experiences and partnerships. The community service owns the standing offer."""

from __future__ import annotations

import hashlib
import json
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.messages import Command, Message, Query, Several
from contracts.personal.v1 import Digest, PublicKey
from contracts.sentences import Unfit
from contracts.values import (
    CommunityId,
    Currency,
    Day,
    DisplayName,
    ExperienceId,
    Instant,
    Language,
    Money,
    Names,
    Slug,
    StartTime,
    Uuid,
    Value,
    Zone,
    as_written,
)

Weekdays = Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)]
Months = Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1, max_length=12)]
Kind = Literal["activity", "meal", "homestay", "product"]
Programme = Literal["half_day", "day", "overnight"]


class Place(Value):
    """Where a community lies; `accuracy_m` in metres. Judged against the box of its ISO 3166-2 subdivision."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: Annotated[int, Field(ge=0, le=100_000)]
    country: Literal["TH", "LA"]
    subdivision: Annotated[str, Field(pattern=r"^(TH|LA)-[0-9A-Z]{1,3}$")]


class CarryingLimits(Value):
    """What the community bears: visitors a day, guests a night, party size, hours of notice, open weekdays (ISO)."""

    visitors_per_day: Annotated[int, Field(ge=0, le=10_000)]
    guests_per_night: Annotated[int, Field(ge=0, le=10_000)]
    min_party: Annotated[int, Field(ge=1, le=200)] = 1
    max_party: Annotated[int, Field(ge=1, le=200)] = 200
    cutoff_hours: Annotated[int, Field(ge=0, le=24 * 60)] = 24
    weekdays: Weekdays = (1, 2, 3, 4, 5, 6, 7)
    arrive_from: StartTime | None = None
    arrive_until: StartTime | None = None
    #: When offers are answered, local; the same time twice: around the clock.
    answers_from: StartTime = time(7)
    answers_until: StartTime = time(20)


#: A paragraph for visitors.
Text = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(as_written)]


class Texts(Value):
    """A paragraph in Thai, Lao and English, as far as there is one."""

    th: Text | None = None
    lo: Text | None = None
    en: Text | None = None


class Office(Value):
    """How the community's office is reached; never a person's own address or number."""

    website: Annotated[str, Field(pattern=r"^https?://[!-~]{3,200}$")] | None = None
    address: DisplayName | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[A-Za-z0-9.-]{3,120}$")] | None = None
    telephone: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None


class CancellationStep(Value):
    """Up to so many hours before the start, `refund_percent` of the price is given back."""

    hours: Annotated[int, Field(ge=0, le=24 * 365)]
    refund_percent: Annotated[int, Field(ge=1, le=100)]


class CancellationRule(Value):
    """What is given back when a booking is cancelled: as the first step says whose hours are left, else nothing.

    Steps go from the most hours to the fewest, and from the most refund to the least.
    """

    steps: Annotated[tuple[CancellationStep, ...], Field(max_length=5)] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for earlier, later in pairwise(self.steps):
            if not (earlier.hours > later.hours and earlier.refund_percent > later.refund_percent):
                raise Unfit("steps_out_of_order")
        return self


class CommunityProfile(Value):
    """A host community as it presents itself; nothing personal (the contact is an office, not a person)."""

    id: CommunityId
    names: Names
    aliases: Annotated[tuple[DisplayName, ...], Field(max_length=30)] = ()
    place: Place
    zone: Zone
    currency: Currency
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=10)]
    contacts: Annotated[tuple[DisplayName, ...], Field(max_length=10)] = ()
    limits: CarryingLimits
    #: How long after its end the personal part of a handoff is kept, in days.
    retention_days: Annotated[int, Field(ge=1, le=365)] = 30
    office: Office | None = None
    demo: bool = False


class UnitPrice(Value):
    """The price of one unit; bands without a price are free, infants always."""

    unit: Literal["adult", "child", "item"]
    price: Money


class Experience(Value):
    """What a community offers, with its standing schedule; a homestay's `seats` are the community's guest places."""

    id: ExperienceId
    names: Names
    kind: Kind
    programme: Programme
    duration_minutes: Annotated[int, Field(ge=5, le=7 * 24 * 60)]
    starts: Annotated[tuple[StartTime, ...], Field(min_length=1, max_length=24)]
    weekdays: Weekdays = (1, 2, 3, 4, 5, 6, 7)
    months: Months = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    min_party: Annotated[int, Field(ge=1, le=200)] = 1
    seats: Annotated[int, Field(ge=1, le=10_000)]
    cutoff_hours: Annotated[int, Field(ge=0, le=24 * 60)] = 24
    prices: Annotated[tuple[UnitPrice, ...], Field(min_length=1, max_length=3)]
    descriptions: Texts | None = None
    #: The community's own number or code for it.
    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,40}$")] | None = None
    #: False: what an agency books waits for the community, whatever the agreement says.
    instant_confirmation: bool = True
    #: None: all is given back up to the cut-off, nothing after it.
    cancellation: CancellationRule | None = None
    demo: bool = False

    @property
    def community_id(self) -> CommunityId:
        """Whose experience it is: the part before the dot."""
        return self.id.partition(".")[0]

    def last_day(self, day: date, start: time | None, nights: int = 1) -> date:
        """The last local date that it touches: a homestay's last night, else the day of its last minute.

        Without a start, the latest one counts.
        """
        if self.kind == "homestay":
            return day + timedelta(days=nights - 1)
        begins = start or max(self.starts)
        return day + timedelta(minutes=begins.hour * 60 + begins.minute + self.duration_minutes - 1)


class Offering(Value):
    """A community with everything it offers: the unit that is published, shared and read whole."""

    community: CommunityProfile
    experiences: Annotated[tuple[Experience, ...], Field(max_length=60)] = ()

    @model_validator(mode="after")
    def _its_own(self) -> Self:
        names = [e.id for e in self.experiences]
        if len(set(names)) != len(names):
            raise Unfit("experience_id_given_twice")
        for experience in self.experiences:
            if experience.community_id != self.community.id:
                raise Unfit("experience_of_others", experience_id=experience.id, community=self.community.id)
            if any(p.price.currency != self.community.currency for p in experience.prices):
                raise Unfit("price_in_other_currency", experience_id=experience.id)
        return self

    @property
    def digest(self) -> str:
        """Stands for all of it: the same for everybody who reads the same."""
        return hashlib.sha256(json.dumps(self.wire(), sort_keys=True).encode()).hexdigest()


class Terms(Value):
    """What two partners agreed; percentages in two decimals, or whole.

    `pool_share_percent` is the most of a pool that one partner's unanswered offers may hold; `auto_accept` is what
    either receiver may use, and never takes more than the offer expected.
    """

    valid_from: Day
    valid_to: Day | None = None
    referral_fee_percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}\.[0-9]{2}$")] = "0.00"
    response_hours: Annotated[int, Field(ge=1, le=240)] = 12
    max_open_handoffs: Annotated[int, Field(ge=0, le=10_000)] = 20
    pool_share_percent: Annotated[int, Field(ge=1, le=100)] = 100
    auto_accept: bool = False
    crossings: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()
    border: bool = False


#: First 96 bits of the SHA-256 of a public key, in base64url.
KeyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16}$")]
#: The same key for people: its first 80 bits in groups of four hexadecimal digits.
Fingerprint = Annotated[str, Field(pattern=r"^([0-9a-f]{4} ){4}[0-9a-f]{4}$")]
PartnershipState = Literal["proposed", "agreed", "suspended", "ended"]


# what is answered


class KeyView(Value):
    """A key that signs for a community, from and until when."""

    community: CommunityId
    keyid: KeyId
    public_key: PublicKey
    fingerprint: Fingerprint
    used_from: Instant
    used_until: Instant | None


class PartnershipView(Value):
    """One partnership as its community sees it; `awaits_us` when the partner's proposal waits for our word.

    The two fingerprints are read to one another by phone, so that nobody else's key is agreed to.
    """

    partner: CommunityId
    state: PartnershipState
    awaits_us: bool
    terms: Terms
    since: Instant
    partnership_id: Uuid
    our_fingerprint: Fingerprint | None = None
    their_fingerprint: Fingerprint | None = None


class OfferingRecorded(Value):
    """Answer to PublishOffering; `changed` is False when it was published as it is before: nothing was announced."""

    community: CommunityId
    experiences: Annotated[int, Field(ge=0)]
    changed: bool


class Restated(Value):
    """Answer to Restate: how many were stated again."""

    communities: Annotated[int, Field(ge=0)]
    partnerships: Annotated[int, Field(ge=0)]
    agencies: Annotated[int, Field(ge=0)] = 0
    agreements: Annotated[int, Field(ge=0)] = 0


# commands: asked through a call, answered with what was recorded


class PublishOffering(Command[OfferingRecorded]):
    """State a community and everything it offers; replaces what it offered before.

    `instead_of` is the digest of the offering that was looked at: refused when somebody has published another since.
    """

    type: ClassVar[str] = "community.publish_offering.v1"
    offering: Offering
    instead_of: Digest | None = None


class ProposePartnership(Command[PartnershipView]):
    """The acting community proposes terms to another."""

    type: ClassVar[str] = "community.propose_partnership.v1"
    partner: CommunityId
    terms: Terms


class AgreePartnership(Command[PartnershipView]):
    """The acting community agrees to the terms that the partner proposed."""

    type: ClassVar[str] = "community.agree_partnership.v1"
    partner: CommunityId


class SuspendPartnership(Command[PartnershipView]):
    """The acting community pauses, or with `resume` takes up again: no new offers while suspended."""

    type: ClassVar[str] = "community.suspend_partnership.v1"
    partner: CommunityId
    resume: bool = False


class EndPartnership(Command[PartnershipView]):
    """The acting community ends it; what is under way goes on to its end."""

    type: ClassVar[str] = "community.end_partnership.v1"
    partner: CommunityId


class RotateKey(Command[Several[KeyView]]):
    """The acting community signs with a new key from `used_from` on (a day from now), the old one good for a week more.

    `at_once` when the old one may be in other hands: nothing signed with it counts any more.
    """

    type: ClassVar[str] = "community.rotate_key.v1"
    at_once: bool = False


class Restate(Command[Restated]):
    """State every community and partnership of this node again, in pages, as ordinary facts."""

    type: ClassVar[str] = "community.restate.v1"


# queries


class FindCommunities(Query[Several[CommunityProfile]]):
    """Communities whose name, alias or id contains `text`, in any script; all when it is empty.

    With `ids` only those of them: who knows an id asks for its names, and for nothing else.
    """

    type: ClassVar[str] = "community.find_communities.v1"
    text: Annotated[str, Field(max_length=80)] = ""
    ids: Annotated[tuple[CommunityId, ...], Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FindExperiences(Query[Several[Experience]]):
    """Experiences whose name or id, or whose community's, contains `text`, in order of community and its offering.

    `communities` asks for several at once; `after` is the last of the page before.
    """

    type: ClassVar[str] = "community.find_experiences.v1"
    text: Annotated[str, Field(max_length=80)] = ""
    community: CommunityId | None = None
    communities: Annotated[tuple[CommunityId, ...], Field(max_length=200)] | None = None
    after: ExperienceId | None = None
    kind: Kind | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ListPartnerships(Query[Several[PartnershipView]]):
    """The acting community's partnerships."""

    type: ClassVar[str] = "community.list_partnerships.v1"


class ListKeys(Query[Several[KeyView]]):
    """What the acting community signs with, and what its partners do: enough to verify a pass without a network."""

    type: ClassVar[str] = "community.list_keys.v1"


# events on the internal exchange


class OfferingPublished(Message):
    """A community of this node states its whole standing offer. Subject: the community."""

    type: ClassVar[str] = "community.offering_published.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    offering: Offering


class PartnershipStated(Message):
    """Where a partnership of one of our communities stands now. Subject: `<ours>--<partner>`."""

    type: ClassVar[str] = "community.partnership_stated.v1"
    ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"
    community: CommunityId
    partner: CommunityId
    state: PartnershipState
    terms: Terms
    since: Instant
