"""Why something of communities, their partnerships, agencies, agreements and keys is refused."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.marking import N_

#: Reason → its sentence; a part of `contracts/sentences.py`.
COMMUNITY: Mapping[str, str] = {
    "own_partner": N_("a community is not its own partner: name another one"),
    "no_partnership": N_("there is no partnership with them: propose one"),
    "our_proposal_waits": N_("our proposal waits for their word: wait, or end it"),
    "their_proposal_waits": N_("their proposal waits for our word: agree, or end it"),
    "partnership_is_agreed": N_("the partnership is agreed: suspend it, or end it"),
    "suspended_by_us": N_("we have suspended it: resume it, or end it"),
    "suspended_by_them": N_("they have suspended it: wait for them, or end it"),
    "not_your_offering": N_("only {community} publishes its offering"),
    "offering_changed": N_("somebody has published another offering since: look at it, and change that one"),
    "not_hosted_here": N_("{community} is not hosted on this node: publish its offering first"),
    "id_is_the_nodes": N_("no community is called {community}: under this id stands what is done for the node itself"),
    "no_such_agency": N_("there is no agency {agency} on this node: `agency list` shows those there are"),
    "no_agreement": N_("there is no agreement with them: propose one"),
    "not_your_side": N_("each side speaks for itself: leave the side out"),
    "own_terms_wait": N_("these terms are your own, and wait for the other side: wait, or take them back"),
    "other_terms_wait": N_("other terms than you looked at are proposed by now: look at them first"),
    "nothing_is_proposed": N_("nothing is proposed: propose terms first"),
    "new_key_waits": N_("a new key waits for its day already: wait for it, or replace all at once"),
    "nothing_to_keep_of": N_("{community} offers no {experience_id}: keep places of {offered}"),
    "keeps_more_than_there_is": N_(
        "{places} places are to be kept of {experience_id}, and there are {most}: keep fewer"
    ),
    "hands_to_no_partner": N_(
        "{community} has no agreed partnership with {partner}: leave {partner} out, or agree with them first"
    ),
}
