"""A body compared with the model of its event, fast: for looking at many."""

from typing import Any, NamedTuple

import orjson

from schemas.models.deviations import Deviation, deviations_of
from schemas.models.exact import loads


class EventShape(NamedTuple):
    """The event's name, empty if the body has none, and where it differs from the model."""

    name: str
    deviations: list[Deviation]


def shape_of(body: bytes) -> EventShape:
    """Look at one body. Never raises. What a double does to a number does not matter to a shape."""
    document = _document(body)
    name = document.get("name") if isinstance(document, dict) else None
    return EventShape(name if isinstance(name, str) else "", deviations_of(document))


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return loads(body)  # reads all that the bridge does
    except ValueError:
        return None
