"""Every page and state of the portal that is looked at, in one table: pictures and checks go over the same."""

import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from PIL import Image

from tests.support.browser.phone import Account, Phone

Moment = Literal["empty", "day"]


@dataclass(frozen=True)
class View:
    """A page as one person sees it. `path` may name a handoff of the scene, `/handoffs/{held}`, or the `{language}`."""

    name: str
    path: str
    #: The account, or nobody.
    who: str = ""
    #: Before anything has happened, or on the day of the scene.
    moment: Moment = "day"
    #: What is done on the page before it is looked at.
    then: Callable[[Phone], object] | None = None
    status: int = 200
    #: The page that is open then, where it is another.
    shows: str = ""

    def show(self, phone: Phone, ids: dict[str, str]) -> None:
        """Open it on a phone on which that person is signed in."""
        phone.open(self.path.format_map(ids | {"language": phone.device.language}), self.status)
        if self.then:
            self.then(phone)


_STRANGERS = itertools.count(1)


def _wrong_password(phone: Phone) -> None:
    name = f"noy-{next(_STRANGERS)}"  # a name may be tried a few times only
    phone.submit_sign_in(Account(name, "not the password", ""))


def _closing(phone: Phone) -> None:
    """Ask to close a day on which others are promised a place."""
    for field in ("#first", "#last"):
        phone.page.locator(field).fill("2027-01-18")
    phone.page.locator("#reason").fill("งานบุญวัด")
    phone.page.locator(".act button").click()


def _send(phone: Phone) -> None:
    phone.page.locator("main form button.main").click()
    phone.page.wait_for_load_state()


def _empty_question(phone: Phone) -> None:
    """Send the form of a public page with nothing in it."""
    phone.page.locator("#ask form").evaluate("form => form.noValidate = true")
    phone.page.locator("#ask button").click()
    phone.page.wait_for_load_state()


def _at_code(phone: Phone) -> None:
    """A gateway is added, once; its page waits for the code."""
    phone.page.locator("summary").click()
    phone.page.locator("details input[name=address]").fill("https://gateway.example/line")
    phone.page.locator("details button").click()
    phone.page.wait_for_load_state()
    phone.page.goto(urljoin(phone.page.url, "/account/channels"))
    phone.page.locator("main .two a.btn").first.click()
    phone.page.wait_for_load_state()


def _begun(phone: Phone) -> None:
    """An offer to Tha Li for four."""
    phone.page.fill("#people", "4")
    phone.page.click("button[name=to][value=tha-li]")


def _arranged(phone: Phone) -> None:
    """With a stay and a dinner, in the order of the day."""
    _begun(phone)
    for one in ("tha-li.homestay", "tha-li.pha-laeng", "tha-li.border-village"):
        phone.page.check(f"input[name=experiences][value='{one}']")
    phone.page.check("input[name=day][value='2027-01-25']")
    phone.page.click(".act .btn.main")


def _told_who(phone: Phone, adults: int = 4) -> None:
    _at_who(phone)
    page = phone.page
    page.fill("#adult", str(adults))
    for one in ("language][value=en", "needs][value=vegetarian", "driver][value=sender", "document][value=passport"):
        page.check(f"input[name={one}]")
    page.check("input[name=nationality][value=third_country]")
    page.locator("input[name=window]").first.check()
    page.click(".act .btn.main")


def _at_who(phone: Phone) -> None:
    _arranged(phone)
    phone.page.click(".act .btn.main")


def _at_check(phone: Phone) -> None:
    _told_who(phone)
    phone.page.click(".act .btn.main")


def _too_many(phone: Phone) -> None:
    _told_who(phone, 31)


def _nobody(phone: Phone) -> None:
    """Nothing is said of who travels."""
    _at_who(phone)
    phone.page.fill("#adult", "0")
    phone.page.click(".act .btn.main")


def _unsaid(phone: Phone) -> None:
    """Only what has to be said."""
    _at_who(phone)
    phone.page.check("input[name=language][value=en]")
    phone.page.locator("input[name=window]").first.check()
    phone.page.click(".act .btn.main")


