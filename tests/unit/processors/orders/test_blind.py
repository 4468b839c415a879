"""Blind returns, which belong to no order: which they are, and what is kept of them."""

from typing import Any

import orjson
import pytest

from processors.orders.blind import blind_return
from tests.unit.processors.orders.units import event_record


def blind(event: str = "return.processed", **payload: Any) -> Any:
    record = event_record(7, event, **payload)
    return blind_return(record.value, dict(record.headers), record.timestamp)


def test_it_is_kept_with_what_it_says() -> None:
    found = blind(id="return-1", currency="EUR", total_refund_amount="5.00", external_order_id="007")
    assert found.place == (7_000).to_bytes(8) + b"0:7"
    kept = orjson.loads(found.row)
    assert (kept["return_id"], kept["total_refund_amount"], kept["source"]) == ("return-1", "5", "0:7")
    assert found.ids == [("return", "return-1"), ("external", "007")]
    assert found.keys == [b"x/return/return-1\xfe" + found.place, b"x/external/7\xfe" + found.place]


def test_what_is_kept_of_it_is_all_that_its_answer_shows() -> None:
    said: dict[str, Any] = {
        "returned_at": "2024-05-01T09:00:00",
        "return_fee": 1.50,
        "associate_id": "4",
        "note": "of nobody",
    }
    kept = orjson.loads(blind(id="return/1", currency="EUR", total_refund_amount="5.00", **said).row)
    assert kept == {
        "return_id": "return/1",
        "external_order_id": None,
        "key": "return%2F1",
        "published_at": "2024-05-01T10:00:07Z",
        "received_at": "1970-01-01T00:00:07.000Z",
        "source": "0:7",
        "returned_at": "2024-05-01T09:00:00Z",
        "return_location_id": None,
        "associate_id": "4",
        "currency": "EUR",
        "total_refund_amount": "5",
        "total_refund_amount_adjusted": None,
        "total_refund_excl_tax": None,
        "total_refund_tax": None,
        "return_fee": "1.5",
    }


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("external_order_id", "7", "7"),
        ("externalOrderNumber", 7, "7"),
        ("order_external_id", "7", "7"),
        ("external_id", "7", None),
        ("external_order_id", {"id": "7"}, None),
    ],
)
def test_the_order_of_another_system_is_what_a_field_says_that_is_called_so(field: str, value: Any, found: Any) -> None:
    assert orjson.loads(blind(id="r", **{field: value}).row)["external_order_id"] == found


def test_one_without_any_id_is_kept_all_the_same() -> None:
    found = blind()
    assert (found.keys, orjson.loads(found.row)["return_id"]) == ([], None)


@pytest.mark.parametrize(
    ("event", "payload"),
    [("return.processed", {"order_id": "order-1"}), ("return.lost", {"id": "r"}), ("invoice.created", {"id": "i"})],
)
def test_nothing_else_is_one(event: str, payload: dict[str, Any]) -> None:
    assert blind(event, **payload) is None
