"""Partnerships: our own acts, and what a partner says over the border. One function per use case."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.border import v1 as border
from contracts.community import v1
from contracts.community.faults import terms_faults
from contracts.messages import BorderMessage
from contracts.refusals import No, Refused
from contracts.values import CommunityId
from services.community.domain import keys
from services.community.domain.partnership import MOST_STRANGERS, Act, Partnership, Phase, pair
from services.community.handlers.keys import our_key, tell_coming
from services.community.handlers.shared import between, hosted, refuse_faults, share
from services.community.ports import Communities

# our own acts


async def propose_partnership(command: v1.ProposePartnership, work: Communities) -> v1.PartnershipView:
    """Propose terms to a community, here or on another node; it is not asked whether anybody knows it."""
    if command.partner == work.acting:
        raise Refused(No.INVALID, "own_partner", "partner")
    refuse_faults(terms_faults(command.terms), "terms.")
    offering = await hosted(work)
    before = await work.partnership(work.acting, command.partner) or _unwritten(work, command)
    return await _take(work, offering, before, "propose", terms=command.terms)


async def agree_partnership(command: v1.AgreePartnership, work: Communities) -> v1.PartnershipView:
    """Agree to the terms that the partner proposed."""
    return await _move(work, command.partner, "agree")


async def suspend_partnership(command: v1.SuspendPartnership, work: Communities) -> v1.PartnershipView:
    """Pause, or take up again; suspended until neither side pauses."""
    return await _move(work, command.partner, "resume" if command.resume else "suspend")


async def end_partnership(command: v1.EndPartnership, work: Communities) -> v1.PartnershipView:
    """End it, withdraw our proposal or decline theirs."""
    return await _move(work, command.partner, "end")


async def _move(work: Communities, partner: CommunityId, act: Act) -> v1.PartnershipView:
    offering = await hosted(work)
    before = await work.partnership(work.acting, partner)
    if before is None:
        raise Refused(No.UNKNOWN, "no_partnership", "partner")
    return await _take(work, offering, before, act)


async def _take(
    work: Communities, offering: v1.Offering, before: Partnership, act: Act, *, terms: v1.Terms | None = None
) -> v1.PartnershipView:
    after = before.act(act, work.now, terms=terms)
    if after != before:
        key = await our_key(work)
        # What brings a key is signed with that one, also when another has replaced it before it leaves.
        introducing = act in ("propose", "agree")
        _say(work, after, _words(act, after, key), key.keyid if introducing else None)
        if introducing:
            await tell_coming(work, before, key)
        await _keep(work, offering, before, after)
    return (await _views(work, [after]))[0]


def _words(act: Act, partnership: Partnership, key: v1.KeyView) -> BorderMessage:
    """What our act says to the partner; what introduces us brings our key."""
    match act:
        case "propose":
            terms = partnership.ours.terms or partnership.terms
            return border.PartnershipProposed(terms=terms, public_key=key.public_key)
        case "agree":
            return border.PartnershipAgreed(terms=partnership.terms, public_key=key.public_key)
        case "suspend" | "resume":
            return border.PartnershipSuspended(resumed=act == "resume")
        case "end":
            return border.PartnershipEnded()


# what the partner says


async def partnership_proposed(message: border.PartnershipProposed, work: Communities) -> None:
    """The partner proposes terms; when both have proposed, those of the lower community id count."""
    await _apply(work, "propose", message.terms)


async def partnership_agreed(message: border.PartnershipAgreed, work: Communities) -> None:
    """The partner agrees; it counts when the terms are those on the table."""
    await _apply(work, "agree", message.terms)


async def partnership_suspended(message: border.PartnershipSuspended, work: Communities) -> None:
    """The partner pauses, or takes up again."""
    await _apply(work, "resume" if message.resumed else "suspend")


async def partnership_ended(message: border.PartnershipEnded, work: Communities) -> None:  # noqa: ARG001 - no fields
    """The partner ends it; our own ending is the answer, so that it knows which of our words came before."""
    await _apply(work, "end")


async def _apply(work: Communities, act: Act, terms: v1.Terms | None = None) -> None:
    """Apply a partner's message. Raises ValueError, which parks it, when it is not between us and that partner."""
    community, partner = between(work)
    offering = await work.offering(community)
    if offering is None:
        raise ValueError("a partnership message for a community that is not hosted here")
    before = await work.partnership(community, partner)
    if before is None:
        if terms is None:
            raise ValueError("a partnership message before any proposal")
        before = Partnership(id=work.new_id(), community=community, partner=partner, terms=terms, since=work.now)
    spoken = await _spoken(work, before, act)
    if spoken is None:
        return
    after, answer = spoken.apply(act, work.now, terms=terms)
    if answer:
        _say(work, after, border.PartnershipEnded())
    await _keep(work, offering, before, after)


