"""JSON Schemas as components of one document, with their `$ref`s adapted."""

from collections.abc import Mapping
from typing import Any, Final

from commands.schema.publish.json_schema import Schema

_ALONE: Final = frozenset({"$schema", "$id", "$defs", "examples"})
"""Keywords only for a schema in a file of its own."""


def component_name(schema: str) -> str:
    """The component name of a published schema: `events/order.opened` becomes `order.opened`."""
    return schema.removeprefix("events/")


def components(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """All schemas and their `$defs`.

    Events share their definitions. Those of other schemas get the schema's name as a prefix. ValueError: two events
    define one name differently.
    """
    found: dict[str, Schema] = {}
    for file, schema in schemas.items():
        prefix = "" if file.startswith("events/") else f"{file}."
        parts = {f"{prefix}{name}": part for name, part in schema.get("$defs", {}).items()}
        for name, part in {component_name(file): schema, **parts}.items():
            moved = _moved({key: value for key, value in part.items() if key not in _ALONE}, prefix)
            if found.setdefault(name, moved) != moved:
                raise ValueError(f"two schemas define {name}")
    return dict(sorted(found.items()))


def _moved(schema: Any, prefix: str) -> Any:
    if isinstance(schema, list):
        return [_moved(each, prefix) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    moved = {key: _moved(value, prefix) for key, value in schema.items()}
    if isinstance(reference := schema.get("$ref"), str):
        moved["$ref"] = f"#/components/schemas/{prefix}{reference.removeprefix('#/$defs/')}"
    return moved
