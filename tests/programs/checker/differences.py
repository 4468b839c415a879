"""Where two JSON documents differ, by field: of hundreds of fields, only the wrong ones are named."""

from collections.abc import Iterator
from typing import Any

_ABSENT = object()


def differences(found: Any, wanted: Any, path: str) -> Iterator[str]:
    """Each as `<path> is <found>, not <wanted>`. Objects are compared member by member, everything else as a whole."""
    if _is_same(found, wanted):
        return  # most fields are the same: their paths need not be made
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted({*found, *wanted}):
            yield from differences(
                found.get(name, _ABSENT), wanted.get(name, _ABSENT), f"{path}.{name}" if path else name
            )
    else:
        yield f"{path} is {_shown(found)}, not {_shown(wanted)}"


def _is_same(found: Any, wanted: Any) -> bool:
    """As JSON compares: in Python true is 1, in JSON it is not."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(_is_same(found[name], wanted[name]) for name in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_is_same, found, wanted))
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else repr(value)
