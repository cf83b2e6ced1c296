"""Who may ask what: the table, the rule that reads it, and both walked for everybody who could ask."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

import contracts.described  # noqa: F401 - registers every type
from contracts import permissions
from contracts.messages import Asked, Call, message_types
from contracts.permissions import PERMISSIONS, forbids
from contracts.principal import Member, Operator, Principal, Reader, Role
from contracts.refusals import No
from services.chassis.trust import speakers
from services.chassis.trust.speakers import Logins
from tests.support.principals import OPERATOR, agency, member

ASKED = sorted(
    name for name, c in message_types().items() if issubclass(c, Asked) and c.__module__.startswith("contracts.")
)
OURS, THEIRS = "tha-li", "bo-taen"
READER = Reader(account="agency-api")
PRINCIPALS: tuple[Principal | None, ...] = (
    None, OPERATOR, agency(), READER, *(member(OURS, role) for role in get_args(Role)),
)  # fmt: skip
#: An observer sees these and nothing else; a helper also does the next; a coordinator also the third.
OBSERVERS = {
    "booking.ask_availability.v1", "booking.ask_booking.v1", "booking.ask_pools.v1", "booking.list_bookings.v1",
    "community.find_communities.v1", "community.find_experiences.v1", "community.list_keys.v1",
    "community.list_partnerships.v1", "referral.ask_crossings.v1", "referral.ask_partner_availability.v1",
    "portal.leave_community.v1",
    "referral.ask_partner_catalogue.v1", "referral.list_handoffs.v1", "referral.plan_crossing.v1",
}  # fmt: skip
HELPERS = {
    "booking.ask_exceptions.v1", "booking.change_booking.v1", "booking.present_voucher.v1",
    "booking.replace_booking.v1", "booking.reserve.v1", "referral.arrive_party.v1",
    "referral.delay_party.v1", "referral.depart_party.v1", "referral.list_expected.v1",
    "referral.list_reminders.v1",
    "referral.mark_no_show.v1", "referral.plan_of_handoff.v1", "referral.present_pass.v1", "referral.show_handoff.v1",
    "referral.read_contact.v1",
}  # fmt: skip
FOR_THE_NODE = {
    "agency_api.add_key.v1", "agency_api.list_keys.v1", "agency_api.revoke_key.v1",
    "booking.check_invariants.v1", "booking.restate_availability.v1", "booking.restate_capacity.v1",
    "booking.restate_hold.v1", "booking.state_holds.v1", "community.add_agency.v1", "community.restate.v1",
    "node.ask_owed.v1", "node.ask_standing.v1", "node.check_streams.v1",
    "node.discard_parked.v1", "node.list_checkpoints.v1", "node.list_parked.v1", "node.move_clock.v1",
    "node.replay_parked.v1", "node.rewrap.v1", "node.say_again.v1", "node.show_parked.v1", "node.verify_audit.v1",
    "portal.add_operator.v1", "portal.end_operator.v1", "portal.list_operators.v1",
    "referral.apply_erasures.v1", "referral.check_records.v1", "referral.keep_crossings.v1",
    "referral.list_awaited.v1", "referral.list_erasures.v1", "referral.reconcile_record.v1",
    "referral.state_records.v1",
}  # fmt: skip
#: An agency asks these of a community that it acts for; some also of the node: all of its own agreements and handoffs.
AGENCIES = {
    "booking.ask_booking.v1", "booking.change_booking.v1", "booking.replace_booking.v1", "booking.reserve.v1",
    "community.agree_agreement.v1", "community.end_agreement.v1", "community.propose_agreement.v1",
    "referral.erase_contact.v1", "referral.keep_contact.v1", "referral.move_contact.v1", "referral.prepare_contact.v1",
    "community.list_agreements.v1",
    "referral.ask_partner_availability.v1", "referral.ask_partner_catalogue.v1", "referral.delay_party.v1",
    "referral.list_handoffs.v1", "referral.offer_handoff.v1", "referral.show_handoff.v1", "referral.take_counter.v1",
    "referral.withdraw_handoff.v1",
}  # fmt: skip
AGENCIES_OF_THE_NODE = {
    "community.list_agreements.v1", "referral.list_handoffs.v1", "referral.show_handoff.v1",
}  # fmt: skip
#: For one community, but only by an operator of the system.
FOR_OPERATORS = {"portal.open_account.v1", "portal.recover_member.v1"}
#: For the agency that books, and for no member: whom to reach is said by those who were told.
FOR_AGENCIES = {"referral.keep_contact.v1", "referral.move_contact.v1", "referral.prepare_contact.v1"}


def may(principal: Principal | None, acting: str | None, name: str) -> bool:
    """What the table says, read here a second time, the long way round."""
    line = PERMISSIONS.get(name)
    if line is None or principal is None:
        return False
    if isinstance(principal, Member):
        return acting is not None and acting == principal.community and principal.role in line.roles
    if isinstance(principal, Reader):
        return line.reader and acting is None
    scope = line.operator if isinstance(principal, Operator) else line.agency
    return scope is not None and (scope == "either" or (scope == "node") == (acting is None))


@pytest.mark.parametrize("name", ASKED)
def test_every_command_and_query_has_a_line(name: str) -> None:
    assert name in PERMISSIONS


def test_every_line_is_of_a_command_or_query() -> None:
    assert PERMISSIONS.keys() - set(ASKED) <= {"tally.tell.v1", "tally.ask_counted.v1"}  # of the engine's tests


@pytest.mark.parametrize("name", [*ASKED, "referral.nobody_wrote_this.v1"])
@pytest.mark.parametrize("principal", PRINCIPALS, ids=repr)
@pytest.mark.parametrize("acting", [OURS, THEIRS, None])
def test_each_principal_may_ask_exactly_what_the_table_says(
    principal: Principal | None, acting: str | None, name: str
) -> None:
    refusal = forbids(principal, acting, name)
    assert (refusal is None) is may(principal, acting, name)
    if refusal is not None:
        assert refusal.code is (No.INVALID if refusal.message.startswith("say for which community") else No.NOT_ALLOWED)


@pytest.mark.parametrize("role", get_args(Role))
def test_each_role_may_ask_exactly_the_listed_types(role: Role) -> None:
    granted = {name for name in ASKED if forbids(member(OURS, role), OURS, name) is None}
    wanted = {
        "observer": OBSERVERS,
        "helper": OBSERVERS | HELPERS,
        "coordinator": set(ASKED) - FOR_THE_NODE - FOR_OPERATORS - FOR_AGENCIES,
    }
    assert granted == wanted[role]


def test_what_is_asked_for_the_whole_node_only_an_operator_of_the_system_may_ask() -> None:
    assert {name for name in ASKED if forbids(OPERATOR, OURS, name) is not None} == FOR_THE_NODE
    assert {name for name in ASKED if PERMISSIONS[name].operator == "node"} == FOR_THE_NODE
    assert {name for name in ASKED if name.startswith("node.")} - FOR_THE_NODE == {"node.list_audit.v1"}


def test_whoever_does_not_say_who_they_are_may_ask_nothing() -> None:
    for acting in (OURS, None):
        assert all(forbids(None, acting, name) is not None for name in ASKED)


@pytest.mark.parametrize(
    ("acting", "granted"), [(OURS, AGENCIES), (THEIRS, AGENCIES), (None, AGENCIES_OF_THE_NODE)], ids=repr
)
def test_an_agency_may_ask_exactly_the_listed_types(acting: str | None, granted: set[str]) -> None:
    assert {name for name in ASKED if forbids(agency(), acting, name) is None} == granted


def test_a_service_asks_for_itself_how_far_behind_it_is_and_nothing_else() -> None:
    assert {name for name in ASKED if forbids(READER, None, name) is None} == {"node.ask_owed.v1"}
    assert not [name for name in ASKED if forbids(READER, OURS, name) is None]
    assert Logins().may_speak_for("agency_api", READER)
    assert not Logins().may_speak_for("agency_api", OPERATOR)
    assert not Logins().may_speak_for("portal", READER)


def test_a_type_without_a_line_is_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "community.find_communities.v1"
    assert forbids(OPERATOR, None, name) is None
    monkeypatch.setattr(permissions, "PERMISSIONS", {n: line for n, line in PERMISSIONS.items() if n != name})
    assert [forbids(who, OURS, name) is None for who in PRINCIPALS] == [False] * len(PRINCIPALS)


CALL = {
    "id": "019aa1f0-2b14-7c3e-9d41-000000000061", "type": "referral.list_handoffs.v1", "caller": "local_api",
    "deadline": "2026-12-08T02:00:08Z", "data": {},
}  # fmt: skip


def test_an_older_edge_sends_no_principal_and_is_read_as_nobody() -> None:
    assert Call.read(CALL).principal is None
    assert Call.read(CALL | {"principal": None}).principal is None


@pytest.mark.parametrize(
    "principal",
    [
        {},
        {"account": "noi"},
        {"kind": "operator"},
        {"kind": "operator", "account": ""},
        {"kind": "operator", "account": "noi:1"},
        {"kind": "operator", "account": "noi@example.org"},
        {"kind": "operator", "account": "noi\n"},
        {"kind": "operator", "account": "x" * 65},
        {"kind": "operator", "account": "noi", "community": "tha-li"},
        {"kind": "operator", "account": "noi", "until": "2026-12-08"},
        {"kind": "superuser", "account": "noi"},
        {"kind": "member", "account": "noi", "role": "coordinator"},
        {"kind": "member", "account": "noi", "community": "tha-li"},
        {"kind": "member", "account": "noi", "community": "*", "role": "coordinator"},
        {"kind": "member", "account": "noi", "community": "tha-li", "role": "operator"},
        {"kind": "agency", "account": "noi"},
        "operator",
    ],
    ids=repr,
)
def test_a_principal_with_an_unknown_field_is_refused(principal: object) -> None:
    with pytest.raises(ValidationError, match="principal"):
        Call.read(CALL | {"principal": principal})


def test_who_stands_in_the_audit_is_never_a_community_or_a_service() -> None:
    whos = {who.who for who in (OPERATOR, member("tha-li", account="tha-li"), agency("booking"))}
    assert whos == {"operator:test", "member:tha-li", "agency:booking"}
    longest = TypeAdapter(Principal).validate_python({"kind": "operator", "account": "x" * 64})
    assert len(longest.who) <= 80  # as much as a line of the audit takes


def test_an_edge_speaks_only_for_the_principals_that_it_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speakers, "EDGES", {"local_api": ("operator",), "portal": ("member",)})
    said = {
        (login, who.kind if who else None): Logins().may_speak_for(login, who)
        for login in ("local_api", "portal", "booking", "")
        for who in (OPERATOR, member(OURS), agency(), None)
    }
    assert {pair for pair, may in said.items() if may and pair[1]} == {("local_api", "operator"), ("portal", "member")}
    assert all(said[login, None] for login in ("local_api", "portal"))  # nobody: refused by the service that is asked


def test_a_shared_login_speaks_for_whomever_any_edge_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speakers, "EDGES", {"local_api": ("operator",), "portal": ("member",)})
    shared = Logins(shared="handoff")
    assert [shared.may_speak_for("handoff", who) for who in (OPERATOR, member(OURS), agency())] == [True, True, False]
    assert not shared.may_speak_for("local_api", OPERATOR)
