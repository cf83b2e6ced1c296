"""The state diagrams in the READMEs are those of the tables."""

from pathlib import Path

import pytest

from deploy.develop import state_diagrams
from services.booking.domain import states as hold
from services.community.domain import agreement, partnership
from services.community.domain.partnership import Phase
from services.referral.domain.handoff import states as handoff
from tests.contract.sources import ROOT, plant

PAGE = "# Booking\n\n<!-- states of a hold: generated -->\n<!-- end -->\n\nMore text.\n"


def test_readmes_show_the_diagrams_of_the_tables() -> None:
    assert state_diagrams.outdated(ROOT) == []


def test_each_diagram_is_in_exactly_one_readme() -> None:
    texts = [page.read_text(encoding="utf-8") for page in state_diagrams.pages(ROOT)]
    shown = [block["name"] for text in texts for block in state_diagrams.BLOCK.finditer(text)]
    assert sorted(shown) == sorted(state_diagrams.DIAGRAMS)


def test_diagrams_show_every_state() -> None:
    states = {
        "a handoff": set(handoff.RANK),
        "a hold": hold.LIVE | hold.ENDED,
        "a partnership": {phase.name for phase in Phase},
        "an agreement": {phase.name for phase in agreement.Phase},
    }
    for name, wanted in states.items():
        ends = {word.strip(":") for word in state_diagrams.DIAGRAMS[name]().split()}
        assert wanted <= ends, name


@pytest.mark.parametrize("name", ["a handoff", "a hold", "a partnership"])
def test_a_changed_table_makes_its_readme_out_of_date(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    match name:
        case "a handoff":
            monkeypatch.setattr(handoff, "EXPIRES", handoff.EXPIRES | {"arrived"})
        case "a hold":
            monkeypatch.setattr(hold, "MOVES", {**hold.MOVES, ("EXPIRED", "approve"): "CONFIRMED"})
        case _:
            agreed = ("agreed", frozenset({"end"}), "partnership_is_agreed")
            monkeypatch.setattr(partnership, "STATES", {**partnership.STATES, Phase.AGREED: agreed})
    assert len(state_diagrams.outdated(ROOT)) == 1


def test_rendering_changes_only_what_is_between_the_markers(tmp_path: Path) -> None:
    plant(tmp_path, "services/booking/README.md", PAGE)
    [page] = state_diagrams.outdated(tmp_path)
    written = state_diagrams.rendered(page.read_text(encoding="utf-8"))
    assert written.startswith("# Booking\n\n<!-- states of a hold: generated -->\n```mermaid\n")
    assert written.endswith("```\n<!-- end -->\n\nMore text.\n")
    assert state_diagrams.rendered(written) == written


def test_an_unknown_name_in_a_marker_is_an_error() -> None:
    with pytest.raises(KeyError):
        state_diagrams.rendered(PAGE.replace("a hold", "a cloud"))
