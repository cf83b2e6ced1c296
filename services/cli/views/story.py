"""Tells a handoff as its own community sees it: what happened, what holds now, what each side can do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from contracts.referral.v1 import HandoffView, StoryLine
from services.cli.views import acts
from services.cli.views.layout import fill
from services.cli.views.naming import Names
from services.cli.views.personal_view import partner_held, told_of
from services.client import formatting
from services.client.phrases import vocabulary
from services.client.phrases.catalogue import NC_
from services.client.phrases.spoken import _, pgettext, say, spoken
from services.client.phrases.vocabulary import Table, code_of, word

#: The needs that are said here in other words than on a form.
NEEDS: Table = {
    **vocabulary.NEEDS,
    "step_free": NC_("a need in a word or two", "step free"),
    "vehicle_to_door": NC_("a need in a word or two", "vehicle to door"),
    "quiet": NC_("a need in a word or two", "quiet"),
}
DRIVERS: Table = {
    "sender": NC_("who drives", "sender"),
    "receiver": NC_("who drives", "receiver"),
    "party": NC_("who drives", "party"),
    "public": NC_("who drives", "public"),
}


def tell(view: HandoffView, names: Names, now: datetime, command: Callable[..., str]) -> str:
    """The whole story; `command` makes a command line of a verb and its words."""
    parts = [_head(view, names), _happened(view, names), _holds(view, names), told_of(view, names)]
    parts += [_money(view, names), _deadlines(view, names, now), _next(view, names, command)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def sides(view: HandoffView) -> tuple[str, str]:
    """(sender, receiver), by id."""
    pair = (view.community, view.partner)
    return pair if view.side == "sender" else (pair[1], pair[0])


def our_acts(view: HandoffView) -> tuple[str, ...]:
    """What the own side can do now with a verb of its own; nobody is asked again for what they have said."""
    return tuple(can.act for can in view.next_acts if can.act in acts.VERBS and not can.again)


def their_acts(view: HandoffView) -> tuple[str, ...]:
    """What the other side can do now."""
    return tuple(act for act in view.their_acts if act in acts.VERBS)


def may_read(view: HandoffView) -> tuple[str, ...]:
    """Verbs for the personal part while the own side holds it; that belongs to no state."""
    if view.personal != "held":
        return ()
    return ("party", "consent --withdraw") if view.side == "sender" else ("party", "erase")


def _head(view: HandoffView, names: Names) -> list[str]:
    sender, receiver = map(names.of, sides(view))
    state = vocabulary.state(spoken(), view.state, view.round).upper()
    return [
        _("Handoff …{end}   {state}", end=view.referral_id[-6:], state=state),
        *fill(f"{sender} → {receiver}").splitlines(),
        view.referral_id,
    ]


def _happened(view: HandoffView, names: Names) -> list[str]:
    lines = [_("What happened, as {community} (you) saw it", community=names.of(view.community))]
    day = None
    for event in view.story:
        at = formatting.local(event.at, names.zone)
        if at.date() != day:
            day = at.date()
            lines.append(f"  {formatting.day(spoken(), day)}")
        lines.append(fill(f"{at:%H:%M:%S} {_event(event, view, names)}", indent=13, first=4))
    return lines


def _event(event: StoryLine, view: HandoffView, names: Names) -> str:
    told = {
        "who": _who(event, view, names),
        "act": _act(event, view),
        "became": _after(event, view),
    }
    if event.took_ms is None:
        return pgettext("a line of a story", "{who} {act} {became}", **told)
    took = formatting.hop(spoken(), event.took_ms)
    return pgettext("a line of a story", "{who} {act} {became} ({took})", **told, took=took)


def _who(event: StoryLine, view: HandoffView, names: Names) -> str:
    if event.agency is not None:
        return _("{agency} for you", agency=event.agency)
    return pgettext("who did it", "you") if event.by == view.community else names.of(event.by)


def _act(event: StoryLine, view: HandoffView) -> str:
    if code_of(event.act) == "personal_data_erased" and not partner_held(view):
        return say(vocabulary.KNOWS_NOTHING)
    if by_rule(view) and event.state == "declined":
        return say(vocabulary.DECLINED_WITHOUT_ASKING)
    return word(spoken(), vocabulary.ACTS, event.act)


def _after(event: StoryLine, view: HandoffView) -> str:
    """What it made of the record, and what went of the personal part with it."""
    state = vocabulary.state(spoken(), event.state, event.round)
    if code_of(event.act) in vocabulary.TAKEN_BACK:
        if view.personal == "none":
            return _("→ {state}, nothing was held", state=state)
        return _("→ {state}, the part was erased", state=state)
    return _("crossed, changed nothing") if event.crossed else f"→ {state}"


def _holds(view: HandoffView, names: Names) -> list[str]:
    p = spoken()
    sender, receiver = map(names.of, sides(view))
    holds = vocabulary.DECLINED_BY_RULE if by_rule(view) else vocabulary.HOLDS[view.state]
    told = [say(holds, sender=sender, receiver=receiver)]
    if view.state == "accepted" and (view.consent or view.consent_refused):
        told.append(_("It is said and on its way."))
    if view.reason:
        told.append(_("Reason: {reason}.", reason=why(view, names)))
    if view.attention:
        told.append(_("Needs a person: {reason}.", reason=vocabulary.attention(p, view.attention)))
    if view.wish:
        asked = word(p, vocabulary.WISHES, view.wish)
        told.append(_("Booking was {asked} and has not answered yet.", asked=asked))
    return [_("What holds now"), *(fill(line, 2) for line in told), *_rows(_facts(view, names))]


def by_rule(view: HandoffView) -> bool:
    """Whether it was declined by a rule and not by a person."""
    return view.state == "declined" and view.reason in vocabulary.BY_RULE


def why(view: HandoffView, names: Names) -> str:
    """The reason in words, with the numbers of the rule that gave it."""
    p, reason = spoken(), view.reason or ""
    wished = [item.experience_id for item in view.items]
    bound = formatting.bounds(p, reason, names.offers.get(sides(view)[1]), wished)
    said = vocabulary.reason(p, reason)
    return _("{reason} ({bound})", reason=said, bound=bound) if bound else said


def _facts(view: HandoffView, names: Names) -> Sequence[tuple[str, str]]:
    p = spoken()
    rows = [
        (pgettext("a row of a story", "party"), [formatting.party(p, view.party.model_dump())]),
        (pgettext("a row of a story", "wants"), [formatting.item(p, one, names.of) for one in view.items]),
        (
            pgettext("a row of a story", "instead"),
            [formatting.item(p, one, names.of) for one in view.countered_items or ()],
        ),
        (pgettext("a row of a story", "could"), [formatting.item(p, one, names.of) for one in view.alternatives]),
        (pgettext("a row of a story", "arrives"), [formatting.window(p, view.arrival)]),
        (pgettext("a row of a story", "needs"), [formatting.listed(p, [word(p, NEEDS, one) for one in view.needs])]),
        (pgettext("a row of a story", "speaks"), [view.language]),
        (pgettext("a row of a story", "crossing"), [view.crossing or ""]),
        (pgettext("a row of a story", "drives"), [_driver(view)]),
        (pgettext("a row of a story", "handed over by"), [view.agency or ""]),
    ]
    return [(name, text) for name, texts in rows for text in texts if text]


def _driver(view: HandoffView) -> str:
    return "" if view.who_drives == "unknown" else word(spoken(), DRIVERS, view.who_drives)


def _money(view: HandoffView, names: Names) -> list[str]:
    p, amounts = spoken(), view.amounts
    if amounts:
        fee = _(
            "referral fee {percent} % to {sender}: {money}",
            percent=formatting.percentage(p, amounts.fee_percent), sender=names.of(sides(view)[0]),
            money=formatting.money(p, amounts.referral_fee),
        )  # fmt: skip
        return [_("Money"), *_bullets([*formatting.quote(p, amounts.quote, names.of), fee])]
    if view.quote:
        over = not (our_acts(view) or their_acts(view))
        title = _("Money: as it was quoted") if over else _("Money: binding price")
        return [title, *_bullets(formatting.quote(p, view.quote, names.of))]
    if view.expected_total:
        return [_("Money"), *_bullets([_("expected {money}", money=formatting.money(p, view.expected_total))])]
    return []


def _deadlines(view: HandoffView, names: Names, now: datetime) -> list[str]:
    answer = (pgettext("a deadline", "answer by"), view.answer_by)
    held = (pgettext("a deadline", "held until"), view.held_until)
    consent = (pgettext("a deadline", "consent by"), view.consent_by)
    until: Mapping[str, Sequence[tuple[str, datetime | None]]] = {
        "offered": [answer], "held": [answer, held], "countered": [held], "accepted": [consent],
    }  # fmt: skip
    shown = [(name, formatting.moment(spoken(), at, names.zone, now)) for name, at in until.get(view.state, ()) if at]
    return [_("Deadlines"), *_rows(shown, 10)] if shown else []


def _next(view: HandoffView, names: Names, command: Callable[..., str]) -> list[str]:
    theirs = their_acts(view)
    ours = (*(acts.VERBS[act] for act in our_acts(view)), *may_read(view))
    if not ours and not theirs:
        return [_("It is over: nothing is left to do.")]
    lines = [_("What you can do next")] if ours else [_("Nothing is left for you to do now.")]
    for verb in ours:
        name, _space, rest = verb.partition(" ")
        lines.append("  " + command(name, view.referral_id[-6:], *rest.split(), "--as", view.community))
    if theirs:
        can = formatting.listed(spoken(), [acts.can(spoken(), act) for act in theirs])
        lines.append(fill(_("{partner} can: {acts}.", partner=names.of(view.partner), acts=can), 2, first=0))
    return lines


def _rows(rows: Sequence[tuple[str, str]], columns: int = 8) -> list[str]:
    """Names in a column; a name that repeats is written once."""
    columns = max([columns, *(formatting.width(name) for name, _text in rows)])
    lines, before = [], ""
    for name, text in rows:
        shown = formatting.padded("" if name == before else name, columns)
        lines.append(fill(f"{shown} {text}", indent=columns + 3, first=2))
        before = name
    return lines


def _bullets(lines: Sequence[str]) -> list[str]:
    return [fill(line, indent=4, first=2) for line in lines]
