"""Tables from a spreadsheet (CSV): communities, experiences, prices. Read whole or refused by row and column.

What a table does not name stays as the node has it; which of the three it is, its header says.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.community.faults import offering_faults
from contracts.community.v1 import CommunityProfile, Experience, Offering, PublishOffering, UnitPrice
from contracts.values import EXPONENTS, Value
from services.cli.input.reading import faulty, said, unread
from services.client.phrases.spoken import _
from services.client.problems import Problem

V = TypeVar("V", bound=Value)
#: Fetches what the node knows of a community, or None.
Known = Callable[[str], Offering | None]


def _whole(text: str) -> Any:
    """`40` and a spreadsheet's `40.0` are 40; anything else is left for the contract to name."""
    return int(text.partition(".")[0]) if re.fullmatch(r"-?\d{1,9}(\.0+)?", text) else text


def _number(text: str) -> Any:
    return float(text) if re.fullmatch(r"-?\d{1,4}(\.\d{1,12})?", text) else text


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text) if word]


def _numbers(text: str) -> list[Any]:
    """`1 2 5`, and `1-5` for all of them."""
    found: list[Any] = []
    for word in _words(text):
        ends = re.fullmatch(r"(\d{1,2})-(\d{1,2})", word)
        found += range(int(ends[1]), int(ends[2]) + 1) if ends else [_whole(word)]
    return found


def _times(text: str) -> list[str]:
    return [f"{word:0>5}"[:5] if re.fullmatch(r"\d{1,2}:\d{2}(:00)?", word) else word for word in _words(text)]


def _time(text: str) -> Any:
    return next(iter(_times(text)), text)


def _whether(text: str) -> Any:
    return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)


def _steps(text: str) -> Any:
    """`48=100 24=50`: up to 48 hours before all is given back, up to 24 half of it; `none` gives nothing back."""
    words = [] if text.lower() == "none" else [word.partition("=") for word in _words(text)]
    return [{"hours": _whole(hours), "refund_percent": _whole(percent.rstrip("%"))} for hours, _is, percent in words]


Cell = Callable[[str], Any]
TEXT: Cell = str
PROFILE: Mapping[str, tuple[str, Cell]] = {
    "id": ("id", TEXT), "name_th": ("names.th", TEXT), "name_lo": ("names.lo", TEXT), "name_en": ("names.en", TEXT),
    "country": ("place.country", TEXT), "subdivision": ("place.subdivision", TEXT), "lat": ("place.lat", _number),
    "lon": ("place.lon", _number), "accuracy_m": ("place.accuracy_m", _whole), "zone": ("zone", TEXT),
    "currency": ("currency", TEXT), "languages": ("languages", _words),
    "visitors_per_day": ("limits.visitors_per_day", _whole), "guests_per_night": ("limits.guests_per_night", _whole),
    "min_party": ("limits.min_party", _whole), "max_party": ("limits.max_party", _whole),
    "cutoff_hours": ("limits.cutoff_hours", _whole), "weekdays": ("limits.weekdays", _numbers),
    "arrive_from": ("limits.arrive_from", _time), "arrive_until": ("limits.arrive_until", _time),
    "answers_from": ("limits.answers_from", _time), "answers_until": ("limits.answers_until", _time),
    "website": ("office.website", TEXT), "address": ("office.address", TEXT), "email": ("office.email", TEXT),
    "telephone": ("office.telephone", TEXT),
}  # fmt: skip
EXPERIENCE: Mapping[str, tuple[str, Cell]] = {
    "id": ("id", TEXT), "name_th": ("names.th", TEXT), "name_lo": ("names.lo", TEXT), "name_en": ("names.en", TEXT),
    "kind": ("kind", TEXT), "programme": ("programme", TEXT), "duration_minutes": ("duration_minutes", _whole),
    "starts": ("starts", _times), "weekdays": ("weekdays", _numbers), "months": ("months", _numbers),
    "min_party": ("min_party", _whole), "seats": ("seats", _whole), "cutoff_hours": ("cutoff_hours", _whole),
    "price_adult": ("price_adult", TEXT), "price_child": ("price_child", TEXT), "price_item": ("price_item", TEXT),
    "description_th": ("descriptions.th", TEXT), "description_lo": ("descriptions.lo", TEXT),
    "description_en": ("descriptions.en", TEXT), "reference": ("reference", TEXT),
    "instant_confirmation": ("instant_confirmation", _whether), "cancellation": ("cancellation.steps", _steps),
}  # fmt: skip
PRICE: Mapping[str, tuple[str, Cell]] = {
    "experience": ("experience", TEXT),
    "unit": ("unit", TEXT),
    "amount": ("amount", TEXT),
}
#: A column that only this table has, and without which it is none → the columns it may have.
TABLES: Mapping[str, Mapping[str, tuple[str, Cell]]] = {"lat": PROFILE, "starts": EXPERIENCE, "amount": PRICE}
UNITS = ("adult", "child", "item")