def _saying_yes(phone: Phone) -> None:
    """The traveller allows all of it, and reads."""
    for box in phone.page.locator("input[name=fields]").all():
        box.check()
    phone.page.click("button[name=choice][value=yes]")


def _saying_nothing(phone: Phone) -> None:
    """They send the form with nothing in it."""
    _saying_yes(phone)
    phone.page.locator("main form").evaluate("form => form.noValidate = true")
    phone.page.click(".act button")


def _greeting(phone: Phone) -> None:
    phone.page.click("form[action$='/party'] button")


SENDING = (
    View("send", "/send", "botaen"),
    View("send-what", "/send", "botaen", then=_begun, shows="/send/{draft}/what"),
    View("send-days", "/send", "botaen", then=_arranged, shows="/send/{draft}/days"),
    View("send-who", "/send", "botaen", then=_at_who, shows="/send/{draft}/who"),
    View("send-who-error", "/send", "botaen", then=_nobody, shows="/send/{draft}/who"),
    View("send-cross-unsaid", "/send", "botaen", then=_unsaid, shows="/send/{draft}/cross"),
    View("send-cross", "/send", "botaen", then=_told_who, shows="/send/{draft}/cross"),
    View("send-check", "/send", "botaen", then=_at_check, shows="/send/{draft}/check"),
    View("send-full", "/send", "botaen", then=_too_many, shows="/send/{draft}/full"),
    View("follow-held", "/handoffs/{held}", "thali"),
    View("follow-confirmed", "/handoffs/{ours}", "botaen"),
    View("follow-countered", "/handoffs/{countered}", "botaen"),
    View("follow-declined", "/handoffs/{declined}", "thali"),
    View("follow-late", "/handoffs/{late}", "botaen"),
    View("follow-arrived", "/handoffs/{leaving}", "botaen"),
    View("follow-staying", "/handoffs/{staying}", "botaen"),
    View("late", "/handoffs/{ours}/late", "botaen"),
    View("take", "/handoffs/{countered}/take", "botaen"),
    View("withdraw", "/handoffs/{ours}/withdraw", "botaen"),
    View("depart", "/handoffs/{ours}/depart", "botaen"),
    View("turned-back", "/handoffs/{ours}/turned-back", "botaen"),
    View("change", "/handoffs/{ours}/change", "botaen"),
    View("cancel", "/handoffs/{tomorrow}/cancel", "botaen"),
    View("no-show", "/handoffs/{late}/no-show", "botaen"),
    View("complete", "/handoffs/{leaving}/complete", "botaen"),
    View("act-gone", "/handoffs/{withdrawn}/withdraw", "thali"),
)


def _removing_a_photo(phone: Phone) -> None:
    """Add a photo of nothing but a colour, unless there is one, and ask to remove it."""
    page = phone.page
    if not page.locator("#photos figure").count():
        file = io.BytesIO()
        Image.new("RGB", (300, 200), "teal").save(file, "PNG")
        page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": file.getvalue()})
        page.fill("#alt", "ทุ่งนา")
        page.click("#photos form button")
    page.locator("#photos figure a").first.click()
    page.wait_for_load_state()


def _invited(phone: Phone) -> None:
    """Invite somebody, and open what they get."""
    page = phone.page
    page.locator("main form button.main").click()
    page.wait_for_load_state()


def _another_member(phone: Phone) -> None:
    """Open the page of the other one."""
    phone.page.locator("main a[href^='/members/']:not([href='/members/invite'])").first.click()
    phone.page.wait_for_load_state()


def _ending_a_membership(phone: Phone) -> None:
    _another_member(phone)
    phone.page.locator("main a[href$='/end']").click()
    phone.page.wait_for_load_state()


