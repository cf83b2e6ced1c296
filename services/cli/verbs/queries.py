"""Questions to a node: handoffs, communities and what they offer."""

import argparse

from contracts.community.v1 import CommunityProfile, Experience, FindCommunities, FindExperiences
from contracts.node.v1 import AskStanding
from contracts.referral.v1 import AskPartnerCatalogue, HandoffSummary, ListHandoffs, ShowHandoff
from services.cli import context
from services.cli.input import inputs
from services.cli.verbs import importing
from services.cli.views import layout, naming, story
from services.client import formatting
from services.client.phrases import vocabulary
from services.client.phrases.spoken import _, say, spoken


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to the command line."""
    line = _("communities and experiences, by name in any script")
    parser = verbs.add_parser("find", help=line, epilog=layout.examples("./handoff find บ่อแตน"))
    parser.add_argument("text", nargs="?", default="", metavar="TEXT", help=_("part of a name or id; none: all"))
    context.add_node(parser)
    parser.set_defaults(run=find)
    line = _("your handoffs, newest first")
    parser = verbs.add_parser("list", help=line, epilog=layout.examples("./handoff list --as tha-li --open"))
    parser.add_argument("--open", action="store_true", help=_("only those that are not over"))
    parser.add_argument("--side", choices=("sender", "receiver"), help=_("only those that you send, or receive"))
    parser.add_argument("--limit", type=inputs.number, default=50, metavar="N", help=_("at most so many (%(default)s)"))
    context.add_node(parser, acting=True)
    parser.set_defaults(run=list_handoffs)
    line = _("one handoff: its story, and what to do next")
    parser = verbs.add_parser("show", help=line, epilog=layout.examples("./handoff show latest --as tha-li"))
    inputs.add_reference(parser)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=show)
    line = _("what your partners offer, as they shared it")
    parser = verbs.add_parser("catalogue", help=line, epilog=layout.examples("./handoff catalogue --as tha-li bo-taen"))
    words = _("one of them; none: all")
    parser.add_argument("partner", nargs="?", type=inputs.community, metavar="PARTNER", help=words)
    context.add_node(parser, acting=True)
    parser.set_defaults(run=catalogue)


def find(args: argparse.Namespace) -> int:
    """Communities whose name contains the text, and experiences; all communities without a text."""
    client = context.client(args)
    communities = client.send(FindCommunities(text=args.text, limit=200)).items
    experiences = client.send(FindExperiences(text=args.text, limit=500)).items if args.text else ()
    lines = [line for found in communities for line in _community(found)]
    lines += [line for found in experiences for line in _experience(found)]
    nothing = _("Nothing here has such a name. ./handoff find shows all communities.")
    if not lines and not client.send(FindCommunities(limit=1)).items:
        nothing = say(importing.NONE_YET)
    told = {"communities": [one.wire() for one in communities], "experiences": [one.wire() for one in experiences]}
    context.tell(args, told, "\n".join(lines) or nothing)
    return 0


def _community(found: CommunityProfile) -> list[str]:
    names = " · ".join(name for name in (found.names.th, found.names.lo, found.names.en) if name)
    return [found.id, layout.fill(names, 4), layout.fill(formatting.limits(spoken(), found.limits), 4)]


def _experience(found: Experience) -> list[str]:
    p = spoken()
    line = _(
        "{name}; starts {starts}; {prices}",
        name=formatting.picked(p, found.names.model_dump()),
        starts=formatting.listed(p, [f"{start:%H:%M}" for start in found.starts]),
        prices=formatting.listed(p, [formatting.unit_price(p, price) for price in found.prices]),
    )
    bounds = _(
        "{least} to {most} people; ask {hours} h before",
        least=found.min_party, most=found.seats, hours=found.cutoff_hours,
    )  # fmt: skip
    return [f"  {found.id}", layout.fill(line, 6), layout.fill(bounds, 6)]


def list_handoffs(args: argparse.Namespace) -> int:
    """One line a handoff, and a second one when a person is needed."""
    client = context.client(args)
    asked = ListHandoffs(open_only=args.open, side=args.side, limit=args.limit)
    answer = client.send(asked, acting=args.acting)
    lines = [line for summary in answer.items for line in _summary(summary)]
    if args.open:
        nothing = _("{community} has no open handoffs: ./handoff offer --help", community=args.acting)
    else:
        nothing = _("{community} has no handoffs yet: ./handoff offer --help", community=args.acting)
    context.tell(args, answer, "\n".join(lines) or nothing)
    return 0


def _summary(one: HandoffSummary) -> list[str]:
    p = spoken()
    state = vocabulary.word(p, vocabulary.STATE_WORDS, one.state)
    told = {
        "end": one.referral_id[-6:],
        "state": formatting.padded(f"{state} {one.round}" if one.state == "countered" else state, 11),
        "day": formatting.day(p, one.arrival_day),
        "partner": one.partner,
    }
    line = _("…{end} {state} {day} to {partner}", **told)
    if one.side == "receiver":
        line = _("…{end} {state} {day} from {partner}", **told)
    lines = [line, layout.fill(formatting.party(p, one.party.model_dump()), 8)]
    if one.agency:
        lines.append(layout.fill(_("by {agency}", agency=one.agency), 8))
    if one.attention:
        lines.append(layout.fill(_("needs a person: {reason}", reason=vocabulary.attention(p, one.attention)), 8))
    return lines


def show(args: argparse.Namespace) -> int:
    """The story of one handoff."""
    client = context.client(args)
    ref = context.handoff(args, client, args.ref)
    view = client.send(ShowHandoff(referral=ref), acting=args.acting)
    if args.json:
        context.tell(args, view, "")
        return 0
    names = naming.around(client, args.acting, view.partner)
    now = formatting.local(client.send(AskStanding(), service="referral").now, names.zone)
    print(story.tell(view, names, now, lambda *words: context.command(args, *words)))
    return 0


def catalogue(args: argparse.Namespace) -> int:
    """What partners have shared, as of when."""
    client, p = context.client(args), spoken()
    answer = client.send(AskPartnerCatalogue(partner=args.partner), acting=args.acting)
    lines = []
    for shared in answer.items:
        community = shared.offering.community
        lines += _community(community)
        as_of = formatting.moment(p, shared.as_of, formatting.zone_of(community.zone))
        lines.append("    " + _("as of {moment}", moment=as_of))
        lines += [line for one in shared.offering.experiences for line in _experience(one)]
    if args.partner:
        nothing = _("{community} has no catalogue of {partner}.", community=args.acting, partner=args.partner)
    else:
        nothing = _("{community} has no catalogue of any partner.", community=args.acting)
    context.tell(args, answer, "\n".join(lines) or nothing)
    return 0
