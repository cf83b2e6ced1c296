"""Tables as a spreadsheet writes them: read whole, or refused by row and column."""

from pathlib import Path

import pytest

from contracts.community.v1 import CancellationRule, Offering, Office
from services.cli.input import spreadsheet
from services.client.problems import Problem
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


PRICES = "experience,unit,amount\nbo-taen.homestay,adult,{}\n"


@pytest.mark.parametrize("amount", ["250.000", "1.250,00", "-0", "-5", "1e5", "250.005", "٢٥٠"])
def test_an_amount_that_may_be_two_is_refused(tmp_path: Path, amount: str) -> None:
    with pytest.raises(Problem, match="row 2, column amount: must be an amount in LAK"):
        read(tmp_path, PRICES.format(f'"{amount}"'))


@pytest.mark.parametrize("amount", ["250000", '"250,000"', '"250,000.00"', "250 000", "250\u00a0000", "250\u202f000"])
def test_an_amount_is_read_as_spreadsheets_write_it(tmp_path: Path, amount: str) -> None:
    (made,) = read(tmp_path, PRICES.format(amount))
    (stay,) = (one for one in made.experiences if one.id == "bo-taen.homestay")
    assert {one.unit: one.price.amount for one in stay.prices} == {"adult": "250000.00", "child": "150000.00"}


def test_one_price_in_a_row_of_an_experience_leaves_the_others(tmp_path: Path) -> None:
    (made,) = read(tmp_path, "id,starts,price_adult\nbo-taen.homestay,15:00,300000\n")
    (stay,) = (one for one in made.experiences if one.id == "bo-taen.homestay")
    assert {one.unit: one.price.amount for one in stay.prices} == {"adult": "300000.00", "child": "150000.00"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PRICES.format("250,000"), "row 2: a cell stands under no column"),
        ("experience,unit,unit,amount\n", "row 1: the column unit is given twice"),
        (PRICES.format("1") + "bo-taen.homestay,adult,2\n", "row 3, column experience: is given twice"),
        ("id,starts\nbo-taen.raft,08:00\nbo-taen.raft,09:00\n", "row 3, column id: is given twice"),
        ('id,lat,arrive_from\nbo-taen,17.7,";"\n', "column arrive_from: must be a time such as 09:30"),
        (PRICES.format('"' + "9" * 140_000), "is no table"),
    ],
    ids=range(6),
)
def test_what_nobody_could_have_meant_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(Problem) as problem:
        read(tmp_path, text)
    assert sentence in str(problem.value)


def test_a_table_says_when_a_community_answers(tmp_path: Path) -> None:
    (made,) = read(tmp_path, "id,lat,answers_from,answers_until\nbo-taen,17.7,6:30,21:00\n")
    limits = made.community.limits
    assert (f"{limits.answers_from:%H:%M}", f"{limits.answers_until:%H:%M}") == ("06:30", "21:00")


def test_a_table_says_what_agencies_read_and_leaves_it_where_its_cells_are_empty(tmp_path: Path) -> None:
    text = (
        "id,starts,description_lo,reference,instant_confirmation,cancellation\n"
        'bo-taen.morning-market,,ຕະຫຼາດເຊົ້າ,BT-01,no,"72=100 24=50%"\n'
    )
    (told,) = read(tmp_path, text)
    changed = next(one for one in told.experiences if one.id == "bo-taen.morning-market")
    assert changed.descriptions is not None
    assert changed.cancellation is not None
    assert (changed.descriptions.lo, changed.descriptions.th) == ("ຕະຫຼາດເຊົ້າ", None)
    assert (changed.reference, changed.instant_confirmation) == ("BT-01", False)
    assert [(step.hours, step.refund_percent) for step in changed.cancellation.steps] == [(72, 100), (24, 50)]
    later = "id,starts,seats,cancellation\nbo-taen.morning-market,,9,none\n"
    (again,) = read(tmp_path, later, known=lambda _: told)
    kept = next(one for one in again.experiences if one.id == changed.id)
    assert kept == changed.model_copy(update={"seats": 9, "cancellation": CancellationRule()})


def test_a_table_says_how_the_office_is_reached(tmp_path: Path) -> None:
    (made,) = read(tmp_path, "id,lat,website,telephone\nbo-taen,,https://bo-taen.example.org,+8562055500000\n")
    assert made.community.office == Office(website="https://bo-taen.example.org", telephone="+8562055500000")


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("cancellation", "24=50 72=100", "steps go from the most hours to the fewest"),
        ("cancellation", "soon", "must be a whole number"),
        ("instant_confirmation", "perhaps", "true or false"),
        ("reference", "no spaces", "reference"),
    ],
)
def test_a_mistake_in_what_agencies_read_is_told_by_its_column(
    tmp_path: Path, column: str, cell: str, sentence: str
) -> None:
    with pytest.raises(Problem) as problem:
        read(tmp_path, f"id,starts,{column}\nbo-taen.morning-market,,{cell}\n")
    assert f"row 2, column {column}: " in str(problem.value)
    assert sentence in str(problem.value)


def test_a_reference_leads_to_one_experience(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="column reference: "):
        read(tmp_path, "id,starts,reference\nbo-taen.morning-market,,A1\nbo-taen.homestay,,A1\n")
