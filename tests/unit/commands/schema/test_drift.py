"""Deviations of many events, added up: counts, shares, firsts, and no more memory than agreed."""

import json
from typing import Any

import pytest

from commands.schema import drift
from commands.schema.drift import Drift, Found
from schemas.models.deviations import Kind


def body(event: str = "refund_request.issued", **fields: Any) -> bytes:
    """A body without deviation but for these fields."""
    usual = {"id": "1", "order_id": "2", "payment_account_id": "2", "amount": 5.0, "currency": "EUR"}
    envelope = {"tenant": "acme", "name": event, "published_at": "2026-01-01T00:00:00Z"}
    return json.dumps(envelope | {"payload": usual | fields}).encode()


def added(*bodies: bytes, most_rows: int = 100) -> Drift:
    """The deviations of these bodies, added up by offset, one millisecond apart."""
    found = Drift(most_rows)
    for offset, value in enumerate(bodies):
        found.add(value, f"0:{offset}", offset)
    return found


def told(found: Drift) -> list[tuple[str, str, int]]:
    return [(row.field, row.example, row.count) for row in found.rows]


def test_events_without_deviation_leave_no_rows() -> None:
    found = added(body(), body())
    assert (found.records, found.rows, found.deviates) == (2, [], False)
    assert found.events == {"refund_request.issued": 2}


def test_a_row_tells_how_many_events_have_it_and_which_was_the_first() -> None:
    found = added(body(), body(colour="red"), body(colour="blue"), body("gift_card.deactivated"))
    [row, *undocumented] = [row for row in found.rows if row.event == "refund_request.issued"]
    assert row == Found("refund_request.issued", "payload.colour", Kind.UNKNOWN_FIELD, 2, '"red"', "0:1", 1)
    assert found.share(row) == pytest.approx(2 / 3)
    assert undocumented == []


def test_the_first_is_the_one_that_came_first_whatever_the_order_of_reading() -> None:
    found = Drift()
    for colour, source, timestamp in (("red", "0:7", 20), ("blue", "1:3", 10), ("green", "1:4", 30)):
        found.add(body(colour=colour), source, timestamp)
    [row] = found.rows
    assert (row.example, row.first_seen, row.count) == ('"blue"', "1:3", 3)


def test_each_new_value_has_a_row() -> None:
    found = added(*(body("order.opened", channel_type=channel) for channel in ("kiosk", "web", "phone", "kiosk")))
    rows = [(row.example, row.count) for row in found.rows if row.kind is Kind.NEW_VALUE]
    assert rows == [('"kiosk"', 2), ('"phone"', 1)]


def test_what_newstore_does_not_publish_is_listed_and_no_drift() -> None:
    found = added(body("customer.created"))
    assert {row.kind for row in found.rows} == {Kind.UNDOCUMENTED_FIELD}
    assert not found.deviates


def test_examples_are_short_and_cannot_command_a_terminal() -> None:
    found = added(body(note=["x" * 500]), body(odd="\x1b[2J\x9b\u202e"))
    assert [len(row.example) for row in found.rows] == [60, 23]
    assert all(row.example.isascii() and row.example.isprintable() for row in found.rows)
    deep = added(body(deep=json.loads("[" * 400 + "]" * 400)))
    assert told(deep) == [("payload.deep", "[" * 57 + "...", 1)]


@pytest.mark.parametrize("name", ["\x1b[2J", "order.\ud800", "x" * 1000])
def test_event_names_are_made_harmless(name: str) -> None:
    (event,) = added(body(name)).events
    assert event.isascii()
    assert event.isprintable()
    assert len(event) <= 250


def test_missing_fields_have_no_example() -> None:
    document = json.loads(body())
    del document["payload"]["currency"]
    assert told(added(json.dumps(document).encode())) == [("payload.currency", "", 1)]


def test_a_body_that_nests_deeper_than_any_reader_takes_is_a_row_like_any_other() -> None:
    """Raw may have records that no ingress wrote. One of these ended each `drift` by a traceback."""
    assert told(added(b'{"a":' * 1000 + b"1" + b"}" * 1000)) == [("$", "null", 1)]


def test_beyond_the_limit_rows_become_other() -> None:
    found = added(*(body("refund_request.issued", **{f"field_{number}": number}) for number in range(5)), most_rows=3)
    assert told(found)[:1] == [("other", "3", 2)]
    assert len(found.rows) == 4


def test_beyond_the_limit_event_names_become_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "_MOST_NAMES", 2)
    found = added(body("a"), body("b"), body("c"), body("d"), body("a"))
    assert found.events == {"a": 2, "b": 1, "other": 2}
    assert [found.share(row) for row in found.rows if row.event == "other" and row.kind is Kind.NEW_VALUE] == [0.5, 0.5]
