"""The edge: seals what somebody says of themselves before it leaves this process, opens what a reader is answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from contracts.crossing.v1 import Plan
from contracts.messages import Asked
from contracts.node.v1 import AuditEntry
from contracts.personal.v1 import (
    ConsentPrepared,
    GiveConsent,
    HandoffExport,
    PersonalFields,
    PersonalPart,
    PersonalPartRead,
    PrepareConsent,
    ReadPersonalPart,
    Said,
)
from contracts.referral.v1 import HandoffView
from contracts.values import Value
from services.chassis.trust import sealing
from services.client.phrases.catalogue import N_
from services.client.problems import Problem

#: Languages that the consent text is written in.
LANGUAGES = ("th", "lo", "en")
UNOPENED = N_("The node's answer does not open, or is no personal part: are both of one version?")
R = TypeVar("R", bound=Value)


class Sends(Protocol):
    """A client of a node: its local API, or a test\'s fake."""

    def send(self, asked: Asked[R], *, acting: str | None = None) -> R:
        """Ask it something, and return what it is answered with."""


def prepared(client: Sends, referral: str, *, acting: str, language: str, fields: PersonalFields) -> ConsentPrepared:
    """The text to show, with the key to seal to; in English for a language without a text."""
    written = language if language in LANGUAGES else "en"
    asked = PrepareConsent.model_validate({"referral": referral, "language": written, "fields": fields})
    return client.send(asked, acting=acting)


def said_back(
    shown: ConsentPrepared, part: PersonalPart, *, acting: str, said: Said = "screen", **flags: bool
) -> GiveConsent:
    """The command that gives consent to the text as it was shown; the part is inside, sealed."""
    text = json.dumps(part.model_dump(mode="json", exclude_none=True), ensure_ascii=False).encode()
    about = sealing.for_room(shown.referral_id, acting)
    given: dict[str, Any] = {"text_digest": shown.text_digest, "language": shown.language, "fields": shown.fields}
    sealed = sealing.seal(text, to=shown.sealing_key, about=about)
    return GiveConsent.model_validate({"referral": shown.referral_id, **given, "said": said, **flags, "sealed": sealed})


class Reader:
    """Reads once: its key is made for one answer, and kept nowhere."""

    def __init__(self, acting: str) -> None:
        self._acting = acting
        self._private, self.reply_key = sealing.new_key()

    def open(self, answer: PersonalPartRead) -> PersonalPart | None:
        """The part in an answer to `reply_key`; None when nothing is held. Raises Problem, which quotes nothing."""
        if answer.sealed is None:
            return None
        about = sealing.for_reader(answer.referral_id, self._acting)
        try:
            text = sealing.opened(answer.sealed, private=self._private, about=about)
            return PersonalPart.model_validate_json(text)
        except ValueError:
            raise Problem(UNOPENED) from None

    def __repr__(self) -> str:
        return "Reader(…)"


def read(client: Sends, referral: str, *, acting: str) -> tuple[PersonalPartRead, PersonalPart | None]:
    """What a community holds: the answer, and the part that was sealed in it. The reading is audited."""
    reader = Reader(acting)
    answer = client.send(ReadPersonalPart(referral=referral, reply_key=reader.reply_key), acting=acting)
    return answer, reader.open(answer)


def whole(
    view: HandoffView,
    kept: HandoffExport,
    part: PersonalPart | None,
    *,
    acting: str,
    audit: Sequence[AuditEntry],
    crossing: Plan | None,
) -> dict[str, Any]:
    """Everything that is kept about one handoff, for whom it concerns, as JSON; the personal part while it is held."""
    beside = kept.wire()
    return {
        "format": 1,
        "community": acting,
        "handoff": view.wire(),
        "consent": beside["receipt"],
        "consents": beside["receipts"],
        "erasures": beside["erasures"],
        "reminders": beside["reminders"],
        "pass": {"issued_at": beside["pass_issued_at"], "used_at": beside["pass_used_at"]},
        "audit": [line.wire() for line in audit],
        "crossing": crossing.wire() if crossing else None,
        "personal": {"holding": kept.personal.holding, "part": plain(part)},
    }


def plain(part: PersonalPart | None) -> dict[str, Any] | None:
    """The part as JSON, without what was not said."""
    return part.model_dump(mode="json", exclude_none=True) if part else None
