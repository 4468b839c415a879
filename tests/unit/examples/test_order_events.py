"""The example of order events sets aside what no sum can take. That neither ends the consumer nor spoils the sum."""

import runpy
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = runpy.run_path(str(Path(__file__).parents[3] / "examples/consumers/python/order_events.py"))


class Event:
    """What the example reads of confluent-kafka's message."""

    def __init__(self, ce_id: str, body: str) -> None:
        self._ce_id, self._body = ce_id, body.encode()

    def headers(self) -> list[tuple[str, bytes]]:
        return [("ce_id", self._ce_id.encode()), ("ce_type", b"order.created")]

    def value(self) -> bytes:
        return self._body


def created(payload: str) -> str:
    return f'{{"tenant": "acme", "name": "order.created", "payload": {payload}}}'


def effects_of(bodies: list[str]) -> tuple[list[Any], list[Any]]:
    """The turnover, and which bodies were set aside."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(EXAMPLE["SCHEMA"])
        for number, body in enumerate(bodies):
            EXAMPLE["apply_once"](database, Event(str(number), body))
        set_aside = database.execute("SELECT body FROM set_aside").fetchall()
        return database.execute("SELECT * FROM turnover").fetchall(), [body.decode() for (body,) in set_aside]


def test_it_writes_while_somebody_reads_its_store(tmp_path: Path) -> None:
    store = tmp_path / "order-events.sqlite"
    with closing(sqlite3.connect(store, timeout=0)) as database, closing(sqlite3.connect(store)) as reader:
        database.executescript(EXAMPLE["SCHEMA"])
        reader.execute("BEGIN")
        assert reader.execute("SELECT * FROM done").fetchall() == []
        with database:
            EXAMPLE["apply_once"](database, Event("1", created("{}")))


@pytest.mark.parametrize(
    "odd",
    [
        *('{"currency": "EUR"}', '{"grand_total": 1}', "{}"),
        *('{"currency": {}, "grand_total": 1}', '{"currency": null, "grand_total": 1}'),
        *('{"currency": "", "grand_total": 1}', '{"currency": "\\ud800", "grand_total": 1}'),
        *('{"currency": "EUR", "grand_total": []}', '{"currency": "EUR", "grand_total": [0, [1], 0]}'),
        *('{"currency": "EUR", "grand_total": true}', '{"currency": "EUR", "grand_total": null}'),
        *('{"currency": "EUR", "grand_total": NaN}', '{"currency": "EUR", "grand_total": "sNaN"}'),
        *('{"currency": "EUR", "grand_total": "-Infinity"}', '{"currency": "EUR", "grand_total": 1e999999}'),
        '{"currency": "EUR", "grand_total": 1, "other": 1e99999999999999999999}',
    ],
)
def test_an_odd_event_is_set_aside(odd: str) -> None:
    fine = created('{"currency": "EUR", "grand_total": 19.99}')
    assert effects_of([fine, created(odd), fine]) == ([("EUR", "39.98")], [created(odd)])


def test_amounts_are_exact_also_as_texts() -> None:
    bodies = [created(f'{{"currency": "EUR", "grand_total": {amount}}}') for amount in (0.1, '"0.2"', -58)]
    assert effects_of(bodies) == ([("EUR", "-57.7")], [])
