"""How text is laid out: at most as wide as a phone's shell."""

import textwrap

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
