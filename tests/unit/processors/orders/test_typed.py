"""Bodies decoded field by field say the same as bodies read whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.payload import (
    LISTED_FIELDS,
    ORDER_FIELDS,
    REFUND_REQUEST_FIELDS,
    RETURN_FIELDS,
    RETURNED_FIELDS,
    said_of,
)
from processors.orders.typed import decoded
from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.events import EVENT_NAMES

FIELDS = sorted(
    {*ORDER_FIELDS, *LISTED_FIELDS, *RETURN_FIELDS, *RETURNED_FIELDS, *REFUND_REQUEST_FIELDS}
    | {"id", "order_id", "product_id", "status", "carrier", "tracking_code", "shipped_at", "instrument_id", "type"}
    | {"logical_timestamp", "service_level", "cancellation_reason", "correlation_id", "payment_method", "unknown"}
)
OF_ORDERS = {"fulfillment_request", "invoice", "order", "payment_account", "refund_request", "return"}
ARRAYS = ("items", "transactions", "instruments", "exchanges")
WRITTEN = st.sampled_from(
    [
        *('"A"', '"2026-01-01T10:00:00.50+01:00"', '"12.50"', '"é"', '"\\u00e9"', '"\\ud800"', '""', f'"{"x" * 201}"'),
        *("0", "-0", "1", "7.0", "0.10", "12.5", "-3", "1e2", "12345678901234567890123", "0.30000000000000004", "NaN"),
        *("null", "true", "[]", "{}", '{"b": 1.50, "a": "\\u00e9"}', '[{"n": 1}, 2]', '{"deep": [[NaN]]}'),
    ]
)
"""Values of many kinds, as text: how they are written matters."""


def written(fields: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields) + "}"


OBJECTS = st.lists(st.tuples(st.sampled_from(FIELDS), WRITTEN), max_size=8).map(written)
MEMBERS = st.lists(st.one_of(OBJECTS, OBJECTS, WRITTEN), max_size=3).map(lambda members: f"[{', '.join(members)}]")
PAYLOADS = st.lists(
    st.one_of(st.tuples(st.sampled_from(FIELDS), WRITTEN), st.tuples(st.sampled_from(ARRAYS), MEMBERS)), max_size=12
).map(written)


@given(st.sampled_from(sorted(EVENT_NAMES)), PAYLOADS)
def test_what_is_decoded_says_what_the_whole_body_says(event: str, payload: str) -> None:
    body = f'{{"tenant": "t", "name": "{event}", "payload": {payload}}}'.encode("utf-8", "surrogatepass")
    if (found := decoded(event, body)) is not None:
        assert said_of(event, found[1]) == said_of(event, read_envelope(body).payload)
        assert found[0] == "t"


@pytest.mark.parametrize("event", sorted({*EVENT_NAMES} - {"order.items_swapped"}))
def test_a_body_as_described_is_decoded(event: str, described: dict[str, Any]) -> None:
    """A body that says nothing about an order is the exception."""
    found = decoded(event, json.dumps({"tenant": "t", "name": event, "payload": described}).encode())
    assert (found is None) == (said_of(event, described) is None) == (event.partition(".")[0] not in OF_ORDERS)


@pytest.fixture
def described() -> dict[str, Any]:
    return {
        "id": "one",
        "order_id": "order-1",
        "created_at": "2026-01-01T10:00:00Z",
        "grand_total": 12.5,
        "billing_address": {"city": "Zürich"},
        "total_refund_amount": "7.50",
        "logical_timestamp": 7,
        "is_historical": False,
        "reason_code": 3,
        "exchanges": None,
        "items": [{"id": "A", "quantity": 1, "tax": None, "return_code": 5, "more": {"of": [1]}}],
        "transactions": [{"id": "T", "amount": 3, "instrument_id": "I"}],
        "instruments": [{"id": "I", "payment_method": "cash"}],
    }


@pytest.mark.parametrize(
    "body",
    [
        b'{"tenant": "", "payload": {"id": "a"}}',
        b'{"tenant": 7, "payload": {"id": "a"}}',
        b'{"payload": {"id": "a"}}',
        b'{"tenant": "t", "payload": []}',
        b'{"tenant": "t", "payload": {"id": "a"}',
        b"no JSON",
    ],
)
def test_what_is_no_envelope_is_left_to_the_exact_parser(body: bytes) -> None:
    assert decoded("order.created", body) is None
    with pytest.raises(InvalidEnvelope):
        read_envelope(body)


def test_a_body_with_too_much_structure_is_left_to_the_exact_parser() -> None:
    body = b'{"tenant": "t", "payload": {"id": "a", "more": [%s]}}' % b",".join([b"[]"] * 200_000)
    assert decoded("order.created", body) is None


def test_of_equal_keys_the_last_one_counts() -> None:
    body = b'{"tenant": "t", "payload": {"id": "a", "id": "b", "currency": "EUR", "currency": null}}'
    assert decoded("order.created", body) == ("t", {"id": "b", "currency": None})


def test_a_body_that_is_no_utf8_is_left_to_the_exact_parser() -> None:
    body = b'{"tenant": "t", "name": "invoice.created", "payload": {"id": "\xed\xa0\x80"}}'
    assert decoded("invoice.created", body) is None
