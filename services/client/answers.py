"""Outcomes other than a result, the same over bus and HTTP: a refusal, and two in which the outcome is open."""

from contracts.refusals import No, Refusal


class Refused(Exception):
    """The node refused: nothing was done. `code`, `field` and `message` say why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.code, self.field, self.message = refusal.code, refusal.field, refusal.message
        super().__init__(refusal.message)


class OpenEnd(Refused):
    """No result yet: the same may be asked again with the same id, and is done once."""


class Unavailable(OpenEnd):
    """A part of the node does not answer: nothing was done."""


class NotKnownYet(OpenEnd):
    """The deadline passed while waiting: it may have been done."""


def refused(refusal: Refusal) -> Refused:
    """The exception for a refusal."""
    kinds = {No.UNAVAILABLE: Unavailable, No.NOT_KNOWN_YET: NotKnownYet}
    return kinds.get(refusal.code, Refused)(refusal)
