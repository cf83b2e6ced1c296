"""What does not fit is put right by messages: each difference that promises one has one, and it leads to what fits."""

from typing import get_args

import pytest

from contracts.booking import v1 as booking
from contracts.booking.v1 import HoldState
from contracts.border.v1 import State
from contracts.reconcile.v1 import HoldStanding, ReconcileRecord, RecordStanding, RestateHold
from services.booking.domain.hold import Hold
from services.booking.domain.restating import restated
from services.booking.domain.states import Act, after
from services.client.comparing import ALLOWED, Difference, differences
from services.referral.domain.handoff import transitions
from services.referral.domain.handoff.reconciling import ASKED, asked_again
from services.referral.domain.handoff.record import Record
from tests.support.referral import HOLD, ISSUED, NOW, moment, quote, record

ACTS: dict[str, Act] = {
    booking.ReleaseHold.type: "release",
    booking.ConfirmHold.type: "confirm",
    booking.RedeemHold.type: "redeem",
}
PAIRS = [(state, held) for state in get_args(State) for held in get_args(HoldState) if held not in ALLOWED[state]]
#: What only people can settle: booking says that the party has been here, or that nothing is booked for one that is.
BY_HAND = {
    (state, held)
    for state, held in PAIRS
    if held == "REDEEMED"
    or (state in ("arrived", "completed", "no_show") and held in ALLOWED["expired"])
    or (state in ("arrived", "completed") and held == "PENDING")
}


def of(state: State) -> Record:
    return record(
        "receiver", state, hold_id=HOLD, pending_request={"offered": "hold", "accepted": "confirm"}.get(state, "")
    )


def difference(ours: Record, held: HoldState) -> Difference:
    stated = RecordStanding.read(ours.stored())
    hold = HoldStanding(hold_id=HOLD, community=ours.community, referral_id=ours.referral_id, state=held)
    [one] = differences({stated.referral_id: stated}, {HOLD: hold})
    return one


def hold(held: HoldState) -> Hold:
    ours, until = of("held"), NOW if held == "ON_HOLD" else None
    return Hold(
        hold_id=HOLD, community=ours.community, referral_id=ours.referral_id, state=held, quote=quote(),
        expires_at=until, answered=True,
    )  # fmt: skip


def told(ours: Record, held: Hold) -> Record:
    """The record once it has heard everything that booking says again."""
    for fact in restated(held):
        match fact:
            case booking.HoldPlaced():
                step = transitions.hold_placed(ours, fact, moment())
            case booking.HoldConfirmed():
                step = transitions.hold_confirmed(ours, fact, moment(), ISSUED)
            case booking.HoldExpired() | booking.HoldReleased():
                step = transitions.hold_over(ours, fact, moment())
            case _:
                step = None
        ours = step.record if step else ours
    return ours


@pytest.mark.parametrize(("state", "held"), PAIRS)
def test_a_reconciled_record_fits_its_hold(state: State, held: HoldState) -> None:
    ours, one = of(state), difference(of(state), held)
    assert (one.remedy is None) == ((state, held) in BY_HAND)
    if isinstance(one.remedy, RestateHold):
        ours = told(ours, hold(held))
    if isinstance(one.remedy, ReconcileRecord):
        for wanted in asked_again(ours, HOLD, held):
            held = after(held, ACTS[wanted.type]) or held
        ours = told(ours, hold(held)) if held == "CANCELLED" else ours
    if one.remedy is not None:
        assert held in ALLOWED[ours.state]


@pytest.mark.parametrize(("state", "held"), [(s, h) for s in get_args(State) for h in ALLOWED[s]])
def test_nothing_is_requested_for_a_record_that_fits_its_hold(state: State, held: HoldState) -> None:
    assert asked_again(of(state), HOLD, held) == ()


def test_every_pair_in_the_table_is_a_difference() -> None:
    assert not [pair for pair in ASKED if pair[1] in ALLOWED[pair[0]]]


@pytest.mark.parametrize("held", ["ON_HOLD", "PENDING", "CONFIRMED"])
def test_a_hold_that_no_record_knows_is_released(held: HoldState) -> None:
    release = (booking.ReleaseHold(hold_id=HOLD),)
    assert asked_again(None, HOLD, held) == release
    assert asked_again(of("confirmed").replace(hold_id=None), HOLD, held) == release
    assert asked_again(None, HOLD, "EXPIRED") == ()
