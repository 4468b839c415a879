"""How far a partition has come in raw: never further than what it has taken, and never back."""

import pytest

from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.reached import Reached, common, read_reached
from processors.orders.table import REACHED_KEY
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record


def after(row: bytes | None, *sources: str) -> bytes | None:
    reached = Reached()
    for source in sources:
        reached.take(source)
    return reached.after(row)


def test_it_goes_on_by_raw_partition() -> None:
    first = after(None, "0:7", "10:1", "0:8")
    assert read_reached(first) == {"0": 8, "10": 1}
    assert read_reached(after(first, "1:0")) == {"0": 8, "1": 0, "10": 1}


def test_it_never_goes_back() -> None:
    first = after(None, "0:8")
    assert after(first, "0:7") is None
    assert after(first) is None


@pytest.mark.parametrize(
    ("of_all", "together"),
    [
        ([], {}),
        ([{"0": 5, "1": 7}], {"0": 5, "1": 7}),
        ([{"0": 5, "1": 7}, {"0": 9}], {"0": 5}),
        ([{"0": 5}, {}], {}),
    ],
)
def test_together_partitions_have_reached_what_each_of_them_has(
    of_all: list[dict[str, int]], together: dict[str, int]
) -> None:
    assert common(of_all) == together


def test_events_of_no_order_say_nothing() -> None:
    records = [
        event_record(0, "order.created", source="2:5", id="order-1"),
        event_record(1, "return.processed", source="2:6", id="return-1"),
    ]
    unit = FakeUnit(records, {})
    Orders(TOPICS, OrderRules()).process(unit)  # type: ignore[arg-type]  # takes the unit's place
    assert read_reached(unit.rows[REACHED_KEY]) == {"2": 5}
