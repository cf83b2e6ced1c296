"""A day at Bo Taen on which every page has something to show: Thursday, 14 January 2027, at ten in the morning."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from contracts.agencies.v1 import AddAgency, AgreeAgreement, AgreementTerms, ProposeAgreement
from contracts.community.v1 import ProposePartnership, Terms
from contracts.referral.v1 import CancelHandoff, CounterHandoff, DeclineHandoff, WithdrawHandoff
from contracts.values import Item, Party
from tests.support.portal.playing import STAYS, Playing

#: In Bo Taen and Tha Li it is seven hours later.
BEGINS = datetime(2027, 1, 8, 2, tzinfo=UTC)
TODAY = datetime(2027, 1, 14, 3, tzinfo=UTC)
DAY = date(2027, 1, 14)
Say = Callable[[str], None]
FAMILY, PAIR, GROUP = Party(adult=2, child=1), Party(adult=2), Party(adult=4, child=1, infant=1)


def begin(playing: Playing) -> None:
    """The morning before anything has happened: the pages of an empty day."""
    playing.clock(BEGINS)
    for community, partner in (("tha-li", "bo-taen"), ("bo-taen", "tha-li")):
        playing.knows(community, partner)


def play(playing: Playing, say: Say = print) -> None:
    """Everything that the pages of the day speak of; `playing.ids` has the handoffs by name."""
    for what in (_agreed, _given_up, _greeted, _under_way, _proposed, _agencies, _asked):
        say(f"playing: {(what.__doc__ or '').partition('.')[0]}")
        what(playing)


def _agreed(playing: Playing) -> None:
    """Parties are agreed on days before."""
    playing.offered("leaving", "bo-taen", DAY - timedelta(days=1), PAIR)
    playing.offered("staying", "bo-taen", DAY - timedelta(days=1), PAIR, nights=3, language="en")
    playing.offered("late", "bo-taen", DAY, PAIR, arrival={"day": DAY, "earliest": "08:00", "latest": "09:00"})
    playing.offered("coming", "bo-taen", DAY, FAMILY, language="lo")
    playing.offered("pass", "bo-taen", DAY, GROUP)
    playing.offered("tomorrow", "bo-taen", DAY + timedelta(days=1), PAIR, language="en")
    playing.offered("ours", "tha-li", DAY + timedelta(days=2), FAMILY, who_drives="sender")
    playing.offered("accepted", "bo-taen", DAY + timedelta(days=3), FAMILY, language="lo")
    playing.accepted("accepted")
    for name in ("leaving", "staying", "late", "coming", "pass", "tomorrow", "ours"):
        playing.confirmed(name)


def _given_up(playing: Playing) -> None:
    """Some come to nothing."""
    day = DAY + timedelta(days=6)
    for name in ("declined", "withdrawn", "cancelled"):
        playing.offered(name, "bo-taen", day, PAIR)
    say = playing.client.send
    say(DeclineHandoff(referral=playing.ids["declined"], reason="closed"), acting="bo-taen")
    say(WithdrawHandoff(referral=playing.ids["withdrawn"]), acting="tha-li")
    playing.accepted("cancelled")
    say(CancelHandoff(referral=playing.ids["cancelled"]), acting="bo-taen")
    for name in ("declined", "withdrawn", "cancelled"):
        playing.becomes(name, name)


def _greeted(playing: Playing) -> None:
    """Parties have come the day before."""
    playing.clock(TODAY - timedelta(days=1))
    for name in ("leaving", "staying"):
        playing.departed(name)
        playing.arrived(name)


def _under_way(playing: Playing) -> None:
    """Others are on their way today."""
    playing.clock(TODAY)
    playing.departed("coming")
    playing.departed("late")


def _proposed(playing: Playing) -> None:
    """Another community wants to be a partner."""
    terms = Terms(valid_from=DAY, referral_fee_percent="5.00", crossings=("na-kraseng",), border=True)
    playing.client.send(ProposePartnership(partner="bo-taen", terms=terms), acting="bo-suak")


#: What agencies are called, the same in every language.
AGENCIES = {"mekong-tours": "Mekong Tours", "loei-travel": "Loei Trips"}


def _agencies(playing: Playing) -> None:
    """Agencies: one has agreed and is asked for new terms, another proposes its first."""
    send, fair = playing.client.send, AgreementTerms(valid_from=DAY, percent="15.00", confirmation="on_request")
    for agency, name in AGENCIES.items():
        send(AddAgency(agency=agency, name=name))
        send(ProposeAgreement(agency=agency, terms=fair, side="agency"), acting="bo-taen")
    send(AgreeAgreement(agency="mekong-tours"), acting="bo-taen")
    net = AgreementTerms(valid_from=DAY, rate="net", percent="20.00", cutoff_hours=48)
    send(ProposeAgreement(agency="mekong-tours", terms=net), acting="bo-taen")


def _asked(playing: Playing) -> None:
    """New requests wait for an answer."""
    playing.offered("held", "bo-taen", DAY + timedelta(days=4), FAMILY)
    playing.offered("accepted", "bo-taen", DAY + timedelta(days=3), FAMILY, language="lo")
    playing.accepted("accepted")
    playing.offered("second", "bo-taen", DAY + timedelta(days=9), GROUP, language="en", needs=("vegetarian",))
    baking = {"experience_id": "bo-taen.rice-cracker", "day": DAY + timedelta(days=7), "start": "09:30"}
    playing.offered("baking", "bo-taen", DAY, PAIR, items=(baking,))
    full = DAY + timedelta(days=5)
    playing.taken("bo-taen", full, but=1)
    playing.offered("full", "bo-taen", full, FAMILY, becomes="offered")
    playing.offered("countered", "tha-li", DAY + timedelta(days=7), PAIR, language="lo")
    other = Item(experience_id=STAYS["tha-li"], day=DAY + timedelta(days=8))
    counter = CounterHandoff(referral=playing.ids["countered"], items=(other,))
    playing.client.send(counter, acting="tha-li")
    playing.becomes("countered", "countered")
