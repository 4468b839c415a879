"""Where two JSON documents differ, by name: a state of hundreds of fields is told apart by the one that is wrong."""

from collections.abc import Iterator
from typing import Any

_ABSENT = object()


def differences(found: Any, wanted: Any, path: str) -> Iterator[str]:
    """Each as ``<path> is <found>, not <wanted>``; objects are compared member by member, all else as a whole."""
    if _is_same(found, wanted):
        return  # as most are: no path of a field is made for nothing
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted({*found, *wanted}):
            yield from differences(
                found.get(name, _ABSENT), wanted.get(name, _ABSENT), f"{path}.{name}" if path else name
            )
    else:
        yield f"{path} is {_shown(found)}, not {_shown(wanted)}"


def _is_same(found: Any, wanted: Any) -> bool:
    """In Python true is 1, in JSON it is not."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(_is_same(found[name], wanted[name]) for name in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_is_same, found, wanted))
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else repr(value)
