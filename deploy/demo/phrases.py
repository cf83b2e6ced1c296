"""Plain English for what people do, where a scenario does not say it itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.values import Party
from deploy.demo.scenario import Act
from deploy.demo.scenario_file import Play
from services.client.phrases.vocabulary import FIELDS

PHRASES: Mapping[str, str] = {
    "referral.offer_handoff": "offers {receiver} a party of {party}",
    "referral.accept_handoff": "says yes",
    "referral.decline_handoff": "says no",
    "referral.counter_handoff": "offers something else instead: {items}",
    "referral.take_counter": "takes the counter-offer",
    "referral.give_consent": "notes the lead traveller's consent to: {part}",
    "referral.refuse_consent": "notes that the lead traveller allows nothing",
    "referral.withdraw_consent": "takes the lead traveller's consent back",
    "referral.read_personal_part": "reads what it holds of the lead traveller",
    "referral.erase_personal_part": "destroys its copy of what it knows",
    "referral.withdraw_handoff": "takes the offer back",
    "referral.depart_party": "sees the party off",
    "referral.delay_party": "says that the party will be late",
    "referral.turn_party_back": "says that the border did not let the party through",
    "referral.arrive_party": "welcomes the party",
    "referral.mark_no_show": "notes that the party did not come",
    "referral.cancel_handoff": "cancels",
    "referral.complete_visit": "says that the visit is over",
    "booking.reserve": "books {party} of its own guests: {items}",
    "booking.set_exception": "declares an exception ({kind}) on {day}",
}


def deed_phrase(play: Play, act: Act, fields: Mapping[str, Any]) -> str:
    """What the act is, without its subject: `offers Bo Taen a party of 2 adults`."""
    told = {
        "receiver": play.called(play.scenario.who.receiver),
        "party": party_phrase(fields["party"]) if "party" in fields else "",
        "items": ", ".join(f"{item['experience_id']} on {item['day']}" for item in fields.get("items", ())),
        "part": ", ".join(FIELDS[name].text for name in fields.get("part", {})),
        "kind": fields.get("kind", ""),
        "day": fields.get("day", ""),
    }
    pattern = PHRASES.get(act.do, act.do.partition(".")[2].replace("_", " "))
    return pattern.format(**told)


def party_phrase(party: Party | Mapping[str, int]) -> str:
    """`2 adults and 1 child`."""
    given = party.wire() if isinstance(party, Party) else party
    plural = {"adult": "adults", "child": "children", "infant": "infants"}
    parts = [f"{n} {plural[band] if n != 1 else band}" for band in plural if (n := int(given.get(band, 0)))]
    return " and ".join(parts)
