"""From a cleaned record to a fact: identity from the headers, data from the body."""

from typing import Any

import orjson
import pytest

from processors.orders.canonical import parts_of
from processors.orders.fact import ForeignRecordError, fact_of
from schemas import headers as header
from tests.unit.processors.orders.facts import ORDER_ID, TENANT, Json, cleaned, fact, items, state_of


def returned(**payload: Any) -> Json:
    """Return what is kept of a return."""
    kept: Json
    [kept] = state_of(fact("return.processed", **payload))["returns"].values()
    return kept


def body(name: str, payload: object, **envelope: object) -> bytes:
    return orjson.dumps({"tenant": TENANT, "name": name, "payload": payload, **envelope})


def test_identity_and_arrival_come_from_the_headers() -> None:
    value, headers = cleaned(
        body("order.created", {"id": ORDER_ID}, published_at="2024-05-01 12:00:00.500+02:00"),
        received_at_ms=1_714_557_601_007,
        source="3:42",
    )
    made = fact_of(value, headers)
    assert made is not None
    assert (made.order_id, made.tenant, made.event, made.key) == (ORDER_ID, TENANT, "order.created", ORDER_ID)
    assert parts_of(made.place) == (
        "2024-05-01T10:00:00.5Z",
        "order.created",
        ORDER_ID,
        headers[header.PAYLOAD_HASH].decode(),
    )
    assert (made.received_at, made.source) == ("2024-05-01T10:00:01.007Z", "3:42")
    assert made.conflict is False


def test_the_instant_is_what_dedupe_decided_whatever_the_body_says() -> None:
    value, headers = cleaned(body("order.created", {"id": ORDER_ID}, published_at="2024-05-01T12:00:00Z"))
    decided = {**headers, header.CE_TIME: b"2023-01-01T00:00:00Z"}
    made = fact_of(value, decided)
    assert made is not None
    assert parts_of(made.place).published_at == "2023-01-01T00:00:00Z"


def test_a_passed_conflict_keeps_the_key_it_conflicts_about() -> None:
    value, headers = cleaned(body("order.opened", {"id": "o~1/x"}))
    ce_id = headers[header.CE_ID] + b"~" + headers[header.PAYLOAD_HASH]
    made = fact_of(value, {**headers, header.CE_ID: ce_id, header.CONFLICT: b"true"})
    assert made is not None
    assert (made.key, made.conflict) == ("o~1%2Fx", True)


@pytest.mark.parametrize("published_at", [None, "soon", 17, ["2024"]])
def test_without_a_time_there_is_no_instant(published_at: object) -> None:
    value, headers = cleaned(body("order.opened", {"id": ORDER_ID}, published_at=published_at))
    made = fact_of(value, headers)
    assert made is not None
    assert header.CE_TIME not in headers
    assert parts_of(made.place).published_at is None


def test_an_absent_published_at_is_a_null_one() -> None:
    absent = fact_of(*cleaned(body("order.opened", {"id": ORDER_ID})))
    null = fact_of(*cleaned(body("order.opened", {"id": ORDER_ID}, published_at=None)))
    assert absent == null


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("return.processed", {"id": "return-1", "items": []}),
        ("return.processed", {"id": "return-1", "order_id": ""}),
        ("fulfillment_request.assigned", {"id": "request-1", "order_id": None}),
        ("order.created", {"id": {"of": "odd shape"}}),
        ("inventory_count.items_counted", {"id": ORDER_ID}),
    ],
)
def test_an_event_without_a_usable_order_id_belongs_to_no_order(name: str, payload: object) -> None:
    assert fact_of(*cleaned(body(name, payload))) is None


def test_a_payment_account_has_its_orders_id() -> None:
    made = fact_of(*cleaned(body("payment_account.amount_captured", {"id": ORDER_ID})))
    assert made is not None
    assert made.order_id == ORDER_ID


def test_a_record_that_dedupe_did_not_write_is_refused() -> None:
    with pytest.raises(ForeignRecordError, match="ce_id"):
        fact_of(body("order.created", {"id": ORDER_ID}), {header.PAYLOAD_HASH: b"v1:0"})


def test_an_unknown_event_says_nothing_but_is_a_fact() -> None:
    made = fact("order.gift_wrapped", items=items("A"))
    assert (made.event, state_of(made)["items"]) == ("order.gift_wrapped", {})


def test_free_text_is_cut_and_numbers_become_text() -> None:
    line = {"id": 7, "return_reason": "é" * 300, "return_code": 12, "item_condition": "", "quantity": "1"}
    [kept] = returned(items=[line])["unmapped"]
    assert {name: value for name, value in kept.items() if value is not None} == {
        "id": "7",
        "return_reason": "é" * 200,
        "return_code": "12",
        "quantity": 1,
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (0, 0),
        (999_999_999, 999_999_999),
        (1_000_000_000, None),
        (2_000_000_000, None),
        ("999999999", 999_999_999),
        ("1000000000", None),
        (7.0, 7),
        ("7.00", 7),
        (7.5, None),
        (-1, 1),  # of a return
        ("-0", 0),
        (True, None),
        ([], None),
    ],
)
def test_a_quantity_is_a_whole_number_of_at_most_nine_digits(written: object, read: int | None) -> None:
    [kept] = returned(items=[{"id": "A", "quantity": written}])["unmapped"]
    assert kept["quantity"] == read


def test_times_in_a_payload_are_normalised() -> None:
    assert returned(returned_at="2018-09-21T21:40:08.633400")["returned_at"] == "2018-09-21T21:40:08.6334Z"
    assert returned(returned_at="last week")["returned_at"] is None


def test_amounts_never_become_binary() -> None:
    value, headers = cleaned(
        b'{"tenant":"demo-tenant","name":"return.processed","payload":{"id":"return-1","order_id":"order-1",'
        b'"total_refund_amount":0.30000000000000004,"return_fee":0.10,"total_refund_tax":12345678901234567.89}}'
    )
    made = fact_of(value, headers)
    assert made is not None
    kept = state_of(made)["returns"]["return-1"]
    assert kept["total_refund_amount"] == "0.30000000000000004"
    assert kept["return_fee"] == "0.1"
    assert kept["total_refund_tax"] == "12345678901234567.89"
    assert kept["refund_outstanding"] == "0.20000000000000004"
