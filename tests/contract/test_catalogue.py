"""The check of the catalogue fails when it should: seen on a copy of the contracts in which something was changed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.tools.compatibility import breaks
from tests.contract.sources import ROOT

BORDER, BOOKING, REFERRAL, VALUES = "border/v1.py", "booking/v1.py", "referral/v1.py", "values.py"
LATEST = 'ordering: ClassVar[Literal["contiguous", "latest"]] = "latest"'
#: What is changed → (file, from where on, before, after, what the check says). The first place after "from" is changed.
BREAKING = {
    "a field goes": (BORDER, "class HandoffHeld", "    expires_at: Instant\n", "", "expires_at: need not be there"),
    "a field need not be there": (BORDER, "class CounterTaken", "Round\n", "Round = 1\n", ".round: need not be there"),
    "a field must be there": (
        REFERRAL,
        "class OfferHandoff",
        "Id | None = None",
        "Id | None",
        "crossing: must be there",
    ),
    "a new field must be there": (
        BOOKING,
        "class ExtendHold",
        '."""\n',
        '."""\n\n    why: str\n',
        ".why: must be there",
    ),
    "a type changes": (BOOKING, "class HoldFact", "CommunityId", "int", "community: type was string, is integer"),
    "a word goes": (BORDER, "Need = ", '"step_free", ', "", "no longer takes 'step_free'"),
    "a word is new": (BORDER, "Need = ", '"step_free", ', '"step_free", "deaf", ', "may say 'deaf'"),
    "a limit gets tighter": (VALUES, "", "MAX_PARTY = 200", "MAX_PARTY = 20", "maximum was 200, is 20"),
    "a limit gets wider": (VALUES, "DisplayName = ", "max_length=80", "max_length=800", "maxLength was 80, is 800"),
    "a pattern changes": (BORDER, "ShortCode = ", "HJ-NP-Z2-9", "Z", "short_code: pattern was"),
    "a type is renamed": (BORDER, "class PartyDelayed", "delayed.v1", "late.v1", "border.party_delayed.v1 is gone"),
    "a fact becomes a statement": (BORDER, "class PartyNoShow", "at: Instant", LATEST, "x-ordering was contiguous"),
}
HARMLESS = {
    "a new field with a default": (BORDER, "class PartyDelayed", "arrival", "minutes: int | None = None\n    arrival"),
    "an optional field goes": (BORDER, "class PartnershipSuspended", "    resumed: bool = False\n", ""),
    "other words in a docstring": (BORDER, "", "They are on the way.", "They have left us."),
}
NEW_TYPE = """

class PartyResting(BorderMessage):
    \"\"\"They rest.\"\"\"

    type: ClassVar[str] = "border.party_resting.v1"
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def catalogue(copy: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-P", "-m", "contracts.tools.catalogue", *arguments]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def change(copy: Path, file: str, start: str, before: str, after: str) -> None:
    path = copy / "contracts" / file
    above, found, below = path.read_text(encoding="utf-8").partition(start or '"""')
    assert found, f"{file} does not say {start!r} any more: plant elsewhere"
    assert before in below, f"{file} does not say {before!r} after {start!r} any more: plant something else"
    path.write_text(above + found + below.replace(before, after, 1), encoding="utf-8")


def test_the_catalogue_is_what_the_contracts_say(copy: Path) -> None:
    assert catalogue(copy, "--check") == (0, "")


@pytest.mark.parametrize(("file", "start", "before", "after", "said"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_fails_even_when_it_is_written_down(
    copy: Path, file: str, start: str, before: str, after: str, said: str
) -> None:
    change(copy, file, start, before, after)
    assert catalogue(copy) == (0, "")
    code, problems = catalogue(copy, "--check")
    assert code == 1
    assert said in problems


@pytest.mark.parametrize(("file", "start", "before", "after"), HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_change_passes_once_it_is_written_down(
    copy: Path, file: str, start: str, before: str, after: str
) -> None:
    change(copy, file, start, before, after)
    code, problems = catalogue(copy, "--check")
    assert code == 1
    assert "is not what the contracts say: run python -m contracts.tools.catalogue" in problems
    assert catalogue(copy) == (0, "")
    assert catalogue(copy, "--check") == (0, "")


def test_a_new_type_needs_its_example_and_then_passes(copy: Path) -> None:
    path = copy / "contracts/border/v1.py"
    path.write_text(path.read_text(encoding="utf-8") + NEW_TYPE, encoding="utf-8")
    assert catalogue(copy)[0] == 0
    code, problems = catalogue(copy, "--check")
    assert (code, problems.splitlines()) == (
        1,
        ["contracts: contracts/examples/border.party_resting.v1.json is missing: write one as a sender would"],
    )
    (copy / "contracts/examples/border.party_resting.v1.json").write_text("{}\n", encoding="utf-8")
    assert catalogue(copy, "--check") == (0, "")


def test_a_new_question_must_say_what_it_is_answered_with(copy: Path) -> None:
    change(copy, "booking/v1.py", "class AskPools", "(Query[Several[PoolView]])", "(Query)")
    code, said = catalogue(copy, "--check")
    assert code == 1
    assert "AskPools: say what it is answered with" in said


def test_a_schema_or_example_without_a_contract_is_reported(copy: Path) -> None:
    for folder in ("published/schemas", "examples"):
        (copy / "contracts" / folder / "border.of_old.v1.json").write_text("{}\n", encoding="utf-8")
    code, said = catalogue(copy, "--check")
    assert (code, len(re.findall("border.of_old.v1.json .*remove it", said))) == (1, 2)


def test_land_updates_the_baseline_and_reports_what_breaks(copy: Path) -> None:
    *changed, said = BREAKING["a pattern changes"]
    change(copy, *changed)
    assert said in catalogue(copy, "--land")[1]
    assert catalogue(copy, "--check") == (0, "")


def test_a_catalogue_without_a_baseline_fails_the_check(copy: Path) -> None:
    (copy / "contracts/published/landed/v1.json").unlink()
    assert catalogue(copy, "--check")[0] == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"items": {"type": "string"}}, {"items": {"type": "integer"}}),
        ({"additionalProperties": {"type": "number"}}, {"additionalProperties": {"type": "string"}}),
        ({"enum": ["a"]}, {}),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"minimum": 1}}}, {"$ref": "#/$defs/B", "$defs": {"B": {"minimum": 2}}}),
    ],
)
def test_a_change_in_a_nested_field_is_found(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaks({"a": old}, {"a": new}) != []
    assert breaks({"a": old}, {"a": json.loads(json.dumps(old))}) == []
