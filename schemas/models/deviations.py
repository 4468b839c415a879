"""Where an event differs from its model. Models refuse nothing, so only this module shows differences."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from schemas.models import EVENT_MODELS, OtherEvent, Part
from schemas.models.exact import loads
from schemas.models.shape import Field, shape_of

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_NAME: Final = 64
_ENVELOPE: Final[Mapping[str, type]] = {"tenant": str, "name": str, "payload": dict}


class Kind(StrEnum):
    """How a field differs."""

    UNKNOWN_FIELD = "unknown_field"
    """The model lacks the field, although NewStore publishes the fields."""
    UNDOCUMENTED_FIELD = "undocumented_field"
    """The model lacks the field, because NewStore does not publish the fields. Nothing is wrong."""
    TYPE = "type"
    """The value cannot be read as the field's type. The model has None or nothing in its place."""
    MISSING = "missing"
    """The field is absent, although the documentation does not call it optional."""
    NEW_VALUE = "new_value"
    """The field has a few known values, and this is none of them."""


class Deviation(NamedTuple):
    """One field of one event.

    `field` is its path in the envelope, such as `payload.items[].status`. `{}` is a member of a map with free keys, `$`
    the whole body. Names that are not plain are quoted and cut. `value` is the field's JSON value.
    """

    field: str
    kind: Kind
    value: Any = None


def deviations(body: bytes) -> list[Deviation]:
    """Compare a record's value with the model of its event. Never raises."""
    try:
        document = loads(body)
    except ValueError:
        return [Deviation("$", Kind.TYPE)]
    return deviations_of(document)


def deviations_of(document: object) -> list[Deviation]:
    """Compare an event with its model; `document` is JSON as any reader gives it. Never raises.

    The same deviation in several members of an array is reported once. Different new values of a field are different
    deviations.
    """
    if not isinstance(document, dict):
        return [Deviation("$", Kind.TYPE, document)]
    found = _Found()
    _look_at_envelope(document, found)
    if not found:
        model = EVENT_MODELS.get(document["name"], OtherEvent)
        if model is OtherEvent:
            found.add("name", Kind.NEW_VALUE, document["name"])
        _look_at_part(model, document, "", found)
    return list(found.values())


class _Found(dict[tuple[str, Kind, str | None], Deviation]):
    def add(self, field: str, kind: Kind, value: Any = None) -> None:
        self.setdefault((field, kind, value if kind is Kind.NEW_VALUE else None), Deviation(field, kind, value))


def _look_at_envelope(document: dict[str, Any], found: _Found) -> None:
    for name, kind in _ENVELOPE.items():
        if name not in document:
            found.add(name, Kind.MISSING)
        elif not isinstance(document[name], kind):
            found.add(name, Kind.TYPE, document[name])


def _look_at_part(model: type[Part], document: dict[str, Any], path: str, found: _Found) -> None:
    fields, always = shape_of(model)
    for name, value in document.items():
        field = fields.get(name)
        if field is None:
            kind = Kind.UNKNOWN_FIELD if model.fields_published else Kind.UNDOCUMENTED_FIELD
            found.add(path + _spelled(name), kind, value)
        elif value is not None and value != "":  # both stand for an absent value
            _look_at_value(field, value, path + name, found)
    for name in always:
        if name not in document:
            found.add(path + name, Kind.MISSING)


def _look_at_value(field: Field, value: Any, where: str, found: _Found) -> None:
    if field.container == "none":
        if not _is_read(field, value):
            found.add(where, Kind.TYPE, value)
        elif field.known and value not in field.known:
            found.add(where, Kind.NEW_VALUE, value)
    elif field.container == "array" and isinstance(members := field.read(value), list):
        _look_at_members(field.part, members, where, found)
    elif field.container == "object" and isinstance(value, dict):
        _look_at_part(field.part, value, f"{where}.", found)
    elif field.container == "map" and isinstance(value, dict):
        for member in value.values():
            if member is not None and member != "" and not _is_read(field, member):
                found.add(f"{where}{{}}", Kind.TYPE, member)
    else:
        found.add(where, Kind.TYPE, value)


def _look_at_members(model: type[Part], members: list[Any], where: str, found: _Found) -> None:
    for member in members:
        if isinstance(member, dict):
            _look_at_part(model, member, f"{where}[].", found)
        else:
            found.add(f"{where}[]", Kind.TYPE, member)


def _is_read(field: Field, value: Any) -> bool:
    try:
        field.read(value)
    except ValueError:
        return False
    return True


def _spelled(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name[:_MAX_NAME])
