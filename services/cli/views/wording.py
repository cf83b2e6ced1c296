"""What the words of the contracts mean, for people."""

from collections.abc import Collection, Mapping
from typing import Any

#: Who did it stands before, a name or `you`; an act has one name where it was done and another where it was heard of.
ACTS: Mapping[str, str] = {
    "offer": "offered the party",
    "handoff_offered": "offered the party",
    "hold_placed": "held the places",
    "hold_placed_accepted_by_itself": "held the places and said yes, as the terms allow",
    "handoff_held": "held the places",
    "hold_refused": "found no places for it",
    "accept": "said yes and asked booking to hold on",
    "hold_extended": "accepted",
    "handoff_accepted": "accepted",
    "counter": "looked for other places to offer",
    "handoff_countered": "offered something else",
    "take_counter": "took what was offered instead",
    "counter_taken": "took what was offered instead",
    "consent": "noted the lead traveller's consent",
    "refuse_consent": "noted that the lead traveller allows nothing",
    "withdraw_consent": "took the lead traveller's consent back",
    "party_released": "passed on what the lead traveller decided",
    "erase": "destroyed what it knew of the party, on request",
    "erase_by_retention": "destroyed what it knew of the party: its time had come",
    "erase_again": "destroyed again what a backup had brought back",
    "personal_data_erased": "destroyed what it knew of the party",
    "hold_confirmed": "confirmed the booking",
    "handoff_confirmed": "confirmed the booking",
    "depart": "said that the party is on the way",
    "party_departed": "said that the party is on the way",
    "delay": "said that the party will be late",
    "party_delayed": "said that the party will be late",
    "turn_back": "said that the border did not let them through",
    "party_turned_back": "said that the border did not let them through",
    "arrive": "said that the party is here",
    "party_arrived": "said that the party is here",
    "pass_used_twice": "were shown its pass, or told its code, once more",
    "no_show": "said that the party did not come",
    "party_no_show": "said that the party did not come",
    "complete": "closed the visit",
    "visit_completed": "closed the visit",
    "decline": "said no",
    "handoff_declined": "said no",
    "cancel": "said that they cannot be taken after all",
    "handoff_cancelled": "said that they cannot be taken after all",
    "withdraw": "took the offer back",
    "handoff_withdrawn": "took the offer back",
    "consent_withdrawn": "took the lead traveller's consent back",
    "hold_expired": "held the places until their time ran out",
    "handoff_expired": "held the places until their time ran out",
    "hold_released": "gave the places back",
    "give_places_back": "gave the places back",
    "record_stated": "said where its record stands",
    "deadline": "could not do what was due",
}

#: Acts by which a consent is taken back: what was known goes, also where the handoff itself stays as it is.
TAKEN_BACK = ("withdraw_consent", "consent_withdrawn")

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

#: Act → its verb and what follows the handoff's id. Acts that are options of a verb have none of their own.
VERBS: Mapping[str, str] = {
    "take_counter": "take",
    "consent": "consent",
    "depart": "depart",
    "delay": "delay",
    "turn_back": "turn-back",
    "withdraw": "withdraw",
    "accept": "answer accept",
    "counter": "answer counter",
    "decline": "answer decline",
    "arrive": "arrive",
    "no_show": "no-show",
    "cancel": "cancel",
    "complete": "complete",
}

#: Why a person is needed; a {name} is a code that it is about.
ATTENTION: Mapping[str, str] = {
    "no_room": "no places left",
    "late": "came too late to hold places",
    "counter_refused": "counter refused: {reason}",
    "accepted_on_other_terms": "accepted on other terms",
    "more_arrived_than_were_booked": "more people arrived than were booked",
    "records_differ": "their record says {theirs}",
    "deadline_refused": "deadline refused: {reason}",
    "pass_used_twice": "its pass or code was used twice, and one of the two may be a copy",
}

#: Why there is no place, or why something ended.
REASONS: Mapping[str, str] = {
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
    return REASONS.get(code, code.replace("_", " "))


def attention(needed: Mapping[str, Any]) -> str:
    """Why a person is needed, in words."""
    words: str = ATTENTION.get(needed["code"], needed["code"].replace("_", " "))
    return words.format_map({name: reason(code) for name, code in needed["about"].items()})


def act(code: str) -> str:
    """An act that was recorded, in words."""
    return code.replace("_", " ")
