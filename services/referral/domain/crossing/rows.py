"""Which rows speak of a party on a day, how surely, and which of several holds. What cannot be told is never a yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import NamedTuple

from contracts.crossing.rows import Direction, OpeningHours, Reported, Rule, Sourced
from contracts.crossing.v1 import Basis, CrossingBook, Travel
from contracts.values import CrossingId, Party

#: Where no row says otherwise.
BEFORE_CLOSE, STALE_AFTER = timedelta(minutes=90), timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Who crosses, which way, when, for how long; `travel` None when nobody has said what they carry.

    `today` is the day on which it is planned, None where that is not known.
    """

    direction: Direction
    day: date
    party: Party
    hour: time | None = None
    nights: int | None = None
    travel: Travel | None = None
    return_by: CrossingId | None = None
    chosen: CrossingId | None = None
    today: date | None = None

    @property
    def into(self) -> str:
        """The country they enter."""
        return self.direction[-2:]


class Claim(NamedTuple):
    """A row that is not over; not `sure` when it may not hold, or may not be about this party."""

    rule: Rule
    sure: bool


class RuleReading(NamedTuple):
    """The row that holds, if one does, and all rows when they contradict one another."""

    holds: Claim | None
    disputed: tuple[Rule, ...] = ()


def before_close(book: CrossingBook) -> timedelta:
    """How long before closing time a group should be there."""
    return timedelta(minutes=book.margins[0].before_close_minutes) if book.margins else BEFORE_CLOSE


def stale_after(book: CrossingBook) -> timedelta:
    """After how long a row is no longer trusted."""
    return timedelta(days=book.margins[0].stale_after_days) if book.margins else STALE_AFTER


def is_stale(row: Sourced, journey: Journey, book: CrossingBook) -> bool:
    """Whether nobody has looked for too long before that day, or is said to have looked on a day that is to come."""
    return is_old(row.checked_on, journey, book)


def is_old(seen: date, journey: Journey, book: CrossingBook) -> bool:
    """Whether what was so on a day is no longer to be trusted; nobody has seen a day that is to come."""
    return seen > (journey.today or journey.day) or journey.day - seen > stale_after(book)


def in_force(rule: Rule, day: date) -> bool | None:
    """None when its end is not known."""
    if rule.valid_from and day < rule.valid_from:
        return False
    if rule.valid_to == "unknown":
        return None
    return rule.valid_to is None or day <= rule.valid_to


def is_of(rule: Rule, about: str, direction: Direction, crossing: CrossingId | None) -> bool:
    """Whether it is on this subject, this way, and at this crossing."""
    here = rule.crossing is None or rule.crossing == crossing
    return rule.about == about and direction in rule.directions and here


def covers(rule: Rule, travel: Travel) -> bool | None:
    """Whether it is about such a party; None when that cannot be told from what is known."""
    if travel.nationality not in rule.nationalities or (rule.documents and travel.document not in rule.documents):
        return False
    return means(rule, travel)


def means(rule: Rule, travel: Travel) -> bool | None:
    """Whether they are the travellers that it means, whatever their group and document; None when it cannot be told."""
    resident = {"yes": True, "no": False}.get(travel.border_resident)
    if rule.traveller in ("border_resident", "not_border_resident"):
        return None if resident is None else resident is (rule.traveller == "border_resident")
    return True if rule.traveller == "any" else None


def claims(
    book: CrossingBook, about: str, journey: Journey, crossing: CrossingId | None, direction: Direction | None = None
) -> list[Claim]:
    """Rows that may speak of this journey; the caller looks at what else they are limited to."""
    if journey.travel is None:
        return []
    found = []
    for rule in book.rules:
        if is_of(rule, about, direction or journey.direction, crossing):
            covered, valid = covers(rule, journey.travel), in_force(rule, journey.day)
            if covered is not False and valid is not False:
                sure = covered is True and valid is True and not is_stale(rule, journey, book)
                found.append(Claim(rule, sure))
    return found


def settle(found: Sequence[Claim]) -> RuleReading:
    """The newest check wins and the contradiction is told; checked on the same day, none of them holds."""
    if not found or _agree(found):
        return RuleReading(_newest(found))
    last = max(claim.rule.checked_on for claim in found)
    newest = [claim for claim in found if claim.rule.checked_on == last]
    disputed = tuple(claim.rule for claim in found)
    return RuleReading(_newest(newest) if _agree(newest) else None, disputed)


def _agree(found: Sequence[Claim]) -> bool:
    limits = {claim.rule.limits for claim in found if claim.sure}
    return len({claim.rule.allowed for claim in found}) == 1 and len(limits) <= 1


def _newest(found: Sequence[Claim]) -> Claim | None:
    """A sure row before one that is not, then the one checked last; the id, so that it is the same one every time."""
    return max(found, key=lambda claim: (claim.sure, claim.rule.checked_on, claim.rule.id), default=None)


def basis(row: Sourced, part: OpeningHours | Reported | None = None) -> Basis:
    """What a line stands on: a row, or a part of it that is known better or worse than the rest."""
    return Basis.model_validate(
        {
            "kind": "rule" if isinstance(row, Rule) else "crossing",
            "id": row.id,
            "source": row.source,
            "source_date": getattr(part, "source_date", None) or row.source_date,
            "checked_on": row.checked_on,
            "confidence": part.confidence if part else row.confidence,
            "demo": row.demo or getattr(part, "demo", False),
        }
    )
