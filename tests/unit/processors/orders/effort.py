"""Measures work by counting, so that no slow machine and no load makes a test fail."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

T = TypeVar("T")


class Effort(NamedTuple):
    """Lines of Python that ran, and comparisons of texts from `counted`. A search in a list compares with each member,
    in one line."""

    lines: int
    comparisons: int


class _Counted(str):
    """A text. Its class counts how often its texts are compared for equality."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        _Counted.comparisons += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def counted(value: Any) -> Any:
    """Return the same value with all its texts counted."""
    if type(value) is str:
        return _Counted(value)
    if isinstance(value, dict):
        return {counted(name): counted(part) for name, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(counted, value))
    if isinstance(value, list | tuple):
        return type(value)(map(counted, value))
    if isinstance(value, Struct):
        return type(value)(**{name: counted(part) for name, part in asdict(value).items()})
    return value


def effort(do: Callable[[T], object], with_: T) -> Effort:
    """Return the effort of calling `do` with `with_`."""
    lines, compared, traced = 0, _Counted.comparisons, sys.gettrace()

    def trace(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    sys.settrace(trace)
    try:
        do(with_)
    finally:
        sys.settrace(traced)
    return Effort(lines, _Counted.comparisons - compared)
