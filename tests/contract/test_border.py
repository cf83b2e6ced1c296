"""The border is one module, and nothing personal is in it that is not on a short list with its reason."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.described import entries
from contracts.messages import BorderMessage
from tests.contract.sources import ROOT, dotted, plant, sources

BORDER = {entry.name: entry.contract for entry in entries() if issubclass(entry.contract, BorderMessage)}
#: Words that a field about a person would be called by.
PERSONAL = re.compile(
    r"name|contact|phone|mobile|mail|address|line_id|whatsapp|passport|document|visa|birth|age|gender|sex|nationality"
    r"|religion|ethnic|health|medical|allerg|diet|photo|face|guest|person|traveller|customer|user|note|comment|remark"
)
#: Where such a word may stand, by the class it is a field of.
MAY_STAND = {
    "CommunityProfile.names": "of a community",
    "CommunityProfile.contacts": "an office, never a person",
    "CommunityProfile.languages": "of a community",
    "Experience.names": "of an experience",
    "Office.address": "of an office, never a person's",
    "Office.email": "of an office, never a person's",
    "Office.telephone": "of an office, never a person's",
    "CarryingLimits.guests_per_night": "a number of places",
    "HandoffOffered.language": "in which the party is spoken to; a code",
    "ConsentReceipt.language": "in which the text was shown; a code",
}
#: Text that no pattern, list or format holds in shape, by class and field, and what keeps it harmless.
FREE_TEXT = {
    "CommunityProfile.contacts": "an office, never a person",
    "CommunityProfile.aliases": "of a community",
    "Names.th": "of a community or experience",
    "Names.lo": "of a community or experience",
    "Names.en": "of a community or experience",
    "Office.address": "of an office, never a person's",
    "Texts.th": "a public paragraph about an experience",
    "Texts.lo": "a public paragraph about an experience",
    "Texts.en": "a public paragraph about an experience",
}
#: What lies inside of what is sealed; in clear it is the field of nothing.
SEALED_ONLY = {"PersonalPart", "Channel"}


def fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """`Class.field` and its schema, of a message and of every value in it."""
    for owner in (schema, *schema.get("$defs", {}).values()):
        for name, form in owner.get("properties", {}).items():
            yield f"{owner['title']}.{name}", form


def is_free(form: Mapping[str, Any]) -> bool:
    """Whether it is, or holds, text without a shape."""
    held = ("pattern", "format", "enum", "const", "$ref")
    if form.get("type") == "string" and not any(word in form for word in held):
        return True
    return any(is_free(part) for part in (*form.get("anyOf", ()), form.get("items", {})) if part)


def outsiders(root: Path) -> Iterator[str]:
    """Classes that derive from BorderMessage outside of contracts/border."""
    for source in sources(root):
        for node in ast.walk(source.tree):
            bases = [dotted(base).rpartition(".")[2] for base in node.bases] if isinstance(node, ast.ClassDef) else []
            if "BorderMessage" in bases and not source.name.startswith("contracts/border/"):
                yield f"{source.name}:{getattr(node, 'lineno', 1)}: only contracts/border says what may cross"


def personal(contract: type[BorderMessage]) -> set[str]:
    """Fields whose name sounds personal, or whose text is free, that are on no list."""
    found = list(fields(contract.model_json_schema()))
    sounding = {path for path, _ in found if PERSONAL.search(path.partition(".")[2])}
    return (sounding - MAY_STAND.keys()) | ({path for path, form in found if is_free(form)} - FREE_TEXT.keys())


def test_only_contracts_of_the_border_are_border_messages() -> None:
    assert list(outsiders(ROOT)) == []
    assert {contract.__module__.rpartition(".")[0] for contract in BORDER.values()} == {"contracts.border"}
    assert all(name.startswith("border.") for name in BORDER)


def test_a_border_message_outside_contracts_border_is_reported(tmp_path: Path) -> None:
    plant(tmp_path, "services/x/domain/a.py", "class Told(messages.BorderMessage): ...\n")
    plant(tmp_path, "contracts/border/v1.py", "class Told(BorderMessage): ...\n")
    assert [said.partition(":")[0] for said in outsiders(tmp_path)] == ["services/x/domain/a.py"]


@pytest.mark.parametrize("name", BORDER)
def test_border_messages_have_no_personal_field_but_the_listed_ones(name: str) -> None:
    contract = BORDER[name]
    assert issubclass(contract, BorderMessage)
    assert personal(contract) == set()


@pytest.mark.parametrize("field", ["passport_number", "leadName", "phone", "remarks", "story"])
def test_a_personal_or_free_text_field_is_reported(field: str) -> None:
    planted: type[BorderMessage] = type(
        "Planted", (BorderMessage,), {"__annotations__": {field: str}, "__module__": __name__}
    )
    assert personal(planted) == {f"Planted.{field}"}


def holding(kinds: set[str]) -> set[str]:
    """The contracts of which a field, however deep, is one of these."""
    return {
        entry.name
        for entry in entries()
        if kinds & ({entry.contract.__name__} | entry.contract.model_json_schema().get("$defs", {}).keys())
    }


def test_what_is_personal_is_the_field_of_no_message_and_no_answer() -> None:
    assert holding(SEALED_ONLY) == set()


def test_control_what_is_the_field_of_a_message_is_found() -> None:
    assert "border.party_released.v1" in holding({"ConsentReceipt"})


def test_only_the_release_carries_anything_sealed_over_the_border() -> None:
    carrying = {name for name, contract in BORDER.items() if "sealed" in contract.model_fields}
    assert carrying == {"border.party_released.v1"}


def test_a_listed_field_that_is_gone_is_taken_off_the_list() -> None:
    there = {path for contract in BORDER.values() for path, _ in fields(contract.model_json_schema())}
    assert (MAY_STAND.keys() | FREE_TEXT.keys()) - there == set()
