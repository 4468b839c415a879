"""The forms that a value may take by a JSON Schema, whichever way the schema puts it."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

DOCS: Final = frozenset({"$comment", "$id", "$schema", "default", "deprecated", "description", "examples", "title"})
"""Keywords that no value depends on; so are those that begin with `x-`."""

_UNIONS: Final = ("anyOf", "oneOf")


def is_docs(keyword: str) -> bool:
    """Say whether a keyword only explains."""
    return keyword in DOCS or keyword.startswith("x-")


def target(schema: Any) -> str:
    """What the schema refers to, an empty text if it is written out."""
    return str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""


def resolved(document: Schema, schema: Any) -> Schema:
    """The schema with its `$ref` into `document` replaced by what it refers to; keywords beside it count more."""
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
    """The members of the unions in `schema`, one type each, without what only explains.

    `{"anyOf": [A, {"anyOf": [B, C]}]}` gives A, B and C, `{"type": ["string", "null"]}` gives two. `const` is a
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
    """A form in words: `string`, `object`, `one of a list`; `anything` if no type is asked for."""
    return "one of a list" if "enum" in form else str(form.get("type", "anything"))


def is_any_text(form: Schema) -> bool:
    """Say whether the form lets every string pass: beside it, a list of values is only what is known today."""
    return form.keys() <= {"type"} and form.get("type") in {None, "string"}
