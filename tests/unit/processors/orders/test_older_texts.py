"""Rows of older versions with U+0000 in their texts: their documents are those of today, without raw."""

import re
from typing import Any

import orjson
import pytest

from processors.orders import values
from processors.orders.apply import apply
from processors.orders.fact import Fact
from processors.orders.older_rows import is_older, load
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    Json,
    clock,
    fact,
    items,
    of_an_earlier_version,
    request,
    transaction,
)

ZERO = b"\\u0000"


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The row of a version that left U+0000 in."""
    with monkeypatch.context() as before:
        before.setattr(values, "without_zero", lambda text: text)
        before.setattr(values, "_WRITTEN_ZERO", re.compile(rb"(?!)()"))
        return of_an_earlier_version(apply(None, facts(), EVERYTHING).row)


def facts() -> list[Fact]:
    """Facts of an order with U+0000 in most texts."""
    line: Json = {"return_reason": "too s\0mall", "return_code": "A\0", "quantity": 1}
    parcel: dict[str, Any] = {"carrier": "D\0HL", "tracking_code": "T\0-1", "shipped_at": clock(3)}
    listed = items("A", "B", item_type="pro\0duct", quantity=1, shipping_service_level="EX\0P")
    told: Json = {"id": "card", "payment_method": "credit\0_card", "payment_wallet": "\0"}
    body: dict[str, Any] = {"channel": "w\0eb", "currency": "EUR\0", "associate_id": "\0", "external_id": "X-1"}
    return [
        fact("order.created", clock(0), n=1, items=listed, **body),
        fact(
            "order.opened", clock(1), n=2, items=listed, extended_attributes=[{"na\0me": "v\0", "b": "\\u0000"}], **body
        ),
        request("assigned", 2, "A", "B", fulfillment_location_id="L\0", service_level="E\0", associate_id="J\0"),
        fact(
            "fulfillment_request.items_completed",
            clock(3),
            n=4,
            id="request-1",
            logical_timestamp=3,
            items=items("A", **parcel),
        ),
        fact("order.items_cancelled", clock(4), n=5, items=items("B", cancellation_reason="cus\0tomer")),
        fact(
            "payment_account.amount_captured",
            clock(5),
            n=6,
            transactions=[transaction("t", 5, instrument_id="card")],
            instruments=[told],
        ),
        fact("return.processed", clock(6), n=7, return_location_id="L\0", currency="E\0UR", items=items("A", **line)),
        fact("refund_request.issued", clock(7), n=8, amount=5, currency="EU\0R", note="ple\0ase"),
        fact("order.completed", clock(8), n=9, items=items("A", status="comp\0lete", fulfillment_location_id="L\0")),
    ]


def document(row: bytes) -> Json:
    found: Json = orjson.loads(apply(row, [], EVERYTHING).state)
    return {name: value for name, value in found.items() if name != "revision"}


def test_such_a_row_has_the_document_of_a_fresh_one(older: bytes) -> None:
    fresh = apply(None, facts(), EVERYTHING)
    brought = apply(older, [], EVERYTHING)
    assert not is_older(brought.row)
    assert document(brought.row) == document(fresh.row)
    assert ZERO not in brought.state.replace(b"\\" + ZERO, b"")


def test_nor_does_it_keep_objects_that_common_readers_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    address = {"city": "Z\u00fcrich"}

    def told() -> list[Fact]:
        vast = {"floor": orjson.loads("[" * 60 + "]" * 60)}
        return [
            fact("order.created", clock(0), n=1, shipping_address=address, billing_address=vast),
            fact("order.opened", clock(1), n=2, shipping_address=vast, discounts=[vast]),
        ]

    with monkeypatch.context() as before:
        before.setattr(values, "_MOST_LEVELS", 500)
        older = of_an_earlier_version(apply(None, told(), EVERYTHING).row)
    brought = document(apply(older, [], EVERYTHING).row)
    assert brought == document(apply(None, told(), EVERYTHING).row)
    assert brought["order"]["customer"]["shipping_address"] == address


def test_it_is_found_by_the_tracking_code_without_it(older: bytes) -> None:
    """The index still has the code with U+0000, too."""
    assert load(older).slots.tracking_codes == ["T\0-1", "T-1"]


def test_an_id_keeps_it() -> None:
    created = fact("order.created", external_id="X\0-1", items=items("A"))
    row = of_an_earlier_version(apply(None, [created], EVERYTHING).row)
    assert load(row).slots.external_ids == ["X\0-1"]
    assert document(row)["order"]["external_id"] == "X\0-1"
