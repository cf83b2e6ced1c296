"""Tables as comma-separated text that spreadsheets open, and in which no cell is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What a spreadsheet may take for a formula, or skip over to find one.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, head: bool = True) -> str:
    """The rows, in these columns; what a row does not have stays empty."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    if head:
        lines.writerow(columns)
    for row in rows:
        lines.writerow([cell(row.get(column)) for column in columns])
    return written.getvalue()


def cell(value: Any) -> str:
    """One value; a quotation mark before what a spreadsheet would reckon, and numbers left as they are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return cell(" ".join(str(each) for each in value))
    text = str(value)
    if text.lstrip(" \u00a0\u200b\ufeff").startswith(_STARTS_A_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
