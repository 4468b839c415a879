"""Documents too large for their topic say what they leave out, and leave out no more than they must."""

from typing import Any

import orjson
import pytest

from processors.orders.apply import apply, state_of
from processors.orders.order_rules import OrderRules
from processors.orders.render.truncated import _LEFT
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import ORDER_ID, Json, back, clock, fact, items, paid, pieces, request

ITEMS = [f"item-{n}" for n in range(40)]
FACTS = [
    fact(
        "order.created",
        clock(0),
        id=ORDER_ID,
        items=items(*ITEMS),
        currency="EUR",
        customer_email="a@example.com",
        discounts=[{"coupon_code": "X" * 100}],
        extended_attributes=[{"name": "note", "value": "x" * 3_000}],
    ),
    *(request("assigned", n, each, request_id=f"request-{n}") for n, each in enumerate(ITEMS, start=1)),
    *(paid("captured", 50 + n, f"transaction-{n}", 10) for n in range(5)),
    *(paid("refunded", 60 + n, f"transaction-{n}", 90, correlation_id=f"nothing-{n}") for n in range(5)),
    fact("order.items_cancelled", clock(70), items=items(ITEMS[0])),
    request("items_completed", 71, ITEMS[0]),
    back("return-1", 72, *(pieces(each) for each in ITEMS[:10]), pieces("shipping", item_type="shipping")),
    fact("refund_request.issued", clock(73), id="asked-1", amount=5, currency="EUR", note="n" * 150),
    fact("invoice.created", clock(74), id="invoice-1"),
]


def state(most_bytes: int) -> tuple[bytes, Any]:
    written = apply(None, FACTS, OrderRules(document_bytes=most_bytes)).state
    OrderState.model_validate_json(written)
    return written, orjson.loads(written)


WRITTEN_WHOLE, TOLD_WHOLE = state(0)
WHOLE = len(WRITTEN_WHOLE)


def test_a_document_that_fits_is_whole() -> None:
    written, whole = state(WHOLE)
    assert (len(written), whole["truncated"]) == (WHOLE, [])
    assert state(WHOLE - 1)[1]["truncated"] == ["timeline"]


@pytest.mark.parametrize("most_bytes", range(2_000, WHOLE, 300))
def test_it_never_has_more_and_says_what_is_left_out(most_bytes: int) -> None:
    written, told = state(most_bytes)
    assert len(written) <= most_bytes
    assert told["truncated"] == [name for name in _LEFT if name in told["truncated"]]
    for field, value in TOLD_WHOLE.items():
        left_out = {name for name in told["truncated"] if name.partition(".")[0] == field}
        if not left_out and field != "truncated":
            assert told[field] == value
    for name in told["truncated"]:
        assert all(not part for part in parts(told, name))
        assert any(parts(TOLD_WHOLE, name)), "nothing was left out"


def parts(document: Json, name: str) -> list[Any]:
    """What the document has under a dotted name."""
    first, _, inner = name.partition(".")
    value = document[first]
    if not inner:
        return [value]
    if first == "order":
        return [value[inner]]
    return [part[inner] for part in (value.values() if isinstance(value, dict) else value)]


def test_the_smallest_there_is_still_says_what_the_order_came_to() -> None:
    _, told = state(1)
    assert [told[name] for name in ("status", "payment_status", "return_status", "version")] == [
        "open",
        "refunded",
        "partial",
        len(FACTS),
    ]
    assert told["item_counts"] == {"returned": 10, "in_fulfillment": 30}
    assert told["payment_sums"]["EUR"]["refunded"] == "450"


def test_a_migration_writes_the_same() -> None:
    rules = OrderRules(document_bytes=9_000)
    applied = apply(None, FACTS, rules)
    assert state_of(applied.row, rules) == applied.state


def test_what_is_not_there_is_not_left_out() -> None:
    few = [fact("order.created", clock(0), id=ORDER_ID, items=items("A")), back("return-1", 1)]
    told = orjson.loads(apply(None, few, OrderRules(document_bytes=1)).state)
    assert told["truncated"] == ["timeline", "items", "order.customer", "returns"]
    unlisted = [request("assigned", 1, "A")]
    assert "order" not in str(orjson.loads(apply(None, unlisted, OrderRules(document_bytes=1)).state)["truncated"])
