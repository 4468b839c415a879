"""Rows of older versions: what they kept of each fact is joined into slots, until its event is read from raw again."""

import orjson

from processors.orders import row as current
from processors.orders.canonical import place_of
from processors.orders.joining import join
from processors.orders.payload import said_of
from processors.orders.row import Row, StoredFact
from processors.orders.summary import Summary

_FIRST_VERSION = 1
"""JSON lines: the order first, then the fields of each fact that this version read, in canonical order."""


def load(row: bytes) -> Row:
    """Read a row of any version."""
    return _converted(row) if row.startswith(b"{") else current.load(row)


def _converted(row: bytes) -> Row:
    head, *data = row.split(b"\n")
    order = orjson.loads(head)
    summary = order["summary"]
    made = Row(
        _FIRST_VERSION,
        order["order_id"],
        order["tenant"],
        summary=Summary(summary["status"], summary["provisional"], summary["incomplete"]) if summary else None,
        unread=list(range(len(data))),
        unprocessed=order["unprocessed"],
    )
    places: list[str] = []
    for (event, key, instant, payload_hash, received_at, source, conflict), said in zip(
        order["facts"], data, strict=True
    ):
        places.append(place_of(instant, event, key, payload_hash))
        made.facts.append(StoredFact(places[-1], received_at, source, conflict))
        join(made.slots, event, said_of(event, orjson.loads(said)), len(places) - 1, places)
    return made
