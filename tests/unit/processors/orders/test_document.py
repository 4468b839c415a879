"""The document is what `OrderState` describes, field by field."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from processors.orders.apply import apply
from processors.orders.fact import fact_of
from schemas import order_state as document
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    TENANT,
    Json,
    back,
    cleaned,
    clock,
    fact,
    items,
    paid,
    pieces,
    request,
    state_of,
)

SAMPLES = Path(__file__).parents[3] / "data" / "samples"


def busy_order() -> Json:
    return state_of(
        fact(
            "order.opened",
            clock(0),
            currency="EUR",
            grand_total=116,
            items=items("A", quantity=2, list_price=58),
            exchanges=[{"order_id": "order-0", "return_id": "return-0"}],
            customer_email="ada@example.com",
        ),
        paid("captured", 1, "t1", 120),
        request("items_completed", 1, "A"),
        request("items_completed", 1, "A", "B"),
        fact("invoice.created", clock(2), id="invoice-1"),
        fact("order.completed", clock(2)),
        fact("order.cancelled", clock(2)),
        back("return-1", 3, pieces("A", refund_amount=1.5), pieces("X")),
        fact("refund_request.issued", clock(4), id="ask-1", amount=5),
        paid("refunded", 5, "t2", 5),
    )


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (document.OrderState, []),
        (document.OrderDetails, ["order"]),
        (document.Exchange, ["order", "exchanges", 0]),
        (document.Customer, ["order", "customer"]),
        (document.Item, ["items", "A"]),
        (document.FulfillmentRequest, ["fulfillment_requests", "request-1"]),
        (document.RequestedItem, ["fulfillment_requests", "request-1", "items", "A"]),
        (document.Payment, ["payments", "captured:t1"]),
        (document.PaymentSums, ["payment_sums", "EUR"]),
        (document.MethodSums, ["payment_sums", "EUR", "by_method", "credit_card"]),
        (document.Return, ["returns", "return-1"]),
        (document.ReturnedItem, ["returns", "return-1", "items", 0]),
        (document.ReturnedItem, ["returns", "return-1", "unmapped", 0]),
        (document.RefundRequest, ["refund_requests", "ask-1"]),
        (document.UnmatchedRefund, ["unmatched_refunds", 0]),
        (document.Invoice, ["invoices", "invoice-1"]),
        (document.TimelineEntry, ["timeline", 0]),
        (document.Contradiction, ["contradictions", 0]),
        (document.ContradictingFact, ["contradictions", 0, "facts", 0]),
        (document.Attention, ["attention", 0]),
    ],
)
def test_every_field_of_the_model_is_written_in_its_order_and_no_other(
    model: type[BaseModel], path: list[str | int]
) -> None:
    part: Any = busy_order()
    for step in path:
        part = part[step]
    assert list(part) == list(model.model_fields)


def test_the_document_is_valid_and_reads_back_as_it_was_written() -> None:
    state = busy_order()
    assert OrderState.model_validate(state).model_dump(mode="json", exclude_unset=True) == state


def test_what_is_not_known_is_empty() -> None:
    state = state_of(fact("order.gift_wrapped", clock(3)))
    for name, value in state.items():
        if name not in {"missing", "timeline"} and isinstance(value, list | dict):
            assert not value, name
    assert (state["payment_status"], state["return_status"]) == ("none", "none")
    assert (state["incomplete"], state["partial_history"], state["version"]) == (False, False, 1)


def test_an_invoice_is_known_by_its_instant() -> None:
    assert busy_order()["invoices"] == {"invoice-1": {"published_at": clock(2)}}
    assert state_of(fact("invoice.created", "soon", id="i"))["invoices"] == {"i": {"published_at": None}}


def test_the_revision_counts_writes_and_the_version_facts() -> None:
    first = apply(None, [fact("order.created", clock(0)), fact("order.opened", clock(1))], EVERYTHING)
    second = apply(first.row, [fact("order.completed", clock(2))], EVERYTHING)
    written = [OrderState.model_validate_json(applied.state) for applied in (first, second)]
    assert [(each.version, each.revision) for each in written] == [(2, 1), (3, 2)]


@pytest.mark.parametrize("status", ["archived", ""])
def test_readers_let_unknown_values_and_fields_pass(status: str) -> None:
    state = {**busy_order(), "status": status, "mood": "fine"}
    assert OrderState.model_validate(state).status == status


@pytest.mark.parametrize("amount", [58, 58.5, "58.0", "1e2", "058", "-0", "+1", ""])
def test_an_amount_is_a_decimal_string_in_normal_form(amount: object) -> None:
    state = busy_order()
    state["items"]["A"]["list_price"] = amount
    with pytest.raises(ValidationError, match="list_price"):
        OrderState.model_validate(state)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_of_newstore_gives_a_valid_document(path: Path) -> None:
    made = fact_of(*cleaned(path.read_bytes()))
    if made is None:
        assert path.stem.startswith("inventory_")
    else:
        state = OrderState.model_validate_json(apply(None, [made], EVERYTHING).state)
        assert (state.tenant, state.version, state.timeline[0].event) == (TENANT, 1, path.stem)
