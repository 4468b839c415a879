"""One record as text."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bridge.printable import inert_json
from commands.terminal.output import InertConsole
from commands.terminal.tables import pairs


def show(console: InertConsole, document: Mapping[str, Any]) -> None:
    """Print a record's place, headers and body."""
    rows = pairs()
    for name, text in _head(document):
        rows.add_row(name, text)
    console.print(rows)
    console.print()
    for line in body_lines(document):
        console.print(line)


def body_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """The body, indented; as it came if nothing is hidden and indenting would change it."""
    as_it_came = document["text"] if document["text"] is not None else document["base64"]
    if as_it_came is not None and not _is_same(document["body"], as_it_came):
        yield as_it_came
    elif document["body"] is not None:
        yield from inert_json(document["body"], indent=2).split("\n")
    else:
        yield f"({document['hidden']})"


def _is_same(body: Any, text: str) -> bool:
    """Whether parsed JSON still equals the text: a number may have more digits than parsing keeps."""
    try:
        return body is not None and json.dumps(json.loads(text)) == json.dumps(body)
    except (ValueError, RecursionError):
        return False


def _head(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    size = document["bytes"]
    yield "topic", document["topic"]
    yield "position", document["position"]
    yield "received", document["received_at"]
    yield "event", document["event"] or "-"
    yield "key", document["key"] or "-"
    yield "bytes", "-" if size is None else f"{size:,}"
    yield from document["headers"].items()
