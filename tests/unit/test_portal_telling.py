"""When somebody is told, reminded, tried again and given up; whom a node sends to; and what is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.chassis.runtime.settings import Settings
from services.client import reaching, webhooks
from services.client.formatting import HERE
from services.client.phrases.catalogue import Phrases
from services.portal.adapters import calling, mailing, pushing
from services.portal.domain import telling
from services.portal.domain.telling import Attempt, Channel, Claimed, Listener, Notice, QuietHours
from services.portal.site import notices
from services.portal.site.directory import Known

NIGHT = QuietHours(zone=HERE)
NEVER = QuietHours(starts=time(), ends=time(), zone=HERE)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
quiets = st.builds(QuietHours, starts=clocks, ends=clocks, zone=st.just(HERE))
moments = st.datetimes(datetime(2027, 1, 1), datetime(2027, 2, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - the zone is put on after it
spans = st.timedeltas(MINUTE, 3 * DAY)


def local(hour: int, minute: int = 0, day: int = 4) -> datetime:
    return datetime(2027, 1, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("now", "until", "told"),
    [
        (local(12), local(20), local(12)),
        (local(22), local(12, day=5), local(6, day=5)),  # at the end of the quiet hours
        (local(5, 59), local(12), local(6)),
        (local(6), local(12), local(6)),  # they are over
        (local(22), local(6, 30, day=5), local(22)),  # half an hour would be too little
        (local(22), local(3, day=5), local(22)),  # the deadline falls into them
        (local(21), local(7, day=5), local(6, day=5)),  # an hour is enough
    ],
)
def test_somebody_is_told_at_once_or_at_the_end_of_the_quiet_hours(
    now: datetime, until: datetime, told: datetime
) -> None:
    assert telling.when_to_tell(now, until, NIGHT) == told


@given(moments, spans, quiets)
def test_whoever_is_told_later_has_time_to_answer_and_is_told_outside_of_the_quiet_hours(
    now: datetime, span: timedelta, quiet: QuietHours
) -> None:
    told = telling.when_to_tell(now, now + span, quiet)
    assert now <= told < now + span
    if told > now:
        assert quiet.hold(now)
        assert not quiet.hold(told)
        assert told + telling.LEAST_TO_ANSWER <= now + span
    assert telling.when_to_tell(told, now + span, quiet) == told


@given(moments, spans)
def test_control_without_quiet_hours_nobody_waits(now: datetime, span: timedelta) -> None:
    assert telling.when_to_tell(now, now + span, NEVER) == now


@pytest.mark.parametrize(
    ("told", "until", "reminded"),
    [
        (local(8), local(16), local(14)),  # a quarter of eight hours is left
        (local(8), local(10), local(9)),  # an hour at least
        (local(8), local(9, 20), None),  # hardly after the first
        (local(12), local(12, day=5), local(6, day=5)),  # a quarter is left then, and the quiet hours are over
        (local(12), local(6, 30, day=5), local(20, 59)),  # before they begin, for at their end it would be too late
        (local(20, 50), local(6, 30, day=5), None),  # not in the night
        (local(22), local(3, day=5), local(1, 45, day=5)),  # in the night, for the deadline falls into it
    ],
)
def test_a_reminder_comes_when_a_quarter_of_the_time_is_left_and_not_in_the_night(
    told: datetime, until: datetime, reminded: datetime | None
) -> None:
    assert telling.when_to_remind(told, until, NIGHT) == reminded


@given(moments, spans, quiets)
def test_a_reminder_is_after_the_telling_before_the_deadline_and_wakes_nobody_without_need(
    told: datetime, span: timedelta, quiet: QuietHours
) -> None:
    until = told + span
    reminded = telling.when_to_remind(told, until, quiet)
    assume(reminded is not None)
    assert reminded is not None
    assert told + telling.LEAST_APART <= reminded <= until - telling.LEAST_BEFORE
    assert quiet.hold(until) or not quiet.hold(reminded)


@given(moments, st.timedeltas(timedelta(seconds=1), 3 * DAY), quiets, st.timedeltas(timedelta(), 6 * HOUR))
def test_what_fails_is_tried_again_ever_more_rarely_and_given_up_at_the_deadline(
    now: datetime, span: timedelta, quiet: QuietHours, pause: timedelta
) -> None:
    at, until, gaps = now, now + span, []
    for tries in range(1, 200):
        then = telling.after(Attempt(result="later", after=pause), tries, at, until, quiet)
        assert then.due_at >= at + max(telling.RETRIES[min(tries, len(telling.RETRIES)) - 1], pause)
        if then.standing == "expired":
            assert then.due_at >= until
            break
        gaps.append(then.due_at - at)
        at = then.due_at
        assert at < until
    else:
        raise AssertionError("it never ends")


@pytest.mark.parametrize("result", ["sent", "refused", "gone"])
def test_what_is_final_is_not_tried_again(result: telling.Result) -> None:
    then = telling.after(Attempt(result=result), 1, local(8), local(12), NIGHT)
    assert then.standing == result


PUBLIC = [
    *("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "2001:4860:4860::8888"),
    *("::ffff:93.184.216.34", "64:ff9b::93.184.216.34"),
]
PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "255.255.255.255", "ff02::1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1"),
    # Site-local, and other ways to write IPv4, also of an address that by itself may be reached.
    *("fec0::1", "feff::1", "64:ff9b:1::10.0.0.1", "::10.0.0.1", "::ffff:0:10.0.0.1", "::ffff:0:93.184.216.34"),
    *("::93.184.216.34", "64:ff9b:1::93.184.216.34", "2002:5db8:d822::1", "2001::1", "2001:0:5db8:d822::f5ff:fffe"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_is_sent_to_what_only_the_node_can_reach(address: str) -> None:
    assert not reaching.may_be_reached(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_control_the_public_internet_may_be_reached(address: str) -> None:
    assert reaching.may_be_reached(address)


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x.org/", "https://", "https://a b/", "https://me:" + "secret@x.org/", "https://x.org/#a", "//x.org"),
        *("https://x.org:99999/", "https://x.org\\@y.org/", "https://x.org\r\n/", "https://ไทย.org/", "javascript:1"),
        "https://" + "a" * 2000,
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    assert reaching.place(url) is None


def test_only_https_unless_the_operator_has_named_the_receiver() -> None:
    plain, safe = reaching.place("http://127.0.0.1:9000/x"), reaching.place("https://Example.org/x?a=b")
    assert plain
    assert safe
    assert (safe.host, safe.named) == ("example.org", "example.org:443")
    assert reaching.may_be_asked(safe, ())
    assert not reaching.may_be_asked(plain, ())
    assert not reaching.may_be_asked(plain, ("127.0.0.1:9001",))
    assert reaching.may_be_asked(plain, ("127.0.0.1:9000",))


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "a@b.c\nBcc: d@e.f", "a b@c.de", "<a@b.cd>", "a@b.cd,e@f.gh", "ก@b.cd"]
)
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    assert reaching.email(text) is None
    assert reaching.email("somchai+handoff@example.co.th") == "somchai+handoff@example.co.th"


NOTICE = Notice(
    id="0190aaaa-0000-7000-8000-000000000001", what="asked", title="ท่าลี่ asks", text="Answer by 21:00",
    path="/handoffs/1", site="https://portal.example", language="th", seconds=3600,
)  # fmt: skip


def test_every_try_carries_the_same_mark_so_that_who_gets_it_twice_can_tell() -> None:
    first, again = (webhooks.signed(b"k", NOTICE.id, at, b"{}") for at in (1, 2))
    assert first["webhook-id"] == again["webhook-id"] == NOTICE.id
    assert first["webhook-signature"] != again["webhook-signature"]
    mails = [mailing.written("node@example.org", "a@example.org", NOTICE) for _ in range(2)]
    assert len({mail["Message-ID"] for mail in mails}) == 1
    assert len(pushing.topic(NOTICE.id)) == 32
    assert pushing.payload(NOTICE)["tag"] == pushing.topic(NOTICE.id)


def test_a_signature_is_as_standard_webhooks_has_it() -> None:
    """The example of its specification."""
    import base64

    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = webhooks.signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_mail_says_the_same_in_any_letters() -> None:
    raw = bytes(mailing.written("node@example.org", "a@example.org", NOTICE))
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == NOTICE.title
    assert NOTICE.url in read.get_content()
    assert read["Auto-Submitted"] == "auto-generated"
    assert raw.isascii()


def test_a_gateway_gets_a_whole_text_and_where_to_answer() -> None:
    body = json.loads(json.dumps(calling.payload(NOTICE, 0)))
    assert body["data"]["message"] == "ท่าลี่ asks\nAnswer by 21:00\nhttps://portal.example/handoffs/1"


def test_the_time_to_answer_by_has_its_day_when_it_is_not_today() -> None:
    english = Phrases.of("en")
    assert notices.by(english, local(21), local(9)) == "21:00"
    assert notices.by(english, local(21, day=14), local(9)) == "Thu 14 Jan 21:00"


DATABASE = {"HANDOFF_DATABASE_URL": "postgresql://x"}


def test_a_mail_server_is_read_with_its_login_and_never_printed() -> None:
    given = {"HANDOFF_SMTP_URL": "smtp://kh%40mla:" + "se%3Acret@mail.example", "HANDOFF_SMTP_FROM": "node@example.org"}
    mail = Settings.read(DATABASE | given).mail
    assert mail
    assert (mail.host, mail.port, mail.user, mail.password, mail.encrypted) == (
        *("mail.example", 587, "kh@mla", "se:cret"),
        False,
    )
    assert "cret" not in repr(mail)
    smtps = Settings.read(DATABASE | given | {"HANDOFF_SMTP_URL": "smtps://mail.example"}).mail
    assert smtps
    assert (smtps.port, smtps.encrypted) == (465, True)
    assert Settings.read(DATABASE).mail is None


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HANDOFF_SMTP_URL", "mail.example"),
        ("HANDOFF_SMTP_URL", "smtp://mail.example:port"),
        ("HANDOFF_SMTP_FROM", "nobody"),
        ("HANDOFF_WEBHOOK_PRIVATE", "yes"),
        ("HANDOFF_WEBHOOK_PRIVATE", "http://127.0.0.1:9000"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_its_name(variable: str, text: str) -> None:
    good = {"HANDOFF_SMTP_URL": "smtp://mail.example", "HANDOFF_SMTP_FROM": "node@example.org"}
    with pytest.raises(ValueError, match=variable):
        Settings.read(DATABASE | good | {variable: text})


def test_gateways_beside_the_node_are_read_by_commas() -> None:
    given = {"HANDOFF_WEBHOOK_PRIVATE": "127.0.0.1:9000, gateway:80"}
    assert Settings.read(DATABASE | given).private_receivers == {"127.0.0.1:9000", "gateway:80"}


def test_a_notice_of_a_question_names_the_community_and_nothing_of_who_asks() -> None:
    now = local(12)
    listener = Listener(channel="c", account="a", kind="webhook", community="bo-taen", quiet=NIGHT)
    line = telling.question(
        "0190aaaa-0000-7000-8000-000000000002", listener, now, "0190aaaa-0000-7000-8000-000000000003"
    )
    channel = Channel(id="c", account="a", kind="webhook", address="https://x.example", receiver="x", label="x")
    claimed = Claimed(telling=line, channel=channel, language="en", quiet=NIGHT, tries=1)
    notice = notices.of_telling(claimed, Phrases.of("en"), Known("bo-taen"), now, "https://portal.example")
    assert (notice.title, notice.text) == ("A question on your public page", "Somebody asks bo-taen")
    assert notice.url == "https://portal.example/enquiries"
    assert calling.payload(notice, 0)["type"] == "enquiry.asked"
    assert notice.seconds == DAY.total_seconds()


def test_a_question_waits_for_the_end_of_the_quiet_hours() -> None:
    listener = Listener(channel="c", account="a", kind="push", community="bo-taen", quiet=NIGHT)
    assert telling.question("e", listener, local(22), "t").due_at == local(6, day=5)
