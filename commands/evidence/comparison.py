"""The fields in which two bodies differ. Pure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.exact_json import InvalidJson, canonical, parse

FieldPath = tuple[str | int, ...]
"""Names and array indexes that lead to a field. Not text: a name may have dots, or look like an index in brackets."""


class Difference(NamedTuple):
    """`field` as `payload.items[0].price`; the values as JSON text, None: the field is not there."""

    field: str
    first: str | None
    second: str | None


def differences(first: bytes, second: bytes) -> list[Difference] | None:
    """Every field whose values differ, sorted; None: a body is not JSON. The order of keys does not count."""
    try:
        before, after = (dict(_fields(parse(body).value, ())) for body in (first, second))
    except InvalidJson:
        return None
    changed = (path for path in before | after if before.get(path) != after.get(path))
    return [Difference(_shown(path), before.get(path), after.get(path)) for path in sorted(changed, key=_shown)]


def _fields(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _fields(member, (*path, name))
    elif isinstance(value, list) and value:
        for number, member in enumerate(value):
            yield from _fields(member, (*path, number))
    else:
        yield path, canonical(value).decode()


def _shown(path: FieldPath) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
