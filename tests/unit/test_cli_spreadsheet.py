"""Tables as a spreadsheet writes them: read whole, or refused by row and column."""

from pathlib import Path

import pytest

from contracts.community.v1 import Offering
from deploy.cli import spreadsheet
from deploy.local.problems import Problem
from tests.support.booking import offering

TABLES = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "tables"
EXAMPLES = [TABLES / name for name in ("prices.csv", "experiences.csv", "communities.csv")]


def nobody(_: str) -> None:
    return None


def bo_taen(community: str) -> Offering | None:
    return offering() if community == "bo-taen" else None


def read(tmp_path: Path, text: str, *, known: spreadsheet.Known = bo_taen) -> list[Offering]:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return [one.offering for one in spreadsheet.offerings([path], known)]


def test_the_examples_make_a_community_with_its_experiences_and_prices_in_whatever_order_they_are_given() -> None:
    (made,) = spreadsheet.offerings(EXAMPLES, nobody)
    weaving, stay = made.offering.experiences
    assert made.offering.community.names.th == "บ้านนา"
    assert [f"{start:%H:%M}" for start in weaving.starts] == ["09:30", "14:00"]
    assert weaving.weekdays == (1, 2, 3, 4, 5)
    assert {one.unit: one.price.amount for one in weaving.prices} == {"adult": "280.00", "child": "150.00"}
    assert stay.prices[0].price.amount == "1200.00"


def test_a_price_changes_and_everything_else_stays(tmp_path: Path) -> None:
    (made,) = read(tmp_path, 'experience,unit,amount\nbo-taen.morning-market,adult,"75,000"\n')
    before = offering()
    assert made.community == before.community
    changed = {one.id: one for one in made.experiences}
    assert {one.unit: one.price.amount for one in changed["bo-taen.morning-market"].prices}["adult"] == "75000.00"
    assert changed["bo-taen.homestay"] in before.experiences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "experience,unit,amount\nbo-taen.nothing,adult,1\nbo-taen.homestay,dog,1\nbo-taen.homestay,adult,cheap\n",
            ("row 2, column experience: is no experience", "row 3, column unit: must be one of adult, child, item",
             "row 4, column amount: must be an amount in LAK"),
        ),
        (
            "id,starts,seats,min_party\nbo-taen.raft,9:99,many,0\n",
            ("column starts: must be a time such as 09:30", "column seats: must be a whole number",
             "column min_party: must be 1 or more"),
        ),
        (
            "id,starts\nbo-taen.new,9:00\n",
            ("column kind: is missing", "column seats: is missing", "column price_adult: is missing"),
        ),
        ("id,lat,weekdays\nbo-taen,17.7,0-8\n", ("row 2, column weekdays: must be 1 or more",)),
        ("id,lat,colour\nbo-taen,17.7,red\n", ("row 1: there is no column colour",)),
        ("name,price\nx,1\n", ("row 1: one of the columns must be lat",)),
        ("", ("is empty",)),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_row_and_column(tmp_path: Path, text: str, sentences: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as problem:
        read(tmp_path, text)
    for sentence in sentences:
        assert sentence in str(problem.value)


def test_what_the_whole_offering_forbids_is_told_by_its_row(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"row 2, column seats: the community has 15 guest places"):
        read(tmp_path, "id,starts,seats\nbo-taen.homestay,15:00,16\n")


def test_a_table_in_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes("id,lat,name_th\nban-na,1,บ้าน\n".encode("cp874"))
    with pytest.raises(Problem, match="CSV UTF-8"):
        spreadsheet.offerings([path], nobody)


def test_a_file_that_says_its_separator_and_empty_rows_is_read(tmp_path: Path) -> None:
    (made,) = read(tmp_path, "sep=;\nexperience;unit;amount\n;;\nbo-taen.morning-market;adult;75000\n;;\n")
    assert made.community.id == "bo-taen"
