"""Reads answers by their models, which must know every field: no document tells of any other."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], answer: Any) -> Model:
    """The answer as this model. AssertionError: some part has a field that its model lacks."""
    found = model.model_validate(answer)
    assert list(unknown(found)) == []
    return found


def unknown(part: Any, where: str = "") -> Iterator[str]:
    """Where fields are that no model knows."""
    if isinstance(part, BaseModel):
        yield from (f"{where}/{name}" for name in part.model_extra or ())
        part = dict(part)
    if isinstance(part, dict):
        for name, each in part.items():
            yield from unknown(each, f"{where}/{name}")
    elif isinstance(part, list):
        for each in part:
            yield from unknown(each, where)
