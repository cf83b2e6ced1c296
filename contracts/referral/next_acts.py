"""What can be done next with a handoff, computed from the rules, so that no reader keeps a table of its own."""

from __future__ import annotations

from typing import Literal

from contracts.values import Code, Instant, Money, Value


class Costs(Value):
    """What an act costs whoever does it, as far as the rules of a handoff say.

    free: nothing. price: it binds the sending community to the quoted price. referral_fee: the receiving community
    owes it for a visit at the quoted price. by_agreement: no rule here; what the two have agreed on counts.
    """

    code: Literal["free", "price", "referral_fee", "by_agreement"] = "free"
    amount: Money | None = None


class NextAct(Value):
    """One act that the rules would take now."""

    act: Code
    #: When something happens by itself that ends the chance; None when nothing does.
    until: Instant | None = None
    costs: Costs = Costs()
    #: Whether the handoff waits for this side to do it, or another act that is marked so.
    is_move: bool = False
    #: Whether it takes the place of what this side has said already.
    again: bool = False
    #: Told to an agency that handed over: it does this itself; what has no such mark is for its community to do.
    by_agency: bool = False
