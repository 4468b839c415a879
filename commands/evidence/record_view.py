"""One kept record, as text and as JSON."""

from base64 import b64encode
from typing import Any

import orjson

from bridge.printable import inert
from commands.evidence.comparison import differences
from commands.evidence.kept import Kept
from commands.terminal.output import InertConsole
from commands.terminal.tables import Folded, pairs, table
from schemas.exact_json import InvalidJson, parse
from schemas.headers import FIRST_SOURCE
from schemas.instant import rfc3339_millis


def received(kept: Kept) -> str:
    """When the bridge received the body."""
    return rfc3339_millis(kept.timestamp)


def one_line(body: bytes) -> str:
    """Bytes as one line that cannot control a terminal."""
    return inert(body.decode("utf-8", "backslashreplace"))


def document(kept: Kept) -> dict[str, Any]:
    """The record as `show -o json` prints it: the body as text, or in base64 if it is not UTF-8."""
    return {
        "position": str(kept.place),
        "received_at": received(kept),
        "event": kept.event(),
        "headers": {name: kept.text(name) for name in kept.headers},
        **_body(kept),
    }


def conflict_document(kept: Kept, first: Kept | None) -> dict[str, Any]:
    """A conflict, the first record of its key (None: retention deleted it), and the fields in which they differ."""
    different = None if first is None else differences(first.body, kept.body)
    return {
        **document(kept),
        "first": None if first is None else document(first),
        "differences": None if different is None else [each._asdict() for each in different],
    }


def show(console: InertConsole, kept: Kept) -> None:
    """Print position, headers and body, JSON indented."""
    head = pairs()
    head.add_row("position", str(kept.place))
    head.add_row("received", received(kept))
    for name in kept.headers:
        head.add_row(name, one_line(kept.headers[name]))
    console.print(head)
    console.print()
    _show_body(console, kept.body)


def show_conflict(console: InertConsole, kept: Kept, first: Kept | None) -> None:
    """Print a conflict, and the fields that differ from the first record of its key."""
    show(console, kept)
    console.print()
    if first is None:
        gone = f"The first record of its key, {kept.text(FIRST_SOURCE)} in raw, is not there any more."
        console.print(gone)
        return
    rows = table("field", "first", "conflict")
    for different in differences(first.body, kept.body) or ():
        rows.add_row(*(Folded(text or "") for text in different))
    console.print(f"The first record of its key, {first.place} in raw, received {received(first)}:")
    _show_body(console, first.body)
    console.print()
    console.print(rows)


def _body(kept: Kept) -> dict[str, Any]:
    try:
        return {"body": kept.body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": b64encode(kept.body).decode()}


def _show_body(console: InertConsole, body: bytes) -> None:
    for line in _laid_out(body):
        console.print(line)


def _laid_out(body: bytes) -> list[str]:
    """Indented JSON, unless that would change a number; anything else as one line."""
    try:
        document = parse(body)
    except InvalidJson:
        return [one_line(body)]
    if document.exact:
        return [one_line(body)]
    return [one_line(line) for line in orjson.dumps(document.value, option=orjson.OPT_INDENT_2).split(b"\n")]
