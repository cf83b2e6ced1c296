"""Problems that the person at the keyboard can solve."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # set-up needs nothing but the standard library, and this
    from services.client.phrases.catalogue import Phrase, Phrases


class Problem(Exception):
    """Its text is one sentence that says what is wrong and what to do; the command line prints it and exits with 2.

    What every edge shares does not know the reader: it marks the sentence, and the edge tells it in their language.
    """

    def __init__(self, sentence: str | Phrase, /, **places: object) -> None:
        self._phrase = None if isinstance(sentence, str) else sentence
        self._places = places
        super().__init__(sentence if isinstance(sentence, str) else sentence.text.format_map(places))

    def told(self, phrases: Phrases) -> str:
        """The sentence in a language, if it was marked; else as it was given."""
        return phrases.say(self._phrase, **self._places) if self._phrase else str(self)


class Unanswered(Problem):
    """No node answers, or not in time: the command line exits with 3, for the same may be asked again."""
