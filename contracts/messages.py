"""The envelope of every message (CloudEvents 1.0) and of every call, and the base of what they carry.

A message's type is its name and version (`booking.hold_placed.v1`). Its stream is (source, to, subject): inside a
stream `seq` is contiguous from 1 and a reader takes all types. A message whose `ordering` is "latest" is a statement
of how things are: only a newer one counts, and a gap does not matter.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar, cast

from pydantic import Field, model_validator

from contracts.json_reader import BadJson, read_json
from contracts.principal import Principal
from contracts.refusals import Refusal
from contracts.values import CommunityId, Instant, Uuid, Value

#: No body may be larger, in bytes; larger ones are parked unread.
MAX_BODY = 256 * 1024

_TYPES: dict[str, type[Message]] = {}
T = TypeVar("T", bound=Value)
#: What something that is asked is answered with.
R_co = TypeVar("R_co", bound=Value, covariant=True)


class Message(Value):
    """What an envelope carries. Each class names its `type`; importing a contract registers it."""

    type: ClassVar[str]
    ordering: ClassVar[Literal["contiguous", "latest"]] = "contiguous"

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the class under its type; a type is taken once."""
        super().__pydantic_init_subclass__(**kwargs)
        if "type" in cls.__dict__ and _TYPES.setdefault(cls.type, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"message type {cls.type} is taken")


class BorderMessage(Message):
    """A message that may leave the node. Only classes in `contracts.border` may derive from it."""


class Nothing(Value):
    """The answer of whoever has only to say that it is done: `{}` on the wire."""


class Several(Value, Generic[T]):
    """An answer of many: `{"items": [...]}` on the wire."""

    items: tuple[T, ...]

    @classmethod
    def each(cls) -> type[T]:
        """The class of the items, of `Several[PoolView]` PoolView."""
        return cast("type[T]", cls.__pydantic_generic_metadata__["args"][0])


class Asked(Message, Generic[R_co]):
    """Comes by a call, and says in its base what it is answered with: `Query[Several[PoolView]]`.

    Who may ask it stands in `contracts/permissions.py`.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register no type that does not say what it is answered with. Raises TypeError."""
        if "type" in cls.__dict__:
            cls.answer()
        super().__pydantic_init_subclass__(**kwargs)

    @classmethod
    def answer(cls) -> type[R_co]:
        """The class of the answer. Raises TypeError when no base says it."""
        for base in cls.__mro__:
            if issubclass(base, Asked) and (given := base.__pydantic_generic_metadata__["args"]):
                return cast("type[R_co]", given[0])
        raise TypeError(f"{cls.__name__}: say what it is answered with, as in Query[Several[PoolView]]")


class Command(Asked[R_co], Generic[R_co]):
    """Asks a service, over a call, to do something; answered with the intent it recorded."""


class Query(Asked[R_co], Generic[R_co]):
    """Asks a service, over a call, what it knows; changes nothing."""


def message_type(name: str) -> type[Message] | None:
    """The class registered for a type, or None."""
    return _TYPES.get(name)


def message_types() -> dict[str, type[Message]]:
    """Every registered type, sorted by name."""
    return dict(sorted(_TYPES.items()))


Traceparent = Annotated[str, Field(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]


class Envelope(Value):
    """CloudEvents 1.0 attributes, then our extensions in its spelling.

    `source` is the service that speaks (`booking`) or, on the border, the community. `to` and `seen` are used on the
    border: `seen` is the highest seq the sender has applied of the partner's stream, so that what stays unseen is sent
    again. `keyid` and `signature` say who signed; both cover a border message whole.
    """

    specversion: Literal["1.0"] = "1.0"
    id: Uuid
    source: Annotated[str, Field(min_length=1, max_length=80)]
    type: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+\.v[0-9]+$", max_length=80)]
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    seq: Annotated[int, Field(ge=1)]
    correlationid: Annotated[str, Field(max_length=80)] | None = None
    causationid: Uuid | None = None
    traceparent: Traceparent | None = None
    deadline: Instant | None = None
    to: CommunityId | None = None
    seen: Annotated[int, Field(ge=0)] | None = None
    keyid: Annotated[str, Field(max_length=64)] | None = None
    signature: Annotated[str, Field(max_length=128)] | None = None
    data: dict[str, Any]

    @property
    def stream(self) -> str:
        """The stream this message is one of; the same text on both sides."""
        return f"{self.source}>{self.to or ''}|{self.subject}"

    def encode(self) -> bytes:
        """The wire form: JSON, UTF-8, absent attributes left out."""
        return self.model_dump_json(exclude_none=True).encode()


class Call(Value):
    """A command or query on its way to one service.

    `caller` and `id` together name a command for ever: the same pair is answered with the first answer.
    `principal` is who acts; it is absent in calls of older edges, and these are refused. `acting` is the community on
    whose behalf; None only for an operator of the system.
    """

    id: Uuid
    type: Annotated[str, Field(max_length=80)]
    caller: Annotated[str, Field(min_length=1, max_length=80)]
    principal: Principal | None = None
    acting: CommunityId | None = None
    deadline: Instant
    traceparent: Traceparent | None = None
    data: dict[str, Any]


class Answer(Value):
    """What a call comes back with: `result` or `refusal`, never both."""

    result: dict[str, Any] | None = None
    refusal: Refusal | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.result is None) == (self.refusal is None):
            raise ValueError("an answer is a result or a refusal")
        return self


def decode_json(body: bytes) -> Any:
    """Parse a body of at most MAX_BODY bytes. Raises ValueError with a sentence that quotes no value of it."""
    if len(body) > MAX_BODY:
        raise ValueError(f"body is larger than {MAX_BODY} bytes")
    try:
        return read_json(body)
    except BadJson as bad:
        raise ValueError(f"body {bad}") from None