ACCOUNTS = (
    View("join", "/join"),
    View("recover", "/recover"),
    View("members", "/members", "botaen"),
    View("invite", "/members/invite", "botaen"),
    View("invited", "/members/invite", "botaen", then=_invited),
    View("member", "/members", "botaen", then=_another_member, shows="/members/{account}"),
    View("member-end", "/members", "botaen", then=_ending_a_membership, shows="/members/{account}/end"),
    View("account", "/account", "botaen"),
    View("account-community", "/account/community", "botaen"),
    View("second-step", "/account/second", "botaen"),
    View("leave", "/account/leave", "botaen"),
)


PUBLIC = (
    View(
        "photo-remove",
        "/community/public/baci",
        "botaen",
        then=_removing_a_photo,
        shows="/community/photos/{photo}/remove",
    ),
    View("public-page", "/community/public", "botaen"),
    View("public-page-experience", "/community/public/homestay", "botaen"),
    View("enquiries", "/enquiries", "botaen"),
    View("public", "/{language}/bo-taen"),
    View("public-error", "/{language}/bo-taen", then=_empty_question),
    View("public-experience", "/{language}/bo-taen/homestay"),
    View("public-list", "/{language}"),
)


def _with_a_key(phone: Phone) -> None:
    """Make a key for an agency, of which two open at most."""
    page, back = phone.page, phone.page.url.removesuffix("/key")
    page.goto(back)
    while page.locator("a[href$='/revoke']").count():
        _revoking(phone)
        phone.page.locator(".act button").click()
        page.wait_for_load_state()
    page.goto(f"{back}/key")
    _send_act(phone)


def _revoking(phone: Phone) -> None:
    phone.page.locator("a[href$='/revoke']").first.click()
    phone.page.wait_for_load_state()


def _send_act(phone: Phone) -> None:
    phone.page.locator(".act button.main").click()
    phone.page.wait_for_load_state()


