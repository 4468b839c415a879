"""Records of a topic as lines of text and as JSON."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from bridge.printable import inert_json
from commands.terminal.columns import Column, fit
from commands.terminal.output import console, print_json_line, print_line
from processors.orders.verdict.text import to_the_second, told
from schemas.headers import ENTITY_KEY, ERROR_REASON


class StreamFormat(StrEnum):
    """How records are printed. `wide`: uncut, with headers. `json`, `jsonl`: both one a line, as a document of all
    would have no end."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    JSONL = "jsonl"


_COLUMNS: Final = (
    *(Column("position"), Column("event", least=18, end=True), Column("received")),
    *(Column("key", least=10, rank=2, end=True), Column("body", least=8, rank=1)),
)
_ROOM: Final = ("0:" + "0" * 7, "x" * 36, "x" * 19, "x" * 36, "x" * 500)
"""Usual lengths of cells, because future rows are unknown."""

Print = Callable[[Mapping[str, Any]], None]
"""Prints a record's document."""


def printer(output: StreamFormat) -> Print:
    """A function that prints one record after the other."""
    if output in {StreamFormat.JSON, StreamFormat.JSONL}:
        return print_json_line
    return _lines(wide=output is StreamFormat.WIDE)


def _lines(*, wide: bool) -> Print:
    where = console()
    fitted = fit(_COLUMNS, [_ROOM], None if wide or not where.is_terminal else where.width)
    where.print(fitted.head(), style="bold")

    def line(document: Mapping[str, Any]) -> None:
        print_line(fitted.line(_cells(document)))
        if wide:
            for name, text in document["headers"].items():
                print_line(f"  {name}: {text}")

    return line


def _cells(document: Mapping[str, Any]) -> list[str]:
    key = document["headers"].get(ENTITY_KEY) or document["key"]  # raw's key is the event's name
    received = to_the_second(document["received_at"])
    reason = document["headers"].get(ERROR_REASON)  # often all that is shown of a quarantined record
    body = f"{reason}: {_body(document)}" if reason else _body(document)
    return [document["position"], told(document["event"]), received, told(key), body]


def _body(document: Mapping[str, Any]) -> str:
    as_it_came: str | None = document["text"] if document["text"] is not None else document["base64"]
    if as_it_came is not None:
        return as_it_came
    body = document["body"]
    if body is None:
        return f"({document['hidden']})"
    # Other columns have the rest of an event.
    return inert_json(body["payload"] if document["event"] and "payload" in body else body)
