"""From a cleaned record to a fact: identity from the headers, data from the body."""

import orjson
import pytest

from processors.orders.fact import fact_of
from schemas import headers as header
from tests.unit.processors.orders.facts import ORDER_ID, TENANT, cleaned, fact, items


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
    assert made.instant == "2024-05-01T10:00:00.5Z"
    assert made.payload_hash == headers[header.PAYLOAD_HASH].decode()
    assert (made.received_at, made.source) == ("2024-05-01T10:00:01.007Z", "3:42")
    assert made.conflict is False


def test_a_passed_conflict_keeps_the_key_it_conflicts_about() -> None:
    value, headers = cleaned(body("order.opened", {"id": "o~1/x"}))
    ce_id = headers[header.CE_ID] + b"~" + headers[header.PAYLOAD_HASH]
    made = fact_of(value, {**headers, header.CE_ID: ce_id, header.CONFLICT: b"true"})
    assert made is not None
    assert (made.key, made.conflict) == ("o~1%2Fx", True)


@pytest.mark.parametrize("published_at", [None, "soon", 17, ["2024"]])
def test_without_a_time_the_instant_is_that_of_the_body(published_at: object) -> None:
    value, headers = cleaned(body("order.opened", {"id": ORDER_ID}, published_at=published_at))
    made = fact_of(value, headers)
    assert made is not None
    assert header.CE_TIME not in headers
    assert made.instant.startswith("raw-")


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
    with pytest.raises(KeyError, match="ce_id"):
        fact_of(body("order.created", {"id": ORDER_ID}), {header.PAYLOAD_HASH: b"v1:0"})


def test_data_holds_only_what_the_fold_needs() -> None:
    made = fact("order.opened", items=items("A", quantity=1, list_price=58.0, colour="red"), note="x" * 10_000)
    assert made.data == {
        "items": [{"id": "A", "product_id": "product-A", "quantity": 1, "list_price": "58"}],
    }


def test_an_unknown_event_has_no_data_but_is_a_fact() -> None:
    made = fact("order.gift_wrapped", items=items("A"))
    assert (made.event, made.data) == ("order.gift_wrapped", {})


def test_free_text_is_cut_and_numbers_become_text() -> None:
    line = {"id": 7, "return_reason": "é" * 300, "return_code": 12, "item_condition": "", "quantity": "1"}
    made = fact("return.processed", items=[line])
    assert made.data["items"] == [{"id": "7", "return_reason": "é" * 200, "return_code": "12", "quantity": 1}]


def test_times_in_a_payload_are_normalised() -> None:
    made = fact("return.processed", returned_at="2018-09-21T21:40:08.633400", items=[])
    assert made.data["returned_at"] == "2018-09-21T21:40:08.6334Z"
    assert "returned_at" not in fact("return.processed", returned_at="last week").data


def test_amounts_never_become_binary() -> None:
    value, headers = cleaned(
        b'{"tenant":"demo-tenant","name":"return.processed","payload":{"id":"return-1","order_id":"order-1",'
        b'"total_refund_amount":0.30000000000000004,"return_fee":0.10,"total_refund_tax":12345678901234567.89}}'
    )
    made = fact_of(value, headers)
    assert made is not None
    assert made.data["total_refund_amount"] == "0.30000000000000004"
    assert made.data["return_fee"] == "0.1"
    assert made.data["total_refund_tax"] == "12345678901234567.89"
