"""What agencies are told, when it is tried again, and what a subscription may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.agency_api.domain import notifying
from services.agency_api.domain.notifying import Attempt, Delivery, News, Subscription
from services.agency_api.octo import notifications
from services.agency_api.octo.notifications import AskedSubscription
from services.agency_api.site.asking import CAPABILITIES, Asking, capabilities_of
from services.agency_api.site.problem import OctoProblem
from services.agency_api.site.signing_in import SignedIn
from services.agency_api.site.telling import payload
from services.chassis.edge.rpc_client import EdgeParts
from services.chassis.runtime.settings import Settings
from tests.support.booking import HOMESTAY, MARKET, experience, offering

NOW = datetime(2027, 1, 8, 2, 30, tzinfo=UTC)
LATER = Attempt(result="later", problem="timeout")
HOUSE = experience(HOMESTAY, kind="homestay", duration_minutes=960, seats=15)


def delivery(tries: int = 1, news: News | None = None, made_at: datetime = NOW) -> Delivery:
    return Delivery(
        id="0190aaaa-0000-7000-8000-000000000001", news=news or News(type="BOOKING_UPDATE", subject="u"),
        made_at=made_at, due_at=made_at, until=made_at + notifying.TRIED, tries=tries, standing="waits", problem="",
        tried_at=None,
    )  # fmt: skip


def test_pauses_grow_and_the_last_try_is_when_the_time_is_over() -> None:
    pauses = [notifying.after(LATER, delivery(tries), NOW).due_at - NOW for tries in range(1, 10)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == notifying.RETRIES[-1]
    near = NOW + notifying.TRIED - timedelta(minutes=1)
    last = notifying.after(LATER, delivery(9), near)
    assert (last.standing, last.due_at) == ("waits", NOW + notifying.TRIED)
    assert notifying.after(LATER, delivery(10), last.due_at).standing == "failed"


def test_a_receiver_may_ask_for_a_longer_pause_and_thanks_end_it() -> None:
    asked = Attempt(result="later", after=timedelta(hours=1))
    assert notifying.after(asked, delivery(1), NOW).due_at == NOW + timedelta(hours=1)
    assert notifying.after(Attempt(result="sent"), delivery(1), NOW).standing == "sent"


def test_only_one_that_had_nothing_for_three_days_is_ended() -> None:
    failed = notifying.after(LATER, delivery(9), NOW + notifying.TRIED)
    for since, ends in ((NOW, True), (NOW + timedelta(hours=2), False), (None, False)):
        assert notifying.is_to_end(LATER, failed, since, NOW + notifying.TRIED) is ends


def test_what_is_told_is_an_id_and_days_and_nothing_else() -> None:
    days = News(type="AVAILABILITY_UPDATE", subject=MARKET, first=date(2027, 1, 14), last=date(2027, 1, 15))
    told = payload(delivery(news=days))
    data = {"productId": MARKET, "localDateStart": "2027-01-14", "localDateEnd": "2027-01-15"}
    assert told == {"type": "AVAILABILITY_UPDATE", "timestamp": "2027-01-08T02:30:00.000Z", "data": data}
    assert payload(delivery())["data"] == {"uuid": "u"}
    assert payload(delivery(news=News(type="PRODUCT_UPDATE", subject=MARKET)))["data"] == {"productId": MARKET}


def test_products_that_are_new_gone_or_other_are_told_of() -> None:
    before = offering(HOUSE, experience(MARKET))
    assert notifying.changed_products(before, before) == []
    other = offering(HOUSE, experience(MARKET, seats=4), experience("bo-taen.raft"))
    assert [one.subject for one in notifying.changed_products(before, other)] == [MARKET, "bo-taen.raft"]
    assert [one.subject for one in notifying.changed_products(other, before)] == [MARKET, "bo-taen.raft"]
    stricter = offering(HOUSE, experience(MARKET), cutoff_hours=48)
    assert [one.subject for one in notifying.changed_products(before, stricter)] == [HOMESTAY, MARKET]
    assert len(notifying.changed_products(None, before)) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "a"},
        {"webhook-signature": "v1,x"},
        {"Transfer-Encoding": "chunked"},
        {"a b": "c"},
        {"": "c"},
        {"a": "b\r\nc: d"},
        {"a": "ส"},
        {"a": "x" * 501},
        {f"a{n}": "" for n in range(11)},
    ],
)
def test_headers_that_would_be_ours_or_break_a_request_are_refused(headers: dict[str, str]) -> None:
    assert notifying.unfit_header(headers)


def asking(*private: str) -> Asking:
    rpc: Any = None
    parts = EdgeParts(rpc=rpc, settings=Settings(database_url="postgresql://", private_receivers=frozenset(private)))
    return Asking(parts=parts, signed_in=SignedIn("mekong", "aaaaaaaaaa", frozenset()), url="http://x/octo")


BLANK = Subscription(id="s", agency="mekong", community=None, url="", receiver="", types=(), made_at=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "http://agency.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://user@agency.example/",
        "ftp://agency.example/",
        "agency.example",
    ],
)
def test_a_url_that_is_not_public_is_refused_and_never_quoted(url: str) -> None:
    with pytest.raises(OctoProblem) as refused:
        notifications.changed(asking(), BLANK, AskedSubscription(url=url))
    assert refused.value.problem.error == "BAD_REQUEST"
    assert url not in refused.value.problem.error_message


def test_a_receiver_that_the_operator_has_named_is_taken_as_is_a_public_one() -> None:
    for url, private in (("http://127.0.0.1:9000/x", ("127.0.0.1:9000",)), ("https://agency.example/x", ())):
        assert notifications.changed(asking(*private), BLANK, AskedSubscription(url=url)).url == url


def test_types_are_heeded_however_they_are_written_and_unknown_ones_refused() -> None:
    asked = AskedSubscription(notification_types=("booking_update", "PRODUCT_UPDATE"))
    assert notifications.changed(asking(), BLANK, asked).types == ("BOOKING_UPDATE", "PRODUCT_UPDATE")
    for wrong in ((), ("ORDER_UPDATE",), ("BOOKING_UPDATE", "x")):
        with pytest.raises(OctoProblem):
            notifications.changed(asking(), BLANK, AskedSubscription(notification_types=wrong))


def test_the_capability_is_heeded_and_not_listed() -> None:
    assert capabilities_of("octo/notifications, pricing") == {"notifications", "pricing"}
    assert "notifications" not in CAPABILITIES


def test_a_subscription_shows_its_secret_once_and_never_prints_it() -> None:
    one = notifications.changed(asking(), BLANK, AskedSubscription(url="https://agency.example/"))
    assert "secret" not in notifications.shown(one)
    assert notifications.shown(one, with_secret=True)["secret"].startswith("whsec_")
    assert "Bearer" not in repr(AskedSubscription(headers={"Authorization": "Bearer x"}))


def test_of_a_receivers_headers_the_names_are_told_and_nothing_else() -> None:
    one = replace(BLANK, headers={"Authorization": "Bearer canary"})
    shown = notifications.shown(one, with_secret=True)
    assert shown["headers"] == {"Authorization": "…"}
    assert "canary" not in str(shown)


def test_a_change_keeps_headers_as_they_are_told_and_takes_new_ones() -> None:
    one = replace(BLANK, headers={"Authorization": "Bearer a", "X-Old": "1"})
    assert notifications.changed(asking(), one, AskedSubscription()).headers == one.headers
    wanted = AskedSubscription(headers={"authorization": "…", "X-New": "2"})
    assert notifications.changed(asking(), one, wanted).headers == {"authorization": "Bearer a", "X-New": "2"}
    assert notifications.changed(asking(), one, AskedSubscription(headers={})).headers == {}
    with pytest.raises(OctoProblem):  # there is none before
        notifications.changed(asking(), one, AskedSubscription(headers={"X-Other": "…"}))


def test_another_host_gets_no_header_that_the_one_before_was_trusted_with() -> None:
    made = notifications.changed(asking(), BLANK, AskedSubscription(url="https://agency.example/a"))
    one = replace(made, headers={"Authorization": "Bearer a"})
    there = notifications.changed(asking(), one, AskedSubscription(url="https://agency.example/b"))
    assert there.headers == one.headers, "the same host knows them"
    elsewhere = AskedSubscription(url="https://other.example/b")
    assert notifications.changed(asking(), one, elsewhere).headers == {}
    anew = elsewhere.model_copy(update={"headers": {"Authorization": "Bearer b"}})
    assert notifications.changed(asking(), one, anew).headers == {"Authorization": "Bearer b"}
    with pytest.raises(OctoProblem, match="BAD_REQUEST"):
        notifications.changed(asking(), one, elsewhere.model_copy(update={"headers": {"Authorization": "…"}}))
