"""What the examples have stored, and what they should have."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tests.integration.waiting import PATIENCE
from tests.programs.checker.record import Record

_TOO_LONG = 7 * 24 * 3600  # seconds
_ESCAPE = re.compile(r"\\(?:u([0-9A-F]{4})|(.))")
_PROPERTY = re.compile(r"^((?:[^\\=#]|\\.)(?:[^\\=]|\\.)*)=(.*)$", re.MULTILINE)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class View(NamedTuple):
    """Each order's state, as JSON, and each partition's next offset."""

    orders: dict[str, str]
    positions: dict[int, int]


class Stores(Protocol):
    """The stores of one language's examples."""

    def view(self, store: Path) -> View: ...

    def age(self, store: Path) -> None:
        """Make the view look as if at its end too long ago."""

    def effects(self, store: Path) -> Any:
        """What the events have done, in a form to compare."""

    def expected_effects(self, events: Iterable[Record]) -> Any:
        """What these events should do, each once."""


class SqliteStores:
    """Stores of the Python examples."""

    def view(self, store: Path) -> View:
        with closing(_opened(store)) as view:
            view.execute("BEGIN")  # both as of one moment
            orders = view.execute("SELECT order_id, state FROM orders").fetchall()
            return View(dict(orders), dict(view.execute("SELECT partition, next_offset FROM positions")))

    def age(self, store: Path) -> None:
        with closing(_opened(store)) as view, view:
            view.execute("UPDATE positions SET at_end = at_end - ?", [_TOO_LONG])

    def effects(self, store: Path) -> Any:
        amounts = _rows(store, "SELECT currency, amount FROM turnover")
        return (
            {ce_id for (ce_id,) in _rows(store, "SELECT ce_id FROM done")},
            dict(_rows(store, "SELECT ce_id, body FROM set_aside")),
            {currency: Decimal(amount) for currency, amount in amounts},
        )

    def expected_effects(self, events: Iterable[Record]) -> Any:
        done, set_aside, turnover = set(), {}, dict[str, Decimal]()
        for event in events:
            ce_id = str(event.header("ce_id"))
            done.add(ce_id)
            payload = json.loads(event.value or b"", parse_float=Decimal)["payload"]
            is_created = event.header("ce_type") == "order.created"
            if _is_conflict(event) or (is_created and not {"currency", "grand_total"} <= payload.keys()):
                set_aside[ce_id] = event.value
            elif is_created:
                turnover[payload["currency"]] = turnover.get(payload["currency"], Decimal(0)) + payload["grand_total"]
        return done, set_aside, turnover


class FileStores:
    """Stores of the Java examples."""

    def view(self, store: Path) -> View:
        found = [(_unescaped(name), _unescaped(value)) for name, value in _PROPERTY.findall(store.read_text("latin-1"))]
        orders = {name.split(".", 2)[2]: value for name, value in found if name.startswith("order.")}
        positions = {int(name.split(".")[1]): int(value) for name, value in found if name.startswith("position.")}
        return View(orders, positions)

    def age(self, store: Path) -> None:
        def earlier(match: re.Match[str]) -> str:
            return f"at_end={int(match[1]) - 1000 * _TOO_LONG}"

        text, changes = re.subn(r"^at_end=(\d+)$", earlier, store.read_text("latin-1"), flags=re.MULTILINE)
        assert changes == 1
        store.write_text(text, "latin-1")

    def effects(self, store: Path) -> Any:
        folders = (store / "done", store / "set-aside")
        return tuple({file.stem: file.read_bytes() for file in folder.glob("*.json")} for folder in folders)

    def expected_effects(self, events: Iterable[Record]) -> Any:
        done, set_aside = dict[str, bytes | None](), dict[str, bytes | None]()
        for event in events:
            name = hashlib.sha256(event.headers["ce_id"]).hexdigest()
            (set_aside if _is_conflict(event) else done)[name] = event.value
        return done, set_aside


def _is_conflict(event: Record) -> bool:
    return event.header("bridge_conflict") == "true"


def _rows(store: Path, query: str) -> list[Any]:
    with closing(_opened(store)) as database:
        return database.execute(query).fetchall()


def _opened(store: Path) -> sqlite3.Connection:
    """Whoever writes it may have to wait for a processor."""
    return sqlite3.connect(store, timeout=PATIENCE)


def _unescaped(text: str) -> str:
    """Reads text as java.util.Properties writes it: UTF-16, with escapes."""
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _CONTROLS.get(match[2], match[2]), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