async def _spoken(work: Communities, before: Partnership, act: Act) -> Partnership | None:
    """The record for the key that signed; None when its message is ignored."""
    signer = work.signer
    if signer is None:
        raise ValueError("a partnership message that nobody has signed")
    if signer.pinned:
        return before
    if act == "propose" and before.ours.word == "none":
        await _make_room(work, before)
    await work.heard_of_key(before.community, before.partner)
    return before.spoken_by(signer.root, act)


async def _make_room(work: Communities, stranger: Partnership) -> None:
    """Limit proposals, since anybody may invent communities. Raises ValueError when too many wait already."""
    if await work.strangers_waiting(stranger.community, stranger.partner) >= MOST_STRANGERS:
        raise ValueError("too many proposals of strangers wait for our word: end those that nobody wants, then replay")


# the question


async def list_partnerships(query: v1.ListPartnerships, work: Communities) -> Sequence[v1.PartnershipView]:  # noqa: ARG001 - it has no fields
    """The acting community's partnerships."""
    return await _views(work, await work.partnerships(work.acting))


# what all of them share


def _unwritten(work: Communities, command: v1.ProposePartnership) -> Partnership:
    return Partnership(
        id=work.new_id(), community=work.acting, partner=command.partner, terms=command.terms, since=work.now
    )


def _say(work: Communities, ours: Partnership, words: BorderMessage, keyid: str | None = None) -> None:
    subject = pair(ours.community, ours.partner)
    work.send(words, sender=ours.community, to=ours.partner, subject=subject, keyid=keyid)


async def _keep(work: Communities, offering: v1.Offering, before: Partnership, after: Partnership) -> None:
    """Write the record; state it when it changed; pin a new partner's key and send it our catalogue."""
    await work.save_partnership(after)
    if after.state == "agreed" and after.partner_key is not None:
        await work.pin_key(after.community, after.partner, after.partner_key)
    if (before.standing, before.terms) != (after.standing, after.terms):
        state_partnership(work, after)
    if after.state == "agreed" and before.state != "agreed":
        share(work, offering, [after.partner])


def state_partnership(work: Communities, ours: Partnership) -> None:
    """Tell this node where our side of a partnership stands."""
    stated = v1.PartnershipStated(
        community=ours.community,
        partner=ours.partner,
        state=ours.state,
        terms=ours.terms,
        since=ours.since,
    )
    work.announce(stated, f"{ours.community}--{ours.partner}")


async def _views(work: Communities, records: Sequence[Partnership]) -> list[v1.PartnershipView]:
    own = keys.signing(await work.own_keys(work.acting), work.now)
    known = await work.partner_keys(work.acting)
    return [
        _view(ours, own, keys.signing(keys.theirs(known, ours.partner, ours.partner_key), work.now)) for ours in records
    ]


def _view(ours: Partnership, own: v1.KeyView | None, theirs: v1.KeyView | None) -> v1.PartnershipView:
    return v1.PartnershipView(
        partner=ours.partner,
        state=ours.state,
        awaits_us=ours.standing is Phase.THEIRS,
        terms=ours.terms,
        since=ours.since,
        partnership_id=ours.id,
        our_fingerprint=own and own.fingerprint,
        their_fingerprint=theirs and theirs.fingerprint,
    )
