"""What the words of the contracts mean, for people; and what each side of a handoff can do in which state."""

from collections.abc import Collection, Mapping
from typing import Any

#: Who did it stands before, a name or `you`; an act has one name where it was done and another where it was heard of.
ACTS: Mapping[str, str] = {
    "offer": "offered the party",
    "handoff offered": "offered the party",
    "hold placed": "held the places",
    "hold placed, accepted by itself": "held the places and said yes, as the terms allow",
    "handoff held": "held the places",
    "hold refused": "found no places for it",
    "accept": "said yes and asked booking to hold on",
    "hold extended": "accepted",
    "handoff accepted": "accepted",
    "counter": "looked for other places to offer",
    "handoff countered": "offered something else",
    "take counter": "took what was offered instead",
    "counter taken": "took what was offered instead",
    "consent": "noted the lead traveller's consent",
    "refuse consent": "noted that the lead traveller allows nothing",
    "withdraw consent": "took the lead traveller's consent back",
    "party released": "passed on what the lead traveller decided",
    "erase": "destroyed what it knew of the party, on request",
    "erase by retention": "destroyed what it knew of the party: its time had come",
    "erase again": "destroyed again what a backup had brought back",
    "personal data erased": "destroyed what it knew of the party",
    "hold confirmed": "confirmed the booking",
    "handoff confirmed": "confirmed the booking",
    "depart": "said that the party is on the way",
    "party departed": "said that the party is on the way",
    "delay": "said that the party will be late",
    "party delayed": "said that the party will be late",
    "turn back": "said that the border did not let them through",
    "party turned back": "said that the border did not let them through",
    "arrive": "said that the party is here",
    "party arrived": "said that the party is here",
    "pass used twice": "were shown its pass, or told its code, once more",
    "no show": "said that the party did not come",
    "party no show": "said that the party did not come",
    "complete": "closed the visit",
    "visit completed": "closed the visit",
    "decline": "said no",
    "handoff declined": "said no",
    "cancel": "said that they cannot be taken after all",
    "handoff cancelled": "said that they cannot be taken after all",
    "withdraw": "took the offer back",
    "handoff withdrawn": "took the offer back",
    "consent withdrawn": "took the lead traveller's consent back",
    "hold expired": "held the places until their time ran out",
    "handoff expired": "held the places until their time ran out",
    "hold released": "gave the places back",
}

#: Acts by which a consent is taken back: what was known goes, also where the handoff itself stays as it is.
TAKEN_BACK = ("withdraw consent", "consent withdrawn")

#: What holds in a state. {sender} and {receiver} are names.
HOLDS: Mapping[str, str] = {
    "offered": "{receiver} has been asked and has not answered.",
    "held": "{receiver} holds the places while people decide.",
    "countered": "{receiver} offers something else and holds it for {sender}.",
    "accepted": "{receiver} says yes and waits for the lead traveller's word.",
    "confirmed": "The booking stands; the party can travel.",
    "departed": "The party is on the way.",
    "arrived": "The party is with {receiver}.",
    "completed": "The visit is over.",
    "expired": "The time ran out; the places were given back.",
    "declined": "{receiver} said no.",
    "withdrawn": "{sender} took the offer back.",
    "cancelled": "{receiver} cannot take them after all.",
    "no_show": "The party did not come. It can be put right for 48 hours.",
    "turned_back": "The border did not let the party through: nobody's fault.",
}

#: (state, side) → the verbs, with what follows the handoff's id.
NEXT: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("offered", "sender"): ("consent", "withdraw"),
    ("offered", "receiver"): ("answer counter", "answer decline"),
    ("held", "sender"): ("consent", "withdraw"),
    ("held", "receiver"): ("answer accept", "answer counter", "answer decline"),
    ("countered", "sender"): ("take", "consent", "withdraw"),
    ("countered", "receiver"): ("answer counter", "answer decline"),
    ("accepted", "sender"): ("consent", "withdraw"),
    ("accepted", "receiver"): ("cancel",),
    ("confirmed", "sender"): ("depart", "delay", "turn-back", "withdraw"),
    ("confirmed", "receiver"): ("arrive", "no-show", "cancel"),
    ("departed", "sender"): ("delay", "turn-back"),
    ("departed", "receiver"): ("arrive", "no-show", "cancel"),
    ("no_show", "receiver"): ("arrive",),
    ("arrived", "receiver"): ("complete",),
}

#: Why there is no place, or why something ended.
REASONS: Mapping[str, str] = {
    "pass used twice": "its pass or code was used twice, and one of the two may be a copy",
    "more arrived than were booked": "more people arrived than were booked",
    "no_room": "no places left",
    "closed": "closed",
    "stop_sell": "not sold on that day",
    "closed_weekday": "closed on that weekday",
    "out_of_season": "out of season",
    "cut_off": "too late to ask: notice is needed",
    "past": "in the past",
    "party_too_small": "the party is too small",
    "party_too_large": "the party is too large",
    "not_offered": "not offered here",
    "no_such_start": "no start at that time",
    "released": "given back already",
    "too_many_open": "too many unanswered offers",
    "not_partners": "no partnership in force",
    "no_answer": "nobody answered in time",
    "party_changed_mind": "the party changed its mind",
    "replaced": "replaced by another handoff",
    "consent_withdrawn": "consent was withdrawn",
    "late": "came too late to hold places",
    "border": "at the border",
}

#: Reasons that a rule gives, and no person: nobody was asked.
RULES = frozenset(
    ("closed_weekday", "out_of_season", "cut_off", "past", "party_too_small", "party_too_large", "not_offered")
) | {"no_such_start", "too_many_open", "not_partners"}

#: What a consent may name.
FIELDS: Mapping[str, str] = {
    "name": "name",
    "channel": "a way to reach them",
    "nationality": "nationality",
    "document_class": "kind of document",
    "food": "food",
    "mobility": "moving around",
}

#: How it was said.
SAID: Mapping[str, str] = {
    "screen": "read on a screen",
    "paper": "signed on paper",
    "spoken": "spoken before a witness",
}

WISHES: Mapping[str, str] = {
    "hold": "asked to hold the places",
    "extend": "asked to hold on until consent",
    "counter": "asked for the places of the counter-offer",
    "confirm": "asked to confirm",
}


def bounds(code: str, offer: Mapping[str, Any] | None, wished: Collection[str]) -> str:
    """The numbers behind a rule, of what was wished: ` (25 at most)`; nothing where they are not known here."""
    if offer is None:
        return ""
    limits = offer["community"]["limits"]
    asked = [one for one in offer["experiences"] if one["id"] in wished]
    if code == "party_too_large":
        return f" ({min([limits['max_party'], *(one['seats'] for one in asked)])} at most)"
    if code == "party_too_small":
        return f" ({max([limits['min_party'], *(one['min_party'] for one in asked)])} at least)"
    if code == "cut_off":
        return f" ({max([limits['cutoff_hours'], *(one['cutoff_hours'] for one in asked)])} h before)"
    if code == "no_such_start":
        return f" (starts: {', '.join(sorted({start for one in asked for start in one['starts']}))})"
    return ""


def reason(code: str) -> str:
    """A reason in words; one that is not known stays as it is."""
    before, _, last = code.rpartition(": ")
    words = REASONS.get(last, last.replace("_", " "))
    return f"{before}: {words}" if before else words
