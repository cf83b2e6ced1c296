"""The contact of an agency's booking: what it takes, that it never prints itself, and what the edge seals and opens."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.contacts.v1 import Contact, ContactPrepared, ContactRead, KeepContact
from contracts.permissions import forbids
from contracts.principal import Agency, Role
from contracts.refusals import Refused
from services.chassis.trust import sealing
from services.client import contacts as edge
from services.client.problems import Problem
from services.referral.domain.personal import contacts as rules
from services.referral.domain.personal.contacts import Kept
from tests.support.booking import offering
from tests.support.contacts import HOLD, LAST_DAY, MEKONG, NEXT, SOMCHAI
from tests.support.principals import OPERATOR, member
from tests.support.referral import NOW, RECEIVER, SENDER

HELD = Kept(HOLD, RECEIVER, MEKONG.agency, basis="contract", fields=("full_name",), delete_by=LAST_DAY, held_from=NOW)
TYPES = ("prepare", "keep", "move", "read", "erase")


def test_a_contact_never_prints_itself() -> None:
    assert (repr(SOMCHAI), str(SOMCHAI), f"{SOMCHAI}") == ("Contact(…)",) * 3
    assert "สมชาย" not in repr([SOMCHAI, edge.ContactReader(RECEIVER)])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"notes": "No peanuts.\r\nLate.\t"}, {"notes": "No peanuts. Late."}),
        ({"full_name": "", "country": "  "}, {}),
        ({"locales": ["th-TH", "en"]}, {"locales": ["th-TH", "en"]}),
    ],
)
def test_what_other_software_writes_is_taken_on_one_line_and_empty_as_nothing(given: Any, kept: Any) -> None:
    assert edge.plain(Contact.model_validate(given)) == kept


@pytest.mark.parametrize(
    "given",
    [
        {"notes": "x" * 1_001},
        {"full_name": "a\x1b[2J"},
        {"passport": "AB1"},
        {"locales": ["th TH"]},
        {"phone_number": 1},
    ],
)
def test_what_is_no_contact_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate(given)


def test_the_longest_contact_fits_into_what_is_sealed() -> None:
    names = dict.fromkeys(("full_name", "first_name", "last_name"), "ກ" * 160)
    short = dict.fromkeys(("phone_number", "postal_code", "country"), "ກ" * 40)
    longest = Contact(**names, **short, email_address="ก" * 254, notes='"' * 1_000, locales=("th-" + "a" * 8,) * 10)
    private, public = sealing.new_key()
    prepared = ContactPrepared(hold_id=HOLD, key_id=NEXT, sealing_key=public)
    command = edge.sealed_to(prepared, longest, acting=RECEIVER, last_day=LAST_DAY)
    about = sealing.for_contacts(HOLD, RECEIVER)
    text = sealing.opened(command.sealed, private=private, about=about)
    assert Contact.model_validate_json(text) == longest


def test_what_the_edge_seals_opens_for_that_hold_and_community_alone() -> None:
    private, public = sealing.new_key()
    prepared = ContactPrepared(hold_id=HOLD, key_id=NEXT, sealing_key=public)
    command = edge.sealed_to(prepared, SOMCHAI, acting=RECEIVER, last_day=LAST_DAY)
    assert (command.hold_id, command.key_id, command.last_day) == (HOLD, NEXT, LAST_DAY)
    assert "somchai" not in command.model_dump_json()
    about = sealing.for_contacts(HOLD, RECEIVER)
    assert Contact.model_validate_json(sealing.opened(command.sealed, private=private, about=about)) == SOMCHAI
    for other in (
        sealing.for_contacts(NEXT, RECEIVER),
        sealing.for_contacts(HOLD, SENDER),
        sealing.for_room(HOLD, RECEIVER),
    ):
        with pytest.raises(ValueError, match="does not open"):
            sealing.opened(command.sealed, private=private, about=other)


def test_an_answer_opens_for_its_reader_alone() -> None:
    reader, other = edge.ContactReader(RECEIVER), edge.ContactReader(RECEIVER)
    about = sealing.for_contact_reader(HOLD, RECEIVER)
    sealed = sealing.seal(SOMCHAI.model_dump_json().encode(), to=reader.reply_key, about=about)
    answer = ContactRead(hold_id=HOLD, holding="held", agency=MEKONG.agency, sealed=sealed)
    assert reader.open(answer) == SOMCHAI
    assert reader.open(answer.model_copy(update={"sealed": None})) is None
    with pytest.raises(Problem) as problem:
        other.open(answer)
    assert "somchai" not in str(problem.value)


def test_it_is_kept_for_the_communitys_own_days_after_the_visit() -> None:
    days = offering().community.retention_days
    assert rules.delete_by(LAST_DAY, offering()) == LAST_DAY + timedelta(days=days)
    assert rules.delete_by(date(2027, 1, 1), None) == date(2027, 1, 31)


def test_an_agency_touches_its_own_holds_and_the_community_all_of_its() -> None:
    assert rules.own(HELD, MEKONG.agency) == rules.own(HELD, None) == HELD
    with pytest.raises(Refused) as nothing:
        rules.own(None, MEKONG.agency)
    with pytest.raises(Refused) as others:
        rules.own(HELD, "other-tours")
    assert nothing.value.refusal == others.value.refusal, "refused in the very same words"


def test_the_ledger_names_the_holds_from_which_the_contact_came_over_too() -> None:
    numbers = iter(f"0190cccc-0000-7000-8000-00000000000{n}" for n in range(9))
    moved = Kept(NEXT, RECEIVER, MEKONG.agency, earlier=(HOLD,), held_from=NOW)
    lines = rules.lines(moved, "retention", NOW, lambda: next(numbers), ended="CANCELLED")
    assert [(one.referral_id, one.of, one.ended) for one in lines] == [
        (NEXT, "contact", "CANCELLED"),
        (HOLD, "contact", "CANCELLED"),
    ]
    assert len({one.receipt for one in lines}) == 2


@pytest.mark.parametrize("role", ["coordinator", "helper", "observer"])
def test_who_may_ask_for_what(role: Role) -> None:
    def may(who: Any) -> set[str]:
        return {one for one in TYPES if forbids(who, RECEIVER, f"referral.{one}_contact.v1") is None}

    assert may(Agency(account="k2mekong22", agency="mekong-tours")) == {"prepare", "keep", "move", "erase"}
    assert may(OPERATOR) == set(TYPES)
    assert (
        may(member(RECEIVER, role))
        == {
            "coordinator": {"read", "erase"},
            "helper": {"read"},
            "observer": set(),
        }[role]
    )


def test_a_command_says_its_last_day() -> None:
    with pytest.raises(ValidationError, match="last_day"):
        KeepContact.model_validate({"hold_id": HOLD, "key_id": NEXT, "sealed": "abc"})
