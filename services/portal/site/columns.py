"""The columns of each table of an export, and the rows that one answer becomes; answers are as they are on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Rows = Callable[[Row], Iterable[Row]]
HEADS = ("adult", "child", "infant")


def _itself(one: Row) -> Iterable[Row]:
    return (one,)


def _experience(one: Row) -> Iterable[Row]:
    names = {f"name_{language}": one["names"].get(language) for language in ("th", "lo", "en")}
    prices = {f"price_{each['unit']}": each["price"]["amount"] for each in one["prices"]}
    return ({**one, **names, **prices, "currency": one["prices"][0]["price"]["currency"]},)


def _partnership(one: Row) -> Iterable[Row]:
    return ({**one["terms"], **one},)


def _handoff(one: Row) -> Iterable[Row]:
    quote, amounts = one.get("quote"), one.get("amounts")
    price = amounts["total"] if amounts else quote["total"] if quote else None
    sums = {"total": price["amount"], "currency": price["currency"]} if price else {}
    if amounts:
        sums["fee"] = amounts["referral_fee"]["amount"]
    items = "; ".join(f"{item['experience_id']} {item['day']} x{item['nights']}" for item in one["items"])
    return ({**one, **one["party"], **sums, "arrival_day": one["arrival"]["day"], "items": items},)


def _story(one: Row) -> Iterable[Row]:
    return ({**line, "referral_id": one["referral_id"]} for line in one["story"])


def _booking(one: Row) -> Iterable[Row]:
    return ({**one, **one["party"], **item} for item in one["items"])


def statement_lines(one: Row) -> Iterable[Row]:
    """The visits of one statement, or of a piece of it."""
    return ({**line, **line["party"], "month": one["month"], "price": line["price"]["amount"],
             "fee": line["fee"]["amount"], "currency": line["price"]["currency"]} for line in one["lines"])  # fmt: skip


STATEMENT = (
    "month", "owed_by", "owed_to", "first_day", "last_day", *HEADS, "state", "price", "fee_percent", "fee", "currency",
    "referral_id",
)  # fmt: skip
#: Name of a table → its columns, and what makes its rows of an answer.
TABLES: Mapping[str, tuple[Sequence[str], Rows]] = {
    "experiences": (
        ("id", "name_th", "name_lo", "name_en", "kind", "programme", "duration_minutes", "starts", "weekdays",
         "months", "min_party", "seats", "cutoff_hours", "price_adult", "price_child", "price_item", "currency"),
        _experience,
    ),
    "partnerships": (
        ("partner", "state", "since", "valid_from", "valid_to", "referral_fee_percent", "response_hours",
         "max_open_handoffs", "pool_share_percent", "auto_accept", "crossings", "our_fingerprint",
         "their_fingerprint"),
        _partnership,
    ),
    "members": (("name", "role", "since", "account"), _itself),
    "handoffs": (
        ("referral_id", "side", "partner", "state", "arrival_day", "last_day", *HEADS, "items", "language", "needs",
         "crossing", "total", "fee", "currency", "reason", "note", "consent_refused", "erased_at"),
        _handoff,
    ),
    "stories": (("referral_id", "at", "act", "by", "state", "round", "crossed", "account"), _story),
    "bookings": (
        ("hold_id", "referral_id", "partner", "state", "experience_id", "day", "start", "nights", *HEADS, "placed_at"),
        _booking,
    ),
    "exceptions": (
        ("day", "until", "experience_id", "start", "kind", "pool", "capacity", "reason", "at", "account", "lifted",
         "conflicts"),
        _itself,
    ),
    "statements": (STATEMENT, statement_lines),
    "audit": (("n", "at", "who", "what", "about", "result", "trace", "previous", "digest"), _itself),
}  # fmt: skip
