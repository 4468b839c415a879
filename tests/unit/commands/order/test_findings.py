"""The lines about what is wrong: each names its raw records, where the document does."""

from typing import Any

import pytest

from schemas.order_state import OrderState
from tests.unit.commands.order.orders import WITH_DEFAULT, document, order, printed, section, shipped_and_paid
from tests.unit.processors.orders.facts import fact, items, request


def lines(**fields: Any) -> list[str]:
    return section(printed(order(*shipped_and_paid(), **fields)), "Completed")


def test_a_contradiction_has_its_subject_and_its_facts_positions() -> None:
    facts = [
        fact("order.created", n=1, items=items("A", quantity=1)),
        fact("order.opened", n=2, items=items("A", quantity=1)),
        request("assigned", 1, "A"),
        request("items_completed", 2, "A"),
        fact("order.items_cancelled", "2024-05-01T10:00:09Z", n=8, items=items("A")),
    ]
    text = printed(order(*facts))
    facts_said = "fulfillment_request.items_completed 0:0, order.items_cancelled 0:8"
    assert f"contradiction  item_cancelled_and_shipped of A: {facts_said}" in text


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            {"unprocessed": [{"event": "order.opened", "key": "k", "source": "1:3", "reason": "odd"}]},
            "unprocessed order.opened 1:3: odd",
        ),
        ({"attention": [{"kind": "over_captured", "subject": "EUR"}]}, "attention over_captured: EUR"),
        ({"suspected": ["x:1"]}, "suspected x:1"),
        ({"stalled": ["x"]}, "stalled x"),
        (
            {"acknowledged": [{"name": "x", "reason": "asked NewStore", "at": "2026-01-01T00:00:00Z"}]},
            "set aside x: asked NewStore",
        ),
        ({"truncated": ["timeline", "payments"]}, "left out timeline, payments: the document would be too large"),
    ],
)
def test_a_line_each(fields: dict[str, Any], line: str) -> None:
    assert lines(**fields) == [line]


def test_each_missing_event_has_a_line() -> None:
    text = printed(order(*shipped_and_paid(), missing=["a", "b", "c"], provisional=True))
    assert section(text, "Provisional") == ["missing a", "missing b", "missing c"]


def test_nothing_wrong_is_no_line() -> None:
    assert lines() == []


def test_what_an_older_version_did_not_write_is_named() -> None:
    said = {name: value for name, value in document(shipped_and_paid()).items() if name not in WITH_DEFAULT}
    text = printed(OrderState.model_validate(said))
    assert f"not known  {', '.join(WITH_DEFAULT)}: an older version wrote the document" in text
