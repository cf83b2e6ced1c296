"""What a change of the calendar would hit: shown before anything falls below what is promised."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response

from contracts.booking.v1 import PoolView, SetException, TryException
from services.portal.site import pending
from services.portal.site.context import PageContext
from services.portal.site.directory import Known
from services.portal.site.promised import Promised, promised


@dataclass(frozen=True)
class Effect:
    """What changes would hit: parties, of `count`, and pools with less than is promised."""

    parties: Sequence[Promised] = ()
    below: Sequence[PoolView] = ()
    count: int = 0

    def unseen(self, seen: Iterable[str]) -> bool:
        """Whether it hits somebody who was not shown yet."""
        return bool({each.booking.hold_id for each in self.parties} - set(seen))


async def effect_of(page: PageContext, known: Known, changes: Sequence[SetException]) -> Effect:
    """What these would hit; nothing is changed. Raises Refused as they would."""
    tried = [TryException(**change.model_dump(exclude={"reason"})) for change in changes]
    found = await asyncio.gather(*(page.ask(each) for each in tried))
    hit = {each.hold_id: each for effect in found for each in effect.hits}
    return Effect(
        tuple(promised(known, each) for each in hit.values()),
        tuple(pool for effect in found for pool in effect.below),
        max((effect.count for effect in found), default=0),
    )


async def carried_out(
    page: PageContext, known: Known, changes: Sequence[SetException], seen: Iterable[str]
) -> Response | None:
    """Make the changes, unless they hit somebody who was not shown yet: then the page that shows them."""
    effect = await effect_of(page, known, changes)
    if effect.unseen(seen):
        carried = [(name, value) for name, value in page.data.multi_items() if name not in ("csrf", "id", "holds")]
        return page.render(
            "calendar_confirm.html", status=HTTPStatus.CONFLICT, known=known, effect=effect, changes=changes,
            agencies=await pending.names(page, [each.booking.agency for each in effect.parties]), carried=carried,
            closes=any(one.kind == "closed" for one in changes), back=page.path,
        )  # fmt: skip
    for number, change in enumerate(changes):
        await page.ask(change, part=str(number))
    return None