@dataclass(frozen=True)
class Row:
    """One line of a table: where it stands, and its filled cells by column."""

    file: str
    number: int
    cells: Mapping[str, str]

    def at(self, column: str) -> str:
        """`prices.csv, row 3, column amount`."""
        places = {"file": self.file, "number": self.number, "column": column}
        return _("{file}, row {number}, column {column}", **places)


class Mistakes(list[str]):
    """Everything that is wrong, each after its row and column."""

    def note(self, row: Row, column: str, text: str) -> None:
        """Note it once."""
        line = f"{row.at(column)}: {text}"
        if line not in self:
            self.append(line)


def is_table(path: Path) -> bool:
    """Whether it is meant as one."""
    return path.suffix.lower() in (".csv", ".tsv", ".txt")


def offerings(paths: Sequence[Path], known: Known) -> list[PublishOffering]:
    """What the tables make of the node's offerings. Raises Problem with every mistake by row and column."""
    mistakes, changed = Mistakes(), dict[str, Offering]()
    tables = [_table(path) for path in paths]
    _each_once(tables, mistakes)
    for wanted, apply in ((PROFILE, _communities), (EXPERIENCE, _experiences), (PRICE, _prices)):
        for kind, rows in tables:
            if kind is wanted:
                apply(rows, changed, known, mistakes)
    owners = {_owner(row): row for kind, rows in reversed(tables) for row in reversed(rows)}
    for community, offering in changed.items():
        for fault in offering_faults(offering):
            mistakes.note(owners[community], _column(fault.field), faulty(fault))
    if mistakes:
        raise Problem("\n".join([_("nothing was sent:"), *mistakes]))
    return [PublishOffering(offering=offering) for offering in changed.values()]


def _each_once(tables: Sequence[tuple[Mapping[str, tuple[str, Cell]], list[Row]]], mistakes: Mistakes) -> None:
    """Of two rows about the same thing one would win, and nobody would know which."""
    seen: set[tuple[str, ...]] = set()
    for kind, rows in tables:
        for row in rows:
            columns = ("experience", "unit") if kind is PRICE else ("id",)
            key = ("price" if kind is PRICE else "id", *(row.cells.get(column, "") for column in columns))
            if all(key) and key in seen:
                mistakes.note(row, columns[0], _("is given twice: give it once"))
            seen.add(key)


def _owner(row: Row) -> str:
    return (row.cells.get("experience") or row.cells.get("id", "")).partition(".")[0]


def _column(field: str) -> str:
    """The column of a field of an offering, as well as it can be told."""
    last = re.sub(r"\[\d+\]|\.price$", "", field.rpartition("].")[2] or field)
    return {"prices": "price_adult", "place": "lat"}.get(last, last.rpartition(".")[2] or last)


# from text to rows


def _table(path: Path) -> tuple[Mapping[str, tuple[str, Cell]], list[Row]]:
    """Which table it is, and its rows. Raises Problem when its header is none."""
    header, body = _cells(path)
    names = [re.sub(r"[\s-]+", "_", name.strip().lower()) for name in header]
    kinds = [columns for mark, columns in TABLES.items() if mark in names]
    if len(kinds) != 1:
        no = _(
            "{file}, row 1: one of the columns must be lat (communities), starts (experiences) or amount (prices); see "
            "import --help",
            file=path.name,
        )
        raise Problem(no)
    twice = next((name for n, name in enumerate(names) if name and name in names[:n]), None)
    if twice:
        raise Problem(_("{file}, row 1: the column {column} is given twice", file=path.name, column=twice))
    for name in names:
        if name and name not in kinds[0]:
            places = {"file": path.name, "column": name, "known": ", ".join(kinds[0])}
            raise Problem(_("{file}, row 1: there is no column {column}; there are {known}", **places))
    rows = [_row(path.name, n, names, cells) for n, cells in enumerate(body, 2)]
    return kinds[0], [row for row in rows if row.cells]


