"""The forms that a JSON Schema allows a value to take, however it is written."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

DOCS: Final = frozenset({"$comment", "$id", "$schema", "default", "deprecated", "description", "examples", "title"})
"""Keywords that do not constrain values; nor do those that begin with `x-`."""

_UNIONS: Final = ("anyOf", "oneOf")


def is_docs(keyword: str) -> bool:
    """Whether a keyword only explains."""
    return keyword in DOCS or keyword.startswith("x-")


def target(schema: Any) -> str:
    """The schema's `$ref`; empty if it has none."""
    return str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""


def resolved(document: Schema, schema: Any) -> Schema:
    """The schema with its `$ref` into `document` resolved. Keywords beside the `$ref` override."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    found: dict[str, Any] = dict(schema)
    while reference := found.pop("$ref", None):
        value: Any = document
        for part in reference.removeprefix("#/").split("/"):
            value = value[part.replace("~1", "/").replace("~0", "~")]
        found = {**value, **found}
    return found


def forms(document: Schema, schema: Schema) -> list[Schema]:
    """The alternatives in `schema`, one type each, without keywords that only explain.

    `{"anyOf": [A, {"anyOf": [B, C]}]}` gives A, B and C, `{"type": ["string", "null"]}` gives two. `const` becomes a
    list of one value.
    """
    own = {keyword: value for keyword, value in resolved(document, schema).items() if not is_docs(keyword)}
    for union in _UNIONS:
        if members := own.pop(union, None):
            return [form for member in members for form in forms(document, {**own, **resolved(document, member)})]
    if "const" in own:
        own["enum"] = [own.pop("const")]
    if isinstance(own.get("type"), list):
        return [own | {"type": each} for each in own["type"]]
    return [own]


def kind(form: Schema) -> str:
    """A form in words: `string`, `object`, `one of a list`; `anything` if it has no type."""
    return "one of a list" if "enum" in form else str(form.get("type", "anything"))


def is_any_text(form: Schema) -> bool:
    """Whether the form allows every string. A list of values beside it then only has those known today."""
    return form.keys() <= {"type"} and form.get("type") in {None, "string"}