#: What an operator of the system sees, who acts for no community.
OPERATING = (
    View("node", "/node", "operator"),
    View("node-agencies", "/node/agencies", "operator"),
    View("node-agency-new", "/node/new-agency", "operator"),
    View("node-agency-new-error", "/node/new-agency", "operator", then=_send_act),
    View("node-key-new", "/node/agencies/loei-travel/key", "operator"),
    View("node-key", "/node/agencies/loei-travel/key", "operator", then=_with_a_key),
    View("node-agency", "/node/agencies/loei-travel", "operator"),
    View(
        "node-key-revoke",
        "/node/agencies/loei-travel",
        "operator",
        then=_revoking,
        shows="/node/keys/{prefix}/revoke",
    ),
    View("node-account", "/account", "operator"),
    View("node-second", "/account/second", "operator"),
    View("node-gone", "/today", "operator", status=404),
)
VIEWS = (
    *SENDING,
    *OPERATING,
    *PUBLIC,
    *ACCOUNTS,
    View("signin", "/signin"),
    View("signin-error", "/signin", then=_wrong_password),
    View("today-empty", "/today", "botaen", "empty"),
    View("today", "/today", "botaen"),
    View("today-sender", "/today", "thali"),
    View("calendar", "/calendar", "botaen"),
    View("day", "/calendar/2027-01-14", "botaen"),
    View("day-promised", "/calendar/close", "botaen", then=_closing),
    View("close-days", "/calendar/close", "botaen"),
    View("guests", "/guests", "botaen"),
    View("guests-new", "/guests/new?day=2027-01-20", "botaen"),
    View("guest", "/guests/{guests}", "botaen"),
    View("guest-arrive", "/guests/{guests}/arrive", "botaen"),
    View("guest-change", "/guests/{guests}/change", "botaen"),
    View("guest-cancel", "/guests/{guests}/cancel", "botaen"),
    View("requests", "/requests", "botaen"),
    View("requests-older", "/requests?before={held}", "botaen"),
    View("requests-out", "/requests/out", "botaen"),
    View("request", "/handoffs/{held}/answer", "botaen"),
    View("request-full", "/handoffs/{full}/answer", "botaen"),
    View("request-helper", "/handoffs/{held}/answer", "botaen-door"),
    View("accept", "/handoffs/{held}/accept", "botaen"),
    View("decline", "/handoffs/{held}/decline", "botaen"),
    View("decline-error", "/handoffs/{held}/decline", "botaen", then=_send),
    View("offer-day", "/handoffs/{held}/counter", "botaen"),
    View("offer-day-error", "/handoffs/{held}/counter/check?day=2027-01-19", "botaen", status=422),
    View("offer-start", "/handoffs/{baking}/counter/start?day=2027-01-21", "botaen"),
    View("offer-check", "/handoffs/{second}/counter/check?day=2027-01-27", "botaen"),
    View("sent", "/handoffs/{countered}/sent", "thali"),
    View("raced", "/handoffs/{countered}/answer", "thali"),
    View("raced-withdrawn", "/handoffs/{withdrawn}/answer", "botaen"),
    View("raced-declined", "/handoffs/{declined}/answer", "botaen"),
    View("consent", "/handoffs/{accepted}/consent", "thali"),
    View("consent-tell", "/handoffs/{accepted}/consent", "thali", then=_saying_yes),
    View("consent-tell-error", "/handoffs/{accepted}/consent", "thali", then=_saying_nothing),
    View("consent-gone", "/handoffs/{declined}/consent", "thali"),
    View("party", "/handoffs/{coming}", "botaen", then=_greeting),
    View("consent-back", "/handoffs/{coming}/consent/back", "thali"),
    View("pass", "/handoffs/{pass}/pass", "thali"),
    View("erase", "/handoffs/{coming}/erase", "thali"),
    View("receive", "/receive", "botaen"),
    View("arrive", "/handoffs/{coming}/arrive", "botaen"),
    View("channels", "/account/channels", "botaen"),
    View("channel-code", "/account/channels", "botaen", then=_at_code, shows="/account/channels/{channel}"),
    View("offline", "/offline", "botaen"),
    View("offline-saved", "/offline/saved", "botaen"),
    View("community", "/community", "botaen"),
    View("community-helper", "/community", "botaen-door"),
    View("profile", "/community/profile", "botaen"),
    View("offers", "/community/offers", "botaen"),
    View("offer", "/community/offers/bo-taen.homestay", "botaen"),
    View("offer-new", "/community/offers/new", "botaen"),
    View("offer-error", "/community/offers/new", "botaen", then=_send),
    View("offer-off", "/community/offers/bo-taen.homestay/off", "botaen"),
    View("partners", "/partners", "botaen"),
    View("partner", "/partners/tha-li", "botaen"),
    View("partner-asks", "/partners/bo-suak", "botaen"),
    View("partner-agree", "/partners/bo-suak/agree", "botaen"),
    View("partner-end", "/partners/tha-li/end", "botaen"),
    View("partner-find", "/partners/new?text=bo", "botaen"),
    View("partner-propose", "/partners/new/laem-klat", "botaen"),
    View("agencies", "/agencies", "botaen"),
    View("agency", "/agencies/mekong-tours", "botaen"),
    View("agency-asks", "/agencies/loei-travel", "botaen"),
    View("agency-agree", "/agencies/loei-travel/agree", "botaen"),
    View("agency-end", "/agencies/mekong-tours/end", "botaen"),
    View("agency-terms", "/agencies/mekong-tours/terms", "botaen"),
    View("statements", "/statements", "botaen"),
    View("statement", "/statements/tha-li/2027-01", "botaen"),
    View("statement-wrong", "/statements/tha-li/2027-01/wrong", "botaen"),
    View("export", "/community/export", "botaen"),
    View("error", "/nothing-here", "botaen", status=404),
)


def views_of(moment: Moment) -> Iterator[tuple[str, list[View]]]:
    """The views of a moment, by who looks: each person signs in once."""
    for who in dict.fromkeys(view.who for view in VIEWS):
        if views := [view for view in VIEWS if (view.who, view.moment) == (who, moment)]:
            yield who, views
