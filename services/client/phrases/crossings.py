"""The words of a crossing plan: its codes → phrases. Thai and Lao await the eye of native readers."""

from __future__ import annotations

from services.client.phrases.catalogue import N_, NC_
from services.client.phrases.vocabulary import Table

NOT_CONFIRMED = N_("not confirmed by officials")
ROW = N_("{id}: {source}; checked {checked}")
TRUST = N_("confidence {confidence}")
INVENTED = N_("invented for demonstration")
#: The four words. What is missing is said by the sentence.
RESULTS: Table = {
    "looks_fine": NC_("a crossing", "looks fine"),
    "missing": NC_("a crossing", "missing"),
    "not_possible_here": NC_("a crossing", "not possible here"),
    "unknown": NC_("a crossing", "unknown - ask officials"),
}
#: What a line says, by its code; places are the line's parameters.
SENTENCES: Table = {
    "closed": NC_("a crossing", "closed, as of {as_of}"),
    "local_people_only": NC_("a crossing", "for local people's trade only"),
    "not_open_to": NC_("a crossing", "not open to {group}"),
    "stale": NC_("a crossing", "last looked at {checked}: too long ago"),
    "status_unknown": NC_("a crossing", "whether it is open"),
    "class_unknown": NC_("a crossing", "the class of one side"),
    "reported_open": NC_("a crossing", "reported open as of {as_of}"),
    "open_to": NC_("a crossing", "open to {group}, as of {as_of}"),
    "hours_unknown": NC_("a crossing", "the opening hours"),
    "closed_weekday": NC_("a crossing", "closed on that weekday, {day}"),
    "hour_not_said": NC_("a crossing", "when they cross; open {hours}"),
    "closed_hour": NC_("a crossing", "closed at that time; open {hours}"),
    "be_there_earlier": NC_("a crossing", "time: be there by {latest}; open {hours}"),
    "open_then": NC_("a crossing", "open {hours}; be there by {latest}"),
    "no_rule": NC_("a crossing", "no rule on {about} is on file"),
    "rows_disagree": NC_("a crossing", "rules on {about} disagree"),
    "rows_conflict": NC_("a crossing", "{rows} disagree on {subject}"),
    "may_not_hold": NC_("a crossing", "this rule may not hold for them, or no longer"),
    "source_unsure": NC_("a crossing", "the source is not sure"),
    "document_unknown": NC_("a crossing", "which document they carry"),
    "document_not_taken": NC_("a crossing", "{document} of {group}"),
    "document_taken": NC_("a crossing", "{document} of {group}"),
    "nights_unknown": NC_("a crossing", "how many nights they stay"),
    "stay_too_long": NC_("a crossing", "{nights} nights, at most {most} are allowed"),
    "stay_unsure": NC_("a crossing", "whether they may stay (nights: {nights})"),
    "stay_within": NC_("a crossing", "nights: {nights} of at most {most}"),
    "return_same_point": NC_("a crossing", "a way back by the same point, {crossing}"),
    "return_elsewhere": NC_("a crossing", "back by {crossing}: it must be the same point"),
    "return_as_asked": NC_("a crossing", "back by the same point"),
    "only_within": NC_("a crossing", "whether they stay within {area}"),
    "one_journey_only": NC_("a crossing", "it is for one journey only"),
    "paper_needed": NC_("a crossing", "{what}"),
    "visa_held": NC_("a crossing", "whether the visa is good here"),
    "visa_said_not_needed": NC_("a crossing", "no dated rule says that no visa is needed"),
    "visa_before_arrival": NC_(
        "a crossing", "a visa for {country}, held before arrival if one is needed: none is given here"
    ),
    "visa_here_or_before": NC_("a crossing", "a visa for {country} if one is needed: before, or here as reported"),
    "visa_unknown": NC_("a crossing", "whether {country} asks for a visa, and where"),
    "form_needed": NC_("a crossing", "{what}, from {opens} on"),
    "form_exempt": NC_("a crossing", "{what}: exempt"),
    "form_elsewhere": NC_("a crossing", "{what} here, or a paper card"),
    "form_for_others": NC_("a crossing", "{what} with this document"),
    "vehicle_not_said": NC_("a crossing", "how they travel"),
    "escort_not_said": NC_("a crossing", "who is with the children"),
    "refused_here": NC_("a crossing", "refused here"),
    "permitted": NC_("a crossing", "permitted"),
    "lodging_report": NC_("a crossing", "{what}, by the receiving host, {timing}"),
    "lodging_if_foreign": NC_("a crossing", "{what}, by you as host, {timing}, for each guest from abroad"),
    "travel_not_known": NC_("a crossing", "what they carry: it stays with the sender"),
    "km_by_road": NC_("a crossing", "{km} km by road"),
    "km_by_straight_line": NC_("a crossing", "{km} km in a straight line"),
    "oldest_check": NC_("a crossing", "The oldest of all checks is of {checked}."),
    "form_window_reminder": NC_("a crossing", "{what} can be submitted from today on"),
    "visa_before_arrival_reminder": NC_("a crossing", "a visa, if one is needed, is held before arrival"),
    "papers_and_hours_reminder": NC_("a crossing", "tomorrow: papers and opening hours of the crossing"),
    "lodging_report_reminder": NC_("a crossing", "today: report the guests, {what}"),
}
#: Codes inside a sentence.
VALUES: Table = {
    "thai": NC_("a crossing, inside a sentence", "Thai travellers"),
    "lao": NC_("a crossing, inside a sentence", "Lao travellers"),
    "third_country": NC_("a crossing, inside a sentence", "third-country travellers"),
    "passport": NC_("a crossing, inside a sentence", "passport"),
    "border_pass": NC_("a crossing, inside a sentence", "border pass"),
    "temporary_border_pass": NC_("a crossing, inside a sentence", "temporary border pass"),
    "TH": NC_("a crossing, inside a sentence", "Thailand"),
    "LA": NC_("a crossing, inside a sentence", "the Lao PDR"),
    "entry_province": NC_("a crossing, inside a sentence", "the province of entry"),
    "border_area_of_entry_province": NC_(
        "a crossing, inside a sentence", "the agreed border area of the province of entry"
    ),
    "entry_province_and_two_adjacent": NC_(
        "a crossing, inside a sentence", "the province of entry and two adjacent ones"
    ),
    "tdac": NC_("a crossing, inside a sentence", "the Thai arrival card (TDAC)"),
    "ldif": NC_("a crossing, inside a sentence", "the Lao digital form (LDIF)"),
    "tm30": NC_("a crossing, inside a sentence", "the report TM30"),
    "guest_register": NC_("a crossing, inside a sentence", "the guest register and report to village or police"),
    "same_day": NC_("a crossing, inside a sentence", "the same day"),
    "hours_after": NC_("a crossing, inside a sentence", "within {hours} h of arrival"),
    "days_before": NC_("a crossing, inside a sentence", "before arrival"),
    "passport_six_months": NC_("a crossing, inside a sentence", "a passport valid for 6 months"),
    "registered_lao_tour_company": NC_("a crossing, inside a sentence", "a registered Lao tour company"),
    "vehicle_passport": NC_("a crossing, inside a sentence", "the vehicle's passport"),
    "registration_original": NC_("a crossing, inside a sentence", "its registration, the original"),
    "owner_or_permission_letter": NC_("a crossing, inside a sentence", "its owner, or the owner's letter"),
    "customs_papers": NC_("a crossing, inside a sentence", "customs papers of both sides"),
    "lao_vehicle_insurance": NC_("a crossing, inside a sentence", "the compulsory Lao insurance, bought at the border"),
    "childs_own_document": NC_("a crossing, inside a sentence", "each child's own document, or on a parent's pass"),
    "birth_certificate": NC_("a crossing, inside a sentence", "each child's birth certificate"),
    "guardian_letter": NC_("a crossing, inside a sentence", "a letter of the parents"),
    "high": NC_("a crossing, inside a sentence", "high"),
    "medium": NC_("a crossing, inside a sentence", "medium"),
    "low": NC_("a crossing, inside a sentence", "low"),
    "unknown": NC_("a crossing, inside a sentence", "unknown"),
    "admission": NC_("a crossing, inside a sentence", "the crossing"),
    "hours": NC_("a crossing, inside a sentence", "opening hours"),
    "document": NC_("a crossing, inside a sentence", "the document"),
    "visa": NC_("a crossing, inside a sentence", "the visa"),
    "stay": NC_("a crossing, inside a sentence", "the length of stay"),
    "return": NC_("a crossing, inside a sentence", "the way back"),
    "area": NC_("a crossing, inside a sentence", "the area"),
    "paper": NC_("a crossing, inside a sentence", "papers"),
    "form": NC_("a crossing, inside a sentence", "the form"),
    "vehicle": NC_("a crossing, inside a sentence", "the vehicle"),
    "children": NC_("a crossing, inside a sentence", "children"),
    "lodging": NC_("a crossing, inside a sentence", "lodging"),
    "travel": NC_("a crossing, inside a sentence", "documents"),
    "conflict": NC_("a crossing, inside a sentence", "rules that disagree"),
}
