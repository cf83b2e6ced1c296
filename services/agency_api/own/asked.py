"""What operations of our own are asked. What an operation does not know is refused by its name."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from contracts.agencies.v1 import AgreementState, AgreementTerms, Allotment, HandingOver
from contracts.community.v1 import Kind, Programme
from contracts.sentences import Unfit
from contracts.values import FIRST_YEAR, LAST_YEAR, CommunityId, Day, Language, Party
from services.agency_api.domain.products import MOST_NIGHTS, is_of_our_times


def _day(said: object) -> object:
    """A day is written, never a number of seconds."""
    if isinstance(said, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII):
        raise Unfit("must_be_day")
    if isinstance(said, int | float):
        raise Unfit("must_be_day")
    return said


def _ours(day: date) -> date:
    if not is_of_our_times(day):
        raise Unfit("not_in_our_times", first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
    return day


Written = Annotated[Day, BeforeValidator(_day), AfterValidator(_ours)]
Cursor = Annotated[str, Field(max_length=600, description="From `next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=100, description="So many at most; a page may hold fewer, so follow `next`")]
Nights = Annotated[int, Field(ge=1, le=MOST_NIGHTS, description="For stays; everything else takes no nights")]
#: Latitude and longitude in degrees.
LatLon = Annotated[
    str,
    Field(
        pattern=r"^-?([0-9]|[1-8][0-9]|90)(\.[0-9]{1,7})?,-?([0-9]|[1-9][0-9]|1[0-7][0-9]|180)(\.[0-9]{1,7})?$",
        description="lat,lon in degrees, such as 17.88,101.65: the nearest come first",
    ),
]
#: What is a number or a truth value in a body is not text, and not the other.
Whole = Field(strict=True)
MOST_PRODUCTS, MOST_DAYS, MOST_SEARCHED = 50, 62, 31


class Asked(BaseModel):
    """Names as in the contracts; nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Asked):
    """No fields at all."""


class Paged(Asked):
    """A list by pages."""

    limit: Limit = 50
    cursor: Cursor | None = None


class Where(Paged):
    """Which communities: by name in any script, by place, by what is spoken there."""

    text: Annotated[str, Field(max_length=80, description="Part of a name in Thai, Lao or Latin letters")] = ""
    near: LatLon | None = None
    within_km: Annotated[float, Field(gt=0, le=2_000, description="Goes with `near`")] | None = None
    language: Annotated[tuple[Language, ...], Field(max_length=10, description="One of these is enough")] = ()


class AskedCommunities(Where):
    """Those with an agreement in force today, or those without."""

    agreement: Literal["in_force", "none"] = "in_force"


class AskedSearch(Where):
    """What can be taken from `first` to `last`, both included, by whom."""

    first: Written
    last: Annotated[Written, Field(description=f"At most {MOST_SEARCHED} days with the first")]
    adults: Annotated[int, Field(ge=1, le=100)]
    children: Annotated[int, Field(ge=0, le=50, description="4 to 11 years")] = 0
    infants: Annotated[int, Field(ge=0, le=50, description="0 to 3 years")] = 0
    nights: Nights = 1
    kind: Annotated[tuple[Kind, ...], Field(max_length=4, description="One of these is enough")] = ()
    programme: Annotated[tuple[Programme, ...], Field(max_length=3, description="One of these is enough")] = ()

    @property
    def party(self) -> Party:
        """Who travels."""
        return Party(adult=self.adults, child=self.children, infant=self.infants)


class Guests(Asked):
    """Who travels."""

    adults: Annotated[int, Whole, Field(ge=1, le=100)]
    children: Annotated[int, Whole, Field(ge=0, le=50)] = 0
    infants: Annotated[int, Whole, Field(ge=0, le=50)] = 0

    @property
    def party(self) -> Party:
        """The same as the contracts have it."""
        return Party(adult=self.adults, child=self.children, infant=self.infants)


#: Whatever a database takes as text.
PRINTED = r"^[^\x00]*$"


class AskedCalendars(Asked):
    """Days of many products; without `party` for anybody, and without prices."""

    product_ids: Annotated[
        tuple[Annotated[str, Field(max_length=200, pattern=PRINTED)], ...],
        Field(min_length=1, max_length=MOST_PRODUCTS),
    ]
    first: Written
    last: Annotated[Written, Field(description=f"At most {MOST_DAYS} days with the first")]
    nights: Annotated[Nights, Whole] = 1
    party: Guests | None = None


class AskedAgreements(Paged):
    """The agency's agreements, of all states or of one."""

    state: AgreementState | None = None


class KeptPlaces(Allotment):
    """Places kept, as an agency writes them."""

    places: Annotated[int, Whole, Field(ge=1, le=10_000)]
    release_days: Annotated[int, Whole, Field(ge=0, le=365)] = 14


class HandOverTerms(HandingOver):
    """Handing over for the community, as an agency writes it."""

    most_open: Annotated[int, Whole, Field(ge=1, le=1_000)] = 10


class Terms(AgreementTerms):
    """Terms as an agency writes them."""

    valid_from: Written
    valid_to: Written | None = None
    cutoff_hours: Annotated[int, Whole, Field(ge=0, le=24 * 60)] = 0
    answer_hours: Annotated[int, Whole, Field(ge=1, le=240)] = 24
    allotments: Annotated[tuple[KeptPlaces, ...], Field(max_length=50)] = ()
    hand_over: HandOverTerms | None = None


class Proposal(Asked):
    """Terms for a community, or others in place of those proposed."""

    community: CommunityId
    terms: Terms


class Agreeing(Asked):
    """Agreed to, with `terms` only if it is these that are proposed by now."""

    terms: Terms | None = None


class Ending(Asked):
    """Ended; `proposal_only` leaves the terms in force as they are."""

    proposal_only: Annotated[bool, Whole] = False
