"""How text is laid out: at most as wide as a phone's shell."""

import textwrap

from services.client.phrases.spoken import _

#: Columns of a phone that shows a shell.
WIDTH = 60


def fill(text: str, indent: int = 0, first: int | None = None) -> str:
    """Break a line at WIDTH columns; later lines are indented by `indent`, the first by `first`."""
    start = " " * (indent if first is None else first)
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def examples(*lines: str, note: str = "") -> str:
    """What stands at the end of a verb's help: command lines to type, and a remark."""
    head = _("example:") if len(lines) == 1 else _("examples:")
    return "\n".join([head, *(f"  {line}" for line in lines), *(["", note] if note else [])])
