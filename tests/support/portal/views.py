"""Every page and state of the portal that is looked at, in one table: pictures and checks go over the same."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

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
    phone.page.locator("button.main").click()
    phone.page.wait_for_load_state()


def _empty_question(phone: Phone) -> None:
    """Send the form of a public page with nothing in it."""
    phone.page.locator("#ask form").evaluate("form => form.noValidate = true")
    phone.page.locator("#ask button").click()
    phone.page.wait_for_load_state()


VIEWS = (
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
    View("consent-back", "/handoffs/{coming}/consent/back", "thali"),
    View("pass", "/handoffs/{pass}/pass", "thali"),
    View("erase", "/handoffs/{coming}/erase", "thali"),
    View("receive", "/receive", "botaen"),
    View("arrive", "/handoffs/{coming}/arrive", "botaen"),
    View("public-page", "/community/public", "botaen"),
    View("public-page-experience", "/community/public/homestay", "botaen"),
    View("enquiries", "/enquiries", "botaen"),
    View("public", "/{language}/bo-taen"),
    View("public-error", "/{language}/bo-taen", then=_empty_question),
    View("public-experience", "/{language}/bo-taen/homestay"),
    View("public-list", "/{language}"),
    View("error", "/nothing-here", "botaen", status=404),
)


def views_of(moment: Moment) -> Iterator[tuple[str, list[View]]]:
    """The views of a moment, by who looks: each person signs in once."""
    for who in dict.fromkeys(view.who for view in VIEWS):
        if views := [view for view in VIEWS if (view.who, view.moment) == (who, moment)]:
            yield who, views
