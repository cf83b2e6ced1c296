"""What a phone is told beside a page, and what becomes of what it sends later."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.responses import Response

from contracts.referral.v1 import ArriveParty, Recorded
from contracts.refusals import No, refusal
from services.client.answers import Refused
from services.portal.domain.accounts import Session
from services.portal.site import phone
from services.portal.site.context import PageContext
from services.portal.site.portal_site import headed

NOW = datetime(2027, 1, 14, 3, tzinfo=UTC)
TAPPED = NOW - timedelta(hours=2)
HANDOFF = "019aa1f0-2b10-7c3e-9d41-5f2a90c4e7d1"


def session(id_: str = "one") -> Session:
    return Session(
        id=id_, account="a", name="Noy", community="bo-taen", role="helper", language="lo", forms=b"f", ends_at=NOW
    )


def page(of: Session | None, *, is_known: bool = True) -> PageContext:
    return cast(PageContext, SimpleNamespace(session=of, is_known=is_known))


def test_what_tells_sessions_apart_opens_none() -> None:
    assert phone.opaque(session("one")) == phone.opaque(session("one")) != phone.opaque(session("two"))
    assert "one" not in phone.opaque(session("one"))


@pytest.mark.parametrize(
    ("of", "is_known", "is_public", "said"),
    [
        (session(), True, False, phone.opaque(session())),
        (None, True, False, "none"),
        (None, False, False, None),  # the tables do not answer: nothing is to be removed from the phone
        (session(), True, True, None),
    ],
    ids=["signed in", "signed out", "nobody knows", "public"],
)
def test_an_answer_says_whose_it_is_where_that_is_known(
    of: Session | None, is_known: bool, is_public: bool, said: str | None
) -> None:
    answer = headed(Response(), page(of, is_known=is_known), is_public=is_public)
    assert answer.headers.get("Handoff-Session") == said


def test_an_answer_that_signs_out_keeps_what_it_says() -> None:
    answer = Response()
    phone.mark(answer, None)
    assert headed(answer, page(session())).headers["Handoff-Session"] == "none"


def test_a_copy_may_be_read_until_midnight_in_the_villages() -> None:
    assert phone.kept_through(date(2027, 1, 15)) == {"Handoff-Keep": "until=2027-01-15T17:00:00Z"}
    assert phone.kept_through(None) == {}


@pytest.mark.parametrize("said", [None, "", "yesterday", "2027-01-14T03:00:00"])
def test_what_says_no_moment_was_done_now(said: str | None) -> None:
    assert phone.made_at(said) is None


def test_a_moment_is_of_the_nodes_clock_and_the_same_each_time() -> None:
    assert phone.made_at("2027-01-14T10:00:00+07:00") == NOW
    ahead = timedelta(days=5, milliseconds=3)
    assert phone.made_at("2027-01-14T03:00:00Z", ahead) == NOW + timedelta(days=5)
    assert phone.made_at("2027-01-14T03:00:00Z", -timedelta(milliseconds=7)) == NOW


def asked(moment: datetime | None, *refusals: No | None) -> list[datetime | None]:
    """As of when a command was asked, each time that it was."""
    seen: list[datetime | None] = []
    answers = iter(refusals)

    async def ask(command: ArriveParty) -> Recorded:
        seen.append(command.seen_at)
        if code := next(answers, None):
            raise Refused(refusal(code, "in_doubt"))
        return Recorded(referral_id=HANDOFF, state="arrived", intent="arrive")

    asyncio.run(phone.told_then(ask, ArriveParty(referral=HANDOFF), moment, NOW))
    return seen


def test_a_command_is_asked_as_of_when_it_was_tapped() -> None:
    assert asked(None) == [None]
    assert asked(TAPPED) == [TAPPED]


def test_a_command_that_was_heard_at_once_is_asked_for_as_it_was_heard() -> None:
    assert asked(TAPPED, No.CONFLICT) == [TAPPED, None]


def test_a_moment_that_is_to_come_is_none_until_it_has_passed() -> None:
    to_come = NOW + timedelta(minutes=3)
    assert asked(to_come) == [None]
    assert asked(to_come, No.CONFLICT) == [None, to_come]


@pytest.mark.parametrize(("moment", "code"), [(None, No.CONFLICT), (TAPPED, No.WRONG_STATE)])
def test_other_refusals_are_refusals(moment: datetime | None, code: No) -> None:
    with pytest.raises(Refused):
        asked(moment, code)


def test_a_page_is_the_same_as_long_as_it_says_the_same() -> None:
    text = '<p>14:20</p><main id="main"><input name="id" value="{}"><p>{}</p></main>'
    one = phone.tag(text.format(HANDOFF, "two parties"))
    assert one == phone.tag(text.format(HANDOFF[::-1].replace("1d7e", "aaaa"), "two parties").replace("14:20", "14:21"))
    assert one != phone.tag(text.format(HANDOFF, "three parties"))
