"""Each message has an example that both sides read: as its sender builds it, and as a reader of another age does."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.described import Entry, answer_name, entries
from contracts.messages import Envelope, Message, message_types
from contracts.tools.catalogue import ROOT, generated
from contracts.values import Value

ENTRIES = {entry.name: entry for entry in entries()}
EVERY = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())


def example(name: str) -> dict[str, Any]:
    given: dict[str, Any] = json.loads((ROOT / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    return given


def with_unknown(part: Any) -> Any:
    """As a newer sender writes it: one more field in every object. The data of a frame is not the frame's to judge."""
    if isinstance(part, list):
        return [with_unknown(each) for each in part]
    if isinstance(part, dict):
        return {name: with_unknown(each) for name, each in part.items()} | {"field_of_tomorrow": "ໃໝ່"}
    return part


def opaque(contract: type[Value]) -> set[str]:
    """Fields that carry any object, so that one more key in it is a difference; and who acts, which is read whole."""
    return {name for name, field in contract.model_fields.items() if "dict" in str(field.annotation)} | {"principal"}


@EVERY
def test_a_sender_builds_the_example_and_writes_it_so(entry: Entry) -> None:
    built = entry.contract.model_validate(example(entry.name))
    given = example(entry.name)
    written = {name: value for name, value in built.wire().items() if value is not None or name in given}
    assert written == given
    assert entry.contract.model_validate_json(built.model_dump_json()) == built


@EVERY
def test_a_reader_ignores_what_it_does_not_know(entry: Entry) -> None:
    known, newer = example(entry.name), with_unknown(example(entry.name))
    newer |= {name: known[name] for name in opaque(entry.contract) & known.keys()}
    assert entry.contract.read(newer) == entry.contract.read(known)


@EVERY
def test_a_sender_sends_no_unknown_field(entry: Entry) -> None:
    with pytest.raises(ValidationError, match="field_of_tomorrow"):
        entry.contract.model_validate(example(entry.name) | {"field_of_tomorrow": 1})


@EVERY
def test_a_value_is_immutable(entry: Entry) -> None:
    built = entry.contract.read(example(entry.name))
    for name in entry.contract.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(built, name, getattr(built, name))


@EVERY
def test_every_contract_has_a_docstring_sentence(entry: Entry) -> None:
    assert entry.says.endswith((".", "?", "`)")), entry.says


@EVERY
def test_every_contract_has_a_schema_a_catalogue_line_and_readers(entry: Entry) -> None:
    assert (ROOT / "published" / "schemas" / f"{entry.name}.json").is_file()
    assert f"\n| `{entry.name}` |" in (ROOT / "published" / "catalogue.md").read_text(encoding="utf-8")
    assert " → " in entry.way or entry.kind == "frame"


def test_every_registered_type_is_described() -> None:
    ours = {name for name, contract in message_types().items() if contract.__module__.startswith("contracts.")}
    assert ours == {name for name, entry in ENTRIES.items() if issubclass(entry.contract, Message)}
    assert len(ours) > 80


def test_every_command_and_query_says_what_it_is_answered_with() -> None:
    asked = [entry.name for entry in ENTRIES.values() if entry.kind in ("command", "query")]
    assert {answer_name(name) for name in asked} - {None} == {e.name for e in ENTRIES.values() if e.kind == "answer"}


def test_the_examples_tell_of_the_demonstration_villages_in_their_own_scripts() -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.json"))
    for word in ("tha-li", "bo-taen", "na-kraseng", '"LAK"', "ບໍ່ແຕນ", "ท่าลี่"):
        assert word in told


def test_an_envelope_carries_what_its_type_says() -> None:
    envelope = Envelope.read(example("envelope"))
    assert ENTRIES[envelope.type].contract.read(envelope.data).wire() == envelope.data
    assert Envelope.read(json.loads(envelope.encode())) == envelope


def test_the_asyncapi_document_speaks_of_every_message_and_of_nothing_else() -> None:
    document = json.loads((ROOT / "published" / "asyncapi.yaml").read_text(encoding="utf-8"))
    told = {entry.name for entry in ENTRIES.values() if entry.kind in ("border", "message", "command", "query")}
    assert document["asyncapi"] == "3.0.0"
    assert document["operations"].keys() == told
    assert document["channels"]["border"]["messages"].keys() == {e.name for e in ENTRIES.values() if e.kind == "border"}
    named = json.dumps(document)
    for reference in {part.split('"')[0] for part in named.split('"$ref": "')[1:]}:
        assert _leads_somewhere(document, reference), reference


def test_generating_twice_gives_the_same_files() -> None:
    assert generated(entries()) == generated(list(ENTRIES.values()))


def _leads_somewhere(document: Any, reference: str) -> bool:
    if reference.startswith("./"):
        return (ROOT / "published" / reference).is_file()
    for step in reference.removeprefix("#/").split("/"):
        document = document.get(step, {})
    return bool(document)