def _row(file: str, number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    """The filled cells of a line. Raises Problem when one stands under no column: an amount was cut in two."""
    filled = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
    if "" in filled or any(cell.strip() for cell in cells[len(names) :]):
        no = _(
            "{file}, row {number}: a cell stands under no column; a cell with a comma stands in quotes, as "
            "spreadsheets write it",
            file=file,
            number=number,
        )
        raise Problem(no)
    return Row(file, number, filled)


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the other lines. Raises Problem when there is no header, or a cell without end."""
    text = re.sub(r"\Asep=.\r?\n", "", _text(path), flags=re.IGNORECASE)
    delimiter = max("\t;,", key=re.split(r"[\r\n]", text, maxsplit=1)[0].count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        no = _("{file} is no table: a cell has no end; look for a single quotation mark", file=path.name)
        raise Problem(no) from None
    if not lines:
        raise Problem(_("{file} is empty: its first row must name the columns", file=path.name))
    return lines[0], lines[1:]


def _text(path: Path) -> str:
    """As Excel and Google Sheets write it: UTF-8 with or without a mark, or UTF-16 with one."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise unread(path, error) from error
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        raise Problem(_("{file} is not UTF-8 text: save it as `CSV UTF-8`", file=path.name)) from None


# from rows to offerings


def _communities(rows: Sequence[Row], changed: dict[str, Offering], known: Known, mistakes: Mistakes) -> None:
    for row in rows:
        before = changed.get(row.cells.get("id", "")) or known(row.cells.get("id", ""))
        usual = before.community.wire() if before else {}
        profile = _made(CommunityProfile, row, PROFILE, usual, mistakes)
        if profile is not None:
            kept = before.experiences if before else ()
            _keep(row, "currency", changed, mistakes, profile, kept)


def _experiences(rows: Sequence[Row], changed: dict[str, Offering], known: Known, mistakes: Mistakes) -> None:
    for row in rows:
        owner = changed.get(_owner(row)) or known(_owner(row))
        if owner is None:
            no = _("must begin with a community that is here, and a dot, such as bo-taen.homestay")
            mistakes.note(row, "id", no)
            continue
        before = {one.id: one for one in owner.experiences}
        usual = before[row.cells["id"]].wire() if row.cells.get("id") in before else {}
        given = dict(_priced(row, owner.community.currency, mistakes))
        if given:
            usual["prices"] = [*({one["unit"]: one for one in usual.get("prices", ())} | given).values()]
        made = _made(
            Experience, row, {c: f for c, f in EXPERIENCE.items() if not c.startswith("price_")}, usual, mistakes
        )
        if made is not None:
            _keep(row, "id", changed, mistakes, owner.community, [*(before | {made.id: made}).values()])


def _prices(rows: Sequence[Row], changed: dict[str, Offering], known: Known, mistakes: Mistakes) -> None:
    for row in rows:
        owner = changed.get(_owner(row)) or known(_owner(row))
        before = {one.id: one for one in owner.experiences} if owner else {}
        name, unit = row.cells.get("experience", ""), row.cells.get("unit", "")
        if owner is None or name not in before:
            mistakes.note(row, "experience", _("is no experience of a community that is here"))
        elif unit not in UNITS:
            mistakes.note(row, "unit", _("must be one of {known}", known=", ".join(UNITS)))
        elif (price := _price(row, "amount", owner.community.currency, mistakes)) is not None:
            prices = {one.unit: one for one in before[name].prices} | {unit: UnitPrice(unit=unit, price=price)}
            changed_one = before[name].model_copy(update={"prices": tuple(prices.values())})
            _keep(row, "amount", changed, mistakes, owner.community, [*(before | {name: changed_one}).values()])


def _priced(row: Row, currency: str, mistakes: Mistakes) -> Iterator[tuple[str, dict[str, Any]]]:
    for unit in UNITS:
        if f"price_{unit}" in row.cells and (price := _price(row, f"price_{unit}", currency, mistakes)):
            yield unit, {"unit": unit, "price": price}


def _price(row: Row, column: str, currency: str, mistakes: Mistakes) -> dict[str, str] | None:
    """`250000`, `250,000` and `250,000.00` are the same amount; `250.000` is refused, for it may be either of two."""
    text = re.sub(r"(?<=\d)[,\s](?=\d{3}(\D|$))", "", row.cells.get(column, ""))
    digits = EXPONENTS[currency]
    if not re.fullmatch(rf"\d{{1,12}}(\.\d{{1,{digits}}})?", text, re.ASCII):
        no = _("must be an amount in {currency}, such as 250000 or 250,000.00", currency=currency)
        mistakes.note(row, column, no)
        return None
    return {"amount": f"{Decimal(text):.{digits}f}", "currency": currency}


def _made(
    kind: type[V], row: Row, columns: Mapping[str, tuple[str, Cell]], usual: dict[str, Any], mistakes: Mistakes
) -> V | None:
    """The value of a row; what it leaves empty is as it was."""
    given = json.loads(json.dumps(usual))
    for column, (place, cell) in columns.items():
        if column in row.cells:
            *folders, last = place.split(".")
            inside = given
            for folder in folders:
                inside[folder] = inside.get(folder) or {}
                inside = inside[folder]
            inside[last] = cell(row.cells[column])
    try:
        return kind.model_validate_json(json.dumps(given), strict=True)
    except ValidationError as found:
        for error in found.errors(include_input=False, include_url=False):
            place = ".".join(str(step) for step in error["loc"] if isinstance(step, str))
            column = next(
                (c for c, (p, _) in columns.items() if f"{place}.".startswith(f"{p}.") or p.startswith(f"{place}.")),
                place,
            )
            mistakes.note(row, "price_adult" if column == "prices" else column, said(error))
        return None


def _keep(
    row: Row,
    column: str,
    changed: dict[str, Offering],
    mistakes: Mistakes,
    community: CommunityProfile,
    experiences: Sequence[Experience],
) -> None:
    try:
        changed[community.id] = Offering(community=community, experiences=tuple(experiences))
    except ValidationError as found:
        for error in found.errors(include_input=False, include_url=False):
            mistakes.note(row, column, said(error))
