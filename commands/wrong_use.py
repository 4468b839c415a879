"""What is wrong with a command line, in words for people: typer's errors quote the library that it converts with."""

from collections.abc import Mapping
from typing import Any, Final

from typer.exceptions import TyperException

from bridge.printable import inert, printable

_WORDS: Final[Mapping[str, str]] = {
    "int_parsing": "{input} is no whole number",
    "int_parsing_size": "{input} has too many digits",
    "int_from_float": "{input} is no whole number",
    "float_parsing": "{input} is no number",
    "finite_number": "{input} is no number",
    "greater_than_equal": "{input} is not {ge} or more",
    "less_than_equal": "{input} is not {le} or less",
    "string_unicode": "it is no UTF-8",
}
"""By the library's name for an error; `{input}` is what was given."""


class WrongValueError(ValueError):
    """A value that an option or an argument cannot have. `hint`: what else was meant, or could be done."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


def put_in_words(error: TyperException) -> None:
    """Give an error a message for people, which does nothing to a terminal; a hint has a line of its own."""
    found = getattr(error.__cause__, "errors", None)  # pydantic's, which is not loaded for that
    lines = _lines(found()[0]) if found is not None else [error.message]
    error.message = "\n".join(inert(line) for line in lines if line)


def _lines(detail: Mapping[str, Any]) -> list[str]:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        cause = context["error"]
        return [str(cause), f"hint: {cause.hint}" if getattr(cause, "hint", "") else ""]
    words = _WORDS.get(detail["type"], "{input} is nothing that it can be")
    return [words.format(input=printable(str(detail["input"])), **context)]
