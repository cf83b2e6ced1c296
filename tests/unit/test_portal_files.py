"""What is taken home: tables without formulas, and a ZIP file that is made piece by piece."""

import asyncio
import csv
import io
import json
import secrets
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from services.portal.site import archive, belongings, columns, tables
from services.portal.site.archive import Part

NOW = datetime(2027, 1, 4, 7, tzinfo=UTC)
MEMBERS = [{"name": '=HYPERLINK("http://x")', "role": "helper", "since": "2027-01-01T00:00:00Z", "account": "a"}] * 3


async def pages(*answers: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    for page in answers:
        yield page


def made(*parts: Part) -> tuple[list[bytes], zipfile.ZipFile]:
    """The pieces, and the file that they are."""

    async def take() -> list[bytes]:
        return [piece async for piece in archive.packed(parts, NOW)]

    pieces = asyncio.run(take())
    return pieces, zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


@pytest.mark.parametrize(
    "text", ["=1+1", "+856 20", "-2+3", "@SUM(A1)", "\t=1", "  =1", "\u200b=1", "\r=1", "＝1", "\ufeff@x"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert tables.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("-5.00", "-5.00"),
        (7, "7"),
        (None, ""),
        (True, "yes"),
        (["a", "b"], "a b"),
        ("ตลาดเช้า", "ตลาดเช้า"),
        ("a=b", "a=b"),
    ],
)
def test_what_is_no_formula_stays_as_it_is(value: Any, text: str) -> None:
    assert tables.cell(value) == text


def test_a_table_is_read_back_as_it_was_written() -> None:
    written = tables.csv_text(("name", "note"), [{"name": 'a "b", c', "note": "two\nlines"}, {"name": "d"}])
    assert list(csv.reader(io.StringIO(written))) == [["name", "note"], ['a "b", c', "two\nlines"], ["d", ""]]


def test_an_archive_has_each_part_whole_and_as_a_table() -> None:
    _, file = made(Part("profile", pages([{"id": "bo-taen"}])), Part("members", pages(MEMBERS, MEMBERS), ("members",)))
    assert file.testzip() is None
    assert file.namelist() == ["profile.json", "members.json", "members.csv"]
    assert json.loads(file.read("members.json")) == MEMBERS * 2
    rows = list(csv.DictReader(io.StringIO(file.read("members.csv").decode("utf-8-sig"))))
    assert len(rows) == 6
    assert rows[0]["name"].startswith("'=HYPERLINK")
    assert {info.date_time for info in file.infolist()} == {(2027, 1, 4, 14, 0, 0)}


def test_a_part_without_answers_is_an_empty_list() -> None:
    _, file = made(Part("audit", pages(), ("audit",)))
    assert json.loads(file.read("audit.json")) == []
    assert file.read("audit.csv").decode("utf-8-sig").startswith("n,at,who")


def test_what_was_made_leaves_before_the_next_answer_comes() -> None:
    order: list[str] = []

    async def told() -> AsyncIterator[Sequence[Any]]:
        for n in range(3):
            order.append(f"answer {n}")
            yield [{"n": secrets.token_hex(100_000)}]  # which cannot be made smaller than a piece

    async def take() -> None:
        async for piece in archive.packed([Part("handoffs", told())], NOW):
            order.append("piece" if piece else "nothing")  # noqa: PERF401 - in between, answers come

    asyncio.run(take())
    assert order[:6] == ["answer 0", "piece", "answer 1", "piece", "answer 2", "piece"]


def test_an_answer_that_does_not_come_leaves_no_file_that_opens() -> None:
    async def fails() -> AsyncIterator[Sequence[Any]]:
        yield MEMBERS
        raise TimeoutError

    got: list[bytes] = []

    async def take() -> None:
        async for piece in archive.packed([Part("members", fails(), ("members",))], NOW):
            got.append(piece)  # noqa: PERF401 - what has come stays when the next does not

    with pytest.raises(TimeoutError):
        asyncio.run(take())
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(got)))


def kip(amount: str) -> dict[str, str]:
    """An amount as it is on the wire."""
    return {"amount": amount, "currency": "LAK"}


def test_a_handoff_is_a_row_with_its_party_its_sum_and_its_fee() -> None:
    amounts = {"total": kip("700000.00"), "referral_fee": kip("35000.00")}
    one = {
        "referral_id": "r",
        "party": {"adult": 2, "child": 1, "infant": 0},
        "arrival": {"day": "2027-01-14"},
        "items": [{"experience_id": "bo-taen.homestay", "day": "2027-01-14", "nights": 2}],
        "quote": {"total": kip("800000.00")},
        "amounts": amounts,
        "story": [{"act": "offer"}, {"act": "accept"}],
    }
    [row] = columns.TABLES["handoffs"][1](one)
    assert (row["adult"], row["total"], row["fee"]) == (2, "700000.00", "35000.00")
    assert row["items"] == "bo-taen.homestay 2027-01-14 x2"
    [row] = columns.TABLES["handoffs"][1](one | {"amounts": None})
    assert row["total"] == "800000.00"
    assert "fee" not in row
    assert [line["referral_id"] for line in columns.TABLES["stories"][1](one)] == ["r", "r"]


def test_no_table_has_what_opens_a_door() -> None:
    named = {column for names, _ in columns.TABLES.values() for column in names}
    assert not named & belongings.OF_THE_PARTY
