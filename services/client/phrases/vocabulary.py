"""The words of the domain: for each code of the contracts what it is called, in tables code → phrase.

A test compares the keys with the contracts. A code that is not known here, such as one of a newer partner, is said as
it is written, with spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from contracts.referral.codes import Attention
from services.client.phrases.catalogue import N_, NC_, Phrase, Phrases

Table = Mapping[str, Phrase]

#: What a member does for its community.
ROLES: Table = {
    "coordinator": NC_("a member", "Coordinator"),
    "helper": NC_("a member", "Helper"),
    "observer": NC_("a member", "Observer"),
}
#: What a record is, as a label of its own: for pages and notices.
STATES: Table = {
    "offered": NC_("state", "Asked"),
    "held": NC_("state", "Places held"),
    "countered": NC_("state", "Other day offered"),
    "accepted": NC_("state", "Accepted"),
    "confirmed": NC_("state", "Booked"),
    "departed": NC_("state", "On the way"),
    "expired": NC_("state", "Time ran out"),
    "declined": NC_("state", "Declined"),
    "withdrawn": NC_("state", "Taken back"),
    "cancelled": NC_("state", "Cancelled"),
    "no_show": NC_("state", "Did not come"),
    "turned_back": NC_("state", "Stopped at border"),
    "arrived": NC_("state", "Arrived"),
    "completed": NC_("state", "Visit over"),
}
#: The same in the one word that the command line, the guide and the glossary use.
STATE_WORDS: Table = {
    "offered": NC_("state in one word", "offered"),
    "held": NC_("state in one word", "held"),
    "countered": NC_("state in one word", "countered"),
    "accepted": NC_("state in one word", "accepted"),
    "confirmed": NC_("state in one word", "confirmed"),
    "departed": NC_("state in one word", "departed"),
    "expired": NC_("state in one word", "expired"),
    "declined": NC_("state in one word", "declined"),
    "withdrawn": NC_("state in one word", "withdrawn"),
    "cancelled": NC_("state in one word", "cancelled"),
    "no_show": NC_("state in one word", "no show"),
    "turned_back": NC_("state in one word", "turned back"),
    "arrived": NC_("state in one word", "arrived"),
    "completed": NC_("state in one word", "completed"),
}
#: What holds in a state; both places are names.
HOLDS: Table = {
    "offered": N_("{receiver} has been asked and has not answered."),
    "held": N_("{receiver} holds the places while people decide."),
    "countered": N_("{receiver} offers something else and holds it for {sender}."),
    "accepted": N_("{receiver} says yes and waits for the lead traveller's word."),
    "confirmed": N_("The booking stands; the party can travel."),
    "departed": N_("The party is on the way."),
    "arrived": N_("The party is with {receiver}."),
    "completed": N_("The visit is over."),
    "expired": N_("The time ran out; the places were given back."),
    "declined": N_("{receiver} said no."),
    "withdrawn": N_("{sender} took the offer back."),
    "cancelled": N_("{receiver} cannot take them after all."),
    "no_show": N_("The party did not come. It can be put right for 48 hours."),
    "turned_back": N_("The border did not let the party through: nobody's fault."),
}
#: In place of HOLDS where no person has declined.
DECLINED_BY_RULE = N_("A rule of {receiver} declined it.")

_OFFERED = N_("offered the party")
_HELD = N_("held the places")
_ACCEPTED = N_("accepted")
_COUNTERED = N_("offered something else")
_TAKEN = N_("took what was offered instead")
_WITHDRAWN_CONSENT = N_("took the lead traveller's consent back")
_DESTROYED = N_("destroyed what it knew of the party")
_CONFIRMED = N_("confirmed the booking")
_ON_THE_WAY = N_("said that the party is on the way")
_LATE = N_("said that the party will be late")
_TURNED_BACK = N_("said that the border did not let them through")
_HERE = N_("said that the party is here")
_NO_SHOW = N_("said that the party did not come")
_CLOSED = N_("closed the visit")
_NO = N_("said no")
_CANNOT = N_("said that they cannot be taken after all")
_BACK = N_("took the offer back")
_RAN_OUT = N_("held the places until their time ran out")

#: What happened, after who did it; an act has one code where it was done and another where it was heard of.
ACTS: Table = {
    "offer": _OFFERED,
    "handoff_offered": _OFFERED,
    "hold_placed": _HELD,
    "hold_placed_accepted_by_itself": N_("held the places and said yes, as the terms allow"),
    "handoff_held": _HELD,
    "hold_refused": N_("found no places for it"),
    "accept": N_("said yes and asked booking to hold on"),
    "hold_extended": _ACCEPTED,
    "handoff_accepted": _ACCEPTED,
    "counter": N_("looked for other places to offer"),
    "handoff_countered": _COUNTERED,
    "take_counter": _TAKEN,
    "counter_taken": _TAKEN,
    "consent": N_("noted the lead traveller's consent"),
    "refuse_consent": N_("noted that the lead traveller allows nothing"),
    "withdraw_consent": _WITHDRAWN_CONSENT,
    "consent_withdrawn": _WITHDRAWN_CONSENT,
    "party_released": N_("passed on what the lead traveller decided"),
    "erase": N_("destroyed what it knew of the party, on request"),
    "erase_by_retention": N_("destroyed what it knew of the party: its time had come"),
    "erase_again": N_("destroyed again what a backup had brought back"),
    "personal_data_erased": _DESTROYED,
    "hold_confirmed": _CONFIRMED,
    "handoff_confirmed": _CONFIRMED,
    "depart": _ON_THE_WAY,
    "party_departed": _ON_THE_WAY,
    "delay": _LATE,
    "party_delayed": _LATE,
    "turn_back": _TURNED_BACK,
    "party_turned_back": _TURNED_BACK,
    "arrive": _HERE,
    "party_arrived": _HERE,
    "pass_used_twice": N_("were shown its pass, or told its code, once more"),
    "no_show": _NO_SHOW,
    "party_no_show": _NO_SHOW,
    "complete": _CLOSED,
    "visit_completed": _CLOSED,
    "decline": _NO,
    "handoff_declined": _NO,
    "cancel": _CANNOT,
    "handoff_cancelled": _CANNOT,
    "withdraw": _BACK,
    "handoff_withdrawn": _BACK,
    "hold_expired": _RAN_OUT,
    "handoff_expired": _RAN_OUT,
    "hold_released": N_("gave the places back"),
    "give_places_back": N_("asked booking to give the places back"),
    "record_stated": N_("said how it stands there"),
    "deadline": N_("came to a deadline and could not act on it"),
}
#: Acts by which a consent is taken back: what was known goes, also where the handoff itself stays as it is.
TAKEN_BACK = frozenset(("withdraw_consent", "consent_withdrawn"))
#: In place of an act, where more is known than its code says.
DECLINED_WITHOUT_ASKING = N_("declined by rule, nobody was asked")
KNOWS_NOTHING = N_("said that it knows nothing of the party")

#: Why there is no place, or why something ended, or why a person is needed.
REASONS: Table = {
    "pass_used_twice": N_("its pass or code was used twice, and one of the two may be a copy"),
    "more_arrived_than_were_booked": N_("more people arrived than were booked"),
    "accepted_on_other_terms": N_("accepted on other terms"),
    "no_room": N_("no places left"),
    "closed": N_("closed"),
    "stop_sell": N_("not sold on that day"),
    "closed_weekday": N_("closed on that weekday"),
    "out_of_season": N_("out of season"),
    "cut_off": N_("too late to ask: notice is needed"),
    "past": N_("in the past"),
    "party_too_small": N_("the party is too small"),
    "party_too_large": N_("the party is too large"),
    "not_offered": N_("not offered here"),
    "no_such_start": N_("no start at that time"),
    "released": N_("given back already"),
    "too_many_open": N_("too many unanswered offers"),
    "not_partners": N_("no partnership in force"),
    "no_answer": N_("nobody answered in time"),
    "party_changed_mind": N_("the party changed its mind"),
    "replaced": N_("replaced by another handoff"),
    "illness": N_("illness"),
    "weather": N_("weather"),
    "road": NC_("a reason", "road"),
    "consent_withdrawn": N_("consent was withdrawn"),
    "late": N_("came too late to hold places"),
    "border": N_("at the border"),
    "other": NC_("a reason", "other"),
}
#: The reasons among which a person who says no chooses, in their own words.
WHY_NOT: Table = {
    "no_room": N_("No places left"),
    "closed": N_("We are closed that day"),
    "out_of_season": N_("Not the season"),
    "cut_off": N_("Too short notice"),
    "party_too_large": N_("Party too large for us"),
    "other": N_("Something else"),
}
#: Reasons that a rule gives, and no person: nobody was asked.
BY_RULE = frozenset(
    (
        "closed_weekday",
        "out_of_season",
        "cut_off",
        "past",
        "party_too_small",
        "party_too_large",
        "not_offered",
        "no_such_start",
        "too_many_open",
        "not_partners",
    )
)
#: A refusal as a reason: why a deadline could not do its work.
REFUSED: Table = {
    "invalid": NC_("a reason", "invalid"),
    "unknown": NC_("a reason", "unknown"),
    "not_allowed": NC_("a reason", "not allowed"),
    "wrong_state": NC_("a reason", "wrong state"),
    "too_late": NC_("a reason", "too late"),
    "too_early": NC_("a reason", "too early"),
    "conflict": NC_("a reason", "conflict"),
    "unavailable": NC_("a reason", "unavailable"),
    "not_known_yet": NC_("a reason", "not known yet"),
}
#: What a reason is of, where one is inside another: `counter_refused: no_room`.
REASONS_OF: Table = {
    "counter_refused": N_("counter refused: {reason}"),
    "deadline_refused": N_("deadline refused: {reason}"),
}
#: The partner's record stands elsewhere than ours.
STANDS_ELSEWHERE = N_("their record says {state}")

#: What booking was asked and has not answered yet.
WISHES: Table = {
    "hold": N_("asked to hold the places"),
    "extend": N_("asked to hold on until consent"),
    "counter": N_("asked for the places of the counter-offer"),
    "confirm": N_("asked to confirm"),
}
#: The same in one word.
REQUESTS: Table = {
    "hold": NC_("asked of booking", "hold"),
    "extend": NC_("asked of booking", "extend"),
    "counter": NC_("asked of booking", "counter"),
    "confirm": NC_("asked of booking", "confirm"),
}
#: What a side of a handoff does, in as few words as its verb.
OWN_ACTS: Table = {
    "offer": NC_("an act", "offer"),
    "take_counter": NC_("an act", "take counter"),
    "consent": NC_("an act", "consent"),
    "refuse_consent": NC_("an act", "refuse consent"),
    "withdraw_consent": NC_("an act", "withdraw consent"),
    "depart": NC_("an act", "depart"),
    "delay": NC_("an act", "delay"),
    "turn_back": NC_("an act", "turn back"),
    "withdraw": NC_("an act", "withdraw"),
    "accept": NC_("an act", "accept"),
    "counter": NC_("an act", "counter"),
    "decline": NC_("an act", "decline"),
    "arrive": NC_("an act", "arrive"),
    "no_show": NC_("an act", "no show"),
    "cancel": NC_("an act", "cancel"),
    "complete": NC_("an act", "complete"),
    "erase": NC_("an act", "erase"),
}
SIDES: Table = {"sender": NC_("a side of a handoff", "sender"), "receiver": NC_("a side of a handoff", "receiver")}
#: What a consent may name.
FIELDS: Table = {
    "name": NC_("a field of a consent", "name"),
    "channel": N_("a way to reach them"),
    "nationality": N_("nationality"),
    "document_class": N_("kind of document"),
    "food": NC_("a field of a consent", "food"),
    "mobility": N_("moving around"),
}
#: How a field of a booking's contact is called beside what it holds.
CONTACT_FIELDS: Table = {
    "full_name": NC_("beside what an agency said of a guest", "called"),
    "first_name": NC_("beside what an agency said of a guest", "first name"),
    "last_name": NC_("beside what an agency said of a guest", "last name"),
    "email_address": NC_("beside what an agency said of a guest", "e-mail"),
    "phone_number": NC_("beside what an agency said of a guest", "phone"),
    "postal_code": NC_("beside what an agency said of a guest", "postcode"),
    "country": NC_("beside what an agency said of a guest", "country"),
    "notes": NC_("beside what an agency said of a guest", "notes"),
    "locales": NC_("beside what an agency said of a guest", "languages"),
}
#: How a consent was said.
SAID: Table = {
    "screen": N_("read on a screen"),
    "paper": N_("signed on paper"),
    "spoken": N_("spoken before a witness"),
}
#: What a party needs.
NEEDS: Table = {
    "step_free": N_("no stairs"),
    "vehicle_to_door": N_("a vehicle to the door"),
    "vegetarian": N_("vegetarian"),
    "halal": N_("halal"),
    "no_pork": N_("no pork"),
    "no_seafood": N_("no seafood"),
    "child_seat": N_("child seat"),
    "quiet": N_("a quiet place"),
    "interpreter": N_("interpreter"),
}
#: Who drives; both places are names.
DRIVES: Table = {
    "sender": N_("{sender} brings them to the crossing"),
    "receiver": N_("{receiver} fetches them"),
    "party": N_("they drive themselves"),
    "public": N_("they come by bus or shared car"),
    "unknown": N_("not said yet"),
}
#: What can be done next, as a button or a line of a menu says it.
NEXT_ACTS: Table = {
    "accept": N_("Accept this party"),
    "counter": N_("Offer another day"),
    "decline": NC_("a button", "Decline"),
    "take_counter": N_("Take what they offer"),
    "consent": N_("Ask the traveller"),
    "refuse_consent": N_("The traveller allows nothing"),
    "withdraw_consent": N_("Take the consent back"),
    "withdraw": N_("Take it back"),
    "depart": N_("They have left"),
    "delay": N_("They will be late"),
    "turn_back": N_("The border did not let them through"),
    "arrive": N_("Receive the party"),
    "no_show": N_("They did not come"),
    "complete": N_("Close the visit"),
    "cancel": N_("We cannot take them after all"),
    "read_personal_part": N_("See who they are"),
    "erase": N_("Erase what we know of them"),
}
#: What a shown pass or a spoken code is worth.
VERDICTS: Table = {
    "good": N_("The pass is good."),
    "used": N_("This pass was used before."),
    "early": N_("This pass is for a later day."),
    "late": N_("The days of this pass are over."),
    "unknown": N_(
        "No open handoff of ours has this pass or code. Ask for it once more, or choose the party from the list."
    ),
    "forged": N_("This pass was not made by us."),
    "over": N_("The handoff of this pass is cancelled or taken back."),
    "too_many_tries": N_("Too many wrong codes: wait a while."),
}
#: Of an agency's booking; the others are said as of a handoff's.
VOUCHERS: Table = {
    **VERDICTS,
    "unknown": N_("No booking of ours has this pass or code. Ask for it once more, or choose the party from the list."),
    "over": N_("The booking of this pass is cancelled."),
    "replaced": N_("This booking was changed: ask for its newer pass."),
    "several": N_("More than one booking has this code: scan the pass, or choose the party below."),
}
#: Why a node said no, where nothing more is known than the code.
REFUSALS: Table = {
    "invalid": N_("Something in it is missing or wrong: correct it and ask again."),
    "unknown": N_("There is no such thing here, or it is not yours to see."),
    "not_allowed": N_("You may not do this."),
    "wrong_state": N_("This cannot be done as it stands now."),
    "not_partners": N_("There is no partnership in force with them."),
    "too_many_open": N_("Too many of your offers wait for an answer there."),
    "too_late": N_("It is too late for this."),
    "too_early": N_("It is too early for this."),
    "conflict": N_("The same was asked before with another content."),
    "no_room": N_("There are not enough places."),
    "unavailable": N_("A part of the system does not answer. Nothing was done: try again."),
    "not_known_yet": N_("It is not known yet whether it was done: look before you repeat it."),
}


def code_of(text: str) -> str:
    """A code as it is written now: `hold placed, accepted by itself` was one once."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def word(phrases: Phrases, table: Table, code: str, /, **places: object) -> str:
    """What a code is called; one that the table does not know is said as it is written."""
    phrase = table.get(code_of(code))
    return phrases.say(phrase, **places) if phrase else code.replace("_", " ")


def state(phrases: Phrases, code: str, round_: int = 0) -> str:
    """A state in one word; of a counter-offer, with its round when that is told."""
    name = word(phrases, STATE_WORDS, code)
    if code == "countered" and round_:
        return phrases.gettext("{state} (round {round})", state=name, round=round_)
    return name


def reason(phrases: Phrases, code: str) -> str:
    """A reason in words."""
    return word(phrases, REASONS, code)


def attention(phrases: Phrases, needed: Attention) -> str:
    """Why a person is needed, with what it is about: `counter refused: no places left`."""
    if theirs := needed.about.get("theirs"):
        return phrases.say(STANDS_ELSEWHERE, state=word(phrases, STATE_WORDS, theirs))
    inner = needed.about.get("reason")
    if inner and needed.code in REASONS_OF:
        return phrases.say(REASONS_OF[needed.code], reason=word(phrases, {**REFUSED, **REASONS}, inner))
    return reason(phrases, needed.code)
