"""The demonstration's communities and crossings: real places with invented, marked prices and times."""

import json
from pathlib import Path

from contracts.crossing.v1 import CrossingBook
from services.cli.input import crossing_file
from services.cli.input.network_file import Network
from services.cli.verbs import importing

COMMUNITIES = Path(__file__).parent / "communities.json"
CROSSINGS = Path(__file__).parent / "crossings.json"


def communities() -> Network:
    """The communities, with what they offer and their partnerships."""
    return importing.read(COMMUNITIES)


def crossings() -> CrossingBook:
    """The crossings between them and their rules."""
    return crossing_file.book(CROSSINGS, json.loads(CROSSINGS.read_text(encoding="utf-8")))
