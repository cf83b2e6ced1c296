"""The personal part, v1: consent, sealing, reading, erasing.

No message has a field that holds anything personal in clear. The edge where somebody types seals it to a key of the
room that may keep it; what travels or waits in between is a `Sealed`. `PersonalPart` lies inside, the field of nothing.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from contracts.messages import Command, Query, Several
from contracts.referral.recorded import Recorded
from contracts.sentences import Unfit
from contracts.values import CommunityId, Day, DisplayName, Instant, Language, Uuid, Value, as_written

#: HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM) in base64url without padding.
Sealed = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=12_000)]
#: 32 bytes in base64url without padding: an X25519 key to seal to, or an Ed25519 key that signs.
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
#: SHA-256, in hexadecimal.
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: Enough of a referral's id, as in `contracts.referral`.
ReferralRef = Annotated[str, Field(pattern=r"^[0-9a-f-]{4,36}$")]
#: What may be consented to, and nothing else.
PersonalField = Literal["name", "channel", "nationality", "document_class", "food", "mobility"]
PersonalFields = Annotated[tuple[PersonalField, ...], Field(min_length=1, max_length=6)]
DocumentClass = Literal["passport", "border_pass", "temporary_border_pass", "id_card"]
#: In the visitor's own words, each with consent of its own.
OwnWords = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(as_written)]
#: How it was said: on a screen, on paper, or spoken before a witness.
Said = Literal["screen", "paper", "spoken"]
#: Whether a side holds the personal part: never had it, has it, had it.
Holding = Literal["none", "held", "erased"]
ErasedFor = Literal["consent_withdrawn", "asked", "retention", "restored_backup"]


class Channel(Value):
    """One way to reach the lead traveller."""

    kind: Literal["phone", "line", "whatsapp", "email"]
    address: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(as_written)]


class PersonalPart(Value):
    """What the lead traveller allows to be known. Never a document's number, a scan, a birth date or a home."""

    name: DisplayName | None = None
    channel: Channel | None = None
    nationality: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    document_class: DocumentClass | None = None
    food: OwnWords | None = None
    mobility: OwnWords | None = None

    @property
    def given(self) -> tuple[PersonalField, ...]:
        """The fields that are filled, in the order of the list."""
        return tuple(name for name in get_args(PersonalField) if getattr(self, name) is not None)

    def __repr__(self) -> str:
        """It never prints itself: reprs end in logs."""
        return "PersonalPart(…)"

    __str__ = __repr__


class ConsentReceipt(Value):
    """Proof of a consent; names nobody. `text_digest` is of the text as it was shown or read out."""

    id: Uuid
    text_version: Annotated[int, Field(ge=1)]
    text_digest: Digest
    language: Language
    said: Said
    guardian: bool = False
    fields: PersonalFields
    given_at: Instant
    delete_by: Day


# what is answered


class ConsentPrepared(Value):
    """The text, with what has to be said back when it is consented to."""

    referral_id: Uuid
    text: Annotated[str, Field(max_length=8_000)]
    text_version: int
    text_digest: Digest
    language: Language
    fields: PersonalFields
    delete_by: Day
    #: A key of the sender's own personal room, for this handoff.
    sealing_key: PublicKey


class PersonalPartRead(Value):
    """What is held; `sealed` only while it is. Held and not `sealed`: it does not open, which the audit has too."""

    referral_id: Uuid
    holding: Holding
    fields: Annotated[tuple[PersonalField, ...], Field(max_length=6)] = ()
    sealed: Sealed | None = None


class Reminded(Value):
    """What one side is to be reminded of, and when that was said."""

    due: Day
    code: Annotated[str, Field(max_length=80)]
    what: Annotated[str, Field(max_length=80)] | None
    said_at: Instant | None


class HandoffExport(Value):
    """What this side keeps beside the record; `receipts`: all there were, oldest first. Only a receiver has a pass."""

    referral_id: Uuid
    receipt: ConsentReceipt | None
    receipts: Annotated[tuple[ConsentReceipt, ...], Field(max_length=100)] = ()
    erasures: Annotated[tuple[Erasure, ...], Field(max_length=20)]
    reminders: Annotated[tuple[Reminded, ...], Field(max_length=100)] = ()
    pass_issued_at: Instant | None = None
    pass_used_at: Instant | None = None
    personal: PersonalPartRead


