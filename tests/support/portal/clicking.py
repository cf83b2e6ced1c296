"""What a scenario writes as acts, done by tapping through the portal's pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from contracts.booking.v1 import Reserve
from contracts.crossing.v1 import Travel
from contracts.personal.v1 import Channel, PersonalPart
from contracts.referral.recorded import Recorded
from contracts.referral.v1 import CounterHandoff, HandoffView, OfferHandoff
from contracts.refusals import Refusal
from contracts.values import Item, Money, Value
from deploy.demo import queries
from deploy.demo.scenario import CONSENT, OFFER, READ, Act
from services.client import formatting
from services.client.answers import refused
from services.client.local_api import LocalApi
from services.client.phrases.catalogue import Phrases
from services.client.phrases.vocabulary import NEXT_ACTS, word
from services.portal.site.writing import short_day
from tests.support.portal.operators import Operator

HANDOFF = re.compile(r"/handoffs/([0-9a-f-]{36})$")
#: The pages ask for papers always; a scenario tells of them only where they matter.
PAPERS = {
    "th": Travel(nationality="thai", document="passport"),
    "lo": Travel(nationality="lao", document="passport"),
    "en": Travel(nationality="third_country", document="passport"),
}
NOTHING = ("What was known of them has been deleted.", "They have allowed nothing to be known. Greet them as they are.")
SET_OUT = "They have left"
SENT = "No name is sent. Only how many they are and what you wrote here."
Fields = Mapping[str, Any]


class NotDone(Exception):
    """The page says no."""


@dataclass
class Clicking:
    """A scenario's operators by community; `ask` stands where a stage asks the node's local API."""

    operators: Mapping[str, Operator]
    client: LocalApi
    referral: str = ""
    begun: bool = False

    def ask(self, _client: LocalApi, act: Act, fields: Fields) -> tuple[Value | None, PersonalPart | None]:
        """Do it by the pages. Raises Refused where the page says no and the scenario expects one."""
        who = self.operators[act.acting or ""]
        if act.do == READ:
            return None, self.read(who)
        try:
            DEEDS[act.do](self, who, fields)
        except NotDone as no:
            if act.refused is None:
                raise
            raise refused(Refusal(code=act.refused.code, field=act.refused.field, message=str(no))) from None
        return self._recorded(act), None

    def _recorded(self, act: Act) -> Recorded | None:
        if act.do != OFFER:
            return None
        view = queries.record(self.client, act.acting or "", self.referral)
        assert view
        return Recorded(referral_id=self.referral, state=view.state, intent="offer")

    @property
    def path(self) -> str:
        """Where the handoff stands on both phones."""
        return f"/handoffs/{self.referral}"

    def view(self, side: str) -> HandoffView:
        """One side's record."""
        found = [queries.record(self.client, community, self.referral) for community in self.operators]
        return next(view for view in found if view is not None and view.side == side)

    def sender(self) -> Operator:
        """Who sends the party."""
        return self.operators[self.view("sender").community]

    # what the sender does

    def begin(self, who: Operator, fields: Fields) -> None:
        """The first steps of an offer: to whom, what, and when."""
        asked = OfferHandoff.model_validate(fields)
        who.opens("/today").follows("/send").sees("Who could take them?")
        who.page.fill("#people", str(asked.party.heads))
        who.page.locator(f"button[name=to][value={asked.to}]").click()
        self._what(who.sees("What, and which day?"), asked.items)
        who.sees("Who travels?")
        self.begun = True

    def offer(self, who: Operator, fields: Fields) -> None:
        """Every step of an offer, from the menu to the story; or from where it was left."""
        asked, page = OfferHandoff.model_validate(fields), who.page
        if self.begun:
            who.opens("/today").follows("/send").sees("Begun and not sent").page.click("main .card.row a.g")
        else:
            self.begin(who, fields)
        self._who(who.sees("Who travels?"), asked)
        page.locator(f"input[name=crossing][value={asked.crossing}]").check()
        who.sees("How do they cross?").does().sees("Check and ask").sees(SENT)
        if asked.expected_total:
            assert written(who, asked.expected_total) in who.reads()
        (self.referral,) = HANDOFF.findall(who.does().sees("The story so far").page.url)

    def _what(self, who: Operator, items: tuple[Item, ...]) -> None:
        for item in items:
            who.page.check(f"input[name=experiences][value='{item.experience_id}']")
        who.page.check(f"input[name=day][value='{min(item.day for item in items)}']")
        who.does()
        if len({item.day for item in items}) > 1:
            days = who.sees("When exactly?").page.locator("select[name=days]")
            for n, item in enumerate(sorted(items, key=lambda one: one.day)):
                days.nth(n).select_option(str(item.day))
            who.does()

    def _who(self, who: Operator, asked: OfferHandoff) -> None:
        page, travel = who.page, asked.travel or PAPERS.get(asked.language, PAPERS["en"])
        for band, count in asked.party.wire().items():
            page.fill(f"#{band}", str(count))
        for name, value in (("language", asked.language), *(("needs", need) for need in asked.needs)):
            page.check(f"input[name={name}][value={value}]")
        page.locator("input[name=window]").first.check()
        page.check(f"input[name=driver][value={asked.who_drives or 'unknown'}]")
        page.check(f"input[name=nationality][value={travel.nationality}]")
        page.check(f"input[name=document][value={travel.document}]")
        who.does()

    def consent(self, who: Operator, fields: Fields) -> None:
        """The traveller reads in their language on the sender's phone, ticks what may be known, and says it."""
        part, page = PersonalPart.model_validate(fields["part"]), who.page
        if self.view("sender").state == "accepted":
            who.opens("/today").follows(self.path).taps("Ask the traveller")
        else:
            who.opens(f"{self.path}/consent")
        traveller = Operator(who.phone, Phrases.of(fields["language"]), who.places)
        expect(page.locator("html")).to_have_attribute("lang", fields["language"])
        traveller.sees("Choose what may be passed on")
        assert page.locator("input[name=fields]:checked").count() == 0, "nothing is chosen for them"
        for field in part.given:
            page.check(f"input[name=fields][value={field}]")
        traveller.taps("Yes, read and fill in").sees("Read this, then fill it in")
        self._tell(traveller, part)
        page.check(f"input[name=said][value={fields['said']}]")
        for flag in ("witnessed", "guardian"):
            page.locator(f"input[name={flag}]").set_checked(bool(fields.get(flag)))
        traveller.taps("Yes, I agree: pass this on").sees("Now give the phone back, please.")
        who.taps("I have the phone back").sees("The story so far")

    def _tell(self, traveller: Operator, part: PersonalPart) -> None:
        page, said = traveller.page, part.wire()
        for field in set(part.given) & {"name", "food", "mobility", "nationality"}:
            page.fill(f"#{field}", said[field])
        if part.channel:
            page.check(f"input[name=kind][value={part.channel.kind}]")
            page.fill("#address", part.channel.address)
        if part.document_class:
            page.check(f"input[name=document_class][value={part.document_class}]")

    def take_counter(self, who: Operator, _fields: Fields) -> None:
        """They take what was offered instead, and read when the party is to be there."""
        who.opens("/today").follows(self.path).taps("See what they offer").sees("Take what they offer?")
        arrival = self.view("sender").arrival
        day = short_day(who.say, arrival.day).striptags().replace("\u00a0", " ")
        assert f"{day}, {arrival.earliest:%H:%M}–{arrival.latest:%H:%M}" in who.reads()
        who.does().sees("The story so far")

    def take_back(self, who: Operator, _fields: Fields) -> None:
        """The traveller takes the consent back."""
        who.opens(self.path).taps("The traveller takes the consent back").sees("Does the traveller take it back?")
        who.does().sees("The story so far")

    def depart(self, who: Operator, _fields: Fields) -> None:
        """They have left; before anybody has said yes, no page offers it, and its own says how it stands."""
        if self.view("sender").state != "confirmed":
            assert not who.opens(self.path).phone.thing(who.say.gettext(SET_OUT)).count()
            who.opens(f"{self.path}/depart").sees("This page has changed nothing.")
            raise NotDone(who.reads())
        who.opens("/today").follows(self.path).taps(SET_OUT).sees("Have they left?").does().sees("The story so far")

    # what the receiver does

    def accept(self, who: Operator, _fields: Fields) -> None:
        """Asked on Today, read, answered, and asked once more."""
        who.opens("/today").follows(f"{self.path}/answer").sees("What they want to do")
        who.phone.tap(word(who.say, NEXT_ACTS, "accept"))
        sent, story = who.say.gettext("Your yes is sent"), who.say.gettext("The story so far")
        who.sees("Accept this party?").does()
        # with the traveller's word there already, it is booked before the page is shown
        said = re.compile(f"{re.escape(sent)}|{re.escape(story)}")
        expect(who.page.locator("body")).to_contain_text(said)  # the page asks by itself until it is so

    def counter(self, who: Operator, fields: Fields) -> None:
        """That day is full; one of the days below is offered."""
        wanted = CounterHandoff.model_validate(fields).items[0].day
        who.opens("/today").follows(f"{self.path}/answer").sees("Not enough places that day")
        who.page.check(f"input[name=day][value='{wanted}']")
        who.does().sees("we offer").does().sees("Your offer is sent")

    def arrive(self, who: Operator, _fields: Fields) -> None:
        """The party shows its pass in its own language and says the code; the receiver types it."""
        code = self._code_shown(self.sender())
        who.opens("/today").follows("/receive").page.fill("#code", code.lower())
        who.taps("Check").sees("Welcome them").sees("The pass is good")
        who.page.locator("button[name=come][value=all]").click()
        who.sees("The story so far")

    def _code_shown(self, sender: Operator) -> str:
        sender.opens(self.path).taps("Show the pass")
        expect(sender.page).to_have_url(re.compile("/pass$"))
        expect(sender.page.locator("html")).to_have_attribute("lang", self.view("sender").language)
        expect(sender.page.locator(".pass svg.qrc")).to_be_visible()
        return sender.page.locator(".pass .code").inner_text()

    def complete(self, who: Operator, _fields: Fields) -> None:
        """The visit is closed by hand."""
        who.opens(self.path).taps("Close the visit").sees("Is the visit over?").does().sees("The story so far")

    def reserve(self, who: Operator, fields: Fields) -> None:
        """Guests of their own are booked at the counter."""
        asked = Reserve.model_validate(fields)
        day, page = asked.items[0].day, who.page
        who.opens("/calendar").follows("/guests").page.locator("main a[href^='/guests/new']").click()
        who.sees("How many people?")
        for band in ("adult", "child", "infant"):
            page.fill(f"#{band}", str(asked.party.wire().get(band, 0)))
        page.fill("#day", str(day))
        who.taps("Show this day")
        for item in asked.items:
            page.check(f"input[name=items][value^='{item.experience_id}@{day}@']")
        who.taps("Take the places").sees("Own guests")
        if page.locator(".err").count():
            raise NotDone(page.locator(".err").inner_text())
        who.sees("What they do")

    def read(self, who: Operator) -> PersonalPart | None:
        """Whom to greet, as it stands on the page; None where nothing is held."""
        if who.opens(self.path).phone.thing(who.say.gettext("See who they are")).count():
            who.taps("See who they are").sees("What they allowed you to know")
            return told(who)
        return self._read_from_before(who)

    def _read_from_before(self, who: Operator) -> PersonalPart | None:
        """The same, sent from a page that was open before there was nothing to read any more."""
        answer = who.page.request.post(
            f"{who.phone.base_url}{self.path}/party",
            form={"csrf": str(who.page.locator("meta[name=csrf]").get_attribute("content"))},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        nothing = (
            "What was known of them has been deleted.",
            "They have allowed nothing to be known. Greet them as they are.",
        )
        assert any(who.say.gettext(said) in answer.text() for said in nothing), answer.text()[:500]
        return None


def told(who: Operator) -> PersonalPart:
    """The personal part that the page shows."""
    rows = who.page.locator("dl.facts > div").all()
    shown = {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows}
    say, part = who.say.gettext, dict[str, Any]()
    for field, label in {"name": "Wants to be called", "nationality": "Nationality", "food": "Food"}.items():
        part[field] = shown.pop(say(label), None)
    for kind, label in {"phone": say("Phone"), "line": "LINE", "whatsapp": "WhatsApp", "email": say("E-mail")}.items():
        if label in shown:
            part["channel"] = Channel.model_validate({"kind": kind, "address": shown.pop(label)})
    if document := shown.pop(say("Document"), None):
        part["document_class"] = {say("Passport"): "passport", say("Border pass"): "border_pass"}[document]
    part["nationality"] = formatting.country_code(part["nationality"] or "")
    assert not shown, f"more than was said: {list(shown)}"
    return PersonalPart.model_validate(part)


def written(who: Operator, money: Money) -> str:
    """A sum as a page of theirs writes it."""
    return formatting.money(who.say, money, whole=True)


Deed = Callable[[Clicking, Operator, Fields], None]
DEEDS: Mapping[str, Deed] = {
    OFFER: Clicking.offer,
    CONSENT: Clicking.consent,
    "referral.withdraw_consent": Clicking.take_back,
    "referral.take_counter": Clicking.take_counter,
    "referral.depart_party": Clicking.depart,
    "referral.accept_handoff": Clicking.accept,
    "referral.counter_handoff": Clicking.counter,
    "referral.arrive_party": Clicking.arrive,
    "referral.complete_visit": Clicking.complete,
    "booking.reserve": Clicking.reserve,
}
