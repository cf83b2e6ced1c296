"""What is asked of a lead traveller at prompts, in the language of the consent text: theirs, not the operator's."""

from __future__ import annotations

from services.client.phrases.catalogue import N_, NC_, Phrases
from services.client.phrases.vocabulary import Table

#: Understood as yes and as no beside the words of the language that is spoken.
YES, NO = ("yes", "y"), ("no", "n")
QUESTIONS: Table = {
    "name": N_("What they want to be called"),
    "channel": N_("How to reach them"),
    "nationality": N_("Nationality, two letters such as DE"),
    "document_class": N_("Kind of document"),
    "food": N_("What they say about food, in their words"),
    "mobility": N_("What they say about moving around, in their words"),
}
ADDRESSES: Table = {
    "phone": N_("Their number, with the country's code if they have it"),
    "whatsapp": N_("Their number there, with the country's code"),
    "line": N_("Their name there"),
    "email": N_("Their address there"),
}
#: How an answer is read back; a channel is its kind with the address.
READ_BACK: Table = {
    "name": N_("called {answer}"),
    "nationality": N_("nationality {answer}"),
    "document_class": N_("document {answer}"),
    "food": N_("food: {answer}"),
    "mobility": N_("mobility: {answer}"),
}
DIGITS = N_("a number has at least {count} digits")
MAIL = N_("an address for mail has an @ between two words")
LETTERS = N_("two letters, such as TH, LA or DE")
ONE_OF = N_("one of {choices}")
EMPTY = N_("say something; Ctrl-C ends it, and --fields asks for less")
AGREE = N_("Do you agree?")
RIGHT = N_("{answers}: right?")


def yes_and_no(phrases: Phrases) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is understood as yes, and as no; the language's own word first."""
    own = phrases.say(NC_("typed as an answer", "yes")), phrases.say(NC_("typed as an answer", "no"))
    return tuple(dict.fromkeys((own[0], *YES))), tuple(dict.fromkeys((own[1], *NO)))
