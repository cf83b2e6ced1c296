"""Renders templates in the reader's language.

In a template `_`, `ngettext` and `pgettext` say phrases: what is filled in is escaped, and markup that a filter made
stays. Phrases themselves hold no sign that means something in HTML, which a test looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.client.phrases.catalogue import Phrase, Phrases
from services.portal.site import club_writing, drawing, writing
from services.portal.site.assets import Assets

FOLDER = Path(__file__).parents[1] / "templates"


class Renderer:
    """The templates, compiled when they are first needed."""

    def __init__(self, assets: Assets, folder: Path = FOLDER) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals.update(asset=assets.url, **drawing.DRAWINGS)
        self.environment.filters.update(
            nb=writing.whole,
            parts=writing.parts,
            given=writing.as_given,
            compounds=writing.compounds,
            capfirst=writing.capfirst,
        )

    def render(self, template: str, phrases: Phrases, values: Mapping[str, Any]) -> str:
        """One page. Raises jinja2.UndefinedError for a value that is not given."""
        return self.environment.get_template(template).render(
            **said(phrases),
            **writing.written(phrases),
            **club_writing.written(phrases),
            lang=phrases.language,
            **values,
        )


def said(phrases: Phrases) -> dict[str, Callable[..., Markup]]:
    """What templates call to say a phrase."""

    def marked(phrase: Phrase, **places: object) -> Markup:
        filled = {name: value if name == "count" else escape(value) for name, value in places.items()}
        return Markup(phrases.say(phrase, **filled))

    def plain(text: str, **places: object) -> Markup:
        return marked(Phrase(text), **places)

    def in_context(context: str, text: str, **places: object) -> Markup:
        return marked(Phrase(text, context), **places)

    def counted(one: str, many: str, count: int, **places: object) -> Markup:
        return marked(Phrase(one, many=many), count=count, **places)

    return {"_": plain, "pgettext": in_context, "ngettext": counted, "say": marked}
