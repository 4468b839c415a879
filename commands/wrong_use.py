"""Errors of a command line in plain words: typer's own quote the library that converts values."""

from collections.abc import Mapping
from typing import Any

from typer.exceptions import TyperException

from bridge.printable import inert, printable
from bridge.wrong_values import wrong_in_words


class WrongValueError(ValueError):
    """An invalid value of an option or argument. `hint`: what may be meant, or can be done."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


def put_in_words(error: TyperException) -> None:
    """Give an error a plain message that cannot control the terminal; a hint gets its own line."""
    if type(error).__name__ == "NoArgsIsHelpError":  # typer does not export it
        return  # only the help, with nothing from outside
    found = getattr(error.__cause__, "errors", None)  # pydantic's errors, without importing pydantic
    lines = _lines(found()[0]) if found is not None else [error.message]
    error.message = "\n".join(inert(line) for line in lines if line)


def _lines(detail: Mapping[str, Any]) -> list[str]:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        cause = context["error"]
        return [str(cause), f"hint: {cause.hint}" if getattr(cause, "hint", "") else ""]
    given = "it" if detail["type"] == "string_unicode" else printable(str(detail["input"]))
    return [f"{given} {wrong_in_words(detail['type'], context)}"]
