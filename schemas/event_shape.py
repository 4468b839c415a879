"""Compares a body with the model of its event, fast enough for many bodies."""

from typing import Any, NamedTuple

import orjson

from schemas.json_structure import MAX_LEVELS, deeper_than
from schemas.models.deviations import Deviation, deviations_of
from schemas.models.exact import loads


class EventShape(NamedTuple):
    """The event's name, empty if the body has none, and where it differs from the model."""

    name: str
    deviations: list[Deviation]


def shape_of(body: bytes) -> EventShape:
    """Return the shape of one body. Never raises. Numbers may be read as doubles, which is exact enough here."""
    document = _document(body)
    name = document.get("name") if isinstance(document, dict) else None
    return EventShape(name if isinstance(name, str) else "", deviations_of(document))


def _document(body: bytes) -> Any:
    if deeper_than(MAX_LEVELS, body):
        return None  # it is no event to any reader
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return loads(body)  # reads everything that the bridge reads
    except ValueError:
        return None
