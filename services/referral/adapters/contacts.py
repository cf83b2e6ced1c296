"""Contacts of agencies' bookings on PostgreSQL: each value under a key of its contact, as in the personal room."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.contacts.v1 import AffectedContact, Contact, ContactPrepared, KeepContact, ListAffectedContacts
from contracts.personal.v1 import Erasure, Sealed
from contracts.sentences import Unfit
from services.chassis.messaging.unit_of_work import UnitOfWork
from services.chassis.trust import sealing
from services.referral.adapters.personal import BLOCK, NONCE, about_key
from services.referral.domain.personal import contacts
from services.referral.domain.personal.contacts import Kept
from services.referral.domain.personal.decisions import CannotOpen

KEY, ONE_TIME = "contact", "contact-one-time"


class ContactRows(UnitOfWork):
    """What a transaction of referral does with contacts. Nothing of them is ever in a log or an error."""

    async def claim_contact(self, hold_id: str, agency: str) -> Kept | None:
        """The acting community's hold, its agency's from now on if it was nobody's; None: another community's."""
        await self.execute("claim_contact", hold_id, self.acting, agency, self.now)
        return await self.contact_of(hold_id)

    async def contact_of(self, hold_id: str) -> Kept | None:
        """How it stands with one hold of the acting community; locked."""
        row = await self.fetchrow("contact_of", hold_id)
        return _kept(row) if row else None

    async def take_contact(self, kept: Kept) -> Kept:
        """The hold as it stands, or this one from now on if it was nobody's; locked."""
        await self.execute("claim_contact", kept.hold_id, kept.community, kept.agency, self.now)
        return _kept(await self.fetchrow("contact_of", kept.hold_id))

    async def end_contact(self, kept: Kept, state: str) -> Kept:
        """The booking has ended so. Locked."""
        return _kept(await self.fetchrow("end_contact", kept.hold_id, kept.community, kept.agency, state, self.now))

    async def contact_key(self, kept: Kept) -> ContactPrepared:
        """What the next contact is sealed to. One that opens no more, as after a restored backup, is replaced."""
        known = await self.fetchrow("contact_key", kept.hold_id)
        if known is not None and self._opens_still(known["wrapped"], kept):
            return ContactPrepared(
                hold_id=kept.hold_id, key_id=str(known["key_id"]), sealing_key=str(known["public_key"])
            )
        private, public = sealing.new_key()
        key_id = self.new_id()
        await self.hold_record_keys()
        wrapped = self.vault.records.wrap(private, about=_about(ONE_TIME, kept))
        await self.execute("keep_contact_key", kept.hold_id, kept.community, key_id, public, wrapped, self.now)
        return ContactPrepared(hold_id=kept.hold_id, key_id=key_id, sealing_key=public)

    async def keep_contact(self, kept: Kept, given: KeepContact, delete_by: date) -> Kept:
        """Open and keep it in the place of an earlier one. Raises ValueError, which quotes nothing."""
        contact = contacts.filled(await self._contact_in(kept, given))
        return await self._keep(replace(kept, delete_by=delete_by), contact)

    async def move_contact(self, old: Kept, new: Kept, delete_by: date) -> Kept:
        """Lock it anew, for the hold in whose place it is from now on. Raises CannotOpen."""
        contact = await self._contact(old)
        earlier = tuple(dict.fromkeys((*new.earlier, *old.earlier, old.hold_id)))
        await self.execute("left_contact", old.hold_id, self.now)
        return await self._keep(replace(new, delete_by=delete_by, earlier=earlier), contact)

    async def contact_due(self, kept: Kept, delete_by: date) -> Kept:
        """Keep it until this day at the latest."""
        await self.execute("contact_due", kept.hold_id, delete_by, self.now)
        return replace(kept, delete_by=delete_by)

    async def contact_to_read(self, kept: Kept, reply_key: str) -> Sealed | None:
        """What is held, sealed to a reader's key. Raises CannotOpen, and ValueError when the key is none."""
        if kept.holding != "held":
            return None
        text = (await self._contact(kept)).model_dump_json(exclude_none=True).encode()
        return sealing.seal(text, to=reply_key, about=sealing.for_contact_reader(kept.hold_id, kept.community))

    async def destroy_contacts(self, erased: Sequence[Erasure]) -> None:
        """Destroy what these lines say is erased, wherever it is, and write them into the ledger."""
        columns = [(one.referral_id, one.community, one.receipt, one.why, one.ended) for one in erased]
        await self.execute("destroy_contacts", *map(list, zip(*columns, strict=True)), self.now)

    async def drop_contact_key(self, kept: Kept) -> None:
        """Nothing more will be sealed for this hold."""
        await self.execute("drop_contact_key", kept.hold_id)

    async def outlived_contacts(self, today: date, limit: int) -> Sequence[Kept]:
        """Those that are due to go; locked, those locked elsewhere left out."""
        return [_kept(row) for row in await self.fetch("outlived_contacts", today, limit)]

    async def contacts_brought_back(self, erased: Sequence[Erasure]) -> Sequence[Kept]:
        """Those that are held although they were erased after they came; locked."""
        columns = [(one.referral_id, one.community, one.at) for one in erased if one.of == "contact"]
        found = await self.fetch("contacts_brought_back", *map(list, zip(*columns, strict=True))) if columns else ()
        return [_kept(row) for row in found]

    async def tidy_contacts(self, key_days: int, empty_days: int, days: int, limit: int) -> int:
        """Drop keys that nothing was sealed to in time, and holds for which nothing is kept any more."""
        await self.execute("idle_contact_keys", self.now, key_days)
        return int(await self.fetchval("forget_contacts", self.now, empty_days, days, limit))

    async def affected_contacts(self, query: ListAffectedContacts) -> Sequence[AffectedContact]:
        """Which were held at any time between two moments; the acting community sees its own."""
        rows = await self.fetch("affected_contacts", query.since, query.until, self.acting, query.limit)
        return [AffectedContact.read({**row, "hold_id": str(row["hold_id"])}) for row in rows]

    async def _keep(self, kept: Kept, contact: Contact) -> Kept:
        key, fields = AESGCM.generate_key(256), contact.given
        values = contact.model_dump(mode="json")
        nonces = [os.urandom(NONCE) for _ in fields]
        locked = [
            AESGCM(key).encrypt(nonce, _padded(values[field]), _about_field(kept, field))
            for field, nonce in zip(fields, nonces, strict=True)
        ]
        await self.hold_record_keys()
        wrapped = self.vault.records.wrap(key, about=_about(KEY, kept))
        rows = (kept.hold_id, kept.community, [*fields], nonces, locked, self.new_id(), wrapped, self.now)
        await self.execute("keep_contact", *rows, "contract", kept.delete_by, [*kept.earlier])
        return replace(kept, basis="contract", fields=fields, held_from=self.now, held_until=None)

    async def _contact_in(self, kept: Kept, given: KeepContact) -> Contact:
        """The content; the key is deleted in this transaction, so that nothing opens it again."""
        wrapped = await self.fetchval("use_contact_key", kept.hold_id, given.key_id)
        if wrapped is None:
            raise Unfit("contact_key_is_used")
        private = self.vault.records.unwrap(wrapped, about=_about(ONE_TIME, kept))
        about = sealing.for_contacts(kept.hold_id, kept.community)
        text = sealing.opened(given.sealed, private=private, about=about)
        try:
            return Contact.model_validate_json(text)
        except ValueError:  # its own sentence may quote what it read
            raise ValueError("what is sealed is not a contact as the contract says") from None

    async def _contact(self, kept: Kept) -> Contact:
        rows = await self.fetch("contact_fields", kept.hold_id)
        try:
            key = AESGCM(self.vault.records.unwrap(rows[0]["wrapped"] if rows else "", about=_about(KEY, kept)))
            return Contact.read(
                {
                    row["field"]: json.loads(
                        key.decrypt(row["nonce"], row["ciphertext"], _about_field(kept, row["field"]))
                    )
                    for row in rows
                }
            )
        except (InvalidTag, ValueError):  # its own sentence may quote what it read
            raise CannotOpen("what is kept does not open: it was changed, or its key is not here") from None

    def _opens_still(self, wrapped: str, kept: Kept) -> bool:
        try:
            return bool(self.vault.records.unwrap(wrapped, about=_about(ONE_TIME, kept)))
        except ValueError:
            node = wrapped.partition(".")[0].partition("~")[0]
            if node != "nokey" and node not in self.vault.keys:
                raise  # its line is missing in the file of the node's keys: put back, it opens
            return False


def _about(kind: str, kept: Kept) -> str:
    return about_key(kind, (kept.hold_id, kept.community))


def _about_field(kept: Kept, field: str) -> bytes:
    return f"contact field v1|{kept.hold_id}|{kept.community}|{field}".encode()


def _padded(value: Any) -> bytes:
    """As JSON, padded so that lengths do not reveal names."""
    text = json.dumps(value, ensure_ascii=False).encode()
    return text + b" " * (-len(text) % BLOCK)


def _kept(row: Any) -> Kept:
    """A row, typed."""
    earlier, fields = tuple(map(str, row["earlier"])), tuple(row["fields"])
    return Kept(**{**row, "hold_id": str(row["hold_id"]), "earlier": earlier, "fields": fields})
