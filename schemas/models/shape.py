"""The fields of a model as plain data, to look at many events without making a model of each."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from schemas.models.base import Part, is_always
from schemas.models.values import OrMap, Scalar

Read = Callable[[Any], object]
"""ValueError: the value cannot be read."""


class Field(NamedTuple):
    """One field: a scalar that `read` reads, an object of `part`, an array of objects of `part`, or a map whose values
    `read` reads. An array comes from `read`, which also accepts a map if a map may stand for the array.

    `known` are its known values, if they are few.
    """

    container: Literal["none", "object", "array", "map"]
    read: Read
    part: type[Part] = Part
    known: frozenset[str] = frozenset()


class Shape(NamedTuple):
    """The fields by name, and the names of those that, by the documentation, are never absent."""

    fields: Mapping[str, Field]
    always: tuple[str, ...]


@cache
def shape_of(model: type[Part]) -> Shape:
    """Return the shape of a model."""
    found = model.model_fields
    return Shape(
        {name: _field(info) for name, info in found.items()},
        tuple(name for name, info in found.items() if is_always(info.json_schema_extra)),
    )


def _field(info: FieldInfo) -> Field:
    annotation, choices = info.annotation, (info.annotation, *get_args(info.annotation))
    if get_origin(annotation) is tuple:
        (part,) = _parts(get_args(choices[1]))
        return Field("array", _reader(info.metadata), part)
    if get_origin(annotation) is dict:
        return Field("map", _reader(choices[2].__metadata__))
    for part in _parts(choices):
        return Field("object", _anything, part)
    return Field("none", _reader(info.metadata), known=_known(choices))


def _parts(choices: tuple[Any, ...]) -> list[type[Part]]:
    return [choice for choice in choices if isinstance(choice, type) and issubclass(choice, Part)]


def _reader(metadata: Iterable[Any]) -> Read:
    return next((entry.read for entry in metadata if isinstance(entry, Scalar | OrMap)), _anything)


def _anything(value: object) -> object:
    return value


def _known(choices: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(value for choice in choices if get_origin(choice) is Literal for value in get_args(choice))
