"""How a line of a crossing plan stands on a page: names, days and hours as everywhere else, and no ids."""

import pytest

from contracts.crossing.v1 import PlanLine
from contracts.values import Names
from services.client.phrases.catalogue import Phrases
from services.portal.pages.sending_cross import plainly

NAMES = {"na-kraseng": Names(th="นากระเซ็ง", lo="ນາກະແຊັງ", en="Na Kraseng")}


def line(code: str, about: str = "admission", **named: str) -> PlanLine:
    params = tuple({"name": name, "value": value} for name, value in named.items())
    return PlanLine.model_validate({"about": about, "result": "unknown", "code": code, "params": params})


@pytest.mark.parametrize(
    ("given", "language", "said"),
    [
        (line("reported_open", as_of="2025-10-31"), "en", "reported open as of 31 Oct 2025"),
        (line("reported_open", as_of="2025-10-31"), "th", "31 ต.ค. 2568"),
        (line("open_then", "hours", hours="08:00-18:00", latest="16:30"), "en", "open 08:00–18:00; be there by 16:30"),
        (line("return_same_point", "return", crossing="na-kraseng"), "en", "a way back by the same point, Na Kraseng"),
        (line("return_same_point", "return", crossing="gone"), "en", "a way back by the same point, gone"),
        (line("rows_conflict", "conflict", rows="row-a, row-b", subject="visa"), "en", "rules on the visa disagree"),
        (line("visa_unknown", "visa", country="LA"), "en", "whether the Lao PDR asks for a visa, and where"),
    ],
)
def test_a_line_is_said_plainly(given: PlanLine, language: str, said: str) -> None:
    assert said in plainly(Phrases.of(language), given, NAMES).striptags()
