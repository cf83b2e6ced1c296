"""The standing offering: it is stated whole, so one part is changed in what is published now, and nobody's is lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from contracts.community.faults import Fault, offering_faults
from contracts.community.v1 import FindCommunities, FindExperiences, Offering, PublishOffering
from contracts.refusals import No, refusal
from contracts.values import Value
from services.client.answers import Refused
from services.client.phrases.catalogue import Phrases
from services.client.refusals import sentence
from services.portal.site.context import PageContext

#: How often it is read anew when somebody else publishes at the same moment.
TRIES = 3
#: So many signs tell whether a field is still as it was shown.
SIGNS = 10


async def current(page: PageContext) -> Offering:
    """What the community offers now, as it was published last. Raises Refused when it is not of this node."""
    profiles, experiences = await asyncio.gather(
        page.list(FindCommunities(ids=(page.community,))),
        page.list(FindExperiences(community=page.community, limit=500)),
    )
    if not profiles:
        raise Refused(refusal(No.UNKNOWN, "not_hosted_here", community=page.community))
    return Offering(community=profiles[0], experiences=experiences)


class Stopped(Exception):
    """Nothing was published: what is wrong by field, and what somebody else has changed since the form was shown."""

    def __init__(self, offering: Offering, wrong: Mapping[str, str], changed: tuple[str, ...] = ()) -> None:
        super().__init__("nothing was published")
        self.offering, self.wrong, self.changed = offering, wrong, changed


async def publish(page: PageContext, change: Callable[[Offering], Offering]) -> Offering:
    """Publish what `change` makes of the offering as it is now; asked anew when another was published meanwhile.

    Raises what `change` raises, and Refused.
    """
    for turn in range(TRIES):
        before = await current(page)
        after = change(before)
        if after == before:
            return after
        try:
            await page.ask(PublishOffering(offering=after, instead_of=before.digest), part=f"publish-{turn}")
        except Refused as refused:
            if refused.refusal.reason == "offering_changed" and turn + 1 < TRIES:
                continue
            raise
        page.site.directory.forget(page.community)
        return after
    raise AssertionError("the last try returns or raises")


def marks(value: Value) -> str:
    """What a form carries of what it shows: a few signs for each field, so that a change of somebody else is seen."""
    return " ".join(f"{name}={_sign(field)}" for name, field in flat(value).items())


def changed_since(shown: str, value: Value) -> tuple[str, ...]:
    """The fields that are no longer as they were shown; what was never shown has not changed."""
    before = dict(part.split("=", 1) for part in shown.split() if "=" in part)
    return tuple(name for name, field in flat(value).items() if name in before and before[name] != _sign(field))


def flat(value: Value) -> dict[str, Any]:
    """Field by field; what a community bears, limit by limit."""
    fields: dict[str, Any] = value.wire()
    limits = fields.pop("limits", None) or {}
    return fields | {f"limits.{name}": field for name, field in limits.items()}


def faults(phrases: Phrases, offering: Offering, within: str) -> dict[str, str]:
    """What the rules find, in sentences: by field of the part `within`, and what is wrong elsewhere under no field."""
    said: dict[str, str] = {}
    for fault in offering_faults(offering):
        inside = fault.field.startswith(within)
        said.setdefault(fault.field.removeprefix(within) if inside else "", told(phrases, fault))
    return said


def told(phrases: Phrases, fault: Fault) -> str:
    """The sentence of a fault in the reader's language."""
    return sentence(phrases, fault.reason, fault.params, fault.sentence)


def _sign(field: Any) -> str:
    return hashlib.sha256(json.dumps(field, sort_keys=True).encode()).hexdigest()[:SIGNS]
