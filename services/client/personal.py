"""The edge: seals what somebody says of themselves before it leaves this process, opens what a reader is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from contracts.personal.v1 import PersonalPart
from services.chassis.trust import sealing
from services.client.problems import Problem

#: Languages that the consent text is written in.
LANGUAGES = ("th", "lo", "en")


class Asks(Protocol):
    """A client of a node: its local API, or a test's fake."""

    def ask(self, name: str, fields: dict[str, Any] | None = None, *, acting: str | None = None) -> dict[str, Any]:
        """Send a command or query by its type, without `.v1`; returns its result."""


def prepared(client: Asks, referral: str, *, acting: str, language: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """The text to show, with the key to seal to; in English for a language without a text."""
    wanted = {"referral": referral, "language": language if language in LANGUAGES else "en", "fields": list(fields)}
    return client.ask("referral.prepare_consent", wanted, acting=acting)


def said_back(
    shown: Mapping[str, Any], part: PersonalPart, *, acting: str, said: str = "screen", **flags: bool
) -> dict[str, Any]:
    """The fields of the command that gives consent to the text as it was shown; the part is inside, sealed."""
    text = json.dumps(part.model_dump(mode="json", exclude_none=True), ensure_ascii=False).encode()
    about = sealing.for_room(shown["referral_id"], acting)
    echoed = {name: shown[name] for name in ("text_digest", "language", "fields")}
    sealed = sealing.seal(text, to=shown["sealing_key"], about=about)
    return {"referral": shown["referral_id"], **echoed, "said": said, **flags, "sealed": sealed}


class Reader:
    """Reads once: its key is made for one answer, and kept nowhere."""

    def __init__(self, acting: str) -> None:
        self._acting = acting
        self._private, self.reply_key = sealing.new_key()

    def open(self, answer: Mapping[str, Any]) -> PersonalPart | None:
        """The part in an answer to `reply_key`; None when nothing is held. Raises Problem, which quotes nothing."""
        if answer["sealed"] is None:
            return None
        about = sealing.for_reader(answer["referral_id"], self._acting)
        try:
            text = sealing.opened(answer["sealed"], private=self._private, about=about)
            return PersonalPart.model_validate_json(text)
        except ValueError:
            raise Problem("The node's answer does not open, or is no personal part: are both of one version?") from None

    def __repr__(self) -> str:
        return "Reader(…)"


def read(client: Asks, referral: str, *, acting: str) -> tuple[dict[str, Any], PersonalPart | None]:
    """What a community holds: the answer, and the part that was sealed in it. The reading is audited."""
    reader = Reader(acting)
    wanted = {"referral": referral, "reply_key": reader.reply_key}
    answer = client.ask("referral.read_personal_part", wanted, acting=acting)
    return answer, reader.open(answer)
