"""Who acts: one person, with an account, in one capacity. An edge says it with every call.

Unlike all other messages, a principal with an unknown field is refused: a field that an older service ignored might
have narrowed what somebody may do. A later addition is a new kind, or services know it before any edge sends it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from contracts.values import CommunityId, Slug, Value

#: An account's id. It names nobody: it stands in the audit, which is kept and read by others.
AccountId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
#: What a member does for its community, from the most that it may do to the least.
Role = Literal["coordinator", "helper", "observer"]


class _Principal(Value):
    kind: str
    account: AccountId

    @model_validator(mode="before")
    @classmethod
    def _known_whole(cls, given: Any) -> Any:
        """Refuse what a newer edge says of somebody and this version does not know."""
        if isinstance(given, dict) and not given.keys() <= cls.model_fields.keys():
            raise ValueError("says more of who acts than is known here")
        return given

    @property
    def who(self) -> str:
        """As the audit says it; with its colon it is never the id of a community or the name of a service."""
        return f"{self.kind}:{self.account}"


class Operator(_Principal):
    """An operator of the system: for the node, or for a community of it."""

    kind: Literal["operator"] = "operator"


class Member(_Principal):
    """A member of one community, and only for that one."""

    kind: Literal["member"] = "member"
    community: CommunityId
    role: Role


class Agency(_Principal):
    """Somebody of an agency that sends guests."""

    kind: Literal["agency"] = "agency"
    agency: Slug


class Reader(_Principal):
    """A service itself, which keeps a picture of what others say: it may ask how far behind that is, and no more."""

    kind: Literal["reader"] = "reader"


Principal = Annotated[Operator | Member | Agency | Reader, Field(discriminator="kind")]
