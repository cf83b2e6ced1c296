"""Tells a handoff as its own community sees it: what happened, what holds now, what each side can do next."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.cli.views import dates, formatting, wording
from services.cli.views.layout import fill
from services.cli.views.naming import Names
from services.cli.views.personal_view import partner_held, told_of

View = Mapping[str, Any]


def tell(view: View, names: Names, now: datetime, command: Callable[..., str]) -> str:
    """The whole story; `command` makes a command line of a verb and its words."""
    parts = [_head(view, names), _happened(view, names), _holds(view, names), told_of(view, names)]
    parts += [_money(view, names), _deadlines(view, names, now), _next(view, names, command)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def sides(view: View) -> tuple[str, str]:
    """(sender, receiver), by id."""
    pair = (view["community"], view["partner"])
    return pair if view["side"] == "sender" else (pair[1], pair[0])


def our_verbs(view: View) -> tuple[str, ...]:
    """What the own side can do now, as verbs; nobody is asked again for what they have said."""
    return _verbs(can["act"] for can in view["next_acts"] if not can["again"])


def their_verbs(view: View) -> tuple[str, ...]:
    """What the other side can do now, as verbs."""
    return _verbs(view["their_acts"])


def _verbs(acts: Iterable[str]) -> tuple[str, ...]:
    return tuple(wording.VERBS[act] for act in acts if act in wording.VERBS)


def may_read(view: View) -> tuple[str, ...]:
    """What the own side can do with the personal part while it holds it; that belongs to no state."""
    if view["personal"] != "held":
        return ()
    return ("party", "consent --withdraw") if view["side"] == "sender" else ("party", "erase")


def _head(view: View, names: Names) -> list[str]:
    sender, receiver = map(names.of, sides(view))
    state = _state(view["state"], view["round"])
    return [
        f"Handoff …{view['referral_id'][-6:]}   {state.upper()}",
        *fill(f"{sender} → {receiver}").splitlines(),
        view["referral_id"],
    ]


def _state(state: str, round_: int) -> str:
    return f"{state.replace('_', ' ')} (round {round_})" if state == "countered" else state.replace("_", " ")


def _happened(view: View, names: Names) -> list[str]:
    lines, day = [f"What happened, as {names.of(view['community'])} (you) saw it"], ""
    for event in view["story"]:
        at = dates.local(event["at"], names.zone)
        if at.date().isoformat() != day:
            day = at.date().isoformat()
            lines.append(f"  {dates.shown_day(at.date())}")
        lines.append(fill(f"{at:%H:%M:%S} {_event(event, view, names)}", indent=13, first=4))
    return lines


def _event(event: View, view: View, names: Names) -> str:
    who = "you" if event["by"] == view["community"] else names.of(event["by"])
    act = wording.ACTS.get(event["act"], event["act"])
    if by_rule(view) and event["state"] == "declined":
        act = "declined by rule, nobody was asked"
    if event["act"] == "personal_data_erased" and not partner_held(view):
        act = "said that it knows nothing of the party"
    took = f" ({dates.hop(event['took_ms'])})" if event["took_ms"] is not None else ""
    return f"{who} {act} {_after(event, view)}{took}"


def _after(event: View, view: View) -> str:
    """What it made of the record, and what went of the personal part with it."""
    state = f"→ {_state(event['state'], event['round'])}"
    if event["act"] in wording.TAKEN_BACK:
        return f"{state}, {'nothing was held' if view['personal'] == 'none' else 'the part was erased'}"
    return "crossed, changed nothing" if event["crossed"] else state


def _holds(view: View, names: Names) -> list[str]:
    sender, receiver = map(names.of, sides(view))
    holds = "A rule of {receiver} declined it." if by_rule(view) else wording.HOLDS[view["state"]]
    lines = ["What holds now", fill(holds.format(sender=sender, receiver=receiver), 2)]
    if view["state"] == "accepted" and (view["consent"] or view["consent_refused"]):
        lines.append(fill("It is said and on its way.", 2))
    if view["reason"]:
        lines.append(fill(f"Reason: {why(view, names)}.", 2))
    if view["attention"]:
        lines.append(fill(f"Needs a person: {wording.attention(view['attention'])}.", 2))
    if view["wish"]:
        lines.append(fill(f"Booking was {wording.WISHES.get(view['wish'], view['wish'])} and has not answered yet.", 2))
    return lines + _rows(_facts(view, names))


def by_rule(view: View) -> bool:
    """Whether it was declined by a rule and not by a person."""
    return view["state"] == "declined" and view["reason"] in wording.RULES


def why(view: View, names: Names) -> str:
    """The reason in words, with the numbers of the rule that gave it."""
    wished = [item["experience_id"] for item in view["items"]]
    numbers = wording.bounds(view["reason"], names.offers.get(sides(view)[1]), wished)
    return f"{wording.reason(view['reason'])}{numbers}"


def _facts(view: View, names: Names) -> Sequence[tuple[str, str]]:
    arrival = view["arrival"]
    facts = [("party", formatting.party(view["party"]))]
    facts += [("wants", formatting.item(wished, names)) for wished in view["items"]]
    facts += [("instead", formatting.item(wished, names)) for wished in view["countered_items"] or ()]
    facts += [("could", formatting.item(other, names)) for other in view["alternatives"]]
    facts.append(("arrives", formatting.window(arrival)))
    facts += [("needs", ", ".join(view["needs"]).replace("_", " "))] if view["needs"] else []
    facts.append(("speaks", view["language"]))
    facts += [("crossing", view["crossing"])] if view["crossing"] else []
    facts += [("drives", view["who_drives"])] if view["who_drives"] != "unknown" else []
    return facts


def _money(view: View, names: Names) -> list[str]:
    amounts, quote = view["amounts"], view["quote"]
    if amounts:
        fee = f"{amounts['fee_percent']} % to {names.of(sides(view)[0])}: {formatting.money(amounts['referral_fee'])}"
        return ["Money", *_bullets([*formatting.quote(amounts["quote"], names), f"referral fee {fee}"])]
    if quote:
        over = not (our_verbs(view) or their_verbs(view))
        title = "Money: as it was quoted" if over else "Money: binding price"
        return [title, *_bullets(formatting.quote(quote, names))]
    return ["Money", f"  expected {formatting.money(view['expected_total'])}"] if view["expected_total"] else []


def _deadlines(view: View, names: Names, now: datetime) -> list[str]:
    until = {
        "offered": [("answer by", view["answer_by"])],
        "held": [("answer by", view["answer_by"]), ("held until", view["held_until"])],
        "countered": [("held until", view["held_until"])],
        "accepted": [("consent by", view["consent_by"])],
    }.get(view["state"], [])
    shown = [(name, dates.shown_moment(moment, names.zone, now)) for name, moment in until if moment]
    return ["Deadlines", *_rows(shown, 10)] if shown else []


def _next(view: View, names: Names, command: Callable[..., str]) -> list[str]:
    theirs = their_verbs(view)
    ours = (*our_verbs(view), *may_read(view))
    if not ours and not theirs:
        return ["It is over: nothing is left to do."]
    lines = ["What you can do next"] if ours else ["Nothing is left for you to do now."]
    for verb in ours:
        name, _, rest = verb.partition(" ")
        lines.append("  " + command(name, view["referral_id"][-6:], *rest.split(), "--as", view["community"]))
    if theirs:
        can = ", ".join(verb.removeprefix("answer ").replace("-", " ") for verb in theirs)
        lines.append(fill(f"{names.of(view['partner'])} can: {can}.", 2, first=0))
    return lines


def _rows(rows: Sequence[tuple[str, str]], width: int = 8) -> list[str]:
    """Names in a column; a name that repeats is written once."""
    lines, before = [], ""
    for name, text in rows:
        lines.append(fill(f"{'' if name == before else name:{width}} {text}", indent=width + 3, first=2))
        before = name
    return lines


def _bullets(lines: Sequence[str]) -> list[str]:
    return [fill(line, indent=4, first=2) for line in lines]
