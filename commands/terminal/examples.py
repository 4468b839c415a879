"""Calls of a command that its help shows."""

from collections.abc import Callable
from inspect import cleandoc
from typing import Final, TypeVar

F = TypeVar("F", bound=Callable[..., None])

HEADING: Final = "Examples:"
_AS_IT_IS: Final = "\b"
"""Begins a paragraph that the help does not wrap."""


def with_examples(text: str, *calls: str) -> str:
    """Return what a command says of itself, and calls of it, each as one types it, and short enough for 80 columns."""
    lines = "\n".join(f"  {call}" for call in calls)
    return f"{text.rstrip()}\n\n{_AS_IT_IS}\n{HEADING}\n{lines}"


def examples(*calls: str) -> Callable[[F], F]:
    """Add calls to what a command's function says of it."""

    def add(command: F) -> F:
        command.__doc__ = with_examples(cleandoc(command.__doc__ or ""), *calls)
        return command

    return add