class Erasure(Value):
    """A line of the erasure ledger; names nobody.

    `of` a contact, `referral_id` is the id of the agency's hold, and `ended` how the booking ended when that was why:
    nothing was left to keep it for.
    """

    referral_id: Uuid
    community: CommunityId
    at: Instant
    why: ErasedFor
    receipt: Uuid
    of: Literal["contact"] | None = None
    ended: Literal["CANCELLED", "EXPIRED", "REJECTED"] | None = None


class ErasuresApplied(Value):
    """How many had come back, of how many given."""

    given: int
    erased: int


class Affected(Value):
    """One handoff whose personal part was held; no personal value."""

    referral_id: Uuid
    community: CommunityId
    partner: CommunityId
    side: Literal["sender", "receiver"]
    fields: Annotated[tuple[PersonalField, ...], Field(max_length=6)]
    held_from: Instant
    erased_at: Instant | None
    consent: Uuid | None


# commands


class PrepareConsent(Command[ConsentPrepared]):
    """The sender asks for the text to be shown to the lead traveller, and the key to seal what they say to."""

    type: ClassVar[str] = "referral.prepare_consent.v1"
    referral: ReferralRef
    language: Literal["th", "lo", "en"]
    fields: PersonalFields


class GiveConsent(Command[Recorded]):
    """The lead traveller consents to this text, for this receiver and these fields.

    Released at the later of this and acceptance. Spoken consent needs a witness who heard it; a minor's is a
    guardian's. Refused when the text or the list has changed since it was shown.
    """

    type: ClassVar[str] = "referral.give_consent.v1"
    referral: ReferralRef
    text_digest: Digest
    language: Literal["th", "lo", "en"]
    fields: PersonalFields
    said: Said
    witnessed: bool = False
    guardian: bool = False
    sealed: Sealed

    @model_validator(mode="after")
    def _before_a_witness(self) -> Self:
        if self.said == "spoken" and not self.witnessed:
            raise Unfit("spoken_without_witness")
        return self


class RefuseConsent(Command[Recorded]):
    """The lead traveller consents to nothing: nothing personal leaves, and the handoff goes on without it."""

    type: ClassVar[str] = "referral.refuse_consent.v1"
    referral: ReferralRef


class WithdrawConsent(Command[Recorded]):
    """The lead traveller takes the consent back: both sides erase; before arrival the handoff ends as withdrawn."""

    type: ClassVar[str] = "referral.withdraw_consent.v1"
    referral: ReferralRef


class ReadPersonalPart(Command[PersonalPartRead]):
    """The acting community reads what it holds, sealed to the reader's key. Each reading is audited."""

    type: ClassVar[str] = "referral.read_personal_part.v1"
    referral: ReferralRef
    reply_key: PublicKey


class ErasePersonalPart(Command[Recorded]):
    """Asked to forget: the acting community destroys its copy, the partner, told so, its own. Receipts stay."""

    type: ClassVar[str] = "referral.erase_personal_part.v1"
    referral: ReferralRef


class ExportHandoff(Command[HandoffExport]):
    """Everything about one handoff, for whom it concerns: what `show` says is added by the edge. Audited."""

    type: ClassVar[str] = "referral.export_handoff.v1"
    referral: ReferralRef
    reply_key: PublicKey


class ApplyErasures(Command[ErasuresApplied]):
    """Erase again what a restored backup has brought back."""

    type: ClassVar[str] = "referral.apply_erasures.v1"
    erasures: Annotated[tuple[Erasure, ...], Field(max_length=500)]


# queries


class ListErasures(Query[Several[Erasure]]):
    """The erasure ledger of this node, oldest first, after a receipt."""

    type: ClassVar[str] = "referral.list_erasures.v1"
    after: Uuid | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 500


class ListAffected(Query[Several[Affected]]):
    """After a breach: whose personal part this node held at any time between two moments, and who else holds it."""

    type: ClassVar[str] = "referral.list_affected.v1"
    since: Instant
    until: Instant
    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000


HandoffExport.model_rebuild()
