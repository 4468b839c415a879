"""JSON Schemas in the form that registries compare. Pure.

Registries know draft 7, not 2020-12: Apicurio "could not determine version". They also treat a list of known values as
closed, even if the schema allows any text. So the known values go into the description, and a new value is no
incompatible change.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

DIALECT: Final = "http://json-schema.org/draft-07/schema#"
_DEFINITIONS: Final = {"$defs": "definitions"}
_LEFT_OUT: Final = frozenset({"$schema", "$id", "examples"})


def registered(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A published schema for a registry, without examples: otherwise a new example would be a new schema."""
    return {"$schema": DIALECT, **_moved({name: of for name, of in schema.items() if name not in _LEFT_OUT})}


def _moved(part: Any) -> Any:
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_moved(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    if (values := _open_values(part)) is not None:
        return _text(part, values)
    moved = {_DEFINITIONS.get(name, name): _moved(of) for name, of in part.items()}
    if isinstance(reference := moved.get("$ref"), str):
        moved["$ref"] = reference.replace("#/$defs/", "#/definitions/")
    return moved


def _open_values(part: Mapping[str, Any]) -> list[str] | None:
    """The known values of a text that may have others; None: it is not such a text."""
    forms = part.get("anyOf", ())
    texts = [form for form in forms if form.get("type") == "string"]
    if not any(form == {"type": "string"} for form in texts):
        return None
    return [value for form in texts for value in form.get("enum", [form["const"]] if "const" in form else [])]


def _text(part: Mapping[str, Any], values: Sequence[str]) -> dict[str, Any]:
    others = [form for form in part["anyOf"] if form.get("type") != "string"]
    known = f"Known values: {', '.join(values)}." if values else ""
    description = " ".join(filter(None, (part.get("description"), known)))
    text = {name: of for name, of in part.items() if name not in {"anyOf", "description"}}
    if description:
        text["description"] = description
    return text | ({"anyOf": [{"type": "string"}, *_moved(others)]} if others else {"type": "string"})
