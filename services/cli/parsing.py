"""The parser of the command line: wrong arguments are one sentence, in the reader's language like its help."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Mapping
from typing import Any, NoReturn

from services.cli import outcome
from services.client.phrases.catalogue import N_, NP_, Phrase
from services.client.phrases.spoken import _, say

#: What argparse says by itself, with its own way of marking places.
PHRASES: Mapping[str, Phrase] = {
    phrase.text: phrase
    for phrase in (
        N_("usage: "),
        N_("positional arguments"),
        N_("options"),
        N_("show this help message and exit"),
        N_("not allowed with argument %s"),
        N_("ignored explicit argument %r"),
        N_("the following arguments are required: %s"),
        N_("one of the arguments %s is required"),
        N_("expected one argument"),
        N_("expected at least one argument"),
        N_("ambiguous option: %(option)s could match %(matches)s"),
        N_("invalid %(type)s value: %(value)r"),
        N_("invalid choice: %(value)r (choose from %(choices)s)"),
        NP_("expected %s argument", "expected %s arguments"),
    )
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; --help shows the rest."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter} | options)

    def error(self, message: str) -> NoReturn:
        """Leave with 2, as argparse does."""
        raise Wrong(outcome.look_there(message.removeprefix("argument "), f"./{self.prog} --help"))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Of acts of a verb, as of verbs, the one that was meant is named."""
        acts = list(action.choices) if isinstance(action.choices, dict) else []  # of an option they are a tuple
        if acts and value not in acts and (close := difflib.get_close_matches(value, acts, 1)):
            said = [" ".join((*self.prog.split()[1:], each)) for each in (value, *close)]
            self.error(_("there is no verb {verb}; did you mean {meant}?", verb=said[0], meant=said[1]))
        super()._check_value(action, value)


class Wrong(SystemExit):
    """Arguments that cannot be read; leaves with 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(outcome.NOT_RUN)
        self.sentence = sentence


class Listed:
    """Passes verbs on to argparse and keeps the line that describes each."""

    def __init__(self, verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        self._verbs = verbs
        self.lines: dict[str, str] = {}

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """As argparse; what a verb is for also stands in its own help."""
        self.lines[name] = options.get("help", "")
        options.setdefault("description", self.lines[name])
        return self._verbs.add_parser(name, **options)


def translated() -> None:
    """Let argparse say what it says by our catalogue: it looks its phrases up by these two names."""
    vars(argparse).update(_=_phrase, ngettext=_counted)


def _phrase(text: str) -> str:
    phrase = PHRASES.get(text)
    return say(phrase) if phrase else text


def _counted(one: str, many: str, count: int) -> str:
    phrase = PHRASES.get(one)
    return say(phrase, count=count) if phrase else one if count == 1 else many
