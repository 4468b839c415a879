"""What is wrong with a command line, in words for people: typer's errors quote the library that it converts with."""

from collections.abc import Mapping
from typing import Any

from typer.exceptions import TyperException

from bridge.printable import inert, printable
from bridge.wrong_values import wrong_in_words


class WrongValueError(ValueError):
    """A value that an option or an argument cannot have. `hint`: what else was meant, or could be done."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


def put_in_words(error: TyperException) -> None:
    """Give an error a message for people, which does nothing to a terminal; a hint has a line of its own."""
    if type(error).__name__ == "NoArgsIsHelpError":  # which typer does not export
        return  # the help, for no command at all: nothing of it is from outside
    found = getattr(error.__cause__, "errors", None)  # pydantic's, which is not loaded for that
    lines = _lines(found()[0]) if found is not None else [error.message]
    error.message = "\n".join(inert(line) for line in lines if line)


def _lines(detail: Mapping[str, Any]) -> list[str]:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        cause = context["error"]
        return [str(cause), f"hint: {cause.hint}" if getattr(cause, "hint", "") else ""]
    given = "it" if detail["type"] == "string_unicode" else printable(str(detail["input"]))
    return [f"{given} {wrong_in_words(detail['type'], context)}"]
