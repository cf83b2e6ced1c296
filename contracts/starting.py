"""When an item starts: at the start that was named, or at the only one there is. One rule for both communities."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.community.v1 import Experience
from contracts.refusals import No, Refused
from contracts.values import Item, Items


def with_starts(items: Iterable[Item], experiences: Iterable[Experience]) -> Items:
    """The items, each with its start. Raises Refused where one of several must be named, or nights of no stay are.

    Items of experiences that are not offered stay as they are.
    """
    known = {experience.id: experience for experience in experiences}
    return tuple(_started(item, known.get(item.experience_id), f"items.{n}") for n, item in enumerate(items))


def _started(item: Item, experience: Experience | None, field: str) -> Item:
    if experience is not None and experience.kind != "homestay" and item.nights > 1:
        raise Refused(No.INVALID, "no_stay", f"{field}.nights", experience_id=item.experience_id)
    if item.start is not None or experience is None:
        return item
    if len(experience.starts) > 1:
        starts = tuple(f"{start:%H:%M}" for start in sorted(experience.starts))
        raise Refused(No.INVALID, "say_which_start", f"{field}.start", experience_id=item.experience_id, starts=starts)
    return item.model_copy(update={"start": experience.starts[0]})
