"""Whether what is said now breaks a side that runs what landed last.

Partners upgrade when they can, and queues are long-lived: an older reader meets newer messages, and a newer reader
older ones. Hence four rules, both ways at once:

| change since the last landing              | who breaks                                                     |
|--------------------------------------------|----------------------------------------------------------------|
| a type is gone, or is of another kind      | whoever still speaks or awaits it                              |
| a field that was always there is not       | the older reader, which needs it                               |
| a field must be there that need not before | the newer reader of an older message                           |
| a field takes another form: type, format,  | the older reader when wider, the newer one when narrower       |
| pattern, limit, words of an enumeration    |                                                                |

Harmless: a new type, a new field with a default, an optional field gone (readers ignore what they do not know), other
words in a docstring. What must break gets a new version beside the old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

Schema = Mapping[str, Any]
#: What makes a form: JSON Schema's own words, then ours.
FORM = (
    *("type", "format", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "x-kind", "x-ordering"),
)


def breaks(landed: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[str]:
    """One sentence for each thing that breaks a side that runs what landed; empty when all is well."""
    gone = [f"{name} is gone: keep it until no queue and no partner speaks it" for name in landed.keys() - current]
    return sorted(gone) + [
        f"{name}{problem}"
        for name in sorted(landed.keys() & current)
        for problem in _differences("", landed[name], current[name], landed[name], current[name])
    ]


def _differences(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    for word in FORM:
        if old.get(word) != new.get(word):
            yield f"{path}: {word} was {old.get(word, 'absent')}, is {new.get(word, 'absent')}"
    yield from _words(path, old, new)
    yield from _presence(path, old, new)
    for step, before, after in _parts(path, old, new) if old or new else ():
        yield from _differences(step, before, after, old_root, new_root)


def _words(path: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("enum"), new.get("enum")
    if before is None or after is None:
        if before != after:
            yield f"{path}: is a list of words in one version only"
        return
    for word in before:
        if word not in after:
            yield f"{path}: no longer takes {word!r}, which older senders say"
    for word in after:
        if word not in before:
            yield f"{path}: may say {word!r}, which older readers refuse"


def _presence(path: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before - after):
        yield f"{path}.{name}: need not be there any more, and older readers need it"
    for name in sorted(after - before):
        yield f"{path}.{name}: must be there, and older senders do not always send it"


def _parts(path: str, old: Schema, new: Schema) -> Iterator[tuple[str, Schema, Schema]]:
    """What is inside both: fields, items, values, choices."""
    fields, others = old.get("properties", {}), new.get("properties", {})
    for name in sorted(fields.keys() & others.keys()):
        yield f"{path}.{name}", fields[name], others[name]
    for word, mark in (("items", "[]"), ("additionalProperties", "{}")):
        yield path + mark, _schema(old.get(word)), _schema(new.get(word))
    for before, after in zip_longest(old.get("anyOf", ()), new.get("anyOf", ())):
        yield path, _schema(before), _schema(after)


def _schema(part: Any) -> Schema:
    """Absent, or the yes or no that `additionalProperties` may be: nothing to compare."""
    return part if isinstance(part, Mapping) else {}


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    return root["$defs"][reference.rpartition("/")[2]] if reference else schema
