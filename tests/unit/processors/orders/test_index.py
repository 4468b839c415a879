"""The rows by which orders are found: an order has those that follow from its own row, and no two are mixed up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.agent import Orders
from processors.orders.apply import OrderRules, apply
from processors.orders.index import Since, id_in, id_prefix, keys_of, list_prefix
from processors.orders.order_rules import History
from processors.orders.row import load, summary_of
from processors.orders.standing import LISTS
from processors.orders.table import REACHED_KEY, TOTALS_KEY, row_key
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    back,
    clock,
    fact,
    items,
    paid,
    request,
    transaction,
)
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

REQUEST = "fulfillment_request.items_completed"
LIFE: list[tuple[str, dict[str, Any]]] = [
    ("order.created", {"external_id": "0042", "items": items("A")}),
    ("order.opened", {"external_id": "0042", "items": items("A")}),
    ("order.items_on_hold", {"items": items("A")}),
    ("payment_account.amount_refunded", {"transactions": [transaction("t", 5)]}),
    ("fulfillment_request.assigned", {"id": "r", "items": items("A")}),
    (REQUEST, {"id": "r", "items": items("A", tracking_code="1Z")}),
    ("order.completed", {"items": items("A", status="complete")}),
]
OWN = (REACHED_KEY, TOTALS_KEY)


class Table:
    """A partition's rows."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.orders = Orders(TOPICS, OrderRules())

    def deliver(self, n: int, event: str, **payload: Any) -> list[bytes]:
        """Deliver one event. Returns the keys of the written rows, but not the order's and the partition's own."""
        own = {"id": ORDER_ID} if event.startswith("order.") else {"order_id": ORDER_ID}
        unit = FakeUnit([event_record(n, event, **own, **payload)], dict(self.rows))
        self.orders.process(unit)  # type: ignore[arg-type]  # takes the unit's place
        written = [key for key, row in unit.rows.items() if self.rows.get(key, b"") != row]
        self.rows = unit.rows
        return sorted(key for key in written if key not in {*OWN, row_key(ORDER_ID.encode())})

    def index(self, *prefixes: bytes) -> set[bytes]:
        """The keys of an index that are there."""
        return {key for key, row in self.rows.items() if row is not None and key.startswith(prefixes)}

    def listed(self, name: str) -> list[Since]:
        """The orders in a list."""
        prefix = list_prefix(name)
        return [Since.read(key.removeprefix(prefix)) for key in sorted(self.index(prefix))]


@pytest.mark.parametrize("shuffled", [LIFE, LIFE[::-1], LIFE[3:] + LIFE[:3]])
def test_an_order_has_the_rows_that_its_own_row_tells(shuffled: list[tuple[str, dict[str, Any]]]) -> None:
    table = Table()
    for n, (event, payload) in enumerate(shuffled):
        table.deliver(n, event, **payload)
        row = table.rows[row_key(ORDER_ID.encode())]
        assert row is not None
        assert table.index(b"x/", b"by/") == set(keys_of(load(row)))
    assert id_prefix("external", "42") + ORDER_ID.encode() in table.index(b"x/")


def test_it_enters_a_list_and_leaves_it() -> None:
    table = Table()
    table.deliver(0, "order.opened", items=items("A"))
    assert table.listed("unfinished") == [Since(0, b"order-1")]
    table.deliver(60, "order.items_on_hold", items=items("A"))
    assert table.listed("on_hold") == [Since(60_000, b"order-1")]
    table.deliver(70, "fulfillment_request.assigned", id="r", items=items("A"))
    assert (table.listed("on_hold"), table.listed("unfinished")) == ([], [Since(0, b"order-1")])
    table.deliver(80, "order.cancelled", items=items("A"))
    assert table.index(b"by/") == set()


def test_only_refunds_are_listed_until_anything_else_is_known() -> None:
    table = Table()
    table.deliver(0, "payment_account.amount_refunded", transactions=[transaction("t", 5)])
    assert [each.id for each in table.listed("only_refunds")] == [b"order-1"]
    table.deliver(1, "order.opened", items=items("A"))
    assert table.listed("only_refunds") == []


def test_an_account_of_refunds_alone_is_nothing_that_is_to_be_finished_or_looked_at() -> None:
    table = Table()
    table.deliver(0, "payment_account.amount_refunded", transactions=[transaction("t", 5)])
    assert (table.listed("unfinished"), table.listed("attention")) == ([], [])
    table.deliver(1, "order.opened", items=items("A"))
    assert [len(table.listed(name)) for name in ("unfinished", "attention")] == [1, 1]


def test_what_came_back_of_an_order_from_before_the_bridge_is_nothing_that_is_to_be_finished() -> None:
    history = History.before(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1))
    for rules, unfinished in ((OrderRules(history=history), False), (EVERYTHING, True)):
        back_only = [back("r", 3, total_refund_amount=5)]
        summary = summary_of(apply(None, back_only, rules).row)
        assert summary is not None
        assert (LISTS.index("unfinished") in summary.standing) is unfinished
        for more in (fact("order.opened", clock(5)), paid("captured", 5, "c", 5), request("assigned", 5, "A")):
            summary = summary_of(apply(None, [*back_only, more], rules).row)
            assert summary is not None
            assert LISTS.index("unfinished") in summary.standing


def test_an_event_that_says_nothing_new_writes_no_row_of_an_index() -> None:
    table = Table()
    for n, (event, payload) in enumerate(LIFE[:2]):
        table.deliver(n, event, **payload)
    assert not [key for key in table.deliver(9, "invoice.created", id="i") if not key.startswith(b"due/")]


@given(st.text(max_size=4), st.text(max_size=4), st.binary(max_size=3))
def test_no_id_is_the_beginning_of_another_one(one: str, other: str, rest: bytes) -> None:
    key = id_prefix("return", other) + rest
    assert key.startswith(id_prefix("return", one)) == (one == other)


@pytest.mark.parametrize(
    ("kind", "text", "normalised"),
    [("return", "a/ü/0", "a/ü/0"), ("external", " 00E-1/x ", "e-1/x"), ("request", "", "")],
)
def test_the_id_is_told_by_how_its_keys_begin(kind: str, text: str, normalised: str) -> None:
    assert id_in(id_prefix(kind, text)) == normalised


@given(st.integers(0, 2**63), st.binary(max_size=4))
def test_a_place_in_a_list_is_read_as_it_was_written(at: int, order_id: bytes) -> None:
    assert Since.read(Since(at, order_id).packed) == Since(at, order_id)


def test_what_has_no_time_is_no_place_in_a_list() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        Since.read(b"1234567")
