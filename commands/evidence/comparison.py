"""Where two bodies differ, field by field. Pure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.exact_json import InvalidJson, canonical, parse


class Difference(NamedTuple):
    """`field` as `payload.items[0].price`; the values as JSON text, None where there is no such field."""

    field: str
    first: str | None
    second: str | None


def differences(first: bytes, second: bytes) -> list[Difference] | None:
    """Every field whose values differ, sorted; None if one of the bodies is no JSON. Order of keys is no difference."""
    try:
        before, after = (dict(_fields(parse(body).value, "")) for body in (first, second))
    except InvalidJson:
        return None
    changed = sorted(field for field in before.keys() | after.keys() if before.get(field) != after.get(field))
    return [Difference(field, before.get(field), after.get(field)) for field in changed]


def _fields(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _fields(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, member in enumerate(value):
            yield from _fields(member, f"{path}[{number}]")
    else:
        yield path, canonical(value).decode()
