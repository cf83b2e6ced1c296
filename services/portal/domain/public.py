"""What a community shows to everybody: texts and photos. Rules that need no table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from contracts.values import Note

#: A text is about the community itself, or about one of its experiences by its id.
ITSELF = ""
MOST_PHOTOS = 5
LONGEST_TEXT = 400


def _one_line(given: Any) -> Any:
    """A browser's text field has lines; a paragraph of a page has none."""
    return " ".join(given.split()) if isinstance(given, str) else given


#: A few sentences of a community, as remarks are: nobody's name or number.
PublicText = Annotated[Note, Field(max_length=LONGEST_TEXT), BeforeValidator(_one_line)]
AltText = Annotated[Note, Field(max_length=120), BeforeValidator(_one_line)]


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo as it is kept, without its bytes. `alt` says in `language` what is to be seen."""

    id: str
    about: str
    digest: str
    alt: str
    language: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """As its address ends."""
        return f"{self.digest}.jpg"


@dataclass(frozen=True)
class PublicPage:
    """What a community has written and whether it is shown; texts by what they are about, then by language."""

    shown: bool = False
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    photos: Sequence[Photo] = ()

    def text(self, about: str, language: str) -> tuple[str, str] | None:
        """What is said of it in the reader's language, else in English, else in any; with its language."""
        return picked(self.texts.get(about, {}), language)

    def photos_of(self, about: str) -> list[Photo]:
        """The photos of the community or of one experience, as they were added."""
        return [photo for photo in self.photos if photo.about == about]


def picked(said: Mapping[str, str], language: str) -> tuple[str, str] | None:
    """A text in the reader's language, else in English, else in any; with its language."""
    for wanted in (language, "en", *sorted(said)):
        if wanted in said:
            return said[wanted], wanted
    return None
