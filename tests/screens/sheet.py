"""The contact sheet: every picture beside those of the other languages, on one page that needs nothing else."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

NAME = "index.html"
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages of the portal</title><style>
body{margin:24px;font:16px/1.5 sans-serif;background:#fff;color:#15202b}section{margin:0 0 40px}
div{display:flex;gap:16px;align-items:flex-start;overflow-x:auto}figure{margin:0}
figcaption{color:#485564}img{width:240px;border:1px solid #d8e0e5}</style><h1>Pages of the portal</h1>
"""


def write(folder: Path, names: Sequence[str]) -> int:
    """Write the sheet over the folder's pictures, a row a page; returns how many there are."""
    looks = sorted(path.name for path in folder.iterdir() if path.is_dir())
    rows = [_row(folder, name, sorted(looks, key=lambda look: ("dark" in look, look))) for name in names]
    links = " · ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    (folder / NAME).write_text(f"{HEAD}<p>{links}</p>\n{''.join(rows)}</html>\n", encoding="utf-8")
    return sum(1 for _picture in folder.glob("*/*.png"))


def _row(folder: Path, name: str, looks: Sequence[str]) -> str:
    shown = [look for look in looks if (folder / look / f"{name}.png").exists()]
    figures = [
        f'<figure><a href="{look}/{name}.png"><img loading="lazy" src="{look}/{name}.png" alt="{name}, {look}"></a>'
        f"<figcaption>{look}</figcaption></figure>"
        for look in shown
    ]
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2><div>{"".join(figures)}</div></section>\n'
