"""Examples in a command's help."""

from collections.abc import Callable
from inspect import cleandoc
from typing import Final, TypeVar

F = TypeVar("F", bound=Callable[..., None])

HEADING: Final = "Examples:"
_AS_IT_IS: Final = "\b"
"""Begins a paragraph that typer does not wrap."""


def with_examples(text: str, *calls: str) -> str:
    """A help text with example calls, each as it is typed. They must fit in 80 columns."""
    lines = "\n".join(f"  {call}" for call in calls)
    return f"{text.rstrip()}\n\n{_AS_IT_IS}\n{HEADING}\n{lines}"


def examples(*calls: str) -> Callable[[F], F]:
    """Add example calls to a command's docstring."""

    def add(command: F) -> F:
        command.__doc__ = with_examples(cleandoc(command.__doc__ or ""), *calls)
        return command

    return add
