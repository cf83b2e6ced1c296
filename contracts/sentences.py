"""Every reason of a refusal and of a fault, with the English sentence that says it and what to do.

A {placeholder} is a param of the same name: a code, number, day, id or a list of them; nothing is about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from contracts.community.sentences import COMMUNITY
from contracts.marking import N_

Param = int | str | date | time | tuple[str, ...]


#: Of a handoff: who may do what, and when.
_HANDOFF: Mapping[str, str] = {
    "no_such_handoff": N_("you have no handoff with this id: `list` shows yours"),
    "several_handoffs_end_so": N_("several of your handoffs end so: give more of the id"),
    "only_one_side_may": N_("only the {side} of a handoff may {act}"),
    "not_in_this_state": N_("it is {state}; to {act} it must be {allowed}"),
    "booking_still_works": N_("booking is still working on the last request ({request})"),
    "another_round_is_live": N_("the live counter-offer is round {round}"),
    "delay_is_not_later": N_(
        "they are expected on {day} from {time}, a delay is later: to come earlier, offer a change"
    ),
    "delay_does_not_fit": N_("the day does not fit what is booked: for another day, offer a change"),
    "rounds_are_used_up": N_("at most {rounds} rounds of counter-offers: accept or decline"),
    "answer_is_due": N_("the answer is due and the sender may have given up: decline, or wait"),
    "counter_with_own_experiences": N_("a counter-offer names experiences of {community}"),
    "nobody_is_missing_yet": N_("they are expected on {day} from {time}: nobody is missing before"),
    "more_have_come": N_(
        "{come} have come and {booked} are booked: receive {booked}, and book places for the other {rest} as guests of"
        " your own"
    ),
    "receive_from_the_eve_on": N_("they are expected on {day}: receive them from the eve on"),
    "no_show_is_final": N_("a no-show can be put right for 48 hours only"),
    "no_quote": N_("there is no quote to complete with"),
    "was_changed": N_("it was changed: receive handoff {referral_id}"),
    "most_days_asked": N_("ask for at most 62 days, first before last"),
}
#: Of an offer, and of one that changes another.
_OFFER: Mapping[str, str] = {
    "handed_to_oneself": N_("a party is handed to another community"),
    "no_agreed_partnership": N_("no agreed partnership with {partner}"),
    "no_catalogue_yet": N_("{partner} has not shared its catalogue with you yet"),
    "not_in_force_today": N_("the partnership with {partner} is not in force today"),
    "arrival_does_not_fit": N_("the day does not fit the items: at most two days before the first"),
    "no_such_party": N_("you have handed no such party to this partner"),
    "too_late_to_change": N_("it is {state}: too late to change"),
    "changed_already": N_("handoff {referral_id} changes it already: withdraw that one first"),
    "is_a_change_itself": N_("it is a change itself, not confirmed yet: withdraw it first"),
    "not_offered_by_partner": N_("{partner} offers no {experience_id}"),
    "price_cannot_be_reckoned": N_("{partner} states a price that cannot be reckoned with: ask them"),
    "arrive_before_the_start": N_(
        "{experience_id} starts on {day} at {time}: arrive before, or choose a later start or day"
    ),
    "say_it_in_their_currency": N_("say it in {currency}, in which {partner} reckons"),
    "name_an_agreed_crossing": N_("name a crossing of your terms: {crossings}"),
    "answer_within_days": N_("must lie within the next {days} days"),
    "no_stay": N_("{experience_id} is no stay: leave the nights out"),
    "say_which_start": N_("{experience_id} starts at {starts}: say which"),
    "not_authorised": N_("no agreement in force lets you hand parties over for {community}: ask them to agree to it"),
    "partner_not_authorised": N_("your agreement with {community} does not let you hand parties over to {partner}"),
    "too_many_handed_over": N_("at most {most} of your handoffs for {community} are open at once: wait for an answer"),
    "too_many_offered": N_("you offered {most} for {community} within 24 hours: try again on {day} from {time}"),
    "say_your_own_id": N_("give the handoff an id of your own"),
    "ref_is_an_agencys": N_("only an agency gives a handoff an id of its own: leave it out"),
    "own_id_used_for_other": N_("you have used this id for another handoff: take a new one"),
}
#: Of passes, consent and what is held of a lead traveller.
_PERSONAL: Mapping[str, str] = {
    "moment_has_not_come": N_("this moment has not come yet: check the clock of what read the pass"),
    "seen_too_long_ago": N_("this is more than {days} days ago: receive them by face, with `arrive`"),
    "passed_on_already": N_("what was allowed has been passed on: it can only be withdrawn"),
    "text_has_changed": N_("the text has changed since it was shown: prepare it again"),
    "no_consent_to_take_back": N_("there is no consent to take back"),
    "erased_already": N_("nothing is held of this party: it is erased already"),
    "nothing_passed_on": N_("nothing is held of this party: nothing has been passed on"),
    "profile_not_known": N_("the profile of {community} is not known here: it has to be published first"),
    "part_is_empty": N_("the personal part is empty: seal what was consented to, or refuse consent"),
    "part_beyond_consent": N_("the personal part holds what nobody has consented to: {fields}"),
    "part_is_not_as_it_must_be": N_("the personal part cannot be taken as it is: seal what was consented to"),
    "contacts_come_from_agencies": N_("only the agency that booked gives a contact: your own guests need none"),
    "no_contact_once_over": N_("hold_id: the booking is over, nothing is kept for it any more"),
    "contact_key_is_used": N_("this key was used or has run out: prepare the contact again, seal it to the new key"),
    "contact_is_empty": N_("nothing is in this contact: leave it out, or erase the one that is kept"),
    "contact_is_not_as_it_must_be": N_("the contact cannot be taken as it is: prepare it again, and seal it as it is"),
    "reply_key_is_none": N_("this is no key to answer to: make one anew"),
    "until_before_since": N_("must not lie before `since`"),
}
#: Of crossings and their rows.
_CROSSING: Mapping[str, str] = {
    "say_of_which_row": N_("say of which row: there is a history of each"),
    "crosses_no_border": N_("it crosses no border that is known here: there is nothing to plan"),
    "place_not_known": N_("where {community} lies is not known here: `find` shows communities"),
    "no_border_between": N_("both lie in {country}: there is no border between them"),
    "row_given_twice": N_("{row} is given twice for the same day"),
    "checked_in_the_future": N_("{row} cannot have been checked on {day}, today is {today}: say when you looked"),
    "checked_before": N_(
        "{row} is kept as checked on {day}: what you correct has been checked on a later day, say which"
    ),
    "too_many_rows": N_("with these there are {count}, and at most {most} may hold: correct rows by their id"),
    "no_such_crossing": N_("{row}: {crossing} is no crossing of this file, nor one that is kept"),
    "rule_ends_before_it_begins": N_("{row}: ends before it begins"),
    "key_would_be_over": N_("it would be over already: give a later time, or none"),
    "two_keys_are_live": N_("{agency} has two keys that open: revoke the one that is not needed any more"),
    "prefix_is_taken": N_("there is a key with this prefix: make another"),
    "no_such_key": N_("there is no key with this prefix: `agency keys` lists them"),
    "ends_before_it_begins": N_("ends before it begins"),
    "allotted_twice": N_("names an experience twice: give each one line"),
    "steps_out_of_order": N_("steps go from the most hours to the fewest, and from the most refund to the least"),
}
#: Of what a month comes to between partners.
_STATEMENT: Mapping[str, str] = {
    "month_runs_on": N_("the month is not over: confirm it from {day} on"),
    "no_visits_in_month": N_("no visit with {partner} was completed in that month: there is nothing to confirm"),
    "figures_have_changed": N_("the figures are others now than those you looked at: look again, then confirm"),
}
#: Of bookings, capacity and the days that are closed.
_BOOKING: Mapping[str, str] = {
    "nothing_offered_yet": N_("this community offers nothing yet"),
    "ask_your_own": N_("community: ask your own; of partners you see what they share"),
    "too_many_days_asked": N_("last: from first on, at most {days} days, not too far off"),
    "nothing_offered_here": N_("community: it offers nothing here"),
    "no_such_booking": N_("hold_id: no such booking"),
    "too_many_days_written": N_("last: from first on, at most {days} days"),
    "nothing_to_book_yet": N_("items: this community offers nothing yet"),
    "belongs_to_a_handoff": N_("hold_id: it belongs to a handoff, act on the handoff"),
    "belongs_to_an_agency": N_("hold_id: it belongs to {agency}: approve, reject, cancel or redeem it"),
    "agencies_hold_first": N_("confirm: an agency holds first, and confirms then"),
    "community_confirms_more": N_(
        "hold_id: the community confirms each booking itself: book what is new as another one"
    ),
    "less_costs_a_fee": N_(
        "hold_id: who cancels now is given back {percent} %: cancel it, or change it at no lower price"
    ),
    "too_many_holds_open": N_("you have {most} holds here that are not confirmed yet: confirm or cancel one first"),
    "changed_meanwhile": N_("hold_id: it was changed meanwhile: read it again"),
    "hold_has_run_out": N_("hold_id: its time has run out"),
    "booking_is_in_state": N_("act: it is {state}"),
    "booking_is_over": N_("hold_id: it has ended or was used, it can be changed no more"),
    "guests_from_the_eve_on": N_("act: they are expected on {day}, receive them from the eve on"),
    "visit_is_long_over": N_("act: the visit of {day} is long over, only cancel is left"),
    "say_until_when": N_("expires_at: say until when, later than now"),
    "book_your_own": N_("items: book your own experiences only"),
    "hold_id_used_before": N_("hold_id: it was used before, take a new one"),
    "no_place": N_("{why}: {experience_id} on {day}"),
    "no_place_so_many_at_most": N_("{why}: {experience_id} on {day}, {most} at most"),
    "no_place_so_many_at_least": N_("{why}: {experience_id} on {day}, {least} at least"),
    "kept_for_agencies": N_("{experience_id} on {day}: what is left is kept for agencies; change the agreement first"),
    "until_too_long": N_("until: from day on, at most {days} days later"),
    "day_too_far": N_("day: from today on, at most {days} days ahead"),
    "start_needs_experience": N_("start: a start belongs to an experience, name it"),
    "you_offer_no_such": N_("experience_id: you offer no such experience"),
    "no_such_start": N_("start: the experience has no such start"),
    "capacity_not_asked": N_("capacity: only another capacity has a number"),
    "closure_of_all_pools": N_("pool: a closure speaks of all pools, leave it out"),
    "say_how_many_places": N_("capacity: say how many places there are"),
    "which_pool": N_("pool: visitors or guests, or name an experience"),
    "experience_has_seats": N_("pool: an experience has seats; guests and visitors are the community's"),
    "product_has_one_pool": N_("start: a product has one pool a day, leave the start out"),
}
#: Of accounts.
_PORTAL: Mapping[str, str] = {
    "no_such_operator": N_("no operator of the system has this account: `operator list` shows them"),
    "name_is_taken": N_("somebody signs in with this name already: choose another"),
    "photos_enough": N_("there are {most} photos already: remove one first"),
    "too_many_at_once": N_("too many sign in at this moment: try again in a minute"),
    "member_already": N_("you act for this community already"),
    "no_such_member": N_("there is no such member: look at the list of members"),
    "members_only": N_("only a member can leave: an operator of the system ends a membership"),
    "last_coordinator": N_("a community needs a coordinator: make somebody else one first"),
    "acts_for_others": N_("they act for another community too: ask the operator of the system"),
    "another_confirms": N_("another coordinator has to confirm it: neither who asked nor whom it is for"),
    "member_too_new": N_(
        "this needs a member of {days} days or more: ask another coordinator, or the operator of the system"
    ),
    "asked_already": N_("somebody has asked for this already: another coordinator has to confirm it"),
    "no_such_invitation": N_("there is no such invitation any more: make a new one"),
    "no_such_recovery": N_("nobody asks for this any more: ask anew"),
    "too_many_invitations": N_("so many invitations wait already: withdraw some first"),
}
#: Of a node, and of asking it.
_NODE: Mapping[str, str] = {
    "bus_not_there": N_("the bus is not there: nothing was done"),
    "no_answer_in_time": N_("{service} has not answered within {seconds} s: ask again with the same id"),
    "service_not_there": N_("{service} is not there: nothing was done, ask again in a moment"),
    "database_not_there": N_("the database does not answer: nothing was done, ask again in a moment"),
    "took_too_long": N_("it took too long: ask what became of it"),
    "in_doubt": N_("the database went away at the last moment: ask again with the same id, it is done once"),
    "deadline_had_passed": N_("the deadline had passed: nothing was done, ask again"),
    "id_used_for_other": N_("this command id was used for something else: take a new one"),
    "say_who_acts": N_("say who acts: a call without a principal is refused"),
    "nobody_may_ask": N_("nobody may ask this: it has no line in the permissions"),
    "agencies_may_not_ask": N_("agencies may not ask this"),
    "asked_for_the_node": N_("this is asked for the whole node: leave the community out"),
    "act_for_your_own": N_("you act for your own community only: name that one"),
    "ask_a_coordinator": N_("this is not for your role: ask a coordinator of your community"),
    "ask_an_operator": N_("this is not for your role: ask an operator of the system"),
    "edge_speaks_for_others": N_("this edge speaks for no such principal"),
    "edge_names_another": N_("this edge names another one as the caller"),
    "say_for_whom": N_("say for which community you act"),
    "only_an_edge_asks": N_("only an edge of this node may ask: call by the local API"),
    "not_answered_here": N_("{service} does not answer {type}"),
    "something_broke": N_("something broke while answering; it is in the log under this trace"),
    "cannot_be_read": N_("this cannot be read: send JSON as the contracts describe it"),
    "no_such_parked": N_("no such parked message"),
    "not_parked_any_more": N_("no such parked message, or it is settled already"),
    "settle_earlier_first": N_("discard or replay number {seq} of its stream first; if it has not come, wait for it"),
    "clock_is_the_machines": N_("this node's clock is the machine's: start it with --clock settable"),
    "no_keys_to_verify_with": N_("there are no keys to verify with: name their file in HANDOFF_NODE_KEYS"),
    "audit_of_others": N_("the audit of another community is not for you: leave it out"),
    "say_whose_audit": N_("say whose audit: name a community"),
}
#: Of an offering and of terms, beside what their shape shows.
_OFFERING: Mapping[str, str] = {
    "subdivision_of_other_country": N_("{subdivision} is not in {country}: correct the country or the subdivision"),
    "point_lies_elsewhere": N_(
        "{lat}, {lon} is not in {subdivision} ({name}): it lies in {elsewhere}; correct the point or the subdivision"
    ),
    "point_lies_nowhere": N_(
        "{lat}, {lon} is not in {subdivision} ({name}): no subdivision known here holds it;"
        " correct the point or the subdivision"
    ),
    "zone_of_other_country": N_("{country} keeps the time of {zone}: correct the zone or the country"),
    "smallest_above_largest": N_("the smallest party is larger than the largest: lower it or raise max_party"),
    "arrive_before_arrive_from": N_("parties would have to arrive before arrive_from: set a later time"),
    "nobody_would_answer": N_("nobody would answer: set a later time than answers_from, or the same"),
    "party_fits_no_seats": N_("no party of {party} fits {seats} seats: lower it"),
    "open_on_none_of_these": N_("{community} is open on none of these days: choose among its own weekdays"),
    "price_below_zero": N_("a price is not below zero"),
    "price_too_high": N_("a price is at most {amount} {currency}: correct it"),
    "homestay_is_overnight": N_("a homestay is an overnight programme: say overnight, or choose another kind"),
    "homestay_needs_places": N_("a homestay needs guest places: raise limits.guests_per_night above 0"),
    "more_seats_than_places": N_("the community has {places} guest places a night: offer no more of them"),
    "given_twice": N_("an entry is given twice: give each once"),
    "terms_end_before": N_("the terms end before they begin: set a later day"),
}
#: Of a value that has not the shape it must have; the field is named beside it.
_SHAPE: Mapping[str, str] = {
    "missing": N_("is missing"),
    "extra_forbidden": N_("is not known here: remove it"),
    "must_be_whole": N_("must be a whole number"),
    "must_be_number": N_("must be a number"),
    "must_be_yes_or_no": N_("must be true or false"),
    "must_be_text": N_("must be text"),
    "must_be_day": N_("must be a day such as 2027-01-14"),
    "must_be_time": N_("must be a time such as 09:30"),
    "must_be_moment": N_("must be a moment with its zone, such as 2027-01-14T09:30:00+07:00"),
    "must_be_list": N_("must be a list"),
    "must_have_fields": N_("must have fields of its own"),
    "at_least": N_("must be {least} or more"),
    "more_than": N_("must be more than {bound}"),
    "at_most": N_("must be {most} or less"),
    "less_than": N_("must be less than {bound}"),
    "must_not_be_empty": N_("must not be empty"),
    "too_few_signs": N_("needs at least {least} signs"),
    "too_many_signs": N_("has at most {most} signs"),
    "needs_an_entry": N_("needs at least one entry"),
    "too_few_entries": N_("needs {least} entries"),
    "too_many_entries": N_("has at most {most} entries"),
    "must_be_one_of": N_("must be {choices}"),
    "must_be_of_kind": N_("must be one of {kinds}"),
    "kind_not_said": N_("does not say which kind it is"),
    "not_json": N_("is not JSON"),
    "not_valid": N_("is not valid"),
    "control_characters": N_("must not contain control characters"),
    "hidden_signs": N_("must not contain signs that hide or turn the text round"),
    "nothing_visible": N_("must have at least one visible sign"),
    "too_many_marks": N_("must not stack so many marks on one letter"),
    "leads_to_a_person": N_("must hold no phone number, address or document number: others read it, and it is kept"),
    "not_in_our_times": N_("must lie between the years {first} and {last}"),
    "a_buddhist_year": N_(
        "must lie between the years {first} and {last}: {year} looks like a Buddhist year, write {meant}"
    ),
    "must_be_local_time": N_("must be HH:MM, local"),
    "midnight_ends_a_day": N_("midnight at the end of a day is written 24:00"),
    "decimals_of_currency": N_("amount in {currency} has exactly {decimals} decimals"),
    "no_adult": N_("a party needs at least one adult"),
    "party_too_many": N_("a party has at most {most} people"),
    "several_currencies": N_("a quote has one currency"),
    "line_does_not_add_up": N_("line {experience_id}/{unit} does not add up"),
    "lines_do_not_add_up": N_("the lines do not add up to the total"),
    "no_name": N_("needs a name in th, lo or en"),
    "no_such_day": N_("is no day of the calendar: say when the source is dated"),
    "not_gregorian": N_("must lie between the years 1900 and {last}, Gregorian"),
    "opens_as_it_closes": N_("close must differ from open; all day is 00:00 to 24:00"),
    "experience_id_given_twice": N_("an experience id is given twice"),
    "experience_of_others": N_("{experience_id} is not an experience of {community}"),
    "price_in_other_currency": N_("{experience_id} has a price outside the community's currency"),
    "part_without_consent": N_("the personal part and the consent to it come together or not at all"),
    "spoken_without_witness": N_("spoken consent is given before a witness: say witnessed, or let it be signed"),
    "pass_or_code": N_("give the pass or the short code, one of them"),
    "pass_or_reference": N_("give the pass, the reference or the booking, one of them"),
    "not_expected": N_("is not what is expected here"),
    "not_written_so": N_("is not written as it must be"),
    "must_be_slug": N_("must be small letters a to z, digits and single hyphens, such as bo-taen"),
    "must_be_experience_id": N_("must be the community's id, a dot and a name of its own, such as bo-taen.homestay"),
    "must_be_whole_id": N_("must be a whole id of 36 signs"),
    "must_be_code": N_("must be small letters, digits and underscores, such as step_free"),
    "must_be_language": N_("must be a language code of two or three small letters, such as th"),
    "must_be_amount": N_("must be an amount such as 800000.00, without spaces or commas"),
    "must_be_below_hundred": N_("must be a percentage below 100, such as 5 or 7.50"),
    "must_be_percentage": N_("must be a percentage with two decimals, such as 5.00"),
    "must_be_id_or_end": N_("must be an id, or at least its last four signs"),
    "must_be_digest": N_("must be a digest of 64 signs"),
    "must_be_password_hash": N_("must be a hash of a password, by argon2id"),
    "must_be_public_key": N_("must be a public key of 43 signs"),
    "must_be_sealed": N_("must be sealed text, as the program that seals writes it"),
    "must_be_date_part": N_("must be a year, a month or a day, such as 2026-11"),
    "must_be_month": N_("must be a month such as 2027-01"),
    "must_be_length_of_time": N_("must be a length of time such as P6M (six months), P30D or P1Y"),
    "must_be_pass": N_("must be a pass, whole, as its picture says it"),
    "must_be_key_prefix": N_("must be the ten signs before the dot of a key"),
    "must_be_web_address": N_("must be an address such as https://example.org"),
    "must_be_mail_address": N_("must be an e-mail address such as office@example.org"),
    "must_be_telephone": N_("must be a number with its country, such as +66812345678"),
    "must_be_reference": N_("must be letters, digits and . _ / -, at most 40"),
    "must_be_booking_reference": N_("must be the six signs of a booking, 0 to 9 and a to f"),
    "must_be_short_code": N_("must be a code of six signs, without 0, O, 1 and I"),
    "must_be_province": N_("must be the code of a province, such as TH-42 or LA-XA"),
}
#: Reason → its sentence.
SENTENCES: Mapping[str, str] = {
    **_HANDOFF,
    **_OFFER,
    **_PERSONAL,
    **_CROSSING,
    **_STATEMENT,
    **_BOOKING,
    **COMMUNITY,
    **_PORTAL,
    **_NODE,
    **_OFFERING,
    **_SHAPE,
}
#: A param that any reason may have beside its own: how many faults stand behind this one.
MORE = "more"
AND_MORE = N_("{sentence} ({more} more to correct)")
#: Params that are told as alternatives, and those that are told between quotation marks.
_ALTERNATIVES, _QUOTED = frozenset({"starts", "elsewhere"}), frozenset({"choices", "kinds"})


def said(reason: str, params: Mapping[str, Param]) -> str:
    """The English sentence of a reason. Raises KeyError for one that is not in the table, or lacks a param."""
    words = {name: _words(name, value) for name, value in params.items()}
    sentence = SENTENCES[reason].format_map(words)
    return AND_MORE.format(sentence=sentence, more=words[MORE]) if MORE in words else sentence


class Unfit(ValueError):
    """Raised by a rule of a contract that its shape cannot show; its text is the sentence of its reason."""

    def __init__(self, reason: str, **params: Param) -> None:
        super().__init__(said(reason, params))
        self.reason, self.params = reason, params


def _words(name: str, value: Param) -> str:
    if isinstance(value, tuple):
        return _listed(name, [f"'{each}'" if name in _QUOTED else each for each in value])
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("_", " ") if name == "act" else str(value)


def _listed(name: str, entries: list[str]) -> str:
    """As a list, or as a choice, of which the last is `or`."""
    if name in _ALTERNATIVES:
        return " or ".join(entries)
    if name == "choices" and len(entries) > 1:
        return f"{', '.join(entries[:-1])} or {entries[-1]}"
    return ", ".join(entries)
