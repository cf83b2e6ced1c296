"""What a month comes to: the same on both sides, each currency and direction by itself, and confirmed as looked at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.border.v1 import StatementConfirmed, VisitCompleted
from contracts.refusals import Refused
from contracts.statements.v1 import StatementTotal
from contracts.values import Item, Money, Party, Window
from services.referral.domain.handoff import acts, transitions
from services.referral.domain.handoff.record import Record
from services.referral.domain.statements import standing
from services.referral.domain.statements.figures import Figures, by_month, days_of, figures, last_day
from services.referral.domain.statements.standing import Confirmed, Standing
from tests.support.booking import HOMESTAY, MARKET, item_of
from tests.support.referral import RECEIVER, SENDER, moment, quote, record

DAY = date(2027, 1, 14)
#: The last day of January 2027, and the first one after it.
STILL, OVER = date(2027, 1, 31), date(2027, 2, 1)
NOW = datetime(2027, 2, 1, 2, tzinfo=UTC)
SUBJECT = f"{RECEIVER}--{SENDER}/2027-01"


def visit(n: int = 1, *items: Item, back: bool = False, price: Money | None = None, **about: Any) -> dict[str, Record]:
    """A visit as it ended in both records; `back` when Bo Taen handed the party over to Tha Li."""
    guest, host = (RECEIVER, SENDER) if back else (SENDER, RECEIVER)
    said = {"items": items or (item_of(HOMESTAY, DAY),), "referral_id": f"0190aaaa-0000-7000-8000-{n:012d}"} | about
    said["quote"] = quote(price.amount, price.currency) if price else quote()
    there = record("receiver", "arrived", **{"fee_percent": "5.00"} | said | of(host, guest))
    delayed = Window(day=DAY + timedelta(days=30), earliest=time(9), latest=time(10))  # said too late to be heard there
    here = record("sender", "arrived", **said | {"fee_percent": "0.00"} | of(guest, host) | {"arrival": delayed})
    ended = acts.complete(there, moment())
    (message,) = ended.border
    assert isinstance(message, VisitCompleted)
    heard = transitions.apply_message(here, message, moment(NOW + timedelta(days=40)))  # a long way over the border
    return {host: ended.record, guest: heard.record}


def of(community: str, partner: str) -> dict[str, str]:
    return {"community": community, "partner": partner}


def kept_by(community: str, visits: Iterable[dict[str, Record]]) -> Figures:
    return figures(each[community] for each in visits)


def total(owed_by: str, currency: str, came: Figures) -> StatementTotal:
    (found,) = [one for one in came.totals if (one.owed_by, one.fee.currency) == (owed_by, currency)]
    return found


def at(figures: Figures, *confirmed: Confirmed) -> Standing:
    """January with Bo Taen, as Tha Li has it."""
    said = {one.whose: one for one in confirmed}
    return Standing(RECEIVER, "2027-01", figures, said.get("ours"), said.get("theirs"))


CURRENCIES = st.sampled_from(("THB", "LAK", "USD"))
VISITS = st.lists(
    st.builds(
        visit,
        st.integers(1, 10_000),
        st.builds(item_of, st.just(HOMESTAY), st.dates(date(2027, 1, 1), date(2027, 1, 9)), nights=st.integers(1, 9)),
        back=st.booleans(),
        price=st.builds(Money.of_minor, st.integers(0, 10**12), CURRENCIES),
        fee_percent=st.integers(0, 3000).map(lambda n: f"{n / 100:.2f}"),
        party=st.builds(Party, adult=st.integers(1, 9), child=st.integers(0, 9)),
    ),
    max_size=8,
    unique_by=lambda each: each[SENDER].referral_id,
)


@given(VISITS, st.randoms())
def test_both_sides_have_the_same_lines_totals_and_digest(visits: list[dict[str, Record]], chance: Any) -> None:
    ours = kept_by(SENDER, visits)
    chance.shuffle(visits)
    theirs = kept_by(RECEIVER, visits)
    assert (ours.lines, ours.totals, ours.digest) == (theirs.lines, theirs.totals, theirs.digest)


@given(VISITS)
def test_nothing_is_set_off_and_no_currency_is_added_to_another(visits: list[dict[str, Record]]) -> None:
    came = kept_by(SENDER, visits)
    for one in came.totals:
        mine = [line for line in came.lines if (line.owed_by, line.fee.currency) == (one.owed_by, one.fee.currency)]
        assert (one.visits, one.fee.minor) == (len(mine), sum(line.fee.minor for line in mine))
        assert (one.price.minor, one.price.currency) == (sum(line.price.minor for line in mine), one.fee.currency)
    assert sum(one.visits for one in came.totals) == len(came.lines) == len(visits)
    assert len({(one.owed_by, one.fee.currency) for one in came.totals}) == len(came.totals)


def test_who_received_owes_the_fee_that_the_terms_of_that_handoff_give() -> None:
    visits = [
        visit(1),
        visit(2, price=Money(amount="200000.00", currency="LAK"), fee_percent="7.50"),
        visit(3, back=True),
    ]
    came = kept_by(SENDER, visits)
    theirs, ours = total(RECEIVER, "LAK", came), total(SENDER, "LAK", came)
    assert (theirs.owed_to, theirs.visits, theirs.price.amount, theirs.fee.amount) == (
        SENDER,
        2,
        "1000000.00",
        "55000.00",
    )
    assert (ours.owed_to, ours.visits, ours.fee.amount) == (RECEIVER, 1, "40000.00")


def test_sums_of_the_largest_amounts_are_told() -> None:
    most = Money(amount="999999999999999.00", currency="LAK")
    came = kept_by(SENDER, [visit(n, price=most, fee_percent="99.00") for n in range(1, 4)])
    assert total(RECEIVER, "LAK", came).price.amount == "2999999999999997.00"


def test_a_fee_in_another_currency_than_its_price_mixes_with_nothing() -> None:
    ours = visit()[SENDER]
    assert ours.amounts
    odd = ours.amounts.model_copy(update={"referral_fee": Money(amount="1.00", currency="THB")})
    came = figures([ours, visit(2)[SENDER].replace(amounts=odd)])
    assert [(one.price.currency, one.fee.currency, one.fee.amount) for one in came.totals] == [
        ("LAK", "LAK", "40000.00"),
        ("LAK", "THB", "1.00"),
    ]


@pytest.mark.parametrize(
    ("items", "last"),
    [
        ((item_of(MARKET, DAY),), date(2027, 1, 14)),
        ((item_of(HOMESTAY, date(2027, 1, 31)),), date(2027, 1, 31)),
        ((item_of(HOMESTAY, date(2027, 1, 31), nights=2),), date(2027, 2, 1)),
        ((item_of(MARKET, date(2027, 2, 2)), item_of(HOMESTAY, date(2027, 1, 31))), date(2027, 2, 2)),
    ],
)
def test_a_visit_belongs_to_the_month_of_its_last_item_or_night(items: tuple[Item, ...], last: date) -> None:
    assert last_day(items) == last
    for kept in visit(1, *items).values():
        assert [month for _, month in by_month([kept])] == [f"{last:%Y-%m}"]


def test_a_month_has_all_its_days() -> None:
    assert days_of("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))
    assert days_of("2027-12") == (date(2027, 12, 1), date(2027, 12, 31))


def test_only_completed_visits_have_lines_and_those_under_way_are_counted() -> None:
    came = figures([visit(1)[SENDER], record("sender", "arrived"), record("sender", "confirmed")])
    assert (len(came.lines), came.under_way) == (1, 2)


CHANGES: dict[str, Any] = {
    "referral_id": "0190aaaa-0000-7000-8000-000000000099",
    "owed_by": "x",
    "owed_to": "x",
    "first_day": date(2027, 1, 13),
    "last_day": date(2027, 1, 15),
    "party": Party(adult=2, infant=1),
    "state": "no_show",
    "price": Money(amount="800000.01", currency="LAK"),
    "fee_percent": "5.01",
    "fee": Money(amount="40000.00", currency="THB"),
}


def test_every_field_of_a_line_counts_in_the_digest() -> None:
    came = kept_by(SENDER, [visit()])
    (line,) = came.lines
    assert CHANGES.keys() == type(line).model_fields.keys(), "a new field changes no digest of before: say what it does"
    others = {Figures((line.model_copy(update={name: value}),)).digest for name, value in CHANGES.items()}
    assert len(others - {came.digest}) == len(CHANGES)


def test_a_digest_stays_what_it_is_in_all_versions() -> None:
    assert kept_by(SENDER, [visit()]).digest == "ce6dd47cfe4d14c896ccba5385c7d18884588bb82492ff82f18c8a88ce735ff3"
    assert Figures().digest == "52ce8988e0d00f4ce28e41c4570ba7e5d39534aea8a5c600b7220522ddce8964"


def test_a_month_is_confirmed_when_it_is_over_and_not_before() -> None:
    came = kept_by(SENDER, [visit()])
    with pytest.raises(Refused) as no:
        standing.confirm(at(came), came.digest, STILL, NOW)
    assert (no.value.refusal.reason, no.value.refusal.params) == ("month_runs_on", {"day": "2027-02-01"})
    done = standing.confirm(at(came), came.digest, OVER, NOW)
    assert (done.whose, done.digest, done.totals, done.at) == ("ours", came.digest, came.totals, NOW)


def test_only_what_was_looked_at_is_confirmed() -> None:
    looked, now = kept_by(SENDER, [visit()]), kept_by(SENDER, [visit(), visit(2)])
    with pytest.raises(Refused) as no:
        standing.confirm(at(now), looked.digest, OVER, NOW)
    assert no.value.refusal.reason == "figures_have_changed"


def test_a_month_without_visits_is_not_confirmed() -> None:
    with pytest.raises(Refused) as no:
        standing.confirm(at(Figures()), Figures().digest, OVER, NOW)
    assert no.value.refusal.reason == "no_visits_in_month"


def test_the_same_again_stays_as_it_was_and_other_figures_take_its_place() -> None:
    came = kept_by(SENDER, [visit()])
    first = standing.confirm(at(came), came.digest, OVER, NOW)
    later = NOW + timedelta(days=3)
    assert standing.confirm(at(came, first), came.digest, OVER, later) is first
    more = kept_by(SENDER, [visit(), visit(2)])
    assert standing.confirm(at(more, first), more.digest, OVER, later).at == later


def test_a_confirmation_is_of_other_figures_once_a_visit_is_completed_late() -> None:
    came = kept_by(SENDER, [visit()])
    first = standing.confirm(at(came), came.digest, OVER, NOW)
    told = standing.summary(at(came, first), OVER)
    assert told.ours
    assert told.ours.same
    more = standing.summary(at(kept_by(SENDER, [visit(), visit(2)]), first), OVER)
    assert more.ours
    assert not more.ours.same
    assert more.ours.totals == came.totals


def test_a_long_month_is_told_piece_by_piece_with_the_same_totals() -> None:
    many = kept_by(SENDER, [visit(n) for n in range(1, 303)])
    pieces = [standing.view(at(many), OVER, skip) for skip in (0, 200, 400)]
    assert [len(piece.lines) for piece in pieces] == [200, 102, 0]
    assert {(piece.count, piece.digest, piece.totals[0].visits) for piece in pieces} == {(302, many.digest, 302)}


def said(figures: Figures, month: str = "2027-01") -> StatementConfirmed:
    return StatementConfirmed(at=NOW, month=month, digest=figures.digest, totals=figures.totals)


def test_what_the_partner_confirms_is_the_same_or_differs() -> None:
    ours, theirs = kept_by(SENDER, [visit()]), kept_by(RECEIVER, [visit(), visit(2)])
    about = {"ours": SENDER, "partner": RECEIVER, "subject": SUBJECT}
    same, other = (standing.heard(said(one), **about) for one in (ours, theirs))
    agreed, differing = (standing.summary(at(ours, one), OVER).theirs for one in (same, other))
    assert agreed
    assert agreed.same
    assert differing
    assert not differing.same
    assert differing.totals == theirs.totals != ours.totals


@pytest.mark.parametrize(
    ("subject", "totals", "why"),
    [
        (f"{RECEIVER}--{SENDER}/2027-02", None, "the month"),
        (f"{RECEIVER}--nong-bua/2027-01", None, "the partnership"),
        (SUBJECT, "nong-bua", "nobody else"),
    ],
)
def test_what_is_not_about_us_two_and_that_month_is_parked(subject: str, totals: str | None, why: str) -> None:
    came = kept_by(RECEIVER, [visit()])
    message = said(came)
    if totals:
        message = message.model_copy(update={"totals": (came.totals[0].model_copy(update={"owed_to": totals}),)})
    with pytest.raises(ValueError, match=why):
        standing.heard(message, ours=SENDER, partner=RECEIVER, subject=subject)
