"""The personal room on PostgreSQL: each value under a key of its record, each key wrapped by the node."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.personal.v1 import (
    Affected,
    ConsentReceipt,
    Erasure,
    ListAffected,
    ListErasures,
    PersonalField,
    PersonalPart,
    Reminded,
    Sealed,
)
from contracts.values import CommunityId
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.trust import sealing
from services.chassis.trust.vault import Unopened
from services.referral.adapters.blanking import blank_waiting
from services.referral.domain.handoff.record import Record, Transition
from services.referral.domain.handoff.states import ENDED
from services.referral.domain.personal import decisions

NONCE = 12
#: Padding, so that lengths do not reveal names: spaces up to a multiple of this.
BLOCK = 64
Side = tuple[str, CommunityId]


class PersonalRows(UnitOfWork):
    """What a transaction of referral does with what is personal. Nothing of it is ever in a log or an error."""

    keeps_records = True

    async def one_time_key(self, referral_id: str, community: CommunityId) -> str:
        """The public half of the key that the next part of this side is sealed to.

        One whose private half opens no more, as after a restored backup, is replaced.
        """
        known = await self.fetchrow("one_time_key", referral_id, community)
        if known is not None:
            if self._opens(known["wrapped"], (referral_id, community)):
                return str(known["public_key"])
            await self.execute("use_one_time_key", referral_id, community)
        private, public = sealing.new_key()
        await self.hold_record_keys()
        wrapped = self.vault.records.wrap(private, about=about_key("one-time", (referral_id, community)))
        await self.execute("keep_one_time_key", referral_id, community, public, wrapped)
        return public

    async def keep_part(self, record: Record, sealed: Sealed) -> None:
        """Open what was sealed to this side's key and keep it within the record's consent. Raises ValueError."""
        side, receipt = (record.referral_id, record.community), record.consent
        if receipt is None:
            raise ValueError("a personal part comes with the consent to it")
        part = decisions.within(await self._opened(side, sealed), receipt.fields)
        key = AESGCM.generate_key(256)
        texts, nonces = _texts(part), [os.urandom(NONCE) for _ in part.given]
        locked = [
            AESGCM(key).encrypt(nonce, text, about_field(side, field))
            for (field, text), nonce in zip(texts.items(), nonces, strict=True)
        ]
        await self.hold_record_keys()
        wrapped = self.vault.records.wrap(key, about=about_key("part", side))
        about = (*side, wrapped, list(texts), nonces, locked, self.now, receipt.id, receipt.wire())
        await self.execute("keep_part", *about)

    async def part_for(self, record: Record) -> Sealed:
        """What this side holds, sealed to the partner's key. Raises ValueError when it cannot be."""
        part = await self._part((record.referral_id, record.community))
        if part is None or record.one_time_key is None:
            raise ValueError("there is nothing to release, or no key to seal it to")
        return _sealed(part, record.one_time_key, sealing.for_room(record.referral_id, record.partner))

    async def part_to_read(
        self, referral_id: str, community: CommunityId, reply_key: str
    ) -> tuple[tuple[PersonalField, ...], Sealed] | None:
        """What this side holds, sealed to a reader's key, with the fields in it; None when it holds nothing.

        Raises CannotOpen, and ValueError when the key is none.
        """
        try:
            part = await self._part((referral_id, community))
        except ValueError as problem:
            raise decisions.CannotOpen(str(problem)) from None
        if part is None:
            return None
        return part.given, _sealed(part, reply_key, sealing.for_reader(referral_id, community))

    async def keep_erased(self, transitions: Sequence[Transition]) -> None:
        """Save records whose part goes for no other reason than that, with their stories."""
        records = [transition.record for transition in transitions]
        columns = (
            [record.referral_id for record in records],
            [record.community for record in records],
            [record.stored() for record in records],
            [len(transition.border) for transition in transitions],
            [transition.act for transition in transitions],
        )
        await self.execute("keep_erased", *columns, self.now)

    async def destroy(self, transitions: Sequence[Transition]) -> None:
        """Destroy what these transitions erase, wherever it is, and write it into the ledger."""
        about = [
            (one.record.referral_id, one.record.community, one.record.partner, one.receipt, one.erases)
            for one in transitions
        ]
        await blank_waiting(self, [f"{partner}>{community}|{ref}" for ref, community, partner, *_ in about])
        await self.execute("destroy", *map(list, zip(*about, strict=True)), self.now)

    async def outlived(self, today: date, limit: int) -> Sequence[Record]:
        """Records whose part is held longer than was promised; locked, those locked elsewhere left out."""
        return [Record.read(row["body"]) for row in await self.fetch("outlived", self.now, today, limit)]

    async def tidy(self, receipt_days: int, limit: int) -> int:
        """Delete receipts so many days after the erasure of what they allowed, and idle keys."""
        await self.execute("idle_one_time_keys", [*ENDED])
        return int(await self.fetchval("drop_receipts", self.now, receipt_days, limit))

    async def receipts_of(self, referral_id: str, community: CommunityId) -> Sequence[ConsentReceipt]:
        """The receipts of one handoff on one side, the earlier ones too."""
        rows = await self.fetch("receipts_of", referral_id, community)
        return [ConsentReceipt.read(row["receipt"]) for row in rows]

    async def reminded_of(self, referral_id: str, community: CommunityId) -> Sequence[Reminded]:
        """What one side is reminded of about one handoff."""
        return [Reminded.read(dict(row)) for row in await self.fetch("reminded_of", referral_id, community)]

    async def erasures_of(self, referral_id: str, community: CommunityId) -> Sequence[Erasure]:
        """What was erased of one handoff on one side."""
        return _erasures(await self.fetch("erasures_of", referral_id, community))

    async def erasures(self, query: ListErasures) -> Sequence[Erasure]:
        """The ledger of this node."""
        return _erasures(await self.fetch("erasures", query.after, query.limit))

    async def brought_back(self, erased: Sequence[Erasure]) -> Sequence[Record]:
        """Records whose part is held although it was erased after it came; locked."""
        columns = [(one.referral_id, one.community, one.at) for one in erased if one.of is None]
        found = await self.fetch("brought_back", *map(list, zip(*columns, strict=True))) if columns else ()
        return [Record.read(row["body"]) for row in found]

    async def gone_before(self, record: Record, receipt: ConsentReceipt) -> bool:
        """Whether what this receipt allows had been here and was erased: a backup was restored."""
        given_at = receipt.given_at
        return bool(await self.fetchval("gone_before", record.referral_id, record.community, given_at))

    async def keep_receipt(self, record: Record, receipt: ConsentReceipt) -> None:
        """Keep the receipt alone, of a part that is not kept again."""
        about = (record.referral_id, record.community, receipt.id, receipt.wire(), receipt.fields, receipt.given_at)
        await self.execute("keep_receipt", *about)

    async def restore_ledger(self, erased: Sequence[Erasure]) -> None:
        """Insert lines that the database had lost, and delete the keys that these had erased."""
        columns = [(one.referral_id, one.community, one.at, one.why, one.receipt, one.of, one.ended) for one in erased]
        await self.execute("restore_ledger", *map(list, zip(*columns, strict=True)))

    async def unfiled(self, limit: int) -> Sequence[Erasure]:
        """Lines of the ledger that are in the database only."""
        return _erasures(await self.fetch("unfiled", limit))

    async def filed(self, erased: Sequence[Erasure]) -> None:
        """Mark these as written to the file too."""
        await self.execute("filed", [one.receipt for one in erased], self.now)

    async def missing(self, erased: Sequence[Erasure]) -> Sequence[Erasure]:
        """Which of these the database does not have: then it is older than they are."""
        rows = await self.fetch("missing", list({one.receipt for one in erased}))
        unknown = {str(row["receipt"]) for row in rows}
        return [one for one in erased if one.receipt in unknown]

    async def rewrap(self, limit: int) -> int:
        """Wrap at most so many keys anew with the newest; returns how many were.

        One whose key is gone, as after a restored backup, stays as it is; one that does not open is marked `nokey`.
        """
        rows = await self.fetch("wrapped_keys", self.vault.records.older, limit)
        given = [(row["referral_id"], row["community"], row["kind"], self._wrapped_anew(row)) for row in rows]
        if given:
            return int(await self.fetchval("rewrap", *map(list, zip(*given, strict=True))))
        if (records := self.vault.record_keys) is not None and await self.fetchval(
            "stranded", list(records.held()), list(self.vault.keys)
        ):
            raise ValueError("keys are wrapped with a node key that the file lacks: put its line back")
        return 0

    def _wrapped_anew(self, row: Any) -> str:
        about = about_key(row["kind"], (str(row["referral_id"]), row["community"]))
        try:
            return self.vault.records.wrap(self.vault.records.unwrap(row["wrapped"], about=about), about=about)
        except Unopened:
            return f"nokey.{row['wrapped']}"

    async def affected(self, query: ListAffected) -> Sequence[Affected]:
        """Whose part was held at any time between two moments; the acting community sees its own."""
        rows = await self.fetch("affected", query.since, query.until, self.acting, query.limit)
        return [
            Affected.read({**row, "referral_id": str(row["referral_id"]), "consent": str(row["consent"])})
            for row in rows
        ]

    def _opens(self, wrapped: str, side: Side) -> bool:
        try:
            return bool(self.vault.records.unwrap(wrapped, about=about_key("one-time", side)))
        except ValueError:
            node = wrapped.partition(".")[0].partition("~")[0]
            if node != "nokey" and node not in self.vault.keys:
                raise  # its line is missing in the file of the node's keys: put back, it opens
            return False

    async def _opened(self, side: Side, sealed: Sealed) -> PersonalPart:
        """The content; the key is deleted in this transaction, so that nothing opens it again."""
        wrapped = await self.fetchval("use_one_time_key", *side)
        if wrapped is None:
            raise ValueError("there is no key that this was sealed to: prepare the consent again")
        private = self.vault.records.unwrap(wrapped, about=about_key("one-time", side))
        text = sealing.opened(sealed, private=private, about=sealing.for_room(*side))
        try:
            return PersonalPart.model_validate_json(text)
        except ValueError:  # its own sentence may quote what it read
            raise ValueError("what is sealed is not a personal part as the contract says") from None

    async def _part(self, side: Side) -> PersonalPart | None:
        rows = await self.fetch("part", *side)
        if not rows:
            return None
        key = AESGCM(self.vault.records.unwrap(rows[0]["wrapped"], about=about_key("part", side)))
        try:
            values = {
                row["field"]: json.loads(key.decrypt(row["nonce"], row["ciphertext"], about_field(side, row["field"])))
                for row in rows
            }
        except InvalidTag:
            raise ValueError("what is kept does not open: it was changed, or is another record's") from None
        try:
            return PersonalPart.read(values)
        except ValueError:  # its own sentence may quote what it read
            raise ValueError("what is kept is not a personal part as the contract says") from None


def about_key(kind: str, side: Side) -> str:
    """What a key is wrapped as: a part's own (`part`), or what a part is sealed to on its way in (`one-time`).

    Of a contact, whose side is its hold and community, `contact` and `contact-one-time`.
    """
    return f"personal {kind} key v1|{side[0]}|{side[1]}"


def about_field(side: Side, field: str) -> bytes:
    """What a value is bound to."""
    return f"personal field v1|{side[0]}|{side[1]}|{field}".encode()


def _texts(part: PersonalPart) -> dict[str, bytes]:
    values = part.model_dump(mode="json")
    texts = {field: json.dumps(values[field], ensure_ascii=False).encode() for field in part.given}
    return {field: text + b" " * (-len(text) % BLOCK) for field, text in texts.items()}


def _sealed(part: PersonalPart, to: str, about: str) -> Sealed:
    return sealing.seal(part.model_dump_json(exclude_none=True).encode(), to=to, about=about)


def _erasures(rows: Sequence[Any]) -> list[Erasure]:
    return [
        Erasure.read({**row, "referral_id": str(row["referral_id"]), "receipt": str(row["receipt"])}) for row in rows
    ]
