"""Shows agencies' keys, and what they and communities have agreed on."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.agencies.v1 import AgreementTerms, AgreementView
from contracts.agency_api.v1 import KeyView
from services.cli.views.layout import fill
from services.client import formatting
from services.client.phrases.catalogue import N_, NC_, Phrases
from services.client.phrases.vocabulary import Table, word

#: How an agreement stands, in one word.
STATES: Table = {
    "proposed": NC_("an agreement", "proposed"),
    "agreed": NC_("an agreement", "agreed"),
    "ended": NC_("an agreement", "ended"),
}
#: What is said of a standing that an act has led to.
STANDINGS: Table = {
    "agency": N_("The agency’s terms wait for the community’s word."),
    "community": N_("The community’s terms wait for the agency’s word."),
    "agreed": N_("The agency may book under these terms."),
    "ended": N_("The agency may book no more; what is booked stays as it is."),
}


def key(p: Phrases, one: KeyView) -> list[str]:
    """A key: whose it is, what it opens, until when, and when it was last used."""
    words = [p.pgettext("a key", "books") if "book" in one.scopes else p.pgettext("a key", "reads only")]
    if "hand-over" in one.scopes:
        words.append(p.pgettext("a key", "hands parties over"))
    if one.revoked_at is not None:
        words.append(p._("revoked on {time}", time=formatting.moment(p, one.revoked_at)))
    elif one.expires_at is not None:
        words.append(p._("good until {time}", time=formatting.moment(p, one.expires_at)))
    used = one.last_used and p._("last used on {time}", time=formatting.moment(p, one.last_used))
    words.append(used or p._("not used yet"))
    return [f"{one.prefix}  {one.agency}", fill("; ".join(words), 4)]


def agreement(p: Phrases, one: AgreementView) -> list[str]:
    """How an agency and a community stand, with the terms on the table and those in force."""
    lines = [f"{one.agency}  {one.community}  {word(p, STATES, one.state)}"]
    lines.append(fill(f"{one.agency_name}: {'; '.join(_terms(p, one.terms))}", 4))
    if one.in_force is not None and one.in_force != one.terms:
        old = "; ".join(_terms(p, one.in_force))
        lines.append(fill(p._("in force until the other side agrees: {terms}", terms=old), 4))
    return lines


def changes(p: Phrases, before: AgreementTerms, after: AgreementTerms) -> Iterator[str]:
    """What of the terms stays, what is new, and what there was and is no more."""
    old, new = tuple(_terms(p, before)), tuple(_terms(p, after))
    stays = [one for one in new if one in old]
    if stays:
        yield p._("stays: {terms}", terms="; ".join(stays))
    if added := [one for one in new if one not in old]:
        yield p._("new: {terms}", terms="; ".join(added))
    if gone := [one for one in old if one not in new]:
        yield p._("no more: {terms}", terms="; ".join(gone))


def standing(p: Phrases, one: AgreementView) -> str:
    """What an act has led to, in a sentence."""
    return p.say(STANDINGS[one.proposed_by if one.state == "proposed" else one.state])


def _terms(p: Phrases, terms: AgreementTerms) -> Iterator[str]:
    percent = formatting.percentage(p, terms.percent)
    if terms.rate == "net":
        yield p._("net rate, {percent} % less", percent=percent)
    else:
        yield p._("commission {percent} %", percent=percent)
    if terms.valid_to is None:
        yield p._("from {first}", first=formatting.day(p, terms.valid_from))
    else:
        first, last = formatting.day(p, terms.valid_from), formatting.day(p, terms.valid_to)
        yield p._("from {first} until {last}", first=first, last=last)
    if terms.cutoff_hours:
        yield p.ngettext("{count} hour of notice", "{count} hours of notice", terms.cutoff_hours)
    if terms.confirmation == "on_request":
        yield p._("on request, answered within {hours} h", hours=terms.answer_hours)
    yield from _kept(p, terms)


def _kept(p: Phrases, terms: AgreementTerms) -> Iterator[str]:
    for one in terms.allotments:
        what = one.experience_id
        kept = p.ngettext(
            "{count} place of {experience} kept", "{count} places of {experience} kept", one.places, experience=what
        )
        yield f"{kept} " + p.ngettext("until {count} day before", "until {count} days before", one.release_days)
    if terms.hand_over is not None:
        whom = ", ".join(terms.hand_over.partners) or p._("all partners")
        most = terms.hand_over.most_open
        yield p._("hands over {most} at a time for the community, to {partners}", most=most, partners=whom)
