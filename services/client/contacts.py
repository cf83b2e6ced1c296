"""The edge: seals the contact of a booking before it leaves this process, opens what a reader is answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.contacts.v1 import Contact, ContactPrepared, ContactRead, KeepContact, ReadContact
from services.chassis.trust import sealing
from services.client.personal import Sends
from services.client.phrases.catalogue import N_
from services.client.problems import Problem

UNOPENED = N_("The node's answer does not open, or is no contact: are both of one version?")


def sealed_to(prepared: ContactPrepared, contact: Contact, *, acting: str, last_day: date) -> KeepContact:
    """The command that keeps a contact in the room of `acting`; the contact is inside, sealed.

    The command that is sent again is this very one: sealed anew, it would be another under the same id.
    """
    about = sealing.for_contacts(prepared.hold_id, acting)
    sealed = sealing.seal(contact.model_dump_json(exclude_none=True).encode(), to=prepared.sealing_key, about=about)
    return KeepContact(hold_id=prepared.hold_id, key_id=prepared.key_id, sealed=sealed, last_day=last_day)


class ContactReader:
    """Reads once: its key is made for one answer, and kept nowhere."""

    def __init__(self, acting: str) -> None:
        self._acting = acting
        self._private, self.reply_key = sealing.new_key()

    def open(self, answer: ContactRead) -> Contact | None:
        """The contact in an answer to `reply_key`; None when nothing is held. Raises Problem, which quotes nothing."""
        if answer.sealed is None:
            return None
        about = sealing.for_contact_reader(answer.hold_id, self._acting)
        try:
            text = sealing.opened(answer.sealed, private=self._private, about=about)
            return Contact.model_validate_json(text)
        except ValueError:
            raise Problem(UNOPENED) from None

    def __repr__(self) -> str:
        return "ContactReader(…)"


def read(client: Sends, hold_id: str, *, acting: str) -> tuple[ContactRead, Contact | None]:
    """What a community holds: the answer, and the contact that was sealed in it. The reading is audited."""
    reader = ContactReader(acting)
    answer = client.send(ReadContact(hold_id=hold_id, reply_key=reader.reply_key), acting=acting)
    return answer, reader.open(answer)


def plain(contact: Contact | None) -> dict[str, Any] | None:
    """The contact as JSON, without what was not said."""
    return contact.model_dump(mode="json", exclude_defaults=True) if contact else None
