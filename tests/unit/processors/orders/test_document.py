"""The document is what `OrderState` describes, field by field."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from processors.orders.apply import apply
from processors.orders.fact import fact_of
from schemas.order_state import Contradiction, Item, OrderState, Return, ReturnedItem, TimelineEntry
from tests.unit.processors.orders.facts import EVERYTHING, TENANT, Json, cleaned, clock, fact, items, request, state_of

SAMPLES = Path(__file__).parents[3] / "data" / "samples"


def busy_order() -> Json:
    return state_of(
        fact("order.opened", clock(0), items=items("A", quantity=2, list_price=58)),
        request("items_completed", 1, "A"),
        request("items_completed", 1, "A", "B"),
        fact("order.completed", clock(2)),
        fact("order.cancelled", clock(2)),
        fact("return.processed", "never", id="return-1", items=items("A", refund_amount=1.5)),
    )


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (OrderState, []),
        (Item, ["items", "A"]),
        (Return, ["returns", "return-1"]),
        (ReturnedItem, ["returns", "return-1", "items", 0]),
        (TimelineEntry, ["timeline", 0]),
        (Contradiction, ["contradictions", 0]),
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


def test_fields_of_later_issues_have_their_empty_value() -> None:
    state = busy_order()
    empty: Json = {
        "fulfillment_status": "unfulfilled",
        "payment_status": "none",
        "incomplete": False,
        "partial_history": False,
        "unprocessed": [],
        "order": {},
        "fulfillment_requests": {},
        "payments": {},
        "refund_requests": {},
        "invoices": {},
    }
    assert {name: state[name] for name in empty} == empty


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
