"""One start that is sold out, whatever the date: what agencies' software has to cope with can be seen at once.

Made like any other booking, of guests of the community's own, so that nothing is ever oversold by it.
"""

import uuid
from datetime import date, timedelta

from contracts.booking.v1 import AskAvailability, Departure, Reserve
from contracts.community.v1 import FindCommunities
from contracts.node.v1 import AskStanding
from contracts.values import Item, Party
from services.client.answers import Refused
from services.client.formatting import HERE
from services.client.local_api import LocalApi

#: A meal with one start a day, all year, so that its day is sold out too; no scenario of the demonstration visits it.
COMMUNITY, EXPERIENCE = "mueang-kao-sukhothai", "mueang-kao-sukhothai.noodle"
#: In days from today: behind every cut-off. The second is for a node that runs on for a month.
WINDOWS = ((4, 29), (34, 59))
#: A start is filled so many days into a window: the next start of the node still finds it there.
INTO = 16
_OURS = uuid.UUID("6b1f0f53-5d7c-5e0a-9b67-0d5f6f0f7c11")


def provide(client: LocalApi) -> None:
    """Fill a start in each window that has no full one. Of each day one start is filled at most, once and for all."""
    found = client.send(FindCommunities(ids=(COMMUNITY,))).items
    if not found or not found[0].demo:
        return
    today = client.send(AskStanding(), service="booking").now.astimezone(HERE).date()
    for first, last in WINDOWS:
        starts = _starts(client, today + timedelta(first), today + timedelta(last))
        if not any(one.reason == "no_room" for one in starts):
            late_enough = today + timedelta(first + INTO)
            empty = (one for one in starts if one.day >= late_enough and one.available and one.left == one.capacity)
            next((one for one in empty if _fill(client, one)), None)


def _starts(client: LocalApi, first: date, last: date) -> tuple[Departure, ...]:
    asked = AskAvailability(community=COMMUNITY, experience_id=EXPERIENCE, first=first, last=last)
    return tuple(client.send(asked).items)


def _fill(client: LocalApi, start: Departure) -> bool:
    """Book all of it; False where that was done before, or does not go."""
    booked = Reserve(
        hold_id=str(uuid.uuid5(_OURS, f"{start.experience_id}/{start.day}")),
        party=Party(adult=start.left or 0),
        items=(Item(experience_id=start.experience_id, day=start.day, start=start.start),),
    )
    try:
        client.send(booked, acting=COMMUNITY)
    except Refused:
        return False
    return True
