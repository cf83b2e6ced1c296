"""How text is laid out: at most as wide as a phone's shell."""

import re

from services.client.formatting import printable, width
from services.client.phrases.spoken import _

#: Columns of a phone that shows a shell.
WIDTH = 60
#: A gap and what follows it unbroken. A number stays with the Thai or Lao word behind it, and with one that counts it.
_WORD = re.compile(r"( *)((?:(?:พ\.ศ\.|ที่|ທີ) (?=\d)|(?<=\d) (?=[\u0e01-\u0eff])|[^ ])+)")


def fill(text: str, indent: int = 0, first: int | None = None) -> str:
    """Break a line at WIDTH columns; later lines are indented by `indent`, the first by `first`.

    It breaks at spaces, never inside a word: Thai and Lao have spaces between phrases. What would steer the terminal is
    shown as a sign: partners write names of streams, and anybody what is parked.
    """
    lines, line, empty = [], " " * (indent if first is None else first), True
    for gap, word in _WORD.findall(re.sub(r"\s", " ", printable(text))):
        if not empty and width(line + gap + word) > WIDTH:
            lines.append(line)
            line, gap = " " * indent, ""  # noqa: PLW2901 - what stood between two lines is gone
        line, empty = line + gap + word, False
    return "" if empty else "\n".join([*lines, line])


def examples(*lines: str, note: str = "") -> str:
    """What stands at the end of a verb's help: command lines to type, and a remark."""
    head = _("example:") if len(lines) == 1 else _("examples:")
    return "\n".join([head, *(f"  {line}" for line in lines), *(["", note] if note else [])])
